"""P-values of printed summaries that are no 2x2 table, as points beside a print."""

from collections.abc import Sequence

from k2stats._typing import Floats
from k2stats.audit._base import PointResult
from k2stats.evidence import (
    Claim,
    Correlation,
    PairedMeans,
    PairedRows,
    PrintedTwoMeans,
    RatioWithCI,
    TwoMeans,
)
from k2stats.numerics.interval import Interval
from k2stats.significance import (
    MEANS_TESTS,
    Enclosure,
    PValueRange,
    correlation_p_values,
    means_p_values,
    paired_means_test,
    pairs_p_values,
    ratio_p_values,
)


def p_ranges(claim: Claim, window: Interval, alpha: float) -> tuple[PointResult, ...]:
    """Every named p-value that the claim's summary allows; none for other evidence."""
    match claim.evidence:
        case RatioWithCI():
            rows: Sequence[PValueRange] = ratio_p_values(claim.evidence)
        case PrintedTwoMeans():
            rows = means_p_values(claim.evidence)
        case PairedRows():
            rows = pairs_p_values(claim.evidence)
        case Correlation():
            rows = correlation_p_values(claim.evidence)
        case PairedMeans():
            p = paired_means_test(claim.evidence).p
            rows = [_row("paired-t", "Paired t", "Student (1908)", 1, p)]
        case TwoMeans():
            rows = [
                _row(
                    e.name,
                    e.label,
                    e.reference,
                    e.version,
                    e.function(claim.evidence).p,
                )
                for e in MEANS_TESTS.entries()
            ]
        case _:
            return ()
    return tuple(from_range(row, window, alpha) for row in rows)


def _row(name: str, label: str, reference: str, version: int, p: Floats) -> PValueRange:
    """Return unrounded p-values as a range: the least and greatest of the studies."""
    low, high = Interval.hull(p).floats()
    return PValueRange(name, label, reference, version, low, Enclosure(low, high))


def from_range(row: PValueRange, window: Interval, alpha: float) -> PointResult:
    """Put one test's range beside the printed window."""
    spread = {"sd": ", spread as SD", "se": ", spread as SE"}.get(row.spread, "")
    undefined = row.note if row.enclosure.is_empty else ""
    value = row.enclosure.interval
    return PointResult(
        name=f"{row.name}-{row.spread}" if row.spread else row.name,
        label=f"{row.label}{spread}",
        reference=row.reference,
        version=row.version,
        value=value,
        matches=value.intersects(window),
        witness=row.witness if row.enclosure.at_low else "",
        significant=None if undefined else _decision(value, alpha),
        note=undefined,
        traits=row.traits,
    )


def _decision(value: Interval, alpha: float) -> bool | None:
    """Whether all values are below alpha, or none is; None where they differ."""
    if value.high < alpha:
        return True
    return False if value.low >= alpha else None
