"""The yardstick itself: half a printed unit, no more."""

import pytest

from published.printed import assert_prints


def test_half_a_unit_is_the_edge() -> None:
    assert_prints([0.6465, 0.6474999], "0.647", "0.647")
    assert_prints(-1.0, "-1.0")
    assert_prints(218.7, "219")
    for value in (0.64649, 0.64751):
        with pytest.raises(AssertionError, match=r"v 0\.647"):
            assert_prints(value, "0.647")


def test_every_value_needs_its_print() -> None:
    with pytest.raises(AssertionError, match="2 values, 1 prints"):
        assert_prints([1.0, 2.0], "1")
    with pytest.raises(AssertionError):
        assert_prints(float("nan"), "1")
