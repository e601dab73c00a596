"""Change of a mean within one group, or between matched pairs."""

import numpy as np
from scipy import special

from k2stats._typing import Floats
from k2stats.effectsizes._measures import Estimate, Options, measure
from k2stats.effectsizes._small_sample import small_sample_j
from k2stats.effectsizes.inputs import ChangeMeans
from k2stats.effectsizes.superiority import density

_GROUP = "Change or matched pairs, means"
_SHARE = (0.0, 1.0)
_BONETT = "Bonett (2008)"


def _hedges(d: Floats, df: Floats, options: Options) -> Floats:
    return d * small_sample_j(df) if options.correct else d


@measure(
    "MC",
    evidence=ChangeMeans,
    label="Mean change",
    reference="Morris & DeShon (2002)",
    equation="m1 - m2",
    variance="(s1^2 + s2^2 - 2 r s1 s2)/n",
    group=_GROUP,
)
def mean_change(t: ChangeMeans, options: Options) -> Estimate:
    """Raw mean change, v = variance of the change scores over n.

    References
    ----------
    Morris, S. B., & DeShon, R. P. (2002). Combining effect size estimates in
    meta-analysis with repeated measures and independent-groups designs.
    Psychological Methods, 7, 105-125.
    """
    return t.mean1 - t.mean2, t.sd_change**2 / t.n


def _two_ways(d: Floats, n: Floats, base: Floats | float, options: Options) -> Estimate:
    """Corrected effect, and LS or LS2 (J^2 times the variance of d)."""
    y = _hedges(d, n - 1, options)
    if options.vtype == "LS2":
        j = small_sample_j(n - 1) if options.correct else 1.0
        return y, j * j * (base / n + d * d / (2 * n))
    return y, base / n + y * y / (2 * n)


@measure(
    "SMCC",
    evidence=ChangeMeans,
    label="Standardized mean change, SD of the change scores",
    reference="Gibbons et al. (1993)",
    equation="J(n - 1) (m1 - m2)/s_change",
    variance={"LS": "1/n + y^2/(2 n)", "LS2": "J^2 (1/n + d^2/(2 n))"},
    group=_GROUP,
    corrected=True,
)
def change_score_standardized(t: ChangeMeans, options: Options) -> Estimate:
    """Mean change over the SD of the change scores.

    References
    ----------
    Gibbons, R. D., Hedeker, D. R., & Davis, J. M. (1993). Estimation of effect size
    from a series of experiments involving paired comparisons. Journal of
    Educational Statistics, 18, 271-279.
    """
    return _two_ways((t.mean1 - t.mean2) / t.sd_change, t.n, 1.0, options)


@measure(
    "SMCR",
    evidence=ChangeMeans,
    label="Standardized mean change, SD of measurement 1",
    reference="Becker (1988)",
    equation="J(n - 1) (m1 - m2)/s1",
    variance={
        "LS": "2 (1 - r)/n + y^2/(2 n)",
        "LS2": "J^2 (2 (1 - r)/n + d^2/(2 n))",
    },
    group=_GROUP,
    corrected=True,
)
def raw_score_standardized(t: ChangeMeans, options: Options) -> Estimate:
    """Mean change over the SD of the first measurement.

    References
    ----------
    Becker, B. J. (1988). Synthesizing standardized mean-change measures. British
    Journal of Mathematical and Statistical Psychology, 41, 257-278.
    """
    return _two_ways((t.mean1 - t.mean2) / t.sd1, t.n, 2 * (1 - t.r), options)


@measure(
    "SMCRH",
    evidence=ChangeMeans,
    label="Standardized mean change, SD of measurement 1, unequal variances",
    reference=_BONETT,
    equation="J(n - 1) (m1 - m2)/s1",
    variance="s_change^2/(s1^2 (n-1)) + y^2/(2 (n-1))",
    group=_GROUP,
    corrected=True,
)
def raw_score_unequal(t: ChangeMeans, options: Options) -> Estimate:
    """As SMCR, the variance without the assumption of equal variances.

    References
    ----------
    Bonett, D. G. (2008). Confidence intervals for standardized linear contrasts of
    means. Psychological Methods, 13, 99-109.
    """
    y = _hedges((t.mean1 - t.mean2) / t.sd1, t.n - 1, options)
    return y, ((t.sd_change / t.sd1) ** 2 + 0.5 * y * y) / (t.n - 1)


