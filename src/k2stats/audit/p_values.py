"""Checks of printed p-values."""

from collections.abc import Sequence

from k2stats.audit._base import Check, PointResult, Verdict
from k2stats.audit._checks import CHECKS, Question
from k2stats.audit.battery import point_results, reported_window
from k2stats.audit.named_tests import named
from k2stats.audit.words import listed
from k2stats.evidence import PValue
from k2stats.numerics.interval import Interval
from k2stats.render import span

BESIDE = ("pearson", "fisher", "barnard", "boschloo-doubled")
"""2x2 tests that a reader looks for first, named whether or not they match."""


def distinct(points: tuple[PointResult, ...]) -> list[PointResult]:
    """Methods that were run, each procedure once."""
    return [p for p in points if not p.note and "alias" not in p.traits]


def hull_of(points: Sequence[PointResult]) -> Interval:
    """Smallest interval that holds every method's values."""
    return Interval.hull([x for p in points for x in p.value.floats()])


def decision_flips(points: tuple[PointResult, ...]) -> bool:
    """Whether two-sided methods differ in their decision at alpha."""
    two_sided = [p for p in distinct(points) if "one-sided" not in p.traits]
    decisions = {p.significant for p in two_sided}
    return len(decisions) > 1 or None in decisions


def with_value(point: PointResult) -> str:
    """Return a method's name with its recomputed value."""
    return f"{point.label} {span(*point.value.floats(), digits=3)}"


def conclude(
    question: Question,
    statement: PValue,
    points: tuple[PointResult, ...],
    *,
    data: str,
    missing: tuple[str, ...] = (),
) -> Check:
    """Put recomputed p-values beside the printed one and say what holds.

    Reproduced: every two-sided method gives the print, or the method that the source
    names does. Reproduced only by: some do. The number tried is part of the answer,
    since a match found by searching many methods is weak evidence.
    """
    window = reported_window(statement.value)
    tried = distinct(points)
    fits = [p for p in tried if p.matches]
    alternative = statement.alternative
    one_sided = alternative != "two-sided"
    expected = [p for p in tried if ("one-sided" in p.traits) == one_sided]
    meant = named(statement.test, [p for p in points if not p.note], alternative)
    flips = decision_flips(points)
    said = f"{statement} (values {_window_text(window)})"
    if not tried:
        verdict = Verdict.NOT_CHECKABLE
        text = f"Not checkable because no method is defined for {data}."
    elif expected and all(p.matches for p in expected):
        verdict = Verdict.REPRODUCED
        count = len(expected)
        under = "the one method" if count == 1 else f"all {count} methods"
        text = f"{said} holds under {under} tried on {data}."
    elif fits:
        verdict = Verdict.REPRODUCED_ONLY
        by = ""
        if any(p.matches for p in meant):
            verdict, by = Verdict.REPRODUCED, " by"
        text = (
            f"{said} on {data} is {verdict.value}{by} "
            f"{listed([with_value(p) for p in fits])}: {len(fits)} of {len(tried)} "
            f"methods tried."
        )
    else:
        verdict = Verdict.NOT_REPRODUCED
        near = sorted(tried, key=lambda p: _distance(p.value, window))[:2]
        text = (
            f"{said} on {data} is not reproduced by the {len(tried)} methods tried; "
            f"nearest {listed([with_value(p) for p in near])}."
        )
    if tried and statement.test:
        text += f" {_of_the_named(statement, meant)}"
    if tried and verdict is not Verdict.REPRODUCED:
        beside = [p for p in tried if p.name in BESIDE and not p.matches]
        beside = [p for p in beside if p not in meant]
        if beside:
            text += f" Beside them {listed([with_value(p) for p in beside])}."
    if tried and flips:
        alpha = f"{question.alpha:g}"
        text += f" The decision at {alpha} differs between methods."
    return Check(
        kind="p_value",
        statement=str(statement),
        quantity="p",
        verdict=verdict,
        explanation=text,
        reported=window,
        recomputed=hull_of(tried),
        points=points,
        scale="log",
        alpha=question.alpha,
        flips=flips if tried else None,
        missing=missing,
    )


def _of_the_named(statement: PValue, meant: Sequence[PointResult]) -> str:
    """Say what the test that the source names gives."""
    name = statement.test.strip()
    if not meant:
        return f"No method tried is known by the name in the source, {name}."
    fits = [p for p in meant if p.matches]
    if fits:
        return f"The source names {name}: {listed([p.label for p in fits])}."
    each = listed([with_value(p) for p in meant])
    return f"The source names {name}, which does not give it: {each}."


def _distance(value: Interval, window: Interval) -> float:
    """How far a method's values lie from the window."""
    if value.intersects(window):
        return 0.0
    return float(max(value.low - window.high, window.low - value.high))


def _window_text(window: Interval) -> str:
    low, high = window.floats()
    return f"below {high:g}" if low <= 0 else f"{low:g} to {high:g}"


@CHECKS.register(
    "p_value_2x2",
    label="P-value of a 2x2 table",
    reference="Fagerland, Lydersen & Laake (2017), Statistical Analysis of Contingency "
    "Tables",
    equation="p of each registered test on every feasible table",
)
def p_value_two_by_two(question: Question) -> Check | None:
    """Run every registered 2x2 test on every table that fits the print."""
    statement = question.statement
    if not isinstance(statement, PValue) or question.tables is None:
        return None
    tables = question.tables
    points = point_results(tables, reported_window(statement.value), question.alpha)
    return conclude(question, statement, points, data=str(tables))
