"""Pooling: k2stats beside its peers on the same work, in one run.

    python -m benchmarks pooling

Peers are timed where they are installed: pimeta, PyMetaAnalysis, PyMARE, statsmodels,
and R's metafor where Rscript finds it; the others are left out. Each figure is the
least processor time of a few rounds, so that a busy machine spoils little. Ratios are
of a peer's time to that of k2stats in numpy. Where numba is installed its kernels are
timed beside numpy's, once they are compiled.
"""

import importlib
import shutil
import subprocess
import tracemalloc
from collections.abc import Callable, Sequence
from time import process_time
from typing import Any

import numpy as np

from k2stats.datasets.published import published
from k2stats.effectsizes import EffectSizes
from k2stats.heterogeneity import kernels
from k2stats.heterogeneity._fast import Kernels, usable
from k2stats.models import fit_arrays, leave_one_out, permutation_test, pool

WAYS: tuple[Kernels, ...] = ("numpy", "numba") if usable() else ("numpy",)
BATCH, STUDIES = 10_000, 20
MANY = 100_000
LEFT_OUT = 1_000
FLIPS = 16
ROUNDS = 5
TARGETS = {
    "one": 250e-6,
    "REML": 5e-6,
    "REML numba": 1e-6,
    "DL": 0.5e-6,
    "DL numba": 0.5e-6,
    "many": 0.1,
    "left out": 0.02,
    "permutation": 0.5,
}
"""Seconds: a REML fit with its Hartung-Knapp interval on BCG; a fit of a batch of
10,000 sets of 20; one set of 100,000; leave-one-out of 1,000; all flips of 16."""

_R = """
suppressMessages(library(metafor)); d <- read.csv(file("stdin"), header = FALSE)
y <- d[, 1]; v <- d[, 2]; n <- NROUND
best <- function(f) {
  least <- Inf
  for (i in 1:9) {
    t <- proc.time(); for (j in 1:n) f(); t <- sum((proc.time() - t)[1:2])
    least <- min(least, t / n)
  }
  cat(format(least, digits = 10), "")
}
best(function() rma(y, v, method = "METHOD", test = "TEST"))
"""


def least(work: Callable[[], object], times: int = 1, rounds: int = ROUNDS) -> float:
    """Return the least processor seconds of one run, over rounds of so many."""
    work()
    found = []
    for _ in range(rounds):
        start = process_time()
        for _ in range(times):
            work()
        found.append((process_time() - start) / times)
    return min(found)


def studies(*shape: int) -> tuple[Any, Any]:
    """Return effects and variances of random-effects sets."""
    rng = np.random.default_rng(20)
    v = rng.uniform(0.01, 0.3, shape)
    return rng.normal(0.2, np.sqrt(v + 0.05)), v


def found(name: str) -> Any:
    """Return a module, or None where it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def in_r(y: Any, v: Any, method: str, test: str, times: int) -> float | None:
    """Return the seconds of a fit by metafor, or None where there is none."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        return None
    code = _R.replace("NROUND", str(times))
    code = code.replace("METHOD", method).replace("TEST", test)
    rows = "\n".join(
        f"{a!r},{b!r}" for a, b in zip(y.tolist(), v.tolist(), strict=True)
    )
    done = subprocess.run(
        [rscript, "-e", code], input=rows, capture_output=True, text=True, check=False
    )
    return float(done.stdout) if done.returncode == 0 else None


def peers(y: Any, v: Any, method: str, *, hk: bool, times: int) -> dict[str, float]:
    """Return the seconds of one fit of one set, of every peer that is there."""
    work: dict[str, Callable[[], object]] = {}
    if (pimeta := found("pimeta")) is not None:
        test = "knha" if hk else "z"
        work["pimeta"] = lambda: pimeta.rma(y, v, method=method, test=test)
    if (meta := found("meta_analyze")) is not None:
        names = [str(i) for i in range(len(y))]
        ci = "hartung-knapp" if hk else "normal"

        def fit_meta() -> object:
            return meta.meta_analysis(
                effect=y, variance=v, study=names, tau2_method=method, ci_method=ci
            )

        work["PyMetaAnalysis"] = fit_meta
    if (pymare := found("pymare")) is not None:

        def fit_pymare() -> object:
            data = pymare.Dataset(y[:, np.newaxis], v[:, np.newaxis])
            return _pymare(pymare, method).fit_dataset(data).summary()

        work["PyMARE"] = fit_pymare
    if method == "DL":
        combine = importlib.import_module("statsmodels.stats.meta_analysis")
        work["statsmodels"] = lambda: combine.combine_effects(
            y, v, method_re="dl", use_t=hk
        )
    times_of = {name: least(run, 1, 5 * times) for name, run in work.items()}
    seconds = in_r(y, v, method, "knha" if hk else "z", times)
    if seconds is not None:
        times_of["metafor"] = seconds
    return times_of


def _pymare(module: Any, method: str) -> Any:
    kinds = module.estimators
    if method == "DL":
        return kinds.DerSimonianLaird()
    return kinds.VarianceBasedLikelihoodEstimator(method=method)


def shown(what: str, ours: float, target: float, others: dict[str, float]) -> list[str]:
    """Return our line with its target, and a line for each peer."""
    met = "met" if ours <= target else "missed"
    lines = [f"{what:46s} {span(ours)}   (target {span(target).strip()}, {met})"]
    return lines + [
        f"    {name:42s} {span(t)}   {t / ours:9.1f} times"
        for name, t in sorted(others.items(), key=lambda item: item[1])
    ]


def span(seconds: float) -> str:
    """Return a time in the unit that suits it."""
    for unit, factor in (("us", 1e6), ("ms", 1e3)):
        if seconds * factor < 1e4:
            return f"{seconds * factor:10.2f} {unit}"
    return f"{seconds:10.2f} s "


