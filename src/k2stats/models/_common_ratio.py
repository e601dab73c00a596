"""The distribution of a sum of counts over strata, given every margin."""

from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from k2stats._typing import Floats

_EDGE = 20.0
NEGLIGIBLE = 1e-60
"""Outcomes of one stratum less probable near the estimate are left out."""


@dataclass(frozen=True, slots=True, eq=False)
class CommonRatio:
    r"""Distribution of the events in group 1, summed over strata, given the margins.

    .. math:: P(S = s; \theta) = \frac{c_s e^{s\theta}}{\sum_t c_t e^{t\theta}},
        \qquad \sum_s c_s z^s = \prod_k \sum_x w_{kx} z^x

    Attributes
    ----------
    offset : ndarray
        s less the sum observed.
    log_c : ndarray
        Logarithms of the coefficients, up to a constant; accurate around the sum
        observed, minus infinity where they do not matter there.
    strata : tuple of (offset, log_weight)
    tilt : float
        Log ratio near which the sum observed is expected.
    """

    offset: Floats
    log_c: Floats
    strata: tuple[tuple[Floats, Floats], ...]
    tilt: float

    @classmethod
    def from_strata(cls, strata: tuple[tuple[Floats, Floats], ...]) -> "CommonRatio":
        """Multiply the generating functions, tilted to where the sum observed lies."""
        tilt = _tilt(strata)
        product = np.ones(1)
        first, scale = 0.0, 0.0
        for offset, logs in strata:
            tilted = logs + tilt * offset
            top = special.logsumexp(tilted)
            share, start = window(np.exp(tilted - top), NEGLIGIBLE)
            product = np.convolve(product, share)
            first, scale = first + offset[start], scale + float(top)
        points = np.asarray(first + np.arange(product.size), float)
        with np.errstate(divide="ignore"):
            log_c = np.log(product) + scale - tilt * points
        return cls(points, log_c, strata, tilt)

    def log_total(self, theta: float) -> float:
        """Logarithm of the denominator, from the strata one by one."""
        parts = [special.logsumexp(w + theta * x) for x, w in self.strata]
        return float(np.sum(parts))

    def log_tail(self, theta: float, *, upper: bool, own: float) -> float:
        """Logarithm of a tail; `own` is the share of the sum observed that counts."""
        chosen = self.offset >= 0 if upper else self.offset <= 0
        logs = (self.log_c + theta * self.offset)[chosen]
        if own < 1.0:
            logs = np.where(self.offset[chosen] == 0, logs + np.log(own), logs)
        return float(special.logsumexp(logs) - self.log_total(theta))

    def moments(self, theta: float) -> tuple[float, float]:
        """Mean, less the sum observed, and variance."""
        return moments_of(self.strata, theta)

    @property
    def at_end(self) -> int:
        """-1 or 1 where the sum observed is the least or greatest possible."""
        least = sum(x[0] for x, _ in self.strata)
        most = sum(x[-1] for x, _ in self.strata)
        return -1 if least == 0 else (1 if most == 0 else 0)


def window(p: Floats, floor: float) -> tuple[Floats, int]:
    """Run of probabilities above `floor`, and where it starts."""
    kept = np.flatnonzero(p > floor)
    return p[kept[0] : kept[-1] + 1], int(kept[0])


def moments_of(
    strata: tuple[tuple[Floats, Floats], ...], theta: float
) -> tuple[float, float]:
    mean = variance = 0.0
    for offset, logs in strata:
        p = special.softmax(logs + theta * offset)
        centre = float(p @ offset)
        mean += centre
        variance += float(p @ (offset - centre) ** 2)
    return mean, variance


def _tilt(strata: tuple[tuple[Floats, Floats], ...]) -> float:
    """Log ratio near which the sum observed is expected."""
    f = [moments_of(strata, t)[0] for t in (-_EDGE, _EDGE)]
    if f[0] >= 0 or f[1] <= 0:
        return -_EDGE if f[0] >= 0 else _EDGE
    return float(
        optimize.brentq(lambda t: moments_of(strata, t)[0], -_EDGE, _EDGE, xtol=1e-3)
    )
