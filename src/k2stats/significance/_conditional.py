"""The noncentral hypergeometric distribution in logarithms, for tables in batches."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy import special

from k2stats._typing import Bools, Floats, Ints
from k2stats.evidence import TwoByTwo
from k2stats.numerics.roots import bracketed_root

CELLS_AT_ONCE = 100_000
"""Tables are taken together until their supports hold so many outcomes."""
LOG_RANGE = 200.0
"""Log odds ratios are sought within this distance of zero."""


@dataclass(frozen=True, slots=True)
class _Rows:
    """Outcomes of some tables, a row each, relative to the one observed.

    Attributes
    ----------
    offset : ndarray, shape (rows, width)
        Events in group 1 minus those observed.
    log_weight : ndarray, shape (rows, width)
        Log probability at an odds ratio of 1, minus that of the table observed;
        minus infinity outside the support.
    """

    offset: Floats
    log_weight: Floats

    def flipped(self) -> "_Rows":
        """Return the distribution of minus the offset."""
        return _Rows(-self.offset[:, ::-1], self.log_weight[:, ::-1])

    @property
    def at_start(self) -> Bools:
        """Whether the observed outcome is the least possible."""
        return np.asarray(
            ~np.any(np.isfinite(self.log_weight) & (self.offset < 0), axis=1)
        )


class ConditionalTable:
    r"""Tables given their margins.

    With events :math:`m` in all and odds ratio :math:`\psi`,
    :math:`P(X = k) \propto \binom{n_1}{k} \binom{n_2}{m - k} \psi^k`. The weights are
    cumulated as logarithms of their ratios from the outcome observed, so that
    nothing overflows and little is lost with tens of thousands in a group.

    Parameters
    ----------
    table : TwoByTwo
        Of any shape; results have the same one.

    Examples
    --------
    >>> tea = ConditionalTable(TwoByTwo.from_cells(a=3, b=1, c=1, d=3))
    >>> tea.estimate().round(4)
    array([6.4083])
    """

    def __init__(self, table: TwoByTwo) -> None:
        self._shape = table.shape
        self._x = table.events1.ravel()
        self._n1, self._n2 = table.n1.ravel(), table.n2.ravel()
        self._m = self._x + table.events2.ravel()
        self._least = np.maximum(0.0, self._m - self._n2)
        self._most = np.minimum(self._n1, self._m)

    def estimate(self) -> Floats:
        """Conditional maximum likelihood estimate of the odds ratio.

        0 or infinity where the outcome is the least or greatest possible, NaN where
        it is the only one.
        """

        def solve(rows: _Rows) -> Floats:
            def mean(log_ratio: Floats) -> Floats:
                logs = rows.log_weight + rows.offset * log_ratio[:, None]
                weight = np.exp(logs - logs.max(axis=1, keepdims=True))
                total = np.sum(weight, axis=1)
                return np.asarray(np.sum(rows.offset * weight, axis=1) / total)

            return _root(mean, len(rows.offset))

        found = self._each(solve)
        found = np.where(self._x == self._least, 0.0, found)
        found = np.where(self._x == self._most, np.inf, found)
        found = np.where(self._least == self._most, np.nan, found)
        return found.reshape(self._shape)

    def limits(self, tail: float, share: float) -> tuple[Floats, Floats]:
        """Odds ratios at which each tail, the outcome observed included, is `tail`.

        Parameters
        ----------
        tail : float
            Below one half.
        share : float
            Share of the observed outcome's probability that counts: 1, or 0.5 for
            the mid-p.
        """
        low = self._each(lambda rows: _lower(rows, tail, share))
        high = _inverse(self._each(lambda rows: _lower(rows.flipped(), tail, share)))
        return low.reshape(self._shape), high.reshape(self._shape)

    def minimum_likelihood_limits(self, alpha: float) -> tuple[Floats, Floats]:
        """Ends of the odds ratios that Fisher's two-sided test does not reject."""
        low = self._each(lambda rows: _minimum_likelihood_lower(rows, alpha))
        high = _inverse(
            self._each(lambda rows: _minimum_likelihood_lower(rows.flipped(), alpha))
        )
        return low.reshape(self._shape), high.reshape(self._shape)

    def _each(self, solve: Callable[[_Rows], Floats]) -> Floats:
        """Apply a solver to all tables, those of like support together."""
        out = np.empty_like(self._x)
        with np.errstate(all="ignore"):
            for index in self._groups():
                out[index] = solve(self._rows(index))
        return out

    def _groups(self) -> Iterator[Ints]:
        """Split the tables so that no group holds too many outcomes."""
        size = (self._most - self._least + 1.0).astype(np.int64)
        order = np.argsort(size, kind="stable")
        start = 0
        while start < order.size:
            stop = start + 1
            while (
                stop < order.size
                and (stop + 1 - start) * size[order[stop]] <= CELLS_AT_ONCE
            ):
                stop += 1
            yield order[start:stop]
            start = stop

    def _rows(self, index: Ints) -> _Rows:
        """Distribution of each table of a group at an odds ratio of 1."""
        x, n1, n2, m = (v[index, None] for v in (self._x, self._n1, self._n2, self._m))
        least, most = self._least[index, None], self._most[index, None]
        k = least + np.arange(int(np.max(most - least)) + 1)
        # Ratio of each weight to the one before, as logarithm.
        steps = np.log((n1 - k + 1.0) * (m - k + 1.0)) - np.log(k * (n2 - m + k))
        steps = np.where((k > least) & (k <= most), steps, 0.0)
        logs = np.cumsum(steps, axis=1)
        logs = logs - np.take_along_axis(logs, (x - least).astype(np.int64), axis=1)
        return _Rows(k - x, np.where(k <= most, logs, -np.inf))


