"""What a conditional test says of the tables that trials become, by its ends."""

import numpy as np

from k2stats._typing import Bools, Ints
from k2stats.evidence import TwoByTwo
from k2stats.sensitivity._margin_walk import MarginWalk


class ByMargins:
    """Decisions of a conditional test about the tables that trials become.

    Parameters
    ----------
    name, alpha
        As for :class:`MarginWalk`.
    table : TwoByTwo
        The trials, shape (T,).
    """

    def __init__(self, name: str, alpha: float, table: TwoByTwo) -> None:
        x1, b, x2, d = (v.astype(np.int64) for v in table.cells)
        self.m: Ints = x1 + x2
        self.walks = [
            MarginWalk(name, alpha, x1 + b, x2 + d, self.m, swapped=swapped)
            for swapped in (False, True)
        ]
        self.known: dict[int, tuple[Ints, Ints]] = {0: self._placed(0)}

    def open(self, rows: Ints) -> None:
        """Walk on with these trials only."""
        for walk in self.walks:
            walk.keep(np.isin(walk.rows, rows, assume_unique=True))

    def rejects(self, moved: TwoByTwo, rows: Ints) -> Bools:
        """Whether the tables lie outside the ends of their margins."""
        shift = (moved.events1 + moved.events2 - self.m[rows]).astype(np.int64)
        found = np.zeros(rows.size, dtype=bool)
        for s in np.unique(shift).tolist():
            first, last = self._at(s)
            here = shift == s
            x, at = moved.events1[here], rows[here]
            found[here] = (x < first[at]) | (x > last[at])
        return found

    def _at(self, shift: int) -> tuple[Ints, Ints]:
        """Ends after so many events more (fewer), walking there once."""
        side = 1 if shift > 0 else -1
        for step in range(1, abs(shift) + 1):
            if side * step not in self.known:
                walk = self.walks[0 if side > 0 else 1]
                walk.add_event()
                self.known[side * step] = self._placed(0 if side > 0 else 1)
        return self.known[shift]

    def _placed(self, which: int) -> tuple[Ints, Ints]:
        """Ends of the walk's margins, each at the place of its trial."""
        first, last = self.walks[which].ends()
        placed = []
        for end in (first, last):
            whole = np.zeros(self.m.size, dtype=np.int64)
            whole[self.walks[which].rows] = end
            placed.append(whole)
        return placed[0], placed[1]
