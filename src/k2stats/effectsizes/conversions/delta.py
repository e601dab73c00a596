"""Any smooth function of an estimate, with its variance, by the delta method."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from k2stats._typing import Floats
from k2stats.effectsizes.conversions._shared import (
    choose,
    coerce,
    conversion,
    finite,
    nonnegative,
)
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence._coerce import frozen

ArrayFunction: TypeAlias = Callable[[Floats], Floats]
Correction: TypeAlias = Literal["none", "unbiased", "mean"]

_LEVELS = 34
_DEPTH = 6
_SHRINK = 2.0
_EPS = float(np.finfo(float).eps)


@dataclass(frozen=True, slots=True, eq=False)
class Transformed:
    """A transformed estimate.

    Unpacks as ``y, v = transformed``.

    Attributes
    ----------
    y, v : ndarray
        Estimate and sampling variance of f; NaN where f is not defined.
    derivative, second : ndarray
        Derivatives used; `second` is NaN where it was not needed.
    """

    y: Floats
    v: Floats
    derivative: Floats
    second: Floats

    def __iter__(self) -> Iterator[Floats]:
        return iter((self.y, self.v))


def differentiate(f: ArrayFunction, y: Floats, order: int = 1) -> Floats:
    r"""First or second derivative of an elementwise function, to near full precision.

    Central differences at steps that halve from half the value down to its ten
    billionth part are extrapolated (Ridders), and of all extrapolations the one
    that agrees best with its neighbours, rounding allowed for, is kept, for every
    element on its own. Steps that leave the domain of f are passed over, so that
    derivatives near an edge are found as well.

    Parameters
    ----------
    f : callable
        Takes and returns arrays of one shape, elementwise.
    y : ndarray
        Points.
    order : {1, 2}

    Returns
    -------
    ndarray
        NaN where no step stays in the domain.

    References
    ----------
    Ridders CJF (1982). Advances in Engineering Software 4:75.

    Examples
    --------
    >>> differentiate(np.log, np.array([0.5, 2.0])).round(10)
    array([2. , 0.5])
    """
    step = 0.5 * np.maximum(np.abs(y), 1.0)
    best, error = np.full(y.shape, np.nan), np.full(y.shape, np.inf)
    previous: list[Floats] = []
    with np.errstate(all="ignore"):
        middle = f(y) if order == 2 else y
        for level in range(_LEVELS):
            # A step that is a difference of doubles costs no rounding of its own.
            h = (y + step / _SHRINK**level) - y
            up, down = f(y + h), f(y - h)
            if order == 1:
                rough = (up - down) / (2.0 * h)
            else:
                rough = ((up - middle) - (middle - down)) / (h * h)
            # What rounding of f alone may do; without it, steps too small to
            # move f would agree on a derivative of 0.
            noise = _EPS * (np.abs(up) + np.abs(down)) / np.abs(h) ** order
            row = [rough]
            for k in range(min(level, _DEPTH)):
                power = _SHRINK ** (2 * (k + 1))
                finer = (power * row[k] - previous[k]) / (power - 1.0)
                gap = np.maximum(np.abs(finer - row[k]), np.abs(finer - previous[k]))
                better = gap + noise < error
                best = np.where(better, finer, best)
                error = np.where(better, gap + noise, error)
                row.append(finer)
            previous = row
    return best


@conversion(
    "delta",
    label="Delta method",
    reference="Oehlert GW. Am Stat 1992;46:27",
    equation="v_f = f'(y)^2 v [+ f''(y)^2 v^2 / 2]; y_f = f(y) [-/+ f''(y) v / 2]",
)
def transform(
    y: ArrayLike,
    v: ArrayLike,
    f: ArrayFunction,
    derivative: ArrayFunction | None = None,
    second: ArrayFunction | None = None,
    *,
    order: int = 1,
    correction: Correction = "none",
) -> Transformed:
    r"""Transform an estimate and its sampling variance by any smooth function.

    .. math::
        v_f = f'(y)^2 v \quad\text{(first order)}, \qquad
        v_f = f'(y)^2 v + \tfrac12 f''(y)^2 v^2 \quad\text{(second order)}

    and, for Jensen's inequality,

    .. math::
        y_f = f(y) - \tfrac12 f''(y) v \ \text{("unbiased" for } f(\mu)), \qquad
        y_f = f(y) + \tfrac12 f''(y) v \ \text{("mean" of f over } N(y, v)).

    Derivatives that are not given are found numerically.

    Parameters
    ----------
    y, v : array_like
        Estimates and sampling variances, at least 0.
    f : callable
        Elementwise function of an array.
    derivative, second : callable, optional
        Its first and second derivative.
    order : {1, 2}
        Terms of the variance; the second holds for normal estimates.
    correction : {"none", "unbiased", "mean"}
        What is done about the bias of f(y).

    Returns
    -------
    Transformed
        NaN where f or its derivative is not defined.

    Raises
    ------
    InvalidEvidenceError
        For infinite estimates, negative variances, an order other than 1 and 2, or
        a function that changes the shape.

    References
    ----------
    Oehlert GW (1992). A note on the delta method. The American Statistician 46:27.

    Examples
    --------
    >>> y, v = transform(0.5, 0.01, np.exp)
    >>> float(y.round(6)), float(v.round(6))
    (1.648721, 0.027183)
    >>> float(transform(0.5, 0.01, np.exp, order=2, correction="mean").y.round(6))
    1.656965
    """
    effect, variance = coerce(y=y, v=v)
    finite(y=effect)
    nonnegative(v=variance)
    choose("correction", correction, ("none", "unbiased", "mean"))
    if order not in (1, 2):
        raise InvalidEvidenceError(field="order", requirement="1 or 2", given=order)
    with np.errstate(all="ignore"):
        value = np.asarray(f(effect), dtype=float)
        if value.shape != effect.shape:
            raise InvalidEvidenceError(
                field="f",
                requirement="elementwise: one value for each estimate",
                given=value.shape,
            )
        slope = differentiate(f, effect) if derivative is None else derivative(effect)
        bend: Floats | float = np.nan
        if order == 2 or correction != "none":
            bend = differentiate(f, effect, 2) if second is None else second(effect)
        new_v = np.square(slope) * variance
        if order == 2:
            new_v = new_v + 0.5 * np.square(bend * variance)
        shift = {"none": 0.0, "unbiased": -0.5, "mean": 0.5}[correction]
        new_y = value + shift * bend * variance if shift else value
    made = []
    for x in (new_y, new_v, slope, bend):
        made.append(np.empty(effect.shape))
        made[-1][...] = x
    return Transformed(*map(frozen, made))


@conversion(
    "delta",
    label="Interval under a monotone function",
    reference="Oehlert GW. Am Stat 1992;46:27",
    equation="[min(f(low), f(high)), max(f(low), f(high))]",
)
def transform_interval(
    low: ArrayLike, high: ArrayLike, f: ArrayFunction
) -> tuple[Floats, Floats]:
    r"""Limits of an interval under a monotone function.

    .. math:: \left[\min(f(l), f(u)),\ \max(f(l), f(u))\right]

    An interval transformed so keeps its coverage, which one rebuilt from the delta
    method's variance does only nearly.

    Parameters
    ----------
    low, high : array_like
        Limits, in this order.
    f : callable
        Elementwise; increasing or decreasing between the limits, which is checked
        at 32 points.

    Raises
    ------
    InvalidEvidenceError
        For limits out of order, or a function that turns between them.

    References
    ----------
    Oehlert GW (1992). The American Statistician 46:27.

    Examples
    --------
    >>> [float(x.round(4)) for x in transform_interval(-0.5, 0.25, np.exp)]
    [0.6065, 1.284]
    """
    lower, upper = coerce(low=low, high=high)
    finite(low=lower, high=upper)
    shares = np.linspace(0.0, 1.0, 32)
    with np.errstate(all="ignore"):
        path = np.asarray(f(lower[..., None] + (upper - lower)[..., None] * shares))
        steps = np.diff(path, axis=-1)
    tolerance = 1e-12 * np.abs(path).max(axis=-1, keepdims=True)
    turns = np.any(steps > tolerance, axis=-1) & np.any(steps < -tolerance, axis=-1)
    for bad, field, requirement in (
        (lower > upper, "low", "at most high"),
        (turns, "f", "monotone between the limits"),
    ):
        if np.any(bad):
            raise InvalidEvidenceError(
                field=field,
                requirement=requirement,
                rows=np.flatnonzero(bad).tolist(),
            )
    first, last = f(lower), f(upper)
    return np.asarray(np.minimum(first, last)), np.asarray(np.maximum(first, last))
