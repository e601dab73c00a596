"""Checks of printed numbers needed to treat or harm."""

from dataclasses import replace

import numpy as np

from k2stats._typing import Floats
from k2stats.absolute_effects import EventsAre, nnt, nnt_by_horizon, nnt_from_ratio
from k2stats.audit._base import Check, PointResult, Verdict
from k2stats.audit._checks import CHECKS, Question, not_checkable
from k2stats.audit.p_values import hull_of
from k2stats.audit.words import listed
from k2stats.evidence import (
    Claim,
    Horizon,
    NumberNeeded,
    PrintedTwoByTwo,
    RatioCI,
    RatioWithCI,
    TwoByTwo,
)
from k2stats.numerics.interval import Interval
from k2stats.render import significant, span

_ALTMAN = "Altman (1998) BMJ 317:1309-1312"
_ALTMAN_ANDERSEN = "Altman & Andersen (1999) BMJ 319:1492-1495"
_HANDBOOK = "Cochrane Handbook, chapter 15: numbers needed to treat are rounded up"
_TIMES = (1.0, 5.0, 10.0)


@CHECKS.register(
    "number_needed",
    label="Number needed to treat or harm",
    reference=f"{_ALTMAN}; {_ALTMAN_ANDERSEN}",
    equation="1 / |risk1 - risk2|; from a ratio, the treated risk that it implies",
)
def number_needed(question: Question) -> Check | None:
    """Recompute it from the counts and from each ratio stated beside it."""
    statement, tables = question.statement, question.tables
    if not isinstance(statement, NumberNeeded):
        return None
    horizon = _horizon(question.claim)
    missing: tuple[str, ...] = ()
    if statement.horizon is None:
        known = f" (the counts are over {horizon})" if horizon else ""
        missing = (f"the time horizon of the {statement.kind}{known}",)
    if tables is None:
        needs = (*missing, "counts, or a baseline risk and a ratio")
        return not_checkable(
            question, "no counts or baseline risk are printed", needs, "number_needed"
        )
    window = statement.value.interval
    points = [_crude(tables, statement)]
    for other in question.claim.states:
        if isinstance(other, RatioCI):
            points.append(_from_ratio(tables, other.ratio, window, horizon))
    fits = [p for p in points if p.matches]
    told = [f"{p.label} gives {span(*p.value.floats())}" for p in points]
    if not fits:
        verdict = Verdict.NOT_REPRODUCED
    elif len(fits) == len(points):
        verdict = Verdict.REPRODUCED
    else:
        verdict = Verdict.REPRODUCED_ONLY
    word = verdict.value
    if fits:
        by = "" if word.endswith(" by") else " by"
        word = f"{word}{by} {listed([p.label for p in fits])}"
    text = f"{statement} is {word}: {listed(told)}."
    if tables.events1.size == 1:
        crude = nnt(tables, interval="wald", events=_events(tables, statement))
        limits = np.sort(np.abs([crude.near[0], crude.far[0]]))
        through = " through infinity" if crude.through_infinity[0] else ""
        text += f" Wald limits {span(float(limits[0]), float(limits[1]))}{through}."
    if missing:
        text += f" {_why_a_horizon(question.claim, tables, horizon)}"
    return Check(
        kind="number_needed",
        statement=str(statement),
        quantity=statement.kind,
        verdict=verdict,
        explanation=text,
        reported=window,
        recomputed=hull_of(points),
        points=tuple(points),
        scale="linear",
        alpha=question.alpha,
        missing=missing,
    )


def _horizon(claim: Claim) -> Horizon | None:
    """Follow-up printed with the evidence."""
    if isinstance(claim.evidence, PrintedTwoByTwo | RatioWithCI):
        return claim.evidence.horizon
    return None


def _events(tables: TwoByTwo, statement: NumberNeeded) -> EventsAre:
    """Which way events count, given what the source calls the number."""
    more = bool(np.all(tables.risk1 >= tables.risk2))
    benefit = statement.kind == "NNT"
    return "beneficial" if more == benefit else "harmful"


def _crude(tables: TwoByTwo, statement: NumberNeeded) -> PointResult:
    """Enclose the reciprocal; whole numbers are often printed rounded up."""
    with np.errstate(divide="ignore"):
        values = 1.0 / np.abs(tables.risk1 - tables.risk2)
    printed = statement.value
    matches = any(float(x) in printed.interval for x in values)
    up = ""
    if not matches and printed.value.denominator == 1 and not printed.exact:
        window = replace(printed, rounding="ceiling").interval
        matches = any(float(x) in window for x in values)
        up = ", rounded up" if matches else ""
    return PointResult(
        name="crude-risk-difference",
        label=f"the reciprocal of the crude risk difference{up}",
        reference=_HANDBOOK if up else _ALTMAN,
        version=1,
        value=Interval.hull(values),
        matches=matches,
        witness=str(tables),
    )


def _from_ratio(
    tables: TwoByTwo, ratio: RatioWithCI, window: Interval, horizon: Horizon | None
) -> PointResult:
    """Enclose the number over the rounding of a ratio, at the control risk."""
    values: list[Floats] = []
    printed = float(ratio.estimate.value)
    for theta in (printed, *ratio.estimate.interval.floats()):
        found = nnt_from_ratio(
            ratio.kind,
            theta,
            baseline_risk=tables.risk2,
            horizon=horizon or "1 y",
            events="harmful",
        )
        values.append(found.value)
    value = Interval.hull(np.concatenate(values).tolist())
    nominal = Interval.hull(values[0].tolist()).floats()
    over = f" at {horizon}" if horizon else ""
    return PointResult(
        name=f"from-{ratio.kind.lower()}",
        label=f"{ratio.kind} {ratio.estimate.text} with the control risk{over}"
        f" ({span(*nominal)} at the printed ratio)",
        reference=_ALTMAN_ANDERSEN,
        version=1,
        value=value,
        matches=value.intersects(window),
        witness=f"control risk {100 * float(tables.risk2[0]):.4g}%",
    )


def _why_a_horizon(claim: Claim, tables: TwoByTwo, horizon: Horizon | None) -> str:
    """Show how far the number moves with time, where a hazard ratio is stated."""
    ratios = [s.ratio for s in claim.states if isinstance(s, RatioCI)]
    hazards = [r for r in ratios if r.kind == "HR"]
    needed = "No horizon is printed, and without one the number is undefined"
    if not hazards or horizon is None or tables.events1.size != 1:
        return f"{needed}."
    ratio = float(hazards[0].estimate.value)
    found = nnt_by_horizon(
        ratio,
        list(_TIMES),
        baseline_risk=float(tables.risk2[0]),
        baseline_time=float(horizon.length.value),
        events="harmful",
    )
    each = [
        f"{significant(float(n), 3)} at {t:g} {horizon.unit}"
        for t, n in zip(_TIMES, found.nnt.value, strict=True)
    ]
    return f"{needed}: at HR {hazards[0].estimate.text} it is {listed(each)}."
