"""Reference cases, and whether an answer agrees with one.

    python tests/conformance/judge.py [OP ...]

prints how many cases hold, per op, and why the others do not.
"""

import gzip
import importlib
import json
import math
import sys
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias

HERE = Path(__file__).parent
DIVERGES = ".DIVERGE"
DEFAULT_TOLERANCE = 1e-6
NOT_BUILT = "not built"
RECORD = HERE / "held.json"
UPDATE = "python tests/conformance/update.py"

Answer: TypeAlias = Any
"""What an adapter gives: a number, text, truth value, or lists or a dict of them."""

Record: TypeAlias = dict[str, Any]
"""Of an op: counts ``total`` and ``held``; ids ``not_held`` and ``not_built``."""


@dataclass(frozen=True, slots=True)
class Case:
    """One reference case.

    A case of a tool names its function; `id` then holds its place among the cases
    of that function.
    """

    id: str
    op: str
    inputs: Any
    expect: Any
    rtol: float
    atol: float
    ask: Callable[[ModuleType], Answer]


@dataclass
class Tally:
    """How the cases of one op came out."""

    total: int = 0
    not_built: list[str] = field(default_factory=list)
    reasons: dict[str, str] = field(default_factory=dict)

    @property
    def held(self) -> int:
        """Cases that hold."""
        return self.total - len(self.not_built) - len(self.reasons)

    def record(self) -> Record:
        """Return what `held.json` keeps of an op."""
        none_built = self.total == len(self.not_built)
        return {
            "total": self.total,
            "held": self.held,
            "not_held": sorted(self.reasons),
            "not_built": "all" if none_built else sorted(self.not_built),
        }


@cache
def read_cases(*, diverging: bool = False) -> tuple[Case, ...]:
    """Return every case, or those that mark a defect of the tool that printed them."""
    cases = []
    for path in sorted((HERE / "cases").glob("*.json.gz")):
        number: dict[str, int] = defaultdict(int)
        for raw in json.loads(gzip.decompress(path.read_bytes())):
            name = raw["op"] if "op" in raw else raw["fn"]
            number[name] += 1
            if (DIVERGES in name) == diverging:
                file = path.name.removesuffix(".json.gz")
                cases.append(_case(raw, file, number[name]))
    return tuple(cases)


def _case(raw: Mapping[str, Any], file: str, number: int) -> Case:
    atol = raw.get("atol", raw.get("tol", DEFAULT_TOLERANCE))
    if "op" in raw:
        op, inputs, options = raw["op"], raw["inputs"], raw["options"] or {}
        return Case(
            raw["id"],
            op,
            inputs,
            raw["expect"],
            raw["rtol"],
            atol,
            lambda adapter: adapter.run_case(op, inputs, options),
        )
    fn, given = raw["fn"], raw["input"]
    return Case(
        f"{file}/{fn}/{number}",
        f"{file}:{fn}",
        given,
        raw["expect"],
        raw.get("rtol", 0.0),
        atol,
        lambda adapter: adapter.run_check(fn, given),
    )


