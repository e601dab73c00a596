"""Intervals of the variance between studies: every interval of the registry."""

from collections.abc import Iterator

import numpy as np

from k2stats.heterogeneity import tau2_interval
from simulations import designs
from simulations.designs import Cell
from simulations.tables import Row, Value, row

SETS = 5_000
OF_CELL = 3
WAYS = (
    ("QP", "REML", 1.0),
    ("GENQ", "REML", 0.1),
    ("BJ", "REML", 0.1),
    ("PL", "REML", 1.0),
    ("PL", "ML", 1.0),
    ("Wald", "DL", 1.0),
    ("Wald", "REML", 1.0),
    ("Wald", "ML", 1.0),
    ("bootstrap", "DL", 0.2),
    ("bootstrap", "REML", 0.2),
)
"""Interval, estimator that it goes with, and share of the sets that it gets."""
DRAWS = 500
"""Resamples of the bootstrap; more of them change its coverage by less than 0.5%."""

cells = designs.cells


def simulate(cell: Cell, sets: int, seed: int) -> Iterator[Row]:
    """Coverage of the true tau2 by every interval in one cell.

    A set of values that holds no tau2 from zero on counts as one that does not cover.
    """
    y, v = cell.draw(sets, seed)
    where: dict[str, Value] = {
        "variances": cell.variances,
        "K": cell.studies,
        "I2": cell.i2,
    }
    for name, method, part in WAYS:
        n = min(sets, max(round(part * sets), 100))
        found = tau2_interval(
            y[:n], v[:n], type=name, method=method, rng=cell.rng(seed, 1), draws=DRAWS
        )
        there = found.converged & ~found.empty
        limits = tuple(np.where(there, x, np.nan) for x in (found.low, found.high))
        way: dict[str, Value] = {"interval": name, "tau2": method}
        yield row(where, way, (limits[0], limits[1]), cell.tau2)
