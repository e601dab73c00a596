"""A reference case's words, mapped to the public API of k2stats.

Nothing is computed here: arguments are renamed, results are picked out, and figures
that a source prints with few digits are printed with as many (see README.md).

Each room of the library has its module of answers beside this one,
`_answers_<room>.py`, with `CASES` (an op of a statistics package to a function of
inputs and options), `CHECKS` (a function of an integrity tool to one of its input), or
both. A new module is found by its name; nothing is edited here.
"""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, TypeAlias

Given: TypeAlias = Mapping[str, Any]
Answer: TypeAlias = Any

HERE = Path(__file__).parent
if str(HERE.parent) not in sys.path:
    # Loaded as a file of its own, outside pytest.
    sys.path.append(str(HERE.parent))


def _gather(table: str) -> dict[str, Callable[..., Answer]]:
    """Join the rooms' tables; two rooms may not answer the same question."""
    found: dict[str, Callable[..., Answer]] = {}
    for path in sorted(HERE.glob("_answers_*.py")):
        own = getattr(import_module(f"conformance.{path.stem}"), table, {})
        if twice := sorted(found.keys() & own.keys()):
            raise ValueError(f"{path.name} answers again: {', '.join(twice)}")
        found |= own
    return found


CASES = _gather("CASES")
CHECKS = _gather("CHECKS")


def run_case(op: str, inputs: Given, options: Given) -> dict[str, Answer]:
    """Answer a case of a statistics package."""
    if op not in CASES:
        raise NotImplementedError(op)
    answer: dict[str, Answer] = CASES[op](inputs, options)
    return answer


def run_check(fn: str, given: Any) -> Answer:
    """Answer a case of an integrity tool."""
    if fn not in CHECKS:
        raise NotImplementedError(fn)
    return CHECKS[fn](given)
