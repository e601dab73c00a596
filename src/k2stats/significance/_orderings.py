r"""Which 2x2 tables are at least as extreme as the observed one, ties exact.

Each function returns the set of all tables with the observed group sizes that an
unconditional exact test counts. Floats decide unless two statistics agree to a
relative 1e-9; those are compared in integers, so that tables which are equally
extreme stay together.
"""

import math
from collections.abc import Callable, Iterator
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from k2stats._typing import Bools, Floats, Ints
from k2stats.numerics.binomial import Region
from k2stats.numerics.factorials import log_choose
from k2stats.numerics.hypergeometric import (
    NEAR,
    Tables,
    compare_likelihood,
    in_chunks,
    split_by_likelihood,
    supports,
    weights,
    window,
)

Scalar = TypeVar("Scalar", np.float64, np.int64)

_BLOCK = 2_000_000
_DIGITS = 36.0
_LEAST_LOG = 745.0

Counts: TypeAlias = tuple[int, int, int, int]
"""events1, n1, events2, n2."""
Spread: TypeAlias = Callable[[int, int, int, int], int]
"""Squared standard error times a constant, from events1, events2, n1, n2."""


def pooled(a: int, c: int, n1: int, n2: int) -> int:
    """Events times non-events: the pooled variance up to a constant."""
    m = a + c
    return m * (n1 + n2 - m)


def unpooled(a: int, c: int, n1: int, n2: int) -> int:
    """Sum of the groups' own variances up to a constant."""
    return a * (n1 - a) * n2**3 + c * (n2 - c) * n1**3


def by_z(counts: Counts, spread: Spread) -> Region:
    r"""Tables with z at least the observed one.

    With :math:`D = a n_2 - c n_1` and V the `spread`, :math:`z^2 \propto D^2 / V`, in
    integers. Where V vanishes z is 0 if the risks are equal and infinite if they
    are 0 and 1. z rises with events in group 1 and falls with those in group 2,
    pooled or not, so each row of tables is found by bisection.
    """
    a, n1, c, n2 = counts
    rows = np.arange(n1 + 1)
    observed = _signed_square(np.array([a]), np.array([c]), n1, n2, spread)[0]
    slack = NEAR * abs(observed) if math.isfinite(observed) else 0.0
    inside = np.full(n1 + 1, -1)
    outside = np.full(n1 + 1, n2 + 1)
    while np.any(outside - inside > 1):
        middle = (inside + outside) // 2
        fits = _signed_square(rows, middle, n1, n2, spread) >= observed - slack
        open_ = outside - inside > 1
        inside = np.where(open_ & fits, middle, inside)
        outside = np.where(open_ & ~fits, middle, outside)
    last = np.maximum(inside, 0)
    at_last = _signed_square(rows, last, n1, n2, spread)
    for x in np.flatnonzero((inside >= 0) & (at_last <= observed + slack)).tolist():
        if not _at_least(x, int(last[x]), counts, spread):
            inside[x] -= 1
    return Region(n1, n2, inside + 1, np.full(n1 + 1, n2 + 1))


def by_absolute_z(counts: Counts, spread: Spread) -> Region:
    """Tables with z at least as far from 0 as the observed one."""
    a, n1, c, n2 = counts
    if a * n2 == c * n1:
        return _everything(n1, n2)
    if a * n2 < c * n1:
        counts = (n1 - a, n1, n2 - c, n2)
    one = by_z(counts, spread)
    return Region(n1, n2, one.lower, one.mirrored().upper)


def _signed_square(a: Ints, c: Ints, n1: int, n2: int, spread: Spread) -> Floats:
    """Square of z with its sign, up to a constant, in floats."""
    x, y = a.astype(float), c.astype(float)
    risk1, risk2 = x / n1, y / n2
    difference = (x * n2 - y * n1) / (n1 * float(n2))
    if spread is pooled:
        risk = (x + y) / (n1 + n2)
        variance = risk * (1.0 - risk)
    else:
        variance = risk1 * (1.0 - risk1) / n1 + risk2 * (1.0 - risk2) / n2
    with np.errstate(divide="ignore", invalid="ignore"):
        square = np.sign(difference) * difference**2 / variance
    return np.asarray(np.where(difference == 0, 0.0, square))


