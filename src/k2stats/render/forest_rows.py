"""A forest as rows of text and intervals, for pages: studies, flags and summaries."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from k2stats.render.axis import Axis, Scale
from k2stats.render.frame import Frame, Rule
from k2stats.render.numbers import significant
from k2stats.render.svg import (
    NARROWEST,
    element,
    length,
    note,
    picture,
    place,
    shorten,
    text_width,
    words,
)

ROW = 34.0
GAP = 14.0
_LARGEST, _SMALLEST = 13.0, 5.0
"""Sides of the squares of the heaviest and of a weightless study, in pixels."""
_DIAMOND = 12.0
_REACH = 1.2
"""Limits are shown up to so many usual widths beyond the usual limits."""


@dataclass(frozen=True, slots=True)
class ForestLine:
    """One row of the forest.

    Attributes
    ----------
    label : str
    estimate, low, high : float
        NaN where there is none.
    kind : {"study", "summary"}
    flag : str
        What a study is flagged for; empty for none. Flagged ones are hollow, their
        bars broken, and the flag stands beside the name.
    share : float
        Weight of a study, 0 to 1; the area of its square.
    text : str
        The numbers as they are printed; rounded ones where it is empty.
    detail : str
        More to say when the pointer rests on the row.
    """

    label: str
    estimate: float
    low: float
    high: float
    kind: Literal["study", "summary"] = "study"
    flag: str = ""
    share: float = 1.0
    text: str = ""
    detail: str = ""

    @property
    def words(self) -> str:
        """Estimate and limits: as printed, or to three significant digits."""
        if self.text:
            return self.text
        if math.isnan(self.estimate):
            return "none"
        est, low, high = (
            significant(x, 3) for x in (self.estimate, self.low, self.high)
        )
        return f"{est} ({low} to {high})"

    @property
    def name(self) -> str:
        """The label with the flag."""
        return f"{self.label} \u2715 {self.flag}" if self.flag else self.label


def forest_rows(
    lines: Sequence[ForestLine],
    *,
    title: str,
    description: str = "",
    axis_label: str = "",
    scale: Scale = "log",
    null: float | None = 1.0,
    style: bool = True,
) -> str:
    """Return a forest: a square for each study, a diamond for each summary.

    Parameters
    ----------
    lines : sequence of ForestLine
        From top to bottom.
    title, description : str
        For screen readers.
    axis_label : str
    scale : {"linear", "log"}
    null : float, optional
        No effect.
    style : bool
        Whether the picture carries its style sheet.

    Returns
    -------
    str
        An ``svg`` element.

    Examples
    --------
    >>> svg = forest_rows([ForestLine("A", 0.5, 0.3, 0.8),
    ...                    ForestLine("B", 0.4, 0.2, 0.9, flag="retracted"),
    ...                    ForestLine("both", 0.47, 0.3, 0.7, "summary")], title="A, B")
    >>> "B \u2715 retracted" in svg, "0.470 (0.300 to 0.700)" in svg
    (True, True)
    """
    axis = _axis(lines, scale, null)
    rule = None if null is None else Rule(null, "no effect")
    frame = Frame(axis, axis_label, None, rule)
    bottom = frame.head + ROW * len(lines) + 6.0
    rows = [
        _row(line, axis, frame.head + ROW * k + 12.0) for k, line in enumerate(lines)
    ]
    return picture(
        frame.behind(bottom),
        frame.below(bottom),
        *rows,
        height=bottom + frame.foot,
        title=title,
        description=description,
        style=style,
    )


def _axis(lines: Sequence[ForestLine], scale: Scale, null: float | None) -> Axis:
    """Return an axis with every estimate and all limits that are not far out."""
    to = math.log if scale == "log" else float
    back = math.exp if scale == "log" else float

    def usable(x: float) -> bool:
        return math.isfinite(x) and (scale == "linear" or x > 0.0)

    must = [x.estimate for x in lines if usable(x.estimate)]
    must += [] if null is None else [null]
    whole = [(to(x.low), to(x.high)) for x in lines if usable(x.low) and usable(x.high)]
    if not whole:
        return Axis.around(must, scale=scale, margin=0.15)
    low = sorted(a for a, _ in whole)[(len(whole) - 1) // 2]
    high = sorted(b for _, b in whole)[len(whole) // 2]
    reach = _REACH * max(high - low, 1e-9)
    ends = [max(a, low - reach) for a, _ in whole]
    ends += [min(b, high + reach) for _, b in whole]
    return Axis.around([*must, *map(back, ends)], scale=scale)


def _row(line: ForestLine, axis: Axis, y: float) -> str:
    """Return one row: its words, and below them its interval."""
    summary = line.kind == "summary"
    weight = "k2-strong" if summary else "k2-soft"
    wide_only = text_width(line.name) + text_width(line.words) + GAP > NARROWEST
    told = f"{line.name}: {line.words}" + (f", {line.detail}" if line.detail else "")
    parts = [
        note(told),
        words(shorten(line.name, NARROWEST), x="0", y=y, class_=weight),
        words(
            line.words,
            x="100%",
            y=y,
            text_anchor="end",
            class_=f"{weight} k2-wide" if wide_only else weight,
        ),
    ]
    middle = y + 12.0
    numbers = (line.estimate, line.low, line.high)
    if not any(map(math.isnan, numbers)):
        parts.append(
            _diamond(line, axis, middle) if summary else _study(line, axis, middle)
        )
    return element("g", *parts)


def _study(line: ForestLine, axis: Axis, y: float) -> str:
    """Return a bar with arrows where it goes on, and a square for the weight."""
    first, last = axis.share(line.low), axis.share(line.high)
    dashes = {"stroke_dasharray": "3 3"} if line.flag else {}
    parts = [
        element(
            "line",
            x1=place(first),
            x2=place(last),
            y1=y,
            y2=y,
            class_="k2-bar",
            **dashes,
        )
    ]
    for end, share, point in ((line.low, first, -1), (line.high, last, 1)):
        if not axis.holds(end):
            arrow = element("path", d=f"M0 -5 L{8 * point} 0 L0 5 Z", class_="k2-tip")
            parts.append(element("svg", arrow, x=place(share), y=y, overflow="visible"))
    if axis.holds(line.estimate):
        share = min(max(line.share, 0.0), 1.0)
        side = _SMALLEST + (_LARGEST - _SMALLEST) * math.sqrt(share)
        square = element(
            "rect",
            x=-side / 2,
            y=-side / 2,
            width=side,
            height=side,
            class_="k2-mark" if line.flag else "k2-tip",
        )
        at = place(axis.share(line.estimate))
        parts.append(element("svg", square, x=at, y=y, overflow="visible"))
    return "".join(parts)


def _diamond(line: ForestLine, axis: Axis, y: float) -> str:
    """Return a diamond from limit to limit, its corners at the estimate."""
    first, last = axis.share(line.low), axis.share(line.high)
    if last - first < 1e-6:
        return ""
    at = 100.0 * (axis.share(line.estimate) - first) / (last - first)
    half = _DIAMOND / 2
    shape = element(
        "path",
        d=f"M0 {half:g} L{at:.2f} 0 L100 {half:g} L{at:.2f} {_DIAMOND:g} Z",
        class_="k2-tip k2-hit",
    )
    # Only a picture of its own can be stretched in one direction.
    return element(
        "svg",
        shape,
        x=place(first),
        y=y - half,
        width=length(last - first),
        height=_DIAMOND,
        viewBox=f"0 0 100 {_DIAMOND:g}",
        preserveAspectRatio="none",
    )
