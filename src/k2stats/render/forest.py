"""Forest plots from plain rows; the one place of them that imports matplotlib."""

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias

from k2stats.render.axis import Axis
from k2stats.render.forest_page import FONT, INK, ROW, ForestRow, Page
from k2stats.render.numbers import INFINITY, significant

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Scale: TypeAlias = Literal["linear", "log"]

_SOFT, _SUMMARY, _SUBTOTAL = "#8a929c", "#0b5394", "#6fa0cf"
_FITTED = "#bcd2e8"
_BOLD = ("summary", "subtotal", "heading")


def forest_plot(
    rows: Sequence[ForestRow],
    *,
    heads: Sequence[str] = (),
    axis_label: str = "",
    scale: Scale = "linear",
    null: float = math.nan,
    title: str = "",
    notes: Sequence[str] = (),
) -> "Figure":
    """Draw rows from top to bottom, text to the left and right of one axis.

    Limits that lie far outside end in an arrow. Studies share the height where there
    are very many, and their text is left out where it could not be read.

    Parameters
    ----------
    rows : sequence of ForestRow
    heads : sequence of str
        Over the labels and over each column.
    axis_label : str
    scale : {"linear", "log"}
    null : float
        Where a line of no effect is drawn; NaN for none.
    title : str
    notes : sequence of str
        Lines below the axis.

    Returns
    -------
    matplotlib.figure.Figure
        Not known to pyplot: nothing needs to be closed, and notebooks show it.

    Examples
    --------
    >>> figure = forest_plot([ForestRow("A", 0.5, 0.3, 0.8)], scale="log", null=1.0)
    >>> len(figure.axes)
    1
    """
    from k2stats.render.picture import Picture

    page = Page(Picture(figsize=(8.0, 2.0), dpi=120), rows, heads)
    axes = page.lay_out(title, notes)
    ends = _range(rows, scale, null)
    _prepare(axes, ends, page.tall, scale, axis_label)
    if ends[0] < null < ends[1]:
        axes.axvline(null, color=_SOFT, linewidth=0.8, zorder=1)
    summaries = [r.estimate for r in rows if r.kind == "summary"]
    if len(summaries) == 1 and not math.isnan(summaries[0]):
        dashes = (0, (4, 3))
        axes.axvline(summaries[0], color=_SUMMARY, lw=0.7, ls=dashes, zorder=1)
    y = page.tall
    if heads:
        y -= ROW
        page.write(y + 0.5 * ROW, heads[0], heads[1:], "bold", FONT)
        axes.axhline(y, color=_SOFT, linewidth=0.6)
    for entry in rows:
        height = page.height(entry)
        y -= height
        _draw(axes, entry, y + 0.5 * height, ends, page.line(entry))
        if page.font(entry):
            weight = "bold" if entry.kind in _BOLD else "normal"
            middle = y + 0.5 * height
            page.write(middle, entry.label, entry.columns, weight, page.font(entry))
    return page.figure


