"""Sets of changes in the trials of a meta-analysis, and what they do to its limits."""

from collections.abc import Iterator
from math import comb

import numpy as np

from k2stats._typing import Bools, Floats, Ints
from k2stats.evidence import TwoByTwo
from k2stats.sensitivity.pooled_analyses import PooledAnalysis

_BATCH = 200_000
"""Tables pooled in one go, over all sets of a batch."""


class ChangeSearch:
    """Changes of one set of trials, written as 2K numbers: group 1, then group 2."""

    def __init__(self, table: TwoByTwo, how: PooledAnalysis) -> None:
        self.how, self.k = how, table.events1.size
        self.events: Floats = np.concatenate([table.events1, table.events2])
        self.n = np.concatenate([table.n1, table.n2])
        # Move 2j adds an event at place j, move 2j + 1 takes one away.
        self.unit = np.zeros((4 * self.k, 2 * self.k), dtype=np.int64)
        place = np.arange(2 * self.k)
        self.unit[2 * place, place] = 1
        self.unit[2 * place + 1, place] = -1

    def limits(self, changes: Ints) -> tuple[Floats, Floats, Floats]:
        """Estimate and limits after each of B changes, shape (B, 2K)."""
        rows = max(1, _BATCH // self.k)
        parts = []
        for at in range(0, changes.shape[0], rows):
            x: Floats = self.events + changes[at : at + rows].astype(float)
            n = np.broadcast_to(self.n, x.shape)
            k = self.k
            sets = TwoByTwo(x[:, :k], n[:, :k], x[:, k:], n[:, k:])
            parts.append(self.how.limits(sets))
        estimate, low, high = (np.concatenate(p) for p in zip(*parts, strict=True))
        return estimate, low, high

    def gaps(self, changes: Ints) -> Floats:
        """How far the null lies outside the interval; negative where inside."""
        _, low, high = self.limits(changes)
        gap = np.maximum(low, -high)
        return np.where(np.isnan(gap), -np.inf, gap)

    def estimates(self, changes: Ints) -> list[tuple[float, float, float]]:
        """Estimate and limits on the natural scale."""
        found = np.stack([self.how.to_natural(x) for x in self.limits(changes)], axis=1)
        return [(float(e), float(low), float(high)) for e, low, high in found]

    def allowed(self, changes: Ints) -> Bools:
        """Whether the events stay between none and all."""
        x = self.events + changes
        return np.asarray(((x >= 0) & (x <= self.n)).all(axis=1))

    def greedy(self, significant: bool, limit: int) -> Ints | None:
        """Take the best single change until the conclusion changes."""
        now = np.zeros(2 * self.k, dtype=np.int64)
        for _ in range(limit):
            step = self.unit[(self.unit * now >= 0).all(axis=1)]
            options = now + step
            options = options[self.allowed(options)]
            if not options.size:
                return None
            gap = self.gaps(options)
            best = int(np.argmin(gap) if significant else np.argmax(gap))
            now = options[best]
            if (gap[best] > 0.0) != significant:
                return np.asarray(now)
        return None

    def size(self, level: int) -> int:
        """Count the sets of changes at a level, bounds left aside."""
        places = 2 * self.k
        return sum(
            comb(places, j) * 2**j * comb(level - 1, j - 1) for j in range(1, level + 1)
        )

    def level(self, level: int, significant: bool) -> tuple[Ints | None, int]:
        """Look at every set of changes at a level; the first that does it, if any."""
        looked = 0
        for changes in self._all(level):
            gap = self.gaps(changes)
            looked += changes.shape[0]
            hits = np.flatnonzero((gap > 0.0) != significant)
            if hits.size:
                return np.asarray(changes[hits[0]]), looked
        return None, looked

    def _all(self, level: int) -> Iterator[Ints]:
        """Every set of changes at a level once, in batches.

        Sets are built move by move in ascending order of moves, so that each comes
        up once; a place that gains does not lose as well.
        """
        moves = self.unit.shape[0]
        last = np.arange(moves)
        partial = self.unit
        keep = self.allowed(partial)
        partial, last = partial[keep], last[keep]
        for step in range(2, level + 1):
            done_p, done_l = [], []
            for at in range(0, last.size, max(1, _BATCH // (moves * self.k))):
                stop = at + max(1, _BATCH // (moves * self.k))
                some, ends = partial[at:stop], last[at:stop]
                row, move = np.nonzero(np.arange(moves) >= ends[:, None])
                # the one lower move of the same place is its opposite
                fine = ~((move == ends[row] + 1) & (ends[row] % 2 == 0))
                row, move = row[fine], move[fine]
                new = some[row] + self.unit[move]
                keep = self.allowed(new)
                if step == level:
                    yield new[keep]
                else:
                    done_p.append(new[keep])
                    done_l.append(move[keep])
            if step < level:
                partial, last = np.concatenate(done_p), np.concatenate(done_l)
        if level == 1:
            yield partial
