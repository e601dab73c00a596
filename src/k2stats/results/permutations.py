"""What a permutation test returns."""

from dataclasses import dataclass

import numpy as np

from k2stats._typing import Floats


@dataclass(frozen=True, slots=True, eq=False)
class PermutationTest:
    """Permutation test of a pooled mean of zero.

    Attributes
    ----------
    p : float
        Two-sided.
    statistic : float
        Observed test statistic.
    exact : bool
        Whether every sign flip was looked at.
    flips : int
        Number of sign flips that the p-value is a share of.
    low, high : float
        Interval of the means that the test does not reject; NaN where none was asked
        for.
    level : float
    distribution : ndarray, shape (B,)
        Sizes of the statistics; with all flips one of each pair that differs in the
        sign of the statistic alone.
    """

    p: float
    statistic: float
    exact: bool
    flips: int
    low: float
    high: float
    level: float
    distribution: Floats

    @property
    def smallest_p(self) -> float:
        """Smallest p-value that so many flips can give."""
        return (2.0 if self.exact else 1.0) / self.flips

    def __repr__(self) -> str:
        how = "exact" if self.exact else "Monte Carlo"
        shown = "" if np.isnan(self.low) else f", {self.low:.4g} to {self.high:.4g}"
        return f"Permutation test ({how}, {self.flips} flips): p = {self.p:.4g}{shown}"
