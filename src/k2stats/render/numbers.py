"""Numbers and text as a reader should see them."""

import math
import unicodedata

MISSING = "\u2013"
INFINITY = "\u221e"


def significant(
    value: float,
    digits: int = 4,
    *,
    missing: str = MISSING,
    infinity: str = INFINITY,
) -> str:
    """Return `value` with `digits` significant digits.

    Whole numbers and numbers of more than `digits` whole digits are printed as
    whole numbers, so that 18176 is not shown as 1.818e+04. Trailing zeros are kept:
    they say how far the number is known. Below 1e-4 the form is scientific.

    Parameters
    ----------
    value : float
    digits : int
        At least 1.
    missing, infinity : str
        What stands for NaN and for an infinite value.

    Examples
    --------
    >>> [significant(x) for x in (0.05, 273.2436, 18176.4, 2.0, 1.5e-7)]
    ['0.05000', '273.2', '18176', '2', '1.500e-07']
    >>> significant(float("-inf")), significant(float("nan"), missing="none")
    ('-∞', 'none')
    """
    if math.isnan(value):
        return missing
    if math.isinf(value):
        return infinity if value > 0 else f"-{infinity}"
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    size = abs(value)
    rounded = float(f"{size:.{digits - 1}e}")  # 9999.96 has five whole digits
    if 10.0**digits <= rounded and size < 1e15:
        return f"{value:.0f}"
    if size < 1e-4 or size >= 1e15:
        return f"{value:.{digits - 1}e}"
    return f"{value:#.{digits}g}".removesuffix(".")


def span(low: float, high: float, digits: int = 4) -> str:
    """Return one number where both ends print alike, else both.

    Examples
    --------
    >>> span(0.0435, 0.0435), span(0.0198, 0.0301, 2)
    ('0.04350', '0.020 to 0.030')
    """
    first, last = significant(low, digits), significant(high, digits)
    return first if first == last else f"{first} to {last}"


def printable(text: str) -> str:
    r"""Replace what a terminal or an XML reader would take for a command.

    Control characters, lone surrogates and the marks that reverse the direction
    of text become U+FFFD; newlines and tabs become spaces.

    Examples
    --------
    >>> printable("a\x1b[31mb\nc")
    'a�[31mb c'
    """
    return "".join(map(_printable, text)) if not text.isascii() else _ascii(text)


def _ascii(text: str) -> str:
    """Return ASCII text without control characters, quickly where it has none."""
    return text if text.isprintable() else "".join(map(_printable, text))


def _printable(char: str) -> str:
    """Return one character, made harmless."""
    if char in "\n\t\r":
        return " "
    if char in "\u200c\u200d":  # joiners, part of many scripts' spelling
        return char
    kind = unicodedata.category(char)
    harmful = kind in ("Cc", "Cf", "Cs", "Zl", "Zp") or char in "\ufffe\uffff"
    return "\ufffd" if harmful and char != "\u00ad" else char


def display_width(text: str) -> int:
    """Return the columns `text` takes in a terminal.

    Examples
    --------
    >>> display_width("骨密度"), display_width("naïve"), display_width("e\u0301")
    (6, 5, 1)
    """
    if text.isascii():
        return len(text)
    return sum(
        0
        if unicodedata.combining(c) or c in "\u200c\u200d\u00ad"
        else 1 + (unicodedata.east_asian_width(c) in "WF")
        for c in text
    )
