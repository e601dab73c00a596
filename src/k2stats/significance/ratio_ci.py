"""P-values that a ratio and its printed confidence interval imply."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from k2stats._registry import Registry
from k2stats.evidence import RatioWithCI
from k2stats.numerics import tails
from k2stats.numerics.interval import Interval
from k2stats.significance._base import TestResult
from k2stats.significance._log_windows import (
    FAR,
    Point,
    clip,
    log_windows,
    p_over,
    sizes,
)
from k2stats.significance.enclosures import Enclosure, PValueRange
from k2stats.significance.ratio_conversions import (
    altman_bland_p,
    normal_quantile,
    se_from_limits,
)

RatioP: TypeAlias = Callable[[RatioWithCI], tuple[float, Enclosure]]
"""Takes a printed ratio; returns p at the printed values and its range."""

RATIO_P_VALUES: Registry[RatioP] = Registry("p-value of a ratio with interval")
"""P-values read off a ratio and its confidence interval."""

_ALTMAN_BLAND = "Altman & Bland (2011) BMJ 343:d2304"
_POSITIVE = Interval(Fraction(0), math.inf, False, False)


def ratio_test(
    estimate: ArrayLike, low: ArrayLike, high: ArrayLike, level: float = 0.95
) -> TestResult:
    r"""Test a ratio against 1 by the standard error that its limits imply.

    .. math:: z = \frac{2 z_{1 - \alpha / 2} \ln \hat\theta}{\ln U - \ln L}

    Parameters
    ----------
    estimate, low, high : array_like
        On the natural scale, broadcast together; NaN where not positive.
    level : float
        Confidence level of the interval.

    References
    ----------
    Altman & Bland (2011) BMJ 343:d2304.

    Examples
    --------
    >>> result = ratio_test([1.17, 1.03], [1.02, 0.84], [1.34, 1.26])
    >>> result.statistic.round(3), result.p.round(4)
    (array([2.255, 0.286]), array([0.0241, 0.7751]))
    """
    se = se_from_limits(low, high, level)
    value = np.asarray(estimate, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.log(value) / se
    return TestResult(np.where((value > 0) & (se > 0), z, np.nan))


@dataclass(frozen=True, slots=True)
class RatioConsistency:
    """What a ratio and its limits say of each other.

    Attributes
    ----------
    symmetric : bool
        Whether some estimate and limits that print so lie symmetrically on the log
        scale. Decided in rational arithmetic.
    mid, mid_low, mid_high : float
        Geometric mean of the limits, as printed and over their rounding.
    se, se_low, se_high : float
        Standard error of the log ratio from the limits, likewise.
    z, p : float
        At the printed values.
    p_low, p_high : float
        Range of p over what prints so and is symmetric; NaN where nothing is.
    """

    symmetric: bool
    mid: float
    mid_low: float
    mid_high: float
    se: float
    se_low: float
    se_high: float
    z: float
    p: float
    p_low: float
    p_high: float


def ratio_consistency(ratio: RatioWithCI) -> RatioConsistency:
    r"""Check a ratio against its own interval on the log scale.

    A Wald interval is symmetric there: :math:`\hat\theta^2 = L U`. The rounding
    windows allow that where :math:`[L][U]` meets :math:`[\hat\theta]^2`. An interval
    found otherwise (exact, profile, bootstrap) need not be symmetric.

    Examples
    --------
    >>> from k2stats.evidence import Reported
    >>> stones = RatioWithCI("HR", Reported("1.17"), Reported("1.02"), Reported("1.34"))
    >>> found = ratio_consistency(stones)
    >>> found.symmetric, round(found.mid_low, 4), round(found.mid_high, 4)
    (True, 1.1641, 1.1741)
    """
    low, estimate, high = (
        x.interval.intersection(_POSITIVE)
        for x in (ratio.low, ratio.estimate, ratio.high)
    )
    product = low * high
    printed_low, printed_high = float(ratio.low.value), float(ratio.high.value)
    result = _at_print(ratio)
    box = log_windows(ratio)
    scale = 2.0 * normal_quantile(ratio.level)
    enclosure = symmetric(ratio)[1]
    mid_low, mid_high = (math.sqrt(x) for x in product.floats())
    return RatioConsistency(
        symmetric=product.intersects(estimate * estimate),
        mid=math.sqrt(max(printed_low * printed_high, 0.0)),
        mid_low=mid_low,
        mid_high=mid_high,
        se=float(se_from_limits(printed_low, printed_high, ratio.level)),
        se_low=max(box.high[0] - box.low[1], 0.0) / scale,
        se_high=(box.high[1] - box.low[0]) / scale,
        z=float(result.statistic),
        p=float(result.p),
        p_low=enclosure.low,
        p_high=enclosure.high,
    )


def ratio_p_values(ratio: RatioWithCI) -> list[PValueRange]:
    """Run every registered reading of a ratio with its interval.

    Examples
    --------
    >>> from k2stats.evidence import Reported
    >>> stones = RatioWithCI("HR", Reported("1.17"), Reported("1.02"), Reported("1.34"))
    >>> for row in ratio_p_values(stones):
    ...     print(f"{row.name} {row.midpoint:.4f} ({row.low:.4f} to {row.high:.4f})")
    symmetric 0.0241 (0.0200 to 0.0302)
    estimate-and-limits 0.0241 (0.0167 to 0.0335)
    limits 0.0248 (0.0200 to 0.0302)
    altman-bland 0.0239 (0.0166 to 0.0332)
    """
    rows = []
    for entry in RATIO_P_VALUES.entries():
        midpoint, enclosure = entry.function(ratio)
        note = "" if not enclosure.is_empty else "Nothing that prints so is symmetric."
        rows.append(
            PValueRange(
                entry.name,
                entry.label,
                entry.reference,
                entry.version,
                midpoint,
                enclosure,
                traits=entry.traits,
                note=note,
            )
        )
    return rows


@RATIO_P_VALUES.register(
    "symmetric",
    label="p from the interval, estimate midway",
    reference=_ALTMAN_BLAND,
    equation="z = ln est / SE, SE = ln(U / L) / (2 z*), est^2 = L U",
    traits=("closed-form",),
)
def symmetric(ratio: RatioWithCI) -> tuple[float, Enclosure]:
    r"""Range of p over estimates and limits that print so and are symmetric.

    With :math:`l = \ln L`, :math:`u = \ln U` the statistic is
    :math:`z = z^* (u + l) / (u - l)`: a ratio of linear functions, so that over the
    polygon of windows its extremes lie at vertices. P at the printed values is that
    of :func:`ratio_test`; where the print is rounded coarsely it can lie outside the
    range, since the printed estimate is then not midway.
    """
    box = log_windows(ratio)
    l0, l1 = box.low
    if l0 == -math.inf:
        l0 = FAR if box.estimate[0] == -math.inf else FAR / 2
    corners = [(l0, box.high[0]), (l1, box.high[0]), (l1, box.high[1])]
    polygon: list[Point] = [*corners, (l0, box.high[1])]
    for a, b, c in (
        (1.0, 1.0, 2.0 * box.estimate[0]),
        (-1.0, -1.0, -2.0 * box.estimate[1]),
        (-1.0, 1.0, 0.0),
    ):
        polygon = clip(polygon, a, b, c)
    limit = box.low[0] == box.estimate[0] == -math.inf
    return float(_at_print(ratio).p), p_over(polygon, ratio.level, from_zero=limit)


@RATIO_P_VALUES.register(
    "estimate-and-limits",
    label="p from the interval, estimate anywhere in its window",
    reference=_ALTMAN_BLAND,
    equation="z = ln est / SE, SE = ln(U / L) / (2 z*)",
    traits=("closed-form",),
)
def estimate_and_limits(ratio: RatioWithCI) -> tuple[float, Enclosure]:
    """Range of p with estimate and limits rounded independently of each other.

    The size of z rises with that of the log estimate and falls with the width.
    """
    far, near = sizes(ratio)
    low, high = (float(tails.normal_p(np.array(z))) for z, _ in (far, near))
    return float(_at_print(ratio).p), Enclosure(low, high, far[1], near[1])


@RATIO_P_VALUES.register(
    "limits",
    label="p from the limits alone",
    reference=_ALTMAN_BLAND,
    equation="z = z* (ln U + ln L) / (ln U - ln L)",
    traits=("closed-form",),
)
def limits(ratio: RatioWithCI) -> tuple[float, Enclosure]:
    """Range of p with the geometric mean of the limits taken for the estimate."""
    box = log_windows(ratio)
    l0 = max(box.low[0], FAR)
    corners = [(l0, box.high[0]), (box.low[1], box.high[0])]
    corners += [(box.low[1], box.high[1]), (l0, box.high[1])]
    polygon = clip(corners, -1.0, 1.0, 0.0)
    low, high = float(ratio.low.value), float(ratio.high.value)
    middle = math.sqrt(max(low * high, 0.0))
    midpoint = float(ratio_test(middle, low, high, ratio.level).p)
    from_zero = box.low[0] == -math.inf
    return midpoint, p_over(polygon, ratio.level, from_zero=from_zero)


@RATIO_P_VALUES.register(
    "altman-bland",
    label="p from the interval, Altman-Bland approximation",
    reference=_ALTMAN_BLAND,
    equation="p = exp(-.717 z - .416 z^2), z = ln est / SE",
    traits=("closed-form", "approximation"),
)
def altman_bland(ratio: RatioWithCI) -> tuple[float, Enclosure]:
    """Range of Altman and Bland's approximate p, windows independent."""
    far, near = sizes(ratio)
    z = _at_print(ratio).statistic
    low, high = (float(altman_bland_p(x)) for x, _ in (far, near))
    return float(altman_bland_p(z)), Enclosure(low, high, far[1], near[1])


def _at_print(ratio: RatioWithCI) -> TestResult:
    """Test at the printed values themselves."""
    estimate, low, high = (
        float(x.value) for x in (ratio.estimate, ratio.low, ratio.high)
    )
    return ratio_test(estimate, low, high, ratio.level)
