"""Roots of the generalised Q statistic as a function of tau2."""

import numpy as np

from k2stats._typing import Bools, Floats
from k2stats.heterogeneity._fast import SearchesItself
from k2stats.heterogeneity._profile import Profile

CLOSE = 1e-8
STEPS = 2000


def solve_q(profile: Profile, target: Floats) -> tuple[Floats, Floats, Bools]:
    r"""Value of tau2 at which :math:`q(\tau^2) = y^\top P y` comes down to a target.

    :math:`1/q` rises and is concave in tau2, so that Newton's iteration for it, once
    left of the root, approaches from the left and cannot overshoot; a first step
    from the right ends left of the root.

    Parameters
    ----------
    profile : Profile
    target : ndarray, of the batch's shape
        Positive.

    Returns
    -------
    root : ndarray
        Zero where :math:`q(0)` is no larger than the target; NaN where the target
        is not positive.
    q : ndarray
        :math:`q(0)`.
    converged : ndarray of bool
    """
    if isinstance(profile, SearchesItself):
        return profile.roots(target)
    every = np.arange(target.size)
    at_zero, slope = profile.quadratic(np.zeros(target.size), every)
    root = np.where(at_zero <= target, 0.0, np.nan)
    where = np.flatnonzero((at_zero > target) & (target > 0.0))
    # The limit of large tau2, where q is the unweighted sum of squares over it.
    largest, spread = profile.extent()
    start = spread[where] / target[where] - largest[where]
    first = _step(at_zero[where], slope[where], target[where])
    t = np.maximum(first, start)
    for _ in range(STEPS):
        if where.size == 0:
            break
        goal = target[where]
        q, slope = profile.quadratic(t, where)
        step = _step(q, slope, goal)
        new = np.maximum(t + step, 0.0)
        done = np.abs(new - t) <= CLOSE * (t + profile.smallest[where])
        root[where[done]] = new[done]
        where, t = where[~done], new[~done]
    return root, at_zero, np.isfinite(root)


def _step(q: Floats, g: Floats, target: Floats) -> Floats:
    """Newton's step for 1/q, from q and minus its derivative."""
    return np.asarray(q / target * (q - target) / g)
