"""Printed numbers and the values they could stand for."""

import decimal
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k2stats.errors import InvalidEvidenceError
from k2stats.evidence import Reported, Rounding
from k2stats.evidence.reported import reported

MODES: dict[Rounding, str] = {
    "half_up": decimal.ROUND_HALF_UP,
    "half_down": decimal.ROUND_HALF_DOWN,
    "half_even": decimal.ROUND_HALF_EVEN,
    "truncate": decimal.ROUND_DOWN,
    "floor": decimal.ROUND_FLOOR,
    "ceiling": decimal.ROUND_CEILING,
}
# thousandths land on halves of a printed unit often
VALUES = st.one_of(
    st.integers(-20_000, 20_000).map(lambda k: Decimal(k) / 1000),
    st.decimals(-1000, 1000, places=7),
)
PLACES = st.integers(0, 4)


def printed(value: Decimal, places: int, mode: str) -> str:
    """Print `value` to `places` decimals by a rule of the decimal module."""
    return f"{value.quantize(Decimal(1).scaleb(-places), rounding=mode):f}"


@given(VALUES, PLACES, st.sampled_from(list(MODES)))
def test_a_print_holds_the_value_under_its_rule(
    value: Decimal, places: int, rule: Rounding
) -> None:
    text = printed(value, places, MODES[rule])
    assert Fraction(value) in Reported(text, rounding=rule).interval


@given(VALUES, PLACES, st.sampled_from(list(MODES)))
def test_a_print_holds_no_value_that_prints_otherwise(
    value: Decimal, places: int, rule: Rounding
) -> None:
    text = printed(value, places, MODES[rule])
    ulp = Decimal(1).scaleb(-places)
    for other in (Decimal(text) - ulp, Decimal(text) + ulp):
        elsewhere = Reported(printed(other, places, MODES[rule]), rounding=rule)
        assert Fraction(value) not in elsewhere.interval


@given(VALUES, PLACES, st.sampled_from(["half_up", "half_down", "half_even"]))
def test_nearest_holds_every_rounding_to_nearest(
    value: Decimal, places: int, rule: Rounding
) -> None:
    assert Fraction(value) in Reported(printed(value, places, MODES[rule])).interval


@given(st.floats(-1e6, 1e6), st.integers(0, 6))
def test_a_formatted_float_is_held(value: float, places: int) -> None:
    # format rounds the exact binary value, halves to even
    for rule in ("nearest", "half_even"):
        assert value in Reported(f"{value:.{places}f}", rounding=rule).interval


@given(st.floats(1e-12, 1e12), st.integers(0, 6))
def test_a_float_in_exponent_form_is_held(value: float, places: int) -> None:
    assert value in Reported(f"{value:.{places}e}").interval


@given(st.integers(0, 500), st.integers(1, 500), st.integers(0, 4))
def test_a_percentage_holds_its_share(events: int, n: int, places: int) -> None:
    percent = Decimal(100 * events) / Decimal(n)
    text = printed(percent, places, decimal.ROUND_HALF_UP)
    share = Reported(f"{text}%")
    assert share.is_percentage
    # 28 digits of the decimal quotient are far from any half of these units
    assert Fraction(events, n) in share.interval
    assert Fraction(text) / 100 == share.value


@given(st.integers(-(10**9), 10**9), st.integers(0, 3))
def test_thousands_separators_change_nothing(number: int, places: int) -> None:
    plain = f"{number / 10**places:.{places}f}"
    grouped = f"{number / 10**places:,.{places}f}"
    assert Reported(grouped).interval == Reported(plain).interval


@given(VALUES, PLACES)
def test_typographic_minus_signs(value: Decimal, places: int) -> None:
    text = printed(abs(value), places, decimal.ROUND_HALF_EVEN)
    for mark in "\u2212\u2013":
        assert Reported(mark + text).interval == Reported("-" + text).interval


@given(VALUES, PLACES)
def test_digits_are_the_precision(value: Decimal, places: int) -> None:
    text = printed(value, places, decimal.ROUND_HALF_EVEN)
    number = Reported(text)
    assert number.half_unit == Fraction(1, 2 * 10**places)
    low, high = number.interval.low, number.interval.high
    assert Fraction(high) - Fraction(low) == 2 * number.half_unit
    assert (Fraction(low) + Fraction(high)) / 2 == number.value


