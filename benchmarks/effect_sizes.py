"""Seconds for the effect sizes of a million studies, and of a few, beside peers.

Run with ``python -m benchmarks effect_sizes``. A package that is not installed is
listed as such; a measure it does not have is left out. pimeta takes lists and works
row by row: it is given a hundredth of the studies, a hundred times. PyMetaAnalysis
computes effect sizes only within a fit, so there is nothing of the same to time.

Times of a million studies are the processor's, so that what else runs does not count.

Small calls are 13 studies, as in a review. Beside the microseconds of a call stand
those of its bare arithmetic on float arrays, without any check; for lists and for a
frame that includes making arrays of them. Best of many on one core of a busy AMD
EPYC, before numbers were read and checked together, and since:

                                        before    now   bare
    risk ratio, evidence built              34     27      7
    risk ratio, arrays                     485     66      7
    risk ratio, lists                      390     74     11
    risk ratio, columns of a frame        1190    154     64
    Hedges' g, arrays                      492    110     39
    Fisher's z, arrays                     207     45      4
    effects and variances as given         129     51      0
    SMD from t                             212     64     32
    variance from an interval              113     19      3
    estimate from ratio and interval       761    110      4
"""

import importlib
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from k2stats.effectsizes import (
    CorrelationInput,
    EffectSizes,
    Proportion,
    effect_sizes,
)
from k2stats.effectsizes._small_sample import small_sample_j
from k2stats.effectsizes.compute import measures_of
from k2stats.effectsizes.conversions import from_wald, smd_from_t, variance_from_ci
from k2stats.evidence import TwoByTwo, TwoMeans

STUDIES = 1_000_000
REPEATS = 5
SMALL_CALLS = 2_000
FEW = 4
SCALE = 100
Work = Callable[[], object]
PEERS = (
    ("PyMARE", "pymare"),
    ("PyMetaAnalysis", "meta_analyze"),
    ("pimeta", "pimeta"),
    ("statsmodels", "statsmodels"),
)


def best(
    work: Work,
    repeats: int = REPEATS,
    clock: Callable[[], float] = time.process_time,
) -> float:
    """Shortest of several runs, in seconds; the processor's, unless told otherwise."""
    times = []
    for _ in range(repeats):
        start = clock()
        work()
        times.append(clock() - start)
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


def review() -> dict[str, np.ndarray]:
    """Thirteen trials, the size of a review (BCG against tuberculosis)."""
    return {
        "events1": np.array([4, 6, 3, 62, 33, 180, 8, 505, 29, 17, 186, 5, 27]),
        "n1": np.array(
            [
                123,
                306,
                231,
                13598,
                5069,
                1541,
                2545,
                88391,
                7499,
                1716,
                50634,
                2498,
                16913,
            ]
        ),
        "events2": np.array([11, 29, 11, 248, 47, 372, 10, 499, 45, 65, 141, 3, 29]),
        "n2": np.array(
            [
                139,
                303,
                220,
                12867,
                5808,
                1451,
                629,
                88391,
                7277,
                1665,
                27338,
                2341,
                17854,
            ]
        ),
    }


def risk_ratio(a: Any, n1: Any, c: Any, n2: Any) -> object:
    """Return the arithmetic of a log risk ratio and nothing else."""
    return np.log(a * n2 / (c * n1)), 1 / a - 1 / n1 + 1 / c - 1 / n2


def hedges_g(m: dict[str, Any]) -> object:
    """Return the arithmetic of Hedges' g, its correction among it."""
    n1, n2 = m["n1"], m["n2"]
    total = n1 + n2
    pooled = ((n1 - 1) * m["sd1"] ** 2 + (n2 - 1) * m["sd2"] ** 2) / (total - 2)
    g = (m["mean1"] - m["mean2"]) / np.sqrt(pooled) * small_sample_j(total - 2)
    return g, 1 / n1 + 1 / n2 + g * g / (2 * total)


def smd_of_t(t: Any, n1: Any, n2: Any) -> object:
    """Return the arithmetic of an SMD from a t statistic."""
    inverse, total = 1 / n1 + 1 / n2, n1 + n2
    g = t * np.sqrt(inverse) * small_sample_j(total - 2)
    return g, inverse + g * g / (2 * total)


