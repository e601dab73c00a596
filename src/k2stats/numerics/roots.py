"""Batched scalar root finding."""

from collections.abc import Callable

import numpy as np

from k2stats._typing import Bools, Floats


def bisect(
    f: Callable[[Floats], Floats],
    low: Floats,
    high: Floats,
    *,
    xtol: float = 1e-14,
    steps: int = 200,
) -> tuple[Floats, Bools]:
    """Root of each function between its bracket, for every element at once.

    Parameters
    ----------
    f : callable
        Takes and returns arrays of the brackets' shape; changes sign once
        between `low` and `high`, in either direction.
    low, high : ndarray
        Brackets. Where ``f(low)`` and ``f(high)`` have the same sign the
        result is NaN and the flag is False.
    xtol : float
        Relative and absolute width at which an element is done.

    Returns
    -------
    root, converged : ndarray

    Examples
    --------
    >>> root, ok = bisect(lambda x: x**2 - 2, np.array([0.0]), np.array([2.0]))
    >>> float(root[0].round(12)), bool(ok[0])
    (1.414213562373, True)
    """
    low, high = np.array(low, dtype=float), np.array(high, dtype=float)
    at_low, at_high = f(low), f(high)
    rising = at_high > at_low
    bracketed = (at_low == 0) | (at_high == 0) | (np.sign(at_low) != np.sign(at_high))
    for _ in range(steps):
        mid = 0.5 * (low + high)
        right = (f(mid) < 0) == rising
        low, high = np.where(right, mid, low), np.where(right, high, mid)
        if np.all(~bracketed | (high - low <= xtol * (1.0 + np.abs(mid)))):
            break
    root = np.where(at_low == 0, low, 0.5 * (low + high))
    return np.where(bracketed, root, np.nan), np.asarray(bracketed)
