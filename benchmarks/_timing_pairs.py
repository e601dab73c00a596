"""Processor time of a small call and of its bare arithmetic, taken side by side."""

import time
from collections.abc import Callable

Work = Callable[[], object]
FEW = 60
ROUNDS = 300
LEAST_ROUNDS = 3
MOST_SECONDS = 0.2
TARGET = 60.0


def side_by_side(*works: Work) -> list[float]:
    """Microseconds of each work: the least of short rounds, taken in turn.

    What else runs on the machine delays all of them alike, and a short round least.
    """
    for work in works:
        work()
    least = [float("inf")] * len(works)
    start = time.perf_counter()
    for done in range(ROUNDS):
        if done >= LEAST_ROUNDS and time.perf_counter() - start > MOST_SECONDS * len(
            works
        ):
            break
        for i, work in enumerate(works):
            began = time.process_time()
            for _ in range(FEW):
                work()
            least[i] = min(least[i], time.process_time() - began)
    return [1e6 * x / FEW for x in least]


def verdict(over: float) -> str:
    """Whether a call stays within the target over its bare arithmetic."""
    return "met" if over < TARGET else "MISSED"