def one_set() -> list[str]:
    """One REML fit with its Hartung-Knapp interval on the BCG trials."""
    es = published("bcg").effect_sizes("RR")
    y, v = np.array(es.y), np.array(es.v)
    others = peers(y, v, "REML", hk=True, times=20)
    kernel = least(lambda: fit_arrays(y, v, tau2="REML", ci="HK"), 5, 400)
    front = least(lambda: pool(es), 5, 400)
    return [
        *shown("BCG, REML and HK, arrays", kernel, TARGETS["one"], others),
        f"    {'pool(), with Q, I2 and the record':42s} {span(front)}",
    ]


def batches() -> list[str]:
    """Ten thousand sets of twenty studies, a fit each."""
    y, v = studies(BATCH, STUDIES)
    es = EffectSizes.from_arrays(y, v)
    lines = []
    plain = 0.0
    for method in ("REML", "DL"):
        others = {
            f"{name}, its loop": t
            for name, t in peers(y[0], v[0], method, hk=False, times=20).items()
        }
        if (pymare := found("pymare")) is not None:
            data = pymare.Dataset(y.T.copy(), v.T.copy())
            made = _pymare(pymare, method)
            whole = least(lambda made=made, data=data: made.fit_dataset(data), rounds=1)
            others["PyMARE, its batch"] = whole / BATCH
        what = f"{BATCH:,} sets of {STUDIES}, {method}, a fit"
        for way in WAYS:
            with kernels(way):
                ours, hk, front = in_batch(y, v, es, method)
            target = TARGETS[method if way == "numpy" else f"{method} {way}"]
            beside = others if way == "numpy" else {"k2stats in numpy": plain}
            plain = ours
            lines += shown(f"{what}, {way}", ours, target, beside)
            lines.append(f"    {'with HK intervals':42s} {span(hk)}")
            lines.append(f"    {'pool(), with HK, Q and I2':42s} {span(front)}")
    return lines


def in_batch(
    y: Any, v: Any, es: EffectSizes, method: str
) -> tuple[float, float, float]:
    """Return the seconds of a fit: with z, with Hartung-Knapp, and by pool()."""
    work: tuple[Callable[[], object], ...] = (
        lambda: fit_arrays(y, v, tau2=method, ci="z"),
        lambda: fit_arrays(y, v, tau2=method, ci="HK"),
        lambda: pool(es, tau2=method),
    )
    ours, hk, front = (least(run, rounds=20 * ROUNDS) / BATCH for run in work)
    return ours, hk, front


def large() -> list[str]:
    """One set of 100,000, leave-one-out of 1,000, all flips of 16."""
    y, v = studies(MANY)
    lines = shown(
        f"one set of {MANY:,} studies, REML",
        least(lambda: fit_arrays(y, v, tau2="REML", ci="HK")),
        TARGETS["many"],
        {},
    )
    y, v = studies(LEFT_OUT)
    es = EffectSizes.from_arrays(y, v)
    for method in ("REML", "DL"):
        ours = least(lambda m=method: leave_one_out(es, tau2=m))
        others = {
            f"{name}, {LEFT_OUT:,} fits": t * LEFT_OUT
            for name, t in peers(y[1:], v[1:], method, hk=False, times=1).items()
            if name != "metafor"
        }
        what = f"leave-one-out of {LEFT_OUT:,}, {method}"
        lines += shown(what, ours, TARGETS["left out"], others)
    y, v = studies(FLIPS)
    es = EffectSizes.from_arrays(y, v)
    ours = least(lambda: permutation_test(es))
    what = f"permutation, all 2^{FLIPS} flips, REML"
    return lines + shown(what, ours, TARGETS["permutation"], {})


def growth() -> list[str]:
    """Cost against studies and against sets, and the memory of a batch."""
    lines = ["cost of a REML fit by number of studies (us, and ns a study):"]
    for k in (100, 1_000, 10_000, 100_000):
        y, v = studies(k)
        t = least(lambda y=y, v=v: fit_arrays(y, v))
        lines.append(f"    {k:>9,d} {t * 1e6:12.1f} {t * 1e9 / k:10.1f}")
    lines.append(
        "cost of a batch of REML fits of 20 by number of sets (ms, us a fit), and the\n"
        "most memory that it takes beside its input (times the input):"
    )
    for way in WAYS:
        with kernels(way):
            lines.append(f"    {way}")
            lines += [in_size(size) for size in (1_000, 10_000, 100_000)]
    lines.append("memory of leave-one-out, REML, by number of studies (bytes a study):")
    for k in (1_000, 10_000):
        es = EffectSizes.from_arrays(*studies(k))
        lines.append(f"    {k:>9,d} {peak(lambda es=es: leave_one_out(es)) / k:12.0f}")
    return lines


def in_size(size: int) -> str:
    """Return the line of a batch of so many sets."""
    y, v = studies(size, STUDIES)
    es = EffectSizes.from_arrays(y, v)
    t = least(lambda: fit_arrays(y, v), rounds=3)
    share = peak(lambda: pool(es)) / (y.nbytes + v.nbytes)
    return f"    {size:>9,d} {t * 1e3:12.1f} {t * 1e6 / size:10.2f} {share:10.2f}"


def peak(work: Callable[[], object]) -> int:
    """Return the most bytes that are held at a time while something is done."""
    work()
    tracemalloc.start()
    work()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


def main(parts: Sequence[str] = ()) -> str:
    """Return the tables, of all parts or of those named."""
    work = {"one": one_set, "batches": batches, "large": large, "growth": growth}
    chosen = parts or tuple(work)
    return "\n".join(line for name in chosen for line in work[name]())


if __name__ == "__main__":
    import sys

    print(main(sys.argv[1:]))
