"""Seconds for the effect sizes of a million studies, and of a few, beside peers.

Run with ``python -m benchmarks effect_sizes``. A package that is not installed is
listed as such; a measure it does not have is left out. pimeta takes lists and works
row by row: it is given a hundredth of the studies, a hundred times. PyMetaAnalysis
computes effect sizes only within a fit, so there is nothing of the same to time.

Times of a million studies are the processor's, so that what else runs does not count.

Small calls are 13 studies, as in a review: every measure from arrays, from lists and
from a frame, and every conversion. Beside each stand the microseconds of its bare
arithmetic on float arrays, without any check, and what the call takes over that,
which is to stay below 60.
"""

import importlib
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks._conversion_calls import conversions_of_13
from benchmarks._measure_calls import columns as columns_of_13
from benchmarks._measure_calls import families, measures_of_13
from benchmarks._timing_pairs import side_by_side, verdict
from k2stats.effectsizes import (
    CorrelationInput,
    EffectSizes,
    Proportion,
    effect_sizes,
)
from k2stats.effectsizes.compute import measures_of
from k2stats.evidence import TwoByTwo, TwoMeans

STUDIES = 1_000_000
REPEATS = 5
MILLION_TARGET = 0.3
SCALE = 100
Work = Callable[[], object]
PEERS = (
    ("PyMARE", "pymare"),
    ("PyMetaAnalysis", "meta_analyze"),
    ("pimeta", "pimeta"),
    ("statsmodels", "statsmodels"),
)


def best(work: Work, repeats: int = REPEATS) -> float:
    """Shortest of several runs, in seconds of the processor."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def package(name: str) -> Any:
    """Return the module, or None where it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def data() -> dict[str, dict[str, np.ndarray]]:
    """Columns of a million studies of each kind."""
    rng = np.random.default_rng(1)
    n1, n2 = rng.integers(20, 500, (2, STUDIES))
    return {
        "counts": {
            "events1": rng.binomial(n1, 0.2),
            "n1": n1,
            "events2": rng.binomial(n2, 0.3),
            "n2": n2,
        },
        "means": {
            "mean1": rng.normal(11, 1, STUDIES),
            "sd1": rng.uniform(1, 3, STUDIES),
            "n1": n1,
            "mean2": rng.normal(10, 1, STUDIES),
            "sd2": rng.uniform(1, 3, STUDIES),
            "n2": n2,
        },
        "correlations": {"r": rng.uniform(-0.9, 0.9, STUDIES), "n": n1},
        "proportions": {"events": rng.binomial(n1, 0.2), "n": n1},
    }


def ours(columns: dict[str, dict[str, np.ndarray]]) -> dict[str, tuple[Work, Work]]:
    """For each measure: from checked evidence, and from raw columns."""
    makers: dict[str, tuple[Callable[..., Any], str]] = {
        "RR": (TwoByTwo.from_counts, "counts"),
        "OR": (TwoByTwo.from_counts, "counts"),
        "SMD": (TwoMeans.from_summary, "means"),
        "ZCOR": (CorrelationInput.from_arrays, "correlations"),
        "PFT": (Proportion.from_arrays, "proportions"),
    }
    made: dict[str, tuple[Work, Work]] = {}
    for code, (build, kind) in makers.items():
        evidence = build(**columns[kind])

        def checked(evidence: Any = evidence, code: str = code) -> object:
            return measures_of(evidence, code)

        def raw(build: Any = build, kind: str = kind, code: str = code) -> object:
            return measures_of(build(**columns[kind]), code)

        made[code] = (checked, raw)
    return made


