"""Seconds to import k2stats, beside what it stands on, each in fresh processes."""

import statistics
import subprocess
import sys

REPEATS = 9
BASE = "numpy, pandas, scipy.stats"
WHAT = {
    "nothing": "pass",
    BASE: "import numpy, pandas, scipy.stats",
    "k2stats": "import k2stats",
}
TARGET = 0.3
"""Seconds that k2stats may take beyond numpy, pandas and scipy.stats."""

_CODE = """
from time import perf_counter, process_time
wall, cpu = perf_counter(), process_time()
{}
print(perf_counter() - wall, process_time() - cpu)
"""


def seconds(statement: str) -> tuple[float, float]:
    """Return the seconds and processor seconds a fresh process takes."""
    done = subprocess.run(
        [sys.executable, "-c", _CODE.format(statement)],
        capture_output=True,
        text=True,
        check=True,
    )
    wall, cpu = map(float, done.stdout.split())
    return wall, cpu


def measure(repeats: int = REPEATS) -> dict[str, list[tuple[float, float]]]:
    """Return the times of each import; interleaved, after one round to warm up."""
    for statement in WHAT.values():
        seconds(statement)
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in WHAT}
    for _ in range(repeats):
        for name, statement in WHAT.items():
            found[name].append(seconds(statement))
    return found


def main() -> str:
    """Return the table of medians, with the quickest and slowest runs."""
    found = measure()
    heads = ("median", "least", "most", "processor")
    lines = [f"{'seconds to import':28s}" + "".join(f"{h:>10s}" for h in heads)]
    middle = {}
    for name, runs in found.items():
        wall, cpu = zip(*runs, strict=True)
        middle[name] = (statistics.median(wall), statistics.median(cpu))
        figures = (middle[name][0], min(wall), max(wall), middle[name][1])
        lines.append(f"{name:28s}" + "".join(f"{x:10.3f}" for x in figures))
    wall, cpu = (middle["k2stats"][k] - middle[BASE][k] for k in (0, 1))
    lines.append(
        f"k2stats beyond the three: {wall:.3f} s, processor {cpu:.3f} s "
        f"(target {TARGET} s)"
    )
    return "\n".join(lines)


if __name__ == "__main__":
    print(main())
