"""The exact range of a p-value over every input that would print the same."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy import optimize

from k2stats._typing import Floats
from k2stats.evidence import Reported
from k2stats.numerics.interval import Interval

_SPLITS = 8
_ROUNDS = 60


@dataclass(frozen=True, slots=True)
class Enclosure:
    """Infimum and supremum of a quantity, and the inputs where they are reached.

    Attributes
    ----------
    low, high : float
        NaN where no input prints so, or where the quantity is undefined.
    at_low, at_high : mapping of str to float
        Witnesses. An input at the open end of a rounding window, or a limit such as
        two standard deviations of zero, is approached and not reached.

    Examples
    --------
    >>> print(Enclosure(0.02, 0.03, {"mean1": 1.15}, {"mean1": 1.25}))
    0.02 (mean1 1.15) to 0.03 (mean1 1.25)
    """

    low: float
    high: float
    at_low: Mapping[str, float] = field(default_factory=dict)
    at_high: Mapping[str, float] = field(default_factory=dict)

    @property
    def interval(self) -> Interval:
        """The range as an :class:`~k2stats.numerics.interval.Interval`."""
        return Interval(self.low, self.high)

    @property
    def is_empty(self) -> bool:
        """Whether no input prints so."""
        return math.isnan(self.low)

    def __str__(self) -> str:
        return (
            f"{self.low:.4g} ({_inputs(self.at_low)}) to "
            f"{self.high:.4g} ({_inputs(self.at_high)})"
        )


EMPTY = Enclosure(math.nan, math.nan)
"""What is returned where no input prints so."""


@dataclass(frozen=True, slots=True)
class PValueRange:
    """One named test of a printed summary: its p-value and the range of it.

    Attributes
    ----------
    name, label, reference, version
        The test, as its registry files it.
    midpoint : float
        P-value at the printed values themselves.
    enclosure : Enclosure
        Over all values that print so.
    corner_low, corner_high : float
        Least and greatest p-value over the corners of the rounding windows alone,
        as tools that try only corners report; NaN where they were not formed.
    spread : str
        What a printed spread was taken for, ``"sd"`` or ``"se"``; else empty.
    traits : frozenset of str
        As the registry files them.
    note : str
        What a reader should know, or why nothing could be computed.
    """

    name: str
    label: str
    reference: str
    version: int
    midpoint: float
    enclosure: Enclosure
    corner_low: float = math.nan
    corner_high: float = math.nan
    spread: str = ""
    traits: frozenset[str] = frozenset()
    note: str = ""

    @property
    def low(self) -> float:
        """Least p-value."""
        return self.enclosure.low

    @property
    def high(self) -> float:
        """Greatest p-value."""
        return self.enclosure.high

    @property
    def witness(self) -> str:
        """Inputs that give the least and the greatest p-value, in words."""
        return str(self.enclosure)

    def can_print(self, p: Reported) -> bool:
        """Whether some input gives a p-value that prints as `p`.

        The p-value is continuous in the inputs and the windows are connected, so
        every value between the ends is reached as well.

        Examples
        --------
        >>> row = PValueRange("t", "t", "", 1, 0.023, Enclosure(0.0134, 0.0372))
        >>> row.can_print(Reported(".02")), row.can_print(Reported(".05"))
        (True, False)
        """
        return not self.enclosure.is_empty and self.enclosure.interval.intersects(
            p.interval
        )


def greatest(
    value: Callable[[Floats], Floats],
    ceiling: Callable[[Floats, Floats], Floats],
    low: float,
    high: float,
    *,
    tolerance: float = 1e-7,
) -> tuple[float, float]:
    """Find the greatest value of a continuous function of one variable.

    Branch and bound (Land and Doig 1960, Econometrica 28:497-520): the segment is
    split until no piece's ceiling exceeds the best value found by more than
    `tolerance`; the best point is then polished within its neighbours. The result
    is attained, and nothing exceeds it by more than `tolerance`.

    Parameters
    ----------
    value : callable
        Takes and returns arrays.
    ceiling : callable
        Upper bound over each segment from the first argument to the second; tends
        to the value as a segment shrinks.
    low, high : float
        Ends of the segment.
    tolerance : float
        Absolute, on the scale of `value`.

    Returns
    -------
    x, value : float

    Examples
    --------
    >>> x, y = greatest(lambda x: x * (1 - x), lambda a, b: b * (1 - a), 0.0, 1.0)
    >>> round(x, 6), round(y, 9)
    (0.5, 0.25)
    """
    if high <= low:
        return low, float(value(np.array([low]))[0])
    edges = np.linspace(low, high, 65)
    values = value(edges)
    k = int(np.argmax(values))
    best_x, best = float(edges[k]), float(values[k])
    near = (float(edges[max(k - 1, 0)]), float(edges[min(k + 1, 64)]))
    left, right = edges[:-1], edges[1:]
    for _ in range(_ROUNDS):
        alive = ceiling(left, right) > best + tolerance
        # pieces no wider than rounding cannot be split and hold no better point
        alive &= right - left > 4.0 * np.spacing(np.maximum(np.abs(right), 1e-300))
        if not alive.any():
            break
        left, right = left[alive], right[alive]
        share = np.arange(_SPLITS + 1) / _SPLITS
        grid = left[:, None] + (right - left)[:, None] * share
        grid[:, -1] = right
        values = value(grid)
        if values.max() > best:
            i, j = divmod(int(np.argmax(values)), _SPLITS + 1)
            best_x, best = float(grid[i, j]), float(values[i, j])
            step = float(grid[i, 1] - grid[i, 0])
            near = (max(low, best_x - step), min(high, best_x + step))
        left, right = grid[:, :-1].ravel(), grid[:, 1:].ravel()
    polished = optimize.minimize_scalar(
        lambda x: -float(value(np.array([x]))[0]),
        bounds=near,
        method="bounded",
        options={"xatol": 1e-12 * max(abs(best_x), 1e-300)},
    )
    if -float(polished.fun) > best:
        return float(polished.x), -float(polished.fun)
    return best_x, best


def _inputs(witness: Mapping[str, float]) -> str:
    """Print a witness: ``mean1 1.195, sd1 1.15``."""
    return ", ".join(f"{name} {value:.10g}" for name, value in witness.items())
