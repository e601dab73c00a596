"""Checks of printed ratios and their intervals."""

import numpy as np

from k2stats.audit._base import Check, Verdict
from k2stats.audit._checks import CHECKS, Question
from k2stats.audit.p_values import hull_of
from k2stats.audit.ranges import from_range
from k2stats.audit.ratio_methods import bar_results, methods_for
from k2stats.audit.words import listed
from k2stats.evidence import RatioCI, RatioWithCI, TwoByTwo
from k2stats.numerics.interval import Interval
from k2stats.render import significant, span
from k2stats.significance import ratio_consistency, ratio_p_values

_ANY_P = Interval(0, 1)
_ALTMAN_BLAND = "Altman & Bland (2011), BMJ 343:d2304"


@CHECKS.register(
    "ratio_2x2",
    label="Ratio and interval of a 2x2 table",
    reference="Fagerland, Lydersen & Laake (2017)",
    equation="each interval method on every feasible table",
)
def ratio_two_by_two(question: Question) -> Check | None:
    """Run every interval method of the ratio on every table that fits the print."""
    statement, tables = question.statement, question.tables
    if not isinstance(statement, RatioCI) or tables is None:
        return None
    if methods_for(statement.kind) is None:
        return None
    ratio = statement.ratio
    bars = bar_results(tables, ratio)
    fits = [b for b in bars if b.matches]
    if fits:
        verdict = (
            Verdict.REPRODUCED if len(fits) == len(bars) else Verdict.REPRODUCED_ONLY
        )
        text = (
            f"{ratio} is given by {listed([b.label for b in fits])} on "
            f"{fits[0].witness}: {len(fits)} of {len(bars)} interval methods tried."
        )
    else:
        verdict = Verdict.NOT_REPRODUCED
        text = (
            f"{ratio} is not reproduced by the {len(bars)} interval methods tried on "
            f"{tables}; nearest {listed(_nearest(tables, ratio))}."
        )
    return Check(
        kind="ratio_2x2",
        statement=str(statement),
        quantity=ratio.kind,
        verdict=verdict,
        explanation=text,
        reported=ratio.estimate.interval,
        recomputed=Interval.hull([b.estimate for b in bars]),
        bars=bars,
        scale="log",
        null_value=1.0,
        alpha=1.0 - ratio.level,
    )


@CHECKS.register(
    "ratio_alone",
    label="Ratio against its own interval",
    reference=_ALTMAN_BLAND,
    equation="log estimate midway between the log limits, within rounding",
)
def ratio_alone(question: Question) -> Check | None:
    """Whether a ratio lies midway in its interval, and the p-value that follows."""
    statement = question.statement
    if not isinstance(statement, RatioCI):
        return None
    ratio: RatioWithCI = statement.ratio
    found = ratio_consistency(ratio)
    alpha = 1.0 - ratio.level
    points = tuple(
        from_range(row, _ANY_P, alpha)
        for row in ratio_p_values(ratio)
        if "approximation" not in row.traits
    )
    middle = span(found.mid_low, found.mid_high)
    if found.symmetric:
        verdict = Verdict.CONSISTENT
        text = (
            f"{ratio} is log-symmetric within rounding (middle of the limits "
            f"{middle}); SE of the log {significant(found.se)}, z "
            f"{significant(found.z)}, p {significant(found.p, 3)} at the printed "
            f"digits ({span(found.p_low, found.p_high, 3)} over all that print so and "
            f"are symmetric)."
        )
    else:
        verdict = Verdict.DISAGREE
        text = (
            f"{ratio} is not log-symmetric: the middle of the limits is {middle}. "
            f"An exact, bootstrap or profile interval need not be symmetric."
        )
    missing = question.claim.needs or ("the counts or trials behind the ratio",)
    if question.tables is None:
        text += f" It cannot be recomputed from data: {listed(missing)} not printed."
    return Check(
        kind="ratio_alone",
        statement=str(statement),
        quantity="p",
        verdict=verdict,
        explanation=text,
        reported=None,
        recomputed=hull_of([p for p in points if not p.note]),
        points=points,
        scale="log",
        alpha=alpha,
        missing=() if question.tables is not None else tuple(missing),
    )


def _nearest(tables: TwoByTwo, ratio: RatioWithCI) -> list[str]:
    """Tables on either side of the printed estimate, with what they would print.

    The registry's first method stands for all; the estimate is the plain ratio.
    """
    registry = methods_for(ratio.kind)
    if registry is None:
        return []
    entry = registry.entries()[0]
    result = entry.function(tables, ratio.level)
    gap = result.estimate - float(ratio.estimate.value)
    found = []
    for side in (gap <= 0, gap > 0):
        at = np.flatnonzero(side & np.isfinite(gap))
        if at.size:
            k = int(at[np.argmin(np.abs(gap[at]))])
            shown, *ends = (
                significant(float(x[k]), 3)
                for x in (result.estimate, result.low, result.high)
            )
            found.append(f"{tables[k]} with {shown} ({' to '.join(ends)})")
    return found
