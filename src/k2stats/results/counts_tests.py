"""The tests that come with an estimate from counts."""

from dataclasses import dataclass

import numpy as np

from k2stats._typing import Floats
from k2stats.numerics import tails


@dataclass(frozen=True, slots=True, eq=False)
class CountsTest:
    """A chi-squared test that comes with a pooled estimate.

    Attributes
    ----------
    name, label : str
    statistic, df, p : ndarray, shape (...)
        NaN where the test is not defined; p is NaN also where df is 0.
    null : str
        What it tests, e.g. ``"no heterogeneity"``.
    """

    name: str
    label: str
    statistic: Floats
    df: Floats
    p: Floats
    null: str

    @classmethod
    def chi2(
        cls, name: str, label: str, statistic: Floats, df: Floats, null: str
    ) -> "CountsTest":
        """Build from a statistic and its degrees of freedom.

        Examples
        --------
        >>> test = CountsTest.chi2("Q", "Cochran's Q", np.array(9.488), np.array(4.0),
        ...                        "no heterogeneity")
        >>> float(test.p).__round__(4)
        0.05
        """
        statistic, df = np.asarray(statistic, float), np.asarray(df, float)
        with np.errstate(invalid="ignore"):
            p = np.where(df > 0, tails.chi2_p(statistic, np.maximum(df, 1.0)), np.nan)
        return cls(name, label, statistic, df, np.asarray(p), null)

    @property
    def log_p(self) -> Floats:
        """Natural logarithm of p, exact where p underflows."""
        with np.errstate(invalid="ignore"):
            found = tails.log_chi2_p(self.statistic, np.maximum(self.df, 1.0))
        return np.where(self.df > 0, found, np.nan)
