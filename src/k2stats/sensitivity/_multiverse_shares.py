"""Figures that sum a multiverse up: ranges, shares, vibration; frames, no prose."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from k2stats._typing import Bools, Floats, Ints

if TYPE_CHECKING:
    from k2stats.sensitivity.multiverse_result import Multiverse

LOW, HIGH = 1.0, 99.0
"""Percentiles between which an estimate vibrates, as Patel et al. take them."""


def by_scale(m: "Multiverse") -> pd.DataFrame:
    """One row a scale: how many, their range, and which way they point."""
    return pd.DataFrame([_row(m, rows, name) for name, rows in m.panels.items()])


def _row(m: "Multiverse", rows: Ints, name: str) -> dict[str, object]:
    known = rows[m.converged[rows]]
    value, side, sure = m.natural[known], m.side[known], m.significant[known]
    centre = _centre(m, known)
    reference = m.reference[name]
    away = np.sign(m.side[reference])
    return {
        "scale": name,
        "specifications": rows.size,
        "without_estimate": rows.size - known.size,
        "reference": m.natural[reference],
        "median": centre,
        "least": _least(value),
        "most": _most(value),
        "significant_above": _share(sure & (side > 0)),
        "significant_below": _share(sure & (side < 0)),
        "not_significant": _share(~sure),
        "above": _share(side > 0),
        "below": _share(side < 0),
        "other_side_than_reference": _share(side == -away),
        "other_decision_than_reference": _share(sure != m.significant[reference]),
        "p_median": _middle(m.p[known]),
        "p_least": _least(m.p[known]),
        "p_most": _most(m.p[known]),
    }


def _centre(m: "Multiverse", known: Ints) -> float:
    """Median on the scale of analysis, read back: that of the estimate in the middle.

    Of an even number it is the natural value of neither; the scale of analysis has the
    mean of the two.
    """
    if not known.size:
        return float("nan")
    back = m.to_natural(known[:1], np.array([np.median(m.estimate[known])]))
    return float(back[0])


def by_choice(m: "Multiverse") -> pd.DataFrame:
    """One row a level of a choice that varies, and a scale."""
    rows = []
    for choice in m.varied:
        names = m.levels_of[choice]
        code = m.codes[choice]
        for scale, panel in m.panels.items():
            for level, label in enumerate(names):
                here = panel[code[panel] == level]
                if not here.size:
                    continue
                known = here[m.converged[here]]
                side, sure = m.side[known], m.significant[known]
                rows.append(
                    {
                        "choice": choice,
                        "level": label,
                        "scale": scale,
                        "specifications": here.size,
                        "median": _centre(m, known),
                        "least": _least(m.natural[known]),
                        "most": _most(m.natural[known]),
                        "significant_above": _share(sure & (side > 0)),
                        "significant_below": _share(sure & (side < 0)),
                    }
                )
    return pd.DataFrame(rows)


def vibration(m: "Multiverse") -> pd.DataFrame:
    """Vibration of effects on every scale, after Patel, Burford and Ioannidis."""
    rows = []
    for name, panel in m.panels.items():
        known = panel[m.converged[panel]]
        ratio = m.info_of(name).scale.name in ("log", "efficacy")
        if known.size:
            first, last = np.percentile(m.estimate[known], [LOW, HIGH])
            p1, p99 = np.percentile(m.log_p[known] / -np.log(10.0), [LOW, HIGH])
            side = m.side[known]
            ends = np.percentile(side * np.abs(m.estimate[known]), [LOW, HIGH])
        else:
            first = last = p1 = p99 = np.nan
            ends = np.array([np.nan, np.nan])
        rows.append(
            {
                "scale": name,
                "relative": np.exp(last - first) if ratio else np.nan,
                "difference": last - first,
                "p_range": p99 - p1,
                "janus": bool(ends[0] < 0.0 < ends[1]),
            }
        )
    return pd.DataFrame(rows)


def _share(holds: Bools) -> float:
    return float(holds.mean()) if holds.size else float("nan")


def _least(x: Floats) -> float:
    return float(x.min()) if x.size else float("nan")


def _most(x: Floats) -> float:
    return float(x.max()) if x.size else float("nan")


def _middle(x: Floats) -> float:
    return float(np.median(x)) if x.size else float("nan")
