"""Statements a source makes: what is refused, and how they print."""

from typing import get_args

import pytest

from k2stats.errors import InvalidEvidenceError
from k2stats.evidence import (
    Derived,
    Direction,
    Horizon,
    NumberNeeded,
    Printing,
    PValue,
    Qualitative,
    RatioCI,
    RatioWithCI,
    Reported,
    SameQuantity,
)
from k2stats.evidence.statements import Operation


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "0.",
        "=0",
        "00",
        "1.2",
        "1.01",
        "-0.04",
        "<0",
        "<-1",
        ">1",
        ">=1",
        "<1.2",
        "44",
    ],
)
def test_p_values_that_are_none(text: str) -> None:
    with pytest.raises(InvalidEvidenceError, match=r"p must be above 0 and at most 1"):
        PValue(Reported(text))


@pytest.mark.parametrize(
    "text",
    ["0.044", ".044", "0.000", "0.0", "<0.001", "<.0001", ">0.05", "1", "1.00", "4.4%"],
)
def test_p_values(text: str) -> None:
    assert PValue(Reported(text)).value.text == text


def test_p_values_print() -> None:
    assert str(PValue(Reported("0.044"))) == "p = 0.044"
    assert str(PValue(Reported("<0.001"))) == "p <0.001"
    assert str(PValue(Reported("= 0.044"))) == "p = 0.044"


def test_ratio_statement() -> None:
    ratio = RatioWithCI("HR", Reported("1.17"), Reported("1.02"), Reported("1.34"))
    assert RatioCI(ratio).kind == "HR"
    assert str(RatioCI(ratio)) == "HR 1.17 (1.02 to 1.34)"


def test_number_needed() -> None:
    bare = NumberNeeded("NNH", Reported("273"))
    assert str(bare) == "NNH 273, no horizon given"
    over = NumberNeeded("NNH", Reported("273"), Horizon(Reported("7.0"), "y"))
    assert str(over) == "NNH 273 over 7.0 y"
    with pytest.raises(InvalidEvidenceError, match=r"value must be at least 1"):
        NumberNeeded("NNT", Reported("0.4"))
    with pytest.raises(InvalidEvidenceError, match=r"kind must be 'NNT' or 'NNH'"):
        NumberNeeded("NNB", Reported("4"))  # type: ignore[arg-type]
    with pytest.raises(InvalidEvidenceError, match=r"horizon must be positive"):
        Horizon(Reported("0"), "y")


def printing(text: str, where: str = "text") -> Printing:
    """Return a number at a place."""
    return Printing(Reported(text), where)


def test_same_quantity() -> None:
    same = SameQuantity("femur BMD", (printing("0.53", "table"), printing("0.569")))
    assert str(same) == "femur BMD: 0.53 (table), 0.569 (text)"
    with pytest.raises(InvalidEvidenceError, match=r"printings must be at least two"):
        SameQuantity("femur BMD", (printing("0.53"),))


@pytest.mark.parametrize("operation", get_args(Operation))
def test_derived(operation: Operation) -> None:
    two = (printing("866"), printing("196"))
    derived = Derived(operation, Reported(">3"), two)
    assert str(derived) == f"{operation} of 866, 196 is >3"
    paired = operation in ("difference", "percentage", "fold")
    one_or_three = [two[:1], (*two, two[0])]
    for parts in one_or_three if paired else [()]:
        with pytest.raises(InvalidEvidenceError, match=r"parts must be (two|at least)"):
            Derived(operation, Reported(">3"), parts)


def test_derived_by_an_unknown_operation() -> None:
    with pytest.raises(
        InvalidEvidenceError, match=r"operation must be one of mean, sum.*got 'ratio'"
    ):
        Derived("ratio", Reported("3"), (printing("6"), printing("2")))  # type: ignore[arg-type]


def test_direction() -> None:
    assert str(Direction("higher", significant=True)) == "significantly higher"
    assert str(Direction("lower", significant=False, words="n.s.")) == (
        'not significantly lower ("n.s.")'
    )
    assert str(Direction("no difference")) == "no difference"
    with pytest.raises(InvalidEvidenceError, match=r"of must be 'higher', 'lower' or"):
        Direction("better")  # type: ignore[arg-type]
    for alpha in (0.0, 1.0, 5.0):
        with pytest.raises(
            InvalidEvidenceError, match=r"alpha must be between 0 and 1"
        ):
            Direction("higher", alpha=alpha)


def test_qualitative() -> None:
    assert (
        str(Qualitative("sustained lumbar BMD", ("means",))) == "sustained lumbar BMD"
    )
