r"""Confidence intervals of the coefficient of variation of the true effects.

It is a ratio of two estimates, :math:`\tau / |\mu|`, so that no interval of tau2 alone
can be carried over to it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from k2stats._registry import Registry
from k2stats._typing import Floats
from k2stats.errors import InvalidEvidenceError
from k2stats.heterogeneity._validate import validate
from k2stats.heterogeneity.measures import cv_of_tau
from k2stats.heterogeneity.tau2 import estimate_tau2
from k2stats.numerics.roots import bracketed_root

_RAYS, _RADII, _GOLDEN = 91, 120, 50
_SHRINK = (np.sqrt(5.0) - 1.0) / 2.0

CvEnds: TypeAlias = tuple[float, float, float]
"""Estimate, low and high."""
CvIntervalMethod: TypeAlias = Callable[[Floats, Floats, float], CvEnds]
CV_INTERVALS: Registry[CvIntervalMethod] = Registry("interval of CV")
"""Intervals of the coefficient of variation, of one data set each."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CvInterval:
    r"""Interval of :math:`\tau / |\mu|`, arrays of batch shape.

    Attributes
    ----------
    estimate, low, high : ndarray
        High is infinite where a mean of zero is not rejected.
    type : str
    level : float
    """

    estimate: Floats
    low: Floats
    high: Floats
    type: str
    level: float

    def __repr__(self) -> str:
        level = f"{100.0 * self.level:g}%"
        if self.estimate.ndim:
            return f"{level} intervals of CV, {self.type}, of shape {self.low.shape}"
        return (
            f"CV of tau {self.estimate:.3f} ({level} CI {self.low:.3f} to "
            f"{self.high:.3f}), {CV_INTERVALS[self.type].label.lower()}"
        )


def cv_interval(
    y: ArrayLike,
    v: ArrayLike,
    *,
    type: str = "PL",
    level: float = 0.95,
    mask: ArrayLike | None = None,
) -> CvInterval:
    r"""Confidence interval of the coefficient of variation of the true effects.

    Parameters
    ----------
    y, v : array-like, shape (..., K)
        Effects, on a scale on which zero is no effect, and sampling variances.
    type : str
        A name in :data:`CV_INTERVALS`: ``"PL"`` (profile likelihood) or ``"Wald"``.
    level : float
        Coverage.
    mask : array-like of bool, shape (..., K), optional
        True where a study is present.

    Returns
    -------
    CvInterval
        Around the maximum likelihood estimate. Some hundredths of a second a data
        set for ``"PL"``.

    Raises
    ------
    InvalidEvidenceError
        As :func:`k2stats.heterogeneity.estimate_tau2` does; for a level outside 0
        to 1.
    UnknownMethodError

    References
    ----------
    Takkouche et al. (1999). American Journal of Epidemiology 150:206-215, of the
    coefficient.

    Examples
    --------
    >>> y = [0.28, 0.36, 0.14, 1.18, 0.76, 0.55]
    >>> v = [0.016, 0.022, 0.028, 0.039, 0.036, 0.02]
    >>> cv_interval(y, v)
    CV of tau 0.537 (95% CI 0.203 to 2.091), profile likelihood
    """
    method = CV_INTERVALS[type].function
    if not 0.0 < level < 1.0:
        raise InvalidEvidenceError(
            field="level", requirement="between 0 and 1", given=level
        )
    ys, vs, _, present, _ = validate(y, v, mask=mask, least=1)
    shape, k = ys.shape[:-1], ys.shape[-1]
    here = np.ones(ys.shape, dtype=bool) if present is None else present
    rows = zip(ys.reshape(-1, k), vs.reshape(-1, k), here.reshape(-1, k), strict=True)
    ends = [
        method(a[m], b[m], level) if m.sum() > 1 else (np.nan, np.nan, np.nan)
        for a, b, m in rows
    ]
    found = np.array(ends).reshape(*shape, 3)
    return CvInterval(found[..., 0], found[..., 1], found[..., 2], type, level)


def _log_likelihood(y: Floats, v: Floats, mean: Floats, tau2: Floats) -> Floats:
    """Log-likelihood without its constant, at arrays of means and of tau2."""
    total = v + tau2[..., np.newaxis]
    square = (y - mean[..., np.newaxis]) ** 2 / total
    return np.asarray(-0.5 * (np.log(total) + square).sum(axis=-1))


def _best(y: Floats, v: Floats) -> tuple[float, float, float]:
    """Mean and tau2 by maximum likelihood, and the standard error of tau2."""
    fit = estimate_tau2(y, v, method="ML")
    w = 1.0 / (v + float(fit.tau2))
    return float((w * y).sum() / w.sum()), float(fit.tau2), float(fit.se)


