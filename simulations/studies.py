"""The simulations there are: a name, its cells, and what runs one of them."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from types import ModuleType

from simulations import counts, mean, prediction, tau2
from simulations.tables import FOLDER, Row, read

STUDIES: dict[str, ModuleType] = {
    "counts": counts,
    "mean": mean,
    "prediction": prediction,
    "tau2": tau2,
}
"""Table name to module; each has `cells`, `simulate`, `SETS` and `OF_CELL`."""


def run(name: str, *, sets: int | None, seed: int, workers: int) -> Iterator[list[Row]]:
    """Rows of each cell of a table in turn; every cell has a generator of its own."""
    study = STUDIES[name]
    one = partial(rows_of, name, sets=sets or study.SETS, seed=seed)
    if workers == 1:
        yield from map(one, study.cells())
        return
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        yield from pool.map(one, study.cells())


def rows_of(name: str, cell: object, *, sets: int, seed: int) -> list[Row]:
    """Rows of one cell."""
    return list(STUDIES[name].simulate(cell, sets, seed))


def kept(name: str) -> list[Row]:
    """Rows of a table that is kept."""
    return read(FOLDER / f"{name}.csv", STUDIES[name].OF_CELL)
