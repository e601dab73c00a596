"""The nearest table that a conditional test calls otherwise, one margin at a time.

Given how many events there are in all, two ends tell for every table whether the test
rejects it. A change (f1, f2) moves that total by s = f1 + f2 and costs at least abs(s):
once the total has moved by as much as the best cost found, nothing nearer is left.
"""

import numpy as np

from k2stats._typing import Bools, Floats, Ints
from k2stats.evidence import TwoByTwo
from k2stats.sensitivity._margin_walk import MarginWalk

_FAR = np.iinfo(np.int64).max


def nearest_by_margin(
    table: TwoByTwo, significant: Bools, walks: list[MarginWalk], depth: int | None
) -> tuple[Floats, Floats, Floats, Bools]:
    """Cost and changes of the nearest table called otherwise, for T tables.

    Among equally near ones the least f1, then the least f2.

    Parameters
    ----------
    table : TwoByTwo
    significant : ndarray of bool, shape (T,)
    walks : list of MarginWalk
        From the margins of the trials up, and down; they are used up.
    depth : int or None

    Returns
    -------
    index, change1, change2 : ndarray, shape (T,)
        NaN where there is none.
    exhausted : ndarray of bool
        Where there is none at all, rather than none up to `depth`.
    """
    x1, b, x2, d = (v.astype(np.int64) for v in table.cells)
    n1, n2 = x1 + b, x2 + d
    limit = _FAR if depth is None else depth
    best: Ints = np.full(x1.shape, _FAR)
    change1, change2 = np.zeros_like(x1), np.zeros_like(x1)
    up, down = walks
    size = 0
    while size <= limit and (up.rows.size or down.rows.size):
        for walk, shift in ((down, -size), (up, size)):
            walk.keep(best[walk.rows] >= size)
            rows = walk.rows
            if not rows.size or (walk is down and size == 0):
                continue
            groups = x1[rows], n1[rows], x2[rows], n2[rows]
            cost, f1 = _nearest(*groups, shift, significant[rows], walk.ends())
            f2 = shift - f1
            tie = (cost == best[rows]) & (cost < _FAR)
            before = (f1 < change1[rows]) | (
                (f1 == change1[rows]) & (f2 < change2[rows])
            )
            better = (cost < best[rows]) | (tie & before)
            chosen = rows[better]
            best[chosen] = cost[better]
            change1[chosen], change2[chosen] = f1[better], f2[better]
        size += 1
        for walk in (down, up):
            walk.keep(best[walk.rows] >= size)
            walk.add_event()
    none = best == _FAR
    gone = none | (best > limit)
    found: list[Floats] = []
    for whole in (best, change1, change2):
        figures: Floats = np.full(whole.shape, np.nan)
        figures[~gone] = whole[~gone]
        found.append(figures)
    exhausted: Bools = none & (_reach(x1, n1, x2, n2) <= limit)
    return found[0], found[1], found[2], exhausted


def _reach(x1: Ints, n1: Ints, x2: Ints, n2: Ints) -> Ints:
    """Cost of the dearest change there is."""
    return np.asarray(np.maximum(x1, n1 - x1) + np.maximum(x2, n2 - x2))


def _nearest(
    x1: Ints,
    n1: Ints,
    x2: Ints,
    n2: Ints,
    shift: int,
    now: Bools,
    ends: tuple[Ints, Ints],
) -> tuple[Ints, Ints]:
    """Cost and f1 of the nearest table called otherwise among those of one total.

    A change costs abs(shift), the least, where the events of group 1 move from x1
    towards x1 + shift and no further, and 2 more for every step outside that range.
    """
    m = x1 + x2 + shift
    first, last = ends
    accepted = _into(x1, shift, first, last)
    below = _into(x1, shift, np.maximum(0, m - n2), first - 1)
    above = _into(x1, shift, last + 1, np.minimum(n1, m))
    is_below = below[0] <= above[0]  # of two that tie the one with the least f1
    outside = tuple(np.where(is_below, b, a) for b, a in zip(below, above, strict=True))
    cost, x = (np.where(now, a, o) for a, o in zip(accepted, outside, strict=True))
    return cost, x - x1


def _into(x1: Ints, shift: int, low: Ints, high: Ints) -> tuple[Ints, Ints]:
    """Least cost of a table with group 1 from `low` to `high`, and the least such."""
    start, end = x1 + min(shift, 0), x1 + max(shift, 0)
    x = np.where(high < start, high, np.maximum(low, start))
    cost = abs(shift) + 2 * (np.maximum(start - x, 0) + np.maximum(x - end, 0))
    return np.where(low <= high, cost, _FAR), x


def count_within(table: TwoByTwo, radius: Floats) -> Floats:
    """Count the changes of outcome that cost at least 1 and at most `radius`.

    Of a steps at most one way in one group and b in the other there are, with
    T(r) = (r + 1)(r + 2) / 2 for r of 0 or more and 0 below,
    T(r) - T(r - a - 1) - T(r - b - 1) + T(r - a - b - 2) that cost r at most.

    Examples
    --------
    >>> table = TwoByTwo.from_counts(events1=36, n1=167, events2=16, n2=165)
    >>> count_within(table, np.array([5.0]))
    array([60.])
    """
    x1, b, x2, d = table.cells
    r = np.minimum(radius, table.n1 + table.n2)

    def triangle(size: Floats) -> Floats:
        return np.where(size >= 0.0, 0.5 * (size + 1.0) * (size + 2.0), 0.0)

    count = np.full(r.shape, -4.0)  # the table itself is in each quarter
    for one in (x1, b):
        count = count - np.minimum(one, r)  # in two quarters each
        for other in (x2, d):
            count = count + triangle(r) - triangle(r - one - 1.0)
            count = count - triangle(r - other - 1.0)
            count = count + triangle(r - one - other - 2.0)
    for other in (x2, d):
        count = count - np.minimum(other, r)
    return count
