"""The specification curve: all estimates in order, the choices behind them below."""

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from k2stats._typing import Bools, Floats
from k2stats.errors import UnknownMethodError
from k2stats.render.axis import Axis
from k2stats.sensitivity._multiverse_layout import Panel, Row, panels_of, rows_of
from k2stats.sensitivity._multiverse_text import number, share, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from k2stats.sensitivity.multiverse_inference import CurveInference
    from k2stats.sensitivity.multiverse_result import Multiverse

BELOW, ABOVE, NEITHER = "#0b5394", "#b45309", "#8a929c"
COLORS = {-1.0: BELOW, 0.0: NEITHER, 1.0: ABOVE}
INK, SOFT, MARK = "#1b1f24", "#d5d9de", "#c2185b"
MOST_BARS = 250
"""Specifications up to which each has an interval and ticks of its own."""
BINS = 320
MOST_POINTS = 2000
_ROW, _TITLE, _CURVE = 0.165, 0.20, 2.9
"""Inches of a row, of the title of a choice, and of the curve."""
_LEFT, _WIDE, _NARROW, _GAP = 2.35, 6.4, 3.6, 0.62


def specification_curve(
    m: "Multiverse",
    *,
    scale: str | None = None,
    title: str = "",
    inference: "CurveInference | None" = None,
    most_rows: int = 12,
) -> "Figure":
    """Draw estimates in ascending order, and below each the choices it comes from.

    A column a scale: what is not on one scale does not share an axis. Blue and orange
    estimates are significant, below and above no effect; a diamond marks the reference
    specification, in the curve and in every row of choices. Up to 250 specifications
    each has its interval and ticks; of more, the band runs from the median lower to the
    median upper limit of neighbours, and the darker a row is, the more of the
    specifications there have that choice, each row on its own scale.

    Parameters
    ----------
    m : Multiverse
    scale : str, optional
        One scale alone.
    title : str
    inference : CurveInference, optional
        The curve that no effect would give is drawn behind that of its scale.
    most_rows : int
        Subsets, and sets left out, that have a row of their own; of more, those that
        differ most from all others do.

    Returns
    -------
    matplotlib.figure.Figure
        Not known to pyplot: nothing needs to be closed.

    Raises
    ------
    UnknownMethodError
        For a scale that is not there.

    References
    ----------
    Simonsohn, U., Simmons, J. P., & Nelson, L. D. (2020). Specification curve analysis.
    Nature Human Behaviour, 4, 1208-1214.

    Examples
    --------
    >>> from k2stats.effectsizes import EffectSizes
    >>> from k2stats.sensitivity.multiverse import multiverse
    >>> es = EffectSizes.from_arrays([0.3, 0.5, 0.2], [0.02, 0.05, 0.03])
    >>> len(specification_curve(multiverse(es, tau2="DL")).axes)
    2
    """
    from matplotlib.figure import Figure

    if scale is not None and scale not in m.panels:
        raise UnknownMethodError(kind="scale", name=scale, known=tuple(m.panels))
    panels = panels_of(m, scale)
    rows = rows_of(m, panels, most_rows)
    groups = list(dict.fromkeys(r.group for r in rows))
    board = len(rows) * _ROW + len(groups) * _TITLE
    each = _WIDE if len(panels) == 1 else _NARROW
    width = _LEFT + max(len(panels), 1) * (each + _GAP)
    head, foot = 0.62, 0.55
    height = head + _CURVE + 0.12 + board + foot
    figure = Figure(figsize=(width, height), dpi=120)
    figure.text(
        0.12 / width,
        1.0 - 0.2 / height,
        title or short(m),
        fontsize=10.5,
        fontweight="bold",
        va="center",
        color=INK,
    )
    for i, panel in enumerate(panels):
        left = (_LEFT + i * (each + _GAP)) / width
        span = each / width
        upper = figure.add_axes(
            (left, (foot + board + 0.12) / height, span, _CURVE / height)
        )
        lower = figure.add_axes((left, foot / height, span, board / height))
        null = inference if inference and inference.scale == panel.scale else None
        _draw_curve(upper, m, panel, null)
        _draw_board(lower, m, panel, rows, board, labels=i == 0)
    return figure


