"""Simulate the coverage of intervals, and keep the tables.

    python -m simulations coverage [NAME ...] [--sets N] [--seed N]
                                   [--workers N] [--out FOLDER]
    python -m simulations page

The names are those of the tables: counts, mean, prediction, tau2; all when left out.
``page`` writes README.md again from the tables that are kept.
"""

import argparse
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from simulations import page
from simulations.designs import SEED
from simulations.studies import STUDIES, run
from simulations.tables import FOLDER, write


def main(arguments: list[str]) -> int:
    """Run what is asked for; exit status 0."""
    parser = argparse.ArgumentParser(prog="python -m simulations")
    parts = parser.add_subparsers(dest="what", required=True)
    coverage = parts.add_parser("coverage", help="simulate, and write the tables")
    coverage.add_argument("names", nargs="*", metavar="NAME", help=", ".join(STUDIES))
    coverage.add_argument("--sets", type=int, help="data sets in each cell")
    coverage.add_argument("--seed", type=int, default=SEED)
    coverage.add_argument("--workers", type=int, default=1, help="processes")
    coverage.add_argument("--out", type=Path, default=FOLDER, help="folder of tables")
    parts.add_parser("page", help="write README.md from the tables")
    given = parser.parse_args(arguments)
    if given.what == "coverage":
        unknown = [name for name in given.names if name not in STUDIES]
        if unknown:
            parser.error(
                f"no table {', '.join(unknown)}; there are {', '.join(STUDIES)}"
            )
        for name in given.names or STUDIES:
            _simulate(name, given)
    if given.what == "page" or given.out == FOLDER:
        page.write()
    return 0


def _simulate(name: str, given: argparse.Namespace) -> None:
    console = Console(stderr=True)
    rows = []
    with Progress(console=console) as bar:
        task = bar.add_task(name, total=len(list(STUDIES[name].cells())))
        made = run(name, sets=given.sets, seed=given.seed, workers=given.workers)
        for some in made:
            rows.extend(some)
            bar.advance(task)
    path = given.out / f"{name}.csv"
    write(path, rows)
    console.print(f"{path}: {len(rows)} rows")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
