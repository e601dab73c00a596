"""Sheets of panels in one look, for plots other than forests; knows no statistics.

The colours are those of Okabe and Ito, which readers with any colour vision tell apart;
what a colour says, a shape or a line style says too.
"""

import math
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from k2stats.render.axis import Axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, SOFT, PALE = "#1b1f24", "#8a929c", "#e6e9ed"
BLUE, RED, GREEN = "#0072b2", "#d55e00", "#009e73"
SKY, GOLD, PINK = "#56b4e9", "#e69f00", "#cc79a7"
_FONT, _TITLE, _NOTE = 8.5, 10.5, 7.5
_NOTE_LINE = 0.15
"""Inches of a line of notes."""
_LETTERS, _TITLE_LETTERS = 15.5, 10.5
"""Letters of a note, and of a title, on an inch."""


def sheet(
    rows: int = 1,
    columns: int = 1,
    *,
    width: float = 6.0,
    height: float = 4.2,
    title: str = "",
    notes: Sequence[str] = (),
    share_y: bool = False,
    wide: Sequence[float] | None = None,
    tall: Sequence[float] | None = None,
) -> "tuple[Figure, list[Axes]]":
    """Make a sheet of empty panels, row by row.

    Parameters
    ----------
    rows, columns : int
    width, height : float
        Inches of the panels together; notes add to the height.
    title : str
    notes : sequence of str
        Lines below the panels, broken where they are too long.
    share_y : bool
        One vertical axis for all panels of a row.
    wide, tall : sequence of float, optional
        Shares of the columns and rows.

    Returns
    -------
    figure : matplotlib.figure.Figure
        Not known to pyplot: nothing needs to be closed, and notebooks show it.
    panels : list of matplotlib.axes.Axes

    Examples
    --------
    >>> figure, panels = sheet(1, 2, notes=["One line."])
    >>> len(panels), round(float(figure.get_figheight()), 2)
    (2, 4.4)
    """
    from k2stats.render.picture import Picture

    most = max(int((width - 0.2) * _LETTERS), 20)
    lines = [line for note in notes for line in textwrap.wrap(note, most)]
    foot = _NOTE_LINE * len(lines) + (0.05 if lines else 0.0)
    figure = Picture(figsize=(width, height + foot), dpi=120, layout="constrained")
    share = foot / (height + foot)
    engine: Any = figure.get_layout_engine()
    engine.set(rect=(0.0, share, 1.0, 1.0 - share), w_pad=0.06, h_pad=0.06)
    if title:
        figure.suptitle(
            "\n".join(textwrap.wrap(title, max(int(width * _TITLE_LETTERS), 12))),
            x=0.1 / width,
            ha="left",
            fontsize=_TITLE,
            fontweight="bold",
            color=INK,
        )
    for i, line in enumerate(reversed(lines)):
        figure.text(
            0.1 / width,
            (0.06 + _NOTE_LINE * i) / (height + foot),
            line,
            fontsize=_NOTE,
            color=INK,
            va="bottom",
        )
    made = figure.subplots(
        rows,
        columns,
        squeeze=False,
        sharey="row" if share_y else False,
        width_ratios=wide,
        height_ratios=tall,
    )
    panels = [panel for line in made for panel in line]
    for panel in panels:
        tidy(panel)
    return figure, panels


def tidy(axes: "Axes", x: str = "", y: str = "") -> None:
    """Name the axes, and leave out the frame that carries nothing."""
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(SOFT)
    axes.tick_params(labelsize=8.0, color=SOFT, labelcolor=INK)
    if x:
        axes.set_xlabel(x, fontsize=_FONT, color=INK)
    if y:
        axes.set_ylabel(y, fontsize=_FONT, color=INK)


