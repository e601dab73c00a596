"""Berkey, Hoaglin, Mosteller and Colditz (1995), Stat Med 14:395-411: BCG by latitude.

Figures of p. 408, read in the metafor package's reproduction of the paper (analysis
example berkey1995), which also names the digits of the article that differ.
"""

import numpy as np

from k2stats.datasets import bcg
from k2stats.effectsizes import effect_sizes
from k2stats.models import fit_arrays
from published.printed import assert_prints

LOG_RR = effect_sizes(bcg.BCG, "RR").y
# The paper smooths the variances: 1/events - 1/n with the mean odds of not having it.
_ODDS1 = ((bcg.BCG.n1 - bcg.BCG.events1) / bcg.BCG.events1).mean()
_ODDS2 = ((bcg.BCG.n2 - bcg.BCG.events2) / bcg.BCG.events2).mean()
SMOOTHED = _ODDS1 / bcg.BCG.n1 + _ODDS2 / bcg.BCG.n2
LATITUDE = np.column_stack([np.ones(13), bcg.ABLAT - 33.46])
AT = np.array([[1.0, 0.0], [1.0, 42.0 - 33.46]])


def test_random_effects_by_empirical_bayes() -> None:
    fit = fit_arrays(LOG_RR, SMOOTHED, tau2="EB", ci="z")
    assert_prints([fit.beta[0], fit.se[0]], "-0.5429", "0.1842")
    assert_prints(fit.tau2, "0.268")


def test_random_effects_with_latitude() -> None:
    fit = fit_arrays(LOG_RR, SMOOTHED, LATITUDE, tau2="EB", ci="z")
    # The article prints -0.6304 for the first.
    assert_prints(fit.beta, "-0.6303", "-0.0268")
    assert_prints(fit.se, "0.1591", "0.0110")
    assert_prints(fit.tau2, "0.157")
    without = fit_arrays(LOG_RR, SMOOTHED, tau2="EB", ci="z")
    assert_prints(100 * (1 - fit.tau2 / without.tau2), "41")
    assert_prints(np.exp(AT @ fit.beta), "0.53", "0.42")


def test_common_effect_with_latitude() -> None:
    fit = fit_arrays(LOG_RR, SMOOTHED, LATITUDE, tau2="EE", ci="z")
    # The article prints -0.5950 for the first, 0.0039 for the last.
    assert_prints(fit.beta, "-0.5949", "-0.0282")
    assert_prints(fit.se, "0.0696", "0.0040")
    assert_prints(np.exp(AT @ fit.beta), "0.55", "0.43")
