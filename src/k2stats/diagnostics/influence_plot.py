"""Deletion diagnostics side by side, a study a line."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import special

from k2stats._typing import Bools, Floats
from k2stats.render.sheet import BLUE, INK, PALE, RED, SOFT, sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from k2stats.diagnostics.influence import Influence

_ROW, _TALLEST, _HEAD = 0.2, 14.0, 0.95
"""Inches of a study, of all of them at most, and of what is above and below."""


class _Panel(NamedTuple):
    """One diagnostic: values, where nothing happens, and where a cut-off lies."""

    name: str
    value: Floats
    neutral: float
    cut: tuple[float, ...] = ()


def influence_plot(found: "Influence", title: str) -> "Figure":
    """Draw; see :meth:`Influence.plot`."""
    k = len(found.study)
    panels = _panels(found)
    height = min(_ROW * k, _TALLEST)
    longest = max(len(str(s)) for s in found.study)
    beyond = found.influential
    note = (
        "Filled points and bold names: beyond a cut-off of Viechtbauer and Cheung "
        "(2010), rules of thumb and not tests; dashed lines are the cut-offs. Solid "
        "lines: all studies, or no effect of the deletion."
    )
    figure, axes = sheet(
        1,
        len(panels),
        width=1.12 * len(panels) + 0.075 * min(longest, 40),
        height=height + _HEAD,
        title=title,
        notes=[note],
        share_y=True,
    )
    letters = min(8.0, 0.62 * 72.0 * height / k)
    for one, panel in zip(axes, panels, strict=True):
        _draw(one, panel, beyond)
    first = axes[0]
    first.set_ylim(k - 0.4, -0.6)
    every = range(k) if letters >= 4.0 else np.flatnonzero(beyond).tolist()
    first.set_yticks(list(every), [str(found.study[i]) for i in every])
    for i, tick in zip(every, first.get_yticklabels(), strict=True):
        tick.set_fontsize(max(letters, 5.0))
        tick.set_fontweight("bold" if beyond[i] else "normal")
    for one in axes[1:]:
        one.tick_params(axis="y", length=0.0)
    return figure


def _panels(found: "Influence") -> list[_Panel]:
    k, p = len(found.study), found.p
    z = float(special.ndtri(0.975))
    reach = 3.0 * np.sqrt(p / (k - p))
    panels = [
        _Panel("rstudent", found.rstudent, 0.0, (-z, z)),
        _Panel("DFFITS", found.dffits, 0.0, (-reach, reach)),
        _Panel("Cook's D", found.cook_d, 0.0, (float(special.chdtri(p, 0.5)),)),
        _Panel("cov.r", found.cov_r, 1.0),
        _Panel("tau2 without", found.tau2_del, found.tau2),
        _Panel("Q without", found.QE_del, found.QE),
        _Panel("hat", found.hat, p / k, (3.0 * p / k,)),
        _Panel("weight, %", found.weight, 100.0 / k),
    ]
    if p > 1:
        panels += [
            _Panel(f"DFBETAS\n{name}", found.dfbetas[:, j], 0.0, (-1.0, 1.0))
            for j, name in enumerate(found.names)
        ]
    return panels


def _draw(axes: "Axes", panel: _Panel, beyond: Bools) -> None:
    k = panel.value.size
    there = np.isfinite(panel.value)
    shown = panel.value[there]
    low = float(min(shown.min(initial=panel.neutral), panel.neutral))
    high = float(max(shown.max(initial=panel.neutral), panel.neutral))
    room = 0.12 * (high - low) or 0.1
    near = [c for c in panel.cut if low - 4.0 * room <= c <= high + 4.0 * room]
    low, high = min([low - room, *near]), max([high + room, *near])
    axes.set_xlim(low - 0.03 * (high - low), high + 0.03 * (high - low))
    for i in range(0, k, 2):
        axes.axhspan(i - 0.5, i + 0.5, color=PALE, lw=0.0, alpha=0.55, zorder=0)
    axes.axvline(panel.neutral, color=SOFT, lw=1.0, zorder=1)
    for c in near:
        axes.axvline(c, color=RED, lw=0.9, ls=(0, (4, 3)), zorder=1)
    rows = np.arange(k)
    size = 4.5 if k <= 40 else 3.0
    for chosen, fill, edge in ((~beyond, "white", BLUE), (beyond, RED, RED)):
        at = chosen & there
        axes.plot(panel.value[at], rows[at], "o", ms=size, mfc=fill, mec=edge, zorder=3)
    axes.set_title(panel.name, fontsize=8.5, color=INK)
    axes.spines["left"].set_visible(False)
    axes.locator_params(axis="x", nbins=2)
    axes.tick_params(axis="x", labelsize=7.0)
