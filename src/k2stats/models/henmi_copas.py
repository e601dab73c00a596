r"""The interval of Henmi and Copas: common-effect weights, random-effects spread.

The pivot :math:`U = (\hat\mu_F - \mu) / \sqrt{V(\hat\tau^2)}` has tau2 in its
denominator, an increasing function of Cochran's Q. Given the deviation of the mean,
Q is a quadratic form of normals whose first two moments are known; a gamma with these
moments stands for it, and the tail of U is an integral over the deviation.
"""

import numpy as np
from numpy.polynomial.legendre import leggauss
from scipy import special

from k2stats._typing import Floats
from k2stats.models._mean_fit import MeanFit
from k2stats.models.mean_tests import MEAN_TESTS, MeanInference, Rng
from k2stats.numerics.roots import bracketed_root

_NODES, _WEIGHTS = leggauss(80)
_FAR = 9.0
"""Standard normal deviates beyond this carry less than 1e-18."""


@MEAN_TESTS.register(
    "HC",
    label="Henmi-Copas",
    reference="Henmi and Copas (2010) Stat Med 29:2969-2983",
    equation="mu_F +/- u sqrt((W1 + tau2 W2) / W1^2), W_r = sum of v^-r",
    traits=("random", "mean-only", "common-weights"),
)
def henmi_copas(fit: MeanFit, level: float, rng: Rng = None) -> MeanInference:
    """Interval of the common-effect mean that is robust to publication bias.

    The fit must have common-effect weights and the tau2 of DerSimonian and Laird, as
    the model ``"HC"`` has.
    """
    pivot = _Pivot(fit)
    half = pivot.quantile(1.0 - level) * fit.cov[..., 0] ** 0.5
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = fit.beta / np.sqrt(fit.cov[..., 0])
        log_p = np.log(pivot.tail(np.abs(statistic[..., 0])))[..., np.newaxis]
    return MeanInference(
        fit.beta,
        fit.cov,
        None,
        level,
        own_limits=(fit.beta - half, fit.beta + half),
        own_statistic=statistic,
        own_log_p=np.minimum(log_p, 0.0),
    )


class _Pivot:
    """Distribution of the pivot, for every batch element."""

    def __init__(self, fit: MeanFit) -> None:
        with np.errstate(divide="ignore", invalid="ignore"):
            w = 1.0 / fit.v
            tau2 = fit.tau2[..., np.newaxis]
            w1 = w.sum(axis=-1, keepdims=True)
            share = w / w1
            inflated = 1.0 + tau2 * w  # w times v + tau2
            # Slope of E(y | mean) on the deviation of the mean, and its spread.
            slope = inflated / (share * inflated).sum(axis=-1, keepdims=True)
            apart = w * (slope - (share * slope).sum(axis=-1, keepdims=True))
            lost = (apart * slope).sum(axis=-1)
            variance = (share * inflated).sum(axis=-1) / w1[..., 0]
            d = np.where(w > 0.0, inflated / w, 0.0)
            first = (inflated * (1.0 - share)).sum(axis=-1)
            second = (
                (inflated**2).sum(axis=-1)
                - 2.0 * (share * inflated**2).sum(axis=-1)
                + (share * inflated).sum(axis=-1) ** 2
            )
            present = w > 0.0
            if not present.all():  # absent studies have inflated = 1 and share = 0
                gone = (~present).sum(axis=-1)
                first, second = first - gone, second - gone
            cross = (d * apart**2).sum(axis=-1)
            # Moments of Q given a deviation of z standard errors.
            self._mean = first - variance * lost, variance * lost
            self._var = (
                2.0 * (second - 2.0 * variance * cross + (variance * lost) ** 2),
                4.0 * variance * (cross - variance * lost**2),
            )
            self._w1 = w1[..., 0]
            self._ratio = (w * w).sum(axis=-1) / self._w1  # W2 / W1
            self._df = fit.k - 1.0
            self._inflation = (share * inflated).sum(axis=-1)

    def tail(self, u: Floats) -> Floats:
        """Probability that the pivot exceeds `u` in size."""
        u = np.asarray(u)[..., np.newaxis]
        with np.errstate(all="ignore"):
            # Below this deviation the pivot is below u whatever Q is.
            start = u / np.sqrt(self._inflation[..., np.newaxis])
            stop = np.maximum(start, _FAR)
            z = 0.5 * (stop - start) * (_NODES + 1.0) + start
            z2 = z * z
            excess = z2 * self._inflation[..., np.newaxis] / u**2 - 1.0
            # tau2 below excess / ratio, that is Q below this:
            spread = (self._w1 - self._ratio)[..., np.newaxis]
            q = self._df[..., np.newaxis] + spread * excess / self._ratio[..., None]
            mean = self._mean[0][..., np.newaxis] + self._mean[1][..., np.newaxis] * z2
            var = self._var[0][..., np.newaxis] + self._var[1][..., np.newaxis] * z2
            inside = special.gammainc(mean * mean / var, q * mean / var)
            density = np.exp(-0.5 * z2) / np.sqrt(2.0 * np.pi)
            total = (_WEIGHTS * inside * density).sum(axis=-1)
            return np.asarray(total * (stop - start)[..., 0])

    def quantile(self, alpha: float) -> Floats:
        """Value exceeded with probability `alpha`, shape (..., 1)."""
        # The pivot is at most its deviation in standard errors by the root of the
        # inflation, whatever Q is.
        widest = -special.ndtri(0.5 * alpha) * np.sqrt(self._inflation)
        low, high = np.full(np.shape(self._w1), 1e-3), 1.01 * np.asarray(widest)
        root, _ = bracketed_root(lambda u: self.tail(u) - alpha, low, high, xtol=1e-13)
        return np.asarray(root)[..., np.newaxis]