def _pooled(t: ChangeMeans, options: Options) -> tuple[Floats, Floats]:
    s2 = 0.5 * (t.sd1**2 + t.sd2**2)
    df = 2 * (t.n - 1) / (1 + t.r**2)
    return _hedges((t.mean1 - t.mean2) / np.sqrt(s2), df, options), s2


@measure(
    "SMCRP",
    evidence=ChangeMeans,
    label="Standardized mean change, pooled SD",
    reference="Cousineau (2020)",
    equation="J(2(n-1)/(1+r^2)) (m1 - m2)/sqrt((s1^2 + s2^2)/2)",
    variance="2 (1 - r)/n + y^2 (1 + r^2)/(4 n)",
    group=_GROUP,
    corrected=True,
)
def pooled_standardized(t: ChangeMeans, options: Options) -> Estimate:
    r"""Mean change over the pooled SD of both measurements.

    .. math:: v = \frac{2(1 - r)}{n} + \frac{y^2 (1 + r^2)}{4n}

    The pooled variance of correlated measurements has
    :math:`2(n-1)/(1+r^2)` degrees of freedom.

    References
    ----------
    Cousineau, D. (2020). Approximating the distribution of Cohen's d_p in
    within-subject designs. The Quantitative Methods for Psychology, 16, 418-421.
    """
    y, _ = _pooled(t, options)
    return y, 2 * (1 - t.r) / t.n + y * y * (1 + t.r**2) / (4 * t.n)


@measure(
    "SMCRPH",
    evidence=ChangeMeans,
    label="Standardized mean change, pooled SD, unequal variances",
    reference=_BONETT,
    equation="J(2(n-1)/(1+r^2)) (m1 - m2)/sqrt((s1^2 + s2^2)/2)",
    variance="s_change^2/(s^2 (n-1)) + y^2 (s1^4 + s2^4 + 2 r^2 s1^2 s2^2)"
    "/(8 s^4 (n-1))",
    group=_GROUP,
    corrected=True,
)
def pooled_unequal(t: ChangeMeans, options: Options) -> Estimate:
    """As SMCRP, the variance without the assumption of equal variances."""
    y, s2 = _pooled(t, options)
    fourth = t.sd1**4 + t.sd2**4 + 2 * (t.r * t.sd1 * t.sd2) ** 2
    return y, (t.sd_change**2 / s2 + y * y * fourth / (8 * s2**2)) / (t.n - 1)


@measure(
    "CLESCN",
    evidence=ChangeMeans,
    label="Probability of a higher first measurement within a person",
    reference="McGraw & Wong (1992)",
    equation="Phi((m1 - m2)/s_change)",
    variance="f(z)^2 (1 + z^2/2)/(n - 1)",
    group=_GROUP,
    symbol="CLES",
    null=0.5,
    bounds=_SHARE,
)
def superiority_within(t: ChangeMeans, options: Options) -> Estimate:
    r"""Probability that the first measurement of a person is above the second.

    .. math:: y = \Phi(z), \quad z = \frac{m_1 - m_2}{s_\Delta}, \quad
        v = \varphi(z)^2 \frac{1 + z^2/2}{n - 1}

    for normal change scores, by the delta method.
    """
    z = (t.mean1 - t.mean2) / t.sd_change
    return special.ndtr(z), density(z) ** 2 * (1 + 0.5 * z * z) / (t.n - 1)


@measure(
    "AUCCN",
    evidence=ChangeMeans,
    label="Probability of a higher first measurement between people",
    reference="McGraw & Wong (1992)",
    equation="Phi((m1 - m2)/sqrt(s1^2 + s2^2))",
    variance="f(z)^2 (s_change^2/s^2 + z^2 (s1^4 + s2^4 + 2 r^2 s1^2 s2^2)/(2 s^4))"
    "/(n - 1)",
    group=_GROUP,
    symbol="AUC",
    null=0.5,
    bounds=_SHARE,
)
def superiority_between(t: ChangeMeans, options: Options) -> Estimate:
    r"""Probability that one person's first lies above another's second measurement.

    .. math:: y = \Phi(z), \quad z = \frac{m_1 - m_2}{\sqrt{s_1^2 + s_2^2}}

    with the variance by the delta method for bivariate normal measurements.
    """
    s2 = t.sd1**2 + t.sd2**2
    z = (t.mean1 - t.mean2) / np.sqrt(s2)
    fourth = t.sd1**4 + t.sd2**4 + 2 * (t.r * t.sd1 * t.sd2) ** 2
    spread = (t.sd_change**2 / s2 + z * z * fourth / (2 * s2**2)) / (t.n - 1)
    return special.ndtr(z), density(z) ** 2 * spread
