"""What a search over one data set asks of it, whatever its model and size."""

from typing import NamedTuple, Protocol

import numpy as np

from k2stats._typing import Floats

MANY = 10_000
"""Longest sums for BLAS, which shares longer ones among threads: beside other work they
wait for each other for longer than they save."""


def dot(a: Floats, b: Floats) -> float:
    """Return the sum of products, on one thread."""
    return float(a.dot(b) if a.size <= MANY else np.einsum("i,i->", a, b))


class Point(NamedTuple):
    """A tau2 and the moments there."""

    t: float
    g: float
    r: float
    h: float
    s: float


class One(Protocol):
    """One data set whose sums can be had at any tau2."""

    smallest: float
    largest: float
    count: int
    """Rank of what h is a trace of: K, or K - p for the restricted likelihood."""

    def spread(self) -> float:
        """Unweighted residual sum of squares."""
        ...

    def at(self, t: float) -> Point:
        """Moments of the likelihood at a tau2."""
        ...

    def quadratic(self, t: float) -> tuple[float, float]:
        """Return q and g."""
        ...

    def log_likelihood(self, t: float) -> float:
        """Return the log-likelihood without its constant."""
        ...