def _at_least(x: int, y: int, counts: Counts, spread: Spread) -> bool:
    """Whether z of the table (x, y) is at least the observed z, in integers."""
    a, n1, c, n2 = counts
    squares = []
    for events1, events2 in ((x, y), (a, c)):
        d = events1 * n2 - events2 * n1
        v = spread(events1, events2, n1, n2)
        squares.append(((d > 0) - (d < 0), d * d, v))
    (sign, top, v), (sign0, top0, v0) = squares
    if v == 0 or v0 == 0:  # z is 0 or infinite
        rank, rank0 = sign * (2 if v == 0 else 1), sign0 * (2 if v0 == 0 else 1)
        return rank >= rank0
    return sign * top * v0 >= sign0 * top0 * v


def by_fisher_greater(counts: Counts) -> Region:
    """Tables whose one-sided Fisher p (greater) is at most the observed one.

    Where the observed p is over one half the complementary tails are compared,
    which keep its digits.
    """
    a, n1, c, n2 = counts
    table = Tables(*(np.array([v]) for v in (a, n1, n2, a + c)))
    p = float(in_chunks(table, lambda s: s.total(s.x >= s.at))[0])
    q = float(in_chunks(table, lambda s: s.total(s.x < s.at))[0])
    if a == max(0, a + c - n2):  # p is 1
        return _everything(n1, n2)
    least = np.empty(n1 + n2 + 1, dtype=np.int64)
    for m, low, pmf in _margins(n1, n2, np.arange(n1 + n2 + 1), min(p, q)):
        if p <= q:
            tail = np.cumsum(pmf[:, ::-1], axis=1)[:, ::-1]
            place = (tail > p * (1.0 + NEAR)).sum(axis=1)
            near = _take(tail, place) >= p * (1.0 - NEAR)
            first = low + place
        else:  # P(X >= x) <= p where P(X < x) >= q
            tail = np.cumsum(pmf, axis=1)
            place = (tail < q * (1.0 - NEAR)).sum(axis=1)
            near = _take(tail, place) <= q * (1.0 + NEAR)
            first = low + place + 1
        for k in np.flatnonzero(near & (p > 0)).tolist():
            if _upper_exceeds(int(first[k]), int(m[k]), counts):
                first[k] += 1
        least[m] = first
    # P(X >= x | m) rises with m, so `least` does, and each row is one run.
    rows = np.arange(n1 + 1)
    count = np.searchsorted(least, rows, side="right") - rows
    return Region(n1, n2, np.clip(count, 0, n2 + 1), np.full(n1 + 1, n2 + 1))


def _upper_exceeds(x: int, m: int, counts: Counts) -> bool:
    """Whether P(X >= x | m) exceeds that of the observed table, in integers."""
    a, n1, c, n2 = counts
    own, total = a + c, n1 + n2
    if (x, m) == (a, own):
        return False
    here = weights(x, n1, n1, n2, m) * math.comb(total, own)
    return here > weights(a, n1, n1, n2, own) * math.comb(total, m)


