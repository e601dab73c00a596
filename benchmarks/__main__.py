"""Run every benchmark of this folder and print its table.

    python -m benchmarks [NAME ...]

A benchmark is a module with a `main() -> str`.
"""

import importlib
import sys
from pathlib import Path

FOLDER = Path(__file__).parent


def names() -> list[str]:
    """Return the benchmark modules, in alphabetical order."""
    return sorted(p.stem for p in FOLDER.glob("[!_]*.py"))


def main(wanted: list[str]) -> int:
    """Run the named benchmarks, or all; exit status 2 for an unknown name."""
    unknown = [name for name in wanted if name not in names()]
    if unknown:
        print(f"No benchmark {', '.join(unknown)}. There are: {', '.join(names())}.")
        return 2
    for name in wanted or names():
        module = importlib.import_module(f"benchmarks.{name}")
        title = (module.__doc__ or name).split("\n", 1)[0]
        print(f"{name}: {title}", module.main(), sep="\n", end="\n\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
