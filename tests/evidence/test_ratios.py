"""Ratios with intervals, and horizons: what is refused."""

import pytest

from k2stats._typing import RatioKind
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence import Horizon, RatioWithCI, Reported


def ratio(
    estimate: str,
    low: str,
    high: str,
    *,
    kind: RatioKind = "RR",
    level: float = 0.95,
) -> RatioWithCI:
    """Return a printed ratio."""
    return RatioWithCI(kind, Reported(estimate), Reported(low), Reported(high), level)


def test_print() -> None:
    assert str(ratio("1.17", "1.02", "1.34", kind="HR")) == "HR 1.17 (1.02 to 1.34)"


@pytest.mark.parametrize(
    ("estimate", "low", "high", "message"),
    [
        ("2.00", "0.50", "1.50", r"estimate must be inside its interval 0.50 to 1.50"),
        ("0.40", "0.50", "1.50", r"estimate must be inside its interval .*got '0.40'"),
        # one unit outside: the windows only touch
        ("1.51", "0.50", "1.50", r"estimate must be inside its interval"),
        ("0.49", "0.50", "1.50", r"estimate must be inside its interval"),
        ("1.00", "1.50", "0.50", r"low, high must be in order, got '1.50 to 0.50'"),
        ("1.00", "1.01", "1.00", r"low, high must be in order"),
        ("-0.5", "0.50", "1.50", r"estimate must be a positive ratio, got '-0.5'"),
        ("1.0", "-0.6", "1.50", r"low must be a positive ratio, got '-0.6'"),
        ("<0.5", "0.50", "1.50", r"estimate must be a number, not a bound, got '<0.5'"),
        ("1.0", "0.5", ">9", r"high must be a number, not a bound, got '>9'"),
    ],
)
def test_refusals(estimate: str, low: str, high: str, message: str) -> None:
    with pytest.raises(InvalidEvidenceError, match=message):
        ratio(estimate, low, high)


@pytest.mark.parametrize(
    ("estimate", "low", "high"),
    [
        ("1.00", "1.00", "1.00"),
        ("0.3", "0.05", "1.74"),
        ("0.1", "0.0", "0.4"),
        # printed to fewer digits than the limits: 2 may stand for 1.5
        ("2", "0.50", "1.51"),
    ],
)
def test_what_rounding_allows_is_accepted(estimate: str, low: str, high: str) -> None:
    assert ratio(estimate, low, high).estimate.text == estimate


def test_other_fields() -> None:
    with pytest.raises(InvalidEvidenceError, match=r"kind must be 'RR', 'OR' or 'HR'"):
        ratio("1.17", "1.02", "1.34", kind="rr")  # type: ignore[arg-type]
    for level in (95.0, 1.0, 0.0, float("nan")):
        with pytest.raises(
            InvalidEvidenceError, match=r"level must be between 0 and 1"
        ):
            ratio("1.17", "1.02", "1.34", level=level)


def test_horizon() -> None:
    assert str(Horizon(Reported("7.0"), "y")) == "7.0 y"
    for length in ("-7", "<0"):
        with pytest.raises(InvalidEvidenceError, match=r"horizon must be positive"):
            Horizon(Reported(length), "y")
    with pytest.raises(InvalidEvidenceError, match=r"unit must be one of d, wk, mo, y"):
        Horizon(Reported("7"), "years")  # type: ignore[arg-type]
