"""Maxima of the likelihoods of tau2 for a whole batch."""

import numpy as np

from k2stats._typing import Bools, Floats, Ints
from k2stats.heterogeneity._certify import (
    At,
    cells_with_a_maximum,
    cut,
    falls_for_ever,
    join,
)
from k2stats.heterogeneity._fast import SearchesItself
from k2stats.heterogeneity._profile import Moments, Profile

CLOSE = 1e-8
"""Relative length of a Newton step after which the next one would be rounding."""
STEPS = 100


def maximise(
    profile: Profile, *, restricted: bool, penalised: bool = False
) -> tuple[Floats, Bools]:
    r"""Global maximum of the restricted or full likelihood of tau2 from zero on.

    Parameters
    ----------
    profile : Profile
    restricted : bool
        Restricted in place of full maximum likelihood.
    penalised : bool
        Add :math:`\tfrac12 \log \tau^2`, the logarithm of a gamma(2, 0) prior of tau.

    Returns
    -------
    tau2, converged : ndarray
        NaN and False where there are too few studies.
    """
    element, value, complete = maxima(
        profile, restricted=restricted, penalised=penalised
    )
    tau2 = np.full(profile.df.shape, np.nan)
    count = np.bincount(element, minlength=tau2.size)
    tau2[element] = value
    if count.max(initial=0) > 1:
        several = count[element] > 1
        element, value = element[several], value[several]
        height = profile.log_likelihood(value, element, restricted=restricted)
        if penalised:
            height = height + 0.5 * np.log(value)
        order = np.argsort(height, kind="stable")
        tau2[element[order]] = value[order]  # The highest is written last.
    return tau2, complete & np.isfinite(tau2)


def maxima(
    profile: Profile, *, restricted: bool, penalised: bool = False
) -> tuple[Ints, Floats, Bools]:
    """Every local maximum of a likelihood of tau2, the one at zero among them.

    Returns
    -------
    element : ndarray of int
        Which element of the batch a maximum belongs to.
    value : ndarray
        Where it is.
    complete : ndarray of bool, of the batch's shape
        False where the search did not end.
    """
    if isinstance(profile, SearchesItself):
        return profile.maxima(restricted=restricted, penalised=penalised)
    complete = np.ones(profile.df.shape, dtype=bool)
    modes = []
    every = np.flatnonzero(profile.df >= (2.0 if penalised and restricted else 1.0))

    def at(t: Floats, pick: Ints) -> Moments:
        m = profile.moments(t, pick, restricted=restricted)
        return _penalise(m, t) if penalised else m

    largest, spread = profile.extent()
    n = (profile.df if restricted else profile.k)[every]
    upper = _upper(
        profile.smallest[every], largest[every], spread[every], n, penalised=penalised
    )
    low = np.zeros(every.size)
    if penalised:
        # Where 1 / t exceeds h(0) the penalty outweighs h, which falls.
        low = 0.5 / profile.moments(low, every, restricted=restricted).h
    else:
        flat = every[upper <= 0.0]
        modes.append((flat, np.zeros(flat.size)))
        go = upper > 0.0
        every, (upper, low) = every[go], _where(go, upper, low)
    at_low = at(low, every)
    # From `bend` on g / h falls: no more than one maximum lies beyond.
    bend = largest[every] - 2.0 * profile.smallest[every]
    bend = np.clip(bend, low, upper)
    at_zero = ~(at_low.g > at_low.h)
    modes.append((every[at_zero], low[at_zero]))
    over = at_zero & (bend <= low)
    if not penalised:
        over |= at_zero & falls_for_ever(low, at_low, largest[every])
    go = ~over
    every, (low, bend, upper) = every[go], _where(go, low, bend, upper)
    if every.size:
        at_low = at_low.take(np.flatnonzero(go))
        at_bend = at(bend, every)
        inside, complete[every] = cells_with_a_maximum(
            at, (every, low, bend, at_low, at_bend), profile.smallest
        )
        beyond = np.flatnonzero((at_bend.g > at_bend.h) & (upper > bend))
        last, a, b = every[beyond], bend[beyond], upper[beyond]
        ends = (last, a, b, at_bend.take(beyond), at(b, last))
        modes.append(_refine(at, join([inside, ends]), profile.smallest))
    element = np.concatenate([m[0] for m in modes])
    return element, np.concatenate([m[1] for m in modes]), complete


def _penalise(m: Moments, t: Floats) -> Moments:
    """Add the derivative of the logarithm of tau to g."""
    g = m.g + 1.0 / t
    return Moments(g, (m.g * m.r + 0.5 / t**2) / g, m.h, m.s)


def _upper(
    small: Floats, large: Floats, spread: Floats, n: Floats, *, penalised: bool
) -> Floats:
    r"""Value of tau2 beyond which the likelihood falls.

    With R the unweighted sum of squares, :math:`g \le R / (\min v + t)^2` and
    :math:`h \ge n / (\max v + t)`. Half of h is kept for the penalty.
    """
    if penalised:
        n = 0.5 * (n - 1.0)
    ratio = 0.5 * spread / n
    x = ratio + np.sqrt(ratio * (ratio + 2.0 * (large - small)))
    # Rounding must not put the bound below the maximum.
    upper = x * (1.0 + 1e-12) - small
    return np.maximum(upper, large / n) if penalised else upper


def _refine(
    at: At, cells: tuple[Ints, Floats, Floats, Moments, Moments], offset: Floats
) -> tuple[Ints, Floats]:
    """Newton's iteration for g / h = 1 in cells where it falls, never leaving them."""
    element, a, b, ma, mb = cells
    root = np.full(a.shape, np.nan)
    where = np.arange(a.size)
    shift = offset[element]
    # Newton from the nearer end, whose moments are at hand.
    left = (ma.g / ma.h) * (mb.g / mb.h) <= 1.0
    t = np.where(left, a + _newton(ma), b + _newton(mb))
    t = np.where((t > a) & (t < b), t, cut(a, b, ma, mb, shift))
    for _ in range(STEPS):
        if where.size == 0:
            break
        m = at(t, element[where])
        rising = m.g > m.h
        a, b = np.where(rising, t, a), np.where(rising, b, t)
        new = t + _newton(m)
        inside = (new >= a) & (new <= b)
        new = np.where(inside, new, 0.5 * (a + b))
        done = (np.abs(new - t) <= CLOSE * (t + shift)) & inside
        done |= (b - a) <= 1e-15 * (b + shift)
        root[where[done]] = new[done]
        where = where[~done]
        a, b, t, shift = _where(~done, a, b, new, shift)
    return cells[0], root


def _newton(m: Moments) -> Floats:
    """Newton's step for h / g = 1."""
    return np.asarray((m.g / m.h - 1.0) / (2.0 * m.r - m.s))


def _where(which: Bools, *arrays: Floats) -> list[Floats]:
    return [np.asarray(x[which]) for x in arrays]
