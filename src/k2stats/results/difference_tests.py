r"""Tests of whether the means of several groups of studies differ.

Most are made of

.. math:: Q_B = \sum_g \frac{(\hat\mu_g - \bar\mu)^2}{\operatorname{SE}_g^2}, \qquad
    \bar\mu = \frac{\sum_g \hat\mu_g / \operatorname{SE}_g^2}
    {\sum_g 1 / \operatorname{SE}_g^2},

and differ in what it is referred to.
"""

from typing import NamedTuple, Protocol

import numpy as np

from k2stats._registry import Registry
from k2stats._typing import Floats
from k2stats.numerics import tails
from k2stats.numerics.wls import fit_wls
from k2stats.results.linear_hypothesis import WaldTest, f_p


class GroupMeans(NamedTuple):
    """Means of G independent groups.

    Attributes
    ----------
    estimate, se, df : ndarray, shape (..., G)
        `df` is infinite for a normal reference.
    residual_df : ndarray, shape (...)
        Studies less groups, all groups together.
    """

    estimate: Floats
    se: Floats
    df: Floats
    residual_df: Floats


class DifferenceTest(Protocol):
    """A test of equal means."""

    def __call__(self, means: GroupMeans) -> WaldTest:
        """Test every batch element."""


DIFFERENCE_TESTS: Registry[DifferenceTest] = Registry("test of differences")
"""Tests of equal means. The trait ``common`` marks those that need one tau2 for all
groups, and its degrees of freedom."""


@DIFFERENCE_TESTS.register(
    "Q",
    label="Q between subgroups, chi-squared",
    reference="Borenstein et al. (2009) Introduction to Meta-Analysis, chapter 19",
    equation="Q_B on G - 1 degrees of freedom",
)
def chi_squared(means: GroupMeans) -> WaldTest:
    """Cochran's Q of the means; takes their standard errors as known."""
    q, _ = _between(means)
    df = means.estimate.shape[-1] - 1
    return WaldTest("subgroups", q, df, None, tails.chi2_p(q, float(df)))


@DIFFERENCE_TESTS.register(
    "F",
    label="F between subgroups",
    reference="Knapp and Hartung (2003) Stat Med 22:2693-2710",
    equation="Q_B / (G - 1) on G - 1 and K - G degrees of freedom",
    traits=("common",),
)
def one_factor(means: GroupMeans) -> WaldTest:
    """Omnibus F of a meta-regression on the groups, which has one tau2."""
    q, _ = _between(means)
    df = means.estimate.shape[-1] - 1
    ddf = np.where(np.isinf(means.df).all(axis=-1), np.inf, means.residual_df)
    f = q / df
    return WaldTest("subgroups", f, df, ddf, f_p(f, df, ddf))


@DIFFERENCE_TESTS.register(
    "Welch",
    label="Welch's F between subgroups",
    reference="Welch (1951) Biometrika 38:330-336",
    equation="Q_B / (G - 1) / (1 + 2 (G - 2) a / (G^2 - 1)) on G - 1 and "
    "(G^2 - 1) / (3 a), a = sum (1 - w / sum w)^2 / df",
)
def welch(means: GroupMeans) -> WaldTest:
    """Allow for the estimation of each group's standard error from its few studies.

    With two groups it is the square of the t test of Welch and Satterthwaite, with
    normal references Q over its degrees of freedom.
    """
    q, w = _between(means)
    g = means.estimate.shape[-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = w / w.sum(axis=-1, keepdims=True)
        a = ((1.0 - share) ** 2 / means.df).sum(axis=-1)
        f = q / (g - 1.0) / (1.0 + 2.0 * (g - 2.0) * a / (g * g - 1.0))
        ddf = np.where(a > 0.0, (g * g - 1.0) / (3.0 * a), np.inf)
    ddf = np.where(np.isnan(a), np.nan, ddf)
    return WaldTest("subgroups", np.asarray(f), g - 1, ddf, f_p(f, g - 1, ddf))


def _between(means: GroupMeans) -> tuple[Floats, Floats]:
    """Q of the means, and their weights; NaN where a standard error is undefined."""
    with np.errstate(divide="ignore", invalid="ignore"):
        w = 1.0 / means.se**2
        bad = ~np.isfinite(w) | ~np.isfinite(means.estimate)
        found = fit_wls(np.where(bad, 0.0, means.estimate), np.where(bad, 1.0, w)).rss
        return np.where(bad.any(axis=-1), np.nan, found), np.where(bad, np.nan, w)
