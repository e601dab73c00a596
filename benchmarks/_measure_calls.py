"""Every measure of 13 studies: from arrays, from lists, from columns of a frame.

The bare arithmetic of a measure is its registered kernel on float arrays, which is
the formula in numpy and nothing else; that it hides no cost is seen in the table of
families, where one formula of each is written out by hand. The bare arithmetic from
lists makes arrays of them first, and from a frame takes its columns and labels out
of it, ``frame[name].to_numpy()``, which is most of such a call.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from benchmarks._conversion_calls import LONG, exact_j
from benchmarks._timing_pairs import side_by_side, verdict
from k2stats.effectsizes import MEASURES, effect_sizes, find_measure, needs
from k2stats.effectsizes import measures_by_group as by_group
from k2stats.effectsizes._building import way_for

Work = Callable[[], object]
ROWS = 13


def columns() -> dict[str, Any]:
    """Return columns that any measure can be computed from."""
    rng = np.random.default_rng(3)

    def whole(low: int, high: int) -> Any:
        return rng.integers(low, high, ROWS)

    def some(low: float, high: float) -> Any:
        return rng.uniform(low, high, ROWS)

    counts = ("events1", "events2", "a", "b", "c", "d", "events")
    people = ("homozygous_dominant", "heterozygous", "homozygous_recessive")
    return {
        **{name: whole(10, 50) for name in counts + people},
        **{name: whole(100, 300) for name in ("n1", "n2", "n")},
        **{name: some(9, 11) for name in ("mean1", "mean2", "mean")},
        **{name: some(1, 3) for name in ("sd1", "sd2", "sd")},
        **{name: some(100, 300) for name in ("time1", "time2", "time")},
        **{name: some(0.5, 0.9) for name in ("alpha", "auc")},
        "r": some(0.0, 0.2),
        "t": some(-2, 2),
        "predictors": whole(1, 4),
        "r2": some(0.1, 0.8),
        "items": whole(4, 10),
        "y": rng.normal(0, 1, ROWS),
        "v": some(0.1, 0.2),
    }


def four_ways(code: str, pool: dict[str, Any]) -> list[Work]:
    """Return a call from arrays, lists and a frame, each followed by its bare work."""
    names = needs(code)[0]
    arrays: dict[str, Any] = {name: pool[name] for name in names}
    lists: dict[str, Any] = {name: x.tolist() for name, x in arrays.items()}
    frame = pd.DataFrame({"trial": [f"Trial {i}" for i in range(ROWS)], **arrays})
    told: dict[str, Any] = {name: name for name in names}
    found = find_measure(code)
    evidence = way_for(code, arrays).build(**arrays)

    def kernel() -> object:
        with np.errstate(all="ignore"):
            return found(evidence)

    def from_lists() -> object:
        return [np.array(x, dtype=float) for x in lists.values()], kernel()

    def from_frame() -> object:
        made = [frame[name].to_numpy() for name in names]
        return made, frame["trial"].tolist(), kernel()

    return [
        lambda: effect_sizes(None, code, **arrays),
        kernel,
        lambda: effect_sizes(None, code, **lists),
        from_lists,
        lambda: effect_sizes(frame, code, study="trial", **told),
        from_frame,
    ]


def _said(over: list[float]) -> str:
    """Whether the target is met, or from what it is missed."""
    ways = zip(("arrays", "lists", "frame"), over, strict=True)
    missed = [way for way, x in ways if verdict(x) != "met"]
    return f"MISSED from {', '.join(missed)}" if missed else "met"


def measures_of_13() -> list[str]:
    """Microseconds over bare arithmetic of each measure, by family."""
    pool = columns()
    lines = [
        f"{'Microseconds over bare arithmetic, 13 studies':46}"
        f"{'bare':>7}{'arrays':>8}{'lists':>8}{'frame':>8}  target 60"
    ]
    worst = [0.0, 0.0, 0.0]
    rows = side_by_side([four_ways(code, pool) for code in MEASURES])
    found = dict(zip(MEASURES, rows, strict=True))
    for group, entries in by_group().items():
        lines.append(group)
        for entry in entries:
            times = found[entry.name]
            over = [a - b for a, b in zip(times[::2], times[1::2], strict=True)]
            note = ""
            if times[1] > LONG:
                note = ", though its own time varies by as much"
            else:
                worst = [max(a, b) for a, b in zip(worst, over, strict=True)]
            lines.append(
                f"  {entry.name:8}{entry.label[:35]:36}{times[1]:7.1f}"
                + "".join(f"{x:8.1f}" for x in over)
                + f"  {_said(over)}{note}"
            )
    lines.append(
        f"{'Largest of those below a millisecond':53}"
        + "".join(f"{x:8.1f}" for x in worst)
        + f"  {_said(worst)}, {len(MEASURES)} measures"
    )
    return lines


def by_hand() -> dict[str, Callable[..., object]]:
    """One formula of each family, written out on the columns it needs."""
    log, root = np.log, np.sqrt

    def smd(m1: Any, s1: Any, n1: Any, m2: Any, s2: Any, n2: Any) -> object:
        df = n1 + n2 - 2
        pooled = ((n1 - 1) * s1 * s1 + (n2 - 1) * s2 * s2) / df
        g = (m1 - m2) / root(pooled) * exact_j(df)
        return g, 1 / n1 + 1 / n2 + g * g / (2 * (n1 + n2))

    def rom(m1: Any, s1: Any, n1: Any, m2: Any, s2: Any, n2: Any) -> object:
        e1, e2 = (s1 / m1) ** 2 / n1, (s2 / m2) ** 2 / n2
        return log(m1 / m2) + (e1 - e2) / 2, e1 + e2

    def rpb(m1: Any, s1: Any, n1: Any, m2: Any, s2: Any, n2: Any) -> object:
        df = n1 + n2 - 2
        d = (m1 - m2) / root(((n1 - 1) * s1 * s1 + (n2 - 1) * s2 * s2) / df)
        h = df / n1 + df / n2
        v = 1 / n1 + 1 / n2 + d * d / (2 * (n1 + n2))
        return d / root(d * d + h), h * h / (h + d * d) ** 3 * v

    def area(a: Any, n1: Any, n2: Any) -> object:
        q1, q2 = a / (2 - a), 2 * a * a / (1 + a)
        more = (n1 - 1) * (q1 - a * a) + (n2 - 1) * (q2 - a * a)
        return a, (a * (1 - a) + more) / (n1 * n2)

    def change(m1: Any, s1: Any, m2: Any, s2: Any, n: Any, r: Any) -> object:
        return m1 - m2, (s1 * s1 + s2 * s2 - 2 * r * s1 * s2) / n

    def romc(m1: Any, s1: Any, m2: Any, s2: Any, n: Any, r: Any) -> object:
        c1, c2 = s1 / m1, s2 / m2
        y = log(m1 / m2) + (c1 * c1 - c2 * c2) / (2 * n)
        return y, (c1 * c1 + c2 * c2 - 2 * r * c1 * c2) / n

    return {
        "RR": lambda a, n1, c, n2: (
            log(a / n1 / (c / n2)),
            1 / a - 1 / n1 + 1 / c - 1 / n2,
        ),
        "YUQ": lambda a, n1, c, n2: (
            (a * (n2 - c) - (n1 - a) * c) / (a * (n2 - c) + (n1 - a) * c),
            1 / a + 1 / (n1 - a) + 1 / c + 1 / (n2 - c),
        ),
        "MPRD": lambda a, b, c, d: (
            (b - c) / (a + b + c + d),
            (b + c) / (a + b + c + d) ** 2 - (b - c) ** 2 / (a + b + c + d) ** 3,
        ),
        "IRR": lambda a, t1, c, t2: (log(a / t1 / (c / t2)), 1 / a + 1 / c),
        "SMD": smd,
        "ROM": rom,
        "RPB": rpb,
        "AUC": area,
        "ZCOR": lambda r, n: (np.arctanh(r), 1 / (n - 3)),
        "R2": lambda r2, n, m: (r2, 4 * r2 * (1 - r2) ** 2 / n),
        "PFT": lambda x, n: (
            (np.arcsin(root(x / (n + 1))) + np.arcsin(root((x + 1) / (n + 1)))) / 2,
            1 / (4 * n + 2),
        ),
        "IRLN": lambda x, t: (log(x / t), 1 / x),
        "MN": lambda m, s, n: (m, s * s / n),
        "MC": change,
        "ROMC": romc,
        "ARAW": lambda a, m, n: (a, 2 * m * (1 - a) ** 2 / ((m - 1) * (n - 2))),
        "REH": lambda a, b, c: (
            log(b / (2 * root(a * c))),
            1 / b + 0.25 / a + 0.25 / c,
        ),
        "PRZ": lambda x, n: (
            special.ndtri(x / n),
            x * (n - x) / n**3 * np.exp(special.ndtri(x / n) ** 2),
        ),
        "GEN": lambda y, v: (y, v),
    }


def families() -> list[str]:
    """Microseconds of one measure a family beside its formula written by hand."""
    pool = columns()
    lines = [f"{'From arrays, beside the formula by hand':46}{'bare':>7}{'over':>8}"]
    formulas = by_hand()
    rows = []
    for code, formula in formulas.items():
        arrays: dict[str, Any] = {name: pool[name] for name in needs(code)[0]}
        floats = [np.asarray(x, dtype=float) for x in arrays.values()]
        rows.append(
            (
                lambda code=code, arrays=arrays: effect_sizes(None, code, **arrays),
                lambda formula=formula, floats=floats: formula(*floats),
            )
        )
    for code, (call, bare) in zip(formulas, side_by_side(rows), strict=True):
        over = call - bare
        label = f"  {code:8}{MEASURES[code].label[:35]}"
        lines.append(f"{label:46}{bare:7.1f}{over:8.1f}  {verdict(over)}")
    return lines
