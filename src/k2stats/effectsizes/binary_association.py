"""Association of two yes-or-no variables, and odds ratios read as other effects."""

import numpy as np
from scipy import special

from k2stats.effectsizes._measures import Estimate, Options, measure
from k2stats.effectsizes.binary import log_odds_ratio
from k2stats.effectsizes.zero_cells import NOTHING, ZeroCells
from k2stats.evidence import TwoByTwo

_GROUP = "Two yes-or-no variables"
_HALF = ZeroCells()
_UNIT = (-1.0, 1.0)
LOGISTIC_SD = np.pi / np.sqrt(3.0)
"""Standard deviation of the standard logistic distribution."""
COX = 1.65
"""Cox's factor between a normal and a logistic scale."""
_PHI_VARIANCES = {
    "LS": "as CS",
    "CS": "cross-sectional (multinomial) sampling, delta method",
    "ST": "stratified sampling (fixed group sizes), delta method",
}


@measure(
    "PHI",
    evidence=TwoByTwo,
    label="Phi coefficient",
    reference="Yule (1912)",
    equation="(ad - bc) / sqrt(n1 n2 m1 m2)",
    variance=_PHI_VARIANCES,
    group=_GROUP,
    bounds=_UNIT,
    zero_cells=NOTHING,
)
def phi(t: TwoByTwo, options: Options) -> Estimate:
    r"""Phi coefficient.

    .. math:: y = \frac{ad - bc}{\sqrt{n_1 n_2 m_1 m_2}}

    Cross-sectional sampling, with row shares :math:`p_1, q_1` and column shares
    :math:`p_2, q_2`:

    .. math:: v = \frac1N \left[1 - y^2 + y (1 + \tfrac{y^2}{2})
        \frac{(p_1 - q_1)(p_2 - q_2)}{\sqrt{p_1 q_1 p_2 q_2}} - \tfrac34 y^2
        \left(\frac{(p_1 - q_1)^2}{p_1 q_1} + \frac{(p_2 - q_2)^2}{p_2 q_2}\right)
        \right]

    Stratified sampling: the delta method on the two independent risks, with the
    row shares fixed.

    References
    ----------
    Yule, G. U. (1912). On the methods of measuring association between two
    attributes. Journal of the Royal Statistical Society, 75, 579-652.
    Bishop, Y. M. M., Fienberg, S. E., & Holland, P. W. (1975). Discrete
    multivariate analysis. MIT Press.
    """
    a, b, c, d = t.cells
    total = t.n1 + t.n2
    p1, p2 = t.n1 / total, (a + c) / total
    q1, q2 = t.n2 / total, (b + d) / total
    rows, columns = p1 * q1, p2 * q2
    y = (a / total * (d / total) - b / total * (c / total)) / np.sqrt(rows * columns)
    if options.vtype == "ST":
        risk1, risk2 = t.risk1, t.risk2
        tilt = 0.5 * (risk1 - risk2) * (1.0 - 2.0 * p2) / columns
        g1 = np.sqrt(rows / columns) * (1.0 - tilt * p1)
        g2 = np.sqrt(rows / columns) * (-1.0 - tilt * q1)
        return y, (
            g1**2 * risk1 * (1 - risk1) / t.n1 + g2**2 * risk2 * (1 - risk2) / t.n2
        )
    lean1, lean2 = (p1 - q1) ** 2 / rows, (p2 - q2) ** 2 / columns
    both = (p1 - q1) * (p2 - q2) / np.sqrt(rows * columns)
    v = 1 - y**2 + y * (1 + 0.5 * y**2) * both - 0.75 * y**2 * (lean1 + lean2)
    return y, v / total


@measure(
    "ZPHI",
    evidence=TwoByTwo,
    label="Phi coefficient on Fisher's z scale",
    reference="Yule (1912); Fisher (1921)",
    equation="atanh(phi)",
    variance={k: f"var(phi)/(1 - phi^2)^2, {w}" for k, w in _PHI_VARIANCES.items()},
    group=_GROUP,
    on="fisher-z",
    symbol="phi",
    bounds=_UNIT,
    zero_cells=NOTHING,
)
def phi_z(t: TwoByTwo, options: Options) -> Estimate:
    """Fisher's z of phi, by the delta method; it does not stabilise the variance."""
    return fisher_z(*phi(t, options))


def fisher_z(r: np.ndarray, v: np.ndarray) -> Estimate:
    """Fisher's z of a correlation and the delta-method variance."""
    return np.arctanh(r), v / (1.0 - r * r) ** 2


@measure(
    "YUQ",
    evidence=TwoByTwo,
    label="Yule's Q",
    reference="Yule (1912)",
    equation="(OR - 1) / (OR + 1)",
    variance="(1 - Q^2)^2 / 4 * (1/a + 1/b + 1/c + 1/d)",
    group=_GROUP,
    bounds=_UNIT,
    zero_cells=_HALF,
)
def yule_q(t: TwoByTwo, options: Options) -> Estimate:
    r"""Yule's Q, :math:`y = (ad - bc) / (ad + bc)`.

    .. math:: v = \tfrac14 (1 - y^2)^2
        \left(\tfrac1a + \tfrac1b + \tfrac1c + \tfrac1d\right)

    References
    ----------
    Yule, G. U. (1912). On the methods of measuring association between two
    attributes. Journal of the Royal Statistical Society, 75, 579-652.
    """
    a, b, c, d = t.cells
    y = (a * d - b * c) / (a * d + b * c)
    return y, 0.25 * (1 - y * y) ** 2 * (1 / a + 1 / b + 1 / c + 1 / d)


