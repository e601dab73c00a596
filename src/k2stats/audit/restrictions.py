"""What a printed statement says of candidate 2x2 tables, as a test of each.

Counts and percentages, a ratio with its interval, a p-value and a chi-squared
statistic each restrict the whole numbers that can stand behind a print.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from k2stats._registry import Entry
from k2stats._typing import Bools, Floats
from k2stats.audit.battery import in_window, p_values_over, reported_window, too_much
from k2stats.audit.ratio_methods import methods_for, prints_so
from k2stats.audit.ratio_methods import too_much as too_much_interval
from k2stats.evidence import (
    ChiSquared,
    PrintedTwoByTwo,
    PValue,
    RatioCI,
    RatioWithCI,
    Statement,
    TwoByTwo,
)
from k2stats.numerics.interval import Interval
from k2stats.significance import TWO_BY_TWO_TESTS
from k2stats.significance._base import TwoByTwoTest

_FIRST_PART = 1 << 12
"""Tables looked at first where one that passes is enough; each next part is twice."""


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
    some : callable
        Whether any of the tables passes; stops at the first that does.
    """

    text: str
    passes: Callable[[TwoByTwo], Bools]
    cost: int
    some: Callable[[TwoByTwo], bool]


def parts(tables: TwoByTwo) -> Iterator[TwoByTwo]:
    """Cut tables into parts, each twice the one before, small ones first."""
    start, size = 0, _FIRST_PART
    while start < tables.events1.size:
        yield tables[start : start + size]
        start, size = start + size, 2 * size


def _plain(text: str, passes: Callable[[TwoByTwo], Bools], cost: int) -> Restriction:
    """Return a restriction whose test is as cheap on all tables as on one."""
    return Restriction(text, passes, cost, lambda tables: bool(passes(tables).any()))


def of_evidence(evidence: PrintedTwoByTwo) -> list[Restriction]:
    """Return what percentages and totals say of a table."""
    found = []
    for arm in (1, 2):
        share = evidence.percent1 if arm == 1 else evidence.percent2
        if share is None:
            continue
        n = evidence.n1 if arm == 1 else evidence.n2
        size = f" of {n}" if n is not None else ""
        text = f"{share.text}{size} (group {arm})"
        found.append(_plain(text, _share_passes(arm, share.interval), 0))
    if evidence.events_total is not None:
        total = evidence.events_total
        found.append(
            _plain(
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


def of_statement(statement: Statement) -> list[Restriction]:
    """Return what a statement says of a table; nothing where it says nothing."""
    match statement:
        case PValue():
            return [_of_p(statement)]
        case RatioCI() if methods_for(statement.kind) is not None:
            return _of_ratio(statement.ratio)
        case ChiSquared() if statement.df in (None, 1):
            return [_of_chi_squared(statement)]
    return []


def _of_ratio(ratio: RatioWithCI) -> list[Restriction]:
    """Return the restrictions of a ratio and of the ratio with its limits."""

    def passes(tables: TwoByTwo) -> Bools:
        return _ratio_passes(tables, ratio, tables)

    def some(tables: TwoByTwo) -> bool:
        return any(_ratio_passes(p, ratio, tables).any() for p in parts(tables))

    whole = Restriction(str(ratio), passes, 2, some)
    if ratio.kind != "RR":
        return [whole]
    window = ratio.estimate.interval

    def estimate(tables: TwoByTwo) -> Bools:
        with np.errstate(divide="ignore", invalid="ignore"):
            return in_window(tables.risk1 / tables.risk2, window)

    return [_plain(f"{ratio.kind} {ratio.estimate.text}", estimate, 1), whole]


def _ratio_passes(tables: TwoByTwo, ratio: RatioWithCI, among: TwoByTwo) -> Bools:
    """Whether some interval method prints the ratio and its limits, per table.

    Exact methods are left out where they would take too long on all of `among`.
    """
    registry = methods_for(ratio.kind)
    passes = np.zeros(tables.shape, dtype=bool)
    if registry is None:
        return ~passes
    for entry in registry.entries():
        rest = np.flatnonzero(~passes)
        if rest.size and not too_much_interval(entry, among):
            result = entry.function(tables[rest], ratio.level)
            passes[rest] = prints_so(result, ratio)
    return passes


def _cost(entry: Entry[TwoByTwoTest]) -> int:
    """Rank a test: closed-form, exact given the margins, exact over a parameter."""
    return ("exact" in entry.traits) + ("unconditional" in entry.traits)


def _of_p(statement: PValue) -> Restriction:
    """Return the restriction that some registered test prints the p-value."""
    window = reported_window(statement.value)
    entries = sorted(TWO_BY_TWO_TESTS.entries(lacking="alias"), key=_cost)

    def prints(entry: Entry[TwoByTwoTest], tables: TwoByTwo) -> Bools:
        p = p_values_over(tables, entry.name)
        if p is None:
            return np.zeros(tables.shape, dtype=bool)
        return np.isfinite(p) & in_window(p, window)

    def passes(tables: TwoByTwo) -> Bools:
        found = np.zeros(tables.shape, dtype=bool)
        for entry in entries:
            rest = np.flatnonzero(~found)
            if rest.size == 0:
                break
            found[rest] = prints(entry, tables[rest])
        return found

    def some(tables: TwoByTwo) -> bool:
        # every cheap test on all tables before any dear one on the first of them
        return any(
            prints(entry, part).any()
            for cost in (0, 1, 2)
            for part in parts(tables)
            for entry in entries
            if _cost(entry) == cost and not too_much(entry, tables)
        )

    return Restriction(str(statement), passes, 3, some)


def chi_squared_statistics(
    tables: TwoByTwo,
) -> Iterator[tuple[Entry[TwoByTwoTest], Floats]]:
    """Yield every two-sided statistic that is read against chi-squared."""
    for entry in TWO_BY_TWO_TESTS.entries(lacking="alias"):
        if "closed-form" not in entry.traits or "one-sided" in entry.traits:
            continue
        result = entry.function(tables)
        if result.null == "chi2":
            yield entry, result.statistic


def _of_chi_squared(statement: ChiSquared) -> Restriction:
    """Return the restriction that some chi-squared statistic prints so."""
    window = statement.value.interval

    def passes(tables: TwoByTwo) -> Bools:
        found = np.zeros(tables.shape, dtype=bool)
        for _, values in chi_squared_statistics(tables):
            found |= np.isfinite(values) & in_window(values, window)
        return found

    def some(tables: TwoByTwo) -> bool:
        return any(passes(part).any() for part in parts(tables))

    return Restriction(f"chi-squared {statement.value.text}", passes, 2, some)
