"""Numbers and names as results print them."""

import math

from k2stats._typing import Floats


def fixed(x: float | Floats, digits: int = 4) -> str:
    """Return a number with so many decimals, scientific where that shows nothing.

    Examples
    --------
    >>> fixed(0.48943), fixed(1.2e-7), fixed(float("nan")), fixed(float("inf"))
    ('0.4894', '1.2e-07', '-', 'inf')
    >>> fixed(100000000.31), fixed(1e15)
    ('100000000.3', '1e+15')
    """
    value = float(x)
    if math.isnan(value):
        return "-"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    if 1e7 <= abs(value) < 1e12:
        return f"{value:.10g}"  # a mean of 1e8 is not the same as its limits
    if (value != 0.0 and abs(value) < 0.5 * 10.0**-digits) or abs(value) >= 1e12:
        return f"{value:.2g}" if abs(value) < 1.0 else f"{value:.6g}"
    return f"{value:.{digits}f}"


def p_text(p: float | Floats) -> str:
    """Return a p-value with its sign of relation.

    Examples
    --------
    >>> p_text(0.00193), p_text(0.00001), p_text(1.0), p_text(float("nan"))
    ('= 0.0019', '< 0.0001', '= 1.0000', 'undefined')
    """
    value = float(p)
    if math.isnan(value):
        return "undefined"
    return "< 0.0001" if value < 0.0001 else f"= {value:.4f}"


def p_cell(p: float | Floats) -> str:
    """Return a p-value for a cell of a table, where the sign of equality is left out.

    Examples
    --------
    >>> p_cell(0.00193), p_cell(0.00001), p_cell(float("nan"))
    ('0.0019', '< 0.0001', '-')
    """
    return "-" if math.isnan(float(p)) else p_text(p).removeprefix("= ")


def percent(level: float) -> str:
    """Return a confidence level in percent.

    Examples
    --------
    >>> percent(0.95), percent(0.999)
    ('95%', '99.9%')
    """
    return f"{100.0 * level:.10g}%"


def interval_words(
    level: float, low: float | Floats, high: float | Floats, digits: int
) -> str:
    """Return a confidence interval with its level.

    Examples
    --------
    >>> interval_words(0.95, 0.33, 0.7257, 3)
    '95% CI 0.330 to 0.726'
    >>> interval_words(0.9, math.nan, math.nan, 3)
    '90% CI undefined'
    """
    if math.isnan(float(low)) and math.isnan(float(high)):
        return f"{percent(level)} CI undefined"
    return f"{percent(level)} CI {fixed(low, digits)} to {fixed(high, digits)}"


def count(number: float | Floats, noun: str, plural: str = "") -> str:
    """Return a number with its noun.

    Examples
    --------
    >>> count(1, "study", "studies"), count(13, "study", "studies")
    ('1 study', '13 studies')
    """
    n = round(float(number))
    return f"{n} {noun if n == 1 else plural or noun + 's'}"


def whole(df: float | Floats) -> str:
    """Return degrees of freedom, with decimals only where they have any.

    Examples
    --------
    >>> whole(12.0), whole(10.51371), whole(float("inf")), whole(float("nan"))
    ('12', '10.51', 'inf', '-')
    """
    value = float(df)
    if not math.isfinite(value):
        return "-" if math.isnan(value) else "inf"
    return f"{value:.0f}" if value == round(value) else f"{value:.2f}"


def degrees(df: float | Floats) -> str:
    """Return a number of degrees of freedom with their name.

    Examples
    --------
    >>> degrees(1.0), degrees(12.0)
    ('1 degree of freedom', '12 degrees of freedom')
    """
    return f"{whole(df)} degree{'' if float(df) == 1.0 else 's'} of freedom"


def by_method(label: str) -> str:
    """Return how something was computed, from the label of a method.

    Examples
    --------
    >>> by_method("Hartung-Knapp"), by_method("t with k - 1 degrees of freedom")
    ('by the Hartung-Knapp method', 'as follows: t with k - 1 degrees of freedom')
    """
    name = label.replace(" (", "-").split("-")[0]
    if name[:1].isupper() and "," not in label and " " not in name:
        return f"by the {label} method"
    return f"as follows: {label}"
