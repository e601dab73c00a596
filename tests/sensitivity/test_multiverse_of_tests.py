"""Every test of one table."""

import pytest

from k2stats.datasets import wang2025
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence import TwoByTwo
from k2stats.sensitivity import multiverse_of_tests
from k2stats.significance import p_values

TABLE = TwoByTwo.from_counts(events1=33, n1=36, events2=26, n2=35)


def test_counts_are_those_of_the_frame_of_p_values() -> None:
    found = multiverse_of_tests(TABLE)
    frame = p_values(TABLE)
    both = frame[(frame["sided"] == "two-sided") & frame["p"].notna()]
    assert found.tests == len(both)
    assert found.significant == int((both["p"] < 0.05).sum())
    assert found.share == found.significant / found.tests
    assert found.p_range == (both["p"].min(), both["p"].max())
    assert not found.agree
    assert found.to_frame()["p"].is_monotonic_increasing
    # Pearson .0507, mid-p .0435: on either side of .05
    held = found.to_frame().set_index("name")["significant"]
    assert not held["pearson"]
    assert held["midp"]


def test_one_sided_tests_answer_another_question() -> None:
    one = multiverse_of_tests(TABLE, sided="greater")
    assert one.tests > 0
    assert set(one.frame["name"]).isdisjoint(multiverse_of_tests(TABLE).frame["name"])


def test_alpha_decides() -> None:
    assert multiverse_of_tests(TABLE, alpha=0.9).agree
    assert multiverse_of_tests(TABLE, alpha=1e-9).share == 0.0
    text = str(multiverse_of_tests(wang2025.FUSION, alpha=0.001))
    assert text.startswith("0 of ")


def test_undefined_tests_are_named() -> None:
    empty = TwoByTwo.from_counts(events1=0, n1=5, events2=0, n2=5)
    found = multiverse_of_tests(empty)
    assert "pearson" in found.undefined
    assert found.frame["p"].notna().all()


def test_refused() -> None:
    two = TwoByTwo.from_counts(events1=[1, 2], n1=9, events2=3, n2=9)
    with pytest.raises(InvalidEvidenceError, match="a TwoByTwo of one study"):
        multiverse_of_tests(two)
    with pytest.raises(InvalidEvidenceError, match="got 'str'"):
        multiverse_of_tests("33/36")  # type: ignore[arg-type]
    with pytest.raises(InvalidEvidenceError, match="alpha must be between 0 and 1"):
        multiverse_of_tests(TABLE, alpha=5.0)
    with pytest.raises(InvalidEvidenceError, match="sided must be one of two-sided"):
        multiverse_of_tests(TABLE, sided="both")  # type: ignore[arg-type]
