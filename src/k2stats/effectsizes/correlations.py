"""Pearson, partial and semi-partial correlations."""

import numpy as np

from k2stats._typing import Floats
from k2stats.effectsizes._measures import Estimate, Options, measure
from k2stats.effectsizes._small_sample import (
    gauss_2f1,
    n_weighted_mean,
    unbiased_correlation,
)
from k2stats.effectsizes.binary_association import fisher_z
from k2stats.effectsizes.inputs import (
    CorrelationInput,
    RegressionTest,
    RegressionTestR2,
)

_GROUP = "Correlations"
_UNIT = (-1.0, 1.0)
_PARTIAL = "Aloe & Thompson (2013)"
_SEMI = "Aloe & Becker (2012)"
_POOLED = "as LS with the estimate averaged over studies, n as weights"


def _averaged(r: Floats, n: Floats, options: Options) -> Floats:
    return n_weighted_mean(r, n) if options.vtype == "AV" else r


@measure(
    "COR",
    evidence=CorrelationInput,
    label="Correlation",
    reference="Borenstein (2009)",
    equation="r",
    variance={"LS": "(1 - r^2)^2/(n - 1)", "AV": _POOLED},
    group=_GROUP,
    symbol="r",
    bounds=_UNIT,
)
def correlation(t: CorrelationInput, options: Options) -> Estimate:
    """Pearson correlation, v = (1 - r^2)^2 / (n - 1).

    References
    ----------
    Borenstein, M. (2009). Effect sizes for continuous data. In The Handbook of
    Research Synthesis and Meta-Analysis (2nd ed.), equation 12.27.
    """
    return t.r, (1 - _averaged(t.r, t.n, options) ** 2) ** 2 / (t.n - 1)


@measure(
    "UCOR",
    evidence=CorrelationInput,
    label="Unbiased correlation",
    reference="Olkin & Pratt (1958)",
    equation="r 2F1(1/2, 1/2; (n - 2)/2; 1 - r^2)",
    variance={
        "LS": "(1 - G^2)^2/(n - 1)",
        "UB": "G^2 - 1 + (n - 3)/(n - 2) (1 - r^2) 2F1(1, 1; n/2; 1 - r^2)",
        "AV": _POOLED,
    },
    group=_GROUP,
    symbol="r",
    bounds=_UNIT,
)
def correlation_unbiased(t: CorrelationInput, options: Options) -> Estimate:
    r"""Olkin and Pratt's unbiased G.

    ``UB`` is the unbiased estimate of the variance of G: G squared less the
    unbiased estimate of the squared correlation,
    :math:`1 - \frac{n-3}{n-2}(1-r^2)\,{}_2F_1(1, 1; n/2; 1 - r^2)`.

    References
    ----------
    Olkin, I., & Pratt, J. W. (1958). Unbiased estimation of certain correlation
    coefficients. Annals of Mathematical Statistics, 29, 201-211. Hedges, L. V.
    (1989). An unbiased correction for sampling error in validity generalization
    studies. Journal of Applied Psychology, 74, 469-477.
    """
    g = unbiased_correlation(t.r, t.n)
    if options.vtype == "UB":
        rest = 1 - t.r**2
        share = (t.n - 3) / (t.n - 2) * rest * gauss_2f1(1.0, t.n / 2, rest)
        return g, g * g - 1 + share
    return g, (1 - _averaged(g, t.n, options) ** 2) ** 2 / (t.n - 1)


@measure(
    "ZCOR",
    evidence=CorrelationInput,
    label="Fisher's z of a correlation",
    reference="Fisher (1921)",
    equation="atanh(r)",
    variance="1/(n - 3)",
    group=_GROUP,
    on="fisher-z",
    symbol="r",
    bounds=_UNIT,
)
def correlation_z(t: CorrelationInput, options: Options) -> Estimate:
    """Fisher's z, v = 1/(n - 3).

    References
    ----------
    Fisher, R. A. (1921). On the probable error of a coefficient of correlation
    deduced from a small sample. Metron, 1, 3-32.
    """
    return np.arctanh(t.r), 1 / (t.n - 3)


