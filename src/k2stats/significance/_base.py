"""What a significance test returns, and the tables the tests are filed in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from k2stats._registry import Registry
from k2stats._typing import Alternative, Floats
from k2stats.evidence import TwoByTwo, TwoMeans
from k2stats.numerics import tails


@dataclass(frozen=True, slots=True, eq=False)
class TestResult:
    """A statistic and the null distribution it is read against.

    The p-value and its logarithm are computed when asked for, so that tests which
    only need one of them on millions of tables do not pay for the other.

    Attributes
    ----------
    statistic : ndarray, shape (..., K)
        Signed (group 1 minus group 2) for normal and t; NaN where undefined.
    null : {"normal", "t", "chi2", "exact"}
        ``exact``: `exact_p` was summed from probabilities.
    df : ndarray or float
        Degrees of freedom of t and chi-squared.
    alternative : {"two-sided", "greater", "less"}
    exact_p : ndarray, optional
    """

    __test__ = False  # not a test class for pytest to collect

    statistic: Floats
    null: Literal["normal", "t", "chi2", "exact"] = "normal"
    df: Floats | float = np.nan
    alternative: Alternative = "two-sided"
    exact_p: Floats | None = None

    @property
    def p(self) -> Floats:
        """P-value in [0, 1]; NaN where the statistic is undefined.

        Examples
        --------
        >>> TestResult(np.array([2.2]), "t", 28.0).p.round(7)
        array([0.0362255])
        """
        match self.null:
            case "normal":
                return tails.normal_p(self.statistic, self.alternative)
            case "t":
                return tails.student_p(self.statistic, self.df, self.alternative)
            case "chi2":
                return tails.chi2_p(self.statistic, self.df)
            case "exact":
                if self.exact_p is None:
                    return np.full_like(self.statistic, np.nan)
                return np.clip(self.exact_p, 0.0, 1.0)

    @property
    def log_p(self) -> Floats:
        """Natural logarithm of :attr:`p`, exact where p underflows."""
        match self.null:
            case "normal":
                return tails.log_normal_p(self.statistic, self.alternative)
            case "t":
                return tails.log_student_p(self.statistic, self.df, self.alternative)
            case "chi2":
                return tails.log_chi2_p(self.statistic, self.df)
            case "exact":
                with np.errstate(divide="ignore"):
                    return np.asarray(np.log(self.p))


TwoByTwoTest: TypeAlias = Callable[[TwoByTwo], TestResult]
MeansTest: TypeAlias = Callable[[TwoMeans], TestResult]
PairsTest: TypeAlias = Callable[[Floats], TestResult]

TWO_BY_TWO_TESTS: Registry[TwoByTwoTest] = Registry("2x2 test")
"""Tests of no association in a 2x2 table. Traits: ``closed-form`` or ``exact``;
``unconditional`` for those whose cost grows with n squared; ``one-sided``;
``continuity`` for corrected ones."""

MEANS_TESTS: Registry[MeansTest] = Registry("test of two means")
"""Tests of two means from means, SDs and sizes."""

PAIRS_TESTS: Registry[PairsTest] = Registry("paired test")
"""Tests of within-pair differences, an array of shape ``(..., n)``."""
