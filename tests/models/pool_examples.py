"""Data that several tests of pooling share."""

import numpy as np

from k2stats._typing import Floats
from k2stats.datasets.published import published
from k2stats.effectsizes import EffectSizes

TWO_MODES_Y = np.array([-0.43574906, -0.46927725, 1.47104851, -0.0194273, 2.38788923])
TWO_MODES_V = np.array([0.00366251, 0.00240008, 0.27416627, 0.05845775, 1.97200187])


def bcg() -> EffectSizes:
    """Log risk ratios of the thirteen BCG trials."""
    return published("bcg").effect_sizes("RR")


def expectancy() -> EffectSizes:
    """Nineteen studies of teacher expectancy (Raudenbush and Bryk 1985)."""
    studies = published("raudenbush1985")
    return EffectSizes.from_arrays(studies.y, studies.v)


def sets(
    seed: int, shape: tuple[int, ...], decades: float = 1.5
) -> tuple[Floats, Floats]:
    """Random effects and variances over so many decades."""
    rng = np.random.default_rng(seed)
    v = 10.0 ** rng.uniform(-decades / 2, decades / 2, shape) * 0.1
    return rng.normal(0.3, np.sqrt(v + 0.1)), v