def log_variance(low: Any, high: Any) -> object:
    """Return the arithmetic of a variance from the limits of a ratio."""
    return ((np.log(high) - np.log(low)) / (2 * 1.959963984540054)) ** 2


def small_calls() -> list[tuple[str, Work, Work]]:
    """Each small call with its bare arithmetic."""
    counts = review()
    floats = {name: x.astype(float) for name, x in counts.items()}
    cells = tuple(floats.values())
    table = TwoByTwo.from_counts(**counts)
    lists: dict[str, Any] = {name: x.tolist() for name, x in counts.items()}
    frame = pd.DataFrame(counts)
    names: dict[str, Any] = {name: name for name in counts}
    rng = np.random.default_rng(3)
    means: dict[str, Any] = {
        **{name: rng.uniform(9, 11, 13) for name in ("mean1", "mean2")},
        **{name: rng.uniform(1, 3, 13) for name in ("sd1", "sd2")},
        **{name: floats[name] for name in ("n1", "n2")},
    }
    r: dict[str, Any] = {"r": rng.uniform(-0.9, 0.9, 13), "n": floats["n1"]}
    t, n1, n2 = rng.normal(0, 2, 13), floats["n1"], floats["n2"]
    y, v = rng.normal(0, 1, 13), rng.uniform(0.1, 0.2, 13)
    low, high = np.exp(y - 0.5), np.exp(y + 0.5)
    whole: dict[str, Any] = dict(counts)
    return [
        (
            "risk ratio, evidence built",
            lambda: effect_sizes(table, "RR"),
            lambda: risk_ratio(*cells),
        ),
        (
            "risk ratio, arrays",
            lambda: effect_sizes(None, "RR", **whole),
            lambda: risk_ratio(*cells),
        ),
        (
            "risk ratio, lists",
            lambda: effect_sizes(None, "RR", **lists),
            lambda: risk_ratio(*(np.array(x, dtype=float) for x in lists.values())),
        ),
        (
            "risk ratio, columns of a frame",
            lambda: effect_sizes(frame, "RR", **names),
            lambda: risk_ratio(*(frame[name].to_numpy() for name in counts)),
        ),
        (
            "Hedges' g, arrays",
            lambda: effect_sizes(None, "SMD", **means),
            lambda: hedges_g(means),
        ),
        (
            "Fisher's z, arrays",
            lambda: effect_sizes(None, "ZCOR", **r),
            lambda: (np.arctanh(r["r"]), 1 / (r["n"] - 3)),
        ),
        (
            "effects and variances as given",
            lambda: EffectSizes.from_arrays(y, v, measure="RR"),
            lambda: None,
        ),
        (
            "SMD from t",
            lambda: smd_from_t(t, n1, n2),
            lambda: smd_of_t(t, n1, n2),
        ),
        (
            "variance from an interval",
            lambda: variance_from_ci(low, high, log=True),
            lambda: log_variance(low, high),
        ),
        (
            "estimate from ratio and interval",
            lambda: from_wald(np.exp(y), low=low, high=high, log=True),
            lambda: (np.log(np.exp(y)), log_variance(low, high)),
        ),
    ]


def microseconds(work: Work) -> float:
    """Shortest of many short runs, which a busy machine delays least."""
    work()
    few = best(
        lambda: [work() for _ in range(FEW)], SMALL_CALLS // FEW, time.perf_counter
    )
    return few / FEW * 1e6


def main() -> str:
    """Return the tables: seconds for a million studies, microseconds for few."""
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
    lines.append(f"{'Microseconds of 13 studies':34}{'call':>8}{'bare':>8}{'over':>8}")
    for label, call, bare in small_calls():
        all_of_it, least = microseconds(call), microseconds(bare)
        over = all_of_it - least
        lines.append(f"{label:34}{all_of_it:8.1f}{least:8.1f}{over:8.1f}")
    return "\n".join(lines)


if __name__ == "__main__":
    print(main())
