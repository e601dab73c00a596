"""Figure of p-value functions, for one result, several, or a meta-analysis."""

from typing import TYPE_CHECKING

import numpy as np

from k2stats.render.axis import Axis
from k2stats.render.sheet import (
    BLUE,
    GOLD,
    GREEN,
    INK,
    PINK,
    RED,
    SOFT,
    key,
    sheet,
    tidy,
)
from k2stats.results._words import percent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from k2stats.sensitivity.p_value_curves import PValueFunction

_COLOURS = (BLUE, RED, GREEN, GOLD, PINK, INK)
_STYLES = ("-", (0, (6, 2)), (0, (3, 2)), "-.", (0, (1, 1)))
_TICKS = (1.0, 0.8, 0.6, 0.4, 0.2, 0.1, 0.05, 0.01)


def curves_plot(found: "PValueFunction", level: float, title: str) -> "Figure":
    """Draw; see :meth:`PValueFunction.plot`."""
    pooled = np.array(found.pooled)
    faint = pooled.any() & ~pooled
    drapery = bool(faint.any())
    notes = []
    if drapery:
        notes.append(
            f"Thin curves: {int(faint.sum())} studies. Thick curves: pooled effects. "
            f"Each curve is above the dashed line over its {percent(level)} interval."
        )
    figure, (axes,) = sheet(width=6.6, height=4.4, title=title, notes=notes)
    axes.set_xscale("log" if found.log_scale else "linear")
    bold, veil = 0, 0.8 if faint.sum() <= 20 else 0.45
    for label, p, thin in zip(found.labels, found.p, faint, strict=True):
        if thin:
            axes.plot(found.theta, p, color=SOFT, lw=0.7, alpha=veil, zorder=2)
            continue
        axes.plot(
            found.theta,
            p,
            color=_COLOURS[bold % len(_COLOURS)],
            ls=_STYLES[bold % len(_STYLES)],
            lw=1.9,
            zorder=3,
            label=str(label),
        )
        bold += 1
    axes.axvline(found.null, color=INK, lw=0.8, ls=":", zorder=1)
    axes.axhline(1.0 - level, color=INK, lw=0.8, ls=(0, (5, 3)), zorder=1)
    ends = float(found.theta[0]), float(found.theta[-1])
    if drapery:  # as far as the pooled curves and the studies' estimates go
        shown = [*found.estimate.tolist(), found.null]
        reach = found.theta[(found.p[pooled] > 0.005).any(axis=0)]
        shown += [float(reach.min()), float(reach.max())] if reach.size else []
        kept = [x for x in shown if np.isfinite(x) and (x > 0 or not found.log_scale)]
        near = Axis.around(kept, scale="log" if found.log_scale else "linear")
        ends = max(ends[0], near.low), min(ends[1], near.high)
    axes.set_xlim(*ends)
    if found.log_scale:
        ticks = Axis(*ends, "log").ticks(8)
        axes.set_xticks(ticks, [f"{t:g}" for t in ticks])
        axes.set_xticks([], minor=True)
    axes.set_ylim(0.0, 1.02)
    axes.set_yticks([0.0, *(t for t in _TICKS if t >= 0.05)])
    tidy(axes, found.symbol, "p-value of the value (two-sided)")
    bits = axes.secondary_yaxis("right")
    bits.set_yticks(list(_TICKS[:-1]), [f"{abs(np.log2(t)):.1f}" for t in _TICKS[:-1]])
    bits.tick_params(labelsize=8.0, color=SOFT)
    bits.spines["right"].set_color(SOFT)
    bits.set_ylabel("Bits against the value, -log2 p", fontsize=8.5)
    if bold > 1 or drapery:
        key(axes, "upper right" if bold <= 8 else "best")
    return figure
