"""Checks by arithmetic on the printed digits: the same number twice, sums, folds."""

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import partial, reduce

from k2stats.audit._base import Check, PointResult, Verdict
from k2stats.audit._checks import CHECKS, Question, not_checkable
from k2stats.audit.words import listed
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence import Derived, Printing, SameQuantity
from k2stats.numerics.interval import Interval
from k2stats.render import span

_OPERATIONS = {
    "mean": "the mean",
    "sum": "the sum",
    "difference": "the difference",
    "percentage": "the share",
    "fold": "the ratio",
    "count": "the number",
    "minimum": "the least",
    "maximum": "the greatest",
}
_REFERENCE = "Interval arithmetic on printed digits, Moore (1966)"


@CHECKS.register(
    "same_quantity",
    label="One quantity printed in several places",
    reference=_REFERENCE,
    equation="the intersection of the rounding windows is not empty",
)
def same_quantity(question: Question) -> Check | None:
    """Whether some number, in one unit, rounds to every printing."""
    statement = question.statement
    if not isinstance(statement, SameQuantity):
        return None
    printings = statement.printings
    common = reduce(Interval.intersection, (p.value.interval for p in printings))
    units = {_unit(p) for p in printings if p.value.unit}
    first = printings[0].value.interval
    points = tuple(
        PointResult(
            name=f"printing {k}",
            label=f"{p.value} ({p.where})",
            reference=p.where,
            version=1,
            value=p.value.interval,
            matches=p.value.interval.intersects(first)
            and _unit(p) == _unit(printings[0]),
        )
        for k, p in enumerate(printings, start=1)
    )
    places = listed([f"{p.value} in {p.where}" for p in printings])
    if common.is_empty:
        verdict = Verdict.DISAGREE
        because = f"No number rounds to all of them: {places}."
    elif len(units) > 1:
        verdict = Verdict.DISAGREE
        because = f"The digits agree and the units do not: {places}."
    else:
        verdict = Verdict.CONSISTENT
        because = f"One number rounds to all of them: {places}."
    return Check(
        kind="same_quantity",
        statement=str(statement),
        quantity=_axis(statement.what, printings[0]),
        verdict=verdict,
        explanation=because,
        reported=first,
        recomputed=None if common.is_empty else common,
        points=points,
        alpha=question.alpha,
    )


@CHECKS.register(
    "derived",
    label="A number said to follow from others",
    reference=_REFERENCE,
    equation="the result over all values the parts can stand for meets the window",
)
def derived(question: Question) -> Check | None:
    """Recompute a mean, sum, difference, share, fold or count from its parts."""
    readings = [s for s in question.statements if isinstance(s, Derived)]
    if not readings:
        return None
    window = readings[0].value.interval
    points = tuple(_reading(s, k) for k, s in enumerate(readings, start=1))
    if not any(map(math.isfinite, Interval.hull(_ends(points)).floats())):
        what = f"{readings[0].value} as {_OPERATIONS[readings[0].operation]}"
        return not_checkable(
            question,
            f"{what} has a divisor that may be zero as it is printed",
            ("the divisor with more digits, or exact",),
            "derived",
        )
    fits = [p for p in points if p.matches]
    operation = _OPERATIONS[readings[0].operation]
    stated = f"{readings[0].value} as {operation}"
    if len(points) == 1:
        values = listed([str(p.value) for p in readings[0].parts])
        what = f" ({readings[0].what})" if readings[0].what else ""
        stated = f"{stated} of {values}{what}"
    tell = partial(
        _told, alone=len(points) == 1, percent=readings[0].value.is_percentage
    )
    yes = [tell(p) for p in fits]
    no = [tell(p) for p in points if not p.matches]
    if not no:
        verdict = Verdict.REPRODUCED
        explanation = f"{stated} is reproduced: {listed(yes)}."
    elif fits:
        verdict = Verdict.REPRODUCED_ONLY
        explanation = (
            f"{stated} is reproduced only with {listed(yes)}, not with {listed(no)}."
        )
    else:
        verdict = Verdict.NOT_REPRODUCED
        explanation = f"{stated} is not reproduced: {listed(no)}."
    return Check(
        kind="derived",
        statement=str(readings[0]) if len(readings) == 1 else stated,
        quantity=_axis(readings[0].operation, readings[0]),
        verdict=verdict,
        explanation=explanation,
        reported=window,
        recomputed=Interval.hull(_ends(points)),
        points=points,
        alpha=question.alpha,
    )


def _ends(points: Sequence[PointResult]) -> list[float]:
    return [x for p in points for x in p.value.floats()]


def _reading(statement: Derived, position: int) -> PointResult:
    value = recompute(statement)
    parts = ", ".join(f"{p.value} ({p.where})" for p in statement.parts)
    return PointResult(
        name=f"reading {position}",
        label=statement.what or f"{statement.operation} of {parts}",
        reference=parts,
        version=1,
        value=value,
        matches=value.intersects(statement.value.interval),
        witness=parts,
    )


def recompute(statement: Derived) -> Interval:
    """Return the enclosure of the derived number over all its parts stand for.

    Examples
    --------
    >>> from k2stats.evidence import Reported
    >>> fold = Derived("fold", Reported(">3"), (
    ...     Printing(Reported("866", "ng/ml"), "controls"),
    ...     Printing(Reported("196", "ng/ml"), "patients")))
    >>> print(recompute(fold))
    [4.40458, 4.43223]
    """
    parts = [p.value.interval for p in statement.parts]
    match statement.operation:
        case "sum":
            return reduce(Interval.__add__, parts)
        case "mean":
            share = Interval.point(Fraction(1, len(parts)))
            return reduce(Interval.__add__, parts) * share
        case "difference":
            return parts[0] - parts[1]
        case "percentage" | "fold":
            return parts[0] / parts[1]
        case "count":
            return Interval.point(Fraction(len(parts)))
        case "minimum" | "maximum":
            pick = min if statement.operation == "minimum" else max
            low = pick(p.low for p in parts)
            return Interval(low, pick(p.high for p in parts))
    raise InvalidEvidenceError(
        field="operation", requirement="a known operation", given=statement.operation
    )


def _told(point: PointResult, *, alone: bool, percent: bool) -> str:
    """Return a reading's value, with its name where there are several."""
    low, high = point.value.floats()
    value = f"{span(100 * low, 100 * high)}%" if percent else span(low, high)
    return value if alone else f"{point.label} ({value})"


def _unit(printing: Printing) -> str:
    return printing.value.unit.replace(" ", "").casefold()


def _axis(what: str, item: Printing | Derived) -> str:
    unit = item.value.unit
    return f"{what} ({unit})" if unit else what
