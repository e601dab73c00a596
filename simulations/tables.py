"""Rows of a coverage table, and the CSV file that keeps them."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np

from k2stats._typing import Floats

FOLDER = Path(__file__).parent / "tables"
Value = str | int | float


@dataclass(frozen=True, slots=True)
class Row:
    """Coverage of one interval in one cell.

    Attributes
    ----------
    cell, way : dict
        What was simulated, and the interval: columns of the table.
    sets : int
    coverage, coverage_se : float
        Share of the sets whose interval holds the true value; a set without an
        interval counts as one that does not.
    width, width_se, median_width : float
        Of the sets that have an interval.
    undefined : float
        Share of the sets that have none.
    """

    cell: dict[str, Value]
    way: dict[str, Value]
    sets: int
    coverage: float
    coverage_se: float
    width: float
    width_se: float
    median_width: float
    undefined: float

    @property
    def key(self) -> tuple[Value, ...]:
        """What tells the rows of a table apart."""
        return (*self.cell.values(), *self.way.values())

    @property
    def is_certain(self) -> bool:
        """Whether all sets agreed, so that the estimated error is zero."""
        return self.coverage_se == 0.0


def row(
    cell: Mapping[str, Value],
    way: Mapping[str, Value],
    limits: tuple[Floats, Floats],
    truth: float | Floats,
    *,
    covered: Floats | None = None,
) -> Row:
    """Summarise the intervals of many sets.

    Parameters
    ----------
    cell, way : dict
    limits : tuple of ndarray, shape (sets,)
        NaN where there is no interval.
    truth : float or ndarray
    covered : ndarray, shape (sets,), optional
        Probability that each interval covers, where that is known; whether it holds
        the truth when left out.
    """
    low, high = limits
    there = ~(np.isnan(low) | np.isnan(high))
    inside = (low <= truth) & (truth <= high) if covered is None else covered
    hit = np.where(there, inside, 0.0)
    n, m = hit.size, int(there.sum())
    width = (high - low)[there]
    finite = bool(m) and bool(np.isfinite(width).all())
    with np.errstate(over="ignore"):  # some widths are astronomic
        width_se = float(width.std() / np.sqrt(m)) if finite else np.nan
    return Row(
        cell=dict(cell),
        way=dict(way),
        sets=n,
        coverage=float(hit.mean()),
        coverage_se=float(hit.std() / np.sqrt(n)),
        width=float(width.mean()) if m else np.nan,
        width_se=width_se,
        median_width=float(np.median(width)) if m else np.nan,
        undefined=1.0 - m / n,
    )


_FIGURES = tuple(f.name for f in fields(Row))[2:]


def write(path: Path, rows: Iterable[Row]) -> None:
    """Keep a table, five significant digits a figure."""
    every = list(rows)
    names = [*every[0].cell, *every[0].way]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow([*names, *_FIGURES])
        for r in every:
            figures = asdict(r)
            cells = [figures[name] for name in _FIGURES]
            shown = [f"{x:.5g}" if isinstance(x, float) else x for x in cells]
            out.writerow([*r.cell.values(), *r.way.values(), *shown])


def read(path: Path, of_cell: int) -> list[Row]:
    """Read a table back; its first `of_cell` columns say what was simulated."""
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    names = [name for name in lines[0] if name not in _FIGURES]
    rows = []
    for line in lines:
        values = {name: _typed(line[name]) for name in names}
        figures = {name: float(line[name]) for name in _FIGURES if name != "sets"}
        rows.append(
            Row(
                cell={name: values[name] for name in names[:of_cell]},
                way={name: values[name] for name in names[of_cell:]},
                sets=int(line["sets"]),
                **figures,
            )
        )
    return rows


def _typed(text: str) -> Value:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def distance(one: Row, other: Row) -> float:
    """Difference of two coverages, in Monte Carlo standard errors of the difference.

    An observed share of 0 or 1 has an estimated error of zero: its error is taken to
    be that of a share half a set away.
    """
    square = 0.0
    for r in (one, other):
        p = float(np.clip(r.coverage, 0.5 / r.sets, 1.0 - 0.5 / r.sets))
        least = p * (1.0 - p) / r.sets
        square += max(r.coverage_se**2, least if r.is_certain else 0.0)
    return abs(one.coverage - other.coverage) / float(np.sqrt(square))
