"""Paired yes-or-no outcomes: marginal and conditional effects."""

import numpy as np

from k2stats.effectsizes._measures import Estimate, Options, measure
from k2stats.effectsizes.inputs import MarginalPairs, PairedCounts
from k2stats.effectsizes.zero_cells import ZeroCells

_GROUP = "Matched pairs, yes-or-no outcome"
_HALF = ZeroCells()
_RATIO = (0.0, float("inf"))


@measure(
    "MPRD",
    evidence=PairedCounts,
    label="Matched-pairs marginal risk difference",
    reference="May & Johnson (1997)",
    equation="(b - c)/n",
    variance="(b + c)/n^2 - (b - c)^2/n^3",
    group=_GROUP,
    symbol="RD",
    bounds=(-1.0, 1.0),
    zero_cells=_HALF,
)
def paired_risk_difference(t: PairedCounts, options: Options) -> Estimate:
    r"""Difference of the two marginal risks.

    .. math:: y = \frac{b - c}{n}, \quad
        v = \frac{b + c}{n^2} - \frac{(b - c)^2}{n^3}

    References
    ----------
    May, W. L., & Johnson, W. D. (1997). Confidence intervals for differences in
    correlated binary proportions. Statistics in Medicine, 16, 2127-2136.
    """
    n, gap = t.n, t.b - t.c
    return gap / n, (t.b + t.c) / n**2 - gap**2 / n**3


@measure(
    "MPRR",
    evidence=PairedCounts,
    label="Matched-pairs marginal log risk ratio",
    reference="Zou (2007)",
    equation="log((a + b)/(a + c))",
    variance="(b + c)/((a + b)(a + c))",
    group=_GROUP,
    on="log",
    symbol="RR",
    null=1.0,
    bounds=_RATIO,
    zero_cells=_HALF,
)
def paired_risk_ratio(t: PairedCounts, options: Options) -> Estimate:
    r"""Log ratio of the two marginal risks.

    .. math:: y = \log\frac{a + b}{a + c}, \quad
        v = \frac{b + c}{(a + b)(a + c)}

    References
    ----------
    Zou, G. Y. (2007). One relative risk versus two odds ratios: implications for
    meta-analyses involving paired and unpaired binary data. Clinical Trials, 4,
    25-31.
    """
    first, second = t.a + t.b, t.a + t.c
    return np.log(first / second), (t.b + t.c) / (first * second)


@measure(
    "MPOR",
    evidence=PairedCounts,
    label="Matched-pairs marginal log odds ratio",
    reference="Becker & Balagtas (1993)",
    equation="log((a + b)(b + d) / ((c + d)(a + c)))",
    variance="sum of 1/margins - 2 n (ad - bc)/product of margins",
    group=_GROUP,
    on="log",
    symbol="OR",
    null=1.0,
    bounds=_RATIO,
    zero_cells=_HALF,
)
def paired_odds_ratio(t: PairedCounts, options: Options) -> Estimate:
    r"""Log ratio of the two marginal odds.

    .. math:: y = \log\frac{(a + b)(b + d)}{(c + d)(a + c)}, \quad
        v = \frac1{a+b} + \frac1{c+d} + \frac1{a+c} + \frac1{b+d}
        - \frac{2 n (ad - bc)}{(a+b)(c+d)(a+c)(b+d)}

    References
    ----------
    Becker, M. P., & Balagtas, C. C. (1993). Marginal modeling of binary
    cross-over data. Biometrics, 49, 997-1009.
    """
    n = t.n
    w, x, y, z = t.a + t.b, t.c + t.d, t.a + t.c, t.b + t.d
    covariance = (t.a / w * (t.d / x) - t.b / w * (t.c / x)) * n / (y * z)
    return np.log(w / x * (z / y)), 1 / w + 1 / x + 1 / y + 1 / z - 2 * covariance


@measure(
    "MPORC",
    evidence=PairedCounts,
    label="Matched-pairs conditional log odds ratio",
    reference="Curtin et al. (2002)",
    equation="log(b/c)",
    variance="1/b + 1/c",
    group=_GROUP,
    on="log",
    symbol="OR",
    null=1.0,
    bounds=_RATIO,
    zero_cells=_HALF,
)
def conditional_odds_ratio(t: PairedCounts, options: Options) -> Estimate:
    r"""Log ratio of the discordant pairs, :math:`\log(b/c)`, v = 1/b + 1/c.

    References
    ----------
    Curtin, F., Elbourne, D., & Altman, D. G. (2002). Meta-analysis combining
    parallel and cross-over clinical trials. II: Binary outcomes. Statistics in
    Medicine, 21, 2145-2159.
    """
    return np.log(t.b / t.c), 1 / t.b + 1 / t.c


@measure(
    "MPPETO",
    evidence=PairedCounts,
    label="Matched-pairs conditional log odds ratio by Peto's method",
    reference="Zou (2007)",
    equation="2 (b - c)/(b + c)",
    variance="4/(b + c)",
    group=_GROUP,
    on="log",
    symbol="OR",
    null=1.0,
    bounds=_RATIO,
    zero_cells=_HALF,
)
def conditional_peto(t: PairedCounts, options: Options) -> Estimate:
    r"""Peto's one-step estimate, O - E over its variance, of the discordant pairs.

    .. math:: y = \frac{2(b - c)}{b + c}, \quad v = \frac4{b + c}

    References
    ----------
    Zou, G. Y. (2007). One relative risk versus two odds ratios: implications for
    meta-analyses involving paired and unpaired binary data. Clinical Trials, 4,
    25-31.
    """
    discordant = t.b + t.c
    return 2 * (t.b - t.c) / discordant, 4 / discordant


@measure(
    "MPORM",
    evidence=MarginalPairs,
    label="Matched-pairs marginal log odds ratio from the margins",
    reference="Elbourne et al. (2002)",
    equation="log(a d / (b c)), margins",
    variance="1/a + 1/b + 1/c + 1/d - 2 r n / sqrt(abcd)",
    group=_GROUP,
    on="log",
    symbol="OR",
    null=1.0,
    bounds=_RATIO,
    zero_cells=_HALF,
)
def marginal_odds_ratio(t: MarginalPairs, options: Options) -> Estimate:
    r"""Log ratio of the marginal odds, with the correlation r of the pairs given.

    .. math:: v = \frac1a + \frac1b + \frac1c + \frac1d
        - \frac{2 r n}{\sqrt{abcd}}

    where a and c are the events under either treatment, b = n - a, d = n - c, and
    r the phi coefficient of the paired table. An r the margins do not allow gives
    no variance.

    References
    ----------
    Elbourne, D. R., Altman, D. G., Higgins, J. P. T., Curtin, F., Worthington, H.
    V., & Vail, A. (2002). Meta-analyses involving cross-over trials. International
    Journal of Epidemiology, 31, 140-149.
    """
    n, a, c = t.n, t.events1, t.events2
    b, d = n - a, n - c
    root = np.sqrt(a / n * (b / n) * (c / n) * (d / n))
    both = a * c / n + t.r * root * n
    feasible = (both >= np.maximum(a + c - n, 0) - 1e-9 * n) & (
        both <= np.minimum(a, c) + 1e-9 * n
    )
    v = 1 / a + 1 / b + 1 / c + 1 / d - 2 * t.r / (n * root)
    return np.log(a / b * (d / c)), np.where(feasible, v, np.nan)
