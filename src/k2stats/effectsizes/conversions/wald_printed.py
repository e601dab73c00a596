"""What rounding leaves open of a printed interval."""

import numpy as np

from k2stats.effectsizes.conversions._shared import (
    conversion,
    normal_quantile,
)
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence import Reported
from k2stats.evidence.reported import reported
from k2stats.numerics.interval import Interval

_HANDBOOK = "Higgins et al., Cochrane Handbook, section 6.3.1"
_CLEAR = 1e-12
"""Relative gap beyond which a few roundings of doubles decide nothing."""


@conversion(
    "wald",
    label="Every SE behind a printed interval",
    reference=_HANDBOOK,
    equation="[(min high - max low), (max high - min low)] / (2 q)",
)
def se_enclosure(
    low: Reported | str,
    high: Reported | str,
    *,
    level: float = 0.95,
    log: bool = False,
) -> Interval:
    r"""Every standard error whose interval could have been printed so.

    .. math::
        \left[\frac{u_{\min} - l_{\max}}{2 q},\ \frac{u_{\max} - l_{\min}}{2 q}\right]

    over the rounding windows of both limits, logarithms where `log` is true.

    Parameters
    ----------
    low, high : Reported or str
        Limits as printed, one interval.
    level : float
        Confidence level.
    log : bool
        Whether the limits are of a ratio.

    Returns
    -------
    Interval
        Lower end 0 where the limits could coincide, upper end infinite where the
        lower limit of a ratio could be 0.

    Raises
    ------
    InvalidEvidenceError
        If the limits are in the wrong order or a ratio could not be above 0.

    References
    ----------
    Higgins JPT et al. Cochrane Handbook, section 6.3.1.

    Examples
    --------
    >>> print(se_enclosure("0.70", "0.94", log=True))
    [0.0720291, 0.0783874]
    """
    lower, upper = reported(low).interval, reported(high).interval
    if upper.high <= lower.low:
        raise InvalidEvidenceError(
            field="high", requirement="above low", given=str(high)
        )
    if log and lower.high <= 0:
        raise InvalidEvidenceError(
            field="low", requirement="above 0 for a ratio", given=str(low)
        )
    ends = np.array([*lower.floats(), *upper.floats()])
    if log:
        with np.errstate(divide="ignore"):
            ends = np.log(np.maximum(ends, 0.0))
    width = 2.0 * normal_quantile(level)
    return Interval(
        max(float(ends[2] - ends[1]), 0.0) / width, float(ends[3] - ends[0]) / width
    )


@conversion(
    "wald",
    label="Whether rounding explains an asymmetric interval",
    reference=_HANDBOOK,
    equation="2 y meets low + high; for ratios y^2 meets low * high",
)
def symmetric_within_rounding(
    estimate: Reported | str,
    low: Reported | str,
    high: Reported | str,
    *,
    log: bool = False,
) -> bool:
    r"""Whether some values behind the print make the interval symmetric.

    In rational arithmetic: whether the windows of :math:`2 y` and :math:`l + u`,
    or for a ratio of :math:`y^2` and :math:`l u`, have a value in common.

    Parameters
    ----------
    estimate, low, high : Reported or str
        One row as printed.
    log : bool
        Whether the prints are of a ratio.

    References
    ----------
    Higgins JPT et al. Cochrane Handbook, section 6.3.1.

    Examples
    --------
    >>> symmetric_within_rounding("0.02", "0.00", "0.10", log=True)
    True
    >>> symmetric_within_rounding("1.30", "1.10", "1.60")
    False
    """
    y, lower, upper = (reported(x).interval for x in (estimate, low, high))
    clear = _clearly_symmetric(y, lower, upper, log)
    if clear is not None:
        return clear
    if not log:
        return (y + y).intersects(lower + upper)
    ratio = Interval(0, np.inf, low_closed=False, high_closed=False)
    y, lower, upper = (x.intersection(ratio) for x in (y, lower, upper))
    if y.is_empty or lower.is_empty or upper.is_empty:
        return False
    return (y * y).intersects(lower * upper)


def _clearly_symmetric(
    y: Interval, low: Interval, high: Interval, log: bool
) -> bool | None:
    """Answer in doubles where rounding cannot change it; None where it might."""
    (a, b), (c, d), (e, f) = y.floats(), low.floats(), high.floats()
    if log:
        if min(a, c, e) <= 0:
            return None
        gaps = b * b - c * e, d * f - a * a
        size = max(b * b, d * f)
    else:
        gaps = 2.0 * b - (c + e), (d + f) - 2.0 * a
        size = max(map(abs, (a, b, c, d, e, f)))
    slack = _CLEAR * size
    if not slack < np.inf or min(map(abs, gaps)) <= slack:
        return None
    return min(gaps) > 0
