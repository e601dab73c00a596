"""Correlation of a quantitative variable with a two-group one."""

import numpy as np
from scipy import special

from k2stats.effectsizes._measures import Estimate, Options, measure
from k2stats.effectsizes.binary_association import fisher_z
from k2stats.effectsizes.two_means import cohen_d
from k2stats.evidence import TwoMeans

_GROUP = "Two groups, read as a correlation"
_UNIT = (-1.0, 1.0)
_RPB_VARIANCES = {
    "LS": "as ST",
    "ST": "h^2/(h + d^2)^3 (1/n1 + 1/n2 + d^2/(2 N))",
    "CS": "(1 - r^2)^2 (1 - 3 r^2/2 + r^2/(4 p q)) / N",
}
_RBIS = "(pq/f^2 - (3/2 + (1 - pz/f)(1 + qz/f)) r^2 + r^4)/(N - 1)"


@measure(
    "RPB",
    evidence=TwoMeans,
    label="Point-biserial correlation",
    reference="Tate (1954)",
    equation="d / sqrt(d^2 + h), h = m/n1 + m/n2",
    variance=_RPB_VARIANCES,
    group=_GROUP,
    bounds=_UNIT,
)
def point_biserial(t: TwoMeans, options: Options) -> Estimate:
    r"""Point-biserial correlation, from Cohen's d.

    .. math:: r = \frac{d}{\sqrt{d^2 + h}}, \quad h = \frac{m}{n_1} + \frac{m}{n_2},
        \quad m = n_1 + n_2 - 2

    ``ST``: group sizes fixed, the delta method on d; ``CS``: sizes random, Tate's
    large-sample variance with p = n1/N.

    References
    ----------
    Tate, R. F. (1954). Correlation between a discrete and a continuous variable.
    Point-biserial correlation. Annals of Mathematical Statistics, 25, 603-607.
    """
    d, total = cohen_d(t), t.n1 + t.n2
    h = (total - 2) / t.n1 + (total - 2) / t.n2
    r = d / np.sqrt(d * d + h)
    if options.vtype == "CS":
        pq = t.n1 * t.n2 / total**2
        return r, (1 - r * r) ** 2 * (1 - 1.5 * r * r + r * r / (4 * pq)) / total
    spread = 1 / t.n1 + 1 / t.n2 + d * d / (2 * total)
    return r, h * h / (h + d * d) ** 3 * spread


@measure(
    "ZPB",
    evidence=TwoMeans,
    label="Point-biserial correlation on Fisher's z scale",
    reference="Tate (1954); Fisher (1921)",
    equation="atanh(r_pb)",
    variance={k: f"({w})/(1 - r^2)^2" for k, w in _RPB_VARIANCES.items()},
    group=_GROUP,
    on="fisher-z",
    symbol="r_pb",
    bounds=_UNIT,
)
def point_biserial_z(t: TwoMeans, options: Options) -> Estimate:
    """Fisher's z of the point-biserial correlation, by the delta method."""
    return fisher_z(*point_biserial(t, options))


@measure(
    "RBIS",
    evidence=TwoMeans,
    label="Biserial correlation",
    reference="Soper (1914); Jacobs & Viechtbauer (2017)",
    equation="r_pb sqrt(pq)/f(z), p = n1/N",
    variance=_RBIS,
    group=_GROUP,
    bounds=_UNIT,
)
def biserial(t: TwoMeans, options: Options) -> Estimate:
    r"""Biserial correlation: the two groups are a cut of a normal variable.

    .. math:: r = r_{pb}\frac{\sqrt{pq}}{f}, \quad v = \frac1{N - 1}\left[
        \frac{pq}{f^2} - \left(\tfrac32 + (1 - \tfrac{pz}{f})(1 + \tfrac{qz}{f})
        \right) r^2 + r^4\right]

    with :math:`z = \Phi^{-1}(q)` and :math:`f = \varphi(z)`. The estimate can lie
    beyond 1 in size; its variance is then that at 1.

    References
    ----------
    Soper, H. E. (1914). On the probable error of the bi-serial expression for the
    correlation coefficient. Biometrika, 10, 384-390. Jacobs, P., & Viechtbauer, W.
    (2017). Estimation of the biserial correlation and its sampling variance for use
    in meta-analysis. Research Synthesis Methods, 8, 161-180.
    """
    d, total = cohen_d(t), t.n1 + t.n2
    p, q = t.n1 / total, t.n2 / total
    r_pb = d / np.sqrt(d * d + (total - 2) / t.n1 + (total - 2) / t.n2)
    z = special.ndtri(q)
    f = np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi)
    r = r_pb * np.sqrt(p * q) / f
    shape = 1.5 + (1 - p * z / f) * (1 + q * z / f)
    # Beyond 1 the polynomial means nothing; it is kept at its value at 1.
    square = np.minimum(r * r, 1.0)
    return r, (p * q / f**2 - shape * square + square**2) / (total - 1)


@measure(
    "ZBIS",
    evidence=TwoMeans,
    label="Biserial correlation on Fisher's z scale",
    reference="Jacobs & Viechtbauer (2017); Fisher (1921)",
    equation="atanh(r_bis)",
    variance=f"({_RBIS})/(1 - r^2)^2",
    group=_GROUP,
    on="fisher-z",
    symbol="r_bis",
    bounds=_UNIT,
)
def biserial_z(t: TwoMeans, options: Options) -> Estimate:
    """Fisher's z of the biserial correlation; NaN where that is beyond 1."""
    return fisher_z(*biserial(t, options))
