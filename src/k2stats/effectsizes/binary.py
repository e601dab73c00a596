"""Ratios and differences of two risks."""

import numpy as np

from k2stats.effectsizes._measures import Estimate, Options, measure
from k2stats.effectsizes.zero_cells import NOTHING, ZeroCells
from k2stats.evidence import TwoByTwo

_GROUP = "Two groups, yes-or-no outcome"
_HALF = ZeroCells()
_TOP = float("inf")


@measure(
    "RR",
    evidence=TwoByTwo,
    label="Log risk ratio",
    reference="Katz et al. (1978)",
    equation="log((a/n1) / (c/n2))",
    variance="1/a - 1/n1 + 1/c - 1/n2",
    group=_GROUP,
    on="log",
    null=1.0,
    bounds=(0.0, _TOP),
    zero_cells=_HALF,
)
def log_risk_ratio(t: TwoByTwo, options: Options) -> Estimate:
    r"""Log risk ratio.

    .. math:: y = \log\frac{a / n_1}{c / n_2}, \quad
        v = \frac1a - \frac1{n_1} + \frac1c - \frac1{n_2}

    References
    ----------
    Katz, D., Baptista, J., Azen, S. P., & Pike, M. C. (1978). Obtaining
    confidence intervals for the risk ratio in cohort studies. Biometrics, 34,
    469-474.
    """
    a, n1, c, n2 = t.events1, t.n1, t.events2, t.n2
    return np.log(a * n2 / (c * n1)), 1 / a - 1 / n1 + 1 / c - 1 / n2


@measure(
    "OR",
    evidence=TwoByTwo,
    label="Log odds ratio",
    reference="Woolf (1955)",
    equation="log(ad / bc)",
    variance="1/a + 1/b + 1/c + 1/d",
    group=_GROUP,
    on="log",
    null=1.0,
    bounds=(0.0, _TOP),
    zero_cells=_HALF,
)
def log_odds_ratio(t: TwoByTwo, options: Options) -> Estimate:
    r"""Log odds ratio.

    .. math:: y = \log\frac{ad}{bc}, \quad
        v = \frac1a + \frac1b + \frac1c + \frac1d

    References
    ----------
    Woolf, B. (1955). On estimating the relation between blood group and disease.
    Annals of Human Genetics, 19, 251-253.
    """
    a, b, c, d = t.cells
    return np.log(a / b * (d / c)), 1 / a + 1 / b + 1 / c + 1 / d


@measure(
    "PETO",
    evidence=TwoByTwo,
    label="Log odds ratio by Peto's method",
    reference="Yusuf et al. (1985)",
    equation="(a - E) / V",
    variance="1/V, V hypergeometric",
    group=_GROUP,
    on="log",
    symbol="OR",
    null=1.0,
    bounds=(0.0, _TOP),
    zero_cells=_HALF,
)
def peto(t: TwoByTwo, options: Options) -> Estimate:
    r"""Peto's one-step log odds ratio.

    .. math:: y = \frac{a - m_1 n_1 / N}{V}, \quad v = \frac1V, \quad
        V = \frac{m_1 m_2 n_1 n_2}{N^2 (N - 1)}

    with :math:`m_1 = a + c`, :math:`m_2 = b + d`.

    References
    ----------
    Yusuf, S., Peto, R., Lewis, J., Collins, R., & Sleight, P. (1985). Beta
    blockade during and after myocardial infarction. Progress in Cardiovascular
    Diseases, 27, 335-371.
    """
    total = t.n1 + t.n2
    events = t.events1 + t.events2
    spread = events * (total - events) * t.n1 * t.n2 / (total**2 * (total - 1.0))
    return (t.events1 - events * t.n1 / total) / spread, 1.0 / spread


