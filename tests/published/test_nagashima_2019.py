"""Nagashima, Noma and Furukawa (2019), Stat Methods Med Res 28:1689.

Their prediction interval of the thirteen cisapride trials of Hartung and Knapp (2001),
Stat Med 20:3875, as the introduction of the authors' package prints it: log odds
ratios with one half added to every cell, DerSimonian and Laird's tau2.
"""

import numpy as np

from k2stats.datasets.published import published
from k2stats.effectsizes import ZeroCells
from k2stats.models.pooling import pool
from k2stats.models.prediction_bootstrap import new_effects
from published.printed import assert_prints

EFFECTS = published("hartung2001").effect_sizes("OR", zero_cells=ZeroCells(to="all"))
PRINTED_DRAWS = 25_000
"""Behind the printed limits."""
DRAWS = 200_000


def test_effects_and_pooled_odds_ratio() -> None:
    assert_prints(EFFECTS.y[:3], "2.098986", "3.357026", "1.565232")
    assert_prints(np.sqrt(EFFECTS.v[:3]), "0.9847737", "1.0165653", "0.5747840")
    fit = pool(EFFECTS, tau2="DL")
    assert_prints(np.exp(fit.estimate), "4.141")
    assert_prints(fit.tau2, "0.718")
    assert_prints(fit.I2, "69.9")


def test_prediction_interval() -> None:
    draws = new_effects(EFFECTS.y, EFFECTS.v, DRAWS, np.random.default_rng(2019))
    # Standard error of a sample quantile, the density by the share within 0.1 of it;
    # that of the printed limit dominates. Three of them are 2% of the width.
    for share, printed in ((0.025, 0.533), (0.975, 33.692)):
        limit = float(np.quantile(draws, share))
        density = float((np.abs(draws - limit) < 0.1).mean()) / 0.2
        spread = np.sqrt(share * (1 - share) * (1 / PRINTED_DRAWS + 1 / DRAWS))
        assert abs(limit - np.log(printed)) < 3.0 * spread / density
        assert 3.0 * spread / density < 0.08
    # Of an odds ratio below one, printed as 0.075.
    below = float((draws < 0).mean())
    spread = np.sqrt(0.075 * 0.925 * (1 / PRINTED_DRAWS + 1 / DRAWS))
    assert abs(below - 0.075) < 3.0 * spread + 0.0005


def test_by_name() -> None:
    fit = pool(EFFECTS, tau2="DL")
    low, high = fit.prediction_interval("NNF", rng=1)
    draws = new_effects(EFFECTS.y, EFFECTS.v, PRINTED_DRAWS, np.random.default_rng(1))
    np.testing.assert_allclose([low, high], np.quantile(draws, [0.025, 0.975]))
