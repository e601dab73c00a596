"""Where a value stands along a picture, linear or logarithmic."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

Scale: TypeAlias = Literal["linear", "log"]

_STEPS = (1.0, 2.0, 5.0)
_TINIEST = 1e-300
"""A logarithmic axis starts no lower: smaller numbers are not told from zero."""


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis from `low` to `high`.

    Attributes
    ----------
    low, high : float
        Finite, in order, not equal; positive on a logarithmic axis.
    scale : {"linear", "log"}

    Examples
    --------
    >>> axis = Axis(0.01, 1.0, "log")
    >>> axis.share(0.1), axis.share(5.0), axis.ticks()
    (0.5, 1.0, [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0])
    """

    low: float
    high: float
    scale: Scale = "linear"

    @classmethod
    def around(
        cls, values: Iterable[float], *, scale: Scale = "linear", margin: float = 0.04
    ) -> "Axis":
        """Return the axis that shows every finite value with a margin.

        On a logarithmic axis values that are not positive are left out. Where nothing
        is left, or one value alone, the axis is still of positive length.
        """
        kept = [v for v in map(float, values) if math.isfinite(v)]
        if scale == "log":
            logs = [math.log10(max(v, _TINIEST)) for v in kept if v > 0] or [-1.0, 0.0]
            least, most = min(logs), max(logs)
            pad = (most - least) * margin or 0.15
            return cls(
                10 ** max(least - pad, -304.0), 10 ** min(most + pad, 304), "log"
            )
        least, most = (min(kept), max(kept)) if kept else (0.0, 1.0)
        pad = (most - least) * margin or abs(most) * 0.05 or 1.0
        return cls(least - pad, most + pad)

    def share(self, value: float) -> float:
        """Return where `value` stands, 0 at the left end and 1 at the right.

        What lies outside stands at the end it lies beyond.
        """
        if value <= self.low:
            return 0.0
        if value >= self.high:
            return 1.0
        if self.scale == "log":
            length = math.log(self.high) - math.log(self.low)
            return (math.log(value) - math.log(self.low)) / length
        return (value - self.low) / (self.high - self.low)

    def holds(self, value: float) -> bool:
        """Whether `value` lies on the axis."""
        return self.low <= value <= self.high

    def ticks(self, most: int = 7) -> list[float]:
        """Return at most `most` round values, ascending."""
        return self._log_ticks(most) if self.scale == "log" else self._ticks(most)

    def _ticks(self, most: int) -> list[float]:
        length = self.high - self.low
        power = math.floor(math.log10(length / most))
        for step in (s * 10.0**e for e in (power, power + 1) for s in _STEPS):
            first, last = math.ceil(self.low / step), math.floor(self.high / step)
            if last - first + 1 <= most:
                places = max(0, 2 - math.floor(math.log10(step)))
                return [round(k * step, places) + 0.0 for k in range(first, last + 1)]
        return [self.low, self.high]

    def _log_ticks(self, most: int) -> list[float]:
        first, last = math.log10(self.low), math.log10(self.high)
        decades = range(math.floor(first), math.ceil(last) + 1)
        for steps in ((1.0, 1.5, 2.0, 3.0, 5.0, 7.0), _STEPS, (1.0, 3.0), (1.0,)):
            found = [float(f"{s}e{d}") for d in decades for s in steps]
            shown = [t for t in found if self.holds(t)]
            if 2 <= len(shown) <= most:
                return shown
        by = max(1, math.ceil(len(decades) / most))
        shown = [float(f"1e{d}") for d in decades if d % by == 0]
        shown = [t for t in shown if self.holds(t)]
        if len(shown) >= 2:
            return shown
        # Less than one step of 1-1.5-2: an axis this short is all but linear.
        return Axis(self.low, self.high)._ticks(most)
