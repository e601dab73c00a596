"""Several statements about one table, solved together.

A print restricts the whole numbers that can stand behind it: percentages, a ratio
with its interval, a p-value. Each restriction is a mask over candidate tables; the
tables that pass all of them are what the source can have had. Where none passes,
the smallest set of restrictions that no table passes is named.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from k2stats._typing import Bools
from k2stats.audit.battery import in_window, p_values_over, reported_window
from k2stats.audit.ratio_methods import methods_for, prints_so, too_much
from k2stats.errors import InfeasibleEvidenceError
from k2stats.evidence import (
    PrintedTwoByTwo,
    PValue,
    RatioCI,
    RatioWithCI,
    Statement,
    TwoByTwo,
)
from k2stats.numerics.interval import Interval
from k2stats.significance import TWO_BY_TWO_TESTS

LARGEST_GRID = 2_000_000
"""Candidate tables up to which percentages are relaxed in search of a conflict."""


@dataclass(frozen=True, slots=True, eq=False)
class Restriction:
    """One printed statement as a test of candidate tables.

    Attributes
    ----------
    text : str
        As a reader would say it.
    passes : callable
        Tables of shape ``(M,)`` to booleans of that shape.
    cost : int
        Cheap restrictions are applied first.
    """

    text: str
    passes: Callable[[TwoByTwo], Bools]
    cost: int


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
    """

    printed: TwoByTwo | None
    tables: TwoByTwo | None
    conflict: tuple[str, ...]


def solve(evidence: PrintedTwoByTwo, states: Sequence[Statement]) -> Solution:
    """Find every table that meets the print and all statements made of it.

    Examples
    --------
    >>> from k2stats.evidence import Reported
    >>> arms = PrintedTwoByTwo(n1=340, percent1=Reported("21%"),
    ...                        n2=351, percent2=Reported("15%"))
    >>> ratio = RatioWithCI("RR", Reported("1.41"), Reported("1.02"),
    ...                     Reported("1.95"))
    >>> found = solve(arms, [RatioCI(ratio)])
    >>> found.printed.shape, str(found.tables)
    ((16,), '71/340 v 52/351')
    """
    said = [r for s in states for r in statement_restrictions(s)]
    try:
        printed = evidence.feasible()
    except InfeasibleEvidenceError:
        printed = None
    if printed is not None:
        tables, left = printed, said
        kept = surviving(tables, left)
        if kept is not None:
            return Solution(printed, kept, ())
        for restriction in said:
            step = surviving(tables, [restriction])
            tables = tables if step is None else step
        return Solution(printed, tables, smallest_conflict(evidence, said))
    return Solution(None, None, smallest_conflict(evidence, said))


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
    if free1 * free2 * splits <= LARGEST_GRID:
        tables = relaxed.feasible()
        restrictions = [*evidence_restrictions(evidence), *said]
    else:
        try:
            tables = evidence.feasible()
        except InfeasibleEvidenceError:
            return (str(evidence),)
    for size in range(1, len(restrictions) + 1):
        # of sets of one size, the one that says least is the sharper conflict
        sets = sorted(
            combinations(restrictions, size), key=lambda c: sum(r.cost for r in c)
        )
        for chosen in sets:
            if surviving(tables, chosen) is None:
                return tuple(r.text for r in chosen)
    return ()


def evidence_restrictions(evidence: PrintedTwoByTwo) -> list[Restriction]:
    """Return what percentages and totals say of a table."""
    found = []
    for arm in (1, 2):
        share = evidence.percent1 if arm == 1 else evidence.percent2
        if share is None:
            continue
        n = evidence.n1 if arm == 1 else evidence.n2
        size = f" of {n}" if n is not None else ""
        text = f"{share.text}{size} (group {arm})"
        found.append(Restriction(text, _share_passes(arm, share.interval), 0))
    if evidence.events_total is not None:
        total = evidence.events_total
        found.append(
            Restriction(
                f"{total} events in all",
                lambda tables: np.asarray(tables.events1 + tables.events2 == total),
                0,
            )
        )
    return found


def _share_passes(arm: int, window: Interval) -> Callable[[TwoByTwo], Bools]:
    """Return the test that one group's share prints so."""

    def passes(tables: TwoByTwo) -> Bools:
        return in_window(tables.risk1 if arm == 1 else tables.risk2, window)

    return passes


def statement_restrictions(statement: Statement) -> list[Restriction]:
    """Return what a statement says of a table; nothing where it says nothing."""
    if isinstance(statement, PValue):
        return [p_restriction(statement)]
    if isinstance(statement, RatioCI) and methods_for(statement.kind) is not None:
        ratio = statement.ratio
        text = f"{ratio.kind} {ratio.estimate.text}"
        found = [Restriction(str(ratio), lambda t: ratio_passes(t, ratio), 2)]
        if ratio.kind == "RR":
            window = ratio.estimate.interval

            def estimate(tables: TwoByTwo) -> Bools:
                with np.errstate(divide="ignore", invalid="ignore"):
                    return in_window(tables.risk1 / tables.risk2, window)

            found.insert(0, Restriction(text, estimate, 1))
        return found
    return []


def ratio_passes(tables: TwoByTwo, ratio: RatioWithCI) -> Bools:
    """Whether some interval method prints the ratio and its limits, per table."""
    registry = methods_for(ratio.kind)
    passes = np.zeros(tables.shape, dtype=bool)
    if registry is None:
        return ~passes
    for entry in registry.entries():
        rest = np.flatnonzero(~passes)
        if rest.size and not too_much(entry, tables[rest]):
            result = entry.function(tables[rest], ratio.level)
            passes[rest] = prints_so(result, ratio)
    return passes


def p_restriction(statement: PValue) -> Restriction:
    """Return the restriction that some registered test prints the p-value."""
    window = reported_window(statement.value)

    def passes(tables: TwoByTwo) -> Bools:
        found = np.zeros(tables.shape, dtype=bool)
        entries = sorted(
            TWO_BY_TWO_TESTS.entries(lacking="alias"),
            key=lambda e: ("exact" in e.traits) + ("unconditional" in e.traits),
        )
        for entry in entries:
            rest = np.flatnonzero(~found)
            if rest.size == 0:
                break
            p = p_values_over(tables[rest], entry.name)
            if p is not None:
                found[rest] = np.isfinite(p) & in_window(p, window)
        return found

    return Restriction(str(statement), passes, 3)
