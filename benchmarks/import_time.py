"""Seconds to import k2stats, beside what it stands on, each in fresh processes."""

import statistics
import subprocess
import sys

REPEATS = 9
WHAT = {
    "nothing": "pass",
    "numpy, pandas, scipy.stats": "import numpy, pandas, scipy.stats",
    "k2stats": "import k2stats",
}
TARGET = 0.3
"""Seconds that k2stats may take beyond numpy, pandas and scipy.stats."""

_CODE = "from time import perf_counter as t; a = t(); {}; print(t() - a)"


def seconds(statement: str) -> float:
    """Return the seconds one fresh process takes for `statement`."""
    done = subprocess.run(
        [sys.executable, "-c", _CODE.format(statement)],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


def measure(repeats: int = REPEATS) -> dict[str, list[float]]:
    """Return the seconds of each import; interleaved, after one round to warm up."""
    for statement in WHAT.values():
        seconds(statement)
    found: dict[str, list[float]] = {name: [] for name in WHAT}
    for _ in range(repeats):
        for name, statement in WHAT.items():
            found[name].append(seconds(statement))
    return found


def main() -> str:
    """Return the table of medians, with the quickest and slowest runs."""
    found = measure()
    base = statistics.median(found["numpy, pandas, scipy.stats"])
    lines = [f"{'import':28s} {'median':>8s} {'least':>8s} {'most':>8s}   seconds"]
    for name, runs in found.items():
        figures = (statistics.median(runs), min(runs), max(runs))
        lines.append(f"{name:28s} " + " ".join(f"{x:8.3f}" for x in figures))
    beyond = statistics.median(found["k2stats"]) - base
    lines.append(f"k2stats beyond the three: {beyond:.3f} s (target {TARGET} s)")
    return "\n".join(lines)


if __name__ == "__main__":
    print(main())
