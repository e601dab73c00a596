"""Raw and standardized differences of two means, and what is made of them."""

import numpy as np

from k2stats._typing import Floats
from k2stats.effectsizes._measures import Estimate, Options, measure
from k2stats.effectsizes._small_sample import n_weighted_mean, small_sample_j
from k2stats.effectsizes.binary_association import COX, LOGISTIC_SD
from k2stats.evidence import TwoMeans

_GROUP = "Two groups, means"
_BORENSTEIN = "Borenstein (2009)"


def pooled_variance(t: TwoMeans) -> Floats:
    """Variance pooled over both groups, n - 1 weights."""
    return np.asarray(
        ((t.n1 - 1) * t.sd1**2 + (t.n2 - 1) * t.sd2**2) / (t.n1 + t.n2 - 2)
    )


def cohen_d(t: TwoMeans) -> Floats:
    """Mean difference over the pooled standard deviation, uncorrected."""
    return np.asarray((t.mean1 - t.mean2) / np.sqrt(pooled_variance(t)))


def _corrected(d: Floats, df: Floats, options: Options) -> tuple[Floats, Floats]:
    """Effect with or without Hedges' correction, and the correction."""
    j = small_sample_j(df)
    return (d * j if options.correct else d), j


@measure(
    "MD",
    evidence=TwoMeans,
    label="Mean difference",
    reference=_BORENSTEIN,
    equation="m1 - m2",
    variance={
        "LS": "s1^2/n1 + s2^2/n2",
        "UB": "as LS, which is unbiased",
        "HO": "sp^2 (1/n1 + 1/n2)",
    },
    group=_GROUP,
)
def mean_difference(t: TwoMeans, options: Options) -> Estimate:
    r"""Raw mean difference, in the units of the outcome.

    .. math:: v = \frac{s_1^2}{n_1} + \frac{s_2^2}{n_2}; \quad
        \text{HO: } s_p^2\left(\frac1{n_1} + \frac1{n_2}\right)

    References
    ----------
    Borenstein, M. (2009). Effect sizes for continuous data. In The Handbook of
    Research Synthesis and Meta-Analysis (2nd ed.), equations 12.5 and 12.3.
    """
    y = t.mean1 - t.mean2
    if options.vtype == "HO":
        return y, pooled_variance(t) * (1 / t.n1 + 1 / t.n2)
    return y, t.sd1**2 / t.n1 + t.sd2**2 / t.n2


_SMD_VARIANCES = {
    "LS": "1/n1 + 1/n2 + g^2/(2 N)",
    "LS2": "J^2 (1/n1 + 1/n2 + d^2/(2 N))",
    "UB": "1/n1 + 1/n2 + (1 - (m - 2)/(m J^2)) g^2",
    "AV": "as LS with g averaged over studies, n as weights",
}


def _standardized(
    d: Floats, df: Floats, n1: Floats, n2: Floats, spread_n: Floats, options: Options
) -> Estimate:
    g, j = _corrected(d, df, options)
    base = 1 / n1 + 1 / n2
    match options.vtype:
        case "LS2":
            return g, (j * j if options.correct else 1.0) * (
                base + d * d / (2 * spread_n)
            )
        case "UB":
            # With d in place of g the same estimate needs J^2 taken out.
            return g, base + (1 - (df - 2) / (df * j * j)) * (d * j) ** 2
        case "AV":
            mean = n_weighted_mean(g, n1 + n2)
            # Without a mean of all studies none has this variance, and an effect
            # without one is of no use.
            g = np.where(np.isfinite(mean), g, np.nan)
            return g, base + mean**2 / (2 * spread_n)
    return g, base + g * g / (2 * spread_n)


@measure(
    "SMD",
    evidence=TwoMeans,
    label="Standardized mean difference (Hedges' g)",
    reference="Hedges (1981)",
    equation="J(m) (m1 - m2)/sp, m = n1 + n2 - 2",
    variance=_SMD_VARIANCES,
    group=_GROUP,
    corrected=True,
)
def standardized_mean_difference(t: TwoMeans, options: Options) -> Estimate:
    r"""Hedges' g: Cohen's d times the exact correction J.

    .. math:: g = J(m) \frac{m_1 - m_2}{s_p}, \quad
        v = \frac1{n_1} + \frac1{n_2} + \frac{g^2}{2(n_1 + n_2)}

    ``LS2``: Borenstein's equation 12.17, J^2 times the variance of d. ``UB``:
    Hedges (1983), unbiased. ``AV``: the mean g of all studies in the formula.
    ``correct=False`` gives Cohen's d.

    References
    ----------
    Hedges, L. V. (1981). Distribution theory for Glass's estimator of effect size
    and related estimators. Journal of Educational Statistics, 6, 107-128.
    Hedges, L. V. (1983). A random effects model for effect sizes. Psychological
    Bulletin, 93, 388-395, equation 9.
    """
    total = t.n1 + t.n2
    return _standardized(cohen_d(t), total - 2, t.n1, t.n2, total, options)


@measure(
    "SMD1",
    evidence=TwoMeans,
    label="Mean difference over the SD of group 2 (Glass's delta)",
    reference="Glass (1976); Hedges (1981)",
    equation="J(n2 - 1) (m1 - m2)/s2",
    variance={k: w.replace("(2 N)", "(2 n2)") for k, w in _SMD_VARIANCES.items()},
    group=_GROUP,
    corrected=True,
)
def glass_delta(t: TwoMeans, options: Options) -> Estimate:
    r"""Glass's delta, standardized by group 2.

    .. math:: y = J(n_2 - 1) \frac{m_1 - m_2}{s_2}, \quad
        v = \frac1{n_1} + \frac1{n_2} + \frac{y^2}{2 n_2}

    References
    ----------
    Glass, G. V. (1976). Primary, secondary, and meta-analysis of research.
    Educational Researcher, 5(10), 3-8. Hedges (1981), as for SMD.
    """
    d = (t.mean1 - t.mean2) / t.sd2
    return _standardized(d, t.n2 - 1, t.n1, t.n2, t.n2, options)


