"""How effect sizes are shown: on the natural scale, with limits."""

from html import escape
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from k2stats._typing import Floats

if TYPE_CHECKING:
    from k2stats.effectsizes._base import EffectSizes

_MOST_ROWS = 60


def number(x: float) -> str:
    """Three decimals; scientific where that would show nothing.

    Examples
    --------
    >>> number(1.23372), number(0.00001234), number(float("nan"))
    ('1.234', '1.23e-05', 'undefined')
    """
    if np.isnan(x):
        return "undefined"
    if np.isinf(x):
        return "inf" if x > 0 else "-inf"
    if (x != 0 and abs(x) < 0.0005) or abs(x) >= 1e7:
        return f"{x:.3g}"
    return f"{x:.3f}"


def _line(estimate: float, low: float, high: float) -> str:
    if np.isnan(estimate):
        return "undefined"
    if np.isnan(low) or np.isnan(high):
        return f"{number(estimate)} (no interval)"
    return f"{number(estimate)} ({number(low)} to {number(high)})"


def _natural(es: "EffectSizes", level: float) -> tuple[Floats, Floats, Floats]:
    """Natural scale, or the scale of analysis where sizes for it are missing."""
    if es.scale.back_with_size is not None and es.n is None:
        return (es.y, *es.conf_int(level))
    made = es.natural(level)
    return made.estimate, made.low, made.high


def _symbol(es: "EffectSizes") -> str:
    if es.scale.back_with_size is not None and es.n is None:
        return f"{es.measure} ({es.scale.name} scale)"
    return es.info.symbol


def short(es: "EffectSizes") -> str:
    """One study: its effect; a set: a table; a batch: what it is."""
    if es.y.ndim > 1:
        return f"{_symbol(es)}: effect sizes of shape {es.shape}"
    if es.k == 1:
        estimate, low, high = _natural(es, 0.95)
        return f"{_symbol(es)} {_line(*(float(x[0]) for x in (estimate, low, high)))}"
    return summary(es)


def summary(es: "EffectSizes", level: float = 0.95) -> str:
    """Text table: label, effect, limits, and what was added to the cells."""
    if es.y.ndim > 1:
        return short(es)
    rows = _rows(es, level)
    widths = [max(len(r[j]) for r in rows) for j in range(len(rows[0]))]
    lines = [
        "  ".join(c.ljust(w) for c, w in zip(r, widths, strict=True)).rstrip()
        for r in rows
    ]
    return "\n".join([*lines, *_notes(es)])


def _rows(es: "EffectSizes", level: float) -> list[tuple[str, ...]]:
    estimate, low, high = _natural(es, level)
    with_added = es.added is not None and bool(np.any(es.added))
    head: tuple[str, ...] = ("Study", f"{_symbol(es)} ({level:.0%} CI)")
    rows = [(*head, "Added") if with_added else head]
    labels = es.labels
    for i in range(min(es.k, _MOST_ROWS)):
        cells: tuple[str, ...] = (str(labels[i]), _line(estimate[i], low[i], high[i]))
        if with_added and es.added is not None:
            cells = (*cells, f"{es.added[i]:g}" if es.added[i] else "")
        rows.append(cells)
    return rows


def _notes(es: "EffectSizes") -> list[str]:
    notes = []
    if es.k > _MOST_ROWS:
        notes.append(f"... {es.k - _MOST_ROWS} more studies")
    if es.zero_cells is not None and es.added is not None and np.any(es.added):
        added, *rest = str(es.zero_cells).split("; ")
        count = f"{added} ({int((es.added > 0).sum())} of {es.k})"
        notes.append(f"Zero cells: {'; '.join([count, *rest])}.")
    undefined = int((~es.complete).sum())
    if undefined:
        notes.append(f"Without an effect or a variance: {undefined} of {es.k}.")
    if es.dropped:
        notes.append(f"Left out for missing values: {es.dropped}.")
    return notes


def to_frame(es: "EffectSizes", *, natural: bool, level: float) -> pd.DataFrame:
    """One row a study; a batch has one row for each set and study."""
    labels = pd.Series(es.labels, dtype=object)
    batch = es.y.shape[:-1]
    data: dict[str, object] = {}
    if batch:
        which = np.indices(es.shape).reshape(es.y.ndim, -1)
        data.update({f"set{j}": which[j] for j in range(len(batch))})
        data["study"] = labels.to_numpy()[which[-1]]
    else:
        data["study"] = labels.to_numpy()
    if es.by is not None:
        data["by"] = np.resize(np.array(es.by, dtype=object), es.y.size)
    if natural:
        made = es.natural(level)
        data |= {
            es.info.symbol: made.estimate.ravel(),
            "low": made.low.ravel(),
            "high": made.high.ravel(),
        }
    else:
        data |= {"y": es.y.ravel(), "v": es.v.ravel(), "se": es.se.ravel()}
    if es.n is not None:
        data["n"] = es.n.ravel()
    if es.added is not None and np.any(es.added):
        data["added"] = es.added.ravel()
    return pd.DataFrame(data)


def html(es: "EffectSizes") -> str:
    """Table for a notebook."""
    if es.y.ndim > 1:
        return f"<p>{escape(short(es))}</p>"
    head, *body = _rows(es, 0.95)
    top = "".join(f"<th>{escape(c)}</th>" for c in head)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(c)}</td>" for c in r) + "</tr>" for r in body
    )
    notes = "".join(f"<p>{escape(x)}</p>" for x in _notes(es))
    return f"<table><thead><tr>{top}</tr></thead><tbody>{rows}</tbody></table>{notes}"
