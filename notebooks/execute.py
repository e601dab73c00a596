"""Execute every notebook beside this file; any error or warning in a cell fails.

``python notebooks/execute.py`` checks them as they stand. With ``--write`` the
outputs are stored, so that a reader of the repository sees the pictures.
"""

import argparse
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

HERE = Path(__file__).parent


def problems(notebook: nbformat.NotebookNode) -> list[str]:
    """Return what cells wrote to their error stream, warnings included."""
    return [
        output["text"]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.get("name") == "stderr"
    ]


def execute(path: Path, *, write: bool) -> bool:
    """Run one notebook from top to bottom; return whether it ran clean."""
    notebook = nbformat.read(path, as_version=4)
    start = time.monotonic()
    try:
        NotebookClient(
            notebook, timeout=300, resources={"metadata": {"path": str(HERE)}}
        ).execute()
    except CellExecutionError as error:
        print(f"FAILED {path.name}: {error}")
        return False
    noise = problems(notebook)
    for text in noise:
        print(f"FAILED {path.name}: {text.strip()}")
    if write and not noise:
        for cell in notebook.cells:
            cell.get("metadata", {}).pop("execution", None)
        nbformat.write(notebook, path)
    if not noise:
        print(f"ok {path.name} ({time.monotonic() - start:.1f} s)")
    return not noise


def main() -> int:
    """Execute all notebooks and count the failures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="store the outputs")
    parser.add_argument("names", nargs="*", help="notebooks to run; all by default")
    arguments = parser.parse_args()
    paths = sorted(HERE.glob("*.ipynb"))
    if arguments.names:
        paths = [p for p in paths if p.name in arguments.names]
    if not paths:
        print("no notebook found")
        return 1
    failed = sum(not execute(p, write=arguments.write) for p in paths)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
