"""Tests of within-pair differences: t, signed ranks, signs, sign flips."""

import numpy as np
from scipy import special, stats

from k2stats._typing import Floats
from k2stats.errors import InvalidEvidenceError
from k2stats.significance._base import PAIRS_TESTS, TestResult

MOST_FLIPPED = 44
"""Pairs up to which the permutation test lists half of the sign flips at a time."""
MOST_RANKED = 1000
"""Pairs up to which the signed-rank distribution is summed."""
_TIE = 1e-12


def smallest_wilcoxon_p(n: int) -> float:
    """Return the least two-sided p an exact signed-rank test of n pairs can give.

    All n differences of one sign is one of 2^n equally likely outcomes, doubled for
    two sides: 2 / 2^n. The sign and permutation tests share the bound.

    Examples
    --------
    >>> smallest_wilcoxon_p(4), smallest_wilcoxon_p(3)
    (0.125, 0.25)
    """
    if n < 1:
        raise InvalidEvidenceError(field="n", requirement="at least 1", given=n)
    return 2.0 / 2.0**n


def _rows(differences: Floats) -> Floats:
    """Two-dimensional view; the caller puts the leading shape back."""
    values = np.atleast_1d(np.asarray(differences, dtype=float))
    return values.reshape(-1, values.shape[-1])


def _undefined(differences: Floats) -> Floats:
    """NaN where a row holds a missing value, else zero."""
    missing = np.isnan(np.asarray(differences)).any(axis=-1)
    return np.where(missing, np.nan, 0.0)


@PAIRS_TESTS.register(
    "paired-t",
    label="Paired t",
    reference="Student (1908) Biometrika 6:1-25",
    equation="t = mean / (sd / sqrt(n)) on n - 1 df",
    traits=("closed-form",),
)
def paired_t(differences: Floats) -> TestResult:
    r"""Compare the mean difference with zero.

    .. math:: t = \frac{\bar d}{s_d / \sqrt n}, \quad \nu = n - 1

    Parameters
    ----------
    differences : ndarray, shape (..., n)
        After minus before.

    Returns
    -------
    TestResult
        Shape ``(...)``; NaN for n = 1, for differences that are all equal, and
        where one is missing.

    Examples
    --------
    >>> round(float(paired_t(np.array([0.04, 0.03, -0.01, 0.02])).p), 3)
    0.161
    """
    d = np.asarray(differences, dtype=float)
    n = d.shape[-1]
    constant = np.ptp(d, axis=-1) == 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        centred = d - d.mean(axis=-1, keepdims=True)
        variance = np.sum(centred**2, axis=-1) / (n - 1.0 if n > 1 else np.nan)
        statistic = d.mean(axis=-1) / np.sqrt(variance / n)
    return TestResult(np.where(constant, np.nan, statistic), "t", n - 1.0)


def _signed_rank(differences: Floats, *, pratt: bool) -> tuple[Floats, Floats]:
    """Ranks doubled to whole numbers, zero for zero differences, and signs."""
    d = _rows(differences)
    d = np.where(np.isnan(d), 0.0, d)  # rows with missing values end as NaN
    size = np.abs(d)
    doubled = np.rint(2.0 * stats.rankdata(size, axis=-1))
    zero = size == 0.0
    if not pratt:  # zeros rank below all others: dropping them shifts the rest
        doubled = doubled - 2.0 * zero.sum(axis=-1, keepdims=True)
    return np.where(zero, 0.0, doubled), np.sign(d)


def _exact_signed_rank(differences: Floats, *, pratt: bool) -> TestResult:
    """Sum the null distribution of the doubled positive rank sum, every row at once.

    Each item of rank r turns the distribution P(s) into (P(s) + P(s - r)) / 2. All
    probabilities are multiples of 2^-n, so that up to 52 pairs nothing is rounded.
    """
    d = np.asarray(differences, dtype=float)
    n = d.shape[-1]
    if n > MOST_RANKED:
        raise InvalidEvidenceError(
            field="differences",
            requirement=f"at most {MOST_RANKED} pairs for the exact signed-rank test",
            given=n,
        )
    ranks, signs = _signed_rank(d, pratt=pratt)
    total = ranks.sum(axis=-1)
    positive = np.where(signs > 0, ranks, 0.0).sum(axis=-1)
    sums = np.arange(int(total.max(initial=0.0)) + 1)
    mass = np.zeros((ranks.shape[0], sums.size))
    mass[:, 0] = 1.0
    for rank in ranks.T.astype(int):
        source = sums - rank[:, None]
        moved = np.take_along_axis(mass, np.maximum(source, 0), axis=-1)
        mass = 0.5 * (mass + np.where(source >= 0, moved, 0.0))
    tail = np.minimum(positive, total - positive)
    below = np.where(sums <= tail[:, None], mass, 0.0).sum(axis=-1)
    p = np.minimum(2.0 * below, 1.0).reshape(d.shape[:-1]) + _undefined(d)
    statistic = (positive / 2.0).reshape(d.shape[:-1]) + _undefined(d)
    return TestResult(np.asarray(statistic), "exact", exact_p=np.asarray(p))