def judge(case: Case, adapter: ModuleType) -> str:
    """Return why a case does not hold, or an empty string where it does.

    A warning counts as a failure: what is undefined is answered with NaN.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            answer = case.ask(adapter)
    except NotImplementedError:
        return NOT_BUILT
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    expect = case.expect if isinstance(case.expect, dict) else {"": case.expect}
    if expect is not case.expect:
        answer = {"": answer}
    elif not isinstance(answer, Mapping):
        return f"is {answer!r}, not a table of {', '.join(expect)}"
    for name, expected in expect.items():
        if name not in answer:
            return f"{name} is not answered"
        reason = disagreement(expected, answer[name], case.rtol, case.atol)
        if reason:
            return f"{name} {reason}".lstrip()
    return ""


def disagreement(expected: Any, given: Any, rtol: float, atol: float) -> str:
    """Say where two values part ways; an empty string where they agree.

    Numbers agree within ``atol + rtol * |expected|``; text and truth values are
    equal; null stands for NaN, ``"Inf"`` and ``"-Inf"`` for infinities. Lists agree
    value by value, in order.
    """
    wanted, had = list(_leaves(expected)), list(_leaves(given))
    if len(wanted) != len(had):
        return f"has {len(had)} values, not {len(wanted)}"
    for place, (want, have) in enumerate(zip(wanted, had, strict=True)):
        if not _agree(want, have, rtol, atol):
            return f"[{place}] is {have!r}, not {want!r}"
    return ""


def _agree(want: Any, have: Any, rtol: float, atol: float) -> bool:
    if want is None:
        return have is None or (isinstance(have, float) and math.isnan(have))
    if isinstance(want, bool) or (isinstance(want, str) and want not in _INFINITE):
        return type(have) is type(want) and bool(have == want)
    if isinstance(have, bool) or not isinstance(have, int | float):
        return False
    number = _INFINITE[want] if isinstance(want, str) else float(want)
    if math.isinf(number) or math.isinf(have):
        return number == have
    return abs(number - have) <= atol + rtol * abs(number)


_INFINITE = {"Inf": math.inf, "-Inf": -math.inf}


def _leaves(value: Any) -> Iterator[Any]:
    """Yield the values of nested lists and arrays, as Python's own types."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(item)
    else:
        yield value


def tally(adapter: ModuleType, ops: tuple[str, ...] = ()) -> dict[str, Tally]:
    """Judge every case of the named ops, or of all."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    for case in read_cases():
        if ops and case.op not in ops:
            continue
        own = tallies[case.op]
        own.total += 1
        reason = judge(case, adapter)
        if reason == NOT_BUILT:
            own.not_built.append(case.id)
        elif reason:
            own.reasons[case.id] = reason
    return dict(sorted(tallies.items()))


def table(tallies: Mapping[str, Tally]) -> str:
    """Return the counts as text, one line an op, and their sums."""
    rows = [(op, t.held, t.total) for op, t in tallies.items()]
    rows.append(("all", sum(r[1] for r in rows), sum(r[2] for r in rows)))
    return "\n".join(f"{op:36s} {held:5d} of {total:5d}" for op, held, total in rows)


def losses(old: Mapping[str, Record], new: Mapping[str, Record]) -> list[str]:
    """Say what has shrunk since `old` was recorded, one line each.

    Examples
    --------
    >>> old = {"pool": {"total": 9, "held": 4, "not_held": ["a"], "not_built": []}}
    >>> losses(old, {})
    ['pool: the op is gone']
    >>> losses(old, {"pool": old["pool"] | {"not_held": ["a", "b"], "held": 3}})
    ['pool: 3 cases hold, recorded 4', 'pool: b held']
    """
    lines = []
    for op, before in old.items():
        if op not in new:
            lines.append(f"{op}: the op is gone")
            continue
        now = new[op]
        if now["total"] < before["total"]:
            lines.append(f"{op}: {now['total']} cases, recorded {before['total']}")
        if now["held"] < before["held"]:
            lines.append(f"{op}: {now['held']} cases hold, recorded {before['held']}")
        if before["not_built"] != "all":
            lost = {*now["not_held"]}
            if now["not_built"] != "all":
                lost |= {*now["not_built"]}
            lost -= {*before["not_held"], *before["not_built"]}
            lines += [f"{op}: {case} held" for case in sorted(lost)]
    return lines


def recorded() -> dict[str, Record]:
    """Read `held.json`; empty before the first record."""
    if not RECORD.exists():
        return {}
    return dict(json.loads(RECORD.read_text(encoding="utf-8")))


def main(adapter: ModuleType, ops: tuple[str, ...]) -> None:
    """Print the counts, and the cases that do not hold."""
    found = tally(adapter, ops)
    print(table(found))
    for own in found.values():
        for name, why in own.reasons.items():
            print(f"{name}: {why}")


if __name__ == "__main__":
    sys.path.insert(0, str(HERE.parent))
    main(importlib.import_module("conformance.adapter"), tuple(sys.argv[1:]))
