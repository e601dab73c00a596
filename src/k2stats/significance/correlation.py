"""Tests and intervals of a correlation coefficient."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from k2stats._registry import Registry
from k2stats._typing import Floats
from k2stats.evidence import Correlation
from k2stats.numerics.interval import Interval
from k2stats.significance._base import TestResult
from k2stats.significance._intervals import IntervalResult
from k2stats.significance.enclosures import Enclosure, PValueRange
from k2stats.significance.ratio_conversions import normal_quantile

CorrelationTest: TypeAlias = Callable[[Floats, Floats], TestResult]
"""Takes correlations and numbers of pairs, broadcast together."""

CORRELATION_TESTS: Registry[CorrelationTest] = Registry("test of a correlation")
"""Tests of no correlation; each p-value falls as ``|r|`` grows."""


@CORRELATION_TESTS.register(
    "correlation-t",
    label="t of the correlation",
    reference="Fisher (1915) Biometrika 10:507-521",
    equation="t = r sqrt((n - 2) / (1 - r^2)) on n - 2 df",
    traits=("closed-form",),
)
def correlation_t(r: Floats, n: Floats) -> TestResult:
    r"""Test a Pearson correlation by t, exact for bivariate normal data.

    .. math:: t = r \sqrt{\frac{n - 2}{1 - r^2}}, \quad \nu = n - 2

    Infinite, with p = 0, for a correlation of exactly 1.

    Examples
    --------
    >>> correlation_t(np.array([0.22]), np.array([30.0])).p.round(6)
    array([0.242739])
    """
    r, n = np.asarray(r, dtype=float), np.asarray(n, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        # (1 - r)(1 + r) keeps the digits that 1 - r^2 loses near 1
        t = r * np.sqrt((n - 2.0) / ((1.0 - r) * (1.0 + r)))
    return TestResult(np.asarray(t), "t", np.asarray(n - 2.0))


@CORRELATION_TESTS.register(
    "fisher-z",
    label="Fisher's z transformation",
    reference="Fisher (1921) Metron 1:3-32",
    equation="z = atanh(r) sqrt(n - 3)",
    traits=("closed-form",),
)
def fisher_z(r: Floats, n: Floats) -> TestResult:
    r"""Test a correlation by its inverse hyperbolic tangent.

    .. math:: z = \operatorname{artanh}(r) \sqrt{n - 3}

    Examples
    --------
    >>> fisher_z(np.array([0.22]), np.array([30.0])).p.round(4)
    array([0.2452])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return TestResult(np.asarray(np.arctanh(r) * np.sqrt(np.asarray(n) - 3.0)))


def fisher_z_interval(r: Floats, n: Floats, level: float = 0.95) -> IntervalResult:
    r"""Interval of a correlation by Fisher's z.

    .. math:: \tanh\!\left(\operatorname{artanh}(r)
        \pm \frac{z_{1 - \alpha / 2}}{\sqrt{n - 3}}\right)

    References
    ----------
    Fisher (1921) Metron 1:3-32.

    Examples
    --------
    >>> result = fisher_z_interval(np.array([0.5]), np.array([28.0]))
    >>> result.low.round(4), result.high.round(4)
    (array([0.156]), array([0.7358]))
    """
    r = np.asarray(r, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = np.arctanh(r)
        half = normal_quantile(level) / np.sqrt(np.asarray(n, dtype=float) - 3.0)
        return IntervalResult(r, np.tanh(centre - half), np.tanh(centre + half))


def correlation_p_values(evidence: Correlation) -> list[PValueRange]:
    """Run every registered test on a printed correlation, over its rounding.

    Each p-value falls as ``|r|`` grows, so that the ends lie at those of the window,
    or at zero where the window holds it.

    Examples
    --------
    >>> from k2stats.evidence import Reported
    >>> for row in correlation_p_values(Correlation(Reported(".22"), 30)):
    ...     print(f"{row.name} {row.midpoint:.4f} ({row.low:.4f} to {row.high:.4f})")
    correlation-t 0.2427 (0.2319 to 0.2539)
    fisher-z 0.2452 (0.2342 to 0.2564)
    """
    window = evidence.r.interval.intersection(Interval(-1, 1))
    low, high = window.floats()
    far = low if abs(low) >= abs(high) else high
    near = 0.0 if low <= 0.0 <= high else min(low, high, key=abs)
    points = np.array([far, near, float(evidence.r.value)])
    rows = []
    for entry in CORRELATION_TESTS.entries():
        p = entry.function(points, np.full(3, float(evidence.n))).p
        rows.append(
            PValueRange(
                entry.name,
                entry.label,
                entry.reference,
                entry.version,
                float(p[2]),
                Enclosure(float(p[0]), float(p[1]), {"r": far}, {"r": near}),
                traits=entry.traits,
            )
        )
    return rows
