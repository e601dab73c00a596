"""The cloud of all subsets: I2 against the estimate, with both distributions."""

from collections.abc import Hashable
from typing import TYPE_CHECKING

import numpy as np

from k2stats._typing import Bools, Floats
from k2stats.render.sheet import BLUE, RED, key, sheet, tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from k2stats.diagnostics.gosh import Gosh

_BINS = 80


def gosh_plot(
    found: "Gosh",
    study: Hashable | None,
    random: np.random.Generator,
    most: int,
    title: str,
) -> "Figure":
    """Draw; see :meth:`Gosh.plot`."""
    usable = np.isfinite(found.estimate) & np.isfinite(found.I2)
    x, y = found.estimate[usable], found.I2[usable]
    groups = _groups(found, study, usable)
    what = "All" if found.every else "Random:"
    notes = [
        f"{what} {x.size:,} subsets of two or more of {len(found.study)} studies, "
        f"{found.tau2_method}. More than one cloud: some study makes the difference."
    ]
    if x.size > most:
        notes[0] += f" {most:,} points are drawn; the distributions are of all."
    figure, axes = sheet(
        2,
        2,
        width=6.4,
        height=5.2,
        title=title,
        notes=notes,
        wide=(4.0, 1.0),
        tall=(1.0, 4.0),
    )
    top, corner, cloud, side = axes
    corner.remove()
    shown = np.arange(x.size)
    if x.size > most:
        shown = random.choice(x.size, most, replace=False)
    # Points in random order, so that neither group lies on top of the other.
    shown = random.permutation(shown)
    colours = np.full(x.size, BLUE, dtype=object)
    for chosen, colour, _ in groups[1:]:
        colours[chosen] = colour
    size = float(np.clip(24000.0 / max(shown.size, 1), 2.5, 20.0))
    alpha = 0.8 if shown.size < 500 else 0.35
    cloud.scatter(
        x[shown],
        y[shown],
        s=size,
        c=colours[shown].tolist(),
        alpha=alpha,
        linewidths=0.0,
        rasterized=True,
    )
    _distributions(top, side, (x, y), groups)
    room = 0.03 * float(np.ptp(x)) or 0.1
    cloud.set_xlim(float(x.min()) - room, float(x.max()) + room)
    cloud.set_ylim(min(-2.0, float(y.min()) - 2.0), 102.0)
    top.set_xlim(cloud.get_xlim())
    side.set_ylim(cloud.get_ylim())
    tidy(cloud, y="I2, %")
    found.shown.ticks(cloud)
    if len(groups) > 1:
        for _, colour, label in groups:
            cloud.plot([], [], "o", ms=5.0, color=colour, label=label)
        key(cloud)
    return figure


def _groups(
    found: "Gosh", study: Hashable | None, usable: Bools
) -> list[tuple[Bools, str, str]]:
    """Return which subsets are told apart, with colour and name."""
    if study is None:
        return [(np.ones(int(usable.sum()), dtype=bool), BLUE, "")]
    there = found.has(study)[usable]
    return [(~there, BLUE, f"without {study}"), (there, RED, f"with {study}")]


def _distributions(
    top: "Axes",
    side: "Axes",
    points: tuple[Floats, Floats],
    groups: list[tuple[Bools, str, str]],
) -> None:
    """Histograms of the estimates above, and of I2 to the right."""
    for axes, values, turned in ((top, points[0], False), (side, points[1], True)):
        edges = np.histogram_bin_edges(values, bins=_BINS)
        for chosen, colour, _ in groups:
            axes.hist(
                values[chosen],
                bins=edges.tolist(),
                color=colour,
                alpha=0.55,
                histtype="stepfilled",  # one outline, not a patch for each bar
                orientation="horizontal" if turned else "vertical",
            )
        for name in ("left", "bottom"):
            axes.spines[name].set_visible(False)
        axes.set_xticks([])
        axes.set_yticks([])
