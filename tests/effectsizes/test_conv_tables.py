"""2x2 cells from statistics and margins: all tables, the nearest, diagnostic ones."""

from fractions import Fraction
from functools import cache
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from k2stats.effectsizes.conversions import (
    cells_from_chi2,
    cells_from_odds_ratio,
    cells_from_phi,
    cells_from_risk_ratio,
    diagnostic_tables,
    tables_from,
)
from k2stats.errors import (
    AmbiguousEvidenceError,
    InfeasibleEvidenceError,
    InvalidEvidenceError,
    MissingInputError,
)

CELL = st.integers(1, 400)


def test_reference_figures() -> None:
    """Reference cases conv_2x2: metafor 5.1-12 (its n2 is the first column total)."""
    assert cells_from_odds_ratio(2.65, 50, 50, 40).tolist() == [26, 24, 14, 36]
    assert cells_from_chi2(3.61, 75, 75, 100).tolist() == [55, 20, 45, 30]
    assert cells_from_phi(0.2, 80, 90, 55).tolist() == [34, 46, 21, 69]
    assert tables_from(n1=50, n2=50, events=40, odds_ratio=2.65).only() == (
        26,
        24,
        14,
        36,
    )
    both = tables_from(n1=75, n2=75, events=100, chi2=3.61)
    assert list(both) == [(45, 30, 55, 20), (55, 20, 45, 30)]
    assert tables_from(n1=80, n2=90, events=55, phi=0.2).only() == (34, 46, 21, 69)


@given(CELL, CELL, CELL, CELL)
def test_cells_come_back_from_every_statistic(a: int, b: int, c: int, d: int) -> None:
    margins = (a + b, c + d, a + c)
    total, cross = a + b + c + d, a * d - b * c
    m = (a + b) * (c + d) * (a + c) * (b + d)
    cells = [a, b, c, d]
    assert cells_from_odds_ratio(a * d / (b * c), *margins).tolist() == cells
    ratio = (a / (a + b)) / (c / (c + d))
    assert cells_from_risk_ratio(ratio, *margins).tolist() == cells
    assert cells_from_phi(cross / m**0.5, *margins).tolist() == cells
    sign = 1 if cross >= 0 else -1
    x2 = total * cross**2 / m
    assert cells_from_chi2(x2, *margins, sign=sign).tolist() == cells
    assume(abs(cross) > total / 2)
    corrected = total * (abs(cross) - total / 2) ** 2 / m
    assert cells_from_chi2(corrected, *margins, sign=sign, yates=True).tolist() == cells


@cache
def _statistics(a: int, b: int, c: int, d: int) -> dict[str, float]:
    total, cross = a + b + c + d, abs(a * d - b * c)
    m = (a + b) * (c + d) * (a + c) * (b + d)
    return {
        "odds_ratio": a * d / (b * c),
        "risk_ratio": a * (c + d) / (c * (a + b)),
        "phi": (a * d - b * c) / m**0.5,
        "chi2": total * cross**2 / m,
        "chi2_yates": total * max(cross - total / 2, 0.0) ** 2 / m,
        "fisher_p": float(stats.fisher_exact(np.array([[a, b], [c, d]])).pvalue),
    }


SMALL = st.integers(1, 10)


@given(SMALL, SMALL, SMALL, SMALL, st.sampled_from(["known", "unknown"]))
@settings(deadline=None, max_examples=25)
def test_all_tables_against_brute_force(
    a: int, b: int, c: int, d: int, margin: str
) -> None:
    """Every table of floats that rounds to the print, tried one by one."""
    n1, n2 = a + b, c + d
    events = a + c if margin == "known" else None
    for name, value in _statistics(a, b, c, d).items():
        text = f"{value:.2f}"
        found = set(tables_from(n1=n1, n2=n2, events=events, **{name: text}))  # type: ignore[arg-type]
        assert (a, b, c, d) in found
        for x, y in product(range(1, n1), range(1, n2)):
            if events is not None and x + y != events:
                continue
            other = _statistics(x, n1 - x, y, n2 - y)[name]
            gap = abs(other - float(text))
            if abs(gap - 0.005) > 1e-9:  # the edges themselves are tested below
                assert ((x, n1 - x, y, n2 - y) in found) == (gap < 0.005)


