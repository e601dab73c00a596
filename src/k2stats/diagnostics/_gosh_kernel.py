"""Fits of subsets given as bits."""

import numpy as np

from k2stats._typing import Floats, Ints
from k2stats.diagnostics._influence_kernel import fit_sets
from k2stats.numerics.wls import weighted_mean

_BITS = 11
"""Studies of one table of partial sums: small enough for a processor's cache."""
Four = tuple[Floats, Floats, Floats, Floats]


class Sums:
    r"""Common-effect and DerSimonian-Laird fits from sums over the studies.

    .. math:: Q = \sum w y^2 - (\sum w y)^2 / \sum w, \qquad
        \tau^2 = \max\Bigl\{0, \frac{Q - (k - 1)}{\sum w - \sum w^2 / \sum w}\Bigr\}

    Effects are centred at their common mean first, so that Q does not cancel. Sums of
    a subset are looked up: one table for each run of eleven studies.
    """

    def __init__(self, y: Floats, v: Floats, tau2: str) -> None:
        self.y, self.v = y, v
        self.random = tau2 == "DL"
        w = 1.0 / v
        self.centre = float(weighted_mean(y, w))
        self.z = y - self.centre
        columns = np.stack([w, w * self.z, w * self.z**2, w * w], axis=-1)
        self.tables = [
            _partial_sums(columns[i : i + _BITS]) for i in range(0, y.size, _BITS)
        ]

    def fit(self, subset: Ints) -> Four:
        """Estimate, tau2, Q and I2 of each subset."""
        total = np.zeros((4, subset.size))
        for i, table in enumerate(self.tables):
            total += table[:, (subset >> (i * _BITS)) & ((1 << _BITS) - 1)]
        w, wz, wzz, ww = total
        df = np.bitwise_count(subset).astype(float) - 1.0
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = wz / w
            q = np.maximum(wzz - wz * mean, 0.0)
            i2 = np.where(q > 0.0, 100.0 * np.maximum(q - df, 0.0) / q, 0.0)
            value = np.zeros(subset.size)
            if self.random:
                value = np.maximum((q - df) / (w - ww / w), 0.0)
                mean = self._random_mean(subset, value, mean)
        return mean + self.centre, value, q, i2

    def _random_mean(self, subset: Ints, tau2: Floats, mean: Floats) -> Floats:
        """Mean with weights 1 / (v + tau2), where tau2 is not zero."""
        where = np.flatnonzero(tau2 > 0.0)
        t, bits = tau2[where], subset[where]
        top, bottom = np.zeros(where.size), np.zeros(where.size)
        for j in range(self.v.size):
            weight = ((bits >> j) & 1) / (self.v[j] + t)
            bottom += weight
            top += weight * self.z[j]
        out = mean.copy()
        out[where] = top / bottom
        return out


def _partial_sums(columns: Floats) -> Floats:
    """Sums of every subset of a few studies, shape (4, 2^n)."""
    table = np.zeros((columns.shape[-1], 1))
    for row in columns:
        table = np.concatenate([table, table + row[:, np.newaxis]], axis=-1)
    return table


def fit_by_masks(y: Floats, v: Floats, tau2: str, subset: Ints) -> Four:
    """The same by any estimator, through the batch kernels."""
    mask = ((subset[:, np.newaxis] >> np.arange(y.size)) & 1).astype(bool)
    shape = mask.shape
    fits = fit_sets(
        np.broadcast_to(y, shape), np.broadcast_to(v, shape), None, tau2, mask
    )
    w = np.where(mask, 1.0 / v, 0.0)
    df = mask.sum(axis=-1) - 1.0
    with np.errstate(divide="ignore", invalid="ignore"):
        total = w.sum(axis=-1)
        typical = df / (total - (w * w).sum(axis=-1) / total)
        i2 = 100.0 * fits.tau2 / (fits.tau2 + typical)
    return fits.beta[..., 0], fits.tau2, fits.Q, i2
