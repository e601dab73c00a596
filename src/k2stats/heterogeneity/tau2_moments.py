r"""Estimators of tau2 in closed form, by the method of moments.

Each is :math:`\hat\tau^2 = \max\{0, (y^\top A y - c) / d\}` with A a projection P of
weighted least squares for some weights. For normal effects its sampling variance is

.. math:: 2 \operatorname{tr}(A \Sigma A \Sigma) / d^2, \quad
    \Sigma = V + \tau^2 I .
"""

import numpy as np

from k2stats._typing import Floats
from k2stats.heterogeneity._base import TAU2, Estimate
from k2stats.heterogeneity._closed import inverse_variance
from k2stats.heterogeneity._studies import Studies
from k2stats.numerics.wls import Projection, project


def _truncate(
    raw: Floats, df: Floats, trace: Floats, square: Floats, d: Floats
) -> Estimate:
    """Truncate at zero; standard error where A is P with weights 1/v, so PVP = P."""
    tau2 = np.maximum(raw, 0.0)
    se = np.sqrt(2.0 * df + 4.0 * tau2 * trace + 2.0 * tau2**2 * square) / d
    return Estimate(tau2, se, np.isfinite(tau2))


def _general(
    s: Studies, p: Projection, raw: Floats, d: Floats, factor: Floats | float = 1.0
) -> Estimate:
    """Truncate at zero; standard error where A is `factor` times any P."""
    tau2, v = np.maximum(raw, 0.0), s.finite_v
    variance = (
        p.trace_pair(v, v)
        + 2.0 * tau2 * p.sandwich(v).sum(axis=-1)
        + tau2**2 * p.trace_pair()
    )
    se = np.sqrt(2.0 * variance) * factor / d
    return Estimate(tau2, np.asarray(se), np.isfinite(tau2))


@TAU2.register(
    "DL",
    label="DerSimonian-Laird",
    reference="DerSimonian & Laird (1986). Controlled Clinical Trials 7:177-188.",
    equation=r"\max\{0, (Q - (K - p)) / \operatorname{tr}(P)\}, w = 1/v",
    traits=("closed-form", "moments"),
)
def dersimonian_laird(s: Studies) -> Estimate:
    r"""Moments of Cochran's Q.

    .. math:: \hat\tau^2 = \max\{0, (Q - (K - p)) / \operatorname{tr}(P)\}
    """
    q, trace, square, _ = inverse_variance(s)
    return _truncate((q - s.df) / trace, s.df, trace, square, trace)


@TAU2.register(
    "HE",
    label="Hedges",
    reference="Hedges & Olkin (1985). Statistical Methods for Meta-Analysis.",
    equation=r"\max\{0, (y^T P y - \operatorname{tr}(P V)) / (K - p)\}, w = 1",
    traits=("closed-form", "moments"),
)
def hedges(s: Studies) -> Estimate:
    """Variance of the effects about their unweighted fit, less what sampling adds."""
    if s.X is None:
        return _hedges_mean(s)
    p = project(s.present, s.X)
    raw = (p.rss(s.y) - p.trace(s.finite_v)) / s.df
    return _general(s, p, raw, s.df)


def _hedges_mean(s: Studies) -> Estimate:
    """:func:`hedges` where P is I less a matrix of 1/K, so that P P = P."""
    v, k = s.finite_v, s.k
    e = s.y - (s.y.sum(axis=-1) / k)[..., np.newaxis]
    if s.mask is not None:
        e = e * s.mask
    total, square = v.sum(axis=-1), np.einsum("...k,...k->...", v, v)
    trace = total * (s.df / k)
    raw = (np.einsum("...k,...k->...", e, e) - trace) / s.df
    tau2 = np.maximum(raw, 0.0)
    pvpv = square * (1.0 - 2.0 / k) + (total / k) ** 2
    variance = pvpv + tau2 * (2.0 * trace + tau2 * s.df)
    return Estimate(tau2, np.sqrt(2.0 * variance) / s.df, np.isfinite(tau2))


@TAU2.register(
    "HS",
    label="Hunter-Schmidt",
    reference="Hunter & Schmidt (1990). Methods of Meta-Analysis. "
    "Viechtbauer (2005). J Educ Behav Stat 30:261-293.",
    equation=r"\max\{0, (Q - K) / \sum w\}",
    traits=("closed-form", "moments"),
)
def hunter_schmidt(s: Studies) -> Estimate:
    """Weighted variance of the effects, less what sampling adds; biased downwards."""
    q, trace, square, total = inverse_variance(s)
    return _truncate((q - s.k) / total, s.df, trace, square, total)


@TAU2.register(
    "HSk",
    label="Hunter-Schmidt, corrected for few studies",
    reference="Brannick et al. (2019). Research Synthesis Methods 10:489-514.",
    equation=r"\max\{0, (Q K / (K - p) - K) / \sum w\}",
    traits=("closed-form", "moments"),
)
def hunter_schmidt_k(s: Studies) -> Estimate:
    """Hunter-Schmidt's estimator with Q raised by K / (K - p)."""
    q, trace, square, total = inverse_variance(s)
    total = total * s.df / s.k
    return _truncate((q - s.df) / total, s.df, trace, square, total)


def sidik_jonkman_start(s: Studies) -> Floats:
    """Variance of the effects about their plain mean, with divisor K."""
    if s.variance is not None:
        return s.variance
    centred = project(s.present)
    return np.asarray(centred.rss(s.y) / s.k)


@TAU2.register(
    "SJ",
    label="Sidik-Jonkman",
    reference="Sidik & Jonkman (2005). Journal of the Royal Statistical Society C "
    "54:367-384.",
    equation=r"\tau_0^2 y^T P y / (K - p), w = 1 / (v + \tau_0^2)",
    traits=("closed-form", "moments", "positive"),
)
def sidik_jonkman(s: Studies) -> Estimate:
    r"""One step from a crude estimate; always positive.

    .. math:: \hat\tau^2 = \frac{\hat\tau_0^2}{K - p}\, y^\top P y, \qquad
        w_k = 1 / (v_k + \hat\tau_0^2),\
        \hat\tau_0^2 = \tfrac1K \sum_k (y_k - \bar y)^2
    """
    start = sidik_jonkman_start(s)
    p = project(s.w(start), s.X)
    factor = start / s.df
    return _general(s, p, factor * p.rss(s.y), np.ones_like(factor), factor)


@TAU2.register(
    "GENQ",
    label="Generalised Q",
    reference="DerSimonian & Kacker (2007). Contemporary Clinical Trials 28:105-114. "
    "Jackson et al. (2014). Statistics in Medicine 33:3639-3654.",
    equation=r"\max\{0, (y^T P y - \operatorname{tr}(P V)) / \operatorname{tr}(P)\}",
    traits=("closed-form", "moments", "weighted"),
)
def generalised_q(s: Studies) -> Estimate:
    """Moments of the sum of squares under weights that the user gives."""
    assert s.weights is not None
    p = project(s.weights, s.X)
    trace = p.trace()
    raw = (p.rss(s.y) - p.trace(s.finite_v)) / trace
    return _general(s, p, raw, trace)
