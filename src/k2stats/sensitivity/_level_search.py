"""The search level by level that works for every test and every set of moves."""

import numpy as np

from k2stats._typing import Bools, Floats, Ints
from k2stats.evidence import TwoByTwo
from k2stats.sensitivity.criteria import Criterion
from k2stats.sensitivity.moves import MoveSet

_LARGEST = 1_000_000
"""Tables looked at in one go."""


def nearest_by_levels(
    table: TwoByTwo,
    significant: Bools,
    rule: Criterion,
    moves: MoveSet,
    depth: int | None,
) -> tuple[Floats, Floats, Floats, Bools]:
    """Look at every table of level 1, then of level 2, until each trial is decided."""
    size = table.events1.size
    index, change1, change2 = (np.full(size, np.nan) for _ in range(3))
    exhausted = np.zeros(size, dtype=bool)
    open_, level = np.arange(size), 0
    while open_.size and (depth is None or level < depth):
        level += 1
        left = []
        width = moves(_rows(table, open_[:1]), significant[open_[:1]], level)[0].size
        step = max(1, _LARGEST // width)
        for start in range(0, open_.size, step):
            rows = open_[start : start + step]
            part, now = _rows(table, rows), significant[rows]
            f1, f2 = np.broadcast_arrays(*moves(part, now, level))
            f1, f2 = (np.broadcast_to(f, (rows.size, f.shape[1])) for f in (f1, f2))
            allowed = _allowed(part, f1, f2)
            row, column = np.nonzero(allowed)
            d1, d2 = f1[row, column], f2[row, column]
            moved = TwoByTwo(
                part.events1[row] + d1,
                part.n1[row],
                part.events2[row] + d2,
                part.n2[row],
            )
            changes = np.zeros(allowed.shape, dtype=bool)
            if row.size:
                changes[row, column] = rule.rejects(moved) != now[row]
            hit = changes.any(axis=1)
            first = np.argmax(changes, axis=1)[:, None]
            done = rows[hit]
            index[done] = level
            change1[done] = np.take_along_axis(f1, first, axis=1)[hit, 0]
            change2[done] = np.take_along_axis(f2, first, axis=1)[hit, 0]
            dead = ~allowed.any(axis=1)
            exhausted[rows[dead]] = True
            left.append(rows[~hit & ~dead])
        open_ = np.concatenate(left)
    return index, change1, change2, exhausted


def _rows(table: TwoByTwo, rows: Ints) -> TwoByTwo:
    return TwoByTwo(
        table.events1[rows], table.n1[rows], table.events2[rows], table.n2[rows]
    )


def _allowed(table: TwoByTwo, f1: Ints, f2: Ints) -> Bools:
    """Whether the changed events lie between 0 and the size of the group."""
    x1, x2 = table.events1[:, None] + f1, table.events2[:, None] + f2
    n1, n2 = table.n1[:, None], table.n2[:, None]
    return np.asarray((x1 >= 0) & (x1 <= n1) & (x2 >= 0) & (x2 <= n2))


def count_below(
    table: TwoByTwo, significant: Bools, moves: MoveSet, index: Floats
) -> Floats:
    """Count the tables at levels below the index."""
    count, open_, level = np.zeros(index.shape), np.arange(index.size), 0
    while True:
        level += 1
        open_ = open_[index[open_] > level]
        if not open_.size:
            return count
        part = _rows(table, open_)
        allowed = _allowed(part, *moves(part, significant[open_], level))
        count[open_] += allowed.sum(axis=1)
        open_ = open_[allowed.any(axis=1)]
