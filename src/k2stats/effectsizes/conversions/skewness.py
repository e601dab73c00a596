"""Whether a five-number summary speaks against symmetric data."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from k2stats._typing import Bools, Floats
from k2stats.effectsizes.conversions._shared import conversion
from k2stats.effectsizes.conversions.five_number import quantiles_of
from k2stats.evidence._coerce import frozen


@dataclass(frozen=True, slots=True, eq=False)
class SkewnessTest:
    """Shi's test of normality against skewness at the 5% level.

    Attributes
    ----------
    statistic, critical : ndarray
        The data are skewed where the first exceeds the second.
    skewed : ndarray of bool
        False where the row is missing.
    scenario : ndarray of str
    """

    statistic: Floats
    critical: Floats
    skewed: Bools
    scenario: np.ndarray[tuple[int, ...], np.dtype[np.str_]]


@conversion(
    "spread",
    label="Skewness of a five-number summary",
    reference="Shi J et al. Stat Methods Med Res 2023;32:1338",
    equation="T3 = max(2.65 ln(0.6 n)/sqrt(n) |a+b-2m|/(b-a), |q1+q3-2m|/(q3-q1))",
)
def skewness_test(
    n: ArrayLike,
    *,
    minimum: ArrayLike | None = None,
    q1: ArrayLike | None = None,
    median: ArrayLike | None = None,
    q3: ArrayLike | None = None,
    maximum: ArrayLike | None = None,
) -> SkewnessTest:
    r"""Test from quantiles whether the data behind them are skewed.

    .. math::
        T_1 = \frac{|a + b - 2m|}{b - a}, \quad
        T_2 = \frac{|q_1 + q_3 - 2m|}{q_3 - q_1}, \quad
        T_3 = \max\left(\frac{2.65 \ln(0.6 n)}{\sqrt n} T_1,\ T_2\right)

    against the 95th centile for normal data,

    .. math::
        c_1 = \frac{1.01}{\ln(n + 9)} + \frac{2.43}{n + 1}, \quad
        c_2 = \frac{2.65}{\sqrt n} - \frac{6}{n^2}, \quad
        c_3 = \frac{3}{\sqrt n} - \frac{40}{n^3}.

    Where it rejects, mean and SD from normal-theory formulas mislead; the methods
    ``"bc"``, ``"mln"`` and ``"qe"`` allow for skewness.

    Parameters
    ----------
    n, minimum, q1, median, q3, maximum
        As in :func:`mean_sd_from_quantiles`.

    Returns
    -------
    SkewnessTest

    Raises
    ------
    InvalidEvidenceError, MissingInputError
        As :func:`mean_sd_from_quantiles`.

    References
    ----------
    Shi J, Luo D, Wan X, Liu Y, Liu J, Bian Z, Tong T (2023). Detecting the skewness
    of data from the five-number summary and its application in meta-analysis.
    Statistical Methods in Medical Research 32:1338.

    Examples
    --------
    >>> test = skewness_test(60, minimum=1, q1=3, median=5, q3=9, maximum=20)
    >>> float(test.statistic.round(6)), float(test.critical.round(6)), bool(test.skewed)
    (0.709772, 0.387113, True)
    """
    found = quantiles_of(minimum, q1, median, q3, maximum, n)
    shape = found.size.shape
    statistic, critical = np.full(shape, np.nan), np.full(shape, np.nan)
    with np.errstate(all="ignore"):
        for word, (where, values, size) in found.parts.items():
            statistic[where], critical[where] = _STATISTICS[word](values, size)
        skewed = np.asarray(statistic > critical)
    return SkewnessTest(frozen(statistic), frozen(critical), skewed, found.scenario)


def _lean(low: Floats, middle: Floats, high: Floats) -> Floats:
    return np.asarray(np.abs(low + high - 2.0 * middle) / (high - low))


def _of_range(q: Floats, n: Floats) -> tuple[Floats, Floats]:
    return _lean(*q), 1.01 / np.log(n + 9.0) + 2.43 / (n + 1.0)


def _of_quartiles(q: Floats, n: Floats) -> tuple[Floats, Floats]:
    return _lean(*q), 2.65 / np.sqrt(n) - 6.0 / (n * n)


def _of_five(q: Floats, n: Floats) -> tuple[Floats, Floats]:
    a, lower, m, upper, b = q
    root = np.sqrt(n)
    ends = 2.65 * np.log(0.6 * n) / root * _lean(a, m, b)
    # Quartiles that coincide say nothing of skewness.
    larger = np.fmax(ends, _lean(lower, m, upper))
    return larger, 3.0 / root - 40.0 / (n * n * n)


_STATISTICS = {"S1": _of_range, "S2": _of_quartiles, "S3": _of_five}
"""Statistic and critical value of each scenario."""
