"""Seconds of the whole audit of the embedded sources, report included."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

TARGET = 10.0
REPEATS = 3
_COMMAND = "from k2stats.cli import main; main()"


def main() -> str:
    """Return the times of `k2stats reproduce` in fresh processes."""
    runs = []
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        for _ in range(REPEATS):
            start = time.perf_counter()
            subprocess.run(
                [sys.executable, "-c", _COMMAND, "reproduce", "--out", str(page)],
                check=True,
                capture_output=True,
            )
            runs.append(time.perf_counter() - start)
            if not page.is_file():
                raise RuntimeError("k2stats reproduce wrote no report")
    each = ", ".join(f"{r:.1f}" for r in runs)
    return f"k2stats reproduce: {each} s (target {TARGET:.0f} s)"


if __name__ == "__main__":
    print(main())
