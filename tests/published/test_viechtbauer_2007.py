"""Viechtbauer (2007): intervals of tau2, and heterogeneity accounted for.

Diuretics and pre-eclampsia: Stat Med 26:37-52, Table II (p. 44), with more digits than
the table has. St John's wort: Z Psychol 215:104-121, pp. 106 to 113. Read in the
metafor package's reproductions (analysis examples viechtbauer2007a and 2007b), which
name the digits of the second that differ.
"""

import numpy as np
import pytest
from scipy import stats

from k2stats.datasets.published import published
from k2stats.heterogeneity import cochran_q, estimate_tau2, tau2_interval
from k2stats.models import fit_arrays
from published.printed import assert_prints

DIURETICS = published("collins1985b").effect_sizes("OR")
WORT = published("viechtbauer2007b")
RR = WORT.effect_sizes("RR")


@pytest.mark.parametrize(
    ("method", "printed"),
    [("DL", "0.230"), ("ML", "0.239"), ("REML", "0.301"), ("SJ", "0.456")],
)
def test_diuretics_tau2(method: str, printed: str) -> None:
    assert_prints(estimate_tau2(DIURETICS.y, DIURETICS.v, method=method).tau2, printed)


@pytest.mark.parametrize(
    ("kind", "method", "printed"),
    [
        ("QP", "DL", ("0.072", "2.203")),
        ("PL", "ML", ("0.027", "1.131")),
        ("PL", "REML", ("0.043", "1.475")),
    ],
)
def test_diuretics_intervals(kind: str, method: str, printed: tuple[str, str]) -> None:
    found = tau2_interval(DIURETICS.y, DIURETICS.v, type=kind, method=method)
    assert_prints([found.low, found.high], *printed)


@pytest.mark.parametrize(
    ("method", "printed"),
    [("ML", ("-0.101", "0.578")), ("REML", ("-0.131", "0.732"))],
)
def test_diuretics_wald(method: str, printed: tuple[str, str]) -> None:
    # The table keeps the part of the interval below 0.
    fit = estimate_tau2(DIURETICS.y, DIURETICS.v, method=method)
    assert_prints(fit.tau2 + np.array([-1.96, 1.96]) * fit.se, *printed)


def test_diuretics_sidik_jonkman() -> None:
    fit = estimate_tau2(DIURETICS.y, DIURETICS.v, method="SJ")
    assert_prints(8 * fit.tau2 / stats.chi2.ppf([0.975, 0.025], 8), "0.208", "1.675")


def test_two_trials_of_st_johns_wort() -> None:
    # p. 106, trials 13 and 17; the article prints 1.01 for the second lower limit.
    half = 1.959964 * np.sqrt(RR.v[[12, 16]])
    assert_prints(np.exp(RR.y[[12, 16]] - half), "0.74", "1.00")
    assert_prints(np.exp(RR.y[[12, 16]] + half), "1.28", "1.54")


def test_st_johns_wort_common_effect() -> None:
    # p. 107; the article prints 1.39, and 55.54 for Q.
    fit = fit_arrays(RR.y, RR.v, tau2="EE", ci="z")
    assert_prints(np.exp([fit.beta, fit.low, fit.high]), "1.38", "1.26", "1.52")
    assert_prints(cochran_q(RR.y, RR.v).q, "51.55")


def test_st_johns_wort_random_effects() -> None:
    # p. 109; the article prints 1.90 for the upper limit and .091 for tau2.
    fit = fit_arrays(RR.y, RR.v, tau2="DL", ci="z")
    assert_prints(np.exp([fit.beta, fit.low, fit.high]), "1.57", "1.31", "1.89")
    assert_prints(fit.tau2, "0.090")
    # "0.87 to 2.83" of true effects leaves the uncertainty of the mean out.
    half = 1.959964 * np.sqrt(fit.tau2)
    assert_prints(np.exp([fit.beta[0] - half, fit.beta[0] + half]), "0.87", "2.83")


def test_st_johns_wort_moderators() -> None:
    # p. 112, and Table II on p. 113: total dose in g, baseline score, their product.
    found = WORT.moderators
    dose = found["dosage"] * found["duration"] - 34.0
    baseline = found["baseline"] - 20.0
    columns = np.column_stack([np.ones(17), dose, baseline, dose * baseline])
    fit = fit_arrays(RR.y, RR.v, columns, tau2="DL", ci="z")
    # tau2 is .0475 to the fourth digit, 0.047 in the article.
    assert_prints(fit.tau2, "0.0475")
    assert_prints(fit.beta, "0.476", "-0.006", "-0.067", "-0.002")
    assert_prints(fit.se, "0.088", "0.010", "0.035", "0.003")
    assert_prints(fit.statistic, "5.434", "-0.585", "-1.909", "-0.456")
    assert_prints(fit.p, "0.000", "0.559", "0.056", "0.649")
    # p. 113, baselines of 12.5 and 23.6; the article prints 2.66 and 4.90.
    at = np.array([[1.0, 0.0, -7.5, 0.0], [1.0, 0.0, 3.6, 0.0]])
    mean = at @ fit.beta
    half = 1.959964 * np.sqrt(np.einsum("mp,pq,mq->m", at, fit.cov, at))
    assert_prints(np.exp(mean), "2.67", "1.26")
    assert_prints(np.exp(mean - half), "1.46", "0.99")
    assert_prints(np.exp(mean + half), "4.88", "1.61")