def by_fisher(counts: Counts) -> Region:
    """Tables whose two-sided Fisher p (minimum likelihood) is at most the observed.

    Given its margin they are the least likely tables, taken in from both ends for
    as long as their total stays within the observed p; equally likely ones enter
    together. Margins m and N - m mirror each other, so half of them are visited.
    """
    a, n1, c, n2 = counts
    total = n1 + n2
    if 2 * (a + c) > total:
        a, c = n1 - a, n2 - c
    own = a + c
    s = supports(Tables(*(np.array([v]) for v in (a, n1, n2, own))))
    less, tied = split_by_likelihood(s)
    p = float(s.total(less | tied)[0])
    likelier = s.x[~(less | tied)]
    if likelier.size == 0:  # the observed table is a mode
        return _everything(n1, n2)
    ends = int(likelier[0]) - 1, int(likelier[-1]) + 1
    left, right = np.full(total + 1, -1), np.full(total + 1, n1 + 1)
    for m, low, pmf in _margins(n1, n2, np.arange(total // 2 + 1), p):
        left[m], right[m] = _grow_inwards(m, low, pmf, p, (n1, n2, own, *ends))
    left[own], right[own] = ends
    half = np.arange((total + 1) // 2)
    left[total - half], right[total - half] = n1 - right[half], n1 - left[half]
    return Region.from_rows(_rows(n1, n2, left, right), n1, n2)


def _grow_inwards(
    m: Ints, low: Ints, pmf: Floats, p: float, own: tuple[int, int, int, int, int]
) -> tuple[Ints, Ints]:
    """Last point on the left and first on the right that belong, for each margin."""
    n1, n2 = own[:2]
    order = np.argsort(pmf, axis=1, kind="stable")
    ranked = np.take_along_axis(pmf, order, axis=1)
    total = np.cumsum(ranked, axis=1)
    taken = (total <= p * (1.0 + NEAR)).sum(axis=1)
    last, following = _take(ranked, taken - 1), _take(ranked, taken)
    x = low + _take(order, taken - 1)
    y = low + _take(order, taken)
    twins = (taken > 0) & (following - last <= NEAR * following) & (following > 0)
    close = (taken > 0) & (_take(total, taken - 1) >= p * (1.0 - NEAR)) & (p > 0)
    mirrored = (n1 == n2) & (x + y == m)
    for k in np.flatnonzero(twins & ~mirrored).tolist():
        twins[k] = not compare_likelihood(int(x[k]), int(y[k]), n1, n2, int(m[k]))
    taken -= twins
    for k in np.flatnonzero(close & ~twins).tolist():
        ends = _ends(pmf[k : k + 1], order[k : k + 1], taken[k : k + 1], low[k : k + 1])
        if _outer_exceeds((int(ends[0][0]), int(ends[1][0])), int(m[k]), own):
            z = int(low[k] + order[k, taken[k] - 2]) if taken[k] > 1 else -1
            inside = z >= max(0, int(m[k]) - n2) and z <= min(n1, int(m[k]))
            pair = inside and not compare_likelihood(int(x[k]), z, n1, n2, int(m[k]))
            taken[k] -= 2 if pair else 1
    return _ends(pmf, order, taken, low)


def _ends(pmf: Floats, order: Ints, taken: Ints, low: Ints) -> tuple[Ints, Ints]:
    """Neighbours of the points not taken, which lie side by side."""
    width = pmf.shape[1]
    left_out = np.arange(width) >= taken[:, None]
    first = np.where(left_out, order, width).min(axis=1)
    last = np.where(left_out, order, -1).max(axis=1)
    return low + first - 1, low + last + 1


def _outer_exceeds(
    ends: tuple[int, int], m: int, own: tuple[int, int, int, int, int]
) -> bool:
    """Whether P(X <= left or X >= right | m) exceeds the observed p, in integers."""
    n1, n2, margin, left, right = own
    if m == margin:
        return False
    here = weights(0, ends[0], n1, n2, m) + weights(ends[1], n1, n1, n2, m)
    there = weights(0, left, n1, n2, margin) + weights(right, n1, n1, n2, margin)
    return here * math.comb(n1 + n2, margin) > there * math.comb(n1 + n2, m)


def _everything(n1: int, n2: int) -> Region:
    """Return the set of all tables."""
    end = np.full(n1 + 1, n2 + 1)
    return Region(n1, n2, end, end)


def _take(rows: NDArray[Scalar], place: Ints) -> NDArray[Scalar]:
    """Take one element of each row; beyond the last column, the last."""
    inside = np.clip(place, 0, rows.shape[1] - 1)
    return np.take_along_axis(rows, inside[:, None], axis=1)[:, 0]


def _margins(
    n1: int, n2: int, margins: Ints, level: float
) -> Iterator[tuple[Ints, Ints, Floats]]:
    """Null distributions of consecutive margins, in blocks.

    Each block holds margins, the first point of each, and probabilities with one
    row a margin, zero outside the support. Points whose total is negligible
    beside `level` are left out.
    """
    choose1, choose2, choose = (log_choose(n) for n in (n1, n2, n1 + n2))
    log_tail = _DIGITS - math.log(level) if level > 0 else _LEAST_LOG
    sizes = np.full((2, margins.size), 0) + np.array([[n1], [n2]])
    low, high = window(Tables(margins, sizes[0], sizes[1], margins), log_tail)
    step = max(1, _BLOCK // int((high - low).max() + 1))
    for k in range(0, margins.size, step):
        m, first, last = (v[k : k + step] for v in (margins, low, high))
        x = first[:, None] + np.arange(int((last - first).max()) + 1)
        rest = m[:, None] - x
        support = (x <= last[:, None]) & (rest >= 0)
        x, rest = np.minimum(x, n1), np.clip(rest, 0, n2)
        logs = choose1[x] + choose2[rest] - choose[m][:, None]
        yield m, first, np.where(support, np.exp(np.where(support, logs, 0.0)), 0.0)


def _rows(n1: int, n2: int, left: Ints, right: Ints) -> Iterator[Bools]:
    """Membership of all tables, in blocks of rows."""
    step = max(1, _BLOCK // (n2 + 1))
    left, right = (sliding_window_view(v, n2 + 1) for v in (left, right))
    for k in range(0, n1 + 1, step):
        x = np.arange(k, min(k + step, n1 + 1))[:, None]
        yield (x <= left[k : k + step]) | (x >= right[k : k + step])
