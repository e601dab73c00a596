"""Checks of p-values printed of ratios, means, pairs, correlations and medians."""

import math
from dataclasses import replace

from k2stats.audit._base import Check, PointResult, Verdict
from k2stats.audit._checks import CHECKS, Question, not_checkable
from k2stats.audit.battery import reported_window
from k2stats.audit.p_values import conclude
from k2stats.audit.ranges import p_ranges
from k2stats.evidence import MediansWithP, PairedRows, PValue
from k2stats.numerics.interval import Interval
from k2stats.render import significant
from k2stats.significance import medians_implied, smallest_wilcoxon_p


@CHECKS.register(
    "p_value_summary",
    label="P-value of a printed summary",
    reference="each test's own",
    equation="range of each test's p over all inputs that print so",
)
def p_value_of_summary(question: Question) -> Check | None:
    """Run every test that fits the summary, over everything that prints so."""
    statement, evidence = question.statement, question.claim.evidence
    if not isinstance(statement, PValue) or evidence is None:
        return None
    window = reported_window(statement.value)
    points = p_ranges(question.claim, window, question.alpha)
    if not points:
        return None
    check = conclude(question, statement, points, data=str(evidence))
    if isinstance(evidence, PairedRows):
        return _with_floor(check, len(evidence.before))
    return check


def _with_floor(check: Check, n: int) -> Check:
    """Add what the exact rank tests cannot go below with so few pairs."""
    floor = smallest_wilcoxon_p(n)
    if floor < check.alpha:
        return check
    text = f"With {n} pairs the exact Wilcoxon p cannot go below {floor:g}."
    return replace(check, explanation=f"{check.explanation} {text}")


@CHECKS.register(
    "p_value_medians",
    label="P-value printed of two medians",
    reference="Mann & Whitney (1947) Ann Math Stat 18:50-60",
    equation="least |z| and AUC that give such a p; greatest |z| of these sizes",
)
def p_value_of_medians(question: Question) -> Check | None:
    """Whether a rank test of these sizes can give such a p, and what it would take."""
    statement, evidence = question.statement, question.claim.evidence
    if not isinstance(statement, PValue) or not isinstance(evidence, MediansWithP):
        return None
    found = medians_implied(replace(evidence, p=statement.value))
    low, high = found.z.floats()
    point = PointResult(
        name="mann-whitney-reach",
        label="|z| that a Mann-Whitney test of these sizes can give",
        reference="Mann & Whitney (1947) Ann Math Stat 18:50-60",
        version=1,
        value=Interval(0.0, found.largest_z),
        matches=found.attainable,
    )
    sizes = f"{evidence.n1} and {evidence.n2}"
    reach = (
        f"{statement} needs |z| of at least {significant(low, 5)}, a Mann-Whitney AUC "
        f"of at least {significant(found.least_auc)}; groups of {sizes} reach |z| "
        f"{significant(found.largest_z)} (smallest exact p {found.smallest_p:.2g})"
    )
    if found.attainable:
        verdict = Verdict.CONSISTENT
        se = significant(found.largest_se)
        text = f"{reach}. An SE of the log ratio of medians up to {se} gives it."
    else:
        verdict = Verdict.NOT_REPRODUCED
        text = f"{reach}: no rank test of these sizes gives it."
    return Check(
        kind="p_value_medians",
        statement=str(statement),
        quantity="|z|",
        verdict=verdict,
        explanation=f"{text} The p-value itself needs the individual values.",
        reported=Interval(low, high, found.z.low_closed, math.isfinite(high)),
        recomputed=point.value,
        points=(point,),
        alpha=question.alpha,
        missing=("individual values, or ranks",),
    )


@CHECKS.register(
    "p_value_alone", label="P-value with no numbers", reference="none", equation=""
)
def p_value_alone(question: Question) -> Check | None:
    """Say what a bare p-value would need to be recomputed."""
    statement = question.statement
    if not isinstance(statement, PValue):
        return None
    needs = question.claim.needs or (
        "group sizes",
        "counts, or means with SDs",
        "the test",
    )
    return not_checkable(
        question, "a p-value is printed and no numbers behind it", needs, "p_value"
    )
