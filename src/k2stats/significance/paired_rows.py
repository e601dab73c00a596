"""Raw pairs as printed: exact differences, their summary and every paired test."""

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy import special

from k2stats._typing import Floats
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence import PairedMeans, PairedRows
from k2stats.significance._base import PAIRS_TESTS, TestResult
from k2stats.significance._intervals import IntervalResult
from k2stats.significance.enclosures import Enclosure, PValueRange

_LARGEST = 2**53


def whole_differences(rows: PairedRows) -> Floats:
    """Return the printed differences, scaled to whole numbers without rounding.

    After minus before in rational arithmetic, over their common denominator. None of
    the paired tests' p-values depends on the scale, and sums and ties of whole
    numbers are exact.

    Raises
    ------
    InvalidEvidenceError
        If the sum of the scaled differences is beyond 2**53.

    Examples
    --------
    >>> from k2stats.evidence import Reported
    >>> pairs = PairedRows((Reported("0.71"), Reported("0.78")),
    ...                    (Reported("0.75"), Reported("0.77")))
    >>> whole_differences(pairs)
    array([ 4., -1.])
    """
    exact = _exact(rows)
    scale = math.lcm(*(d.denominator for d in exact))
    whole = [int(d * scale) for d in exact]
    shared = math.gcd(*whole) or 1
    if sum(map(abs, whole)) // shared > _LARGEST:
        raise InvalidEvidenceError(
            field="before, after", requirement="of fewer digits: sums beyond 2**53"
        )
    return np.array([w // shared for w in whole], dtype=float)


def pairs_p_values(rows: PairedRows) -> list[PValueRange]:
    """Run every registered paired test on printed pairs, ties decided exactly.

    Examples
    --------
    >>> from k2stats.evidence import Reported
    >>> before = tuple(map(Reported, ("0.71", "0.75", "0.79", "0.90")))
    >>> after = tuple(map(Reported, ("0.75", "0.78", "0.78", "0.92")))
    >>> for row in pairs_p_values(PairedRows(before, after)):
    ...     print(row.name, round(row.midpoint, 3))
    paired-t 0.161
    wilcoxon 0.25
    wilcoxon-pratt 0.25
    wilcoxon-normal 0.144
    wilcoxon-continuity 0.201
    sign 0.625
    permutation 0.25
    """
    differences = whole_differences(rows)
    found = []
    for entry in PAIRS_TESTS.entries():
        note = ""
        try:
            p = float(entry.function(differences).p)
        except InvalidEvidenceError as error:
            p, note = math.nan, str(error)
        found.append(
            PValueRange(
                entry.name,
                entry.label,
                entry.reference,
                entry.version,
                p,
                Enclosure(p, p),
                traits=entry.traits,
                note=note,
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class PairsSummary:
    """Within-pair change as printed values give it.

    Attributes
    ----------
    n : int
    mean, sd : float
        Of the differences, after minus before; `sd` is NaN for one pair.
    low, high : float
        Confidence limits of the mean difference by t.
    level : float
    mean_percent : float
        Mean of ``100 (after - before) / before``; NaN where a before is zero.
    """

    n: int
    mean: float
    sd: float
    low: float
    high: float
    level: float
    mean_percent: float


def summarise_pairs(rows: PairedRows, level: float = 0.95) -> PairsSummary:
    """Return the mean change, its SD and t interval, and the mean change in percent.

    Examples
    --------
    >>> from k2stats.evidence import Reported
    >>> before = tuple(map(Reported, ("0.71", "0.75", "0.79", "0.90")))
    >>> after = tuple(map(Reported, ("0.75", "0.78", "0.78", "0.92")))
    >>> s = summarise_pairs(PairedRows(before, after))
    >>> print(f"{s.mean:.3f} (SD {s.sd:.4f}; {s.low:.3f} to {s.high:.3f})")
    0.020 (SD 0.0216; -0.014 to 0.054)
    """
    exact = _exact(rows)
    n = len(exact)
    mean = sum(exact, Fraction(0)) / n
    # the mean's rounding matters where all differences are nearly equal: stay exact
    squares = sum(((d - mean) ** 2 for d in exact), Fraction(0))
    sd = math.sqrt(squares / (n - 1)) if n > 1 else math.nan
    half = (
        float(special.stdtrit(n - 1.0, (1.0 + level) / 2.0)) * sd / math.sqrt(n)
        if n > 1
        else math.nan
    )
    percents = [
        float(100 * d / b.value) if b.value else math.nan
        for d, b in zip(exact, rows.before, strict=True)
    ]
    return PairsSummary(
        n,
        float(mean),
        sd,
        float(mean) - half,
        float(mean) + half,
        level,
        sum(percents) / n,
    )


def paired_means_test(means: PairedMeans) -> TestResult:
    r"""Paired t from the mean and SD of differences, shape ``(..., K)``.

    .. math:: t = \frac{\bar d}{s_d / \sqrt n}, \quad \nu = n - 1

    NaN where the SD is zero.

    References
    ----------
    Student (1908) Biometrika 6:1-25.

    Examples
    --------
    >>> m = PairedMeans.from_summary(mean_difference=.02, sd_difference=.021602, n=4)
    >>> paired_means_test(m).p.round(3)
    array([0.161])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        t = means.mean_difference / (means.sd_difference / np.sqrt(means.n))
    return TestResult(np.where(means.sd_difference > 0, t, np.nan), "t", means.n - 1.0)


def paired_means_interval(means: PairedMeans, level: float = 0.95) -> IntervalResult:
    r"""Interval of the mean difference by t, shape ``(..., K)``.

    .. math:: \bar d \pm t_{n - 1, 1 - \alpha / 2}\, s_d / \sqrt n

    Examples
    --------
    >>> m = PairedMeans.from_summary(mean_difference=.02, sd_difference=.021602, n=4)
    >>> result = paired_means_interval(m)
    >>> result.low.round(3), result.high.round(3)
    (array([-0.014]), array([0.054]))
    """
    quantile = special.stdtrit(means.n - 1.0, (1.0 + level) / 2.0)
    half = quantile * means.sd_difference / np.sqrt(means.n)
    centre = means.mean_difference
    return IntervalResult(centre, centre - half, centre + half)


def _exact(rows: PairedRows) -> list[Fraction]:
    """After minus before of the printed values."""
    pairs = zip(rows.after, rows.before, strict=True)
    return [after.value - before.value for after, before in pairs]
