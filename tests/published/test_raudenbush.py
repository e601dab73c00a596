"""Raudenbush and Bryk (1985) and Raudenbush (2009): teachers' expectations and IQ.

J Educ Stat 10:75-98, pp. 83 to 92; and chapter 16 of the Handbook of Research
Synthesis, 2nd ed., Table 16.2 (p. 301) and Table 16.3 (p. 309). Read in the metafor
package's reproductions (analysis examples raudenbush1985 and raudenbush2009), which
name the digits that differ.
"""

import numpy as np
import pytest

from k2stats.datasets.published import published
from k2stats.heterogeneity import cochran_q
from k2stats.models import blup, fit_arrays, pool
from k2stats.models.meta_regression import meta_regression
from k2stats.models.robust import robust
from published.printed import assert_prints

STUDIES = published("raudenbush1985")
WEEKS = np.column_stack([np.ones(19), np.minimum(STUDIES.moderators["weeks"], 3.0)])


def test_common_effect() -> None:
    # Table 16.2 and p. 302; the chapter prints z = 1.65, the paper Q = 35.85.
    fit = fit_arrays(STUDIES.y, STUDIES.v, tau2="EE", ci="z")
    assert_prints(fit.beta, "0.060")
    assert_prints(fit.statistic, "1.66")
    assert_prints(cochran_q(STUDIES.y, STUDIES.v).q, "35.83")


def test_random_effects() -> None:
    # 1985, pp. 83 and 85; Table 16.2, which prints 0.083 for the mean.
    fit = fit_arrays(STUDIES.y, STUDIES.v, tau2="REML", ci="z")
    assert_prints([fit.beta[0], fit.tau2], "0.084", "0.019")
    assert_prints(fit.statistic, "1.62")


def test_with_weeks_of_contact() -> None:
    # 1985, pp. 90 and 92, where Q is 16.58; Table 16.2. Weeks beyond three count as 3.
    fit = fit_arrays(STUDIES.y, STUDIES.v, WEEKS, tau2="REML", ci="z")
    assert_prints(fit.tau2, "0.000")
    assert_prints(fit.beta, "0.407", "-0.157")
    assert_prints(fit.statistic, "4.68", "-4.39")
    assert_prints(cochran_q(STUDIES.y, STUDIES.v, WEEKS).q, "16.57")


CONVENTIONAL = {
    "EE": ("0.000", "0.060", "0.036", "1.655", "-0.011", "0.132"),
    "ML": ("0.013", "0.078", "0.047", "1.637", "-0.015", "0.171"),
    "REML": ("0.019", "0.084", "0.052", "1.621", "-0.018", "0.185"),
    "DL": ("0.026", "0.089", "0.056", "1.601", "-0.020", "0.199"),
    "HE": ("0.080", "0.114", "0.079", "1.443", "-0.041", "0.270"),
}
"""Table 16.3: tau2, mean, standard error, z, limits."""
KNAPP_HARTUNG = {
    "EE": ("0.000", "0.060", "0.051", "1.173", "-0.048", "0.168"),
    "ML": ("0.013", "0.078", "0.059", "1.311", "-0.047", "0.202"),
    "REML": ("0.019", "0.084", "0.062", "1.359", "-0.046", "0.213"),
    "DL": ("0.026", "0.089", "0.064", "1.405", "-0.044", "0.223"),
    "HE": ("0.080", "0.114", "0.071", "1.608", "-0.035", "0.264"),
}


HUBER_WHITE = {
    "EE": ("0.000", "0.060", "0.040", "1.515", "-0.023", "0.144"),
    "ML": ("0.013", "0.078", "0.047", "1.637", "-0.022", "0.178"),
    "REML": ("0.019", "0.084", "0.050", "1.676", "-0.021", "0.189"),
    "DL": ("0.026", "0.089", "0.052", "1.710", "-0.020", "0.199"),
    "HE": ("0.080", "0.114", "0.062", "1.850", "-0.015", "0.244"),
}


@pytest.mark.parametrize("tau2", CONVENTIONAL)
def test_conventional(tau2: str) -> None:
    fit = fit_arrays(STUDIES.y, STUDIES.v, tau2=tau2, ci="z")
    got = [fit.tau2, *fit.beta, *fit.se, *fit.statistic, *fit.low, *fit.high]
    assert_prints(got, *CONVENTIONAL[tau2])


@pytest.mark.parametrize("tau2", KNAPP_HARTUNG)
def test_knapp_and_hartung(tau2: str) -> None:
    fit = fit_arrays(STUDIES.y, STUDIES.v, tau2=tau2, ci="HK")
    got = [fit.tau2, *fit.beta, *fit.se, *fit.statistic, *fit.low, *fit.high]
    assert_prints(got, *KNAPP_HARTUNG[tau2])


@pytest.mark.parametrize("tau2", HUBER_WHITE)
def test_huber_and_white(tau2: str) -> None:
    fit = meta_regression(STUDIES.effect_sizes(), "~ 1", tau2=tau2, ci="z")
    made = robust(fit, vcov="CR0", test="naive-t")
    got = [made.estimate, made.se, made.statistic, made.ci_low, made.ci_high]
    assert_prints([float(fit.tau2), *np.ravel(got)], *HUBER_WHITE[tau2])


def test_range_of_shrunken_estimates() -> None:
    # Table 16.2: empirical Bayes estimates, and of the model with weeks of contact,
    # where the chapter prints -0.07 for the lower end.
    shrunken = blup(pool(STUDIES.effect_sizes(), tau2="REML", ci="z"))
    assert_prints([shrunken.pred.min(), shrunken.pred.max()], "-0.03", "0.25")
    fit = fit_arrays(STUDIES.y, STUDIES.v, WEEKS, tau2="REML", ci="z")
    kept = fit.tau2 / (fit.tau2 + STUDIES.v)
    pred = WEEKS @ fit.beta + kept * (STUDIES.y - WEEKS @ fit.beta)
    assert_prints([pred.min(), pred.max()], "-0.06", "0.41")


def test_range_of_new_effects() -> None:
    # p. 302 prints -0.19 to 0.35, the mean and 1.96 tau; Table 16.2's mean is 0.083.
    fit = fit_arrays(STUDIES.y, STUDIES.v, tau2="REML", ci="z")
    half = 1.96 * np.sqrt(fit.tau2)
    assert_prints([fit.beta[0] - half, fit.beta[0] + half], "-0.19", "0.35")