def _inverse(values: Floats) -> Floats:
    """Reciprocal, infinite at 0."""
    with np.errstate(divide="ignore"):
        return np.asarray(1.0 / values)


def _log_sum(logs: Floats) -> Floats:
    """Logarithm of the sum of exponentials of each row."""
    top = logs.max(axis=1, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)
    return np.asarray(np.log(np.sum(np.exp(logs - top), axis=1)) + top[:, 0])


def _root(f: Callable[[Floats], Floats], rows: int) -> Floats:
    """Odds ratio at which an increasing function of its logarithm is zero."""
    ends = np.full(rows, LOG_RANGE)
    root, _ = bracketed_root(f, -ends, ends)
    return np.asarray(np.exp(root))


def _lower(rows: _Rows, tail: float, share: float) -> Floats:
    """Lower limit; 0 where the outcome observed is the least possible."""
    here = rows.offset == 0
    above = np.where(rows.offset > 0, rows.log_weight, -np.inf)
    below = np.where(rows.offset < 0, rows.log_weight, -np.inf)
    above = np.where(here, np.log(share), above)
    below = np.where(here, np.log1p(-share), below)
    target = special.logit(tail)

    def excess(log_ratio: Floats) -> Floats:
        # The log odds of the tail are nearly linear in the log odds ratio.
        tilt = rows.offset * log_ratio[:, None]
        return _log_sum(above + tilt) - _log_sum(below + tilt) - target

    found = _root(excess, len(rows.offset))
    return np.where(rows.at_start, 0.0, found)


def _minimum_likelihood_lower(rows: _Rows, alpha: float) -> Floats:
    """Lower end of each row's set of odds ratios that the test does not reject."""
    low = [
        _first_not_rejected(offset[kept], logs[kept], alpha)
        for offset, logs in zip(rows.offset, rows.log_weight, strict=True)
        for kept in [np.isfinite(logs)]
    ]
    return np.array(low)


def _first_not_rejected(offset: Floats, logs: Floats, alpha: float) -> float:
    """Least odds ratio at which the two-sided p-value exceeds `alpha`.

    Going up from zero, the outcomes below the one observed join its critical region
    one at a time, the farthest first, each where it becomes as improbable. Between
    two such points p is one minus the probability of a run of outcomes, which is
    log-concave: p falls, then rises, and can cross alpha upwards once.
    """
    outcomes = np.flatnonzero(offset < 0)
    if outcomes.size == 0:
        return 0.0
    joins = logs[outcomes] / -offset[outcomes]
    block = max(1, CELLS_AT_ONCE // offset.size)
    for start in range(0, outcomes.size, block):
        at = outcomes[start : start + block]
        tilted = logs + offset * joins[start : start + block, None]
        chance = np.exp(tilted - _log_sum(tilted)[:, None])
        outside = (offset >= 0) | (np.arange(offset.size) < at[:, None])
        before = np.sum(np.where(outside, chance, 0.0), axis=1)
        after = before + chance[np.arange(at.size), at]
        hits = np.flatnonzero(after > alpha)
        if hits.size:
            hit = int(hits[0])
            if before[hit] <= alpha:
                return float(np.exp(joins[start + hit]))
            return _cross(offset, logs, start + hit, joins, alpha)
    # At the last point every outcome is in the region and p is 1.
    return float(np.exp(joins[-1]))


def _cross(
    offset: Floats, logs: Floats, first_out: int, joins: Floats, alpha: float
) -> float:
    """Odds ratio in one stretch at which p rises through `alpha`."""
    out = (offset < 0) & (np.arange(offset.size) >= first_out)

    def excess(log_ratio: Floats) -> Floats:
        tilted = logs + offset * log_ratio[:, None]
        inside = _log_sum(np.where(out, -np.inf, tilted))
        return np.asarray(inside - _log_sum(tilted) - np.log(alpha))

    low = -LOG_RANGE if first_out == 0 else joins[first_out - 1]
    root, _ = bracketed_root(excess, np.array([low]), np.array([joins[first_out]]))
    return float(np.exp(root[0]))
