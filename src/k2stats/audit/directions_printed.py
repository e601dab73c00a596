"""Checks of a direction said of printed medians, means, pairs and ratios."""

import numpy as np

from k2stats.audit._base import Check, Verdict
from k2stats.audit._checks import CHECKS, Question
from k2stats.audit.directions import judge, way
from k2stats.audit.p_values import decision_flips, distinct, hull_of
from k2stats.audit.ranges import p_ranges
from k2stats.evidence import (
    Correlation,
    Direction,
    MediansWithP,
    PairedMeans,
    PairedRows,
    PrintedTwoMeans,
    RatioWithCI,
    TwoMeans,
)
from k2stats.numerics.interval import Interval
from k2stats.render import significant
from k2stats.significance import smallest_wilcoxon_p, summarise_pairs


@CHECKS.register(
    "direction_printed",
    label="Direction of two printed numbers",
    reference="Moore (1966), Interval Analysis",
    equation="sign of the difference over all values the prints stand for",
)
def direction_printed(question: Question) -> Check | None:
    """Whether medians, means, pairs, a correlation or a ratio go the way said."""
    statement, evidence = question.statement, question.claim.evidence
    if not isinstance(statement, Direction):
        return None
    if isinstance(evidence, RatioWithCI):
        return _direction_of_ratio(question, statement, evidence)
    if isinstance(evidence, MediansWithP):
        gap = evidence.median1.interval - evidence.median2.interval
    elif isinstance(evidence, PrintedTwoMeans):
        gap = evidence.mean1.interval - evidence.mean2.interval
    elif isinstance(evidence, Correlation):
        gap = evidence.r.interval
    elif isinstance(evidence, TwoMeans):
        gap = Interval.hull(evidence.mean1 - evidence.mean2)
    elif isinstance(evidence, PairedMeans):
        gap = Interval.hull(evidence.mean_difference)
    elif isinstance(evidence, PairedRows):
        mean = summarise_pairs(evidence).mean
        gap = Interval.point(mean)
    else:
        return None
    found = way(np.array(gap.floats()))
    points = p_ranges(question.claim, Interval(0, statement.alpha), statement.alpha)
    verdict, text = judge(statement, found, points)
    if isinstance(evidence, PairedRows):
        shown = any(p.significant for p in distinct(points))
        if statement.significant is None and not shown and _both_ways(evidence):
            verdict = Verdict.NOT_REPRODUCED
        text += _pairs_text(evidence, statement.alpha)
    return Check(
        kind="direction_printed",
        statement=str(statement),
        quantity="difference",
        verdict=verdict,
        explanation=text,
        recomputed=hull_of(distinct(points)) if points else gap,
        points=points,
        scale="log" if points else "linear",
        null_value=0.0,
        alpha=statement.alpha,
        flips=decision_flips(points) if points else None,
    )


def _both_ways(pairs: PairedRows) -> bool:
    """Whether some pairs rise and some fall."""
    return bool((pairs.differences > 0).any() and (pairs.differences < 0).any())


def _pairs_text(pairs: PairedRows, alpha: float) -> str:
    """Say how many pairs go each way, and what so few pairs can show."""
    changes = pairs.differences
    summary = summarise_pairs(pairs)
    text = (
        f" {np.sum(changes > 0)} rise and {np.sum(changes < 0)} fall; mean change "
        f"{significant(summary.mean, 3)} "
        f"({significant(summary.low, 2)} to {significant(summary.high, 2)})."
    )
    floor = smallest_wilcoxon_p(len(changes))
    if floor < alpha:
        return text
    few = f"With {len(changes)} pairs the exact Wilcoxon p cannot go below {floor:g}."
    return f"{text} {few}"


def _direction_of_ratio(
    question: Question, statement: Direction, ratio: RatioWithCI
) -> Check:
    """Read direction and significance off a ratio and its interval."""
    estimate = ratio.estimate.interval
    found = way(np.array([float(estimate.low - 1), float(estimate.high - 1)]))
    outside = ratio.low.interval.low > 1 or ratio.high.interval.high < 1
    inside = ratio.low.interval.high <= 1 <= ratio.high.interval.low
    text = f"The data go {found}; the printed interval "
    text += "leaves out 1." if outside else "holds 1." if inside else "ends at 1."
    level_fits = abs(1 - ratio.level - statement.alpha) < 1e-12
    if statement.of not in ("no difference", found) and found != "unclear":
        verdict = Verdict.DISAGREE
    elif statement.significant is None and statement.of != "no difference":
        verdict = Verdict.REPRODUCED
    elif not level_fits or not (outside or inside):
        verdict = Verdict.DEPENDS
    else:
        claimed = bool(statement.significant)
        verdict = Verdict.REPRODUCED if outside == claimed else Verdict.NOT_REPRODUCED
    return Check(
        kind="direction_printed",
        statement=str(statement),
        quantity=ratio.kind,
        verdict=verdict,
        explanation=f"{text} {ratio}.",
        reported=estimate,
        scale="log",
        null_value=1.0,
        alpha=question.alpha,
    )
