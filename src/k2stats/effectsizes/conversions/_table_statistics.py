"""Statistics of a 2x2 table in rational arithmetic, and as floats to sift with."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import comb

import numpy as np

from k2stats._typing import Floats, Ints
from k2stats.numerics.interval import Interval

CLEAR = 1e-9


def _ratio(top: int, bottom: int) -> Fraction | float:
    """Quotient; infinite over 0 and NaN for 0 over 0."""
    if bottom == 0:
        return float("inf") if top > 0 else float("nan")
    return Fraction(top, bottom)


def _squares(a: int, b: int, c: int, d: int) -> tuple[int, int, int]:
    """Return N, the cross difference and the product of the margins."""
    return a + b + c + d, a * d - b * c, (a + b) * (c + d) * (a + c) * (b + d)


def _exact_phi(a: int, b: int, c: int, d: int) -> Fraction | float:
    """Signed square of phi, which is rational where phi is not."""
    _, cross, product = _squares(a, b, c, d)
    return _ratio(cross * abs(cross), product) if product else float("nan")


def _exact_chi2(a: int, b: int, c: int, d: int) -> Fraction | float:
    total, cross, product = _squares(a, b, c, d)
    return Fraction(total * cross**2, product) if product else float("nan")


def _exact_yates(a: int, b: int, c: int, d: int) -> Fraction | float:
    total, cross, product = _squares(a, b, c, d)
    if not product:
        return float("nan")
    return total * max(abs(cross) - Fraction(total, 2), Fraction(0)) ** 2 / product


def _exact_fisher(a: int, b: int, c: int, d: int) -> Fraction | float:
    """Two-sided p: all tables that are no more probable, ties exact."""
    n1, n2, m = a + b, c + d, a + c
    weights = [
        comb(n1, x) * comb(n2, m - x) for x in range(max(0, m - n2), min(n1, m) + 1)
    ]
    observed = comb(n1, a) * comb(n2, c)
    return Fraction(sum(w for w in weights if w <= observed), comb(n1 + n2, m))


def _times_size(x: Fraction | float) -> Fraction | float:
    """Square that keeps the sign."""
    return x * x if x >= 0 else -(x * x)


def _signed_square(window: Interval) -> Interval:
    """Window of the signed square; increasing, so ends map to ends."""
    return Interval(
        _times_size(window.low),
        _times_size(window.high),
        window.low_closed,
        window.high_closed,
    )


def _float_products(cells: Ints) -> tuple[Floats, ...]:
    a, b, c, d = (x.astype(float) for x in cells.T)
    total = a + b + c + d
    return total, a * d - b * c, (a + b) * (c + d) * (a + c) * (b + d)


def _float_odds_ratio(cells: Ints) -> Floats:
    a, b, c, d = (x.astype(float) for x in cells.T)
    return np.asarray(a * d / (b * c))


def _float_risk_ratio(cells: Ints) -> Floats:
    a, b, c, d = (x.astype(float) for x in cells.T)
    return np.asarray(a * (c + d) / (c * (a + b)))


def _float_phi(cells: Ints) -> Floats:
    _, cross, product = _float_products(cells)
    return np.asarray(cross * np.abs(cross) / product)


def _float_chi2(cells: Ints) -> Floats:
    total, cross, product = _float_products(cells)
    return np.asarray(total * cross**2 / product)


def _float_yates(cells: Ints) -> Floats:
    total, cross, product = _float_products(cells)
    return np.asarray(
        total * np.maximum(np.abs(cross) - total / 2.0, 0.0) ** 2 / product
    )


@dataclass(frozen=True, slots=True)
class TableStatistic:
    """One printed number of a table: exact, and as floats to sift quickly."""

    exact: Callable[[int, int, int, int], Fraction | float]
    floats: Callable[[Ints], Floats] | None
    window: Callable[[Interval], Interval] = lambda window: window


TABLE_STATISTICS = {
    "odds_ratio": TableStatistic(
        lambda a, b, c, d: _ratio(a * d, b * c), _float_odds_ratio
    ),
    "risk_ratio": TableStatistic(
        lambda a, b, c, d: _ratio(a * (c + d), c * (a + b)), _float_risk_ratio
    ),
    "phi": TableStatistic(_exact_phi, _float_phi, _signed_square),
    "chi2": TableStatistic(_exact_chi2, _float_chi2),
    "chi2_yates": TableStatistic(_exact_yates, _float_yates),
    "fisher_p": TableStatistic(_exact_fisher, None),
}


def keep_within(cells: Ints, statistic: TableStatistic, window: Interval) -> Ints:
    """Tables whose statistic lies in the window; only the edges cost rationals."""
    edges = np.ones(len(cells), dtype=bool)
    inside = np.zeros(len(cells), dtype=bool)
    if statistic.floats is not None:
        with np.errstate(all="ignore"):
            values = statistic.floats(cells)
            low, high = window.floats()
            slack_low, slack_high = (CLEAR * (abs(x) + 1e-12) for x in (low, high))
            inside = (values > low + slack_low) & (values < high - slack_high)
            edges = (values >= low - slack_low) & (values <= high + slack_high)
        edges &= ~inside
    for i in np.flatnonzero(edges):
        a, b, c, d = (int(x) for x in cells[i])
        inside[i] = statistic.exact(a, b, c, d) in window
    return cells[inside]
