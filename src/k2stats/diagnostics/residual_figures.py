"""Figures of Baujat, of Galbraith, and of normal quantiles."""

from typing import TYPE_CHECKING, Any

import numpy as np

from k2stats.render.sheet import (
    BLUE,
    INK,
    PALE,
    RED,
    SOFT,
    key,
    name_points,
    ratio_ticks,
    sheet,
    tidy,
)
from k2stats.results._words import percent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from k2stats.diagnostics.baujat import Baujat
    from k2stats.diagnostics.residual_plots import QuantileQuantile, Radial


def baujat_plot(found: "Baujat", names: int, title: str) -> "Figure":
    """Draw; see :meth:`Baujat.plot`."""
    x, y = found.heterogeneity, found.influence
    figure, (axes,) = sheet(width=5.6, height=4.4, title=title)
    axes.plot(x, y, "o", ms=5.0, mfc=BLUE, mec="white", mew=0.5, zorder=3)
    axes.set_xlim(-0.03 * float(np.nanmax(x)), 1.08 * float(np.nanmax(x)) or 1.0)
    axes.set_ylim(-0.03 * float(np.nanmax(y)), 1.08 * float(np.nanmax(y)) or 1.0)
    tidy(axes, "Contribution to heterogeneity", "Influence on the result")
    # Notable on either axis, beside the most notable study of it.
    notable = np.fmax(x / np.nanmax(x), y / np.nanmax(y))
    order = np.argsort(-np.nan_to_num(notable, nan=-1.0), kind="stable")
    order = order[np.isfinite(notable[order])]
    name_points(
        axes,
        x[order].tolist(),
        y[order].tolist(),
        [str(found.study[i]) for i in order],
        most=names,
    )
    return figure


def radial_plot(found: "Radial", title: str) -> "Figure":
    """Draw; see :meth:`Radial.plot`."""
    figure, (axes,) = sheet(width=6.0, height=4.6, title=title)
    end = 1.12 * float(found.precision.max())
    line = np.array([0.0, end])
    middle = found.slope * line
    axes.fill_between(
        line, middle - found.half_width, middle + found.half_width, color=PALE, lw=0.0
    )
    axes.plot(line, middle, color=INK, lw=1.1, label="mean")
    axes.axhline(0.0, color=SOFT, lw=0.8, ls=":")
    out = found.outside
    for chosen, fill in ((~out, BLUE), (out, RED)):
        axes.plot(
            found.precision[chosen],
            found.z[chosen],
            "o" if fill == BLUE else "D",
            ms=5.0,
            mfc=fill,
            mec="white",
            mew=0.5,
            zorder=3,
        )
    axes.set_xlim(0.0, end)
    reach = [found.half_width, -found.half_width, *found.z.tolist()]
    reach += [float(middle[1]) + found.half_width, float(middle[1]) - found.half_width]
    room = 0.05 * (max(reach) - min(reach))
    axes.set_ylim(min(reach) - room, max(reach) + room)
    tidy(axes, "1 / standard error", "Effect / standard error")
    # A line from the origin ends on the right where its slope, the effect, is printed.
    there: Any = (lambda z: z / end, lambda e: e * end)
    right: Any = axes.secondary_yaxis("right", functions=there)
    figure.draw_without_rendering()
    right.tick_params(labelsize=8.0, color=SOFT)
    right.spines["right"].set_color(SOFT)
    right.set_ylabel(f"{found.shown.label}, for lines from the origin", fontsize=8.5)
    if found.shown.log:
        ratio_ticks(right, "y")
    order = np.flatnonzero(out)[np.argsort(-np.abs(found.z[out]), kind="stable")]
    rest = np.flatnonzero(~out)
    name_points(
        axes,
        found.precision[order].tolist(),
        found.z[order].tolist(),
        [str(found.study[i]) for i in order],
        clear=list(
            zip(found.precision[rest].tolist(), found.z[rest].tolist(), strict=True)
        ),
    )
    return figure


def qq_plot(found: "QuantileQuantile", title: str) -> "Figure":
    """Draw; see :meth:`QuantileQuantile.plot`."""
    figure, (axes,) = sheet(width=5.2, height=4.6, title=title)
    x, out = found.theoretical, found.outside
    axes.fill_between(
        x,
        found.low,
        found.high,
        color=PALE,
        lw=0.0,
        label=f"{percent(found.level)} envelope at each point",
    )
    ends = np.array([1.15 * x.min(), 1.15 * x.max()])
    axes.plot(ends, ends, color=INK, lw=0.9, ls=(0, (5, 3)), label="normal")
    for chosen, colour, mark, label in (
        (~out, BLUE, "o", None),
        (out, RED, "D", "outside"),
    ):
        if chosen.any():
            axes.plot(
                x[chosen],
                found.residual[chosen],
                mark,
                ms=5.0,
                mfc=colour,
                mec="white",
                mew=0.5,
                zorder=3,
                label=label,
            )
    axes.set_xlim(*ends)
    tidy(axes, "Normal quantile", "Standardised residual")
    key(axes, "upper left")
    order = np.flatnonzero(out)
    rest = np.flatnonzero(~out)
    name_points(
        axes,
        x[order].tolist(),
        found.residual[order].tolist(),
        [str(found.study[i]) for i in order],
        clear=list(zip(x[rest].tolist(), found.residual[rest].tolist(), strict=True)),
    )
    return figure
