r"""Whether Fisher's exact test rejects, for many tables at once.

A search asks only on which side of alpha p lies. The null distributions are built
from the ratios of neighbouring terms,

.. math:: \frac{P(x + 1)}{P(x)} = \frac{(n_1 - x)(m - x)}{(x + 1)(n_2 - m + x + 1)},

padded to one width, and wherever the answer hangs on a rounding error - two
probabilities that nearly agree, a p that is nearly alpha - the registered exact test,
which decides ties in integers, is asked instead.
"""

from collections.abc import Iterator

import numpy as np

from k2stats._typing import Bools, Floats, Ints
from k2stats.evidence import TwoByTwo
from k2stats.significance import TWO_BY_TWO_TESTS

NEAR = 1e-8
_LARGEST = 60_000
"""Points of a group of tables: half a megabyte, which stays in the cache."""
_PRODUCTS_FIT = 1000
"""Up to so many participants no product of ratios overflows: C(1000, 500) < 1e300."""


def exactly(x: Ints, n1: Ints, n2: Ints, m: Ints, alpha: float) -> Bools:
    """Ask the exact test itself; arrays of shape (T,)."""
    as_float = (v.astype(float) for v in (x, n1, m - x, n2))
    p = TWO_BY_TWO_TESTS["fisher"].function(TwoByTwo(*as_float)).p
    return np.asarray(p < alpha)


def null_rows(n1: Ints, n2: Ints, m: Ints) -> tuple[Ints, Floats]:
    """Probabilities up to a factor, one row a table, zero beyond the support.

    Returns
    -------
    low : ndarray, shape (T,)
        The first support point of each row.
    weight : ndarray, shape (T, W)
    """
    low, high = np.maximum(0, m - n2), np.minimum(n1, m)
    width = int((high - low).max()) + 1
    across = np.arange(width)
    y = across[:-1].astype(float)
    # Beyond the highest point one factor above is zero, and so is every later term.
    top, other = ((v - low)[:, None].astype(float) for v in (n1, m))
    step = (top - y) * (other - y)
    step /= (y + (low + 1.0)[:, None]) * (y + (n2 - m + low + 1.0)[:, None])
    weight = np.ones((low.size, width))
    if int((n1 + n2).max()) <= _PRODUCTS_FIT:
        np.cumprod(step, axis=1, out=weight[:, 1:])
        return low, weight
    beyond = across > (high - low)[:, None]
    step[beyond[:, 1:]] = 1.0
    weight[:, 0] = 0.0
    np.cumsum(np.log(step), axis=1, out=weight[:, 1:])
    weight[beyond] = -np.inf
    weight -= weight.max(axis=1, keepdims=True)
    return low, np.exp(weight)


def cuts(n1: Ints, n2: Ints, m: Ints) -> Iterator[Ints]:
    """Positions of the tables, in groups of similar width that fit in memory."""
    width = np.minimum(n1, m) - np.maximum(0, m - n2) + 1
    order = np.argsort(width, kind="stable")
    at = 0
    while at < order.size:
        rest = width[order[at : at + _LARGEST]]
        fits = rest * np.arange(1, rest.size + 1) <= _LARGEST
        # a group also ends where its rows would be mostly padding
        take = max(int(np.count_nonzero(fits & (rest <= 2 * rest[0] + 16))), 1)
        yield order[at : at + take]
        at += take


def fisher_rejects(table: TwoByTwo, alpha: float) -> Bools:
    """Whether p of Fisher's exact test is below alpha.

    Examples
    --------
    >>> table = TwoByTwo.from_counts(events1=[33, 34], n1=36, events2=26, n2=35)
    >>> fisher_rejects(table, 0.05)
    array([False,  True])
    """
    x, b, c, d = (v.ravel().astype(np.int64) for v in table.cells)
    n1, n2, m = x + b, c + d, x + c
    found = np.zeros(x.shape, dtype=bool)
    for rows in cuts(n1, n2, m):
        found[rows] = _reject(x[rows], n1[rows], n2[rows], m[rows], alpha)
    return found.reshape(table.shape)


def _reject(x: Ints, n1: Ints, n2: Ints, m: Ints, alpha: float) -> Bools:
    low, weight = null_rows(n1, n2, m)
    size = alpha * weight.sum(axis=1)
    own = np.take_along_axis(weight, (x - low)[:, None], axis=1)
    counted = weight <= own * (1.0 + NEAR)
    most = (weight * counted).sum(axis=1)
    found = most < size
    unsure = np.abs(most - size) <= NEAR * size
    # Where p is not below alpha only because of near ties: unless they are the
    # table's own mirror image, they may not be ties.
    at = np.flatnonzero(~found & ~unsure)
    near = (counted[at] & (weight[at] >= own[at] * (1.0 - NEAR))).sum(axis=1)
    n1_, n2_, m_, x_ = n1[at], n2[at], m[at], x[at]
    mirrored = ((n1_ == n2_) & (2 * x_ != m_)) | (
        (2 * m_ == n1_ + n2_) & (2 * x_ != n1_)
    )
    below = most[at] - near * own[at, 0]
    unsure[at] = (near != 1 + mirrored) & (below < size[at])
    at = np.flatnonzero(unsure)
    if at.size:
        found[at] = exactly(x[at], n1[at], n2[at], m[at], alpha)
    return np.asarray(found)
