"""What two medians, group sizes and a bound on p imply of one another."""

import math
from dataclasses import dataclass

import numpy as np

from k2stats.errors import InvalidEvidenceError
from k2stats.evidence import MediansWithP, Reported
from k2stats.numerics.interval import Interval
from k2stats.significance.ratio_conversions import z_from_p

MOST_COUNTED = 40_000
"""Products n1 n2 up to which the distribution of U is counted exactly."""


def implied_z(p: Reported) -> Interval:
    """Return the sizes of a normal statistic whose two-sided p prints as `p`.

    Examples
    --------
    >>> print(implied_z(Reported("<0.001")))
    (3.29053, inf)
    """
    window = p.interval.intersection(Interval(0, 1))
    if window.is_empty:
        raise InvalidEvidenceError(
            field="p", requirement="between 0 and 1", given=p.text
        )
    low, high = (float(z_from_p(float(x))) for x in (window.high, window.low))
    return Interval(low, high, window.high_closed, window.low_closed)


def auc_of_z(z: float, n1: int, n2: int) -> float:
    r"""Area under the ROC curve whose Mann-Whitney statistic is `z`, without ties.

    .. math:: \mathrm{AUC} = \frac12 + z \sqrt{\frac{n_1 + n_2 + 1}{12 n_1 n_2}}

    At most 1: a larger z is out of reach with so few observations and gives NaN.

    References
    ----------
    Mann & Whitney (1947) Annals of Mathematical Statistics 18:50-60. Hanley & McNeil
    (1982) Radiology 143:29-36.

    Examples
    --------
    >>> round(auc_of_z(3.2905, 29, 45), 4)
    0.7277
    """
    area = 0.5 + z * math.sqrt((n1 + n2 + 1) / (12.0 * n1 * n2))
    return area if area <= 1.0 else math.nan


def largest_z(n1: int, n2: int) -> float:
    r"""Greatest Mann-Whitney statistic with groups of these sizes, without ties.

    .. math:: z_{\max} = \sqrt{\frac{3 n_1 n_2}{n_1 + n_2 + 1}}

    Reached where every value of one group lies above every value of the other; no
    continuity correction.

    Examples
    --------
    >>> round(largest_z(29, 45), 3)
    7.225
    """
    return math.sqrt(3.0 * n1 * n2 / (n1 + n2 + 1.0))


def smallest_mann_whitney_p(n1: int, n2: int) -> float:
    r"""Least two-sided p an exact Mann-Whitney test can give, without ties.

    .. math:: p_{\min} = 2 \Big/ \binom{n_1 + n_2}{n_1}

    Examples
    --------
    >>> print(f"{smallest_mann_whitney_p(29, 45):.2e}")
    6.39e-21
    """
    return min(1.0, 2.0 / math.comb(n1 + n2, n1))


def mann_whitney_counts(n1: int, n2: int) -> list[int]:
    r"""Number of orderings that give each U from 0 to n1 n2, without ties.

    The coefficients of the Gaussian binomial

    .. math:: \binom{n_1 + n_2}{n_1}_q =
        \prod_{i=1}^{n_1} \frac{1 - q^{n_2 + i}}{1 - q^i}.

    Raises
    ------
    InvalidEvidenceError
        If n1 n2 is above 40,000.

    References
    ----------
    Mann & Whitney (1947) Annals of Mathematical Statistics 18:50-60.

    Examples
    --------
    >>> mann_whitney_counts(2, 2)
    [1, 1, 2, 1, 1]
    """
    if n1 * n2 > MOST_COUNTED:
        raise InvalidEvidenceError(
            field="n1 n2", requirement=f"at most {MOST_COUNTED}", given=n1 * n2
        )
    size = n1 * n2 + 1
    counts = [1] + [0] * (size - 1)
    for i in range(1, n1 + 1):
        for u in range(size - 1, n2 + i - 1, -1):
            counts[u] -= counts[u - n2 - i]
        for u in range(i, size):
            counts[u] += counts[u - i]
    return counts


def least_u(p: Reported, n1: int, n2: int) -> int | None:
    """Smallest larger U of an exact Mann-Whitney test whose p prints as `p`.

    U counts pairs in which the group with the larger values wins, so that U lies
    between n1 n2 / 2 and n1 n2; without ties, twice the smaller tail, at most 1. None
    where no U gives such a p.

    Examples
    --------
    >>> least_u(Reported("<0.001"), 29, 45)
    945
    """
    counts, total = mann_whitney_counts(n1, n2), math.comb(n1 + n2, n1)
    window = p.interval
    cumulative = np.cumsum(np.array(counts, dtype=object))
    for smaller in range(n1 * n2 // 2, -1, -1):
        value = min(1.0, 2 * int(cumulative[smaller]) / total)
        if value in window:
            return n1 * n2 - smaller
    return None


@dataclass(frozen=True, slots=True)
class MediansImplied:
    """What two medians and a p-value or bound imply.

    Attributes
    ----------
    ratio : float
        First median over second, as printed.
    ratio_window : Interval
        Over the rounding of both.
    z : Interval
        Sizes of a normal statistic that p allows; whole where p is not printed.
    least_auc : float
        Least area under the ROC curve with that z (normal approximation); NaN where
        it is out of reach.
    least_u : int or None
        Least Mann-Whitney U by the exact distribution without ties; None where it is
        out of reach or too large to count.
    largest_z : float
        Greatest |z| a Mann-Whitney test of these sizes can give.
    smallest_p : float
        Least p of the exact test.
    largest_se : float
        Greatest standard error of the log ratio of medians with which a Wald test
        gives such a p; ``inf`` where any does.
    attainable : bool
        Whether a Mann-Whitney z of these sizes can be as large as p needs.
    """

    ratio: float
    ratio_window: Interval
    z: Interval
    least_auc: float
    least_u: int | None
    largest_z: float
    smallest_p: float
    largest_se: float
    attainable: bool


def medians_implied(evidence: MediansWithP) -> MediansImplied:
    """Work out what two medians, sizes and a bound on p imply.

    Examples
    --------
    >>> mk4 = MediansWithP(Reported("866"), 29, Reported("196"), 45,
    ...                    Reported("<0.001"))
    >>> found = medians_implied(mk4)
    >>> print(f"{found.ratio:.4f}", found.ratio_window)
    4.4184 [4.40458, 4.43223]
    >>> print(f"{found.z.low:.4f} {found.least_auc:.4f} {found.largest_se:.4f}")
    3.2905 0.7277 0.4515
    """
    n1, n2 = evidence.n1, evidence.n2
    first, second = evidence.median1, evidence.median2
    z = implied_z(evidence.p) if evidence.p is not None else Interval(0.0, math.inf)
    low = float(z.low)
    ratio = float(first.value / second.value) if second.value else math.nan
    effect = abs(math.log(ratio)) if ratio > 0 else math.nan
    countable = evidence.p is not None and n1 * n2 <= MOST_COUNTED
    return MediansImplied(
        ratio=ratio,
        ratio_window=first.interval / second.interval,
        z=z,
        least_auc=auc_of_z(low, n1, n2),
        least_u=least_u(evidence.p, n1, n2) if countable and evidence.p else None,
        largest_z=largest_z(n1, n2),
        smallest_p=smallest_mann_whitney_p(n1, n2),
        largest_se=effect / low if low > 0 else math.inf,
        attainable=low <= largest_z(n1, n2),
    )
