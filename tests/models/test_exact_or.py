"""Exact conditional common ratios against R, exact enumeration, and laws."""

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from scipy import stats

from k2stats.effectsizes import TwoRates
from k2stats.errors import InvalidEvidenceError, UnknownMethodError
from k2stats.evidence import TwoByTwo
from k2stats.models.exact_or import exact_odds_ratio, exact_rate_ratio
from k2stats.significance._conditional import ConditionalTable
from models.count_tables import ALCOHOL, CATHETERS, DOCTORS, RABBITS, SPARSE


def distribution(t: TwoByTwo) -> tuple[dict[int, int], int]:
    """Coefficients of the sum over strata, in integers, and the sum observed."""
    total = {0: 1}
    for x1, n1, x2, n2 in zip(
        *(v.astype(int).tolist() for v in (t.events1, t.n1, t.events2, t.n2)),
        strict=True,
    ):
        m = x1 + x2
        new: dict[int, int] = {}
        for k in range(max(0, m - n2), min(n1, m) + 1):
            ways = comb(n1, k) * comb(n2, m - k)
            for s, w in total.items():
                new[s + k] = new.get(s + k, 0) + w * ways
        total = new
    return total, int(t.events1.sum())


def tail(t: TwoByTwo, log_ratio: float, *, upper: bool, own: Fraction) -> float:
    total, observed = distribution(t)
    psi = Fraction(float(np.exp(log_ratio)))
    weights = {s: w * psi**s for s, w in total.items()}
    chosen = sum(
        w for s, w in weights.items() if (s > observed) == upper and s != observed
    )
    return float((chosen + own * weights[observed]) / sum(weights.values()))


def test_rabbits() -> None:
    # R 4.2.2, mantelhaen.test(Rabbits, exact = TRUE): p 0.0399449 by minimum
    # likelihood; its estimate 10.36102 and limits 1.077401 and 529.8374 come from a
    # search with the default tolerance of uniroot.
    fit = exact_odds_ratio(RABBITS)
    assert abs(float(fit.figures["p_minimum_likelihood"]) - 0.0399449) < 5e-8
    made = fit.natural()
    assert abs(float(made.estimate) - 10.36102) < 5e-5
    assert abs(float(made.low) - 1.0774) < 5e-5
    assert abs(float(made.high) / 529.8374 - 1.0) < 5e-3


def test_alcohol() -> None:
    # Breslow & Day (1980), vol. 1, section 4.4: conditional estimate 5.25.
    assert abs(float(exact_odds_ratio(ALCOHOL).natural().estimate) - 5.25) < 0.005


def test_catheters() -> None:
    # R 4.2.2, mantelhaen.test(exact = TRUE).
    fit = exact_odds_ratio(CATHETERS)
    assert abs(float(fit.natural().estimate) - 0.294181332793) < 1e-6
    p = float(fit.figures["p_minimum_likelihood"])
    assert abs(p / 4.39199209101e-09 - 1.0) < 1e-9
    assert int(fit.k) == 17


@pytest.mark.parametrize("table", [RABBITS, SPARSE])
@pytest.mark.parametrize(("interval", "own"), [("exact", 1), ("mid-p", Fraction(1, 2))])
def test_limits_by_enumeration(
    table: TwoByTwo, interval: str, own: Fraction | int
) -> None:
    fit = exact_odds_ratio(table, interval=interval)  # type: ignore[arg-type]
    share = Fraction(own)
    assert abs(tail(table, float(fit.ci_low), upper=True, own=share) - 0.025) < 1e-11
    assert abs(tail(table, float(fit.ci_high), upper=False, own=share) - 0.025) < 1e-11
    least = min(tail(table, 0.0, upper=u, own=share) for u in (True, False))
    assert abs(float(fit.p) - min(1.0, 2 * least)) < 1e-12


def test_estimate_maximises_the_exact_probability() -> None:
    total, observed = distribution(SPARSE)
    fit = exact_odds_ratio(SPARSE)

    def log_probability(theta: float) -> float:
        psi = Fraction(float(np.exp(theta)))
        below = sum(w * psi**s for s, w in total.items())
        return float(np.log(float(total[observed] * psi**observed / below)))

    at = float(fit.estimate)
    best = log_probability(at)
    for step in (1e-3, 0.1):
        assert best > log_probability(at + step)
        assert best > log_probability(at - step)
    curve = (log_probability(at + 1e-3) - 2 * best + log_probability(at - 1e-3)) / 1e-6
    assert abs(float(fit.se) * np.sqrt(-curve) - 1.0) < 1e-4