def theirs(columns: dict[str, dict[str, np.ndarray]]) -> dict[str, dict[str, Work]]:
    """What other packages offer of the same; their own conventions."""
    c, m = columns["counts"], columns["means"]
    r = columns["correlations"]
    found: dict[str, dict[str, Work]] = {}
    sm = package("statsmodels.stats.meta_analysis")
    if sm is not None:
        found["statsmodels"] = {
            "RR": lambda: sm.effectsize_2proportions(
                c["events1"], c["n1"], c["events2"], c["n2"], statistic="risk-ratio"
            ),
            "OR": lambda: sm.effectsize_2proportions(
                c["events1"], c["n1"], c["events2"], c["n2"], statistic="odds-ratio"
            ),
            "SMD": lambda: sm.effectsize_smd(
                m["mean1"], m["sd1"], m["n1"], m["mean2"], m["sd2"], m["n2"]
            ),
        }
    pymare = package("pymare.effectsize")
    if pymare is not None:

        def smd() -> object:
            converter = pymare.TwoSampleEffectSizeConverter(
                m1=m["mean1"],
                m2=m["mean2"],
                sd1=m["sd1"],
                sd2=m["sd2"],
                n1=m["n1"],
                n2=m["n2"],
            )
            return converter.get_d(), converter.to_dataset(measure="SMD")

        def zcor() -> object:
            return pymare.OneSampleEffectSizeConverter(r=r["r"], n=r["n"]).get_zr()

        found["PyMARE"] = {"SMD": smd, "ZCOR": zcor}
    pimeta = package("pimeta")
    if pimeta is not None:
        found["pimeta"] = {
            code: scaled(pimeta.escalc, code, some)
            for code, some in (
                ("RR", short(c, ai="events1", n1i="n1", ci="events2", n2i="n2")),
                ("OR", short(c, ai="events1", n1i="n1", ci="events2", n2i="n2")),
                (
                    "SMD",
                    short(
                        m,
                        m1i="mean1",
                        sd1i="sd1",
                        n1i="n1",
                        m2i="mean2",
                        sd2i="sd2",
                        n2i="n2",
                    ),
                ),
                ("ZCOR", short(r, ri="r", ni="n")),
                ("PFT", short(columns["proportions"], xi="events", ni="n")),
            )
        }
    return found


def short(columns: dict[str, np.ndarray], **names: str) -> dict[str, list[float]]:
    """Return the first hundredth of the columns as lists, under other names."""
    few = STUDIES // SCALE
    return {new: columns[old][:few].tolist() for new, old in names.items()}


def scaled(escalc: Any, code: str, columns: dict[str, list[float]]) -> Work:
    """Return work done SCALE times on a hundredth of the studies."""

    def work() -> None:
        for _ in range(SCALE):
            escalc(code, **columns)

    return work


def evidence_and_effects() -> list[str]:
    """Calls on evidence that is built, and on effects that are given."""
    rng = np.random.default_rng(3)
    pool = columns_of_13()
    names = ("events1", "n1", "events2", "n2")
    counts: dict[str, Any] = {name: pool[name] for name in names}
    a, n1, c, n2 = (x.astype(float) for x in counts.values())
    table = TwoByTwo.from_counts(**counts)
    y, v = rng.normal(0, 1, 13), rng.uniform(0.1, 0.2, 13)
    calls: list[tuple[str, Work, Work]] = [
        (
            "risk ratio, evidence built",
            lambda: effect_sizes(table, "RR"),
            lambda: (np.log(a * n2 / (c * n1)), 1 / a - 1 / n1 + 1 / c - 1 / n2),
        ),
        (
            "effects and variances as given",
            lambda: EffectSizes.from_arrays(y, v, measure="RR"),
            lambda: None,
        ),
    ]
    lines = [f"{'Evidence and effects at hand':46}{'bare':>7}{'over':>8}"]
    times = side_by_side([row[1:] for row in calls])
    for (label, *_), (all_of_it, least) in zip(calls, times, strict=True):
        over = all_of_it - least
        lines.append(f"  {label:44}{least:7.1f}{over:8.1f}  {verdict(over)}")
    return lines


def main() -> str:
    """Return the tables: seconds for a million studies, microseconds for few."""
    columns = data()
    others = theirs(columns)
    names = sorted(others)
    heads = "".join(f"{n:>14}" for n in names)
    lines = [f"{'':6}{'k2stats':>10}{'from raw':>10}{heads}  target .3"]
    for code, (checked, raw) in ours(columns).items():
        cells = []
        for name in names:
            work = others[name].get(code)
            with np.errstate(all="ignore"):
                cells.append("-" if work is None else f"{best(work, 2):.3f}")
        row = "".join(f"{x:>14}" for x in cells)
        mine = (best(checked), best(raw))
        said = "met" if max(mine) < MILLION_TARGET else "MISSED"
        lines.append(f"{code:6}{mine[0]:>10.3f}{mine[1]:>10.3f}{row}  {said}")
    lines += [f"{label}: not installed" for label, m in PEERS if package(m) is None]
    for part in (evidence_and_effects, families, measures_of_13, conversions_of_13):
        lines += ["", *part()]
    return "\n".join(lines)


if __name__ == "__main__":
    print(main())