def _partial(t: RegressionTest) -> Floats:
    return np.asarray(t.t / np.sqrt(t.t**2 + (t.n - t.predictors - 1)))


@measure(
    "PCOR",
    evidence=RegressionTest,
    label="Partial correlation",
    reference=_PARTIAL,
    equation="t / sqrt(t^2 + n - m - 1)",
    variance={"LS": "(1 - r^2)^2/(n - m - 1)", "AV": _POOLED},
    group=_GROUP,
    symbol="r_p",
    bounds=_UNIT,
)
def partial_correlation(t: RegressionTest, options: Options) -> Estimate:
    """Partial correlation of one predictor, from its t statistic.

    References
    ----------
    Aloe, A. M., & Thompson, C. G. (2013). The synthesis of partial effect sizes.
    Journal of the Society for Social Work and Research, 4, 390-405.
    """
    r = _partial(t)
    v = (1 - _averaged(r, t.n, options) ** 2) ** 2 / (t.n - t.predictors - 1)
    return r, v


@measure(
    "ZPCOR",
    evidence=RegressionTest,
    label="Fisher's z of a partial correlation",
    reference=_PARTIAL + "; Fisher (1924)",
    equation="atanh(r_p)",
    variance="1/(n - m - 2)",
    group=_GROUP,
    on="fisher-z",
    symbol="r_p",
    bounds=_UNIT,
)
def partial_correlation_z(t: RegressionTest, options: Options) -> Estimate:
    """Fisher's z of a partial correlation, v = 1/(n - (m - 1) - 3).

    m - 1 predictors are held constant; 1/(n - m - 3), which is also in use, takes
    one degree of freedom too many.

    References
    ----------
    Fisher, R. A. (1924). The distribution of the partial correlation coefficient.
    Metron, 3, 329-332.
    """
    return np.arctanh(_partial(t)), 1 / (t.n - t.predictors - 2)


@measure(
    "SPCOR",
    evidence=RegressionTestR2,
    label="Semi-partial correlation",
    reference=_SEMI,
    equation="t sqrt(1 - R^2)/sqrt(n - m - 1)",
    variance={
        "LS": "(R^4 - 2 R^2 + R0^2 + 1 - R0^4)/n, R0^2 = R^2 - r^2",
        "AV": _POOLED,
    },
    group=_GROUP,
    symbol="r_sp",
    bounds=_UNIT,
)
def semi_partial_correlation(t: RegressionTestR2, options: Options) -> Estimate:
    r"""Semi-partial correlation of one predictor.

    .. math:: y = \frac{t\sqrt{1 - R^2}}{\sqrt{n - m - 1}}, \quad
        v = \frac{R^4 - 2R^2 + R_0^2 + 1 - R_0^4}{n}, \quad R_0^2 = R^2 - y^2

    References
    ----------
    Aloe, A. M., & Becker, B. J. (2012). An effect size for regression predictors in
    meta-analysis. Journal of Educational and Behavioral Statistics, 37, 278-297.
    """
    r = t.t * np.sqrt(1 - t.r2) / np.sqrt(t.n - t.predictors - 1)
    without = t.r2 - _averaged(r, t.n, options) ** 2
    return r, (t.r2**2 - 2 * t.r2 + without + 1 - without**2) / t.n


@measure(
    "ZSPCOR",
    evidence=RegressionTestR2,
    label="Fisher's z of a semi-partial correlation",
    reference=_SEMI + "; Fisher (1921)",
    equation="atanh(r_sp)",
    variance={"LS": "var(r_sp)/(1 - r_sp^2)^2", "AV": _POOLED},
    group=_GROUP,
    on="fisher-z",
    symbol="r_sp",
    bounds=_UNIT,
)
def semi_partial_correlation_z(t: RegressionTestR2, options: Options) -> Estimate:
    """Fisher's z of a semi-partial correlation, by the delta method."""
    return fisher_z(*semi_partial_correlation(t, options))
