"""The beta-binomial model against scipy's distribution, brute force, and laws."""

import numpy as np
import pytest
from scipy import special, stats

from k2stats._typing import Floats
from k2stats.effectsizes import Proportion
from k2stats.errors import ConvergenceError, InvalidEvidenceError
from k2stats.evidence import TwoByTwo
from k2stats.models.beta_binomial import beta_binomial, log_beta_binomial
from models.brute_force import hessian, least
from models.count_tables import BCG, CATHETERS, DOCTORS


def loglik(t: TwoByTwo, p: Floats) -> float:
    """By scipy, in the log odds of both groups and the logit of the correlation."""
    size = (1 - special.expit(p[2])) / special.expit(p[2])
    total = 0.0
    for x, n, eta in ((t.events1, t.n1, p[0]), (t.events2, t.n2, p[1])):
        risk = special.expit(eta)
        logs = stats.betabinom.logpmf(x, n, risk * size, (1 - risk) * size)
        total += float(np.sum(logs))
    return total


def test_probabilities_are_scipys() -> None:
    x = np.arange(13.0)
    for eta, rho in ((-2.0, 0.3), (0.5, 0.01), (3.0, 0.9)):
        size = (1 - rho) / rho
        risk = special.expit(eta)
        want = stats.betabinom.logpmf(x, 12, risk * size, (1 - risk) * size)
        got = log_beta_binomial(x, np.full(13, 12.0), np.array(eta), np.array(1 / size))
        np.testing.assert_allclose(got, want, rtol=1e-11)
    plain = log_beta_binomial(x, np.full(13, 12.0), np.array(-1.0), np.array(0.0))
    np.testing.assert_allclose(
        plain, stats.binom.logpmf(x, 12, special.expit(-1.0)), rtol=1e-12
    )


@pytest.mark.parametrize("table", [CATHETERS, BCG])
def test_maximum_by_brute_force(table: TwoByTwo) -> None:
    fit = beta_binomial(table)
    best, value = least(lambda p: -loglik(table, p), [-3.0, -3.0, -3.0])
    assert abs(float(fit.figures["loglik"]) + value) < 1e-8
    assert abs(float(fit.estimate) - (best[0] - best[1])) < 1e-5
    assert abs(float(fit.figures["icc"]) - special.expit(best[2])) < 1e-6
    information = hessian(lambda p: -loglik(table, p), best, 0.05)
    slope = np.array([1.0, -1.0, 0.0])
    se = np.sqrt(slope @ np.linalg.inv(information) @ slope)
    assert abs(float(fit.se) / se - 1.0) < 1e-5


def test_measures_are_of_one_fit() -> None:
    odds, risk, difference = (beta_binomial(CATHETERS, m) for m in ("OR", "RR", "RD"))
    p1, p2 = (float(odds.figures[f"risk{j}"]) for j in (1, 2))
    assert abs(float(odds.estimate) - (special.logit(p1) - special.logit(p2))) < 1e-10
    assert abs(float(risk.estimate) - np.log(p1 / p2)) < 1e-10
    assert abs(float(difference.estimate) - (p1 - p2)) < 1e-12
    logliks = {round(float(f.figures["loglik"]), 9) for f in (odds, risk, difference)}
    assert len(logliks) == 1


def test_no_overdispersion_pools_the_counts() -> None:
    t = TwoByTwo.from_counts(
        events1=[5, 10, 4], n1=[50, 100, 41], events2=[8, 16, 9], n2=[50, 100, 50]
    )
    fit = beta_binomial(t)
    assert float(fit.figures["icc"]) == 0.0
    assert float(fit.test("icc").p) == 1.0
    a, b, c, d = (x.sum() for x in t.cells)
    assert abs(float(fit.estimate) - np.log(a * d / (b * c))) < 1e-9
    assert abs(float(fit.se) - np.sqrt(1 / a + 1 / b + 1 / c + 1 / d)) < 1e-7


def test_studies_without_events_count() -> None:
    # Kuss (2015): a double zero is evidence of a low risk in both groups.
    more = TwoByTwo.from_counts(
        events1=[*CATHETERS.events1, 0],
        n1=[*CATHETERS.n1, 400],
        events2=[*CATHETERS.events2, 0],
        n2=[*CATHETERS.n2, 400],
    )
    fit, other = beta_binomial(CATHETERS), beta_binomial(more)
    assert int(other.k) == 19
    for risk in ("risk1", "risk2"):
        assert float(other.figures[risk]) < float(fit.figures[risk])


def test_groups_and_outcome_swapped() -> None:
    fit = beta_binomial(CATHETERS)
    for other in (CATHETERS.swap_groups(), CATHETERS.swap_outcome()):
        turned = beta_binomial(other)
        assert abs(float(turned.estimate) + float(fit.estimate)) < 1e-7
        assert abs(float(turned.se) - float(fit.se)) < 1e-7
        assert abs(float(turned.figures["loglik"] - fit.figures["loglik"])) < 1e-10


def test_one_group() -> None:
    share = Proportion.from_arrays(events=CATHETERS.events2, n=CATHETERS.n2)
    logit, plain = beta_binomial(share, "PLO"), beta_binomial(share, "PR")
    risk = float(logit.figures["risk"])
    assert abs(float(plain.estimate) - risk) < 1e-12
    assert abs(float(plain.se) - risk * (1 - risk) * float(logit.se)) < 1e-12
    made = beta_binomial(share, "PLN")
    assert abs(float(made.estimate) - np.log(risk)) < 1e-12


def test_errors() -> None:
    none = TwoByTwo.from_counts(events1=[0, 0], n1=9, events2=[1, 2], n2=9)
    with pytest.raises(ConvergenceError, match="group 1 has no events in any study"):
        beta_binomial(none)
    with pytest.raises(InvalidEvidenceError, match="measure must be one of OR"):
        beta_binomial(BCG, "IRR")
    with pytest.raises(InvalidEvidenceError, match="TwoByTwo for OR"):
        beta_binomial(DOCTORS)
