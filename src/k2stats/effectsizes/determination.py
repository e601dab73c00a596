"""R-squared of linear regressions, with random or with fixed predictors."""

import numpy as np

from k2stats._typing import Floats
from k2stats.effectsizes._measures import Estimate, Options, measure
from k2stats.effectsizes._small_sample import n_weighted_mean
from k2stats.effectsizes.inputs import Determination

_GROUP = "Coefficients of determination"
_SHARE = (0.0, 1.0)
_NONE = float("nan")


def _r2(t: Determination, options: Options) -> Floats:
    return n_weighted_mean(t.r2, t.n) if options.vtype.startswith("AV") else t.r2


@measure(
    "R2",
    evidence=Determination,
    label="R-squared, random predictors",
    reference="Kendall & Stuart (1979)",
    equation="R^2",
    variance={
        "LS": "4 R^2 (1 - R^2)^2/n",
        "LS2": "4 R^2 (1 - R^2)^2 (n - m - 1)^2/((n^2 - 1)(n + 3))",
        "AV": "as LS with R^2 averaged over studies, n as weights",
        "AV2": "as LS2 with R^2 averaged over studies, n as weights",
    },
    group=_GROUP,
    symbol="R2",
    null=_NONE,
    bounds=_SHARE,
)
def r_squared(t: Determination, options: Options) -> Estimate:
    """R-squared where outcome and predictors are jointly normal.

    References
    ----------
    Kendall, M., & Stuart, A. (1979). The advanced theory of statistics, Vol. 2 (4th
    ed.), equations 27.88 and 27.87.
    """
    r2, n = _r2(t, options), t.n
    base = 4 * r2 * (1 - r2) ** 2
    if options.vtype in ("LS2", "AV2"):
        return t.r2, base * (n - t.predictors - 1) ** 2 / ((n**2 - 1) * (n + 3))
    return t.r2, base / n


@measure(
    "ZR2",
    evidence=Determination,
    label="Fisher's z of R, random predictors",
    reference="Olkin & Finn (1995)",
    equation="atanh(R)",
    variance="1/n",
    group=_GROUP,
    on="fisher-z-r2",
    symbol="R2",
    null=_NONE,
    bounds=_SHARE,
)
def r_squared_z(t: Determination, options: Options) -> Estimate:
    """Variance-stabilizing transform of R-squared, atanh(R), v = 1/n.

    References
    ----------
    Olkin, I., & Finn, J. D. (1995). Correlations redux. Psychological Bulletin,
    118, 155-164.
    """
    return np.arctanh(np.sqrt(t.r2)), 1 / t.n


@measure(
    "R2F",
    evidence=Determination,
    label="R-squared, fixed predictors",
    reference="delta method on the noncentral F",
    equation="R^2",
    variance={
        "LS": "2 R^2 (2 - R^2)(1 - R^2)^2/n",
        "AV": "as LS with R^2 averaged over studies, n as weights",
    },
    group=_GROUP,
    symbol="R2",
    null=_NONE,
    bounds=_SHARE,
)
def r_squared_fixed(t: Determination, options: Options) -> Estimate:
    r"""R-squared where the predictors are fixed by design.

    With sums of squares :math:`A \sim \chi^2_m(\lambda)` and
    :math:`B \sim \chi^2_{n-m-1}`, :math:`\lambda = n R^2 / (1 - R^2)`, the delta
    method on :math:`A / (A + B)` gives in large samples

    .. math:: v = \frac{2 R^2 (2 - R^2)(1 - R^2)^2}{n}

    No publication of it is cited: it is derived here, and checked against the exact
    variance, that of a Poisson mixture of beta distributions.
    """
    r2 = _r2(t, options)
    return t.r2, 2 * r2 * (2 - r2) * (1 - r2) ** 2 / t.n


@measure(
    "ZR2F",
    evidence=Determination,
    label="Variance-stabilized R-squared, fixed predictors",
    reference="delta method on the noncentral F",
    equation="sqrt(2) atanh(R/sqrt(2 - R^2))",
    variance="1/n",
    group=_GROUP,
    on="fixed-z-r2",
    symbol="R2",
    null=_NONE,
    bounds=_SHARE,
)
def r_squared_fixed_z(t: Determination, options: Options) -> Estimate:
    r"""Transform that stabilizes the variance of :func:`r_squared_fixed`.

    .. math:: y = \int \frac{du}{\sqrt{2u(2-u)}\,(1-u)} =
        \sqrt2 \operatorname{artanh}\frac{R}{\sqrt{2 - R^2}}, \quad v = \frac1n
    """
    return np.sqrt(2.0) * np.arctanh(np.sqrt(t.r2 / (2 - t.r2))), 1 / t.n
