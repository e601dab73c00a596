"""Simulated studies of which some results were not published, for every function."""

from collections.abc import Callable

import numpy as np
from scipy import stats

from k2stats._typing import Floats
from k2stats.effectsizes import EffectSizes

Published = Callable[[Floats, Floats], Floats]
PUBLISHED: dict[str, Published] = {
    "step": lambda p, y: np.where(p <= 0.025, 1.0, 0.3),
    "beta": lambda p, y: np.minimum(0.05 * np.sqrt((1.0 - p) / p), 1.0),
    "half-normal": lambda p, y: np.exp(-4.0 * p**2),
    "negative-exponential": lambda p, y: np.exp(-4.0 * p),
    "logistic": lambda p, y: 2.0 / (1.0 + np.exp(5.0 * p)),
    "power": lambda p, y: (1.0 - p) ** 2,
    "truncated": lambda p, y: np.where(y > 0.0, 1.0, 0.3),
}
"""Probability of publication given the one-sided p-value and the effect."""


def selected_set(weights: str, seed: int) -> EffectSizes:
    """From 15 to 60 published studies, of various means and heterogeneity."""
    rng = np.random.default_rng(seed)
    k = int(rng.integers(15, 61))
    mean = rng.choice([0.0, 0.1, 0.2, 0.5])
    tau2 = rng.choice([0.0, 0.01, 0.05, 0.2])
    y: list[float] = []
    v: list[float] = []
    while len(y) < k:
        variance = rng.uniform(0.005, 0.2, 400)
        effect = rng.normal(mean, np.sqrt(variance + tau2))
        p = stats.norm.sf(effect / np.sqrt(variance))
        kept = rng.random(400) < PUBLISHED[weights](p, effect)
        y += effect[kept].tolist()
        v += variance[kept].tolist()
    return EffectSizes.from_arrays(y[:k], v[:k])
