"""Ratios of means, of standard deviations and of coefficients of variation."""

import numpy as np

from k2stats._typing import Floats
from k2stats.effectsizes._measures import Estimate, Options, measure
from k2stats.effectsizes._small_sample import n_weighted_mean
from k2stats.effectsizes.two_means import pooled_variance
from k2stats.evidence import TwoMeans

_GROUP = "Two groups, ratios of means and spreads"
_POSITIVE = (0.0, float("inf"))


def log_ratio(x: Floats, y: Floats) -> Floats:
    """Logarithm of x/y where both have one sign, NaN elsewhere."""
    ratio = x / y
    return np.asarray(np.log(np.where(ratio > 0, ratio, np.nan)))


def _with_average(y: Floats, average: Floats) -> Floats:
    """Effects where all studies have an average; without it none has a variance."""
    return np.asarray(np.where(np.isfinite(average), y, np.nan))


@measure(
    "ROM",
    evidence=TwoMeans,
    label="Log ratio of means (log response ratio)",
    reference="Hedges et al. (1999); Lajeunesse (2015)",
    equation="log(m1/m2) + (cv1^2/n1 - cv2^2/n2)/2",
    variance={
        "LS": "s1^2/(n1 m1^2) + s2^2/(n2 m2^2)",
        "HO": "sp^2 (1/(n1 m1^2) + 1/(n2 m2^2))",
        "AV": "cv1^2/n1 + cv2^2/n2, each cv averaged over studies",
        "AVHO": "cv^2 (1/n1 + 1/n2), one cv averaged over studies and groups",
    },
    group=_GROUP,
    on="log",
    null=1.0,
    bounds=_POSITIVE,
    corrected=True,
)
def ratio_of_means(t: TwoMeans, options: Options) -> Estimate:
    r"""Log ratio of means, corrected for bias; both means must have one sign.

    .. math:: y = \log\frac{m_1}{m_2} + \tfrac12\left(\frac{s_1^2}{n_1 m_1^2} -
        \frac{s_2^2}{n_2 m_2^2}\right), \quad
        v = \frac{s_1^2}{n_1 m_1^2} + \frac{s_2^2}{n_2 m_2^2}

    The averages of ``AV`` and ``AVHO`` are of coefficients of variation, weighted
    by group size. ``correct=False`` leaves the bracket out.

    References
    ----------
    Hedges, L. V., Gurevitch, J., & Curtis, P. S. (1999). The meta-analysis of
    response ratios in experimental ecology. Ecology, 80, 1150-1156. Lajeunesse, M.
    J. (2015). Bias and correction for the log response ratio in ecological
    meta-analysis. Ecology, 96, 2056-2063.
    """
    cv1, cv2 = t.sd1 / t.mean1, t.sd2 / t.mean2
    e1, e2 = cv1**2 / t.n1, cv2**2 / t.n2
    y = log_ratio(t.mean1, t.mean2)
    if options.correct:
        y = y + 0.5 * (e1 - e2)
    match options.vtype:
        case "HO":
            sp2 = pooled_variance(t)
            return y, sp2 / (t.n1 * t.mean1**2) + sp2 / (t.n2 * t.mean2**2)
        case "AV":
            a1, a2 = n_weighted_mean(cv1, t.n1), n_weighted_mean(cv2, t.n2)
            return _with_average(y, a1 + a2), a1**2 / t.n1 + a2**2 / t.n2
        case "AVHO":
            both = n_weighted_mean(
                np.concatenate([cv1, cv2], axis=-1),
                np.concatenate([t.n1, t.n2], axis=-1),
            )
            return _with_average(y, both), both**2 * (1 / t.n1 + 1 / t.n2)
    return y, e1 + e2


@measure(
    "VR",
    evidence=TwoMeans,
    label="Log variability ratio",
    reference="Nakagawa et al. (2015)",
    equation="log(s1/s2) + 1/(2(n1-1)) - 1/(2(n2-1))",
    variance="1/(2(n1-1)) + 1/(2(n2-1))",
    group=_GROUP,
    on="log",
    null=1.0,
    bounds=_POSITIVE,
    corrected=True,
)
def variability_ratio(t: TwoMeans, options: Options) -> Estimate:
    r"""Log ratio of standard deviations, corrected for bias.

    .. math:: y = \log\frac{s_1}{s_2} + \frac1{2(n_1-1)} - \frac1{2(n_2-1)}, \quad
        v = \frac1{2(n_1-1)} + \frac1{2(n_2-1)}

    References
    ----------
    Nakagawa, S., Poulin, R., Mengersen, K., Reinhold, K., Engqvist, L., Lagisz,
    M., & Senior, A. M. (2015). Meta-analysis of variation. Methods in Ecology and
    Evolution, 6, 143-152.
    """
    h1, h2 = 0.5 / (t.n1 - 1), 0.5 / (t.n2 - 1)
    y = log_ratio(t.sd1, t.sd2)
    if options.correct:
        y = y + h1 - h2
    return y, np.where(np.isnan(y), np.nan, h1 + h2)


@measure(
    "CVR",
    evidence=TwoMeans,
    label="Log coefficient of variation ratio",
    reference="Nakagawa et al. (2015); Senior et al. (2020)",
    equation="log(cv1/cv2) + 1/(2(n1-1)) - 1/(2(n2-1)) - (cv1^2/n1 - cv2^2/n2)/2",
    variance="1/(2(n1-1)) + 1/(2(n2-1)) + cv1^2/n1 + cv2^2/n2",
    group=_GROUP,
    on="log",
    null=1.0,
    bounds=_POSITIVE,
    corrected=True,
)
def cv_ratio(t: TwoMeans, options: Options) -> Estimate:
    r"""Log ratio of coefficients of variation, corrected for bias.

    .. math:: y = \log\frac{s_1 / m_1}{s_2 / m_2} + \frac1{2(n_1-1)} -
        \frac1{2(n_2-1)} - \tfrac12\left(\frac{s_1^2}{n_1 m_1^2} -
        \frac{s_2^2}{n_2 m_2^2}\right)

    Mean and SD are taken as independent, as they are in normal samples.

    References
    ----------
    Nakagawa et al. (2015), equation 12 without its correlation terms. Senior, A.
    M., Viechtbauer, W., & Nakagawa, S. (2020). Revisiting and expanding the
    meta-analysis of variation: the log coefficient of variation ratio. Research
    Synthesis Methods, 11, 553-567.
    """
    e1 = (t.sd1 / t.mean1) ** 2 / t.n1
    e2 = (t.sd2 / t.mean2) ** 2 / t.n2
    h1, h2 = 0.5 / (t.n1 - 1), 0.5 / (t.n2 - 1)
    y = log_ratio(t.sd1, t.sd2) - log_ratio(t.mean1, t.mean2)
    if options.correct:
        y = y + h1 - h2 - 0.5 * (e1 - e2)
    return y, np.where(np.isnan(y), np.nan, h1 + h2 + e1 + e2)
