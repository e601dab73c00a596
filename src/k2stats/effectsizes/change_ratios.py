"""Ratios of means, spreads and coefficients of variation of paired measurements."""

from k2stats.effectsizes._measures import Estimate, Options, measure
from k2stats.effectsizes.inputs import ChangeMeans
from k2stats.effectsizes.variability import log_ratio

_GROUP = "Change or matched pairs, ratios"
_POSITIVE = (0.0, float("inf"))


@measure(
    "ROMC",
    evidence=ChangeMeans,
    label="Log ratio of means of paired measurements",
    reference="Lajeunesse (2011, 2015)",
    equation="log(m1/m2) + (cv1^2 - cv2^2)/(2 n)",
    variance="(cv1^2 + cv2^2 - 2 r cv1 cv2)/n",
    group=_GROUP,
    on="log",
    symbol="ROM",
    null=1.0,
    bounds=_POSITIVE,
    corrected=True,
)
def ratio_of_paired_means(t: ChangeMeans, options: Options) -> Estimate:
    r"""Log ratio of paired means, corrected for bias.

    .. math:: v = \frac1n\left(c_1^2 + c_2^2 - 2 r c_1 c_2\right), \quad
        c_i = s_i / m_i

    References
    ----------
    Lajeunesse, M. J. (2011). On the meta-analysis of response ratios for studies
    with correlated and multi-group designs. Ecology, 92, 2049-2055.
    """
    c1, c2 = t.sd1 / t.mean1, t.sd2 / t.mean2
    y = log_ratio(t.mean1, t.mean2)
    if options.correct:
        y = y + 0.5 * (c1**2 - c2**2) / t.n
    return y, (c1**2 + c2**2 - 2 * t.r * c1 * c2) / t.n


@measure(
    "VRC",
    evidence=ChangeMeans,
    label="Log variability ratio of paired measurements",
    reference="Nakagawa et al. (2015)",
    equation="log(s1/s2)",
    variance="(1 - r^2)/(n - 1)",
    group=_GROUP,
    on="log",
    symbol="VR",
    null=1.0,
    bounds=_POSITIVE,
)
def paired_variability_ratio(t: ChangeMeans, options: Options) -> Estimate:
    """Log ratio of paired standard deviations; the biases of both cancel.

    References
    ----------
    Nakagawa et al. (2015). Meta-analysis of variation. Methods in Ecology and
    Evolution, 6, 143-152.
    """
    return log_ratio(t.sd1, t.sd2), (1 - t.r**2) / (t.n - 1)


@measure(
    "CVRC",
    evidence=ChangeMeans,
    label="Log coefficient of variation ratio of paired measurements",
    reference="Nakagawa et al. (2015)",
    equation="log(cv1/cv2) - (cv1^2 - cv2^2)/(2 n)",
    variance="(1 - r^2)/(n - 1) + (cv1^2 + cv2^2 - 2 r cv1 cv2)/n",
    group=_GROUP,
    on="log",
    symbol="CVR",
    null=1.0,
    bounds=_POSITIVE,
    corrected=True,
)
def paired_cv_ratio(t: ChangeMeans, options: Options) -> Estimate:
    """Log ratio of paired coefficients of variation, corrected for bias."""
    c1, c2 = t.sd1 / t.mean1, t.sd2 / t.mean2
    y = log_ratio(t.sd1, t.sd2) - log_ratio(t.mean1, t.mean2)
    if options.correct:
        y = y - 0.5 * (c1**2 - c2**2) / t.n
    spread = (c1**2 + c2**2 - 2 * t.r * c1 * c2) / t.n
    return y, (1 - t.r**2) / (t.n - 1) + spread