def _range(rows: Sequence[ForestRow], scale: Scale, null: float) -> tuple[float, float]:
    """Return the ends of the axis: all estimates, and limits that are not far out."""
    to = math.log if scale == "log" else float
    back = math.exp if scale == "log" else float

    def usable(x: float) -> bool:
        return math.isfinite(x) and (scale == "linear" or x > 0.0)

    core = [to(r.estimate) for r in rows if usable(r.estimate)]
    core += [to(r.fitted[0]) for r in rows if r.fitted and usable(r.fitted[0])]
    if usable(null):
        core.append(to(null))
    if not core:
        return (0.1, 10.0) if scale == "log" else (-1.0, 1.0)
    low, high = min(core), max(core)

    def limits(*, studies: bool) -> list[float]:
        chosen = [r for r in rows if (r.kind == "study") == studies]
        return [to(x) for r in chosen for x in (r.low, r.high) if usable(x)]

    # What is pooled may reach as far as any study does, and half as far again.
    reach = [low, high, *limits(studies=True)]
    room = 0.5 * (max(reach) - min(reach))
    least, most = min(reach) - room, max(reach) + room
    near = [min(max(x, least), most) for x in limits(studies=False)]
    low, high = min([low, *near]), max([high, *near])
    widths = sorted(
        to(r.high) - to(r.low)
        for r in rows
        if r.kind == "study" and usable(r.low) and usable(r.high)
    )
    usual = widths[(len(widths) - 1) // 2] if widths else 0.0
    room = max(0.5 * (high - low), 0.8 * usual)
    inside = [x for x in limits(studies=True) if low - room <= x <= high + room]
    low, high = min([low, *inside]), max([high, *inside])
    pad = 0.04 * (high - low) if high > low else max(0.5, 0.1 * abs(high))
    return back(low - pad), back(high + pad)


def _prepare(
    axes: "Axes", ends: tuple[float, float], tall: float, scale: Scale, label: str
) -> None:
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    axes.set_xscale(scale)
    axes.set_xlim(*ends)
    axes.set_ylim(0.0, tall)
    axes.yaxis.set_major_locator(NullLocator())
    axes.xaxis.set_major_locator(FixedLocator(Axis(*ends, scale).ticks(7)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
    axes.tick_params(axis="x", labelsize=8.0, color=_SOFT, labelcolor=INK)
    axes.set_xlabel(label, fontsize=8.5, color=INK)
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(_SOFT)
    axes.patch.set_alpha(0.0)


def _draw(
    axes: "Axes", entry: ForestRow, y: float, ends: tuple[float, float], height: float
) -> None:
    """Draw the mark of one row."""
    if entry.kind in ("heading", "note"):
        return
    if entry.fitted is not None:
        _diamond(axes, entry.fitted, y, ends, 0.42 * height, _FITTED)
    if math.isnan(entry.low) or math.isnan(entry.high):
        if not (math.isnan(entry.estimate) or entry.kind == "prediction"):
            axes.plot([entry.estimate], [y], "o", color=INK, ms=3.0)
        return
    low, high = max(entry.low, ends[0]), min(entry.high, ends[1])
    if low > high:  # wholly outside: the arrow says to which side
        low = high = ends[0] if entry.high < ends[0] else ends[1]
    if entry.kind in ("summary", "subtotal"):
        color = _SUMMARY if entry.kind == "summary" else _SUBTOTAL
        whole = (entry.estimate, entry.low, entry.high)
        _diamond(axes, whole, y, ends, 0.36 * height, color, above=True)
        return
    color = _SUMMARY if entry.kind == "prediction" else INK
    thin = max(0.3, min(1.1, 4.4 * height))
    wide = 3.0 if entry.kind == "prediction" else thin
    axes.plot([low, high], [y, y], color=color, lw=wide, solid_capstyle="butt")
    for cut, at, mark in (
        (entry.low < ends[0], ends[0], "<"),
        (entry.high > ends[1], ends[1], ">"),
    ):
        if cut:
            size = max(2.0, 18.0 * height)
            axes.plot([at], [y], mark, color=color, ms=size, mew=0.0, clip_on=False)
    if entry.kind == "study" and ends[0] <= entry.estimate <= ends[1]:
        side = max(1.2, 72.0 * height * 0.6 * math.sqrt(max(entry.share, 0.02)))
        axes.plot([entry.estimate], [y], "s", color=INK, ms=side, mew=0.0, zorder=3)


def _diamond(
    axes: "Axes",
    whole: tuple[float, float, float],
    y: float,
    ends: tuple[float, float],
    half: float,
    color: str,
    *,
    above: bool = False,
) -> None:
    """Fill a diamond about height `y`, cut off where the axis ends."""
    estimate, least, most = whole
    if any(map(math.isnan, whole)):
        return
    low, high = max(least, ends[0]), min(most, ends[1])
    if low > high:
        low = high = ends[0] if most < ends[0] else ends[1]
    at = min(max(estimate, low), high)
    to = math.log if axes.get_xscale() == "log" else float
    left = half * _cut(to, low, least, at)
    right = half * _cut(to, high, most, at)
    axes.fill(
        [low, at, high, high, at, low],
        [y + left, y + half, y + right, y - right, y - half, y - left],
        color=color,
        lw=0.0,
        zorder=3 if above else 0.5,
    )


def _cut(to: Callable[[float], float], edge: float, tip: float, middle: float) -> float:
    """Height of a diamond where the axis ends it, as a share of that in its middle."""
    if edge in (tip, middle):
        return 0.0
    if math.isinf(tip) or (tip <= 0.0 and to is not float):
        return 1.0
    return (to(edge) - to(tip)) / (to(middle) - to(tip))


def decimals(ends: Sequence[float]) -> int:
    """Return how many decimals tell intervals with these limits apart: 2 to 5.

    Examples
    --------
    >>> decimals([0.33, 0.73, 1.2]), decimals([0.0012, 0.0035])
    (2, 4)
    """
    sizes = sorted(abs(x) for x in ends if math.isfinite(x) and x != 0.0)
    if not sizes:
        return 2
    middle = sizes[len(sizes) // 2]
    return min(max(2, 1 - math.floor(math.log10(middle))), 5)


def interval_text(
    low: float,
    high: float,
    places: int,
    estimate: float | None,
    *,
    scale: Scale = "log",
) -> str:
    """Return an estimate with its limits in square brackets, or the limits alone.

    Ratios too small for so many decimals are written with a power of ten; differences
    near zero are rounded, and keep their sign.

    Examples
    --------
    >>> interval_text(0.3301, 0.7257, 2, 0.4894), interval_text(0.3301, 1e9, 2, None)
    ('0.49 [0.33, 0.73]', '[0.33, 1.0e+09]')
    >>> interval_text(0.0012, 1.5, 2, None)
    '[1.2e-03, 1.50]'
    >>> interval_text(-1.24, -0.0035, 2, None, scale="linear")
    '[-1.24, -0.00]'
    """
    sizes = [abs(x) for x in (low, high, estimate or low) if math.isfinite(x)]
    # Next to a number of four digits only others of its size keep their decimals.
    keep = bool(sizes) and min(sizes) >= 100.0 and max(sizes) < 1e5
    least = 0.5 * 10.0**-places if scale == "log" else 0.0

    def shown(x: float) -> str:
        if math.isinf(x):
            return INFINITY if x > 0 else f"-{INFINITY}"
        if math.isnan(x):
            return significant(x)
        if abs(x) >= 1e5 or 0.0 < abs(x) < least:
            return f"{x:.1e}"
        return f"{x:.0f}" if abs(x) >= 1000.0 and not keep else f"{x:.{places}f}"

    limits = f"[{shown(low)}, {shown(high)}]"
    return limits if estimate is None else f"{shown(estimate)} {limits}"
