"""Cases that mark a defect of the tool that printed them: the right value instead."""

import pytest

from conformance import adapter, judge

CASES = {case.id: case for case in judge.read_cases(diverging=True)}
BARNARD = [name for name in CASES if "barnard" in name]
WAITING = [name for name in CASES if name not in BARNARD]


def test_there_are_thirteen() -> None:
    assert (len(BARNARD), len(WAITING)) == (4, 9)


@pytest.mark.parametrize("name", BARNARD)
def test_barnard_keeps_ties(name: str) -> None:
    # The printed value loses ties of the statistic to rounding; "correct" is from
    # an ordering in rational arithmetic.
    case = CASES[name]
    p = case.ask(adapter)
    assert judge.disagreement(case.expect["correct"], p, 0.0, case.atol) == ""
    printed = case.expect["scipy_1_17_1"]
    assert judge.disagreement(printed, p, 0.0, case.atol) != ""


@pytest.mark.parametrize("name", WAITING)
def test_a_method_that_is_built_needs_its_right_value_here(name: str) -> None:
    with pytest.raises(NotImplementedError):
        CASES[name].ask(adapter)
