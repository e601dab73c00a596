"""Proof that a likelihood of tau2 without each study in turn has one maximum.

As :mod:`k2stats.heterogeneity._certify`, whose tests are used, with cells that all K
likelihoods share: the moments of all of them at one tau2 cost O(K).
"""

import numpy as np

from k2stats._typing import Bools, Floats
from k2stats.heterogeneity._certify import (
    falls,
    hides_nothing,
    rises,
    stays_above,
    stays_below,
)
from k2stats.heterogeneity._profile import Moments
from k2stats.models._leave_out_sums import Sums, sums_at

_CUTS = 100
"""Most cuts; the few likelihoods that need more are left without a proof."""


def only_maximum(
    c: Floats, v: Floats, tau2: Floats, at: Sums, *, restricted: bool
) -> Bools:
    """Whether each tau2 is the only maximum of its likelihood from zero on.

    Parameters
    ----------
    c, v : ndarray, shape (K,)
        Effects, near zero, and variances.
    tau2 : ndarray, shape (K,)
        Where the likelihood without each study is stationary, or zero.
    at : Sums
        At these.
    restricted : bool
    """

    def moments(t: float) -> Moments:
        return sums_at(c, v, t).moments(restricted=restricted)

    smallest, largest = float(v.min()), float(v.max())
    # From here on g / h falls, of the whole set and of any part: one maximum at most.
    bend = max(largest - 2.0 * smallest, 0.0)
    start = moments(0.0)
    end = moments(bend) if bend > 0.0 else start
    at_zero = ~(start.g > start.h)
    count = at_zero.astype(int) + (end.g > end.h)
    proved = np.isfinite(start.g + start.r + end.g + end.r)
    todo = [(0.0, bend, start, end, np.flatnonzero(proved))]
    cuts = 0
    while todo:
        a, b, ma, mb, which = todo.pop()
        pa, pb = ma.take(which), mb.take(which)
        length = np.full(which.size, b - a)
        above, below = pa.g > pa.h, ~(pb.g > pb.h)
        settled = falls(pa, pb) | rises(pa, pb) | hides_nothing(length, pa, pb)
        count[which[settled & above & below]] += 1
        for test, some in (
            (stays_above, above & ~below),
            (stays_below, below & ~above),
        ):
            ask = np.flatnonzero(some & ~settled)
            if ask.size:
                settled[ask] = test(length[ask], pa.take(ask), pb.take(ask))
        which = which[~settled]
        if which.size == 0:
            continue
        cuts += 1
        middle = float(np.sqrt((a + smallest) * (b + smallest)) - smallest)
        if cuts > _CUTS or not a < middle < b:
            proved[which] = False
            continue
        mm = moments(middle)
        todo += [(a, middle, ma, mm, which), (middle, b, mm, mb, which)]
    here = at.moments(restricted=restricted)
    peak = np.where(tau2 > 0.0, 2.0 * here.r > here.s, at_zero)
    return np.asarray(proved & (count == 1) & peak)
