"""The search level by level that works for every test and every set of moves."""

from typing import Protocol

import numpy as np

from k2stats._typing import Bools, Floats, Ints
from k2stats.evidence import TwoByTwo
from k2stats.sensitivity.criteria import Criterion
from k2stats.sensitivity.moves import MoveSet

_LARGEST = 100_000
"""Tables looked at in one go: what is computed of them stays in the cache."""


class Decisions(Protocol):
    """Whether a test rejects tables that trials have become."""

    def open(self, rows: Ints) -> None:
        """Take note of the trials that are still open."""
        ...

    def rejects(self, moved: TwoByTwo, rows: Ints) -> Bools:
        """Say it of tables, given which trial each comes from."""
        ...


class ByCriterion:
    """Ask the criterion about every table."""

    def __init__(self, rule: Criterion) -> None:
        self.rule = rule

    def open(self, rows: Ints) -> None:
        """Nothing is kept from one level to the next."""

    def rejects(self, moved: TwoByTwo, rows: Ints) -> Bools:
        """Return what the criterion says."""
        return self.rule.rejects(moved)


def nearest_by_levels(
    table: TwoByTwo,
    significant: Bools,
    decisions: Decisions,
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
        decisions.open(open_)
        left = []
        width = moves(_rows(table, open_[:1]), significant[open_[:1]], level)[0].size
        step = max(1, _LARGEST // width)
        for start in range(0, open_.size, step):
            rows = open_[start : start + step]
            part, now = _rows(table, rows), significant[rows]
            f1, f2 = moves(part, now, level)
            changes, dead = _look(part, now, rows, f1, f2, decisions)
            hit = changes.any(axis=1)
            at = np.flatnonzero(hit)
            if at.size:
                first = np.argmax(changes[at], axis=1)
                done = rows[at]
                index[done] = level
                change1[done] = f1[at if f1.shape[0] > 1 else 0, first]
                change2[done] = f2[at if f2.shape[0] > 1 else 0, first]
            exhausted[rows[dead]] = True
            left.append(rows[~hit & ~dead])
        open_ = np.concatenate(left)
    return index, change1, change2, exhausted


def _look(
    part: TwoByTwo, now: Bools, rows: Ints, f1: Ints, f2: Ints, decisions: Decisions
) -> tuple[Bools, Bools]:
    """Which changes change the conclusion, and which trials allow none."""
    x1, x2 = part.events1[:, None] + f1, part.events2[:, None] + f2
    allowed = _inside(part, x1, x2)
    dead: Bools = ~np.asarray(allowed.any(axis=1))
    if allowed.all():
        owner = np.repeat(np.arange(rows.size), allowed.shape[1])
        moved = TwoByTwo(x1.ravel(), part.n1[owner], x2.ravel(), part.n2[owner])
        found = decisions.rejects(moved, rows[owner]).reshape(allowed.shape)
        return np.asarray(found != now[:, None]), dead
    changes: Bools = np.zeros(allowed.shape, dtype=bool)
    owner = np.nonzero(allowed)[0]
    if owner.size:
        moved = TwoByTwo(x1[allowed], part.n1[owner], x2[allowed], part.n2[owner])
        changes[allowed] = decisions.rejects(moved, rows[owner]) != now[owner]
    return changes, dead


def _rows(table: TwoByTwo, rows: Ints) -> TwoByTwo:
    return TwoByTwo(
        table.events1[rows], table.n1[rows], table.events2[rows], table.n2[rows]
    )


def _inside(table: TwoByTwo, x1: Floats, x2: Floats) -> Bools:
    """Whether the changed events lie between 0 and the size of the group."""
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
        f1, f2 = moves(part, significant[open_], level)
        x1, x2 = part.events1[:, None] + f1, part.events2[:, None] + f2
        allowed = _inside(part, x1, x2)
        count[open_] += allowed.sum(axis=1)
        open_ = open_[allowed.any(axis=1)]
