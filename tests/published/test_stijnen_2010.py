"""Stijnen, Hamza and Ozdemir (2010), Stat Med 29:3046-3067: infected catheters.

Tables II (p. 3050), III (p. 3052), VII (p. 3054), VIII (p. 3055), read in the metafor
package's reproduction of the paper (analysis example stijnen2010), which names the
digits that differ. Group 2 has the standard catheter.
"""

import numpy as np
import pytest

from k2stats.datasets.published import published
from k2stats.effectsizes import Proportion, Rate, TwoRates, effect_sizes
from k2stats.evidence import TwoByTwo
from k2stats.models import fit_arrays
from k2stats.models.glmm import glmm
from k2stats.results.counts import CountsFit
from published.printed import assert_prints


def patients() -> TwoByTwo:
    found = published("nielweise2007").evidence
    assert isinstance(found, TwoByTwo)
    return found


def catheter_days() -> TwoRates:
    """Time in units of 1000 days."""
    found = published("nielweise2008").evidence
    assert isinstance(found, TwoRates)
    return TwoRates.from_arrays(
        events1=found.events1,
        time1=found.time1 / 1000,
        events2=found.events2,
        time2=found.time2 / 1000,
    )


TRIALS, DAYS = patients(), catheter_days()
SHARES = {
    "standard": Proportion.from_arrays(events=TRIALS.events2, n=TRIALS.n2),
    "treated": Proportion.from_arrays(events=TRIALS.events1, n=TRIALS.n1),
}
RATES = {
    "standard": Rate.from_arrays(events=DAYS.events2, time=DAYS.time2),
    "treated": Rate.from_arrays(events=DAYS.events1, time=DAYS.time1),
}


def expit(x: object) -> np.ndarray:
    return np.asarray(1.0 / (1.0 + np.exp(-np.asarray(x, dtype=float))))


def ends(fit: CountsFit) -> list[float]:
    return [float(fit.estimate), float(fit.ci_low), float(fit.ci_high)]


@pytest.mark.parametrize(
    ("group", "fitted", "natural"),
    [
        # The paper prints 0.035 (0.023 to 0.056).
        ("standard", ("-3.30", "0.24", "0.663"), ("0.036", "0.023", "0.055")),
        ("treated", ("-4.26", "0.26", "0.393"), ("0.014", "0.008", "0.023")),
    ],
)
def test_logits_normal(
    group: str, fitted: tuple[str, ...], natural: tuple[str, ...]
) -> None:
    # Table II, the normal-normal model.
    es = effect_sizes(SHARES[group], "PLO")
    fit = fit_arrays(es.y, es.v, tau2="REML", ci="z")
    assert_prints([fit.beta[0], fit.se[0], fit.tau2], *fitted)
    assert_prints(expit([fit.beta[0], fit.low[0], fit.high[0]]), *natural)


@pytest.mark.parametrize(
    ("group", "fitted", "natural"),
    [
        ("standard", ("-3.50", "0.26", "0.81"), ("0.029", "0.018", "0.048")),
        ("treated", ("-4.81", "0.36", "0.83"), ("0.008", "0.004", "0.016")),
    ],
)
def test_binomial_normal(
    group: str, fitted: tuple[str, ...], natural: tuple[str, ...]
) -> None:
    # Table II, the binomial-normal model.
    fit = glmm(SHARES[group], "PLO")
    assert fit.tau2 is not None
    assert_prints([fit.estimate, fit.se, fit.tau2], *fitted)
    assert_prints(expit(ends(fit)), *natural)


def test_log_odds_ratios_normal() -> None:
    # Table III; the paper prints 0.244 and 0.62 for the error and the upper limit.
    es = effect_sizes(TRIALS, "OR")
    there = TRIALS.events1 + TRIALS.events2 > 0
    fit = fit_arrays(es.y, es.v, tau2="REML", ci="z", mask=there)
    assert_prints([fit.beta[0], fit.se[0]], "-0.980", "0.243")
    assert_prints(np.sqrt(fit.tau2), "0.19")
    natural = np.exp([fit.beta[0], fit.low[0], fit.high[0]])
    assert_prints(natural, "0.38", "0.23", "0.60")


@pytest.mark.parametrize(
    ("model", "fitted", "natural"),
    [
        # The paper prints 0.25 for the odds ratio.
        ("CM.EL", ("-1.353", "0.351", "0.83"), ("0.26", "0.13", "0.51")),
        # The paper prints 0.77 for tau.
        ("CM.AL", ("-1.303", "0.339", "0.78"), ("0.27", "0.14", "0.53")),
    ],
)
def test_conditional_models(
    model: str, fitted: tuple[str, ...], natural: tuple[str, ...]
) -> None:
    # Table III: hypergeometric-normal, and its binomial approximation.
    fit = glmm(TRIALS, "OR", model=model)
    assert fit.tau2 is not None
    assert_prints([fit.estimate, fit.se, np.sqrt(fit.tau2)], *fitted)
    assert_prints(np.exp(ends(fit)), *natural)


@pytest.mark.parametrize(
    ("group", "fitted", "natural"),
    [
        # The paper prints 6.99 for the upper limit.
        ("standard", ("1.468", "0.243", "0.370"), ("4.34", "2.70", "6.98")),
        ("treated", ("0.981", "0.326", "0.639"), ("2.67", "1.41", "5.05")),
    ],
)
def test_log_rates_normal(
    group: str, fitted: tuple[str, ...], natural: tuple[str, ...]
) -> None:
    # Table VII.
    es = effect_sizes(RATES[group], "IRLN")
    fit = fit_arrays(es.y, es.v, tau2="REML", ci="z")
    assert_prints([fit.beta[0], fit.se[0], fit.tau2], *fitted)
    assert_prints(np.exp([fit.beta[0], fit.low[0], fit.high[0]]), *natural)


@pytest.mark.parametrize(
    ("group", "fitted", "natural"),
    [
        # The paper prints 0.316 for tau2.
        ("standard", ("1.401", "0.231", "0.317"), ("4.06", "2.58", "6.38")),
        # The paper prints 0.850 for the mean, 1.23 for the lower limit.
        ("treated", ("0.849", "0.330", "0.654"), ("2.34", "1.22", "4.47")),
    ],
)
def test_poisson_normal(
    group: str, fitted: tuple[str, ...], natural: tuple[str, ...]
) -> None:
    # Table VII.
    fit = glmm(RATES[group], "IRLN")
    assert fit.tau2 is not None
    assert_prints([fit.estimate, fit.se, fit.tau2], *fitted)
    assert_prints(np.exp(ends(fit)), *natural)


def test_log_rate_ratios_normal() -> None:
    # Table VIII; the paper prints 0.223 and 1.04 for the error and the upper limit.
    es = effect_sizes(DAYS, "IRR")
    fit = fit_arrays(es.y, es.v, tau2="REML", ci="z")
    assert_prints([fit.beta[0], fit.se[0]], "-0.396", "0.227")
    assert_prints(np.sqrt(fit.tau2), "0.31")
    natural = np.exp([fit.beta[0], fit.low[0], fit.high[0]])
    assert_prints(natural, "0.67", "0.43", "1.05")


def test_conditional_rate_ratios() -> None:
    # Table VIII: binomial given the sum, log rate ratios normal.
    fit = glmm(DAYS, "IRR", model="CM.EL")
    assert fit.tau2 is not None
    assert_prints([fit.estimate, fit.se], "-0.476", "0.238")
    assert_prints(np.sqrt(fit.tau2), "0.35")
    assert_prints(np.exp(ends(fit)), "0.62", "0.39", "0.99")