@measure(
    "SMDH",
    evidence=TwoMeans,
    label="Standardized mean difference, unequal variances",
    reference="Bonett (2009)",
    equation="J(m) (m1 - m2)/sqrt((s1^2 + s2^2)/2)",
    variance={
        "LS": "y^2 (s1^4/(n1-1) + s2^4/(n2-1))/(8 s^4) "
        "+ (s1^2/(n1-1) + s2^2/(n2-1))/s^2",
        "LS2": "J^2 times LS with the uncorrected effect",
    },
    group=_GROUP,
    corrected=True,
)
def smd_unequal(t: TwoMeans, options: Options) -> Estimate:
    r"""Standardized by the root of the mean variance, :math:`s^2 = (s_1^2+s_2^2)/2`.

    .. math:: v = \frac{y^2}{8 s^4}\left(\frac{s_1^4}{n_1 - 1} +
        \frac{s_2^4}{n_2 - 1}\right) + \frac1{s^2}\left(\frac{s_1^2}{n_1 - 1} +
        \frac{s_2^2}{n_2 - 1}\right)

    J has n1 + n2 - 2 degrees of freedom.

    References
    ----------
    Bonett, D. G. (2009). Meta-analytic interval estimation for standardized and
    unstandardized mean differences. Psychological Methods, 14, 225-238.
    """
    w1, w2 = t.sd1**2, t.sd2**2
    s2 = 0.5 * (w1 + w2)
    d = (t.mean1 - t.mean2) / np.sqrt(s2)
    y, j = _corrected(d, t.n1 + t.n2 - 2, options)
    inside = d if options.vtype == "LS2" else y
    v = inside**2 * (w1**2 / (t.n1 - 1) + w2**2 / (t.n2 - 1)) / (8 * s2**2)
    v = v + (w1 / (t.n1 - 1) + w2 / (t.n2 - 1)) / s2
    return y, j * j * v if options.vtype == "LS2" and options.correct else v


@measure(
    "SMD1H",
    evidence=TwoMeans,
    label="Glass's delta, unequal variances",
    reference="Bonett (2008)",
    equation="J(n2 - 1) (m1 - m2)/s2",
    variance="s1^2/(s2^2 (n1-1)) + 1/(n2-1) + y^2/(2 (n2-1))",
    group=_GROUP,
    corrected=True,
)
def glass_delta_unequal(t: TwoMeans, options: Options) -> Estimate:
    r"""Glass's delta whose variance does not assume equal variances.

    .. math:: v = \frac{s_1^2}{s_2^2 (n_1 - 1)} + \frac1{n_2 - 1} +
        \frac{y^2}{2 (n_2 - 1)}

    References
    ----------
    Bonett, D. G. (2008). Confidence intervals for standardized linear contrasts of
    means. Psychological Methods, 13, 99-109.
    """
    y, _ = _corrected((t.mean1 - t.mean2) / t.sd2, t.n2 - 1, options)
    ratio = (t.sd1 / t.sd2) ** 2
    return y, ratio / (t.n1 - 1) + (1 + 0.5 * y * y) / (t.n2 - 1)


def _odds(t: TwoMeans, factor: float) -> Estimate:
    d = cohen_d(t)
    v = 1 / t.n1 + 1 / t.n2 + d * d / (2 * (t.n1 + t.n2))
    return factor * d, factor**2 * v


@measure(
    "D2ORL",
    evidence=TwoMeans,
    label="Log odds ratio from d, logistic responses",
    reference="Hasselblad & Hedges (1995); Chinn (2000)",
    equation="d pi/sqrt(3)",
    variance="pi^2/3 (1/n1 + 1/n2 + d^2/(2 N))",
    group=_GROUP,
    on="log",
    symbol="OR",
    null=1.0,
    bounds=(0.0, float("inf")),
)
def d_to_or_logistic(t: TwoMeans, options: Options) -> Estimate:
    """Log odds ratio from Cohen's d (uncorrected) times pi / sqrt(3)."""
    return _odds(t, LOGISTIC_SD)


@measure(
    "D2OR",
    evidence=TwoMeans,
    label="Log odds ratio from d, as D2ORL",
    reference="Hasselblad & Hedges (1995); Chinn (2000)",
    equation="d pi/sqrt(3)",
    variance="pi^2/3 (1/n1 + 1/n2 + d^2/(2 N))",
    group=_GROUP,
    on="log",
    symbol="OR",
    null=1.0,
    bounds=(0.0, float("inf")),
)
def d_to_or(t: TwoMeans, options: Options) -> Estimate:
    """Return :func:`d_to_or_logistic` under its shorter code."""
    return _odds(t, LOGISTIC_SD)


@measure(
    "D2ORN",
    evidence=TwoMeans,
    label="Log odds ratio from d, normal responses",
    reference="Cox & Snell (1989)",
    equation="1.65 d",
    variance="1.65^2 (1/n1 + 1/n2 + d^2/(2 N))",
    group=_GROUP,
    on="log",
    symbol="OR",
    null=1.0,
    bounds=(0.0, float("inf")),
)
def d_to_or_normal(t: TwoMeans, options: Options) -> Estimate:
    """Log odds ratio from Cohen's d (uncorrected) times Cox's 1.65."""
    return _odds(t, COX)
