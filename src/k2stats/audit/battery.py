"""Every named 2x2 test on every table that fits a print."""

from functools import lru_cache

import numpy as np

from k2stats._registry import Entry
from k2stats._typing import Bools, Floats
from k2stats.audit._base import PointResult
from k2stats.evidence import Reported, TwoByTwo
from k2stats.numerics.interval import Interval
from k2stats.significance import TWO_BY_TWO_TESTS
from k2stats.significance._base import TwoByTwoTest

UNCONDITIONAL_CELLS = 3_000_000
"""Sum of n1 * n2 over tables up to which unconditional exact tests are run."""
EXACT_WORK = 30_000_000
"""Sum of n1 + n2 over tables up to which conditional exact tests are run."""
_MOST_KEPT = 100
"""Tables up to which exact p-values are kept for the next claim on the same ones."""
_DIGITS = 1e-12


def in_window(values: Floats, window: Interval) -> Bools:
    """Whether each value lies in a printed window, within double precision.

    Ends are compared exactly first; a value within 1e-12 of a closed end counts as
    on it, since sums of probabilities carry that much rounding.
    """
    low, high = window.floats()
    slack = _DIGITS * np.maximum(np.abs(values), _DIGITS)
    above = values >= low - slack if window.low_closed else values > low
    below = values <= high + slack if window.high_closed else values < high
    return np.asarray(above & below)


def p_values_over(tables: TwoByTwo, name: str) -> Floats | None:
    """P-values of one test on all tables, or None where that is too much work."""
    entry = TWO_BY_TWO_TESTS[name]
    if too_much(entry, tables):
        return None
    if "exact" not in entry.traits or tables.events1.size > _MOST_KEPT:
        return entry.function(tables).p
    key = tuple(
        tuple(int(x) for x in field)
        for field in (tables.events1, tables.n1, tables.events2, tables.n2)
    )
    return _cached(name, key)


def too_much(entry: Entry[TwoByTwoTest], tables: TwoByTwo) -> bool:
    """Whether an exact test on these tables would take more than some seconds."""
    if "unconditional" in entry.traits:
        return float(np.sum(tables.n1 * tables.n2)) > UNCONDITIONAL_CELLS
    if "exact" in entry.traits:
        return float(np.sum(tables.n1 + tables.n2)) > EXACT_WORK
    return False


@lru_cache(maxsize=4096)
def _cached(name: str, key: tuple[tuple[int, ...], ...]) -> Floats:
    """Exact p-values, kept: several claims often lean on one table."""
    events1, n1, events2, n2 = (list(part) for part in key)
    tables = TwoByTwo.from_counts(events1=events1, n1=n1, events2=events2, n2=n2)
    return TWO_BY_TWO_TESTS[name].function(tables).p


def point_results(
    tables: TwoByTwo,
    window: Interval,
    alpha: float,
    tests: tuple[str, ...] | None = None,
) -> tuple[PointResult, ...]:
    """Run the battery on all tables and put each test beside the printed window.

    Parameters
    ----------
    tables : TwoByTwo
        Feasible tables, shape ``(M,)``.
    window : Interval
        P-values that would print as reported.
    alpha : float
        Level of the decision.
    tests : tuple of str, optional
        Names; all registered ones by default.
    """
    results = []
    for name in tests or tuple(TWO_BY_TWO_TESTS):
        entry = TWO_BY_TWO_TESTS[name]
        p = p_values_over(tables, name)
        if p is None:
            results.append(
                PointResult(
                    name=name,
                    label=entry.label,
                    reference=entry.reference,
                    version=entry.version,
                    value=Interval(np.nan, np.nan),
                    matches=False,
                    note="not run: too many or too large tables for this exact test",
                    traits=entry.traits,
                )
            )
            continue
        results.append(_point(entry, tables, p, window, alpha))
    return tuple(results)


def _point(
    entry: Entry[TwoByTwoTest],
    tables: TwoByTwo,
    p: Floats,
    window: Interval,
    alpha: float,
) -> PointResult:
    defined = np.isfinite(p)
    matching = defined & in_window(p, window)
    witness = ""
    if defined.any():
        low, high = window.floats()
        distance = np.maximum(np.maximum(low - p, p - high), 0.0)
        best = int(np.nanargmin(np.where(defined, distance, np.nan)))
        witness = str(tables[best])
    decisions = set((p[defined] < alpha).tolist())
    return PointResult(
        name=entry.name,
        label=entry.label,
        reference=entry.reference,
        version=entry.version,
        value=Interval.hull(p),
        matches=bool(matching.any()),
        witness=witness,
        significant=decisions.pop() if len(decisions) == 1 else None,
        note="" if defined.any() else "not defined for these tables",
        traits=entry.traits,
    )


def reported_window(value: Reported) -> Interval:
    """Values in [0, 1] that print as `value`.

    Examples
    --------
    >>> print(reported_window(Reported("<0.001")))
    [0, 0.001)
    """
    return value.interval.intersection(Interval(0, 1))