def test_one_stratum_is_the_conditional_table() -> None:
    t = TwoByTwo.from_counts(events1=5, n1=20, events2=11, n2=24)
    fit, single = exact_odds_ratio(t).natural(), ConditionalTable(t)
    low, high = single.limits(0.025, 1.0)
    np.testing.assert_allclose(fit.estimate, single.estimate()[0], rtol=1e-11)
    np.testing.assert_allclose(fit.low, low[0], rtol=1e-11)
    np.testing.assert_allclose(fit.high, high[0], rtol=1e-11)


def test_a_sum_at_its_end_has_one_limit() -> None:
    t = TwoByTwo.from_counts(events1=[0, 0], n1=[10, 12], events2=[2, 3], n2=[9, 12])
    fit = exact_odds_ratio(t)
    assert float(fit.estimate) == -np.inf
    assert float(fit.ci_low) == -np.inf
    assert np.isfinite(fit.ci_high)
    assert np.isnan(fit.se)
    assert (
        abs(tail(t, float(fit.ci_high), upper=False, own=Fraction(1)) - 0.025) < 1e-11
    )
    other = exact_odds_ratio(t.swap_groups())
    assert float(other.estimate) == np.inf
    assert abs(float(other.ci_low) + float(fit.ci_high)) < 1e-10
    assert float(fit.natural().low) == 0.0


def test_groups_outcome_and_order() -> None:
    fit = exact_odds_ratio(CATHETERS)
    for turned in (CATHETERS.swap_groups(), CATHETERS.swap_outcome()):
        other = exact_odds_ratio(turned)
        assert abs(float(other.estimate) + float(fit.estimate)) < 1e-10
        assert abs(float(other.ci_low) + float(fit.ci_high)) < 1e-9
        assert abs(float(other.p) / float(fit.p) - 1.0) < 1e-9
    back = exact_odds_ratio(CATHETERS[::-1])
    assert abs(float(back.estimate) - float(fit.estimate)) < 1e-11


def test_p_is_exact_where_it_underflows() -> None:
    t = TwoByTwo.from_counts(
        events1=[390, 395], n1=[400, 400], events2=[4, 6], n2=[400, 400]
    )
    fit = exact_odds_ratio(t)
    assert float(fit.p) == 0.0
    total, observed = distribution(t)
    whole = sum(w for s, w in total.items() if s >= observed)
    ratio = Fraction(whole, sum(total.values()))
    digits = len(str(ratio.denominator // ratio.numerator))
    shifted = float(ratio * 10**digits)
    want = np.log(2.0) + np.log(shifted) - digits * np.log(10.0)
    assert abs(float(fit.log_p) / want - 1.0) < 1e-12


def test_rates_are_conditionally_binomial() -> None:
    one = TwoRates.from_arrays(events1=7, time1=90.0, events2=15, time2=120.0)
    fit = exact_rate_ratio(one)
    np.testing.assert_allclose(fit.estimate, np.log((7 / 90) / (15 / 120)), rtol=1e-11)
    low = stats.beta.ppf(0.025, 7, 16)
    high = stats.beta.ppf(0.975, 8, 15)
    made = fit.natural()
    np.testing.assert_allclose(made.low, low / (1 - low) * 120 / 90, rtol=1e-9)
    np.testing.assert_allclose(made.high, high / (1 - high) * 120 / 90, rtol=1e-9)
    p = stats.binom.cdf(7, 22, 90 / 210)
    np.testing.assert_allclose(fit.p, 2 * p, rtol=1e-10)
    pooled = exact_rate_ratio(DOCTORS)
    assert abs(float(pooled.natural().estimate) - 1.43) < 0.01
    narrower = exact_rate_ratio(DOCTORS, interval="mid-p")
    assert float(narrower.ci_low) > float(pooled.ci_low)


def test_errors() -> None:
    nothing = TwoByTwo.from_counts(events1=[0, 0], n1=5, events2=[0, 0], n2=5)
    with pytest.raises(InvalidEvidenceError, match="events and non-events in at least"):
        exact_odds_ratio(nothing)
    with pytest.raises(
        UnknownMethodError, match=r"interval 'Wald'\. Known: exact, mid-p"
    ):
        exact_odds_ratio(SPARSE, interval="Wald")  # type: ignore[arg-type]
    with pytest.raises(InvalidEvidenceError, match="TwoRates for IRR"):
        exact_rate_ratio(SPARSE)  # type: ignore[arg-type]
