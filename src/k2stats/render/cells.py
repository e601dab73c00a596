"""A grid of cells shaded by yes or no, with the line between; knows no statistics."""

from typing import TYPE_CHECKING

import numpy as np

from k2stats._typing import Bools, Ints
from k2stats.render.sheet import SOFT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

YES, NO = "#9ecae8", "#f4f5f7"


def shade_cells(
    axes: "Axes",
    ends: tuple[Ints, Ints],
    inside: Bools,
    names: tuple[str, str],
) -> None:
    """Shade cells around whole numbers, and draw the line where the shade changes.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    ends : tuple of two ndarray of int
        Columns and rows, each without gaps.
    inside : ndarray of bool, shape (rows, columns)
    names : tuple of str
        Of the cells inside and of the others, for the key.
    """
    from matplotlib.collections import LineCollection
    from matplotlib.colors import ListedColormap

    x, y = (np.asarray(e, dtype=float) for e in ends)
    axes.imshow(
        inside.astype(float),
        origin="lower",
        extent=(x[0] - 0.5, x[-1] + 0.5, y[0] - 0.5, y[-1] + 0.5),
        cmap=ListedColormap([NO, YES]),
        vmin=0.0,
        vmax=1.0,
        aspect="auto",
        interpolation="nearest",
        zorder=0,
    )
    across = np.argwhere(inside[:, 1:] != inside[:, :-1])
    along = np.argwhere(inside[1:] != inside[:-1])
    lines = [[(x[j] + 0.5, y[i] - 0.5), (x[j] + 0.5, y[i] + 0.5)] for i, j in across]
    lines += [[(x[j] - 0.5, y[i] + 0.5), (x[j] + 0.5, y[i] + 0.5)] for i, j in along]
    axes.add_collection(LineCollection(lines, colors=SOFT, linewidths=1.0, zorder=1))
    for colour, name in zip((YES, NO), names, strict=True):
        axes.fill_between(
            [], [], [], facecolor=colour, edgecolor=SOFT, lw=0.4, label=name
        )
    axes.locator_params(integer=True)
