"""What a model of one mean returns."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from types import EllipsisType
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from k2stats._typing import Bools, Floats
from k2stats.effectsizes._base import EffectSizes, Interval
from k2stats.effectsizes.scales import harmonic_mean
from k2stats.errors import InvalidEvidenceError
from k2stats.heterogeneity import FitStatistics, Tau2Interval, tau2_interval
from k2stats.numerics import tails
from k2stats.results import pooled_printing, pooled_report
from k2stats.results._level import check_level
from k2stats.results.method import PoolingMethod

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Rng: TypeAlias = int | np.random.Generator | None
Index: TypeAlias = int | slice | EllipsisType | Sequence[int] | tuple[Any, ...]


class Engine(Protocol):
    """What a result asks of the model that made it."""

    def conf_int(
        self, fit: "PooledEstimate", level: float, method: str | None, rng: Rng
    ) -> tuple[Floats, Floats]:
        """Limits of the mean."""

    def prediction_interval(
        self, fit: "PooledEstimate", method: str | None, level: float, rng: Rng
    ) -> tuple[Floats, Floats]:
        """Limits of a new effect."""

    def probability_above(
        self, fit: "PooledEstimate", threshold: Floats, method: str | None, rng: Rng
    ) -> Floats:
        """Probability that a new effect is above a threshold."""

    def weights(self, fit: "PooledEstimate") -> Floats:
        """Share of each study in the mean."""

    def fit_statistics(self, fit: "PooledEstimate") -> FitStatistics:
        """Log-likelihood and information criteria."""


@dataclass(frozen=True, slots=True, eq=False)
class PooledEstimate:
    r"""A pooled effect, or one for every element of a batch.

    Arrays have the batch shape ``(...)``, ``()`` for one meta-analysis, and are on the
    measure's scale of analysis: logs for ratios.

    Attributes
    ----------
    effects : EffectSizes
        What was pooled.
    method : PoolingMethod
        Every choice that was made.
    estimate, se, statistic, df, ci_low, ci_high : ndarray
        The mean, its standard error, test statistic, degrees of freedom (infinite for
        a normal reference) and confidence limits.
    tau2, tau2_se : ndarray
        Variance between studies and its standard error, NaN where undefined.
    Q, typical_v : ndarray
        Cochran's Q, and the typical sampling variance of Higgins and Thompson.
    k : ndarray
        Number of studies.
    converged : ndarray of bool
        False, with NaN in place of figures, where no estimate was found.
    engine : Engine
        The model, which answers for intervals at other levels and by other methods.
    mask : ndarray of bool of shape (..., K), or None
        True where a study was present.
    given_weights : ndarray of shape (..., K), or None
        Weights of the user.
    own_log_p : ndarray or None
        Logarithm of p where the test is not estimate over standard error.
    """

    effects: EffectSizes
    method: PoolingMethod
    estimate: Floats
    se: Floats
    statistic: Floats
    df: Floats
    ci_low: Floats
    ci_high: Floats
    tau2: Floats
    tau2_se: Floats
    Q: Floats
    typical_v: Floats
    k: Floats
    converged: Bools
    engine: Engine
    mask: Bools | None = None
    given_weights: Floats | None = None
    own_log_p: Floats | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """Batch shape, ``()`` for one meta-analysis."""
        return self.estimate.shape

    @property
    def log_p(self) -> Floats:
        """Natural logarithm of the two-sided p-value, exact where p underflows."""
        if self.own_log_p is not None:
            return self.own_log_p
        if bool(np.isinf(self.df).all()):
            return tails.log_normal_p(self.statistic)
        return tails.log_student_p(self.statistic, self.df)

    @property
    def p(self) -> Floats:
        """Two-sided p-value of a mean of zero on the scale of analysis."""
        if self.own_log_p is not None:
            return np.asarray(np.exp(self.own_log_p))
        if bool(np.isinf(self.df).all()):
            return tails.normal_p(self.statistic)
        return tails.student_p(self.statistic, self.df)

    @property
    def ci(self) -> tuple[Floats, Floats]:
        """Confidence limits at the level of the fit."""
        return self.ci_low, self.ci_high

    @property
    def tau(self) -> Floats:
        """Standard deviation of the true effects."""
        return np.asarray(np.sqrt(self.tau2))

    @property
    def Q_df(self) -> Floats:  # noqa: N802
        """Degrees of freedom of Q."""
        return np.asarray(self.k - 1.0)

    @property
    def Q_p(self) -> Floats:  # noqa: N802
        """P-value of Q, upper tail of chi-squared; 1 where there is one study."""
        df = np.maximum(self.Q_df, 1.0)
        one = np.where(self.k > 0.0, 1.0, np.nan)
        return np.where(self.Q_df > 0.0, tails.chi2_p(self.Q, df), one)

    @property
    def Q_log_p(self) -> Floats:  # noqa: N802
        """Logarithm of :attr:`Q_p`."""
        df = np.maximum(self.Q_df, 1.0)
        with np.errstate(divide="ignore"):
            log_p = tails.log_chi2_p(self.Q, df)
        return np.where(self.Q_df > 0.0, log_p, np.where(self.k > 0.0, 0.0, np.nan))

    @property
    def H2(self) -> Floats:  # noqa: N802
        r"""Total over sampling variability, on the basis that the method names.

        :math:`\tau^2 / \tilde v + 1`, or :math:`Q / (K - 1)`.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.method.i2_basis == "tau2":
                return np.asarray(self.tau2 / self.typical_v + 1.0)
            return np.asarray(self.Q / self.Q_df)

    @property
    def I2(self) -> Floats:  # noqa: N802
        r"""Share of the variability that lies between studies, in percent.

        :math:`100\,\tau^2 / (\tau^2 + \tilde v)`, or
        :math:`100 \max(0, 1 - (K - 1) / Q)`, on the basis that the method names.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.method.i2_basis == "tau2":
                return np.asarray(100.0 * self.tau2 / (self.tau2 + self.typical_v))
            excess = np.maximum(self.Q - self.Q_df, 0.0)
            share = np.where(self.Q > 0.0, excess / self.Q, 0.0)
            return np.asarray(100.0 * np.where(self.Q_df > 0.0, share, np.nan))

    @property
    def weights(self) -> Floats:
        """Percent that each study counts for in the mean, shape (..., K)."""
        return self.engine.weights(self)

    @property
    def fit_statistics(self) -> FitStatistics:
        """Log-likelihood, AIC, BIC and AICc at this tau2.

        The restricted likelihood where tau2 is by REML.
        """
        return self.engine.fit_statistics(self)

    @property
    def loglik(self) -> Floats:
        """Log-likelihood, see :attr:`fit_statistics`."""
        return self.fit_statistics.log_likelihood

    @property
    def aic(self) -> Floats:
        """Akaike's information criterion."""
        return self.fit_statistics.aic

    @property
    def bic(self) -> Floats:
        """Bayesian information criterion."""
        return self.fit_statistics.bic

    @property
    def aicc(self) -> Floats:
        """Akaike's criterion corrected for few studies."""
        return self.fit_statistics.aicc

    def conf_int(
        self, level: float | None = None, method: str | None = None, rng: Rng = None
    ) -> tuple[Floats, Floats]:
        """Confidence limits on the scale of analysis.

        Parameters
        ----------
        level : float, optional
            That of the fit when left out.
        method : str, optional
            A name in :data:`k2stats.models.MEAN_TESTS`; that of the fit when left out.
        rng : int or Generator, optional
            For methods that draw.

        Returns
        -------
        low, high : ndarray, shape (...)

        Raises
        ------
        InvalidEvidenceError, UnknownMethodError
        """
        if method is None and level in (None, self.method.level):
            return self.ci  # as fitted: nothing is drawn or searched for again
        at = self.method.level if level is None else level
        check_level(at)
        return self.engine.conf_int(self, at, method, rng)

    def prediction_interval(
        self, method: str | None = None, level: float | None = None, rng: Rng = None
    ) -> tuple[Floats, Floats]:
        """Limits for the effect of a new study, on the scale of analysis.

        Parameters
        ----------
        method : str, optional
            A name in :data:`k2stats.models.PREDICTIONS`; that of the fit when left
            out.
        level : float, optional
        rng : int or Generator, optional
            For methods that draw.

        Returns
        -------
        low, high : ndarray, shape (...)

        Raises
        ------
        InvalidEvidenceError
            Where the model has no variance between studies.
        UnknownMethodError
        """
        at = self.method.level if level is None else level
        check_level(at)
        return self.engine.prediction_interval(self, method, at, rng)

    def tau2_interval(
        self, type: str | None = None, level: float | None = None, rng: Rng = None
    ) -> Tau2Interval:
        """Confidence interval of tau2, with those of tau, I2 and H2.

        Parameters
        ----------
        type : str, optional
            A name in :data:`k2stats.heterogeneity.TAU2_INTERVALS`; that of the profile
            when left out, the Q-profile unless one was named.
        level : float, optional
        rng : int or Generator, optional
            For the bootstrap.

        Raises
        ------
        InvalidEvidenceError
            Where the model has no tau2, or a given one.
        UnknownMethodError
        """
        name = self.method.tau2.name
        if name in ("EE", "fixed", "common"):
            raise InvalidEvidenceError(
                field="tau2",
                requirement="estimated for an interval of it",
                given=self.method.tau2.label,
            )
        return tau2_interval(
            self.effects.y,
            self.effects.v,
            type=self.method.tau2_interval if type is None else type,
            method=name,
            level=self.method.level if level is None else level,
            mask=self.mask,
            weights=self.given_weights,
            rng=rng,
        )

    def probability_above(
        self, threshold: ArrayLike, method: str | None = None, rng: Rng = None
    ) -> Floats:
        r"""Probability that the true effect of a new study exceeds a threshold.

        The tail of the predictive distribution that the prediction interval is cut
        from.

        Parameters
        ----------
        threshold : array-like, broadcastable to (...)
            On the scale of analysis: a logarithm for ratios.
        method : str, optional
            As in :meth:`prediction_interval`.
        rng : int or Generator, optional
        """
        at = np.asarray(threshold, dtype=float)
        return self.engine.probability_above(self, at, method, rng)

    def natural(self, level: float | None = None) -> Interval:
        """Return the mean and its limits on the natural scale: a log RR as an RR."""
        at = self.method.level if level is None else level
        return natural(self, self.estimate, self.conf_int(at), at)

    def natural_prediction(
        self, method: str | None = None, level: float | None = None, rng: Rng = None
    ) -> Interval:
        """Return the prediction interval on the natural scale."""
        at = self.method.level if level is None else level
        limits = self.prediction_interval(method, at, rng)
        return natural(self, self.estimate, limits, at)

    def __getitem__(self, index: Index) -> "PooledEstimate":
        """Select elements of a batch."""
        if not self.shape:
            raise InvalidEvidenceError(
                field="index", requirement="left out: this is one meta-analysis"
            )
        es = self.effects
        picked = replace(
            es,
            y=es.y[index],
            v=np.broadcast_to(es.v, es.y.shape)[index],
            n=None if es.n is None else np.broadcast_to(es.n, es.y.shape)[index],
            added=None,
        )
        arrays: dict[str, Any] = {
            f.name: np.asarray(value[index])
            for f in fields(self)
            if isinstance(value := getattr(self, f.name), np.ndarray)
        }
        return replace(self, effects=picked, **arrays)

    def to_frame(self, *, natural: bool = False) -> pd.DataFrame:
        """One row an element of the batch.

        Parameters
        ----------
        natural : bool
            Estimates and limits on the natural scale.
        """
        return pooled_printing.to_frame(self, natural=natural)

    def summary(self, digits: int = 4) -> str:
        """Text that a reader of metafor or Stata finds familiar."""
        return pooled_printing.summary(self, digits)

    def report(self) -> str:
        """Methods and results as a paragraph for a paper, with references."""
        return pooled_report.report(self)

    def forest(self, **options: Any) -> "Figure":
        """Forest plot; see :func:`k2stats.results.pooled_forest.forest`."""
        from k2stats.results.pooled_forest import forest

        return forest(self, **options)

    def __str__(self) -> str:
        return pooled_printing.short(self)

    def __repr__(self) -> str:
        return pooled_printing.short(self)

    def _repr_html_(self) -> str:
        return pooled_printing.html(self)


def natural(
    fit: PooledEstimate, estimate: Floats, limits: tuple[Floats, Floats], level: float
) -> Interval:
    """Read an estimate and limits back to the natural scale.

    A double arcsine is read back with the harmonic mean of the sample sizes, as in
    Miller (1978); without sizes it stays on the scale of analysis.
    """
    es = fit.effects
    if es.scale.back_with_size is not None and es.n is None:
        return Interval(estimate, limits[0], limits[1], level)
    size = None if es.n is None else _typical_size(es.n, fit.mask)
    back = [es.scale.to_natural(x, size) for x in (estimate, *limits)]
    if es.scale.decreasing:
        back[1], back[2] = back[2], back[1]
    least, most = es.info.bounds
    low, high = (np.asarray(np.clip(x, least, most)) for x in back[1:])
    return Interval(back[0], low, high, level)


def _typical_size(n: Floats, mask: Bools | None) -> Floats:
    """Harmonic mean of the sizes of the studies that are present."""
    if mask is None:
        return harmonic_mean(n)
    with np.errstate(divide="ignore"):
        return np.asarray(mask.sum(-1) / np.where(mask, 1.0 / n, 0.0).sum(-1))
