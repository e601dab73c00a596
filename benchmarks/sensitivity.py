"""Sensitivity analyses: k2stats beside its peers on the same work, in one run.

    python -m benchmarks sensitivity

Each figure is the least processor time of a few rounds, so that a busy machine spoils
little. R's metafor is timed where Rscript finds it, and left out elsewhere: its GOSH on
13 studies and scaled, its selection model once and scaled. The peer of the fragility
indices is a loop over scipy's Fisher test, on a hundredth of the trials and scaled.
Ratios are of a peer's time to that of k2stats.
"""

import shutil
import subprocess
from time import process_time
from typing import Any

import numpy as np

import k2stats as k2
from benchmarks.fragility import SHARE, TRIALS, scipy_loop, trials
from benchmarks.pooling import least, shown, span
from k2stats.datasets.published import published
from k2stats.effectsizes import EffectSizes

STUDIES, SMALL = 20, 13
DRAWS, SELECTED = 1_000, 40
TARGETS = {"gosh": 3.0, "influence": 2e-3, "fragility": 1.0, "bootstrap": 60.0}
"""Seconds: GOSH over the subsets of 20 studies by DL; influence on BCG by REML; 10,000
fragility indices; 1,000 bootstraps of a step function on 40 studies."""

_R = """
suppressMessages(library(metafor)); d <- read.csv(file("stdin"), header = FALSE)
y <- d[, 1]; v <- d[, 2]; n <- NROUND
least <- Inf
for (i in 1:2) {
  t <- proc.time(); for (j in 1:n) { WORK }
  least <- min(least, sum((proc.time() - t)[1:2]) / n)
}
cat(format(least, digits = 10))
"""


def in_r(es: EffectSizes, work: str, times: int = 1) -> float | None:
    """Return metafor's seconds for some work, or None where there is none."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        return None
    code = _R.replace("NROUND", str(times)).replace("WORK", work)
    rows = "\n".join(
        f"{a!r},{b!r}" for a, b in zip(es.y.tolist(), es.v.tolist(), strict=True)
    )
    done = subprocess.run(
        [rscript, "-e", code], input=rows, capture_output=True, text=True, check=False
    )
    return float(done.stdout) if done.returncode == 0 else None


def scaled(seconds: float | None, by: float) -> dict[str, float]:
    """Return metafor's time for as much work, if it was there."""
    return {} if seconds is None else {"metafor, scaled": seconds * by}


def random_effects(k: int) -> EffectSizes:
    """Return studies with heterogeneity."""
    rng = np.random.default_rng(8)
    v = rng.uniform(0.01, 0.3, k)
    return EffectSizes.from_arrays(rng.normal(0.2, np.sqrt(v + 0.05)), v)


def selected(k: int) -> EffectSizes:
    """Return studies of which results that are not significant were half published."""
    rng = np.random.default_rng(2)
    v = rng.uniform(0.01, 0.15, 6 * k)
    y = rng.normal(0.2, np.sqrt(v + 0.02))
    kept = np.flatnonzero((y / np.sqrt(v) > 1.96) | (rng.random(6 * k) < 0.5))[:k]
    return EffectSizes.from_arrays(y[kept], v[kept])


def gosh() -> list[str]:
    """Return the lines of all subsets."""
    es = random_effects(STUDIES)
    ours = least(lambda: k2.gosh(es), rounds=3)
    subsets = k2.gosh(es).subset.size
    small = published("bcg").effect_sizes("RR")
    few = 2**SMALL - SMALL - 1
    peer = in_r(small, 'x <- gosh(rma(y, v, method = "DL"), progbar = FALSE)')
    others = scaled(peer, subsets / few)
    lines = shown(f"GOSH, {subsets:,} subsets, DL", ours, TARGETS["gosh"], others)
    own = least(lambda: k2.gosh(small), 5)
    lines += [f"    {f'the {few:,} subsets of BCG':42s} {span(own)}"]
    if peer is not None:
        lines += [f"    {'metafor':42s} {span(peer)}   {peer / own:9.1f} times"]
    return lines


def influence() -> list[str]:
    """Return the lines of influence on the BCG trials."""
    es = published("bcg").effect_sizes("RR")
    fit = k2.pool(es)
    lines = []
    for method in ("REML", "DL"):
        ours = least(lambda m=method: k2.influence(es, tau2=m), 20, 20)
        peer = in_r(es, f'x <- influence(rma(y, v, method = "{method}"))', 5)
        others = {} if peer is None else {"metafor": peer}
        lines += shown(
            f"influence on BCG, {method}", ours, TARGETS["influence"], others
        )
    again = least(lambda: k2.influence(fit), 20, 20)
    return [*lines, f"    {'of a fit, REML':42s} {span(again)}"]


def fragility() -> list[str]:
    """Return the lines of fragility indices."""
    table = trials()
    few: Any = table[: TRIALS // SHARE]
    start = process_time()
    loop = scipy_loop(few)
    others = {"loop over scipy, scaled": (process_time() - start) * SHARE}
    same = np.array_equal(
        k2.fragility_index(few, moves="one-arm").index, loop, equal_nan=True
    )
    lines = []
    none: dict[str, float] = {}
    for test, moves, peers in (
        ("fisher", "one-arm", others),
        ("fisher", "both-arms", none),
        ("fisher", "either-arm", none),
        ("fisher", "transfer", none),
        ("midp", "both-arms", none),
        ("pearson", "both-arms", none),
    ):
        ours = least(
            lambda t=test, m=moves: k2.fragility_index(table, t, moves=m), rounds=3
        )
        what = f"{TRIALS:,} fragility indices, {test}, {moves}"
        lines += shown(what, ours, TARGETS["fragility"], peers)
    return [*lines, f"    indices of the loop {'agree' if same else 'DIFFER'}"]


def bootstrap() -> list[str]:
    """Return the lines of bootstraps of a selection model."""
    es = selected(SELECTED)
    fit = k2.selection_model(es)
    ours = least(lambda: fit.bootstrap(DRAWS, rng=1), rounds=2)
    one = least(lambda: k2.selection_model(es), 3)
    work = 'x <- selmodel(rma(y, v, method = "ML"), type = "stepfun", steps = .025)'
    others = {"one fit after another": one * DRAWS, **scaled(in_r(es, work, 3), DRAWS)}
    found = fit.bootstrap(DRAWS, rng=1)
    what = f"{DRAWS:,} bootstraps of a step function, K = {SELECTED}"
    return [
        *shown(what, ours, TARGETS["bootstrap"], others),
        f"    {found.failed} without a maximum, {found.at_bound} at a bound",
    ]


def main() -> str:
    """Return the table."""
    parts = (gosh, influence, fragility, bootstrap)
    return "\n".join(line for part in parts for line in part())


if __name__ == "__main__":
    print(main())
