"""Copas' likelihood has several summits: the one reported is above a dense grid."""

import numpy as np
from scipy import special

from k2stats.diagnostics import copas
from k2stats.effectsizes import EffectSizes


def test_no_point_of_a_dense_grid_is_higher() -> None:
    # With nine tenths of the smallest published, the likelihood has one summit at
    # rho = -0.95, 0.15 lower than that at the end of rho's range.
    random = np.random.default_rng(3)
    se = random.uniform(0.08, 0.4, 25)
    y = random.normal(0.35, 0.1, 25) + random.normal(0.0, se)
    found = copas(EffectSizes.from_arrays(y, se=se, measure="SMD"))
    mu = np.linspace(0.1, 0.6, 51)[:, np.newaxis, np.newaxis, np.newaxis]
    tau2 = (np.linspace(0.0, 0.2, 11) ** 2)[:, np.newaxis, np.newaxis]
    rho = 0.9999 * np.sin(np.linspace(-np.pi / 2, np.pi / 2, 61))[:, np.newaxis]
    for row, height in enumerate(found.loglik):
        t = found.gamma0[row] + found.gamma1[row] / se
        mills = np.exp(-0.5 * t * t - special.log_ndtr(t)) / np.sqrt(2.0 * np.pi)
        sigma2 = se**2 / (1.0 - mills * (t + mills) * rho**2)
        total = tau2 + sigma2
        tilde = rho * np.sqrt(sigma2 / total)
        r = (y - mu) / np.sqrt(total)
        w = (t + tilde * r) / np.sqrt(1.0 - tilde**2)
        each = -0.5 * np.log(2.0 * np.pi * total) - 0.5 * r * r
        grid = (each - special.log_ndtr(t) + special.log_ndtr(w)).sum(axis=-1)
        assert grid.max() <= height + 1e-6
        # and it is a likelihood of this model: the grid comes close to it
        assert height - grid.max() < 0.2