def test_edges_are_rational() -> None:
    """An odds ratio of exactly 2.125 prints as 2.12 or 2.13, and as neither 2.11."""
    a, b, c, d = 17, 8, 10, 10
    assert Fraction(a * d, b * c) == Fraction("2.125")
    for text, fits in (("2.12", True), ("2.13", True), ("2.11", False)):
        kept = tables_from(n1=25, n2=20, odds_ratio=text)
        assert ((a, b, c, d) in set(kept)) == fits


def test_fisher_ties_are_exact() -> None:
    """[[8, 0], [7, 5]] is tied with no other table; its p is 0.0547 (scipy agrees)."""
    p = stats.fisher_exact(np.array([[8, 0], [7, 5]])).pvalue
    found = set(tables_from(n1=8, n2=12, events=15, fisher_p=f"{p:.4f}"))
    assert (8, 0, 7, 5) in found
    assert tables_from(n1=8, n2=12, events=15, fisher_p=float(p)).cells.tolist() == [
        list(x) for x in sorted(found)
    ]


def test_direction_and_several_statistics_narrow_the_search() -> None:
    loose = tables_from(n1=100, n2=100, odds_ratio="1.5")
    tight = tables_from(n1=100, n2=100, odds_ratio="1.50", chi2="2.02", sign=1)
    assert set(tight) < set(loose)
    for a, _, c, _ in tight:
        assert a > c
    table = tight.table()
    assert table.n1.tolist() == [100.0] * len(tight)


@given(SMALL, SMALL, SMALL, SMALL)
@settings(max_examples=50, deadline=None)
def test_a_float_gives_the_nearest(a: int, b: int, c: int, d: int) -> None:
    for name, value in _statistics(a, b, c, d).items():
        found = set(
            tables_from(n1=a + b, n2=c + d, events=a + c, **{name: value})  # type: ignore[arg-type]
        )
        if name != "chi2_yates" or value > 0:
            assert (a, b, c, d) in found


def test_refusals_of_tables() -> None:
    with pytest.raises(MissingInputError, match="odds_ratio, risk_ratio, phi"):
        tables_from(n1=10, n2=10)
    with pytest.raises(MissingInputError, match="events is needed for the table near"):
        tables_from(n1=10, n2=10, odds_ratio=2.0)
    with pytest.raises(InfeasibleEvidenceError, match=r"No table with n1 = 10.*7.77"):
        tables_from(n1=10, n2=10, odds_ratio="7.77")
    with pytest.raises(InvalidEvidenceError, match="events must be a whole number fro"):
        tables_from(n1=10, n2=10, events=21, chi2="1.0")
    with pytest.raises(InvalidEvidenceError, match="n1 must be a whole number"):
        tables_from(n1=0, n2=10, chi2="1.0")
    with pytest.raises(InvalidEvidenceError, match="sign must be -1 or 1"):
        tables_from(n1=5, n2=5, events=5, chi2="1.0", sign=0)
    with pytest.raises(InvalidEvidenceError, match=r"events must be given: over"):
        tables_from(n1=3000, n2=3000, odds_ratio="2.00")
    with pytest.raises(InvalidEvidenceError, match="chi2 must be finite and not nega"):
        tables_from(n1=5, n2=5, events=5, chi2=-1.0)
    with pytest.raises(InvalidEvidenceError, match="fisher_p must be above 0"):
        tables_from(n1=5, n2=5, events=5, fisher_p=0.0)
    with pytest.raises(AmbiguousEvidenceError, match="2 tables fit") as caught:
        tables_from(n1=75, n2=75, events=100, chi2="3.0").only()
    assert caught.value.candidates == 2


