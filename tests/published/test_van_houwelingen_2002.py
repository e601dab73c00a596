"""van Houwelingen, Arends and Stijnen (2002), Stat Med 21:589-624: BCG.

Log odds ratios. Figures in the text of pp. 596 to 609, read on metafor's page on the
paper and in its reproduction (analysis example vanhouwelingen2002), which name the
digits that differ.
"""

import numpy as np

from k2stats.datasets import bcg
from k2stats.effectsizes import effect_sizes
from k2stats.heterogeneity import tau2_interval
from k2stats.models import fit_arrays
from published.printed import assert_prints

ES = effect_sizes(bcg.BCG, "OR")


def test_common_effect() -> None:
    # p. 596; the paper prints .703 for the upper limit.
    fit = fit_arrays(ES.y, ES.v, tau2="EE", ci="z")
    assert_prints(np.exp([fit.beta, fit.low, fit.high]), "0.647", "0.595", "0.702")


def test_random_effects_by_maximum_likelihood() -> None:
    # p. 597.
    fit = fit_arrays(ES.y, ES.v, tau2="ML", ci="z")
    assert_prints(np.exp([fit.beta, fit.low, fit.high]), "0.476", "0.336", "0.675")
    assert_prints(fit.tau2, "0.302")


def test_profile_likelihood_of_tau2() -> None:
    # The profile of p. 598 falls by 1.92 at 0.12 and 0.89.
    found = tau2_interval(ES.y, ES.v, type="PL", method="ML")
    assert_prints([found.low, found.high], "0.12", "0.89")


def test_range_of_true_effects() -> None:
    # p. 599: mean and 1.96 tau.
    fit = fit_arrays(ES.y, ES.v, tau2="ML", ci="z")
    half = 1.959964 * np.sqrt(fit.tau2)
    assert_prints([fit.beta[0] - half, fit.beta[0] + half], "-1.820", "0.336")


def test_meta_regression_on_latitude() -> None:
    # pp. 608-609.
    columns = np.column_stack([np.ones(13), bcg.ABLAT])
    fit = fit_arrays(ES.y, ES.v, columns, tau2="ML", ci="z")
    assert_prints(fit.beta, "0.371", "-0.033")
    assert_prints(fit.se, "0.106", "0.003")
    assert_prints(fit.tau2, "0.004")
    without = fit_arrays(ES.y, ES.v, tau2="ML", ci="z")
    assert_prints(100 * (1 - fit.tau2 / without.tau2), "98.7")
