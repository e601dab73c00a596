"""Multiverse: ten thousand specifications, beside a loop over single analyses.

    python -m benchmarks multiverse

The loops run over a sample of the same specifications, and their time is scaled up. The
single analyses are `k2stats.pool`; PyMARE and statsmodels fit the data sets, where they
are installed, with the estimators that they have, and give no Hartung-Knapp, KR or
profile-likelihood interval. Each figure is the least processor time of a few rounds.
"""

import importlib
from collections.abc import Callable
from time import process_time
from typing import Any

import numpy as np

from k2stats.effectsizes import EffectSizes
from k2stats.models import MODELS, pool
from k2stats.sensitivity import multiverse

STUDIES = 20
TARGET = 2.0
ESTIMATORS = (
    *("REML", "PM", "DL", "ML", "HE", "SJ", "HS", "HSk", "EB", "BM", "PMM"),
    *("SJIT", "DLIT"),
)
INTERVALS = ("HK", "HK-adhoc", "z", "KR", "profile-likelihood")
MODEL_NAMES = ("random", "common", "multiplicative", "IVhet", "unweighted")
SAMPLE = 150
ROUNDS = 3


def least(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Return the least processor seconds of one run, after a first one."""
    work()
    found = []
    for _ in range(rounds):
        start = process_time()
        work()
        found.append(process_time() - start)
    return min(found)


def studies() -> EffectSizes:
    """Return twenty effects of a random-effects model."""
    rng = np.random.default_rng(20)
    v = rng.uniform(0.01, 0.3, STUDIES)
    return EffectSizes.from_arrays(rng.normal(0.2, np.sqrt(v + 0.05)), v)


def many(es: EffectSizes) -> Any:
    """Return the multiverse: every study and every two left out, in every way."""
    return multiverse(
        es,
        tau2=ESTIMATORS,
        ci=INTERVALS,
        models=MODEL_NAMES,
        exclude=["each", "pairs"],
    )


def loop(es: EffectSizes, frame: Any) -> float:
    """Return the seconds a specification takes alone, by `pool`."""
    rows = frame.sample(SAMPLE, random_state=1).to_dict("records")
    sets = []
    for row in rows:
        gone = [int(x) for x in row["exclude"].split(" + ") if x != "none"]
        sets.append(es[~np.isin(np.arange(1, STUDIES + 1), gone)])

    def run() -> None:
        for row, part in zip(rows, sets, strict=True):
            free = "random" in MODELS[row["model"]].traits
            pool(
                part,
                model=row["model"],
                tau2=row["tau2"] if free else None,
                ci=row["ci"],
            )

    return least(run) / SAMPLE


def found(name: str) -> Any:
    """Return a module, or None where it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def peers(es: EffectSizes) -> dict[str, float]:
    """Return the seconds of one fit by each peer that is there."""
    y, v = np.array(es.y), np.array(es.v)
    work: dict[str, Callable[[], object]] = {}
    if (combine := found("statsmodels.stats.meta_analysis")) is not None:
        work["statsmodels, a loop of DL fits"] = lambda: combine.combine_effects(
            y, v, method_re="dl"
        )
    if (pymare := found("pymare")) is not None:
        kinds = pymare.estimators
        data = pymare.Dataset(y[:, np.newaxis], v[:, np.newaxis])
        for name, made in (
            ("DL", kinds.DerSimonianLaird()),
            ("REML", kinds.VarianceBasedLikelihoodEstimator(method="REML")),
        ):
            work[f"PyMARE, a loop of {name} fits"] = lambda made=made: made.fit_dataset(
                data
            ).summary()

    def several(run: Callable[[], object]) -> Callable[[], None]:
        def twenty() -> None:
            for _ in range(20):
                run()

        return twenty

    return {name: least(several(run)) / 20 for name, run in work.items()}


def main() -> str:
    """Return the table."""
    es = studies()
    made = many(es)
    size = len(made)
    ours = least(lambda: many(es))
    met = "met" if ours * 10_000 / size <= TARGET else "missed"
    lines = [
        f"{size:,} specifications of {STUDIES} studies{'':12s}{ours:10.2f} s"
        f"   ({ours / size * 1e6:.0f} us each; target {TARGET:.0f} s for 10,000, {met})"
    ]
    others = {"a loop over k2stats.pool": loop(es, made.to_frame()), **peers(es)}
    for name, each in others.items():
        total = each * size
        lines.append(f"    {name:42s}{total:10.2f} s   {total / ours:9.1f} times")
    frame = least(made.to_frame)
    shares = least(lambda: made.decomposition("log_p"))
    curve = least(made.plot, rounds=1)
    flips = made.where(ci=["HK", "z"], model="random", exclude="none")
    test = least(lambda: flips.inference(rng=1, draws=500), rounds=1)
    lines += [
        f"    {'to_frame()':42s}{frame:10.3f} s",
        f"    {'decomposition() of p':42s}{shares:10.3f} s",
        f"    {'plot()':42s}{curve:10.2f} s",
        f"    {f'inference(), 500 draws of {len(flips)}':42s}{test:10.2f} s",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    print(main())
