"""A strip of marks, one a method, against a window and a line."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from k2stats.render.axis import Axis, Scale
from k2stats.render.frame import LINE_HEIGHT, Band, Frame, Rule, extent
from k2stats.render.labels import Label, arrange
from k2stats.render.numbers import span
from k2stats.render.svg import element, note, picture, pixels, place, words

RADIUS = 5.0
LANE = 13.0
MOST_LABELS = 6


@dataclass(frozen=True, slots=True)
class Mark:
    """One method's number, or the range it takes over the data that fit.

    Attributes
    ----------
    label : str
        The method.
    low, high : float
        Equal for a single number; NaN where there is none.
    filled : bool
        Whether it gives the print.
    detail : str
        More to say when the pointer rests on the mark.
    """

    label: str
    low: float
    high: float
    filled: bool = False
    detail: str = ""


def point_strip(
    marks: Sequence[Mark],
    *,
    title: str,
    description: str = "",
    axis_label: str = "",
    scale: Scale = "linear",
    band: Band | None = None,
    rule: Rule | None = None,
    style: bool = True,
) -> str:
    """Return a picture of numbers along an axis, one mark a method.

    Filled marks give the print. Marks that would touch are stacked. The filled ones
    and the least and greatest are labelled where they stand, as far as there is
    room for; the others tell their name when the pointer rests on them.

    Parameters
    ----------
    marks : sequence of Mark
        Those whose number is NaN are left out.
    title, description : str
        For screen readers.
    axis_label : str
    scale : {"linear", "log"}
        Numbers that are not positive stand at the left end of a logarithmic axis.
    band : Band, optional
        The values that print as reported.
    rule : Rule, optional
        A value to compare with.
    style : bool
        Whether the picture carries its style sheet.

    Returns
    -------
    str
        An ``svg`` element.

    Examples
    --------
    >>> svg = point_strip([Mark("Katz", 1.2, 1.2)], title="Risk ratios")
    >>> svg.startswith("<svg"), "Katz" in svg
    (True, True)
    """
    shown = [m for m in marks if not (math.isnan(m.low) or math.isnan(m.high))]
    ends = [end for m in shown for end in (m.low, m.high)]
    axis = Axis.around(extent(ends, band, rule), scale=scale)
    frame = Frame(axis, axis_label, band, rule)
    labels = arrange([_label(m, axis) for m in _spoken(shown)])
    lanes = stack([(axis.share(m.low), axis.share(m.high)) for m in shown])
    head = frame.head + LINE_HEIGHT * (1 + max((x.lane for x in labels), default=-1))
    bottom = head + LANE * (1 + max(lanes, default=0)) + 8.0
    height = bottom + frame.foot
    leads, texts = [], []
    where = dict(zip(map(id, shown), lanes, strict=True))
    for mark, label in zip(_spoken(shown), labels, strict=True):
        y = head - LINE_HEIGHT * label.lane - 4.0
        middle = _lane_y(bottom, where[id(mark)])
        x = place(label.share)
        leads.append(
            element("line", x1=x, x2=x, y1=y + 2, y2=middle - RADIUS, class_="k2-lead")
        )
        weight = "k2-strong" if mark.filled else "k2-soft"
        texts.append(
            words(label.words, x=x, y=y, text_anchor=label.side, class_=weight)
        )
    drawn = [
        _draw(mark, axis, _lane_y(bottom, lane))
        for mark, lane in sorted(
            zip(shown, lanes, strict=True), key=lambda pair: pair[0].filled
        )
    ]
    return picture(
        frame.behind(bottom),
        frame.below(bottom),
        *leads,
        *drawn,
        *texts,
        height=height,
        title=title,
        description=description,
        style=style,
    )


def p_value_strip(
    marks: Sequence[Mark],
    *,
    title: str,
    description: str = "",
    alpha: float = 0.05,
    window: Band | None = None,
    axis_label: str = "p, logarithmic",
    style: bool = True,
) -> str:
    """Return a :func:`point_strip` of p-values with the line at alpha.

    Parameters
    ----------
    marks : sequence of Mark
    title, description : str
    alpha : float
        Between 0 and 1.
    window : Band, optional
        The p-values that print as reported.
    axis_label : str
    style : bool

    Examples
    --------
    >>> svg = p_value_strip([Mark("Fisher", 0.0632, 0.0632)], title="p")
    >>> "alpha 0.05" in svg
    True
    """
    return point_strip(
        marks,
        title=title,
        description=description,
        axis_label=axis_label,
        scale="log",
        band=window,
        rule=Rule(alpha, f"alpha {alpha:g}"),
        style=style,
    )


def stack(spans: Sequence[tuple[float, float]]) -> list[int]:
    """Return a lane for each span of the axis so that marks in one do not touch.

    Spans are taken from left to right, each into the lowest lane that is free.

    Examples
    --------
    >>> stack([(0.5, 0.5), (0.1, 0.1), (0.5, 0.5)])
    [0, 0, 1]
    """
    lanes = [0] * len(spans)
    reached: list[float] = []
    for k in sorted(range(len(spans)), key=lambda k: spans[k]):
        first, last = (pixels(share) for share in spans[k])
        free = (
            lane for lane, end in enumerate(reached) if first - end >= 2 * RADIUS + 2
        )
        lane = next(free, len(reached))
        if lane == len(reached):
            reached.append(last)
        reached[lane] = last
        lanes[k] = lane
    return lanes


def _lane_y(bottom: float, lane: int) -> float:
    """Return the height at which a lane's marks are centred."""
    return bottom - 8.0 - LANE * lane - RADIUS / 2


def _middle(mark: Mark, axis: Axis) -> float:
    """Return where on the axis the middle of a mark stands."""
    return (axis.share(mark.low) + axis.share(mark.high)) / 2


def _spoken(marks: Sequence[Mark]) -> list[Mark]:
    """Return the marks to label: extremes, and filled ones as far as room goes."""
    if not marks:
        return []
    extremes = {
        id(m): m
        for m in (min(marks, key=lambda m: m.low), max(marks, key=lambda m: m.high))
    }
    others = [m for m in marks if m.filled and id(m) not in extremes]
    return [*extremes.values(), *others[: MOST_LABELS - len(extremes)]]


def _label(mark: Mark, axis: Axis) -> Label:
    """Return the label of a mark: its method and its number."""
    return Label(_middle(mark, axis), mark.label, span(mark.low, mark.high, 3))


def _draw(mark: Mark, axis: Axis, y: float) -> str:
    """Return a mark: a circle, or a capsule as long as its range."""
    kind = "k2-mark k2-hit" if mark.filled else "k2-mark"
    tells = f"{mark.label}: {span(mark.low, mark.high)}"
    if mark.detail:
        tells += f", {mark.detail}"
    first, last = axis.share(mark.low), axis.share(mark.high)
    if pixels(last) - pixels(first) < 1.0:
        x = place((first + last) / 2)
        return element("circle", note(tells), cx=x, cy=y, r=RADIUS, class_=kind)
    # The ends of a range are drawn too, so that they are seen where it is short.
    parts = [
        element(
            "line",
            x1=place(first),
            x2=place(last),
            y1=y,
            y2=y,
            class_="k2-bar k2-hit" if mark.filled else "k2-bar",
        )
    ]
    parts += [
        element("circle", cx=place(share), cy=y, r=RADIUS - 2.0, class_=kind)
        for share in (first, last)
    ]
    return element("g", note(tells), *parts)