@measure(
    "YUY",
    evidence=TwoByTwo,
    label="Yule's Y",
    reference="Yule (1912)",
    equation="(sqrt(OR) - 1) / (sqrt(OR) + 1)",
    variance="(1 - Y^2)^2 / 16 * (1/a + 1/b + 1/c + 1/d)",
    group=_GROUP,
    bounds=_UNIT,
    zero_cells=_HALF,
)
def yule_y(t: TwoByTwo, options: Options) -> Estimate:
    r"""Yule's Y, the coefficient of colligation.

    .. math:: y = \frac{\sqrt{ad} - \sqrt{bc}}{\sqrt{ad} + \sqrt{bc}}, \quad
        v = \tfrac1{16} (1 - y^2)^2
        \left(\tfrac1a + \tfrac1b + \tfrac1c + \tfrac1d\right)

    References
    ----------
    Yule, G. U. (1912). On the methods of measuring association between two
    attributes. Journal of the Royal Statistical Society, 75, 579-652.
    """
    a, b, c, d = t.cells
    with_it, against = np.sqrt(a * d), np.sqrt(b * c)
    y = (with_it - against) / (with_it + against)
    return y, (1 - y * y) ** 2 / 16.0 * (1 / a + 1 / b + 1 / c + 1 / d)


@measure(
    "PBIT",
    evidence=TwoByTwo,
    label="Probit difference, an estimate of the SMD",
    reference="Sanchez-Meca et al. (2003)",
    equation="Phi^-1(a/n1) - Phi^-1(c/n2)",
    variance="p1 q1/(n1 f(z1)^2) + p2 q2/(n2 f(z2)^2)",
    group=_GROUP,
    symbol="SMD",
    zero_cells=_HALF,
)
def probit_difference(t: TwoByTwo, options: Options) -> Estimate:
    r"""Difference of probits of the two risks.

    .. math:: y = z_1 - z_2, \quad z_i = \Phi^{-1}(p_i), \quad
        v = \sum_i \frac{p_i q_i}{n_i \varphi(z_i)^2}

    References
    ----------
    Sanchez-Meca, J., Marin-Martinez, F., & Chacon-Moscoso, S. (2003). Effect-size
    indices for dichotomized outcomes in meta-analysis. Psychological Methods, 8,
    448-467.
    """
    p1, p2 = t.risk1, t.risk2
    z1, z2 = special.ndtri(p1), special.ndtri(p2)
    v1 = 2 * np.pi * p1 * (1 - p1) * np.exp(z1 * z1) / t.n1
    v2 = 2 * np.pi * p2 * (1 - p2) * np.exp(z2 * z2) / t.n2
    return z1 - z2, v1 + v2


def _scaled(t: TwoByTwo, options: Options, factor: float) -> Estimate:
    y, v = log_odds_ratio(t, options)
    return y / factor, v / factor**2


@measure(
    "OR2DL",
    evidence=TwoByTwo,
    label="SMD from the odds ratio, logistic responses",
    reference="Hasselblad & Hedges (1995); Chinn (2000)",
    equation="log(OR) sqrt(3)/pi",
    variance="3/pi^2 (1/a + 1/b + 1/c + 1/d)",
    group=_GROUP,
    symbol="SMD",
    zero_cells=_HALF,
)
def or_to_d_logistic(t: TwoByTwo, options: Options) -> Estimate:
    """SMD from the log odds ratio, divided by the logistic SD, pi / sqrt(3).

    References
    ----------
    Hasselblad, V., & Hedges, L. V. (1995). Meta-analysis of screening and
    diagnostic tests. Psychological Bulletin, 117, 167-178.
    Chinn, S. (2000). A simple method for converting an odds ratio to effect size
    for use in meta-analysis. Statistics in Medicine, 19, 3127-3131.
    """
    return _scaled(t, options, LOGISTIC_SD)


@measure(
    "OR2D",
    evidence=TwoByTwo,
    label="SMD from the odds ratio, as OR2DL",
    reference="Hasselblad & Hedges (1995); Chinn (2000)",
    equation="log(OR) sqrt(3)/pi",
    variance="3/pi^2 (1/a + 1/b + 1/c + 1/d)",
    group=_GROUP,
    symbol="SMD",
    zero_cells=_HALF,
)
def or_to_d(t: TwoByTwo, options: Options) -> Estimate:
    """Return :func:`or_to_d_logistic` under its shorter code."""
    return _scaled(t, options, LOGISTIC_SD)


@measure(
    "OR2DN",
    evidence=TwoByTwo,
    label="SMD from the odds ratio, normal responses",
    reference="Cox & Snell (1989)",
    equation="log(OR) / 1.65",
    variance="(1/a + 1/b + 1/c + 1/d) / 1.65^2",
    group=_GROUP,
    symbol="SMD",
    zero_cells=_HALF,
)
def or_to_d_normal(t: TwoByTwo, options: Options) -> Estimate:
    """SMD from the log odds ratio, divided by Cox's 1.65.

    References
    ----------
    Cox, D. R., & Snell, E. J. (1989). Analysis of binary data (2nd ed.). Chapman
    & Hall.
    """
    return _scaled(t, options, COX)
