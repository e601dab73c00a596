"""Seconds for the effect sizes of a million studies, and of one, beside peers.

Run with ``python -m benchmarks effect_sizes``. A package that is not installed is
listed as such; a measure it does not have is left out. pimeta takes lists and works
row by row: it is given a hundredth of the studies, a hundred times. PyMetaAnalysis
computes effect sizes only within a fit, so there is nothing of the same to time.
"""

import importlib
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from k2stats.effectsizes import CorrelationInput, Proportion
from k2stats.effectsizes.compute import measures_of
from k2stats.evidence import TwoByTwo, TwoMeans

STUDIES = 1_000_000
REPEATS = 5
SMALL_CALLS = 2_000
SCALE = 100
Work = Callable[[], object]
PEERS = (
    ("PyMARE", "pymare"),
    ("PyMetaAnalysis", "meta_analyze"),
    ("pimeta", "pimeta"),
    ("statsmodels", "statsmodels"),
)


def best(work: Work, repeats: int = REPEATS) -> float:
    """Shortest of several runs, in seconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
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


def bare_risk_ratio(t: TwoByTwo) -> object:
    """Return the arithmetic of a log risk ratio and nothing else."""
    a, n1, c, n2 = t.events1, t.n1, t.events2, t.n2
    return np.log(a * n2 / (c * n1)), 1 / a - 1 / n1 + 1 / c - 1 / n2


def small_call() -> tuple[float, float]:
    """Microseconds of one study's risk ratio, and of its bare arithmetic."""
    table = TwoByTwo.from_counts(events1=33, n1=36, events2=26, n2=35)

    def loop(work: Work) -> Work:
        return lambda: [work() for _ in range(SMALL_CALLS)]

    whole = best(loop(lambda: measures_of(table, "RR")))
    bare = best(loop(lambda: bare_risk_ratio(table)))
    return whole / SMALL_CALLS * 1e6, bare / SMALL_CALLS * 1e6


def main() -> str:
    """Return the table: seconds for a million studies, and one small call."""
    columns = data()
    others = theirs(columns)
    names = sorted(others)
    heads = "".join(f"{n:>14}" for n in names)
    lines = [f"{'':6}{'k2stats':>10}{'from raw':>10}{heads}"]
    for code, (checked, raw) in ours(columns).items():
        cells = []
        for name in names:
            work = others[name].get(code)
            with np.errstate(all="ignore"):
                cells.append("-" if work is None else f"{best(work, 2):.3f}")
        row = "".join(f"{x:>14}" for x in cells)
        lines.append(f"{code:6}{best(checked):>10.3f}{best(raw):>10.3f}{row}")
    lines += [f"{label}: not installed" for label, m in PEERS if package(m) is None]
    whole, bare = small_call()
    over = whole - bare
    lines.append(f"One risk ratio: {whole:.1f} us, {over:.1f} us over the arithmetic")
    return "\n".join(lines)


if __name__ == "__main__":
    print(main())
