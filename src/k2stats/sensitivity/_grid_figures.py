"""Figures of grids: every table near a trial's, every way of missing outcomes, bias."""

from typing import TYPE_CHECKING

import numpy as np

from k2stats.errors import InvalidEvidenceError
from k2stats.evidence import TwoByTwo
from k2stats.render.cells import shade_cells
from k2stats.render.sheet import BLUE, GOLD, INK, RED, key, sheet, tidy
from k2stats.results._words import fixed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from k2stats.sensitivity.evalues import EValue
    from k2stats.sensitivity.fragility import FragilityIndex
    from k2stats.sensitivity.imputation_grid import ImputationGrid

NAMES = ("significant", "not significant")
_MOST = 240
"""Tables along a side of a picture."""


def fragility_plot(found: "FragilityIndex", trial: int, title: str) -> "Figure":
    """Draw; see :meth:`FragilityIndex.plot`."""
    t = found.table
    _within("trial", trial, found.index.size)
    e1, n1, e2, n2 = (
        int(np.ravel(x)[trial]) for x in (t.events1, t.n1, t.events2, t.n2)
    )
    index = float(np.ravel(found.index)[trial])
    reach = 6 if np.isnan(index) else int(index)
    room = min(max(8, 2 * reach + 4), _MOST // 2)
    x = np.arange(max(0, e1 - room), min(n1, e1 + room) + 1)
    y = np.arange(max(0, e2 - room), min(n2, e2 + room) + 1)
    a, b = np.meshgrid(x.astype(float), y.astype(float))
    grid = TwoByTwo(a, np.full(a.shape, float(n1)), b, np.full(b.shape, float(n2)))
    figure, (axes,) = sheet(
        width=7.4, height=4.6, title=title, notes=[found.meaning[trial]]
    )
    shade_cells(axes, (x, y), found.criterion.rejects(grid), NAMES)
    axes.plot(e1, e2, "o", ms=8.0, color=INK, mec="white", label="observed", zorder=4)
    if not np.isnan(index):
        f1, f2 = (float(np.ravel(f)[trial]) for f in (found.change1, found.change2))
        axes.annotate(
            "",
            (e1 + f1, e2 + f2),
            (e1, e2),
            arrowprops={"arrowstyle": "->", "color": RED, "lw": 1.4},
            zorder=5,
        )
        axes.plot(
            e1 + f1,
            e2 + f2,
            "D",
            ms=7.0,
            color=RED,
            mec="white",
            zorder=6,
            label=f"nearest otherwise, {index:.0f} changed",
        )
    if n1 > 0 and n2 > 0:
        line = np.array([x[0] - 0.5, x[-1] + 0.5])
        axes.plot(
            line, line * n2 / n1, color=GOLD, lw=1.2, ls="-.", label="equal risks"
        )
    axes.set_ylim(y[0] - 0.5, y[-1] + 0.5)
    tidy(axes, f"Events of {n1}, group 1", f"Events of {n2}, group 2")
    key(axes, outside=True)
    return figure


def _within(field: str, value: int, size: int) -> None:
    if not 0 <= value < size:
        raise InvalidEvidenceError(
            field=field, requirement=f"from 0 to {size - 1}", given=value
        )


def imputation_plot(found: "ImputationGrid", title: str) -> "Figure":
    """Draw; see :meth:`ImputationGrid.plot`."""
    figure, (axes,) = sheet(width=7.4, height=4.6, title=title, notes=[found.meaning])
    m1, m2 = (n - 1 for n in found.significant.shape)
    x, y = np.arange(m1 + 1), np.arange(m2 + 1)
    shade_cells(axes, (x, y), found.significant.T, NAMES)
    t = found.trial
    expected = [
        float((m * e / o).ravel()[0])
        for m, e, o in (
            (t.missing1, t.events1, t.observed1),
            (t.missing2, t.events2, t.observed2),
        )
    ]
    axes.plot(*expected, "o", ms=8.0, color=INK, mec="white", label="as those observed")
    for at, mark, label in (
        ((0, m2), "^", "none in group 1, all in group 2"),
        ((m1, 0), "v", "all in group 1, none in group 2"),
    ):
        axes.plot(
            *at, mark, ms=7.0, color=BLUE, mec="white", label=label, clip_on=False
        )
    if (nearest := found.nearest) is not None:
        axes.plot(
            nearest[0],
            nearest[1],
            "D",
            ms=7.0,
            color=RED,
            mec="white",
            label="nearest that overturns",
        )
    tidy(
        axes,
        f"Events among {m1} missing, group 1",
        f"Events among {m2} missing, group 2",
    )
    key(axes, outside=True)
    return figure


def evalue_plot(found: "EValue", index: int, title: str) -> "Figure":
    """Draw; see :meth:`EValue.plot`."""
    _within("index", index, found.point.size)
    point = float(np.ravel(found.point)[index])
    limit = float(np.ravel(found.limit)[index])
    note = (
        "A confounder on a curve, or above it, could account for the estimate (solid) "
        f"or for the confidence limit (dashed): E-values {fixed(point, 2)} and "
        f"{fixed(limit, 2)}."
    )
    figure, (axes,) = sheet(width=5.4, height=4.4, title=title, notes=[note])
    for e, style, label in ((point, "-", "estimate"), (limit, (0, (5, 3)), "limit")):
        if not (np.isfinite(e) and e > 1.0):
            continue
        bound = e * e / (2.0 * e - 1.0)
        x = np.geomspace(bound * 1.0005, max(6.0 * e, 4.0 * point), 400)
        axes.plot(x, bound * (x - 1.0) / (x - bound), color=BLUE, ls=style, label=label)
        axes.plot(e, e, "o" if style == "-" else "D", color=RED, ms=6.0, zorder=3)
    most = 3.0 * max(point if np.isfinite(point) else 1.0, 1.2)
    axes.set_xlim(1.0, most)
    axes.set_ylim(1.0, most)
    tidy(
        axes,
        "Risk ratio of exposure and confounder",
        "Risk ratio of confounder and outcome",
    )
    key(axes)
    return figure
