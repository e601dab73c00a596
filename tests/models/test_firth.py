"""Firth's penalised regression against direct maximisation and laws."""

import numpy as np
import pytest
from scipy import special

from k2stats._typing import Floats
from k2stats.errors import InvalidEvidenceError, UnknownMethodError
from k2stats.evidence import TwoByTwo
from k2stats.models.firth import firth
from models.brute_force import least
from models.count_tables import CATHETERS, SPARSE, cut

SEPARATED = TwoByTwo.from_counts(
    events1=[0, 0, 0], n1=[40, 35, 50], events2=[1, 3, 2], n2=[42, 36, 49]
)


def penalised(t: TwoByTwo, p: Floats) -> float:
    """Log-likelihood and half the log determinant of the dense information."""
    k = t.events1.size
    design = np.vstack(
        [
            np.hstack([np.eye(k), np.ones((k, 1))]),
            np.hstack([np.eye(k), np.zeros((k, 1))]),
        ]
    )
    x, n = np.r_[t.events1, t.events2], np.r_[t.n1, t.n2]
    eta = design @ p
    w = n * special.expit(eta) * special.expit(-eta)
    _, log_det = np.linalg.slogdet(design.T @ (w[:, None] * design))
    return float(np.sum(x * eta - n * np.logaddexp(0, eta)) + 0.5 * log_det)


def constant(t: TwoByTwo) -> float:
    """What the library's log-likelihood has and the one above has not."""
    return float(
        sum(
            special.gammaln(n + 1) - special.gammaln(x + 1) - special.gammaln(n - x + 1)
            for x, n in zip(np.r_[t.events1, t.events2], np.r_[t.n1, t.n2], strict=True)
        )
    )


def maximum(t: TwoByTwo, theta: float | None = None) -> tuple[float, float]:
    """Greatest penalised log-likelihood, at a given effect or over all."""
    k = t.events1.size
    start = np.r_[np.full(k, -3.0), -0.5 if theta is None else theta]
    free = k + (theta is None)

    def minus(q: Floats) -> float:
        return -penalised(t, np.r_[q, start[free:]])

    best, value = least(minus, start[:free], smooth=True)
    return -value, float(best[-1])


@pytest.mark.parametrize("table", [SEPARATED, cut(CATHETERS, [0, 8, 17])])
def test_against_direct_maximisation(table: TwoByTwo) -> None:
    fit = firth(table)
    value, theta = maximum(table)
    assert abs(float(fit.estimate) - theta) < 1e-5
    got = float(fit.figures["penalised_loglik"]) - constant(table)
    assert got >= value - 1e-10
    assert abs(got - value) < 1e-8
    null, _ = maximum(table, 0.0)
    assert abs(float(fit.statistic) - 2 * (got - null)) < 1e-7
    for limit in (fit.ci_low, fit.ci_high):
        there, _ = maximum(table, float(limit))
        assert abs(2 * (got - there) - float(special.chdtri(1.0, 0.05))) < 1e-6


@pytest.mark.parametrize("cells", [(5, 5, 3, 8), (0, 12, 4, 9), (7, 0, 0, 9)])
def test_one_study_is_half_added_to_every_cell(cells: tuple[int, ...]) -> None:
    # Firth (1993): Jeffreys' prior in a saturated logistic model.
    a, b, c, d = cells
    fit = firth(TwoByTwo.from_cells(a=a, b=b, c=c, d=d))
    want = np.log((a + 0.5) * (d + 0.5) / ((b + 0.5) * (c + 0.5)))
    assert abs(float(fit.estimate) - want) < 1e-9


def test_large_counts_are_the_plain_estimate() -> None:
    t = TwoByTwo.from_counts(
        events1=[40_000], n1=[100_000], events2=[50_000], n2=[100_000]
    )
    fit = firth(t)
    assert abs(float(fit.estimate) - np.log(4 / 6)) < 1e-5
    wald = firth(t, interval="Wald")
    assert abs(float(fit.ci_low) - float(wald.ci_low)) < 1e-5


def test_groups_and_outcome_swapped() -> None:
    fit = firth(CATHETERS)
    for other in (CATHETERS.swap_groups(), CATHETERS.swap_outcome()):
        turned = firth(other)
        assert abs(float(turned.estimate) + float(fit.estimate)) < 1e-9
        assert abs(float(turned.ci_low) + float(fit.ci_high)) < 1e-8
        assert abs(float(turned.p) / float(fit.p) - 1.0) < 1e-8


def test_double_zeros_are_left_out_unless_kept() -> None:
    dropped = firth(SPARSE)
    without = firth(cut(SPARSE, [1, 2, 3, 4, 5]))
    assert float(dropped.estimate) == float(without.estimate)
    kept = firth(SPARSE, double_zeros="keep")
    assert int(kept.k) == 6
    assert float(kept.estimate) != float(dropped.estimate)


def test_errors() -> None:
    with pytest.raises(UnknownMethodError, match="interval 'exact'"):
        firth(SPARSE, interval="exact")
    nothing = TwoByTwo.from_counts(events1=[0, 0], n1=5, events2=[0, 0], n2=5)
    with pytest.raises(InvalidEvidenceError, match="events and non-events in at least"):
        firth(nothing)
    with pytest.raises(InvalidEvidenceError, match="level must be between"):
        firth(SPARSE, level=1.0)
