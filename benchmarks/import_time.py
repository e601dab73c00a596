"""Seconds to import k2stats, beside what it stands on, each in fresh processes."""

import statistics
import subprocess
import sys

REPEATS = 9
BASE = "numpy, pandas, scipy.stats"
WHOLE = "those and every public name"
_BASE = f"import {BASE}"
WHAT = {
    "nothing": "pass",
    BASE: _BASE,
    "k2stats": "import k2stats",
    WHOLE: f"{_BASE}; import k2stats; [getattr(k2stats, n) for n in k2stats.__all__]",
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
    wall, cpu = (middle[WHOLE][k] - middle[BASE][k] for k in (0, 1))
    lines.append(
        f"import k2stats: {middle['k2stats'][0]:.3f} s (target: {TARGET} s more than "
        f"{BASE}); all public names, loaded on first use, {wall:.3f} s beyond these, "
        f"processor {cpu:.3f} s"
    )
    return "\n".join(lines)


if __name__ == "__main__":
    print(main())
