r"""Probability of a set of 2x2 tables under two binomials with one common risk.

The risk :math:`\theta` is given as :math:`\phi = 2 \arcsin \sqrt\theta`, the scale on
which the information of a binomial is constant.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from k2stats._typing import Bools, Floats, Ints
from k2stats.numerics.factorials import log_choose

_CHUNK = 400_000


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """A set of tables, as runs of events in group 2 for each count in group 1.

    Attributes
    ----------
    n1, n2 : int
        Sizes of the groups.
    lower : ndarray of int, shape (n1 + 1,)
        With x events in group 1, the tables with fewer than ``lower[x]`` events in
        group 2 belong to the set.
    upper : ndarray of int, shape (n1 + 1,)
        So do those with at least ``upper[x]``; ``n2 + 1`` for none.
    inner : tuple of (start, stop)
        And those from start to stop - 1, pairs of arrays like `lower`.
    """

    n1: int
    n2: int
    lower: Ints
    upper: Ints
    inner: tuple[tuple[Ints, Ints], ...] = ()

    def mirrored(self) -> "Region":
        """Return the set with events and non-events changed over."""
        end = self.n2 + 1
        return Region(
            self.n1,
            self.n2,
            end - self.upper[::-1],
            end - self.lower[::-1],
            tuple((end - b[::-1], end - a[::-1]) for a, b in self.inner),
        )

    @property
    def holds_none(self) -> bool:
        """Whether the table without events belongs to the set."""
        return bool(self.lower[0] > 0 or self.upper[0] == 0)

    @property
    def holds_all(self) -> bool:
        """Whether the table without non-events belongs to the set."""
        return bool(self.upper[-1] <= self.n2 or self.lower[-1] > self.n2)

    @property
    def is_everything(self) -> bool:
        """Whether every table belongs to the set."""
        return bool(np.all(self.lower > self.n2))

    @classmethod
    def from_rows(cls, blocks: Iterator[Bools], n1: int, n2: int) -> "Region":
        """Build from the membership matrix, handed over in blocks of rows."""
        lower = np.zeros(n1 + 1, dtype=np.int64)
        upper = np.full(n1 + 1, n2 + 1, dtype=np.int64)
        inner: list[tuple[Ints, Ints]] = []
        first = 0
        for member in blocks:
            edged = np.zeros((member.shape[0], n2 + 3), dtype=bool)
            edged[:, 1:-1] = member
            change = np.flatnonzero(edged[:, 1:] != edged[:, :-1])
            row, start = np.divmod(change[::2], n2 + 2)
            stop = change[1::2] % (n2 + 2)
            row += first
            first += member.shape[0]
            at_start = start == 0
            at_end = (stop == n2 + 1) & ~at_start
            lower[row[at_start]] = stop[at_start]
            upper[row[at_end]] = start[at_end]
            between = ~(at_start | at_end)
            row, start, stop = row[between], start[between], stop[between]
            # The k-th inner run of each row goes to the k-th pair of arrays.
            order = np.arange(row.size) - np.searchsorted(row, row)
            for k in range(int(order.max(initial=-1)) + 1):
                if k == len(inner):
                    none = np.zeros(n1 + 1, dtype=np.int64)
                    inner.append((none, none.copy()))
                here = order == k
                inner[k][0][row[here]] = start[here]
                inner[k][1][row[here]] = stop[here]
        return cls(n1, n2, lower, upper, tuple(inner))


@dataclass(frozen=True, slots=True, eq=False)
class _Window:
    """The counts of one binomial that matter, for each of G risks.

    Attributes
    ----------
    counts : ndarray of int, shape (G, W)
    pmf : ndarray, shape (G, W)
    """

    counts: Ints
    pmf: Floats

    @classmethod
    def at(cls, choose: Floats, phi: Floats, log_tail: float) -> "_Window":
        """Cut where Hoeffding's bound falls below ``exp(-log_tail)``."""
        n = choose.size - 1
        reach = math.ceil(math.sqrt(0.5 * n * (log_tail + 1.0))) + 1
        width = min(n + 1, 2 * reach + 1)
        start = np.floor(n * np.sin(phi / 2.0) ** 2).astype(np.int64) - reach
        start = np.clip(start, 0, n + 1 - width)
        counts = start[:, None] + np.arange(width)
        with np.errstate(divide="ignore"):
            log_risk = 2.0 * np.log(np.sin(phi / 2.0))[:, None]
            log_rest = 2.0 * np.log(np.cos(phi / 2.0))[:, None]
        pmf = np.exp(choose[counts] + counts * log_risk + (n - counts) * log_rest)
        return cls(counts, pmf)


def probability(region: Region, phi: Floats, log_tail: float = 745.0) -> Floats:
    r"""Probability of `region` at each common risk.

    .. math:: P_\theta(R) = \sum_{x} b(x; n_1, \theta)
        \sum_{y: (x, y) \in R} b(y; n_2, \theta)

    The inner sums are differences of cumulative binomials, always of the tail that
    is the smaller, so small probabilities keep their digits. The cost is of order
    :math:`\sqrt{n}` for each risk.

    Parameters
    ----------
    region : Region
    phi : ndarray, shape (G,)
        :math:`2 \arcsin \sqrt\theta`, strictly between 0 and pi.
    log_tail : float
        Counts with total probability below ``exp(-log_tail)`` are left out.

    Returns
    -------
    ndarray, shape (G,)

    Examples
    --------
    >>> both_or_none = Region(1, 1, np.array([1, 0]), np.array([2, 1]))
    >>> probability(both_or_none, np.array([np.pi / 2])).round(12)
    array([0.5])
    """
    choose1, choose2 = log_choose(region.n1), log_choose(region.n2)
    step = max(1, _CHUNK // (region.n1 + region.n2 + 2))
    parts = []
    for k in range(0, phi.size, step):
        part = phi[k : k + step]
        first = _Window.at(choose1, part, log_tail)
        second = _Window.at(choose2, part, log_tail)
        parts.append(_joint(region, first, second))
    return np.concatenate(parts)


def _joint(region: Region, first: _Window, second: _Window) -> Floats:
    """Sum over group 1 of its pmf times group 2's probability of the runs."""
    width = second.counts.shape[1]
    zero = np.zeros((second.pmf.shape[0], 1))
    below = np.hstack([zero, np.cumsum(second.pmf, axis=1)])
    above = np.hstack([np.cumsum(second.pmf[:, ::-1], axis=1)[:, ::-1], zero])
    start = second.counts[:, :1]

    def at(tail: Floats, count: Ints) -> Floats:
        place = np.clip(count[first.counts] - start, 0, width)
        return np.take_along_axis(tail, place, axis=1)

    inside = at(below, region.lower) + at(above, region.upper)
    for run_start, run_stop in region.inner:
        from_below = at(below, run_stop), at(below, run_start)
        from_above = at(above, run_start), at(above, run_stop)
        inside += np.where(
            from_below[0] <= from_above[0],
            from_below[0] - from_below[1],
            from_above[0] - from_above[1],
        )
    return np.asarray((first.pmf * inside).sum(axis=1))