@PAIRS_TESTS.register(
    "wilcoxon",
    label="Wilcoxon signed-rank, exact, zeros dropped",
    reference="Wilcoxon (1945) Biometrics Bulletin 1:80-83",
    equation="sum of midranks of |d| over d > 0, all 2^n signs equally likely",
    traits=("exact",),
)
def wilcoxon(differences: Floats) -> TestResult:
    """Compare signed ranks with all equally likely signs, ties by midranks.

    The p-value is twice the smaller tail, at most 1. Zero differences are dropped
    (Wilcoxon's rule). Ties are decided by equality: differences formed in binary
    arithmetic from decimals may miss one (0.11 - 0.07 is not 0.04), so form them
    exactly, as :attr:`~k2stats.evidence.PairedRows.differences` does.

    Parameters
    ----------
    differences : ndarray, shape (..., n)

    Returns
    -------
    TestResult
        The statistic is the positive rank sum. All differences zero gives p = 1.

    Raises
    ------
    InvalidEvidenceError
        For more than 1000 pairs.

    Examples
    --------
    >>> float(wilcoxon(np.array([0.04, 0.03, -0.01, 0.02])).p)
    0.25
    """
    return _exact_signed_rank(differences, pratt=False)


@PAIRS_TESTS.register(
    "wilcoxon-pratt",
    label="Wilcoxon signed-rank, exact, zeros ranked (Pratt)",
    reference="Pratt (1959) JASA 54:655-667",
    equation="as Wilcoxon, zeros ranked first and then dropped",
    traits=("exact",),
)
def wilcoxon_pratt(differences: Floats) -> TestResult:
    """Rank zero differences with the others, then drop them with their ranks.

    As :func:`wilcoxon` otherwise; the same where no difference is zero.

    Examples
    --------
    >>> float(wilcoxon_pratt(np.array([0.0, 1.0, 3.0, -1.0])).p)
    0.75
    """
    return _exact_signed_rank(differences, pratt=True)


