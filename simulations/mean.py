"""Intervals of the mean: every test of the registry, with several estimators."""

from collections.abc import Iterator
from functools import partial

from k2stats.models import MEAN_TESTS, fit_arrays
from simulations import designs
from simulations.designs import Cell
from simulations.tables import Row, Value, row

SETS = 4_000
OF_CELL = 3
ESTIMATORS = ("DL", "PM", "REML", "ML", "SJ")
SEARCHED = ("profile-likelihood", "skovgaard", "HC")
"""Intervals that are searched for: fewer sets."""
OTHERS = (
    ("common", "EE", "z"),
    ("multiplicative", "EE", "t"),
    ("Birge", "EE", "z"),
    ("IVhet", "DL", "z"),
    ("HC", "DL", "HC"),
    ("unweighted", "REML", "z"),
)
"""Models with weights or variances of their own: model, tau2, interval."""
FLIPPED = 10
"""Studies with which the permutation test is run: with fewer than six it never
rejects at 5%, and each set costs a thousand refits or more."""

cells = designs.cells


def ways(studies: int) -> Iterator[tuple[str, str, str]]:
    """Model, estimator and interval of everything that is compared."""
    for estimator in ESTIMATORS:
        for entry in MEAN_TESTS.entries(lacking="resampling"):
            own = entry.traits & {"ML", "REML"}
            if "common-weights" not in entry.traits and own <= {estimator}:
                yield "random", estimator, entry.name
    yield from OTHERS
    if studies == FLIPPED:
        yield "random", "DL", "permutation"


def simulate(cell: Cell, sets: int, seed: int) -> Iterator[Row]:
    """Coverage of a true mean of zero by every interval in one cell."""
    y, v = cell.draw(sets, seed)
    where: dict[str, Value] = {
        "variances": cell.variances,
        "K": cell.studies,
        "I2": cell.i2,
    }
    for model, tau2, ci in ways(cell.studies):
        fit = partial(fit_arrays, model=model, tau2=tau2, ci=ci)
        n = sets
        if ci in SEARCHED:
            n = min(sets, max(sets * 4 // 10, 100))
        elif ci == "permutation":
            n = min(sets, max(sets // 8, 100))
        made = fit(y[:n], v[:n], rng=cell.rng(seed, 1))
        limits = made.low[:, 0], made.high[:, 0]
        way: dict[str, Value] = {"model": model, "tau2": tau2, "interval": ci}
        yield row(where, way, limits, 0.0)
