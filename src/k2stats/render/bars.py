"""Intervals as bars, one a method, against no effect and a window."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from k2stats.render.axis import Axis, Scale
from k2stats.render.frame import Band, Frame, Rule
from k2stats.render.numbers import INFINITY, significant
from k2stats.render.svg import (
    NARROWEST,
    element,
    note,
    picture,
    place,
    shorten,
    text_width,
    words,
)

ROW = 34.0
RADIUS = 5.0
GAP = 14.0
_WIDE = 440.0
"""Pixels a picture has at least on a page that is no telephone's, see ``STYLE``."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One method's estimate with its interval.

    Attributes
    ----------
    label : str
        The method.
    estimate, low, high : float
        A limit may be infinite. ``low`` above ``high`` means that the interval runs
        through infinity: it holds what is above `low` and what is below `high`.
        NaN where undefined.
    filled : bool
        Whether it gives the print.
    text : str
        The interval in words where numbers alone do not say it.
    detail : str
        More to say when the pointer rests on the bar.
    """

    label: str
    estimate: float
    low: float
    high: float
    filled: bool = False
    text: str = ""
    detail: str = ""

    @property
    def words(self) -> str:
        """Estimate and interval as text, to three significant digits."""
        return self.text or self.text_to(3)

    def text_to(self, digits: int) -> str:
        """Return estimate and interval to `digits` significant digits.

        Examples
        --------
        >>> Bar("Newcombe", 5.75, 2.89, -262.0).text_to(3)
        '5.75 (2.89 to ∞ to -262)'
        """
        if math.isnan(self.estimate) and math.isnan(self.low):
            return "undefined"
        est, low, high = (
            significant(x, digits) for x in (self.estimate, self.low, self.high)
        )
        if self.low > self.high:
            return f"{est} ({low} to {INFINITY} to {high})"
        return f"{est} ({low} to {high})"


def interval_bars(
    bars: Sequence[Bar],
    *,
    title: str,
    description: str = "",
    axis_label: str = "",
    scale: Scale = "linear",
    band: Band | None = None,
    null: float | None = None,
    null_label: str = "no effect",
    style: bool = True,
) -> str:
    """Return a picture of estimates with their intervals, one below the other.

    Each row has the method's name and numbers above its bar. Bars that give the
    print are filled and thick. What reaches beyond the axis ends in an arrow.

    Parameters
    ----------
    bars : sequence of Bar
    title, description : str
        For screen readers.
    axis_label : str
    scale : {"linear", "log"}
    band : Band, optional
        The estimates that print as reported.
    null : float, optional
        No effect.
    null_label : str
    style : bool
        Whether the picture carries its style sheet.

    Examples
    --------
    >>> svg = interval_bars([Bar("Katz", 1.23, 0.99, 1.54)], title="RR", null=1.0)
    >>> "1.23 (0.990 to 1.54)" in svg
    True
    """
    axis = _fit(bars, scale, band, null)
    rule = None if null is None else Rule(null, null_label)
    frame = Frame(axis, axis_label, band, rule)
    bottom = frame.head + ROW * len(bars) + 6.0
    rows = [_row(bar, axis, frame.head + ROW * k + 12.0) for k, bar in enumerate(bars)]
    return picture(
        frame.behind(bottom),
        frame.below(bottom),
        *rows,
        height=bottom + frame.foot,
        title=title,
        description=description,
        style=style,
    )


def _fit(
    bars: Sequence[Bar], scale: Scale, band: Band | None, null: float | None
) -> Axis:
    """Return an axis that shows all but limits far beyond what is usual here.

    One method's enormous limit would press the others into a corner: limits are
    shown up to a further length of the middle interval beyond its ends.
    """
    whole = [b for b in bars if all(map(math.isfinite, (b.low, b.high)))]
    usable = [b for b in whole if scale == "linear" or b.low > 0]
    must = [b.estimate for b in bars]
    if band is not None:
        must += [band.low, band.high]
    if null is not None:
        must.append(null)
    if not usable:
        # Half-open bars alone: room beside the finite ends, for the arrows.
        ends = [e for b in bars for e in (b.low, b.high)]
        return Axis.around([*must, *ends], scale=scale, margin=0.15)
    forward = math.log if scale == "log" else float
    back = math.exp if scale == "log" else float
    low = sorted(forward(min(b.low, b.high)) for b in usable)[len(usable) // 2]
    high = sorted(forward(max(b.low, b.high)) for b in usable)[len(usable) // 2]
    reach = 1.0 * (high - low)
    lows = [max(forward(min(b.low, b.high)), low - reach) for b in usable]
    highs = [min(forward(max(b.low, b.high)), high + reach) for b in usable]
    return Axis.around([*must, *map(back, lows), *map(back, highs)], scale=scale)


def _row(bar: Bar, axis: Axis, y: float) -> str:
    """Return one method's line of text and its bar below."""
    kind = " k2-hit" if bar.filled else ""
    weight = "k2-strong" if bar.filled else "k2-soft"
    beside = text_width(bar.label) + text_width(bar.words) + GAP
    # Where both do not fit on a telephone, the name stays and the numbers, which
    # the pointer and the table give too, are shown on wider pages only.
    wide_only = beside > NARROWEST
    room = _WIDE - text_width(bar.words) - GAP if wide_only else NARROWEST
    if wide_only:
        room = min(room, NARROWEST)
    told = f"{bar.label}: {bar.words}"
    if bar.detail:
        told += f", {bar.detail}"
    parts = [
        note(told),
        words(shorten(bar.label, room), x="0", y=y, class_=weight),
        words(
            bar.words,
            x="100%",
            y=y,
            text_anchor="end",
            class_=f"{weight} k2-wide" if wide_only else weight,
        ),
    ]
    middle = y + 12.0
    if not (math.isnan(bar.low) or math.isnan(bar.high)):
        for low, high in _pieces(bar):
            parts.append(_piece(low, high, axis, middle, kind))
    if math.isfinite(bar.estimate) and axis.holds(bar.estimate):
        parts.append(
            element(
                "circle",
                cx=place(axis.share(bar.estimate)),
                cy=middle,
                r=RADIUS,
                class_=f"k2-mark{kind}",
            )
        )
    return element("g", *parts)


def _pieces(bar: Bar) -> list[tuple[float, float]]:
    """Return the interval as one piece, or two where it runs through infinity."""
    if bar.low <= bar.high:
        return [(bar.low, bar.high)]
    return [(bar.low, math.inf), (-math.inf, bar.high)]


def _piece(low: float, high: float, axis: Axis, y: float, kind: str) -> str:
    """Return a bar; its ends are strokes, or arrows where it goes on."""
    first, last = axis.share(low), axis.share(high)
    parts = [
        element(
            "line",
            x1=place(first),
            x2=place(last),
            y1=y,
            y2=y,
            class_=f"k2-bar{kind}",
        )
    ]
    for end, share, point in ((low, first, -1), (high, last, 1)):
        x = place(share)
        if axis.holds(end):
            parts.append(
                element("line", x1=x, x2=x, y1=y - 5, y2=y + 5, class_=f"k2-cap{kind}")
            )
            continue
        # A path cannot be placed in per cent; a nested svg can.
        arrow = element(
            "path", d=f"M0 -5 L{8 * point} 0 L0 5 Z", class_=f"k2-tip{kind}"
        )
        parts.append(element("svg", arrow, x=x, y=y, overflow="visible"))
    return "".join(parts)