@CV_INTERVALS.register(
    "PL",
    label="Profile likelihood",
    reference="Hardy & Thompson (1996). Statistics in Medicine 15:619-629, of tau2 and "
    "the mean; here of their ratio.",
    equation=r"2 (\ell(\hat\mu, \hat\tau^2) - \max_\mu \ell(\mu, c^2 \mu^2)) "
    r"\le \chi^2_{1,1-\alpha}",
    traits=("likelihood",),
)
def profile_likelihood_of_ratio(y: Floats, v: Floats, level: float) -> CvEnds:
    r"""Ratios that the likelihood ratio test does not reject.

    A ratio is a ray from the origin of the plane of mean and tau. Along a ray the
    likelihood is maximised on a grid of distances, then by golden sections; the
    outermost ray that is not rejected is found on a grid of angles, then as a root
    between two of them. The rays of no heterogeneity and of a mean of zero are tried.
    """
    mean, tau2, _ = _best(y, v)
    scale = float(np.sqrt(v.max()) + np.abs(y).max())
    y, v, mean, tau2 = y / scale, v / scale**2, mean / scale, tau2 / scale**2
    top = float(_log_likelihood(y, v, np.array(mean), np.array(tau2)))
    reach = float(special.chdtri(1.0, 1.0 - level))
    angle = float(np.arctan2(np.sqrt(tau2), abs(mean)))

    def excess(theta: Floats) -> Floats:
        return np.asarray(2.0 * (top - _along(y, v, theta)) - reach)

    right = 0.5 * np.pi
    rays = np.sort(np.append(np.linspace(0.0, right, _RAYS), angle))
    inside = excess(rays) <= 0.0
    # The estimate's own ray, whatever rounding says.
    inside |= rays == angle
    first, last = np.flatnonzero(inside)[[0, -1]]
    low, high = 0.0, float("inf")
    if first > 0:
        root, _ = bracketed_root(excess, rays[[first - 1]], rays[[first]])
        low = float(np.tan(root[0]))
    if last < rays.size - 1:
        root, _ = bracketed_root(excess, rays[[last]], rays[[last + 1]])
        high = float(np.tan(root[0]))
    return float(cv_of_tau(tau2, mean)), low, high


def _along(y: Floats, v: Floats, theta: Floats) -> Floats:
    """Largest log-likelihood on rays, of a mean of either sign."""
    # Distances in units of the effects: beyond 3 nothing can be better than nearer.
    radius = np.concatenate([[0.0], np.geomspace(1e-6, 3.0, _RADII)])
    cos = np.concatenate([np.cos(theta), -np.cos(theta)])
    sin = np.concatenate([np.sin(theta), np.sin(theta)])

    def at(r: Floats) -> Floats:
        return _log_likelihood(
            y, v, (cos[:, np.newaxis] * r), (sin[:, np.newaxis] * r) ** 2
        )

    place = at(np.broadcast_to(radius, (cos.size, radius.size))).argmax(axis=1)
    low = radius[np.maximum(place - 1, 0)][:, np.newaxis]
    high = radius[np.minimum(place + 1, radius.size - 1)][:, np.newaxis]
    for _ in range(_GOLDEN):
        width = _SHRINK * (high - low)
        left, right = high - width, low + width
        better = at(left) > at(right)
        low, high = np.where(better, low, left), np.where(better, right, high)
    found = np.maximum(
        at(0.5 * (low + high))[:, 0], at(radius[place][:, np.newaxis])[:, 0]
    )
    return np.maximum(found[: theta.size], found[theta.size :])


@CV_INTERVALS.register(
    "Wald",
    label="Wald, of the logarithm",
    reference="The delta method; Takkouche et al. (1999). American Journal of "
    "Epidemiology 150:206-215, of the coefficient.",
    equation=r"\log\hat c \pm z \sqrt{\mathrm{SE}(\hat\tau^2)^2 / (4 \hat\tau^4) + "
    r"\mathrm{SE}(\hat\mu)^2 / \hat\mu^2}",
    traits=("approximate",),
)
def wald_of_ratio(y: Floats, v: Floats, level: float) -> CvEnds:
    """Normal limits of the logarithm; zero to infinity where tau2 is zero."""
    mean, tau2, se = _best(y, v)
    ratio = float(cv_of_tau(tau2, mean))
    if tau2 == 0.0 or mean == 0.0:
        return ratio, 0.0, float("inf")
    own = 1.0 / (1.0 / (v + tau2)).sum()
    spread = np.sqrt(se**2 / (4.0 * tau2**2) + own / mean**2)
    reach = -float(special.ndtri((1.0 - level) / 2.0)) * float(spread)
    return ratio, ratio * float(np.exp(-reach)), ratio * float(np.exp(reach))