def ratio_ticks(axes: "Axes", which: Literal["x", "y"] = "x", most: int = 7) -> None:
    """Print ratios along an axis of natural logarithms; the limits stay."""
    low, high = axes.get_xlim() if which == "x" else axes.get_ylim()
    first, last = sorted((low, high))
    ticks = Axis(math.exp(max(first, -600)), math.exp(min(last, 600)), "log")
    values = ticks.ticks(most)
    at, text = [math.log(v) for v in values if v > 0.0], [f"{v:g}" for v in values]
    if which == "x":
        axes.set_xticks(at, text[-len(at) :])
        axes.set_xlim(low, high)
    else:
        axes.set_yticks(at, text[-len(at) :])
        axes.set_ylim(low, high)


def key(
    axes: "Axes", place: str = "best", *, outside: bool = False, **options: Any
) -> None:
    """Draw the key of what is labelled, in the panel or to the right of it."""
    drawn: Any = axes
    style = {
        "fontsize": 7.5,
        "frameon": not outside,
        "framealpha": 0.85,
        "edgecolor": "none",
        "labelcolor": INK,
        **options,
    }
    if outside:
        drawn.figure.legend(loc="outside right center", **style)
    else:
        drawn.legend(loc=place, **style)


def name_points(
    axes: "Axes",
    x: Sequence[float],
    y: Sequence[float],
    names: Sequence[str],
    *,
    most: int = 12,
    size: float = 7.5,
    clear: Sequence[tuple[float, float]] = (),
) -> None:
    """Write names beside points, the first ones first, where nothing is covered.

    A name for which there is no room at any side of its point is left out. To be
    called when the limits of the axes stand.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    x, y : sequence of float
        Points, the most important first.
    names : sequence of str
    most : int
        Names to write.
    size : float
        Points of the letters.
    clear : sequence of (x, y)
        Further points that no name may cover.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.patheffects import withStroke
    from matplotlib.transforms import Bbox

    figure = axes.figure
    figure.draw_without_rendering()  # type: ignore[union-attr]
    renderer: Any = FigureCanvasAgg(figure).get_renderer()  # type: ignore[arg-type, no-untyped-call]
    points = [*zip(x, y, strict=True), *clear]
    where: Any = axes.transData.transform(points or [(0.0, 0.0)])
    dots = [Bbox.from_bounds(px - 4.0, py - 4.0, 8.0, 8.0) for px, py in where]
    where = where[: len(x)]
    frame = axes.get_window_extent(renderer)
    taken: list[Bbox] = []
    halo = [withStroke(linewidth=2.0, foreground="white")]
    middle = 0.5 * (frame.x0 + frame.x1)
    for i, (name, point) in enumerate(zip(names, where, strict=True)):
        if i >= most:
            break
        # A name grows outwards first, where there is room.
        sides = _SIDES if point[0] >= middle else _TURNED
        for (dx, dy), ha, va in sides:
            text = axes.annotate(
                name,
                tuple(axes.transData.inverted().transform(point)),
                xytext=(dx, dy),
                textcoords="offset points",
                ha=ha,
                va=va,
                fontsize=size,
                color=INK,
                zorder=6,
                path_effects=halo,
            )
            text.set_in_layout(False)
            box = text.get_window_extent(renderer)
            others = [d for j, d in enumerate(dots) if j != i]
            if (
                frame.containsx(box.x0)
                and frame.containsx(box.x1)
                and (frame.containsy(box.y0) and frame.containsy(box.y1))
                and not any(box.overlaps(o) for o in [*taken, *others])
            ):
                taken.append(box)
                break
            text.remove()


_SIDES: tuple[tuple[tuple[int, int], str, str], ...] = (
    ((5, 0), "left", "center_baseline"),
    ((-5, 0), "right", "center_baseline"),
    ((4, 4), "left", "bottom"),
    ((-4, 4), "right", "bottom"),
    ((4, -4), "left", "top"),
    ((-4, -4), "right", "top"),
    ((0, 6), "center", "bottom"),
    ((0, -6), "center", "top"),
)
"""Where a name may stand beside its point, the best first."""
_TURNED = tuple(_SIDES[i] for i in (1, 0, 3, 2, 5, 4, 6, 7))