@measure(
    "RD",
    evidence=TwoByTwo,
    label="Risk difference",
    reference="Fleiss & Berlin (2009)",
    equation="a/n1 - c/n2",
    variance={
        "LS": "p1 q1/n1 + p2 q2/n2",
        "UB": "p1 q1/(n1 - 1) + p2 q2/(n2 - 1)",
        "AV": "as LS with each group's risk pooled over studies",
    },
    group=_GROUP,
    bounds=(-1.0, 1.0),
    zero_cells=_HALF,
)
def risk_difference(t: TwoByTwo, options: Options) -> Estimate:
    r"""Risk difference.

    .. math:: y = p_1 - p_2, \quad v = \frac{p_1 q_1}{n_1} + \frac{p_2 q_2}{n_2}

    ``UB`` divides by n - 1, which makes each term unbiased; ``AV`` puts the pooled
    risk of each group over all studies (last axis) into the formula.

    References
    ----------
    Fleiss, J. L., & Berlin, J. A. (2009). Effect sizes for dichotomous data. In
    The Handbook of Research Synthesis and Meta-Analysis (2nd ed., pp. 237-253).
    """
    p1, p2 = t.risk1, t.risk2
    y = p1 - p2
    less = 1.0 if options.vtype == "UB" else 0.0
    if options.vtype == "AV":
        p1 = t.events1.sum(axis=-1, keepdims=True) / t.n1.sum(axis=-1, keepdims=True)
        p2 = t.events2.sum(axis=-1, keepdims=True) / t.n2.sum(axis=-1, keepdims=True)
    return y, p1 * (1 - p1) / (t.n1 - less) + p2 * (1 - p2) / (t.n2 - less)


@measure(
    "AS",
    evidence=TwoByTwo,
    label="Arcsine square-root risk difference",
    reference="Ruecker et al. (2009)",
    equation="arcsin(sqrt(a/n1)) - arcsin(sqrt(c/n2))",
    variance="1/(4 n1) + 1/(4 n2)",
    group=_GROUP,
    on="arcsine difference",
    zero_cells=NOTHING,
)
def arcsine_difference(t: TwoByTwo, options: Options) -> Estimate:
    r"""Difference of arcsine square roots; defined with zero cells.

    .. math:: y = \arcsin\sqrt{p_1} - \arcsin\sqrt{p_2}, \quad
        v = \frac1{4 n_1} + \frac1{4 n_2}

    References
    ----------
    Ruecker, G., Schwarzer, G., Carpenter, J., & Olkin, I. (2009). Why add anything
    to nothing? The arcsine difference as a measure of treatment effect in
    meta-analysis with zero cells. Statistics in Medicine, 28, 721-738.
    """
    y = np.arcsin(np.sqrt(t.risk1)) - np.arcsin(np.sqrt(t.risk2))
    return y, 0.25 / t.n1 + 0.25 / t.n2


@measure(
    "VE",
    evidence=TwoByTwo,
    label="Vaccine efficacy, 1 - RR, on the log risk ratio scale",
    reference="Halloran et al. (1999)",
    equation="log((a/n1) / (c/n2)), read as 1 - RR",
    variance="1/a - 1/n1 + 1/c - 1/n2",
    group=_GROUP,
    on="efficacy",
    bounds=(-_TOP, 1.0),
    zero_cells=_HALF,
)
def vaccine_efficacy(t: TwoByTwo, options: Options) -> Estimate:
    """Vaccine efficacy: analysed as the log risk ratio, printed as 1 - RR.

    Group 1 is the vaccinated one. The limits of the interval change places.

    References
    ----------
    Halloran, M. E., Longini, I. M., & Struchiner, C. J. (1999). Design and
    interpretation of vaccine field studies. Epidemiologic Reviews, 21, 73-88.
    """
    return log_risk_ratio(t, options)


@measure(
    "DOR",
    evidence=TwoByTwo,
    label="Log diagnostic odds ratio",
    reference="Glas et al. (2003)",
    equation="log(TP TN / (FN FP))",
    variance="1/TP + 1/FN + 1/FP + 1/TN",
    group=_GROUP,
    on="log",
    null=1.0,
    bounds=(0.0, _TOP),
    zero_cells=_HALF,
)
def diagnostic_odds_ratio(t: TwoByTwo, options: Options) -> Estimate:
    """Log diagnostic odds ratio.

    Group 1 are those with the condition (events: true positives), group 2 those
    without (events: false positives).

    References
    ----------
    Glas, A. S., Lijmer, J. G., Prins, M. H., Bonsel, G. J., & Bossuyt, P. M. M.
    (2003). The diagnostic odds ratio: a single indicator of test performance.
    Journal of Clinical Epidemiology, 56, 1129-1135.
    """
    return log_odds_ratio(t, options)
