r"""One end of what a conditional test accepts, carried from one margin to the next.

For events :math:`X` in group 1, given :math:`m` events in all of :math:`N`
participants, a cursor keeps a point x, its probability and that of everything beyond
it. Adding an event is one more draw without replacement, so that

.. math:: P_{m+1}(X > x) = P_m(X > x) + P_m(x) \frac{n_1 - x}{N - m}, \qquad
    \frac{P_{m+1}(x)}{P_m(x)} = \frac{n_2 - m + x}{m + 1 - x} \cdot \frac{m+1}{N-m},

and the next margin costs a few operations a table rather than a whole distribution.
"""

import numpy as np

from k2stats._typing import Floats, Ints
from k2stats.sensitivity._fisher_decisions import cuts, null_rows

_REACH = 2.0
"""Standard deviations from the mean at which a cursor starts."""


class TailCursor:
    """Upper ends of T null distributions; whole numbers are kept as floats.

    Attributes
    ----------
    n1, n2, m : ndarray, shape (T,)
    x : ndarray, shape (T,)
        Where each cursor stands, a point of the support.
    own : ndarray, shape (T,)
        Probability of x.
    beyond : ndarray, shape (T,)
        Probability of all above x.

    Examples
    --------
    >>> tea = TailCursor(*(np.array([k]) for k in (4, 4, 4)))
    >>> tea.x, (70 * tea.own).round(9), (70 * tea.beyond).round(9)
    (array([4.]), array([1.]), array([0.]))
    """

    def __init__(self, n1: Ints, n2: Ints, m: Ints) -> None:
        self.n1, self.n2, self.m = (v.astype(float) for v in (n1, n2, m))
        low, high = np.maximum(0, m - n2), np.minimum(n1, m)
        total = self.n1 + self.n2
        mean = self.n1 * (self.m / total)
        spread = np.sqrt(
            mean * (self.n2 / total) * (1.0 - self.m / total) * total / (total - 1.0)
        )
        self.x: Floats = np.clip(np.rint(mean + _REACH * spread), low, high)
        self.own, self.beyond = np.empty_like(self.x), np.empty_like(self.x)
        for rows in cuts(n1, n2, m):
            first, weight = null_rows(n1[rows], n2[rows], m[rows])
            at = self.x[rows].astype(np.int64) - first
            above = np.arange(weight.shape[1]) > at[:, None]
            every = weight.sum(axis=1)
            beyond = (weight * above).sum(axis=1)
            self.own[rows] = weight[np.arange(at.size), at] / every
            self.beyond[rows] = beyond / every

    def keep(self, rows: Ints) -> None:
        """Go on with some of the tables."""
        for name in ("n1", "n2", "m", "x", "own", "beyond"):
            setattr(self, name, getattr(self, name)[rows])

    def inner(self) -> Floats:
        """Probability of the point below; 0 below the support."""
        x, rest = self.x, self.n2 - self.m + self.x
        below = (self.n1 - x + 1.0) * (self.m - x + 1.0)
        return np.asarray(self.own * x * rest / below)

    def outer(self) -> Floats:
        """Probability of the point above; 0 above the support."""
        x, rest = self.x, self.n2 - self.m + self.x
        above = (self.n1 - x) * (self.m - x)
        return np.asarray(self.own * above / ((x + 1.0) * (rest + 1.0)))

    def move(self, by: Floats) -> None:
        """Go to the point above (1), the one below (-1), or stay (0)."""
        up, down = self.outer(), self.inner()
        self.beyond = self.beyond + np.where(by < 0, self.own, 0.0)
        self.beyond = self.beyond - np.where(by > 0, up, 0.0)
        self.own = np.where(by > 0, up, np.where(by < 0, down, self.own))
        self.x = self.x + by
        # What subtraction leaves at the end of the support is rounding.
        ended = (self.x >= self.n1) | (self.x >= self.m)
        self.beyond = np.where(ended, 0.0, np.maximum(self.beyond, 0.0))

    def add_event(self) -> None:
        """One more event in all; every m must be below the number of participants."""
        gone = self.m - self.n2 == self.x  # the support leaves its lowest point
        if gone.any():
            self.move(gone.astype(float))
        rest = self.n1 + self.n2 - self.m
        self.beyond = self.beyond + self.own * ((self.n1 - self.x) / rest)
        factor = (self.n2 - self.m + self.x) * (self.m + 1.0)
        self.own = self.own * (factor / ((self.m + 1.0 - self.x) * rest))
        self.m = self.m + 1.0

    def part(self, rows: Ints) -> "TailCursor":
        """Return a cursor of some of the tables."""
        some = object.__new__(TailCursor)
        for name in ("n1", "n2", "m", "x", "own", "beyond"):
            setattr(some, name, getattr(self, name)[rows])
        return some

    def put(self, rows: Ints, some: "TailCursor") -> None:
        """Take the places of some of the tables from another cursor."""
        for name in ("x", "own", "beyond"):
            getattr(self, name)[rows] = getattr(some, name)
