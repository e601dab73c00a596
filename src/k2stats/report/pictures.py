"""A check's picture: its methods' numbers against the print."""

import math
from dataclasses import dataclass

from k2stats.audit import Check, PointResult
from k2stats.numerics.interval import Interval
from k2stats.render import (
    Band,
    Bar,
    Mark,
    interval_bars,
    p_value_strip,
    point_strip,
    significant,
)

_ALIAS = "alias"
_ONE_SIDED = "one-sided"
_ROWS = {"same_quantity": "printing", "derived": "reading"}
_A_WORD = 12
"""A quantity's name up to so long can stand in a caption."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture as SVG markup, and the words beneath it."""

    svg: str
    caption: str


def figures(check: Check, *, style: bool = False) -> tuple[Figure, ...]:
    """Return the pictures of a check: none, a strip, bars, or both.

    Parameters
    ----------
    check : Check
    style : bool
        Whether each picture carries its style sheet; the report has one for all.
    """
    return tuple(f for f in (_strip(check, style), _bars(check, style)) if f)


def distinct(check: Check) -> tuple[PointResult, ...]:
    """Return the methods with a number that were run, each procedure once."""
    return tuple(p for p in check.points if not p.note and _ALIAS not in p.traits)


def is_alias(point: PointResult) -> bool:
    """Whether a method is another one under a second name."""
    return _ALIAS in point.traits


def _strip(check: Check, style: bool) -> Figure | None:
    """Return the numbers of the methods that were run, each procedure once.

    Beside two-sided methods one-sided ones are shown where they give the print; the
    others would only stretch the axis to 1.
    """
    ran = [p for p in distinct(check) if not any(map(math.isnan, p.value.floats()))]
    two_sided = [p for p in ran if _ONE_SIDED not in p.traits]
    shown = [p for p in ran if p.matches or p in two_sided] if two_sided else ran
    if not shown:
        return None
    left_out = len(ran) - len(shown)
    several = len({p.witness for p in shown}) > 1
    marks = [
        Mark(
            p.label,
            *p.value.floats(),
            filled=p.matches,
            detail=_detail(check, p.matches, p.witness if several else ""),
        )
        for p in shown
    ]
    what = quantity(check) if len(quantity(check)) <= _A_WORD else "number"
    about = _caption(check, len(shown), sum(p.matches for p in shown), what)
    if left_out:
        about += f" {left_out} one-sided tests are in the table only."
    if of_p_values(check):
        about += f" Dashed: alpha {check.alpha:g}."
        svg = p_value_strip(
            marks,
            title=f"p by method: {check.statement}",
            description=about,
            alpha=check.alpha,
            window=_band(check.reported) if check.quantity == "p" else None,
            style=style,
        )
        return Figure(svg, about)
    svg = point_strip(
        marks,
        title=f"{check.quantity} by method: {check.statement}",
        description=about,
        axis_label=_axis_label(check),
        scale=check.scale,
        band=_band(check.reported),
        style=style,
    )
    return Figure(svg, about)


def of_p_values(check: Check) -> bool:
    """Whether the numbers are p-values: only these lead to decisions."""
    decided = any(p.significant is not None for p in check.points)
    return check.quantity == "p" or decided


def quantity(check: Check) -> str:
    """Return what the numbers are."""
    return "p" if of_p_values(check) else check.quantity or "number"


def row_noun(check: Check, count: int) -> str:
    """Return what a check's rows are: methods, printings, or readings."""
    noun = _ROWS.get(check.kind, "method")
    return noun if count == 1 else f"{noun}s"


def _bars(check: Check, style: bool) -> Figure | None:
    """Return the intervals, one bar a method."""
    if not check.bars:
        return None
    several = len({b.witness for b in check.bars}) > 1
    bars = [
        Bar(
            b.label,
            b.estimate,
            b.low,
            b.high,
            filled=b.matches,
            detail=_detail(check, b.matches, b.witness if several else ""),
        )
        for b in check.bars
    ]
    hits = sum(b.matches for b in check.bars)
    about = _caption(check, len(bars), hits, "estimate with its interval")
    own_window = not check.points or not of_p_values(check)
    svg = interval_bars(
        bars,
        title=f"{check.quantity} with intervals by method: {check.statement}",
        description=about,
        axis_label=_axis_label(check),
        scale=check.scale,
        band=_band(check.reported) if own_window else None,
        null=check.null_value,
        style=style,
    )
    return Figure(svg, about)


def _detail(check: Check, matches: bool, witness: str) -> str:
    """Return what the pointer tells of a mark beside its name and number."""
    agrees = "agrees" if check.reported is None else "prints as reported"
    parts = [agrees if matches else "", f"on {witness}" if witness else ""]
    return ", ".join(p for p in parts if p)


def _caption(check: Check, count: int, hits: int, what: str) -> str:
    """Return what marks, filling and shading mean, and how many match."""
    if count == 1:
        text = f"The mark is the recomputed {what}."
    else:
        text = f"Each mark is one {row_noun(check, 1)}\u2019s {what}."
    if check.reported is None:
        if not hits or count == 1:
            return text
        return f"{text} Filled: agrees with what is said ({hits} of {count})."
    if count == 1:
        filled = "it gives the print" if hits else "it does not give the print"
        return f"{text} Shaded: values that print as stated; {filled}."
    return f"{text} Filled: gives the print ({hits} of {count}). Shaded: the print."


def _axis_label(check: Check) -> str:
    """Return the quantity, and that the axis is logarithmic where it is."""
    return f"{check.quantity}, logarithmic" if check.scale == "log" else check.quantity


def _band(window: Interval | None) -> Band | None:
    """Return the window of values that print as reported, with its ends in words."""
    if window is None:
        return None
    low, high = window.floats()
    if math.isnan(low) or math.isnan(high):
        return None
    return Band(low, high, f"reported {window_text(window)}")


def window_text(window: Interval) -> str:
    """Return a window of values in words.

    Examples
    --------
    >>> from fractions import Fraction
    >>> window_text(Interval(Fraction("0.0435"), Fraction("0.0445")))
    '0.0435 to 0.0445'
    >>> window_text(Interval(-math.inf, Fraction("0.001"), False, False))
    'below 0.001'
    """
    low, high = window.floats()
    if low == -math.inf:
        return "any value" if high == math.inf else f"below {_end(high)}"
    if high == math.inf:
        return f"above {_end(low)}"
    return _end(low) if low == high else f"{_end(low)} to {_end(high)}"


def _end(value: float) -> str:
    """Return an end of a window: half a printed unit needs all its digits."""
    text = f"{value:.12g}"
    return text if len(text) <= 9 else significant(value, 6)
