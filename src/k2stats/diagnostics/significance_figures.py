"""Figures of significant results: p-curve and z-curve."""

from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from k2stats.diagnostics.z_curve import LAST, component_densities
from k2stats.render.sheet import BLUE, INK, PALE, RED, SKY, SOFT, key, sheet, tidy
from k2stats.results._words import p_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from k2stats.diagnostics.p_curve import PCurve
    from k2stats.diagnostics.z_curve import ZCurve

_WIDTH = 0.2


def p_curve_plot(found: "PCurve", title: str) -> "Figure":
    """Draw; see :meth:`PCurve.plot`."""
    notes = [
        f"{found.k} significant results, {found.k_half} of them below half of alpha. "
        f"Right skew: p {p_text(found.full.p)} (half curve p {p_text(found.half.p)}). "
        f"Flatter than 33% power: p {p_text(found.full_33.p)}. Power "
        f"{found.power:.0%} (90% CI {found.power_low:.0%} to {found.power_high:.0%}). "
        f"{found.note}".rstrip()
    ]
    figure, (axes,) = sheet(width=5.8, height=3.9, title=title, notes=notes)
    x = np.arange(1.0, 6.0) * found.alpha / 5.0
    observed = 100.0 * np.array(found.shares)
    axes.axhline(20.0, color=RED, lw=1.2, ls=":", label="no effect: flat")
    axes.plot(
        x,
        100.0 * np.array(found.shares_33),
        color=INK,
        lw=1.2,
        ls=(0, (5, 3)),
        label="power of 33%",
    )
    axes.plot(x, observed, "-o", color=BLUE, lw=1.8, ms=5.0, label="observed")
    for a, b in zip(x, observed, strict=True):
        axes.annotate(
            f"{b:.0f}%",
            (a, b),
            xytext=(0, 6),
            textcoords="offset points",
            ha="center",
            fontsize=7.5,
            color=INK,
        )
    axes.set_ylim(0.0, max(1.15 * float(observed.max()), 60.0))
    axes.set_xticks(x.tolist(), [f"{v:.3g}" for v in x])
    tidy(axes, "p-value, up to", "Share of the significant results, %")
    key(axes, "upper right")
    return figure


def z_curve_plot(found: "ZCurve", title: str) -> "Figure":
    """Draw; see :meth:`ZCurve.plot`."""
    limits = ["", ""]
    for i, ci in enumerate((found.err_ci, found.edr_ci)):
        if ci is not None:
            limits[i] = f" (95% CI {ci[0]:.0%} to {ci[1]:.0%})"
    high = int((found.z > LAST).sum())
    notes = [
        f"Expected replication rate {found.err:.0%}{limits[0]}, expected discovery "
        f"rate {found.edr:.0%}{limits[1]}, observed discovery rate {found.odr:.0%} of "
        f"{found.k}. z values beyond 6, not drawn: {high}. {found.note}".rstrip()
    ]
    figure, (axes,) = sheet(width=6.4, height=4.0, title=title, notes=notes)
    critical = float(-special.ndtri(0.5 * found.alpha))
    # Bins start at the critical value, so that none holds both kinds.
    below = np.arange(critical, -_WIDTH, -_WIDTH)[::-1]
    edges = np.concatenate([below, np.arange(critical + _WIDTH, LAST + _WIDTH, _WIDTH)])
    shown = found.z[found.z <= LAST]
    significant = shown >= critical
    axes.hist(
        shown[significant],
        bins=edges.tolist(),
        color=SKY,
        alpha=0.7,
        label="significant",
    )
    axes.hist(
        shown[~significant],
        bins=edges.tolist(),
        color=PALE,
        edgecolor=SOFT,
        linewidth=0.4,
        label="not significant",
    )
    grid = np.linspace(0.0, LAST, 600)
    density = component_densities(grid, critical) @ found.weights
    height = density * float(significant.sum()) * _WIDTH
    fitted = grid >= critical
    axes.plot(grid[fitted], height[fitted], color=BLUE, lw=1.8, label="z-curve")
    axes.plot(
        grid[~fitted],
        height[~fitted],
        color=BLUE,
        lw=1.2,
        ls=(0, (4, 3)),
        label="carried on: expected without selection",
    )
    axes.axvline(critical, color=RED, lw=1.0, ls=":")
    counts = np.histogram(shown, bins=edges)[0]
    top = max(float(counts.max(initial=1)), float(height[fitted].max()))
    axes.set_ylim(0.0, min(1.1 * max(top, float(height.max())), 2.5 * top))
    axes.set_xlim(0.0, LAST)
    tidy(axes, "|z|", f"Results in {_WIDTH:g}")
    key(axes, "upper right")
    return figure
