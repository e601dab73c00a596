"""Prediction intervals: every one of the registry, for the effect of a new study."""

from collections.abc import Iterator

import numpy as np
from scipy import special

from k2stats._typing import Floats
from k2stats.effectsizes import EffectSizes
from k2stats.models import PREDICTIONS, pool
from k2stats.models.prediction_bootstrap import new_effects
from simulations import designs
from simulations.designs import Cell
from simulations.tables import Row, Value, row

SETS = 10_000
OF_CELL = 3
ESTIMATORS = ("DL", "PM", "REML")
DRAWS = 2_000
"""Draws of the bootstrap for a set."""

cells = designs.cells


def simulate(cell: Cell, sets: int, seed: int) -> Iterator[Row]:
    """Coverage of the effect of a new study by every interval in one cell.

    Each interval's probability to cover is known once its limits are: the mean of
    these probabilities has a smaller error than a count of new effects drawn.
    """
    y, v = cell.draw(sets, seed)
    where: dict[str, Value] = {
        "variances": cell.variances,
        "K": cell.studies,
        "I2": cell.i2,
    }
    es = EffectSizes.from_arrays(y, v, check_scale=False)
    for tau2 in ESTIMATORS:
        fit = pool(es, tau2=tau2, ci="HK")
        for entry in PREDICTIONS.entries(lacking="draws"):
            if "REML" in entry.traits and tau2 != "REML":
                continue
            limits = fit.prediction_interval(entry.name)
            way: dict[str, Value] = {"tau2": tau2, "interval": entry.name}
            yield row(where, way, limits, 0.0, covered=_probability(limits, cell.tau2))
    n = min(sets, max(sets // 10, 100))
    limits = _bootstrap(y[:n], cell.v, cell.rng(seed, 1))
    covered = _probability(limits, cell.tau2)
    yield row(where, {"tau2": "none", "interval": "NNF"}, limits, 0.0, covered=covered)


def _probability(limits: tuple[Floats, Floats], tau2: float) -> Floats:
    """Probability that an effect from N(0, tau2) is within the limits."""
    low, high = limits
    if tau2 == 0.0:
        return ((low <= 0.0) & (high >= 0.0)).astype(float)
    tau = np.sqrt(tau2)
    return np.asarray(special.ndtr(high / tau) - special.ndtr(low / tau))


def _bootstrap(y: Floats, v: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Limits of the bootstrap of Nagashima, Noma and Furukawa, set by set."""
    ends = [np.quantile(new_effects(one, v, DRAWS, rng), [0.025, 0.975]) for one in y]
    low, high = np.transpose(ends)
    return low, high
