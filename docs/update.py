"""Rewrite the generated tables of this folder's pages from the registries.

    python docs/update.py

A page keeps a table between ``<!-- name -->`` and ``<!-- /name -->``. Exit status 0.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from k2stats.effectsizes import measures_table
from k2stats.effectsizes.listing import (
    conversions_table,
    five_number_table,
    inputs_table,
    variances_table,
)

HERE = Path(__file__).parent
PAGES: dict[str, dict[str, Callable[[], str]]] = {
    "measures.md": {
        "measures": measures_table,
        "inputs": inputs_table,
        "variances": variances_table,
    },
    "conversions.md": {
        "conversions": conversions_table,
        "five-number methods": five_number_table,
    },
}


def updated(text: str, tables: dict[str, Callable[[], str]]) -> str:
    """Return a page's text with each table as it stands now."""
    for name, table in tables.items():
        first, last = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        before, rest = text.split(first)
        _, after = rest.split(last)
        text = f"{before}{first}\n{table()}\n{last}{after}"
    return text


def main() -> int:
    """Write every page that differs, and name it."""
    for page, tables in PAGES.items():
        path = HERE / page
        old = path.read_text(encoding="utf-8")
        new = updated(old, tables)
        if new != old:
            path.write_text(new, encoding="utf-8")
            print(f"rewritten: docs/{page}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
