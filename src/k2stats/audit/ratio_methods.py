"""Every named interval of a ratio on every table, beside a printed ratio and CI."""

import numpy as np

from k2stats._registry import Entry, Registry
from k2stats._typing import Bools
from k2stats.audit._base import BarResult
from k2stats.audit.battery import in_window
from k2stats.evidence import RatioWithCI, TwoByTwo
from k2stats.significance import OR_INTERVALS, RR_INTERVALS
from k2stats.significance._intervals import IntervalResult, TwoByTwoInterval

EXACT_WORK = 100_000
"""Sum of n1 + n2 over tables up to which exact conditional intervals are run."""
UNCONDITIONAL_WORK = 700
"""Sum of n1 + n2 over tables up to which exact unconditional intervals are run."""


def methods_for(kind: str) -> Registry[TwoByTwoInterval] | None:
    """Interval methods for a ratio that counts determine; None for a hazard ratio."""
    return {"RR": RR_INTERVALS, "OR": OR_INTERVALS}.get(kind)


def prints_so(result: IntervalResult, ratio: RatioWithCI) -> Bools:
    """Whether estimate and both limits print as reported, per table."""
    return np.asarray(
        in_window(result.estimate, ratio.estimate.interval)
        & in_window(result.low, ratio.low.interval)
        & in_window(result.high, ratio.high.interval)
    )


def bar_results(tables: TwoByTwo, ratio: RatioWithCI) -> tuple[BarResult, ...]:
    """Run each interval method of the ratio on all tables."""
    registry = methods_for(ratio.kind)
    if registry is None:
        return ()
    return tuple(
        bar(entry, tables, entry.function(tables, ratio.level), ratio)
        for entry in registry.entries()
        if not too_much(entry, tables)
    )


def too_much(entry: Entry[TwoByTwoInterval], tables: TwoByTwo) -> bool:
    """Whether an exact interval on these tables would take more than some seconds."""
    if "exact" not in entry.traits:
        return False
    most = UNCONDITIONAL_WORK if "unconditional" in entry.traits else EXACT_WORK
    return float(np.sum(tables.n1 + tables.n2)) > most


def bar(
    entry: Entry[TwoByTwoInterval],
    tables: TwoByTwo,
    result: IntervalResult,
    ratio: RatioWithCI | None = None,
    null_value: float = 1.0,
) -> BarResult:
    """Summarise one method over the tables, shown at the best-fitting table."""
    matching = (
        prints_so(result, ratio)
        if ratio is not None
        else np.zeros(result.estimate.shape, dtype=bool)
    )
    shown = int(np.argmax(matching))
    if ratio is not None and not matching.any():
        away = np.abs(result.estimate - float(ratio.estimate.value))
        shown = int(np.argmin(np.where(np.isnan(away), np.inf, away)))
    excludes = set(((result.low > null_value) | (result.high < null_value)).tolist())
    return BarResult(
        name=entry.name,
        label=entry.label,
        reference=entry.reference,
        version=entry.version,
        estimate=float(result.estimate[shown]),
        low=float(result.low[shown]),
        high=float(result.high[shown]),
        matches=bool(matching.any()),
        witness=str(tables[shown]),
        excludes_null=excludes.pop() if len(excludes) == 1 else None,
    )