def _normal_signed_rank(differences: Floats, correction: float) -> TestResult:
    """Signed ranks on the normal distribution."""
    d = np.asarray(differences, dtype=float)
    ranks, signs = _signed_rank(d, pratt=False)
    total = np.sum(signs * ranks, axis=-1) / 2.0  # positive less negative rank sum
    size = np.maximum(np.abs(total) - 2.0 * correction, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.sign(total) * size / np.sqrt(np.sum(ranks**2, axis=-1) / 4.0)
    return TestResult(np.asarray(z.reshape(d.shape[:-1]) + _undefined(d)))


@PAIRS_TESTS.register(
    "wilcoxon-normal",
    label="Wilcoxon signed-rank, normal approximation",
    reference="Lehmann (1975) Nonparametrics",
    equation="z = (W - E W) / sqrt(sum r^2 / 4)",
    traits=("closed-form",),
)
def wilcoxon_normal(differences: Floats) -> TestResult:
    r"""Approximate :func:`wilcoxon` by the normal distribution.

    .. math:: z = \frac{W^+ - \tfrac12 \sum r_i}{\sqrt{\tfrac14 \sum r_i^2}}

    with midranks, so that the variance is the one corrected for ties; zeros dropped.

    Examples
    --------
    >>> round(float(wilcoxon_normal(np.array([0.04, 0.03, -0.01, 0.02])).p), 4)
    0.1441
    """
    return _normal_signed_rank(differences, 0.0)


@PAIRS_TESTS.register(
    "wilcoxon-continuity",
    label="Wilcoxon signed-rank, normal with continuity correction",
    reference="Lehmann (1975) Nonparametrics",
    equation="z = (|W - E W| - 1/2) / sqrt(sum r^2 / 4)",
    traits=("closed-form", "continuity"),
)
def wilcoxon_continuity(differences: Floats) -> TestResult:
    """Approximate :func:`wilcoxon` with the deviation half a rank smaller.

    Examples
    --------
    >>> round(float(wilcoxon_continuity(np.array([0.04, 0.03, -0.01, 0.02])).p), 4)
    0.2012
    """
    return _normal_signed_rank(differences, 0.5)


@PAIRS_TESTS.register(
    "sign",
    label="Sign test, exact, zeros dropped",
    reference="Dixon & Mood (1946) JASA 41:557-566",
    equation="min(1, 2 P(X <= min(k, n - k))), X binomial(n, 1/2)",
    traits=("closed-form", "exact"),
)
def sign(differences: Floats) -> TestResult:
    """Compare the number of rises with falls, zeros dropped.

    Returns
    -------
    TestResult
        The statistic is rises less falls.

    Examples
    --------
    >>> float(sign(np.array([0.04, 0.03, -0.01, 0.02])).p)
    0.625
    """
    d = np.asarray(differences, dtype=float)
    up, down = (d > 0).sum(axis=-1), (d < 0).sum(axis=-1)
    # P(X <= k) for the binomial with a half, as an incomplete beta
    fewer = np.minimum(up, down)
    tail = special.betainc(up + down - fewer, fewer + 1.0, 0.5)
    even = up + down == 0
    p = np.where(even, 1.0, np.minimum(2.0 * np.where(even, 1.0, tail), 1.0))
    missing = _undefined(d)
    return TestResult(np.asarray(up - down + missing), "exact", exact_p=p + missing)


def _share_as_far(values: Floats) -> float:
    """Share of all sign flips whose sum is as far from zero as that of `values`.

    The flips of each half are listed; each sum of the first half is then placed
    among the sorted sums of the second (Horowitz & Sahni 1974, JACM 21:277-292), so
    that 2^(n/2) sums stand for 2^n.
    """
    size = np.abs(values[values != 0.0])
    observed, slack = abs(values.sum()), _TIE * size.sum()
    if observed <= slack:
        return 1.0
    half = size.size // 2
    first, second = _flips(size[:half]), np.sort(_flips(size[half:]))
    # by symmetry as many sums lie below -observed as above it
    above = second.size - np.searchsorted(second, observed - slack - first)
    return 2.0 * float(above.sum()) / float(first.size * second.size)


def _flips(values: Floats) -> Floats:
    """Sums of `values` under every choice of signs."""
    sums = np.zeros(1)
    for value in values:
        sums = np.concatenate([sums - value, sums + value])
    return sums


@PAIRS_TESTS.register(
    "permutation",
    label="Permutation of signs, exact",
    reference="Fisher (1935) The Design of Experiments, section 21",
    equation="share of the 2^n sign flips with |sum d| at least as great",
    traits=("exact",),
)
def permutation(differences: Floats) -> TestResult:
    """Compare the mean difference with those of all 2^n flips of signs.

    Sums within 1e-12 of the total of ``|d|`` of each other count as equal, which is
    wider than any rounding of the sums and narrower than any difference between
    printed decimals.

    Parameters
    ----------
    differences : ndarray, shape (..., n)
        At most 44 pairs.

    Returns
    -------
    TestResult
        The statistic is the sum of the differences.

    Raises
    ------
    InvalidEvidenceError
        For more pairs.

    Examples
    --------
    >>> float(permutation(np.array([0.04, 0.03, -0.01, 0.02])).p)
    0.25
    """
    d = np.asarray(differences, dtype=float)
    if d.shape[-1] > MOST_FLIPPED:
        raise InvalidEvidenceError(
            field="differences",
            requirement=f"at most {MOST_FLIPPED} pairs for the exact permutation test",
            given=d.shape[-1],
        )
    rows = _rows(d)
    p = [np.nan if np.isnan(row).any() else _share_as_far(row) for row in rows]
    shaped = np.array(p).reshape(d.shape[:-1])
    return TestResult(np.asarray(d.sum(axis=-1)), "exact", exact_p=shaped)
