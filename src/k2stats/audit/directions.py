"""Checks of "higher", "lower", "significantly", and of statements without numbers."""

from collections.abc import Sequence

import numpy as np

from k2stats._typing import Floats
from k2stats.audit._base import BarResult, Check, PointResult, Verdict
from k2stats.audit._checks import CHECKS, Question, not_checkable
from k2stats.audit.battery import point_results
from k2stats.audit.p_values import decision_flips, distinct, with_value
from k2stats.audit.ratio_methods import bar, too_much
from k2stats.audit.words import listed
from k2stats.evidence import (
    Direction,
    Qualitative,
    TwoByTwo,
)
from k2stats.numerics.interval import Interval
from k2stats.significance import (
    RD_INTERVALS,
)

_FAGERLAND = (
    "Fagerland, Lydersen & Laake (2017), Statistical Analysis of Contingency Tables"
)


def way(differences: Floats) -> str:
    """Return the way the data go: one word where they agree, or ``"unclear"``."""
    signs = set(np.sign(differences).tolist())
    if signs == {1.0}:
        return "higher"
    if signs == {-1.0}:
        return "lower"
    return "no difference" if signs == {0.0} else "unclear"


def judge(
    direction: Direction, found: str, points: Sequence[PointResult]
) -> tuple[Verdict, str]:
    """Weigh the direction first, then the word "significant"."""
    two_sided = [p for p in distinct(tuple(points)) if "one-sided" not in p.traits]
    below = [p for p in two_sided if p.significant]
    alpha = f"{direction.alpha:g}"
    count = f"{len(below)} of {len(two_sided)} two-sided methods give p < {alpha}"
    which = f" ({listed([with_value(p) for p in below])})" if below else ""
    if direction.of != "no difference" and found not in (direction.of, "unclear"):
        return Verdict.DISAGREE, f"The data go the other way: {found}."
    claimed = direction.significant
    if direction.of == "no difference" and claimed is None:
        claimed = False
    start = "" if direction.of == "no difference" else f"The data go {found}. "
    if claimed is None:
        if found == "unclear":
            return Verdict.DEPENDS, "The data do not all go one way."
        return Verdict.REPRODUCED, f"{start}{count}."
    if not two_sided:
        return Verdict.NOT_CHECKABLE, f"{start}No test can be run on what is printed."
    undecided = any(p.significant is None for p in two_sided)
    if 0 < len(below) < len(two_sided) or undecided:
        return (
            Verdict.DEPENDS,
            f"{start}Significance depends on the test: {count}{which}.",
        )
    holds = bool(below) == claimed
    verdict = Verdict.REPRODUCED if holds else Verdict.NOT_REPRODUCED
    return verdict, f"{start}{count}."


def difference_bars(tables: TwoByTwo, level: float) -> tuple[BarResult, ...]:
    """Risk difference intervals by every method; null value 0."""
    return tuple(
        bar(entry, tables, entry.function(tables, level), null_value=0.0)
        for entry in RD_INTERVALS.entries()
        if not too_much(entry, tables)
    )


@CHECKS.register(
    "direction_2x2",
    label="Direction of a 2x2 table",
    reference=_FAGERLAND,
    equation="sign of the risk difference; p of each two-sided test against alpha",
)
def direction_two_by_two(question: Question) -> Check | None:
    """Whether risks differ the way said, and under which tests significantly."""
    statement, tables = question.statement, question.tables
    if not isinstance(statement, Direction) or tables is None:
        return None
    points = point_results(tables, Interval(0, statement.alpha), statement.alpha)
    found = way(tables.risk1 - tables.risk2)
    verdict, text = judge(statement, found, points)
    bars = difference_bars(tables, 1.0 - statement.alpha)
    outside = sum(b.excludes_null is True for b in bars)
    text += (
        f" {outside} of {len(bars)} intervals of the risk difference leave out 0."
        if bars
        else ""
    )
    return Check(
        kind="direction_2x2",
        statement=str(statement),
        quantity="risk difference",
        verdict=verdict,
        explanation=f"{text} Data: {tables}.",
        recomputed=Interval.hull(
            [x for p in distinct(points) for x in p.value.floats()]
        ),
        points=points,
        bars=bars,
        null_value=0.0,
        alpha=statement.alpha,
        flips=decision_flips(points),
    )


@CHECKS.register(
    "direction_alone",
    label="Direction with no numbers",
    reference="none",
    equation="",
)
def direction_alone(question: Question) -> Check | None:
    """Say what a bare direction would need to be checked."""
    statement = question.statement
    if not isinstance(statement, Direction) or question.claim.evidence is not None:
        return None
    needs = question.claim.needs or ("group sizes", "counts, or means with SDs")
    return not_checkable(
        question, "a direction is printed and no numbers behind it", needs, "direction"
    )


@CHECKS.register(
    "qualitative", label="Statement without numbers", reference="none", equation=""
)
def qualitative(question: Question) -> Check | None:
    """Say that there is nothing to recompute, and what would be needed."""
    statement = question.statement
    if not isinstance(statement, Qualitative):
        return None
    return not_checkable(
        question, "it is a statement in words", statement.needs, "qualitative"
    )