def test_trailing_zeros_matter() -> None:
    assert Reported("0.40") != Reported("0.4")
    assert Reported("0.44").interval.intersects(Reported("0.4").interval)
    assert not Reported("0.44").interval.intersects(Reported("0.40").interval)


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("<0.001", ["0", "0.0009999", "-1"], ["0.001", "0.5"]),
        ("< .001", ["0.0009999"], ["0.001"]),
        ("<=0.05", ["0.05"], ["0.0500001"]),
        ("\u22640.05", ["0.05"], ["0.0500001"]),
        (">0.05", ["0.0500001", "7"], ["0.05"]),
        (">=800", ["800", "1e9"], ["799.9999"]),
        ("\u2265800", ["800"], ["799.9999"]),
        ("<5%", ["0.0499"], ["0.05"]),
        ("=0.044", ["0.0435", "0.0445"], ["0.0434", "0.0446"]),
    ],
)
def test_bounds(text: str, inside: list[str], outside: list[str]) -> None:
    interval = Reported(text).interval
    assert all(Fraction(x) in interval for x in inside)
    assert not any(Fraction(x) in interval for x in outside)
    assert Reported(text).is_bound is (text[0] != "=")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("91.67%", Fraction(9167, 10000)),
        ("91.67 %", Fraction(9167, 10000)),
        ("2,193", Fraction(2193)),
        ("1,234,567.5", Fraction(12345675, 10)),
        (".044", Fraction(44, 1000)),
        ("0\u00b7044", Fraction(44, 1000)),
        ("+3", Fraction(3)),
        ("6.4e-21", Fraction(64, 10**22)),
        ("2.", Fraction(2)),
        ("18\u2009176", Fraction(18176)),
        (" 0.5 ", Fraction(1, 2)),
    ],
)
def test_values(text: str, value: Fraction) -> None:
    assert Reported(text).value == value
    assert value in Reported(text).interval


def test_exact_numbers_have_no_width() -> None:
    count = Reported("36", exact=True)
    assert Fraction(36) in count.interval
    assert Fraction(36) + Fraction(1, 10**30) not in count.interval


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", ".", "-", "%", "p", "0,5", "1,23", "1,2345", "1.2.3", "0.05*"),
        *("0,044", "00,123"),  # a decimal comma is no thousands separator
        *("nan", "inf", "1e", "0x10", "1/2", "5 6", "<", "<<3", "4.92 97.89%"),
        "9" * 61,
    ],
)
def test_text_that_is_no_printed_number(text: str) -> None:
    with pytest.raises(
        InvalidEvidenceError,
        match=r"Reported must be a printed number such as '0.044', '<.001'",
    ):
        Reported(text)


def test_long_text_is_cut_in_the_message() -> None:
    with pytest.raises(InvalidEvidenceError) as caught:
        Reported("7" * 10_000)
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize("text", ["1e999", "1e-401", "1e99999999999"])
def test_exponents_out_of_range(text: str) -> None:
    with pytest.raises(InvalidEvidenceError, match=r"within 1e-400 to 1e400"):
        Reported(text)


@pytest.mark.parametrize("value", [0.4, 4, None, True, Decimal("0.4"), b"0.4"])
def test_numbers_are_refused_for_their_digits_are_lost(value: object) -> None:
    with pytest.raises(InvalidEvidenceError, match=r"text, to keep the digits"):
        Reported(value)  # type: ignore[arg-type]


def test_unknown_rounding_is_named_with_those_known() -> None:
    with pytest.raises(
        InvalidEvidenceError, match=r"rounding must be one of nearest, half_up.*'up'"
    ):
        Reported("0.4", rounding="up")  # type: ignore[arg-type]


def test_unit_is_kept_and_shown() -> None:
    assert str(Reported("35", unit="pg/L")) == "35 pg/L"
    assert Reported("35", unit="pg/L") != Reported("35", unit="pg/mL")
    assert str(Reported("91.67%")) == "91.67%"


def test_text_is_taken_as_printed() -> None:
    number = Reported("0.5")
    assert reported(number) is number
    assert reported("0.5") == number
    assert reported("0.5", "mL").unit == "mL"
