"""The probability that someone of group 1 lies above someone of group 2."""

import numpy as np
from scipy import special

from k2stats._typing import Floats
from k2stats.effectsizes._measures import Estimate, Options, measure
from k2stats.effectsizes.inputs import Superiority
from k2stats.effectsizes.two_means import pooled_variance
from k2stats.evidence import TwoMeans

_GROUP = "Two groups, probability of superiority"
_SHARE = (0.0, 1.0)
_AUC = {
    "LS": "exponential model, (A(1-A) + (n1-1)(Q1-A^2) + (n2-1)(Q2-A^2))/(n1 n2)",
    "LS2": "as LS with (n1 + n2)/2 - 1 for both n1 - 1 and n2 - 1",
    "LS3": "binormal model with one variance, delta method",
    "H0": "(n1 + n2 + 1)/(12 n1 n2), exact where nothing differs",
    "MAX": "A(1 - A)/min(n1, n2), the largest possible in large samples",
}


def density(z: Floats) -> Floats:
    """Density of the standard normal."""
    return np.asarray(np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi))


@measure(
    "CLESN",
    evidence=TwoMeans,
    label="Probability of superiority, normal outcomes",
    reference="McGraw & Wong (1992)",
    equation="Phi((m1 - m2)/sqrt(s1^2 + s2^2))",
    variance={
        "LS": "f(z)^2 times the variance of z, unequal variances",
        "HO": "f(z)^2 times the variance of z, one pooled variance",
    },
    group=_GROUP,
    symbol="CLES",
    null=0.5,
    bounds=_SHARE,
)
def superiority_normal(t: TwoMeans, options: Options) -> Estimate:
    r"""Common language effect size of normal outcomes.

    .. math:: y = \Phi(z), \quad z = \frac{m_1 - m_2}{\sqrt{s_1^2 + s_2^2}}, \quad
        v = \varphi(z)^2\left[\frac{\frac{s_1^2}{n_1-1} + \frac{s_2^2}{n_2-1}}{s^2}
        + \frac{z^2}{2 s^4}\left(\frac{s_1^4}{n_1-1} + \frac{s_2^4}{n_2-1}\right)
        \right], \quad s^2 = s_1^2 + s_2^2

    by the delta method. ``HO`` standardizes by the pooled SD,
    :math:`z = d / \sqrt2`, with variance :math:`(1/n_1 + 1/n_2 + d^2/(2N)) / 2`.

    References
    ----------
    McGraw, K. O., & Wong, S. P. (1992). A common language effect size statistic.
    Psychological Bulletin, 111, 361-365.
    """
    gap = t.mean1 - t.mean2
    if options.vtype == "HO":
        d = gap / np.sqrt(pooled_variance(t))
        spread = 0.5 * (1 / t.n1 + 1 / t.n2 + d * d / (2 * (t.n1 + t.n2)))
        z = d / np.sqrt(2.0)
        return special.ndtr(z), density(z) ** 2 * spread
    w1, w2 = t.sd1**2, t.sd2**2
    s2 = w1 + w2
    z = np.where(s2 > 0, gap / np.sqrt(s2), np.nan)
    spread = (w1 / (t.n1 - 1) + w2 / (t.n2 - 1)) / s2
    spread = spread + z * z / (2 * s2**2) * (w1**2 / (t.n1 - 1) + w2**2 / (t.n2 - 1))
    return special.ndtr(z), density(z) ** 2 * spread


def _area(t: Superiority, options: Options) -> Estimate:
    area, n1, n2 = t.auc, t.n1, t.n2
    rest = area * (1 - area)
    match options.vtype:
        case "H0":
            return area, (n1 + n2 + 1) / (12 * n1 * n2)
        case "MAX":
            return area, rest / np.minimum(n1, n2)
        case "LS3":
            z = special.ndtri(area)
            spread = 0.5 * (1 / n1 + 1 / n2 + z * z / (n1 + n2))
            return area, density(z) ** 2 * spread
    q1, q2 = area / (2 - area) - area**2, 2 * area**2 / (1 + area) - area**2
    f1, f2 = n1 - 1, n2 - 1
    if options.vtype == "LS2":
        f1 = f2 = 0.5 * (n1 + n2) - 1
    return area, (rest + f1 * q1 + f2 * q2) / (n1 * n2)


@measure(
    "CLES",
    evidence=Superiority,
    label="Probability of superiority, as U/(n1 n2)",
    reference="Hanley & McNeil (1982); Newcombe (2006)",
    equation="U / (n1 n2)",
    variance=_AUC,
    group=_GROUP,
    null=0.5,
    bounds=_SHARE,
)
def superiority(t: Superiority, options: Options) -> Estimate:
    r"""Probability of superiority from ranks, ties counted half.

    .. math:: v = \frac{A(1-A) + (n_1-1)(Q_1 - A^2) + (n_2-1)(Q_2 - A^2)}{n_1 n_2},
        \quad Q_1 = \frac{A}{2 - A},\ Q_2 = \frac{2A^2}{1 + A}

    ``LS`` is the exact variance of the Mann-Whitney statistic for two exponential
    distributions. ``LS2`` is Newcombe's modification with
    :math:`(n_1 + n_2)/2 - 1` in place of both sizes less 1, symmetric in the groups.
    ``LS3`` is the delta method for normal outcomes with one variance, estimated by
    :math:`\Phi(d / \sqrt2)` with :math:`\operatorname{var} d = 1/n_1 + 1/n_2 +
    d^2/(2N)`, :math:`d = \sqrt2\,\Phi^{-1}(A)`: less than the rank statistic varies.
    ``H0`` is the variance of the Mann-Whitney statistic when the two distributions
    are equal. ``MAX`` is the bound that holds for any two distributions, reached
    where everyone of the larger group is alike.

    The codes LS3 and MAX have no published worked figure here: they are checked
    against their derivations, by quadrature and by random distributions.

    References
    ----------
    Hanley, J. A., & McNeil, B. J. (1982). The meaning and use of the area under a
    receiver operating characteristic (ROC) curve. Radiology, 143, 29-36. Newcombe,
    R. G. (2006). Confidence intervals for an effect size measure based on the
    Mann-Whitney statistic. Part 2. Statistics in Medicine, 25, 559-573. Bamber, D.
    (1975). The area above the ordinal dominance graph and the area below the
    receiver operating characteristic graph. Journal of Mathematical Psychology, 12,
    387-415. Cho, H., Matthews, G. J., & Harel, O. (2019). Confidence intervals for
    the area under the receiver operating characteristic curve in the presence of
    ignorable missing data. International Statistical Review, 87, 152-177, which sets
    the variances side by side.
    """
    return _area(t, options)


@measure(
    "AUC",
    evidence=Superiority,
    label="Area under the ROC curve",
    reference="Hanley & McNeil (1982); Newcombe (2006)",
    equation="A",
    variance=_AUC,
    group=_GROUP,
    null=0.5,
    bounds=_SHARE,
)
def area_under_curve(t: Superiority, options: Options) -> Estimate:
    """Area under the ROC curve; group 1 are those with the condition. As CLES."""
    return _area(t, options)
