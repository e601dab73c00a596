r"""The hypergeometric distribution of many tables at once, ties decided exactly.

Given its margins, a 2x2 table has one free cell :math:`x`, with

.. math:: P(x) = \binom{n_1}{x} \binom{n_2}{m - x} \Big/ \binom{n_1 + n_2}{m}.

The supports of many tables, each of its own length, lie end to end in one array
and are reduced with ``np.add.reduceat``.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from k2stats._typing import Bools, Floats, Ints
from k2stats.numerics.factorials import deviance, factorial_remainder

NEAR = 1e-9
"""Relative difference below which two probabilities are compared in integers."""
_LARGEST_CHUNK = 4_000_000
_LEAST_LOG = 760.0
"""Probabilities below exp(-760) are zero in double precision."""


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """Margins and observed cell of T tables, each array of shape ``(T,)``.

    Attributes
    ----------
    x : ndarray of int
        Observed events in group 1.
    n1, n2 : ndarray of int
        Sizes of the groups.
    m : ndarray of int
        Events in both groups together.
    """

    x: Ints
    n1: Ints
    n2: Ints
    m: Ints

    def __getitem__(self, rows: slice) -> "Tables":
        return Tables(self.x[rows], self.n1[rows], self.n2[rows], self.m[rows])


@dataclass(frozen=True, slots=True, eq=False)
class Supports:
    """The null distributions of T tables, supports end to end.

    Attributes
    ----------
    tables : Tables
    x : ndarray of int, shape (S,)
        Support points, all tables' one after the other.
    owner : ndarray of int, shape (S,)
        Which table each point belongs to.
    starts : ndarray of int, shape (T,)
        Where each table's points begin.
    log_pmf, pmf : ndarray, shape (S,)
    observed : ndarray, shape (T,)
        ``log_pmf`` at each table's own cell.
    """

    tables: Tables
    x: Ints
    owner: Ints
    starts: Ints
    log_pmf: Floats
    pmf: Floats
    observed: Floats

    @property
    def at(self) -> Ints:
        """The observed cell of the table each point belongs to, shape (S,)."""
        return self.tables.x[self.owner]

    def total(self, chosen: Bools) -> Floats:
        """Probability of the chosen points, for each table."""
        return np.add.reduceat(np.where(chosen, self.pmf, 0.0), self.starts)


def window(tables: Tables, log_tail: float = _LEAST_LOG) -> tuple[Ints, Ints]:
    r"""First and last support point that can matter, for each table.

    Hoeffding's inequality for sampling without replacement, in whichever of the
    four readings of the table draws the smallest sample :math:`s`:

    .. math:: P(|X - E X| \ge t) \le 2 \exp(-2 t^2 / s).

    Points beyond the window have total probability below ``exp(-log_tail)``.
    Hoeffding (1963), J Am Stat Assoc 58:13, section 6.
    """
    total = tables.n1 + tables.n2
    sample = np.minimum(
        np.minimum(tables.n1, tables.n2), np.minimum(tables.m, total - tables.m)
    )
    mean = tables.n1 * (tables.m / total)
    reach = np.sqrt(0.5 * sample * (log_tail + 1.0)) + 2.0
    low = np.maximum(np.maximum(0, tables.m - tables.n2), np.floor(mean - reach))
    high = np.minimum(np.minimum(tables.n1, tables.m), np.ceil(mean + reach))
    return low.astype(np.int64), high.astype(np.int64)


def log_pmf(x: Ints, tables: Tables, owner: Ints) -> Floats:
    r"""Logarithm of P(x) at points `x`, each in the table that `owner` names.

    With :math:`r` of :func:`factorial_remainder` and :math:`D` of
    :func:`deviance`, cells :math:`o` and their expectations :math:`e`,

    .. math:: \log P = r(n_1) + r(n_2) + r(m) + r(N - m) - r(N)
        - \sum_{cells} \{r(o) + D(o, e)\},

    in which no large terms cancel: the relative error of P is near
    :math:`10^{-14}` for arms of :math:`10^5`.

    Examples
    --------
    >>> tea = Tables(*(np.array([k]) for k in (3, 4, 4, 4)))
    >>> p = np.exp(log_pmf(tea.x, tea, np.array([0])))
    >>> bool(abs(p[0] - 16 / 70) < 1e-15)
    True
    """
    n1, n2, m = (v.astype(float) for v in (tables.n1, tables.n2, tables.m))
    total = n1 + n2
    share, rest = m / total, (total - m) / total
    constant = -factorial_remainder(total)
    for margin in (n1, n2, m, total - m):
        constant = constant + factorial_remainder(margin)
    remainder = _remainders(int(max(n1.max(), n2.max())))
    a, b_end, d_start = x, tables.n1[owner], (tables.n2 - tables.m)[owner]
    cells = (a, b_end - a, tables.m[owner] - a, d_start + a)
    expected = (n1 * share, n1 * rest, n2 * share, n2 * rest)
    result = constant[owner]
    for o, e in zip(cells, expected, strict=True):
        result -= remainder(o)
        result -= deviance(o.astype(float), np.where(e > 0, e, 1.0)[owner])
        empty = e == 0
        if empty.any():  # an empty margin: the cell is certain, its share is 1
            result += empty[owner]
    return result


def _remainders(largest: int) -> Callable[[Ints], Floats]:
    """Return factorial_remainder for counts up to `largest`, tabled if worth it."""
    if largest > _LARGEST_CHUNK:
        return lambda n: factorial_remainder(n.astype(float))
    table = factorial_remainder(np.arange(largest + 1, dtype=float))
    return lambda n: table[n]


def supports(tables: Tables) -> Supports:
    """Lay the null distributions of all tables end to end."""
    low, high = window(tables)
    sizes = high - low + 1
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
    each = np.arange(sizes.size)
    owner = np.repeat(each, sizes)
    x = np.arange(owner.size) + (low - starts)[owner]
    logs = log_pmf(x, tables, owner)
    pmf = np.exp(logs)
    pmf /= np.add.reduceat(pmf, starts)[owner]
    return Supports(
        tables, x, owner, starts, logs, pmf, log_pmf(tables.x, tables, each)
    )


def in_chunks(tables: Tables, kernel: Callable[[Supports], Floats]) -> Floats:
    """Apply `kernel` to the supports of all tables, memory kept bounded.

    Parameters
    ----------
    tables : Tables
    kernel : callable
        Takes the supports of some tables, returns one number for each of them.

    Returns
    -------
    ndarray, shape (T,)
    """
    low, high = window(tables)
    chunk = np.cumsum(high - low + 1) // _LARGEST_CHUNK
    cuts = [0, *(np.flatnonzero(np.diff(chunk)) + 1).tolist(), chunk.size]
    return np.concatenate(
        [kernel(supports(tables[first:last])) for first, last in pairwise(cuts)]
    )


def compare_likelihood(x: int, y: int, n1: int, n2: int, m: int) -> int:
    """Return -1, 0 or 1 as P(x) is below, equal to or above P(y), in integers.

    Examples
    --------
    >>> compare_likelihood(1, 3, 4, 4, 4), compare_likelihood(0, 3, 4, 4, 4)
    (0, -1)
    """
    if x == y:
        return 0
    if x < y:
        return -compare_likelihood(y, x, n1, n2, m)
    steps = x - y
    over = math.perm(n1 - y, steps) * math.perm(m - y, steps)
    under = math.perm(x, steps) * math.perm(n2 - m + x, steps)
    return (over > under) - (over < under)


def split_by_likelihood(s: Supports) -> tuple[Bools, Bools]:
    """Points strictly less likely than the observed one, and its exact ties.

    Floats decide unless two probabilities agree to :data:`NEAR`; those pairs are
    compared in integers. The mirror image of the observed cell, where the groups
    or the outcomes are equally large, ties without being looked at.

    Returns
    -------
    less, tied : ndarray of bool, shape (S,)
        The observed point itself is among the ties.
    """
    t = s.tables
    difference = s.log_pmf - s.observed[s.owner]
    near = np.abs(difference) <= NEAR
    tied = s.x == s.at
    none = np.int64(-1)
    tied |= s.x == np.where(t.n1 == t.n2, t.m - t.x, none)[s.owner]
    tied |= s.x == np.where(2 * t.m == t.n1 + t.n2, t.n1 - t.x, none)[s.owner]
    less = (difference < 0) & ~near
    for k in np.flatnonzero(near & ~tied).tolist():
        row = int(s.owner[k])
        order = compare_likelihood(
            int(s.x[k]), int(t.x[row]), int(t.n1[row]), int(t.n2[row]), int(t.m[row])
        )
        tied[k], less[k] = order == 0, order < 0
    return less, tied


def weights(first: int, last: int, n1: int, n2: int, m: int) -> int:
    r"""Sum of :math:`\binom{n_1}{x} \binom{n_2}{m - x}` from `first` to `last`, exact.

    Examples
    --------
    >>> weights(0, 4, 4, 4, 4) == math.comb(8, 4)
    True
    """
    first, last = max(first, 0, m - n2), min(last, n1, m)
    if first > last:
        return 0
    term = math.comb(n1, first) * math.comb(n2, m - first)
    total = term
    for x in range(first, last):
        term = term * (n1 - x) * (m - x) // ((x + 1) * (n2 - m + x + 1))
        total += term
    return total
