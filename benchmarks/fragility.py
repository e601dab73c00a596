"""Seconds for the fragility indices of ten thousand trials, and of a meta-analysis.

Run with ``python -m benchmarks fragility``. Trials are of 30 to 300 participants a
group; every index is proved minimal. The last column is a loop over trials that adds
one event at a time and asks scipy's Fisher test, on a hundredth of the trials and
scaled up.
"""

import time
from collections.abc import Callable

import numpy as np
from scipy import stats

from k2stats.effectsizes import ZeroCells
from k2stats.evidence import TwoByTwo
from k2stats.sensitivity import PooledAnalysis, fragility_index, meta_fragility

TRIALS = 10_000
SHARE = 100
REPEATS = 3


def best(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """Least processor time of several runs, in seconds."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def trials(size: int = TRIALS) -> TwoByTwo:
    """Two-arm trials with 15% and 30% events."""
    rng = np.random.default_rng(1)
    n = rng.integers(30, 300, size)
    return TwoByTwo.from_counts(
        events1=rng.binomial(n, 0.15), n1=n, events2=rng.binomial(n, 0.3), n2=n
    )


def scipy_loop(table: TwoByTwo) -> list[float]:
    """Classical index by a loop: one event more in the group with fewer."""
    found = []
    for row in zip(
        *(x.astype(int).tolist() for x in (table.events1, table.n1, table.events2)),
        table.n2.astype(int).tolist(),
        strict=True,
    ):
        e1, n1, e2, n2 = row
        first, step = e1 <= e2, 0
        start = stats.fisher_exact(np.array([[e1, n1 - e1], [e2, n2 - e2]]))[1] < 0.05
        move = 1 if start else -1
        while True:
            step += 1
            x1, x2 = (e1 + move * step, e2) if first else (e1, e2 + move * step)
            if not (0 <= x1 <= n1 and 0 <= x2 <= n2):
                found.append(np.nan)
                break
            p = stats.fisher_exact(np.array([[x1, n1 - x1], [x2, n2 - x2]]))[1]
            if (p < 0.05) != start:
                found.append(float(step))
                break
    return found


def main() -> str:
    """Return the table."""
    table = trials()
    few = table[: TRIALS // SHARE]
    same = np.array_equal(
        fragility_index(few, moves="one-arm").index, scipy_loop(few), equal_nan=True
    )
    loop = best(lambda: scipy_loop(few), 1) * SHARE
    lines = [f"{'':28}{'k2stats':>10}{'scipy loop':>14}"]
    for test, moves, peer in (
        ("fisher", "one-arm", f"{loop:.1f}"),
        ("fisher", "both-arms", "-"),
        ("fisher", "either-arm", "-"),
        ("fisher", "transfer", "-"),
        ("midp", "both-arms", "-"),
        ("fisher-blaker", "both-arms", "-"),
        ("pearson", "both-arms", "-"),
        ("RD/newcombe", "both-arms", "-"),
    ):
        seconds = best(lambda t=test, m=moves: fragility_index(table, t, moves=m))
        lines.append(f"{f'{test}, {moves}':28}{seconds:>10.2f}{peer:>14}")
    lines.append(f"Indices of the loop {'agree' if same else 'DIFFER'}.")
    atal = TwoByTwo.from_counts(
        events1=[2, 4, 2, 1, 0, 7, 0, 2],
        n1=[39, 25, 23, 9, 17, 182, 15, 17],
        events2=[7, 2, 4, 2, 2, 16, 0, 2],
        n2=[39, 11, 20, 12, 24, 189, 15, 19],
    )
    how = PooledAnalysis("RR", "MH", zero_cells=ZeroCells(drop_double_zero=True))
    proof = meta_fragility(atal, how, depth=3)
    seconds = best(lambda: meta_fragility(atal, how, depth=3))
    lines.append(
        f"Meta-analysis of 8 trials: index {proof.index}, proved by {proof.examined} "
        f"re-analyses, {seconds * 1e3:.0f} ms"
    )
    return "\n".join(lines)


if __name__ == "__main__":
    print(main())
