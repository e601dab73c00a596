"""Every reference case, op by op; neither cases nor those that hold may shrink."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conformance import adapter, judge

RECORDED = judge.recorded()
OPS = sorted({case.op for case in judge.read_cases()} | RECORDED.keys())

CASES = 2347
"""Reference cases, those apart that mark a defect of the tool that printed them."""


def test_no_case_is_lost() -> None:
    assert len(judge.read_cases()) >= CASES
    ids = [case.id for case in judge.read_cases()]
    assert len(set(ids)) == len(ids)
    assert sum(own["total"] for own in RECORDED.values()) == len(ids)


WITHOUT_CASES = {"trim_fill"}
"""Operations that the list of operations names and no case asks for so far."""


def test_every_answer_is_asked_for() -> None:
    cases = (*judge.read_cases(), *judge.read_cases(diverging=True))
    asked = {case.op.split(":")[-1] for case in cases}
    assert (adapter.CASES.keys() | adapter.CHECKS.keys()) - asked == WITHOUT_CASES


@pytest.mark.parametrize("op", OPS)
def test_reference(op: str, record_property: Callable[[str, object], None]) -> None:
    found = judge.tally(adapter, (op,))
    new = {name: own.record() for name, own in found.items()}
    for name, own in found.items():
        built = own.total - len(own.not_built)
        record_property("conformance", (name, own.held, own.total, built))
    old = {name: own for name, own in RECORDED.items() if name == op}
    why = [
        f"{name}: {text}"
        for own in found.values()
        for name, text in own.reasons.items()
    ]
    lost = judge.losses(old, new)
    assert not lost, "\n".join(["fewer cases hold than recorded:", *lost, *why])
    assert new == old, f"not as recorded; look, then run `{judge.UPDATE}`"


def test_the_copies_are_packed_without_a_date() -> None:
    paths = sorted((judge.HERE / "cases").iterdir())
    assert paths
    for path in paths:
        assert path.name.endswith(".json.gz")
        assert path.read_bytes()[4:8] == bytes(4), path.name


@pytest.mark.parametrize(
    ("expected", "given", "agrees"),
    [
        (1.0, 1.0 + 1.05e-5, True),
        (1.0, 1.0 + 1.15e-5, False),
        (100.0, 100.00095, True),
        (100.0, 100.00105, False),
        (2, np.float64(2), True),
        ([1, [2, 3]], np.array([1.0, 2.0, 3.0]), True),
        ([1, 2], [1], False),
        (None, math.nan, True),
        (None, None, True),
        (None, 0.0, False),
        (1.0, math.nan, False),
        (1.0, None, False),
        (1.0, math.inf, False),
        ("Inf", math.inf, True),
        ("Inf", -math.inf, False),
        ("-Inf", -math.inf, True),
        ("Inf", 1e308, False),
        ("text", "text", True),
        ("text", "texts", False),
        (True, True, True),
        (True, np.True_, True),
        (True, 1, False),
        (1, True, False),
        (1.0, "1.0", False),
    ],
)
def test_what_agrees(expected: object, given: object, agrees: bool) -> None:
    assert (judge.disagreement(expected, given, 1e-5, 1e-6) == "") == agrees


class Stub:
    """An adapter of one answer."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def run_case(self, op: str, inputs: object, options: object) -> Any:
        return self.run_check(op, inputs)

    def run_check(self, fn: str, given: object) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def test_how_a_case_is_judged() -> None:
    case = judge.Case(
        "c", "op", 0, {"a": 1.0}, 0.0, 1e-6, lambda a: a.run_check("op", 0)
    )
    for answer, reason in (
        ({"a": 1.0, "b": 7}, ""),
        ({"b": 1.0}, "a is not answered"),
        ({"a": 2.0}, "a [0] is 2.0, not 1.0"),
        (1.0, "is 1.0, not a table of a"),
        (NotImplementedError(), judge.NOT_BUILT),
        (ValueError("no"), "ValueError: no"),
    ):
        assert judge.judge(case, Stub(answer)) == reason  # type: ignore[arg-type]


def test_a_warning_is_a_failure() -> None:
    def warn(_: object) -> float:
        return float(np.log(np.zeros(1))[0])

    case = judge.Case("c", "op", 0, "-Inf", 0.0, 0.0, warn)
    assert judge.judge(case, adapter).startswith("RuntimeWarning: divide by zero")


def test_the_record_may_not_shrink() -> None:
    old = {"pool": {"total": 4, "held": 1, "not_held": ["a"], "not_built": ["b", "c"]}}
    own = old["pool"]
    assert judge.losses(old, old) == []
    better = {"pool": own | {"held": 2, "not_held": []}}
    assert judge.losses(old, better) == []
    built = {"pool": own | {"not_held": ["a", "b"], "not_built": ["c"]}}
    assert judge.losses(old, built) == []
    assert judge.losses(old, {"pool": own | {"total": 3}}) == [
        "pool: 3 cases, recorded 4"
    ]
    swapped = {"pool": own | {"not_held": ["d"]}}
    assert judge.losses(old, swapped) == ["pool: d held"]
    gone = {"pool": own | {"held": 0, "not_held": [], "not_built": "all"}}
    assert judge.losses(old, gone) == ["pool: 0 cases hold, recorded 1"]
    new = {"pool": {"total": 4, "held": 0, "not_held": [], "not_built": "all"}}
    assert judge.losses(new, old) == []


def test_update_refuses_to_lower_a_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from conformance import update

    file = tmp_path / "held.json"
    too_many = {"total": 10**6, "held": 0, "not_held": [], "not_built": "all"}
    text = json.dumps({"two_by_two_tests": too_many})
    file.write_text(text)
    monkeypatch.setattr(judge, "RECORD", file)
    monkeypatch.setattr(judge, "tally", lambda _: {"two_by_two_tests": judge.Tally()})
    assert update.main() == 1
    assert file.read_text() == text
    assert "two_by_two_tests: 0 cases, recorded 1000000" in capsys.readouterr().out
