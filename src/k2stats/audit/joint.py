"""Several statements about one table, solved together.

A print restricts the whole numbers that can stand behind it: percentages, a ratio
with its interval, a p-value. Each restriction is a mask over candidate tables; the
tables that pass all of them are what the source can have had. Where none passes,
the smallest set of restrictions that no table passes is named.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from k2stats._typing import Bools
from k2stats.audit.restrictions import (
    Restriction,
    of_evidence,
    of_statement,
    parts,
)
from k2stats.errors import InfeasibleEvidenceError
from k2stats.evidence import PrintedTwoByTwo, Statement, TwoByTwo
from k2stats.evidence.printed_table import MOST_TABLES

_DEAR = 2
"""Cost from which a restriction is not tried on every table of the grid at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """What the statements leave.

    Attributes
    ----------
    printed : TwoByTwo or None
        Tables that fit the counts and percentages; None where none does.
    tables : TwoByTwo or None
        Tables that fit all statements, or, where none does, those that fit as many
        as can be met in the order printed.
    conflict : tuple of str
        The smallest set of statements that no table meets; empty where all hold.
    unsolved : str
        Why the counts were not solved for, where the print leaves too many.
    """

    printed: TwoByTwo | None
    tables: TwoByTwo | None
    conflict: tuple[str, ...]
    unsolved: str = ""


def solve(evidence: PrintedTwoByTwo, states: Sequence[Statement]) -> Solution:
    """Find every table that meets the print and all statements made of it.

    Raises
    ------
    InvalidEvidenceError
        If over a million tables fit the counts and percentages.

    Examples
    --------
    >>> from k2stats.evidence import RatioCI, RatioWithCI, Reported
    >>> arms = PrintedTwoByTwo(n1=340, percent1=Reported("21%"),
    ...                        n2=351, percent2=Reported("15%"))
    >>> ratio = RatioWithCI("RR", Reported("1.41"), Reported("1.02"),
    ...                     Reported("1.95"))
    >>> found = solve(arms, [RatioCI(ratio)])
    >>> found.printed.shape, str(found.tables)
    ((16,), '71/340 v 52/351')
    """
    said = [r for s in states for r in of_statement(s)]
    try:
        printed = evidence.feasible()
    except InfeasibleEvidenceError:
        return Solution(None, None, smallest_conflict(evidence, said))
    kept = surviving(printed, said)
    if kept is not None:
        return Solution(printed, kept, ())
    tables = printed
    for restriction in said:
        step = surviving(tables, [restriction])
        tables = tables if step is None else step
    return Solution(printed, tables, smallest_conflict(evidence, said))


def surviving(tables: TwoByTwo, restrictions: Sequence[Restriction]) -> TwoByTwo | None:
    """Tables that pass every restriction; None where there is none."""
    for restriction in sorted(restrictions, key=lambda r: r.cost):
        passes = restriction.passes(tables)
        if not passes.any():
            return None
        if not passes.all():
            tables = tables[passes]
    return tables


def smallest_conflict(
    evidence: PrintedTwoByTwo, said: Sequence[Restriction]
) -> tuple[str, ...]:
    """Return the smallest set of printed statements that no table meets.

    Group sizes and counts stand; percentages, totals and the statements are tried in
    every combination, the smallest first. Where the groups are so large that
    percentages cannot be relaxed, they stand too.
    """
    relaxed = replace(evidence, percent1=None, percent2=None, events_total=None)
    size1 = (evidence.n1 or evidence.n_total or 0) + 1
    size2 = (evidence.n2 or evidence.n_total or 0) + 1
    free1 = 1 if evidence.events1 is not None else size1
    free2 = 1 if evidence.events2 is not None else size2
    splits = 1 if None not in (evidence.n1, evidence.n2) else evidence.n_total or 1
    restrictions = list(said)
    standing: tuple[str, ...] = ()
    if free1 * free2 * splits <= MOST_TABLES:
        tables = relaxed.feasible()
        restrictions = [*of_evidence(evidence), *said]
    else:
        try:
            tables = evidence.feasible()
        except InfeasibleEvidenceError:
            return (str(evidence),)
        standing = (str(evidence),)
    masks = {r: r.passes(tables) for r in restrictions if r.cost < _DEAR}
    for size in range(1, len(restrictions) + 1):
        # of sets of one size, the one that says least is the sharper conflict
        sets = sorted(
            combinations(restrictions, size), key=lambda c: sum(r.cost for r in c)
        )
        for chosen in sets:
            if not _some_table(tables, chosen, masks):
                return (*standing, *(r.text for r in chosen))
    return ()


def _some_table(
    tables: TwoByTwo,
    chosen: Sequence[Restriction],
    masks: dict[Restriction, Bools],
) -> bool:
    """Whether some table passes all; dear restrictions stop at the first found."""
    passes = np.ones(tables.shape, dtype=bool)
    for restriction in chosen:
        if restriction in masks:
            passes &= masks[restriction]
    left = tables[passes]
    dear = sorted((r for r in chosen if r not in masks), key=lambda r: r.cost)
    if not left.events1.size or not dear:
        return bool(left.events1.size)
    *others, last = dear
    if not others:
        return last.some(left)
    for part in parts(left):
        kept = surviving(part, others)
        if kept is not None and last.some(kept):
            return True
    return False
