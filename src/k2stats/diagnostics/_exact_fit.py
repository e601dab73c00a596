"""Regressions that leave nothing over: what is rounding there, and what is not."""

import numpy as np

from k2stats._typing import Floats

_ROUNDING = 1e-14
"""Of the largest effect: a smaller one comes from the arithmetic."""


def without_rounding(
    slope: Floats, rss: Floats, y: Floats, x: Floats, w: Floats
) -> tuple[Floats, Floats]:
    r"""Slope and residual sum of squares, zero where they are nothing but rounding.

    Identical effects have neither: their test is :math:`0 / 0`, not what the last bits
    of a sum make of it.

    Parameters
    ----------
    slope, rss : ndarray, shape (...)
    y, x, w : ndarray, shape (..., K)
        A weight of zero leaves a study out.

    Examples
    --------
    >>> same, x = np.full(3, 0.3), np.array([1.0, 2.0, 3.0])
    >>> slope, rss = without_rounding(
    ...     np.array(1e-17), np.array(3e-33), same, x, np.ones(3))
    >>> float(slope), float(rss)
    (0.0, 0.0)
    """
    there = w > 0.0
    largest = np.where(there, np.abs(y), 0.0).max(axis=-1)
    high = np.where(there, x, -np.inf).max(axis=-1)
    low = np.where(there, x, np.inf).min(axis=-1)
    noise = _ROUNDING * largest
    with np.errstate(invalid="ignore"):
        flat = np.abs(slope) * (high - low) <= noise
        exact = rss <= noise**2 * w.sum(axis=-1)
    return np.where(flat, 0.0, slope), np.where(exact, 0.0, rss)
