"""The conditional odds ratio and interval as R's ``fisher.test`` prints them.

R solves for them by Brent's method to its default tolerance of 1.2e-4 on the scale of
the ratio or its reciprocal, whichever is below 1. What it prints can be off by 1% where
the ratio is far from 1. To check an interval that was printed by R, the same tolerance
has to be used; for anything else use ``"exact"``.
"""

from collections.abc import Callable
from math import inf, nan

import numpy as np
from scipy import special

from k2stats._typing import Floats
from k2stats.evidence import TwoByTwo
from k2stats.significance._intervals import OR_INTERVALS, IntervalResult

EPSILON = float(np.finfo(float).eps)
TOLERANCE = EPSILON**0.25
"""R's default tolerance of a root."""
_MOST_STEPS = 1000


def brent(
    f: Callable[[float], float], low: float, high: float, tolerance: float
) -> float:
    """Root of a function that changes sign, to a stated tolerance and no better.

    Inverse quadratic interpolation with bisection to fall back on. A step is taken
    where it stays within three quarters of the bracket and is less than half the last
    one. The estimate returned is the end of the bracket with the smaller residual.

    References
    ----------
    Brent (1973), Algorithms for Minimization without Derivatives, chapter 4.

    Examples
    --------
    >>> round(brent(lambda x: x * x - 2, 0.0, 2.0, 1e-12), 10)
    1.4142135624
    """
    before, best = low, high
    f_before, f_best = f(low), f(high)
    if f_before == 0:
        return low
    across, f_across = before, f_before
    for _ in range(_MOST_STEPS):
        if abs(f_across) < abs(f_best):
            before, best, across = best, across, best
            f_before, f_best, f_across = f_best, f_across, f_best
        least = 2.0 * EPSILON * abs(best) + tolerance / 2.0
        step = half = (across - best) / 2.0
        if abs(half) <= least or f_best == 0:
            return best
        last = best - before
        if abs(last) >= least and abs(f_before) > abs(f_best):
            if before == across:
                slope = f_best / f_before
                p, q = 2.0 * half * slope, 1.0 - slope
            else:
                r, s, t = f_best / f_across, f_best / f_before, f_before / f_across
                p = s * (2.0 * half * t * (t - r) + last * (1.0 - r))
                q = (t - 1.0) * (r - 1.0) * (s - 1.0)
            p, q = (p, -q) if p > 0 else (-p, q)
            inside = p < 1.5 * half * q - abs(least * q) / 2.0
            if inside and p < abs(last * q / 2.0):
                step = p / q
        if abs(step) < least:
            step = least if step > 0 else -least
        before, f_before = best, f_best
        best += step
        f_best = f(best)
        if (f_best > 0) == (f_across > 0):
            across, f_across = before, f_before
    return nan


class _Conditional:
    """Events of group 1 given both margins, one table."""

    def __init__(self, a: float, b: float, c: float, d: float) -> None:
        events = a + c
        self.low, self.high = max(0.0, events - (c + d)), min(a + b, events)
        self.seen = a
        x = np.arange(self.low, self.high + 1.0)
        self.x: Floats = x
        self.log_weight: Floats = -(
            special.gammaln(x + 1)
            + special.gammaln(events - x + 1)
            + special.gammaln(a + b - x + 1)
            + special.gammaln(c + d - events + x + 1)
        )

    def _probabilities(self, ratio: float) -> Floats:
        logs = self.log_weight + np.log(ratio) * self.x
        weights = np.exp(logs - logs.max())
        return np.asarray(weights / weights.sum())

    def mean(self, ratio: float) -> float:
        """Expected events; the ends of the support at a ratio of 0."""
        if ratio == 0:
            return self.low
        return float(self._probabilities(ratio) @ self.x)

    def at_most(self, ratio: float) -> float:
        """Probability of the observed number or fewer."""
        if ratio == 0:
            return float(self.seen >= self.low)
        return float(self._probabilities(ratio)[self.x <= self.seen].sum())

    def at_least(self, ratio: float) -> float:
        """Probability of the observed number or more."""
        if ratio == 0:
            return float(self.seen <= self.low)
        return float(self._probabilities(ratio)[self.x >= self.seen].sum())

    def solve(self, f: Callable[[float], float], target: float) -> float:
        """Ratio at which a monotone quantity is on target, on the side below 1."""
        at_one = f(1.0)
        if at_one == target:
            return 1.0
        rising = f(2.0) > at_one
        if (at_one > target) == rising:
            return brent(lambda r: f(r) - target, 0.0, 1.0, TOLERANCE)
        return 1.0 / brent(lambda r: f(1.0 / r) - target, EPSILON, 1.0, TOLERANCE)

    def results(self, tail: float) -> tuple[float, float, float]:
        """Estimate, lower and upper limit."""
        if self.low == self.high:
            return nan, 0.0, inf
        at_low, at_high = self.seen == self.low, self.seen == self.high
        estimate = (
            0.0 if at_low else inf if at_high else self.solve(self.mean, self.seen)
        )
        low = 0.0 if at_low else self.solve(self.at_least, tail)
        high = inf if at_high else self.solve(self.at_most, tail)
        return estimate, low, high


@OR_INTERVALS.register(
    "fisher-test",
    label="Exact conditional, as R's fisher.test prints it",
    reference="Brent (1973), chapter 4; Cornfield (1956) Proc 3rd Berkeley Symp 4:135",
    equation="as exact, solved to a tolerance of 1.2e-4",
    traits=("exact", "approximation"),
)
def fisher_test(table: TwoByTwo, level: float) -> IntervalResult:
    """Exact conditional interval with the root tolerance that R uses.

    For checking intervals printed by R; ``"exact"`` is the interval itself.

    Examples
    --------
    >>> tea = TwoByTwo.from_counts(events1=3, n1=4, events2=1, n2=4)
    >>> found = fisher_test(tea, 0.95)
    >>> found.high.round(3), OR_INTERVALS["exact"].function(tea, 0.95).high.round(3)
    (array([621.934]), array([626.244]))
    """
    cells = zip(*(x.ravel().tolist() for x in table.cells), strict=True)
    rows = [_Conditional(*row).results((1.0 - level) / 2.0) for row in cells]
    columns = np.array(rows, dtype=float).T.reshape(3, *table.shape)
    return IntervalResult(columns[0], columns[1], columns[2])
