"""Checks of printed chi-squared statistics."""

import numpy as np

from k2stats._typing import Floats
from k2stats.audit._base import Check, PointResult, Verdict
from k2stats.audit._checks import CHECKS, Question, not_checkable
from k2stats.audit.battery import in_window, reported_window
from k2stats.audit.p_values import hull_of
from k2stats.audit.restrictions import chi_squared_statistics
from k2stats.audit.words import listed
from k2stats.evidence import ChiSquared, TwoByTwo
from k2stats.numerics.interval import Interval
from k2stats.numerics.tails import chi2_p
from k2stats.render import significant, span

_PEARSON = "Pearson (1900) Philos Mag 50:157-175"
_MOST_DF = 10


@CHECKS.register(
    "chi_squared_2x2",
    label="Chi-squared of a 2x2 table",
    reference=_PEARSON,
    equation="each chi-squared statistic on every feasible table",
)
def chi_squared_of_tables(question: Question) -> Check | None:
    """Whether any table of these sizes gives such a statistic, by any version of it."""
    statement, tables = question.statement, question.tables
    if not isinstance(statement, ChiSquared) or tables is None:
        return None
    if statement.df not in (None, 1):
        return None  # of a larger table
    window = statement.value.interval
    points = []
    for entry, statistic in chi_squared_statistics(tables):
        fits = np.isfinite(statistic) & in_window(statistic, window)
        nearest = _nearest(statistic, float(statement.value.value))
        points.append(
            PointResult(
                name=entry.name,
                label=entry.label,
                reference=entry.reference,
                version=entry.version,
                value=Interval.hull(statistic.tolist()),
                matches=bool(fits.any()),
                witness=str(tables[int(np.argmax(fits))]) if fits.any() else nearest,
                traits=entry.traits,
            )
        )
    found = [p for p in points if p.matches]
    sizes = _sizes(tables)
    if found:
        verdict = Verdict.REPRODUCED_ONLY
        each = listed([f"{p.label} ({p.witness})" for p in found])
        text = (
            f"{statement} is reproduced only by {each}: {len(found)} of "
            f"{len(points)} chi-squared statistics tried{sizes}."
        )
    else:
        verdict = Verdict.NOT_REPRODUCED
        pearson = next(p for p in points if p.name == "pearson")
        text = (
            f"{statement}: no 2x2 table{sizes} gives it by the {len(points)} "
            f"statistics tried. Pearson's goes up to "
            f"{significant(float(pearson.value.high))}, the number of people; nearest "
            f"{pearson.witness}."
        )
    verdict, text = _with_p(statement, verdict, text)
    return Check(
        kind="chi_squared_2x2",
        statement=str(statement),
        quantity="chi-squared",
        verdict=verdict,
        explanation=text,
        reported=window,
        recomputed=hull_of(points),
        points=tuple(points),
        alpha=question.alpha,
    )


def _with_p(statement: ChiSquared, verdict: Verdict, text: str) -> tuple[Verdict, str]:
    """Add whether the p-value printed with the statistic is that of one df."""
    if statement.p is None:
        return verdict, text
    printed = statement.value.interval.intersection(Interval(0, np.inf))
    point = _at(1, printed, reported_window(statement.p))
    if point.matches:
        return verdict, text
    p = span(*point.value.floats(), digits=3)
    text = f"{text} On 1 df its p is {p}, not {statement.p.text.strip()}."
    return Verdict.DISAGREE, text


def _nearest(statistic: Floats, printed: float) -> str:
    """Attainable values on either side of the print."""
    values = np.unique(statistic[np.isfinite(statistic)])
    below, above = values[values <= printed], values[values > printed]
    around = [float(x[k]) for x, k in ((below, -1), (above, 0)) if x.size]
    return listed([significant(x) for x in around])


def _sizes(tables: TwoByTwo) -> str:
    first, second = np.unique(tables.n1), np.unique(tables.n2)
    if first.size == second.size == 1:
        return f" of {first[0]:.0f} and {second[0]:.0f} people"
    return ""


@CHECKS.register(
    "chi_squared_p",
    label="P-value of a chi-squared statistic",
    reference=_PEARSON,
    equation="upper tail at each number of degrees of freedom",
)
def p_of_chi_squared(question: Question) -> Check | None:
    """Which degrees of freedom make a printed chi-squared and its p-value agree."""
    statement = question.statement
    if not isinstance(statement, ChiSquared):
        return None
    if statement.p is None:
        return not_checkable(
            question, "a statistic is printed alone", ("its p-value", "the counts")
        )
    window = reported_window(statement.p)
    given = statement.df
    candidates = range(1, _MOST_DF + 1) if given is None else range(given, given + 1)
    printed = statement.value.interval.intersection(Interval(0, np.inf))
    points = tuple(_at(df, printed, window) for df in candidates)
    fits = [p for p in points if p.matches]
    one = span(*points[0].value.floats(), digits=3)
    if not fits:
        verdict = Verdict.NOT_REPRODUCED
        tried = f"{given}" if given is not None else f"1 to {_MOST_DF}"
        text = f"{statement}: the two do not agree on {tried} df ({one} on the first)."
    elif len(fits) == len(points):
        verdict = Verdict.REPRODUCED
        text = f"{statement}: the two agree ({one})."
    else:
        verdict = Verdict.REPRODUCED_ONLY
        text = (
            f"{statement}: the two agree only with {listed([p.label for p in fits])}; "
            f"on 1 df, as for a 2x2 table, p is {one}."
        )
    return Check(
        kind="chi_squared_p",
        statement=str(statement),
        quantity="p",
        verdict=verdict,
        explanation=text,
        reported=window,
        recomputed=hull_of(points),
        points=points,
        scale="log",
        alpha=question.alpha,
        missing=() if given is not None else ("the degrees of freedom",),
    )


def _at(df: int, printed: Interval, window: Interval) -> PointResult:
    ends = np.array([float(printed.high), float(printed.low)])
    low, high = chi2_p(ends, float(df))
    value = Interval(float(low), float(high))
    return PointResult(
        name=f"df-{df}",
        label=f"{df} df",
        reference=_PEARSON,
        version=1,
        value=value,
        matches=value.intersects(window),
    )
