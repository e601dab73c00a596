"""Processor time of small calls and of their bare arithmetic, taken side by side."""

import time
from collections.abc import Callable, Sequence

Work = Callable[[], object]
FEW = 5
ROUNDS = 40
LEAST_ROUNDS = 2
SWEEPS = 6
MOST_SECONDS = 0.025
TARGET = 60.0


def side_by_side(rows: Sequence[Sequence[Work]]) -> list[list[float]]:
    """Microseconds of every work of every row: the least of many short rounds.

    The works of a row are taken in turn, so that what else runs on the machine delays
    them alike, and all rows are gone over several times, so that a busy spell of
    seconds does not stand for one of them.
    """
    least = [[float("inf")] * len(works) for works in rows]
    for _ in range(SWEEPS):
        for works, held in zip(rows, least, strict=True):
            _one_row(works, held)
    return [[1e6 * x / FEW for x in held] for held in least]


def _one_row(works: Sequence[Work], least: list[float]) -> None:
    for work in works:
        work()
    start = time.perf_counter()
    for done in range(ROUNDS):
        long = time.perf_counter() - start > MOST_SECONDS * len(works)
        if done >= LEAST_ROUNDS and long:
            break
        for i, work in enumerate(works):
            began = time.process_time()
            for _ in range(FEW):
                work()
            least[i] = min(least[i], time.process_time() - began)


def verdict(over: float) -> str:
    """Whether a call stays within the target over its bare arithmetic."""
    return "met" if over < TARGET else "MISSED"
