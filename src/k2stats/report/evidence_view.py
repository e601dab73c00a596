"""Evidence of any type as small tables of text."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from k2stats.evidence import Evidence, PairedRows, RatioWithCI, TwoByTwo
from k2stats.render import significant

MOST_TABLES = 20
_ARRAY = 8
_NAMES = {
    "n": "n",
    "n_total": "n, both groups",
    "events": "events",
    "events_total": "events, both groups",
    "percent": "percentage",
    "mean": "mean",
    "sd": "SD",
    "spread": "spread",
    "median": "median",
    "mean_difference": "mean difference",
    "sd_difference": "SD of the differences",
    "level": "confidence level",
}


@dataclass(frozen=True, slots=True)
class Grid:
    """A small table: headers, and rows that start with their name."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """Evidence for a page: single facts, and a grid where there are two columns."""

    facts: tuple[tuple[str, str], ...]
    grid: Grid | None


def describe(evidence: Evidence) -> EvidenceView:
    """Return what a piece of evidence holds, field by field.

    What is not printed is left out. Numbers of two groups stand side by side.

    Examples
    --------
    >>> view = describe(TwoByTwo.from_counts(events1=33, n1=36, events2=26, n2=35))
    >>> view.grid.head, view.grid.rows
    (('', 'group 1', 'group 2'), (('events', '33', '26'), ('n', '36', '35')))
    """
    if isinstance(evidence, PairedRows):
        return _paired(evidence)
    values = {f.name: getattr(evidence, f.name) for f in fields(evidence)}
    if isinstance(evidence, RatioWithCI):
        for name in ("kind", "estimate", "low", "high"):
            del values[name]
        values = {"ratio": str(evidence), **values}
    given = [values.pop(f"group{arm}", "") for arm in "12"]
    names = [name or f"group {arm}" for arm, name in zip("12", given, strict=True)]
    stems = [key[:-1] for key in values if key.endswith("1")]
    rows = []
    for stem in stems:
        pair = [_text(values.pop(f"{stem}{arm}")) for arm in "12"]
        if any(pair):
            rows.append((_NAMES.get(stem, stem), *(p or "?" for p in pair)))
    grid = Grid(("", *names), tuple(rows)) if rows else None
    if grid is None and any(given):
        values["groups"] = " v ".join(names)
    return EvidenceView(_facts(values), grid)


def _paired(evidence: PairedRows) -> EvidenceView:
    """Return rows of before and after."""
    labels = evidence.labels or tuple(str(k + 1) for k in range(len(evidence.before)))
    rows = zip(labels, map(str, evidence.before), map(str, evidence.after), strict=True)
    facts = _facts({"outcome": evidence.outcome})
    return EvidenceView(facts, Grid(("", "before", "after"), tuple(rows)))


def _facts(values: dict[str, object]) -> tuple[tuple[str, str], ...]:
    """Return the fields that say something."""
    shown = ((_NAMES.get(name, name), _text(value)) for name, value in values.items())
    return tuple((name, text) for name, text in shown if text)


def _text(value: object) -> str:
    """Return a field's value as text, empty where there is none."""
    if value is None or (isinstance(value, str) and value == "unknown"):
        return ""
    if isinstance(value, np.ndarray):
        flat = [significant(float(x)) for x in value.ravel()[:_ARRAY]]
        more = value.size - len(flat)
        return ", ".join(flat) + (f" and {more} more" if more > 0 else "")
    if isinstance(value, tuple | list):
        return ", ".join(map(_text, value))
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)


def feasible_grid(tables: TwoByTwo, *, most: int = MOST_TABLES) -> tuple[Grid, int]:
    """Return the tables that fit a print, and how many are not shown.

    Examples
    --------
    >>> tables = TwoByTwo.from_counts(events1=[71, 72], n1=340, events2=52, n2=351)
    >>> feasible_grid(tables, most=1)
    (Grid(head=('group 1', 'group 2'), rows=(('71/340', '52/351'),)), 1)
    """
    columns: Sequence[np.ndarray] = [
        np.broadcast_to(x, tables.events1.shape).ravel()
        for x in (tables.events1, tables.n1, tables.events2, tables.n2)
    ]
    size = columns[0].size
    rows = []
    for k in range(min(size, most)):
        e1, n1, e2, n2 = (significant(float(c[k]), 16) for c in columns)
        rows.append((f"{e1}/{n1}", f"{e2}/{n2}"))
    return Grid(("group 1", "group 2"), tuple(rows)), max(size - most, 0)
