"""Kendall's rank correlation with ties, over batches and absent studies."""

from typing import NamedTuple

import numpy as np

from k2stats._typing import Bools, Floats
from k2stats.numerics import tails

_EXACT = 170
"""Studies beyond which the counts of permutations overflow."""


class Kendall(NamedTuple):
    r"""Kendall's score, correlation and test, of batch shape.

    Attributes
    ----------
    score : ndarray
        Concordant less discordant pairs.
    variance : ndarray
        Of the score under independence, given the ties.
    tau : ndarray
        tau-b.
    ties : ndarray of bool
    k : ndarray
    """

    score: Floats
    variance: Floats
    tau: Floats
    ties: Bools
    k: Floats


def kendall(x: Floats, y: Floats, present: Bools | None = None) -> Kendall:
    r"""Kendall's tau-b over the last axis.

    .. math:: S = \sum_{i<j} \operatorname{sgn}(x_i - x_j)
        \operatorname{sgn}(y_i - y_j), \qquad
        \tau_b = S / \sqrt{(n_0 - n_x)(n_0 - n_y)}

    with the tie-corrected variance of Kendall (1970), ch. 4. The cost is of order
    :math:`K^2`.

    Parameters
    ----------
    x, y : ndarray, shape (..., K)
    present : ndarray of bool, shape (..., K), optional

    Examples
    --------
    >>> found = kendall(np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 3.0, 2.0, 4.0]))
    >>> float(found.score), round(float(found.tau), 4)
    (4.0, 0.6667)
    """
    there = np.ones(x.shape, bool) if present is None else present
    pair = there[..., :, np.newaxis] & there[..., np.newaxis, :]
    sx = np.sign(x[..., :, np.newaxis] - x[..., np.newaxis, :]) * pair
    sy = np.sign(y[..., :, np.newaxis] - y[..., np.newaxis, :]) * pair
    score = 0.5 * (sx * sy).sum(axis=(-2, -1))
    n = there.sum(axis=-1).astype(float)
    tx = (pair & (sx == 0.0)).sum(axis=-1)
    ty = (pair & (sy == 0.0)).sum(axis=-1)
    ax, bx, cx = _tie_sums(tx)
    ay, by, cy = _tie_sums(ty)
    with np.errstate(divide="ignore", invalid="ignore"):
        pairs = n * (n - 1.0)
        first = (pairs * (2.0 * n + 5.0) - cx - cy) / 18.0
        third = np.where(n > 2.0, bx * by / (9.0 * pairs * (n - 2.0)), 0.0)
        variance = first + ax * ay / (2.0 * pairs) + third
        tau = 2.0 * score / np.sqrt((pairs - ax) * (pairs - ay))
    return Kendall(score, variance, tau, (ax + ay) > 0.0, n)


def _tie_sums(size: Floats) -> tuple[Floats, Floats, Floats]:
    """Sums over groups of ties of t(t-1), t(t-1)(t-2) and t(t-1)(2t+5).

    `size` has for each study the number of its equals, itself among them; the sum
    over groups is that over studies of each term over t.
    """
    t = np.maximum(size, 1).astype(float)
    a = t - 1.0
    return a.sum(-1), (a * (t - 2.0)).sum(-1), (a * (2.0 * t + 5.0)).sum(-1)


def normal_statistic(found: Kendall) -> Floats:
    """Score over its standard deviation."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(found.score / np.sqrt(found.variance))


def exact_p(found: Kendall) -> Floats:
    r"""Two-sided p from the permutation distribution of S, without ties.

    The number of permutations with so many inversions is the coefficient of
    :math:`\prod_{j=1}^{K} (1 + q + \dots + q^{j-1})`; NaN where there are ties or
    more than 170 studies.

    Examples
    --------
    >>> found = kendall(np.arange(4.0), np.arange(4.0))
    >>> round(float(exact_p(found)), 6)
    0.083333
    """
    score, k = np.atleast_1d(found.score), np.atleast_1d(found.k)
    ties = np.atleast_1d(found.ties)
    out = np.full(score.shape, np.nan)
    for size in np.unique(k).astype(int):
        if size < 2 or size > _EXACT:
            continue
        tail = np.cumsum(_inversions(size))
        top = size * (size - 1) // 2
        here = (k == size) & ~ties
        # As many inversions as leave a score this far from zero or farther.
        fewest = ((top - np.abs(score[here])) / 2.0).round().astype(int)
        out[here] = np.minimum(1.0, 2.0 * tail[fewest])
    return out.reshape(np.shape(found.score))


def _inversions(k: int) -> Floats:
    """Probability of each number of inversions of a random permutation of k."""
    p = np.ones(1)
    for j in range(2, k + 1):
        p = np.convolve(p, np.full(j, 1.0 / j))
    return p


def two_sided(found: Kendall, *, exact: bool) -> tuple[Floats, Floats]:
    """Return p and its logarithm; exact where asked for and there are no ties."""
    z = normal_statistic(found)
    p, log_p = tails.normal_p(z), tails.log_normal_p(z)
    if exact:
        q = exact_p(found)
        with np.errstate(divide="ignore"):
            log_p = np.where(np.isnan(q), log_p, np.log(q))
        p = np.where(np.isnan(q), p, q)
    return np.asarray(p), np.asarray(log_p)
