"""A p-value function as a curve: the p of every value, not of one alone."""

import math
from collections.abc import Sequence

from k2stats.render.axis import Axis, Scale
from k2stats.render.frame import LINE_HEIGHT, Band, Frame, Rule
from k2stats.render.svg import LEFT, RIGHT, element, picture, words

HEIGHT = 120.0
_LEAST = 0.002
"""P below which the curve is not shown: the axis ends there."""
_WIDE, _TALL = 1000.0, 500.0
_MOST = 60
"""About as many points are drawn at most."""


def p_value_curve(
    theta: Sequence[float],
    p: Sequence[float],
    *,
    title: str,
    description: str = "",
    axis_label: str = "",
    scale: Scale = "linear",
    null: float | None = None,
    alpha: float = 0.05,
    band: Band | None = None,
    style: bool = True,
) -> str:
    """Return a picture of p over the values tested, with a line at alpha.

    Parameters
    ----------
    theta, p : sequence of float
        Values, ascending, and their two-sided p-values. Values whose p is not a
        number are left out, and the ends of the curve where p is below 0.002.
    title, description : str
        For screen readers.
    axis_label : str
    scale : {"linear", "log"}
    null : float, optional
        No effect, as an upright line.
    alpha : float
        Where a line is drawn across.
    band : Band, optional
        The values whose p is at least alpha: the confidence interval.
    style : bool
        Whether the picture carries its style sheet.

    Returns
    -------
    str
        An ``svg`` element.

    Examples
    --------
    >>> svg = p_value_curve([0.5, 1.0, 2.0], [0.1, 1.0, 0.1], title="p of each ratio")
    >>> svg.startswith("<svg"), "polyline" in svg
    (True, True)
    """
    points = [
        (float(x), min(max(float(y), 0.0), 1.0))
        for x, y in zip(theta, p, strict=True)
        if math.isfinite(x) and math.isfinite(y) and (scale == "linear" or x > 0)
    ]
    seen = [x for x, y in points if y >= _LEAST]
    ends = [*seen, *([] if null is None else [null])]
    axis = Axis.around(ends, scale=scale, margin=0.02)
    rule = None if null is None else Rule(null, "no effect")
    frame = Frame(axis, axis_label, band, rule)
    top = frame.head + 6.0
    bottom = top + HEIGHT
    return picture(
        frame.behind(bottom),
        frame.below(bottom),
        _across(top, alpha),
        _line(points, axis, top),
        height=bottom + frame.foot,
        title=title,
        description=description,
        style=style,
    )


def _across(top: float, alpha: float) -> str:
    """Return the line at alpha, named at its left end, and the p at the top."""
    y = top + HEIGHT * (1.0 - alpha)
    line = element("line", x1=f"{LEFT}%", x2=f"{RIGHT}%", y1=y, y2=y, class_="k2-line")
    name = words(f"p {alpha:g}", x=f"{LEFT}%", y=y - 4.0, class_="k2-soft")
    one = words("p 1", x=f"{LEFT}%", y=top + LINE_HEIGHT - 5.0, class_="k2-soft")
    return line + name + one


def _thin(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Leave out points that no page is wide enough for; the ends and the peak stay."""
    step = math.ceil(len(points) / _MOST)
    peak = max(range(len(points)), key=lambda k: points[k][1])
    kept = {*range(0, len(points), step), peak, len(points) - 1}
    return [points[k] for k in sorted(kept)]


def _line(points: Sequence[tuple[float, float]], axis: Axis, top: float) -> str:
    """Return the curve, drawn in a box that stretches with the page's width."""
    inside = [(x, y) for x, y in points if axis.holds(x)]
    if not inside:
        return ""
    path = " ".join(
        f"{_WIDE * axis.share(x):.0f},{_TALL * (1.0 - y):.0f}" for x, y in _thin(inside)
    )
    curve = element(
        "polyline",
        points=path,
        fill="none",
        stroke="currentColor",
        stroke_width=2.0,
        stroke_linejoin="round",
        vector_effect="non-scaling-stroke",
    )
    # Only a picture of its own can be stretched in one direction.
    return element(
        "svg",
        curve,
        x=f"{LEFT}%",
        y=top,
        width=f"{RIGHT - LEFT}%",
        height=HEIGHT,
        viewBox=f"0 0 {_WIDE:g} {_TALL:g}",
        preserveAspectRatio="none",
    )
