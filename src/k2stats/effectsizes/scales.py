"""The scales effect sizes are analysed on, and the way back to what people read."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from scipy import special

from k2stats._typing import Floats
from k2stats.errors import MissingInputError, UnknownMethodError

Back: TypeAlias = Callable[[Floats], Floats]
BackWithSize: TypeAlias = Callable[[Floats, Floats], Floats]


@dataclass(frozen=True, slots=True)
class Scale:
    """A scale of analysis.

    Attributes
    ----------
    name : str
        E.g. ``"log"``.
    forward : str
        The transformation in words or symbols.
    back : callable
        From the scale of analysis to the natural one, elementwise.
    back_with_size : callable or None
        The same where it depends on the sample size or person-time.
    identity : bool
        Whether the scale is already the natural one.
    decreasing : bool
        Whether the natural value falls as the effect rises, so that the limits
        of an interval change places.
    """

    name: str
    forward: str
    back: Back
    back_with_size: BackWithSize | None = None
    identity: bool = False
    decreasing: bool = False

    def to_natural(self, y: Floats, size: Floats | None = None) -> Floats:
        """Back-transform; `size` where the scale needs n or person-time.

        Raises
        ------
        MissingInputError
            If the scale needs sizes and none were given.
        """
        if self.back_with_size is None:
            return self.back(np.asarray(y, dtype=float))
        if size is None:
            raise MissingInputError(
                field="n",
                needed_for=f"the back-transformation of the {self.name} scale",
                hint="give sample sizes, or their harmonic mean for a pooled value",
            )
        return self.back_with_size(np.asarray(y, dtype=float), np.asarray(size))


def harmonic_mean(n: Floats) -> Floats:
    """Harmonic mean over studies (last axis), as Miller (1978) uses it.

    Examples
    --------
    >>> float(harmonic_mean(np.array([10.0, 30.0])))
    15.0
    """
    return np.asarray(n.shape[-1] / np.sum(1.0 / n, axis=-1))


def miller_back(t: Floats, n: Floats) -> Floats:
    r"""Proportion whose Freeman-Tukey double arcsine is `t`, for a sample of `n`.

    With :math:`u = 2t` (the transform here is the mean of the two arcsines),

    .. math:: p = \tfrac12\left(1 - \operatorname{sgn}(\cos u)
        \sqrt{1 - \left(\sin u + \frac{\sin u - 1/\sin u}{n}\right)^2}\right),

    0 below the transform of no events and 1 above that of n events.

    References
    ----------
    Miller, J. J. (1978). The inverse of the Freeman-Tukey double arcsine
    transformation. The American Statistician, 32, 138.

    Examples
    --------
    >>> from k2stats.effectsizes.proportions import double_arcsine
    >>> t = double_arcsine(np.array([3.0]), np.array([12.0]))
    >>> miller_back(t, np.array([12.0])).round(12)
    array([0.25])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        u = 2.0 * t
        s = np.sin(u)
        inner = s + (s - 1.0 / s) / n
        root = np.sqrt(np.maximum(1.0 - inner * inner, 0.0))
        p = 0.5 * (1.0 - np.sign(np.cos(u)) * root)
        least = 0.5 * np.arcsin(np.sqrt(1.0 / (n + 1.0)))
        p = np.where(t <= least, 0.0, np.where(t >= np.pi / 2 - least, 1.0, p))
        return np.asarray(np.where(np.isnan(t), np.nan, p))


def double_root_back(t: Floats, time: Floats) -> Floats:
    r"""Rate whose Freeman-Tukey square root is `t`, for person-time `time`.

    .. math:: \lambda = \frac{\left(2t - 1 / (2tT)\right)^2}{4}
        \quad\text{for}\quad 2t = \sqrt{\lambda} + \sqrt{\lambda + 1/T}.

    Examples
    --------
    >>> t = 0.5 * (np.sqrt(3 / 12) + np.sqrt(4 / 12))
    >>> double_root_back(np.array([t]), np.array([12.0])).round(12)
    array([0.25])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        s = 2.0 * t
        root = 0.5 * (s - 1.0 / (s * time))
        # Below the transform of no events the rate is 0; for s < 0 the root is not.
        positive = (s > 0) & (root > 0)
        return np.asarray(
            np.where(np.isnan(t), np.nan, np.where(positive, root * root, 0.0))
        )


def _sin2(y: Floats) -> Floats:
    return np.asarray(np.sin(np.clip(y, 0.0, np.pi / 2)) ** 2)


def _square(y: Floats) -> Floats:
    return np.asarray(np.maximum(y, 0.0) ** 2)


def _cube(y: Floats) -> Floats:
    return np.asarray(1.0 - (1.0 - y) ** 3)


def _efficacy(y: Floats) -> Floats:
    return np.asarray(1.0 - _exp(y))


def _random_r2(y: Floats) -> Floats:
    return np.asarray(np.tanh(np.maximum(y, 0.0)) ** 2)


def _fixed_r2(y: Floats) -> Floats:
    t = np.tanh(np.maximum(y, 0.0) / np.sqrt(2.0)) ** 2
    return np.asarray(2.0 * t / (1.0 + t))


def _exp(y: Floats) -> Floats:
    with np.errstate(over="ignore"):
        return np.asarray(np.exp(y))


_ALL = (
    Scale("raw", "y", lambda y: y, identity=True),
    Scale("log", "log(x)", _exp),
    Scale("efficacy", "log(1 - VE)", _efficacy, decreasing=True),
    Scale("logit", "log(p / (1 - p))", lambda y: np.asarray(special.expit(y))),
    Scale("probit", "Phi^-1(p)", lambda y: np.asarray(special.ndtr(y))),
    Scale("arcsine", "arcsin(sqrt(p))", _sin2),
    Scale(
        "double-arcsine",
        "(arcsin(sqrt(x/(n+1))) + arcsin(sqrt((x+1)/(n+1)))) / 2",
        _sin2,
        miller_back,
    ),
    Scale("square-root", "sqrt(x)", _square),
    Scale(
        "double-square-root",
        "(sqrt(x/t) + sqrt((x+1)/t)) / 2",
        _square,
        double_root_back,
    ),
    Scale("fisher-z", "atanh(r)", lambda y: np.asarray(np.tanh(y))),
    Scale("fisher-z-r2", "atanh(R)", _random_r2),
    Scale("fixed-z-r2", "sqrt(2) atanh(R / sqrt(2 - R^2))", _fixed_r2),
    Scale("cube-root alpha", "1 - (1 - alpha)^(1/3)", _cube),
    Scale("log alpha", "-log(1 - alpha)", lambda y: np.asarray(-np.expm1(-y))),
    Scale("arcsine difference", "arcsin(sqrt(p1)) - arcsin(sqrt(p2))", lambda y: y),
    Scale("square-root difference", "sqrt(x1) - sqrt(x2)", lambda y: y),
)
SCALES: dict[str, Scale] = {s.name: s for s in _ALL}
"""Every scale, by name."""


def scale(name: str) -> Scale:
    """Scale of that name.

    Examples
    --------
    >>> scale("log").to_natural(np.array([0.0]))
    array([1.])
    """
    try:
        return SCALES[name]
    except KeyError:
        raise UnknownMethodError(kind="scale", name=name, known=tuple(SCALES)) from None
