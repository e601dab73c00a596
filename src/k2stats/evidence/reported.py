"""A number exactly as printed, and the values it could stand for."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import inf
from typing import Literal, TypeAlias, get_args

from k2stats.errors import InvalidEvidenceError
from k2stats.numerics.interval import Interval

Rounding: TypeAlias = Literal[
    "nearest", "half_up", "half_down", "half_even", "truncate", "floor", "ceiling"
]
"""How the printed digits came from the value.

``nearest``: to the nearest, halves either way - what is known of most prints, and
the default, since it is sound whichever rule was used. ``half_up`` and
``half_down``: halves away from and towards zero. ``half_even``: halves to the even
digit. ``truncate``: towards zero. ``floor``, ``ceiling``: down, up.
"""

_COMPARATORS = {"<=": "≤", ">=": "≥", "<": "<", ">": ">", "≤": "≤", "≥": "≥", "=": ""}
_NUMBER = re.compile(
    r"""(?P<sign>[-+]?)
        (?P<digits>(?:[1-9]\d{0,2}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)
        (?:[eE](?P<exponent>[-+]?\d+))?
        \s*(?P<percent>%?)""",
    re.VERBOSE,
)
_LONGEST = 60
_TYPOGRAPHY = str.maketrans({"\u2212": "-", "\u2013": "-", "\u2009": "", "\u00b7": "."})
"""Minus sign, en dash, thin space and raised decimal point, as journals set them."""


@dataclass(frozen=True, slots=True)
class _Parsed:
    """The parts of a printed number."""

    comparator: str
    value: Fraction
    unit_in_last_place: Fraction
    even_last_digit: bool
    percent: bool


def _parse(text: str) -> _Parsed:
    body = text.strip().translate(_TYPOGRAPHY)
    comparator = ""
    for mark, meaning in _COMPARATORS.items():
        if body.startswith(mark):
            comparator, body = meaning, body[len(mark) :].strip()
            break
    match = _NUMBER.fullmatch(body) if len(body) <= _LONGEST else None
    if match is None:
        raise InvalidEvidenceError(
            field="Reported",
            requirement="a printed number such as '0.044', '<.001', '91.67%' or "
            "'2,193'",
            given=text if len(text) <= _LONGEST else text[:_LONGEST] + "...",
        )
    exponent = int(match["exponent"] or 0)
    if abs(exponent) > 400:
        raise InvalidEvidenceError(
            field="Reported", requirement="within 1e-400 to 1e400", given=text
        )
    number = Decimal(match["sign"] + match["digits"].replace(",", "").rstrip("."))
    places = int(number.as_tuple().exponent) + exponent
    percent = bool(match["percent"])
    value = Fraction(number) * Fraction(10) ** exponent
    ulp = Fraction(10) ** places
    return _Parsed(
        comparator,
        value / 100 if percent else value,
        ulp / 100 if percent else ulp,
        number.as_tuple().digits[-1] % 2 == 0,
        percent,
    )


_HALF_LINES: dict[str, Callable[[Fraction], Interval]] = {
    "<": lambda value: Interval(-inf, value, False, False),
    "≤": lambda value: Interval(-inf, value, False, True),
    ">": lambda value: Interval(value, inf, False, False),
    "≥": lambda value: Interval(value, inf, True, False),
}


def _rounding_interval(rule: Rounding, parsed: _Parsed) -> Interval:
    """Values that `rule` turns into the printed digits."""
    value, ulp = parsed.value, parsed.unit_in_last_place
    up = Interval(value, value + ulp, True, False)
    down = Interval(value - ulp, value, False, True)
    sign = (value > 0) - (value < 0)
    if rule == "floor":
        return up
    if rule == "ceiling":
        return down
    if rule == "truncate":
        return (Interval(-ulp, ulp, False, False), up, down)[sign]
    closed = {
        "nearest": (True, True),
        "half_up": (sign > 0, sign < 0),
        "half_down": (sign <= 0, sign >= 0),
        "half_even": (parsed.even_last_digit, parsed.even_last_digit),
    }[rule]
    return Interval(value - ulp / 2, value + ulp / 2, *closed)


@dataclass(frozen=True, slots=True)
class Reported:
    """A printed number; ``Reported("0.40")`` is not ``Reported("0.4")``.

    The text fixes the values it could stand for: half a unit in the last place
    either side, in rational arithmetic. A percentage stands for a proportion. A
    bound such as ``"<0.001"`` stands for the half-line.

    Parameters
    ----------
    text : str
        As printed: an optional comparator, sign, thousands commas, an exponent,
        ``%``. Typographic minus signs are read as minus.
    unit : str
        Unit as printed, e.g. ``"g/cm2"``; kept, compared, never converted
        silently.
    rounding : Rounding
        Rule by which the digits came about.
    exact : bool
        True for counts and other numbers that are not rounded.

    Raises
    ------
    InvalidEvidenceError
        If `text` is not a printed number or `rounding` not a known rule.

    Examples
    --------
    >>> print(Reported("2.20").interval)
    [2.195, 2.205]
    >>> print(Reported("<0.001").interval)
    (-inf, 0.001)
    >>> print(Reported("91.67%", rounding="half_up").interval)
    [0.91665, 0.91675)
    >>> Reported("0.40") == Reported("0.4")
    False
    """

    text: str
    unit: str = ""
    rounding: Rounding = "nearest"
    exact: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.text, str):
            raise InvalidEvidenceError(
                field="Reported",
                requirement='text, to keep the digits as printed ("0.40", not 0.4)',
                given=self.text,
            )
        if self.rounding not in get_args(Rounding):
            raise InvalidEvidenceError(
                field="rounding",
                requirement=f"one of {', '.join(get_args(Rounding))}",
                given=self.rounding,
            )
        _parse(self.text)

    @property
    def value(self) -> Fraction:
        """The printed number itself, a percentage as a proportion."""
        return _parse(self.text).value

    @property
    def comparator(self) -> str:
        """``""``, ``"<"``, ``">"``, ``"≤"`` or ``"≥"``."""
        return _parse(self.text).comparator

    @property
    def is_bound(self) -> bool:
        """Whether the print gives a bound and not a value."""
        return self.comparator != ""

    @property
    def is_percentage(self) -> bool:
        """Whether the print carries a percent sign."""
        return _parse(self.text).percent

    @property
    def half_unit(self) -> Fraction:
        """Half a unit in the last printed place, on the scale of `value`."""
        return _parse(self.text).unit_in_last_place / 2

    @property
    def interval(self) -> Interval:
        """Every value that would be printed as `text`."""
        parsed = _parse(self.text)
        value = parsed.value
        if parsed.comparator:
            return _HALF_LINES[parsed.comparator](value)
        if self.exact:
            return Interval.point(value)
        return _rounding_interval(self.rounding, parsed)

    def __str__(self) -> str:
        return f"{self.text} {self.unit}".strip()


def reported(value: "Reported | str", unit: str = "") -> Reported:
    """Return `value` as :class:`Reported`; text is taken as printed."""
    return value if isinstance(value, Reported) else Reported(value, unit)