def test_cells_outside_the_margins_are_missing() -> None:
    out = cells_from_phi([0.9, 0.2, np.nan], 80, 90, [10, 55, 55])
    assert np.isnan(out).all(axis=1).tolist() == [True, False, True]
    with pytest.raises(InvalidEvidenceError, match="events must be a whole number"):
        cells_from_odds_ratio(2.0, 10, 10, 4.5)
    with pytest.raises(InvalidEvidenceError, match="odds_ratio must be above 0"):
        cells_from_odds_ratio(0.0, 10, 10, 4)
    with pytest.raises(InvalidEvidenceError, match="phi must be between -1 and 1"):
        cells_from_phi(1.2, 10, 10, 4)


def test_extreme_odds_ratios_reach_the_corners() -> None:
    low, high = cells_from_odds_ratio([1e-12, 1e12], 30, 20, 25).tolist()
    assert low == [5, 25, 20, 0]
    assert high == [25, 5, 0, 20]


@given(st.integers(1, 30), st.integers(0, 30), st.integers(0, 30), st.integers(1, 30))
@settings(deadline=None, max_examples=40)
def test_diagnostic_tables_against_brute_force(
    tp: int, fn: int, fp: int, tn: int
) -> None:
    diseased, healthy = tp + fn, fp + tn
    total, positive = diseased + healthy, tp + fp
    se, sp = f"{tp / diseased:.2f}", f"{tn / healthy:.2f}"
    found = set(
        diagnostic_tables(
            sensitivity=se, specificity=sp, n_total=total, n_positive=positive
        )
    )
    assert (tp, fn, fp, tn) in found
    for d in range(1, total):
        for x in range(min(d, positive) + 1):
            y = positive - x  # false positives
            if y > total - d:
                continue
            gaps = (abs(x / d - float(se)), abs(1 - y / (total - d) - float(sp)))
            if all(abs(g - 0.005) > 1e-9 for g in gaps):
                fits = max(gaps) < 0.005
                assert ((x, d - x, y, total - d - y) in found) == fits


def test_diagnostic_tables_of_further_prints_and_floats() -> None:
    loose = diagnostic_tables(sensitivity="0.8", specificity="0.9", n_total=60)
    tight = diagnostic_tables(
        sensitivity="0.8",
        specificity="0.9",
        n_total=60,
        ppv="0.80",
        npv="0.90",
        prevalence="33.3%",
    )
    assert tight.only() == (16, 4, 4, 36)
    assert set(tight) < set(loose)
    near = diagnostic_tables(
        sensitivity=0.9, specificity=0.77, n_diseased=36, n_healthy=35
    )
    assert near.only() == (32, 4, 8, 27)


def test_refusals_of_diagnostic_tables() -> None:
    with pytest.raises(MissingInputError, match="n_total is needed for the sizes"):
        diagnostic_tables(sensitivity="0.8", specificity="0.9", n_diseased=10)
    with pytest.raises(MissingInputError, match="n_diseased and n_healthy is needed"):
        diagnostic_tables(sensitivity=0.8, specificity="0.9", n_total=60)
    with pytest.raises(
        InvalidEvidenceError, match=r"n_total must be n_diseased \+ n_h"
    ):
        diagnostic_tables(
            sensitivity="0.8",
            specificity="0.9",
            n_diseased=10,
            n_healthy=10,
            n_total=30,
        )
    with pytest.raises(InvalidEvidenceError, match="n_total must be above the size"):
        diagnostic_tables(
            sensitivity="0.8", specificity="0.9", n_diseased=60, n_total=60
        )
    with pytest.raises(
        InfeasibleEvidenceError, match=r"No table has sensitivity 0\.83"
    ):
        diagnostic_tables(
            sensitivity="0.83", specificity="0.90", n_diseased=10, n_healthy=10
        )
    with pytest.raises(InvalidEvidenceError, match="sensitivity must be between 0"):
        diagnostic_tables(
            sensitivity=1.2, specificity="0.90", n_diseased=10, n_healthy=10
        )
