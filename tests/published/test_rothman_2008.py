"""Rothman, Greenland and Lash (2008), Modern Epidemiology, chapter 15.

Tables 15-1 (p. 260), 15-2 and 15-5: Mantel-Haenszel with 90% intervals. Read in the
metafor package's reproduction of the chapter (analysis example rothman2008), which
names the digits that differ.
"""

import numpy as np

from k2stats.datasets.published import published
from k2stats.effectsizes import TwoRates, effect_sizes
from k2stats.evidence import TwoByTwo
from k2stats.models.glmm import glmm
from k2stats.models.mantel_haenszel import mantel_haenszel
from k2stats.results.counts import CountsFit
from published.printed import assert_prints


def tables(name: str) -> TwoByTwo:
    found = published(name).evidence
    assert isinstance(found, TwoByTwo)
    return found


def rates() -> TwoRates:
    """Table 15-2, deaths for each 10,000 person-years."""
    found = published("rothman2008/table15_2").evidence
    assert isinstance(found, TwoRates)
    return TwoRates.from_arrays(
        events1=found.events1,
        time1=found.time1 / 1e4,
        events2=found.events2,
        time2=found.time2 / 1e4,
    )


TOLBUTAMIDE = tables("rothman2008/table15_1")
SPERMICIDE = tables("rothman2008/table15_5")
SMOKING = rates()


def ends(fit: CountsFit) -> list[float]:
    return [float(fit.estimate), float(fit.ci_low), float(fit.ci_high)]


def test_strata_of_table_15_1() -> None:
    rd = effect_sizes(TOLBUTAMIDE, "RD")
    assert_prints(rd.y, "0.034", "0.036")
    assert_prints(np.sqrt(rd.v), "0.031", "0.060")
    rr = effect_sizes(TOLBUTAMIDE, "RR")
    assert_prints(np.exp(rr.y), "1.81", "1.19")
    crude = TwoByTwo.from_counts(events1=30, n1=204, events2=21, n2=205)
    assert_prints(effect_sizes(crude, "RD").y, "0.045")
    assert_prints(np.exp(effect_sizes(crude, "RR").y), "1.44")


def test_risk_difference_of_tolbutamide() -> None:
    fit = mantel_haenszel(TOLBUTAMIDE, "RD", level=0.9)
    # The chapter prints 0.088 for the upper limit and 0.001 for Q.
    assert_prints(ends(fit), "0.035", "-0.018", "0.087")
    assert_prints([fit.tests["Q"].statistic, fit.tests["Q"].p], "0.002", "0.967")


def test_risk_ratio_of_tolbutamide() -> None:
    fit = mantel_haenszel(TOLBUTAMIDE, "RR", level=0.9)
    assert_prints(np.exp(ends(fit)), "1.33", "0.87", "2.03")
    assert_prints([fit.tests["Q"].statistic, fit.tests["Q"].p], "0.447", "0.504")


def test_odds_ratio_of_tolbutamide() -> None:
    fit = mantel_haenszel(TOLBUTAMIDE, "OR", level=0.9, correction="none")
    assert_prints(np.exp(ends(fit)), "1.40", "0.84", "2.34")
    assert_prints([fit.tests["Q"].statistic, fit.tests["Q"].p], "0.347", "0.556")
    assert_prints([fit.tests["CMH"].statistic, fit.tests["CMH"].p], "1.191", "0.275")
    cochran = fit.tests["Cochran"]
    assert_prints([cochran.statistic, cochran.p], "1.198", "0.274")
    tarone = fit.tests["Tarone"]
    assert_prints([tarone.statistic, tarone.p], "0.349", "0.555")


def test_strata_of_table_15_2() -> None:
    ird = effect_sizes(SMOKING, "IRD")
    assert_prints(ird.y, "5.0", "12.8", "23.0", "38.6", "-20.2")
    irr = effect_sizes(SMOKING, "IRR")
    assert_prints(np.exp(irr.y), "5.7", "2.1", "1.5", "1.4", "0.9")


def test_rate_difference_of_smoking() -> None:
    fit = mantel_haenszel(SMOKING, "IRD", level=0.9)
    assert_prints(ends(fit), "11.44", "6.35", "16.53")
    assert_prints(fit.tests["Q"].statistic, "26.876")


def test_rate_ratio_of_smoking() -> None:
    fit = mantel_haenszel(SMOKING, "IRR", level=0.9)
    assert_prints(np.exp(ends(fit)), "1.42", "1.19", "1.70")
    assert_prints([fit.tests["Q"].statistic, fit.tests["Q"].p], "10.412", "0.034")
    uncorrected = mantel_haenszel(SMOKING, "IRR", level=0.9, correction="none")
    assert_prints(uncorrected.tests["CMH"].statistic, "11.016")


def test_odds_ratio_of_spermicide() -> None:
    fit = mantel_haenszel(SPERMICIDE, "OR", level=0.9, correction="none")
    assert_prints(np.exp(ends(fit)), "3.78", "1.43", "10.00")
    assert_prints([fit.tests["Q"].statistic, fit.tests["Q"].p], "0.138", "0.711")
    assert_prints([fit.tests["CMH"].statistic, fit.tests["CMH"].p], "5.809", "0.016")
    tarone = fit.tests["Tarone"]
    assert_prints([tarone.statistic, tarone.p], "0.139", "0.709")


def test_likelihoods_of_tolbutamide() -> None:
    # The conditional maximum likelihood estimate, with a test of homogeneity. The
    # reproduction adds 95% limits, whose third digit varies between its versions.
    fit = glmm(TOLBUTAMIDE, "OR", model="CM.EL", tau2=0.0)
    assert_prints([np.exp(fit.estimate), fit.ci_low], "1.402", "-0.27")
    assert_prints([fit.tests["LRT"].statistic, fit.tests["LRT"].p], "0.350", "0.554")


def test_likelihoods_of_smoking() -> None:
    # Rates: the conditional and the unconditional estimate are one.
    for model in ("UM.FS", "CM.EL"):
        fit = glmm(SMOKING, "IRR", model=model, tau2=0.0, level=0.9)
        assert_prints(np.exp(ends(fit)), "1.426", "1.195", "1.701")
        lrt = fit.tests["LRT"]
        assert_prints([lrt.statistic, lrt.p], "12.132", "0.016")


def test_likelihoods_of_spermicide() -> None:
    unconditional = glmm(SPERMICIDE, "OR", model="UM.FS", tau2=0.0, level=0.9)
    assert_prints(np.exp(ends(unconditional)), "3.788", "1.431", "10.028")
    lrt = unconditional.tests["LRT"]
    assert_prints([lrt.statistic, lrt.p], "0.132", "0.716")
    conditional = glmm(SPERMICIDE, "OR", model="CM.EL", tau2=0.0, level=0.9)
    # 9.932 in one version of the reproduction, 9.929 in the next.
    assert_prints(np.exp(conditional.estimate), "3.765")
    lrt = conditional.tests["LRT"]
    assert_prints([lrt.statistic, lrt.p], "0.119", "0.730")
