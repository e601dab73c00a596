r"""The largest probability of an event over an unknown common risk, certified.

With :math:`N` Bernoulli observations of risk :math:`\theta` and
:math:`\phi = 2 \arcsin \sqrt\theta`, the probability :math:`P(\phi)` of any event obeys
two inequalities, both Cauchy-Schwarz between the event and a derivative of the
likelihood:

.. math::
    |\partial_\phi \arcsin \sqrt P| \le \sqrt N / 2, \qquad
    |\partial^2_\phi P| \le \sqrt{P (1 - P)}\,
        \sqrt{2 N (N - 1) + N \cot^2 \phi}.

The first is the information inequality, Fisher's information on :math:`\phi` being
:math:`N`; the second its second-order form (Bhattacharyya 1946, Sankhya 8:1). They
bound P between two points where it is known, so a search that cuts intervals up
and drops those that cannot hold the largest value ends at the supremum.
"""

import math
from collections.abc import Callable

import numpy as np

from k2stats._typing import Floats

_PER_SD = 2
_FINE = 16
_MANY = 512
_FEW = 64
_PIECES = 8
_PEAKS = 64
_NEAR_BEST = 0.9
_REFINE = 9
_CLIMBED = 1e-6


def upper_bounds(left: Floats, right: Floats, at_ends: Floats, size: int) -> Floats:
    """Bound the probability within each interval from its values at the ends.

    Parameters
    ----------
    left, right : ndarray, shape (C,)
        Ends on the scale of phi, within [0, pi].
    at_ends : ndarray, shape (2, C)
        Probability at both ends.
    size : int
        Number of observations, N.

    Returns
    -------
    ndarray, shape (C,)
        No smaller than the probability anywhere within the interval.

    Examples
    --------
    The chance of one event among one observation is largest at the right end:

    >>> left, right = np.array([1.0]), np.array([1.1])
    >>> ends = np.array([np.sin(left / 2) ** 2, np.sin(right / 2) ** 2])
    >>> bool(upper_bounds(left, right, ends, 1)[0] >= ends[1, 0])
    True
    """
    width = right - left
    angle = np.arcsin(np.sqrt(np.clip(at_ends, 0.0, 1.0))).sum(axis=0) / 2.0
    angle = np.minimum(angle + math.sqrt(size) * width / 4.0, math.pi / 2.0)
    first = np.sin(angle) ** 2
    largest = np.where(first < 0.5, first * (1.0 - first), 0.25)
    edge = np.minimum(left, math.pi - right)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        curvature = 2.0 * size * (size - 1.0) + size / np.tan(np.maximum(edge, 0)) ** 2
        second = at_ends.max(axis=0) + np.sqrt(largest * curvature) * width**2 / 8.0
    return np.asarray(np.fmin(first, second))


def supremum(
    probability: Callable[[Floats], Floats],
    size: int,
    low: float = 0.0,
    high: float = math.pi,
    *,
    rtol: float = 1e-12,
) -> float:
    """Largest value of `probability` on [low, high].

    Intervals are cut up and dropped by :func:`upper_bounds` until none can hold a
    value above the largest one found by more than `rtol`. For very small
    probabilities the bounds, which are absolute, drop too little. Where cutting no
    longer helps and the intervals are below a 16th of the standard deviation of phi
    - as a function of phi, P is a sum of humps of about that width - the peaks that
    are left are climbed instead.

    Parameters
    ----------
    probability : callable
        Of an event in `size` Bernoulli observations, at phi in (0, pi); takes and
        returns arrays of shape (G,).
    size : int
    low, high : float
        Range of phi, strictly within (0, pi) where the event has positive
        probability at an end of it.
    rtol : float

    Returns
    -------
    float

    Examples
    --------
    >>> supremum(lambda phi: 2 * (np.sin(phi) / 2) ** 2, 2)
    0.5
    """
    cells = max(8, math.ceil((high - low) * math.sqrt(size) * _PER_SD))
    grid = np.linspace(low, high, cells + 1)
    inside = (grid > 0.0) & (grid < math.pi)
    values = np.zeros(grid.size)
    values[inside] = probability(grid[inside])
    ends = np.array([grid[:-1], grid[1:]])
    at_ends = np.array([values[:-1], values[1:]])
    best = float(values.max())
    before = 0
    while True:
        bound = upper_bounds(ends[0], ends[1], at_ends, size)
        keep = bound > best * (1.0 + rtol)
        if not keep.any():
            return best
        ends, at_ends = ends[:, keep], at_ends[:, keep]
        fine = (ends[1, 0] - ends[0, 0]) * math.sqrt(size) * _FINE <= 1.0
        left = ends.shape[1]
        if fine and left > max(_MANY, before):
            return max(best, _climb(probability, ends, at_ends, size))
        before = left
        pieces = _PIECES if left <= _FEW else 2
        share = np.arange(1, pieces)[:, None] / pieces
        inner = ends[0] + share * (ends[1] - ends[0])
        if np.any((inner <= ends[0]) | (inner >= ends[1])):
            return best
        at_inner = probability(inner.ravel()).reshape(inner.shape)
        best = max(best, float(at_inner.max()))
        ends, at_ends = _cut(ends, inner), _cut(at_ends, at_inner)


def _cut(ends: Floats, inner: Floats) -> Floats:
    """Both ends of the pieces between the ends and the inner points, in order."""
    points = np.vstack([ends[:1], inner, ends[1:]])
    return np.stack([points[:-1].T.ravel(), points[1:].T.ravel()])


def _climb(
    probability: Callable[[Floats], Floats], ends: Floats, at_ends: Floats, size: int
) -> float:
    """Climb the highest peaks of the remaining intervals, all of one width.

    Between points a 16th of a standard deviation apart a hump rises by a few in a
    thousand at most, so much lower peaks cannot win.
    """
    width = float(ends[1, 0] - ends[0, 0])
    points, place = np.unique(ends, return_index=True)
    values = at_ends.ravel()[place]
    apart = np.diff(points) > 1.5 * width
    rising = np.concatenate([[True], apart | (np.diff(values) >= 0)])
    falling = np.concatenate([apart | (np.diff(values) <= 0), [True]])
    near_best = values > _NEAR_BEST * values.max()
    peak = np.flatnonzero(rising & falling & near_best)
    peak = peak[np.argsort(values[peak])[-_PEAKS:]]
    centre, low, high = points[peak], ends.min(), ends.max()
    best = float(values.max())
    steps = np.linspace(-1.0, 1.0, _REFINE)
    while width * math.sqrt(size) > _CLIMBED:
        tries = np.clip(centre[:, None] + width * steps, low, high)
        found = probability(tries.ravel()).reshape(tries.shape)
        top = found.argmax(axis=1)
        best = max(best, float(found.max()))
        centre = np.take_along_axis(tries, top[:, None], axis=1)[:, 0]
        width *= 2.0 / (_REFINE - 1)
    return best
