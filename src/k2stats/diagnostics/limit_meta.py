r"""Limit meta-analysis: the mean that studies of unlimited precision would have."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from k2stats._typing import Floats
from k2stats.diagnostics._shown import said
from k2stats.diagnostics._studies import (
    Effects,
    frozen,
    require_unequal,
    sample,
    with_estimator,
    worth,
)
from k2stats.effectsizes import EffectSizes
from k2stats.errors import InvalidEvidenceError
from k2stats.heterogeneity import estimate_tau2
from k2stats.numerics import tails
from k2stats.numerics.wls import fit_wls
from k2stats.results._words import p_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

RUECKER = "Ruecker, Schwarzer, Carpenter, Binder & Schumacher (2011). Biostatistics "
RUECKER += "12:122-142."


@dataclass(frozen=True, slots=True, eq=False)
class LimitMetaAnalysis:
    r"""A mean adjusted for small-study effects, with the shrunken studies.

    Attributes
    ----------
    estimate, se : ndarray, shape (...)
        :math:`\hat\beta + \hat\tau\hat\alpha` and its standard error.
    alpha, alpha_se : ndarray, shape (...)
        Small-study effect: the intercept of the radial plot.
    beta : ndarray, shape (...)
        Slope of the radial plot.
    tau2 : ndarray, shape (...)
    study_effects : ndarray, shape (..., K)
        Effects of the studies at unlimited precision.
    Q, Q_small_study, Q_residual : ndarray, shape (...)
        Heterogeneity, the part that goes with imprecision, and the rest.
    level : float
    note : str
    effects : EffectSizes
    """

    estimate: Floats
    se: Floats
    alpha: Floats
    alpha_se: Floats
    beta: Floats
    tau2: Floats
    study_effects: Floats
    Q: Floats
    Q_small_study: Floats
    Q_residual: Floats
    level: float
    note: str
    effects: EffectSizes

    @property
    def p(self) -> Floats:
        """Two-sided p of a mean of zero, normal reference."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return tails.normal_p(np.asarray(self.estimate / self.se))

    @property
    def small_study_p(self) -> Floats:
        """Test of the heterogeneity that goes with imprecision, one df."""
        return tails.chi2_p(self.Q_small_study, 1.0)

    @property
    def residual_p(self) -> Floats:
        """Test of the remaining heterogeneity, K - 2 df."""
        df = float(self.study_effects.shape[-1] - 2)
        return tails.chi2_p(self.Q_residual, df)

    @property
    def ci(self) -> tuple[Floats, Floats]:
        """Confidence limits of the mean, normal reference."""
        half = special.ndtri(0.5 + 0.5 * self.level) * self.se
        return np.asarray(self.estimate - half), np.asarray(self.estimate + half)

    def plot(self, *, title: str = "") -> "Figure":
        """Funnel plot with the curve of the model and the shrunken studies.

        Parameters
        ----------
        title : str

        Raises
        ------
        InvalidEvidenceError
            For a batch.
        """
        from k2stats.diagnostics.selection_figures import limit_plot

        return limit_plot(self, title)

    def __repr__(self) -> str:
        if self.estimate.shape:
            return f"Limit meta-analysis: estimates of shape {self.estimate.shape}"
        low, high = self.ci
        mean = float(self.estimate), float(low), float(high)
        return (
            "Limit meta-analysis: "
            f"{said(self.effects.measure, *mean, self.level)}, p {p_text(self.p)}"
        )


def limit_meta_analysis(
    effects: Effects, *, tau2: str | None = None, level: float = 0.95
) -> LimitMetaAnalysis:
    r"""Extrapolate the funnel to a standard error of zero, heterogeneity kept.

    .. math:: y_k = \beta + \sqrt{v_k + \tau^2}\,(\alpha + \epsilon_k), \qquad
        \epsilon_k \sim N(0, 1)

    :math:`\alpha` and :math:`\beta` come from regression of
    :math:`y_k / \sqrt{v_k + \tau^2}` on :math:`1 / \sqrt{v_k + \tau^2}`, tau2 being
    that of the random-effects model. As :math:`v_k \to 0` the mean tends to
    :math:`\beta + \tau\alpha`, and the studies to

    .. math:: \hat\beta_0 + \sqrt{\tau^2 / (v_k + \tau^2)}\,(y_k - \hat\beta_0),
        \qquad \hat\beta_0 = \hat\beta + \hat\tau\hat\alpha .

    The standard error is that of the regression with unit variance, tau2 taken as
    known.

    Parameters
    ----------
    effects : EffectSizes or PooledEstimate, shape (..., K)
    tau2 : str, optional
        Estimator; that of the fit, or REML for effects, when left out.
    level : float

    Raises
    ------
    InvalidEvidenceError, UnknownMethodError

    References
    ----------
    Ruecker, Schwarzer, Carpenter, Binder & Schumacher (2011). Biostatistics
    12:122-142.

    Examples
    --------
    >>> es = EffectSizes.from_arrays([0.1, 0.2, 0.4, 0.9], [0.01, 0.02, 0.05, 0.09])
    >>> limit_meta_analysis(es)
    Limit meta-analysis: effect -0.047 (95% CI -0.504 to 0.410), p = 0.8412
    """
    if not 0.0 < level < 1.0:
        raise InvalidEvidenceError(
            field="level", requirement="between 0 and 1", given=level
        )
    effects, tau2 = with_estimator(effects, tau2)
    y, v = given = sample(effects, least=3, need="limit meta-analysis")
    require_unequal(v, "limit meta-analysis")
    value = estimate_tau2(y, v, method=tau2).tau2
    spread = v + value[..., np.newaxis]
    X = np.stack([np.ones_like(y), np.sqrt(spread)], axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        # Multiplied through by the spread: slope and intercept change places.
        fit = fit_wls(y, 1.0 / spread, X)
        beta, alpha = fit.beta[..., 0], fit.beta[..., 1]
        tau = np.sqrt(value)
        limit = beta + tau * alpha
        c = fit.cov
        variance = c[..., 0, 0] + 2.0 * tau * c[..., 0, 1] + value * c[..., 1, 1]
        share = np.sqrt(value[..., np.newaxis] / spread)
        centre = limit[..., np.newaxis]
        plain = fit_wls(y, 1.0 / v).rss
        egger = fit_wls(
            y, 1.0 / v, np.stack([np.ones_like(y), np.sqrt(v)], axis=-1)
        ).rss
    return LimitMetaAnalysis(
        estimate=frozen(limit),
        se=frozen(np.sqrt(variance)),
        alpha=frozen(alpha),
        alpha_se=frozen(np.sqrt(c[..., 1, 1])),
        beta=frozen(beta),
        tau2=frozen(value),
        study_effects=frozen(centre + share * (y - centre)),
        Q=frozen(plain),
        Q_small_study=frozen(np.maximum(plain - egger, 0.0)),
        Q_residual=frozen(egger),
        level=level,
        note=worth(given.k, "small-study effects"),
        effects=effects,
    )