def _draw_curve(
    axes: "Axes", m: "Multiverse", panel: Panel, null: "CurveInference | None"
) -> None:
    """Draw intervals, estimates, no effect and the reference of one scale."""
    _prepare(axes, panel)
    if null is not None:
        _draw_null(axes, m, panel, null)
    if panel.size <= MOST_BARS:
        _bars(axes, panel)
    else:
        _band(axes, panel)
    # More points than pixels would only make the file larger.
    some = np.arange(0, panel.size, -(-panel.size // MOST_POINTS))
    colors = np.array(list(COLORS.values()))[panel.side[some].astype(int) + 1]
    size = float(np.clip(900.0 / panel.size, 1.6, 14.0))
    axes.scatter(some, panel.estimate[some], s=size, c=colors, linewidths=0.0, zorder=4)
    words = f"{panel.scale}: {panel.size:,} estimates"
    if panel.reference >= 0:
        at = panel.reference
        axes.axhline(panel.estimate[at], color=MARK, lw=0.7, ls=(0, (3, 3)), zorder=2)
        _diamond(axes, at, float(panel.estimate[at]), 5.5)
        words += (
            f"; reference {number(panel.estimate[at])} "
            f"({number(panel.low[at])} to {number(panel.high[at])})"
        )
    if null is not None:
        words += "; shaded: 95% of what no effect would give"
    axes.set_title(words, fontsize=8.0, loc="left", color=INK, pad=4.0)


def _prepare(axes: "Axes", panel: Panel) -> None:
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    ends = panel.ends()
    kind = "log" if panel.logarithmic else "linear"
    axes.set_yscale(kind)
    axes.set_ylim(*ends)
    axes.set_xlim(-0.6 - 0.008 * panel.size, panel.size - 0.4 + 0.008 * panel.size)
    axes.yaxis.set_major_locator(
        FixedLocator(Axis(*ends, "log" if panel.logarithmic else "linear").ticks(7))
    )
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
    axes.xaxis.set_major_locator(NullLocator())
    axes.tick_params(axis="y", labelsize=7.5, color=SOFT, labelcolor=INK)
    for side in ("right", "top", "bottom"):
        axes.spines[side].set_visible(False)
    axes.spines["left"].set_color(SOFT)
    if ends[0] < panel.null < ends[1]:
        axes.axhline(panel.null, color=INK, lw=0.8, zorder=1)


def _bars(axes: "Axes", panel: Panel) -> None:
    """One interval a specification."""
    least, most = axes.get_ylim()
    low, high = np.clip(panel.low, least, most), np.clip(panel.high, least, most)
    wide = float(np.clip(240.0 / panel.size, 0.5, 3.0))
    for side, color in COLORS.items():
        at = np.flatnonzero(panel.side == side)
        axes.vlines(at, low[at], high[at], colors=color, lw=wide, alpha=0.4, zorder=3)


def _one_of(limits: Floats, cut: float) -> Floats:
    """Percentile and median, each one of the limits: between infinite ones is none."""
    found: Floats = np.percentile(limits, [cut, 50.0], method="nearest")
    return found


def _band(axes: "Axes", panel: Panel) -> None:
    """Median limits of neighbours, and the middle nine tenths of limits."""
    from matplotlib.collections import PolyCollection

    edges = np.linspace(0, panel.size, min(BINS, panel.size) + 1).astype(int)
    parts = [slice(a, b) for a, b in pairwise(edges.tolist())]
    # A limit that is not known is drawn as the estimate itself.
    low = np.where(np.isnan(panel.low), panel.estimate, panel.low)
    high = np.where(np.isnan(panel.high), panel.estimate, panel.high)
    below = np.array([_one_of(low[part], 5.0) for part in parts])
    above = np.array([_one_of(high[part], 95.0) for part in parts])
    side = np.array([np.median(panel.side[part]) for part in parts])
    colors = [COLORS[float(np.sign(x))] for x in side]
    least, most = axes.get_ylim()
    for j, alpha in ((0, 0.16), (1, 0.34)):
        low, high = np.clip(below[:, j], least, most), np.clip(above[:, j], least, most)
        left, right = edges[:-1] - 0.5, edges[1:] - 0.5
        corners = [(left, low), (right, low), (right, high), (left, high)]
        boxes = np.array(corners).transpose(2, 0, 1)
        axes.add_collection(
            PolyCollection(
                list(boxes), facecolors=colors, alpha=alpha, linewidths=0.0, zorder=2
            )
        )


def _draw_null(
    axes: "Axes", m: "Multiverse", panel: Panel, null: "CurveInference"
) -> None:
    """Draw where the ordered estimates lie under no effect: 95% of the flips."""
    ranks = np.linspace(0.0, panel.size - 1.0, null.band.shape[1])
    rows = np.full(null.band.shape[1], panel.order[0])
    low, middle, high = (m.to_natural(rows, line) for line in null.band)
    axes.fill_between(ranks, low, high, color="#f3d9a4", alpha=0.55, lw=0.0, zorder=0)
    axes.plot(ranks, middle, color="#a67c1a", lw=0.8, ls=(0, (1, 1.5)), zorder=1)


def _draw_board(
    axes: "Axes",
    m: "Multiverse",
    panel: Panel,
    rows: list[Row],
    tall: float,
    *,
    labels: bool,
) -> None:
    """Draw one row of ticks, or of shades, for every level of every choice."""
    axes.set_xlim(-0.6 - 0.008 * panel.size, panel.size - 0.4 + 0.008 * panel.size)
    axes.set_ylim(0.0, tall)
    axes.set_yticks([])
    axes.set_xticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)
    y, group = tall, ""
    for row in rows:
        if row.group != group:
            y -= _TITLE
            group = row.group
            axes.axhline(y + 0.02, color=SOFT, lw=0.6, zorder=0)
            if labels:
                _label(axes, y + 0.5 * _TITLE - 0.01, group, bold=True)
        y -= _ROW
        here = row.holds[panel.order]
        _ticks(axes, here, y, _tick_color(row))
        if panel.reference >= 0 and here[panel.reference] and group != "Result":
            _diamond(axes, panel.reference, y + 0.5 * _ROW, 3.6)
        if labels:
            _label(axes, y + 0.5 * _ROW, row.label)
        if group == "Result":
            _share_of(axes, y + 0.5 * _ROW, float(here.mean()))
    axes.text(
        0.5,
        -0.09 / tall,
        "Specifications, ordered by estimate",
        transform=axes.transAxes,
        ha="center",
        va="top",
        fontsize=7.5,
        color=INK,
    )


def _diamond(axes: "Axes", x: float, y: float, size: float) -> None:
    """Mark the reference specification."""
    axes.plot([x], [y], "D", color=MARK, ms=size, mec="white", mew=0.7, zorder=6)


def _tick_color(row: Row) -> str:
    if row.group != "Result":
        return INK
    if row.label.startswith("significant"):
        return BELOW if "below" in row.label else ABOVE
    return NEITHER


def _label(axes: "Axes", y: float, text: str, *, bold: bool = False) -> None:
    axes.text(
        -0.012,
        y,
        text,
        transform=axes.get_yaxis_transform(),
        ha="right",
        va="center_baseline",
        fontsize=7.5 if bold else 7.0,
        fontweight="bold" if bold else "normal",
        color=INK,
        clip_on=False,
    )


def _share_of(axes: "Axes", y: float, value: float) -> None:
    axes.text(
        1.008,
        y,
        share(value),
        transform=axes.get_yaxis_transform(),
        ha="left",
        va="center_baseline",
        fontsize=7.0,
        color=INK,
        clip_on=False,
    )


def _ticks(axes: "Axes", here: Bools, y: float, color: str) -> None:
    """Ticks where there are few specifications, shades where there are many."""
    size = here.size
    if size <= MOST_BARS:
        at = np.flatnonzero(here).astype(float)
        wide = float(np.clip(330.0 / size, 0.8, 4.5))
        axes.vlines(at, y + 0.02, y + _ROW - 0.02, colors=color, lw=wide, zorder=2)
        return
    from matplotlib.colors import to_rgb

    edges = (
        np.linspace(0, size, BINS + 1).astype(int)
        if size > BINS
        else np.arange(size + 1)
    )
    total = np.concatenate([[0], np.cumsum(here)])
    count = np.diff(edges)
    dense = np.diff(total[edges]) / np.maximum(count, 1)
    top = float(dense.max())
    if top == 0.0:
        return
    image = np.empty((1, dense.size, 4))
    image[0, :, :3] = to_rgb(color)
    image[0, :, 3] = np.sqrt(dense / top)
    axes.imshow(
        image,
        extent=(-0.5, size - 0.5, y + 0.02, y + _ROW - 0.02),
        aspect="auto",
        interpolation="nearest",
        zorder=2,
    )
