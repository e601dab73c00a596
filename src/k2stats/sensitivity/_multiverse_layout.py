"""What a specification curve shows: order, rows of choices, ends of the axis."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from k2stats._typing import Bools, Floats, Ints
from k2stats.sensitivity._multiverse_text import TITLES, null_text, null_value

if TYPE_CHECKING:
    from k2stats.sensitivity.multiverse_result import Multiverse

OTHERS = "others"
_LONGEST = 30
_CUT = 3.0
"""Per cent of the limits at each end that may run off the axis."""


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One line of the dashboard.

    Attributes
    ----------
    label : str
    group : str
        Title of the choice.
    holds : ndarray of bool, shape (S,)
        Specifications of the whole multiverse that have it.
    """

    label: str
    group: str
    holds: Bools


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """One scale.

    Attributes
    ----------
    scale : str
    order : ndarray of int
        Specifications with an estimate, ascending by it.
    estimate, low, high : ndarray
        On the natural scale, in that order.
    side : ndarray
        1 where significant above no effect, -1 below, 0 where not.
    reference : int
        Rank of the reference, -1 where it has no estimate.
    null : float
        Natural value of no effect, NaN where there is none.
    logarithmic : bool
    """

    scale: str
    order: Ints
    estimate: Floats
    low: Floats
    high: Floats
    side: Floats
    reference: int
    null: float
    logarithmic: bool

    @property
    def size(self) -> int:
        """Number of specifications drawn."""
        return int(self.order.size)

    def ends(self) -> tuple[float, float]:
        """Ends of the axis: all estimates, no effect, and nearly all limits."""
        to = np.log if self.logarithmic else np.asarray
        with np.errstate(divide="ignore", invalid="ignore"):
            core = to(np.append(self.estimate, self.null))
            low, high = to(self.low), to(self.high)
        core = core[np.isfinite(core)]
        least, most = float(core.min()), float(core.max())
        for limits, cut in ((low, _CUT), (high, 100.0 - _CUT)):
            known = limits[np.isfinite(limits)]
            if known.size:
                at = float(np.percentile(known, cut))
                least, most = min(least, at), max(most, at)
        pad = 0.05 * (most - least) or 0.1
        least, most = least - pad, most + pad
        return (
            (float(np.exp(least)), float(np.exp(most)))
            if self.logarithmic
            else (
                least,
                most,
            )
        )


def panels_of(m: "Multiverse", scale: str | None) -> list[Panel]:
    """One panel a scale, or the one asked for."""
    wanted = list(m.panels) if scale is None else [scale]
    found = []
    for name in wanted:
        rows = m.panels[name]
        known = rows[m.converged[rows]]
        side = np.where(m.significant, m.side, 0.0)
        # Ties lie in the order of the frame, not in that of their last digits.
        value = m.natural[known]
        size = float(np.abs(value).max()) if known.size else 1.0
        order = known[np.argsort(np.round(value / (size or 1.0), 11), kind="stable")]
        at = np.flatnonzero(order == m.reference[name])
        info = m.info_of(name)
        found.append(
            Panel(
                scale=name,
                order=order,
                estimate=m.natural[order],
                low=m.natural_low[order],
                high=m.natural_high[order],
                side=side[order],
                reference=int(at[0]) if at.size else -1,
                null=null_value(m, name),
                logarithmic=info.scale.name == "log",
            )
        )
    return [p for p in found if p.size]


def rows_of(m: "Multiverse", panels: list[Panel], most: int) -> list[Row]:
    """Rows of the dashboard: what was found, then every choice that varies.

    Of more than `most` subsets, or sets left out, those are shown whose specifications
    lie farthest from all others, and the rest are one row.
    """
    shown = np.zeros(len(m), dtype=bool)
    for panel in panels:
        shown[panel.order] = True
    rows = _results(m, panels, shown)
    for choice in m.varied:
        if choice == "measure" and all(_one_measure(m, p) for p in panels):
            continue
        codes, names = m.codes[choice], m.levels_of[choice]
        there = [i for i in range(len(names)) if (shown & (codes == i)).any()]
        kept = (
            there if len(there) <= most else _farthest(m, choice, panels, there, most)
        )
        if len(there) < 2:
            continue
        title = TITLES[choice]
        rows += [Row(shorten(names[i]), title, codes == i) for i in kept]
        if len(kept) < len(there):
            rest = ~np.isin(codes, kept)
            rows.append(Row(f"{len(there) - len(kept)} {OTHERS}", title, rest))
    return rows


def _one_measure(m: "Multiverse", panel: Panel) -> bool:
    return bool(np.unique(m.codes["measure"][panel.order]).size == 1)


def _results(m: "Multiverse", panels: list[Panel], shown: Bools) -> list[Row]:
    """Rows that say which specifications are significant, and on which side."""
    nulls = {null_text(m, p.scale) for p in panels}
    null = nulls.pop() if len(nulls) == 1 else "no effect"
    sure = m.significant & m.converged & shown
    rows = [
        Row(f"significant, below {null}", "Result", sure & (m.side < 0)),
        Row(f"significant, above {null}", "Result", sure & (m.side > 0)),
        Row("not significant", "Result", shown & ~sure),
    ]
    return [r for r in rows if r.holds.any()]


def _farthest(
    m: "Multiverse", choice: str, panels: list[Panel], there: list[int], most: int
) -> list[int]:
    """The first level, and those whose estimates differ most from all others."""
    codes = m.codes[choice]
    far = np.zeros(len(there))
    for panel in panels:
        value = m.estimate[panel.order]
        centre, spread = np.median(value), value.std() or 1.0
        for j, i in enumerate(there):
            mine = value[codes[panel.order] == i]
            if mine.size:
                far[j] = max(far[j], abs(np.median(mine) - centre) / spread)
    far[0] = np.inf
    first = np.argsort(-far, kind="stable")[: most - 1]
    return [there[j] for j in sorted(first)]


def shorten(text: str, most: int = _LONGEST) -> str:
    """Cut a label that is too long.

    Examples
    --------
    >>> shorten("0.5 added to tables with a zero cell", 20)
    '0.5 added to tables…'
    """
    return text if len(text) <= most else text[: most - 1].rstrip() + "\u2026"
