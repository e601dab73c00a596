"""Numbers and text as a reader sees them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k2stats.render import display_width, printable, significant, span


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.050741, 4, "0.05074"),
        (0.05, 4, "0.05000"),
        (273.2436, 4, "273.2"),
        (18176.0, 4, "18176"),
        (18176.4, 4, "18176"),
        (0.99996, 4, "1.000"),
        (9999.96, 4, "10000"),
        (1.5e-7, 2, "1.5e-07"),
        (-0.0031, 2, "-0.0031"),
        (0.0, 4, "0"),
        (-math.inf, 4, "-\u221e"),
        (math.nan, 4, "\u2013"),
    ],
)
def test_significant(value: float, digits: int, text: str) -> None:
    assert significant(value, digits) == text


@given(st.floats(1e-12, 1e12), st.integers(2, 9))
def test_what_is_printed_is_within_half_a_unit(value: float, digits: int) -> None:
    shown = float(significant(value, digits))
    unit = 10.0 ** (math.floor(math.log10(value)) - digits + 1)
    # both numbers are doubles: each may be off by half a step of its own
    assert abs(shown - value) <= 0.5 * unit * (1 + 1e-9) + math.ulp(value)


def test_span_is_one_number_where_both_print_alike() -> None:
    assert span(0.01981, 0.03009, 3) == "0.0198 to 0.0301"
    assert span(0.04350001, 0.04350002, 3) == "0.0435"


@given(st.text())
def test_printable_leaves_no_command_for_a_terminal(text: str) -> None:
    shown = printable(text)
    assert len(shown) == len(text)
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in shown)
    assert not any("\ud800" <= c <= "\udfff" for c in shown)
    shown.encode("utf-8")


def test_direction_overrides_are_not_passed_on() -> None:
    assert printable("a\u202eb") == "a\ufffdb"


def test_width_counts_columns() -> None:
    assert display_width("\u9aa8") == 2
    assert display_width("e\u0301") == 1
