"""Means, pairs, medians and correlations as evidence: what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from k2stats.errors import InvalidEvidenceError
from k2stats.evidence import (
    Correlation,
    MediansWithP,
    PairedMeans,
    PairedRows,
    PrintedTwoMeans,
    Reported,
    TwoMeans,
)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mean1": np.nan}, r"mean1 must be finite, got nan"),
        ({"mean2": [1.0, np.inf]}, r"mean2 must be finite, got inf; .* rows \[1\]"),
        ({"sd1": -1}, r"sd1 must be at least 0, got -1.0"),
        ({"n1": 1}, r"n1 must be a whole number of at least 2, got 1.0"),
        ({"n2": 4.5}, r"n2 must be a whole number of at least 2, got 4.5"),
        ({"n2": "5"}, r"n2 must be numeric, got '5'"),
        ({"mean1": True}, r"mean1 must be numeric, got True"),
        ({"mean1": []}, r"non-empty; there are no rows"),
        ({"mean1": [1, 2], "sd1": [1, 2, 3]}, r"of one length, got mean1 \(2,\)"),
    ],
)
def test_two_means_refusals(change: dict[str, ArrayLike], message: str) -> None:
    fields: dict[str, ArrayLike] = {
        "mean1": 1,
        "sd1": 1,
        "n1": 5,
        "mean2": 2,
        "sd2": 1,
        "n2": 5,
    }
    with pytest.raises(InvalidEvidenceError, match=message):
        TwoMeans.from_summary(**(fields | change))


def test_two_means_broadcast_and_freeze() -> None:
    means = TwoMeans.from_summary(
        mean1=[1, 2], sd1=0, n1=[[5], [6]], mean2=0, sd2=1, n2=2
    )
    assert means.mean1.shape == means.n2.shape == (2, 2)
    with pytest.raises(ValueError, match="read-only"):
        means.mean1[0, 0] = 3.0


def printed(*texts: str, n1: int = 29, n2: int = 45) -> PrintedTwoMeans:
    """Return two printed means with their spreads."""
    mean1, spread1, mean2, spread2 = map(Reported, texts)
    return PrintedTwoMeans(mean1, spread1, n1, mean2, spread2, n2)


def test_printed_two_means() -> None:
    assert str(printed("812", "154", "235", "100")) == (
        "812 +/- 154 (n = 29) v 235 +/- 100 (n = 45)"
    )
    with pytest.raises(InvalidEvidenceError, match=r"spread2 must be at least 0"):
        printed("812", "154", "235", "-100")
    with pytest.raises(InvalidEvidenceError, match=r"spread1 must be a number, not a"):
        printed("812", "<154", "235", "100")
    for n in (1, 0, 2.0, True):
        with pytest.raises(InvalidEvidenceError, match=r"n1 must be a whole number of"):
            printed("812", "154", "235", "100", n1=n)  # type: ignore[arg-type]


def test_paired_means_refusals() -> None:
    with pytest.raises(InvalidEvidenceError, match=r"n must be a whole number of at"):
        PairedMeans.from_summary(mean_difference=1, sd_difference=1, n=1)
    with pytest.raises(InvalidEvidenceError, match=r"sd_difference must be at least 0"):
        PairedMeans.from_summary(mean_difference=1, sd_difference=-1, n=4)
    with pytest.raises(InvalidEvidenceError, match=r"mean_difference must be finite"):
        PairedMeans.from_summary(mean_difference=np.nan, sd_difference=1, n=4)


def numbers(*texts: str, unit: str = "") -> tuple[Reported, ...]:
    """Printed numbers in one unit."""
    return tuple(Reported(t, unit) for t in texts)


def test_paired_rows_refusals() -> None:
    with pytest.raises(
        InvalidEvidenceError, match=r"of one length and not empty.*2 and"
    ):
        PairedRows(numbers("1", "2"), numbers("1"))
    with pytest.raises(
        InvalidEvidenceError, match=r"of one length and not empty.*0 and"
    ):
        PairedRows((), ())
    with pytest.raises(InvalidEvidenceError, match=r"labels must be 1 names"):
        PairedRows(numbers("1"), numbers("2"), labels=("a", "b"))
    with pytest.raises(InvalidEvidenceError, match=r"in one unit, got 'pg/L, pg/mL'"):
        PairedRows(numbers("1", unit="pg/mL"), numbers("2", unit="pg/L"))


@given(st.lists(st.tuples(st.integers(0, 999), st.integers(0, 999)), min_size=1))
def test_equal_printed_differences_are_equal_floats(
    pairs: list[tuple[int, int]],
) -> None:
    rows = PairedRows(
        tuple(Reported(f"{b / 1000:.3f}") for b, _ in pairs),
        tuple(Reported(f"{a / 1000:.3f}") for _, a in pairs),
    )
    whole = [a - b for b, a in pairs]
    found = rows.differences.tolist()
    assert all(
        (found[i] == found[j]) is (whole[i] == whole[j])
        and (found[i] == -found[j]) is (whole[i] == -whole[j])
        for i in range(len(whole))
        for j in range(len(whole))
    )


def test_paired_rows_print() -> None:
    rows = PairedRows(numbers("0.71"), numbers("0.75"))
    assert str(rows) == "0.71 to 0.75"


def test_medians() -> None:
    medians = MediansWithP(Reported("866"), 29, Reported("196"), 45)
    assert str(medians) == "median 866 (n = 29) v 196 (n = 45)"
    for n in (0, 1.5, True):
        with pytest.raises(InvalidEvidenceError, match=r"n2 must be a whole number of"):
            MediansWithP(Reported("866"), 29, Reported("196"), n)  # type: ignore[arg-type]


def test_correlation() -> None:
    assert str(Correlation(Reported(".22"), 30)) == "r = .22 (n = 30)"
    for text in ("1.01", "-1.2", "22"):
        with pytest.raises(InvalidEvidenceError, match=r"r must be between -1 and 1"):
            Correlation(Reported(text), 30)
    with pytest.raises(InvalidEvidenceError, match=r"n must be a whole number of at"):
        Correlation(Reported(".2"), 3)
