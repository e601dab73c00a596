"""What an interval method returns, and the tables the methods are filed in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from k2stats._registry import Registry
from k2stats._typing import Floats
from k2stats.evidence import TwoByTwo


@dataclass(frozen=True, slots=True, eq=False)
class IntervalResult:
    """A point estimate with its confidence limits, on the natural scale.

    Attributes
    ----------
    estimate, low, high : ndarray, shape (..., K)
        ``inf`` where a ratio has no finite limit, NaN where undefined.
    """

    estimate: Floats
    low: Floats
    high: Floats


TwoByTwoInterval: TypeAlias = Callable[[TwoByTwo, float], IntervalResult]
"""Takes tables and a confidence level."""
ProportionInterval: TypeAlias = Callable[[Floats, Floats, float], IntervalResult]
"""Takes events, n and a confidence level."""

RD_INTERVALS: Registry[TwoByTwoInterval] = Registry("risk difference interval")
RR_INTERVALS: Registry[TwoByTwoInterval] = Registry("risk ratio interval")
OR_INTERVALS: Registry[TwoByTwoInterval] = Registry("odds ratio interval")
PROPORTION_INTERVALS: Registry[ProportionInterval] = Registry("proportion interval")
