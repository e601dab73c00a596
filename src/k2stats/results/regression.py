"""The result of a meta-regression."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from k2stats._typing import Bools, Floats
from k2stats.effectsizes import EffectSizes
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence._coerce import as_floats
from k2stats.results import _bubble, _regression_text
from k2stats.results._level import check_level
from k2stats.results.design_matrix import Columns, Design
from k2stats.results.linear_hypothesis import Reference, WaldTest
from k2stats.results.predictions import Predictions
from k2stats.results.regression_method import Engine, RegressionMethod

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True, eq=False)
class MetaRegression:
    r"""Coefficients of moderators, and the heterogeneity that is left.

    Arrays have the batch shape (...), and p coefficients last where they have them.

    Attributes
    ----------
    effects : EffectSizes
        The studies in the model.
    design : Design
    method : RegressionMethod
    beta, se, statistic, p, log_p, ci_low, ci_high : ndarray, shape (..., p)
    df : ndarray, shape (..., p)
        Infinite for a normal reference.
    cov : ndarray, shape (..., p, p)
        With the adjustment of the test.
    tau2, tau2_se : ndarray, shape (...)
        Residual variance between studies.
    converged : ndarray of bool, shape (...)
    Q, Q_p : ndarray, shape (...)
        Residual heterogeneity, and its p.
    Q_df : ndarray, shape (...)
    I2, R2 : ndarray, shape (...)
        In percent. R2 is NaN without an intercept, and where tau2 was given.
    H2 : ndarray, shape (...)
    omnibus : WaldTest
        Of all coefficients but the intercept.
    loglik, aic, bic, aicc : ndarray, shape (...)
        NaN where tau2 is not estimated by ML or REML and is not zero by definition.
    k : ndarray, shape (...)
        Number of studies.
    reference : Reference
    missing : dict
        Rows left out on request, by the column that was missing there.
    engine : Engine
    given_weights : ndarray of shape (..., K), or None
        Weights of the user.
    """

    effects: EffectSizes
    design: Design
    method: RegressionMethod
    beta: Floats
    se: Floats
    statistic: Floats
    df: Floats
    p: Floats
    log_p: Floats
    ci_low: Floats
    ci_high: Floats
    cov: Floats
    tau2: Floats
    tau2_se: Floats
    converged: Bools
    Q: Floats
    Q_df: Floats
    Q_p: Floats
    I2: Floats
    H2: Floats
    R2: Floats
    omnibus: WaldTest
    loglik: Floats
    aic: Floats
    bic: Floats
    aicc: Floats
    k: Floats
    reference: Reference
    missing: dict[str, tuple[int, ...]]
    engine: Engine
    given_weights: Floats | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the coefficients."""
        return self.design.names

    @property
    def r_names(self) -> tuple[str, ...]:
        """Names of the coefficients as R's metafor writes them."""
        return self.design.r_names

    @property
    def tau(self) -> Floats:
        """Standard deviation of the true effects about the regression."""
        return np.asarray(np.sqrt(self.tau2))

    @property
    def QM(self) -> Floats:  # noqa: N802
        """Omnibus statistic: a chi-squared, or an F where the reference is a t."""
        return self.omnibus.statistic

    @property
    def QM_p(self) -> Floats:  # noqa: N802
        """The p-value of :attr:`QM`."""
        return self.omnibus.p

    @property
    def dropped(self) -> int:
        """Number of studies left out for missing values, on request."""
        return len({row for rows in self.missing.values() for row in rows})

    @property
    def coefficients(self) -> pd.DataFrame:
        """Estimate, standard error, statistic, p and limits of each coefficient.

        Raises
        ------
        InvalidEvidenceError
            For a batch: read its arrays.
        """
        return self.to_frame()

    def to_frame(
        self, *, natural: bool = False, level: float | None = None
    ) -> pd.DataFrame:
        """One row a coefficient.

        Parameters
        ----------
        natural : bool
            For effects on a log scale, exponentiated estimates and limits: a ratio of
            ratios for each unit of the moderator.
        level : float, optional
            Of the limits; that of the fit when left out.
        """
        self._require_single("a frame")
        low, high = self._limits(level)
        if natural:
            if self.effects.scale.name != "log":
                raise InvalidEvidenceError(
                    field="natural",
                    requirement="false where the effects are not logarithms: a slope "
                    "has no counterpart on the natural scale",
                    given=self.effects.measure,
                )
            with np.errstate(over="ignore"):
                data = {
                    "estimate": np.exp(self.beta),
                    "low": np.exp(low),
                    "high": np.exp(high),
                    "p": self.p,
                }
            return pd.DataFrame(data, index=list(self.names))
        columns = {"estimate": self.beta, "se": self.se, "statistic": self.statistic}
        if not np.isinf(self.df).all():
            columns["df"] = self.df
        columns |= {"p": self.p, "low": low, "high": high}
        return pd.DataFrame(columns, index=list(self.names))

    def conf_int(self, level: float | None = None) -> tuple[Floats, Floats]:
        """Confidence limits of the coefficients, each of shape (..., p).

        Parameters
        ----------
        level : float, optional
            That of the fit when left out.
        """
        return self._limits(level)

    def predict(
        self,
        data: Columns | None = None,
        *,
        x: Any = None,
        level: float | None = None,
        prediction: str = "metafor",
    ) -> Predictions:
        r"""Predict mean effects, and intervals of new effects.

        .. math:: x^\top\hat\beta \pm t\sqrt{x^\top C x}, \qquad
            x^\top\hat\beta \pm t\sqrt{x^\top C x + \hat\tau^2}

        Parameters
        ----------
        data : DataFrame or mapping, optional
            Moderators; scalars are repeated. The studies in the model when left out.
        x : array-like, shape (p,) or (M, p), optional
            Rows of the design, in place of `data`.
        level : float, optional
        prediction : str
            ``"metafor"``: the reference and standard error of the coefficients;
            or a name of :data:`k2stats.models.PREDICTIONS` such as ``"HTS"``.

        Raises
        ------
        InvalidEvidenceError, UnknownMethodError
        """
        rows, labels = self._rows(data, x)
        at = self._level(level)
        made = self.engine.predict(rows, at, prediction)
        estimate, se, low, high, pi_low, pi_high = made
        return Predictions(
            x=rows,
            estimate=estimate,
            se=se,
            low=low,
            high=high,
            pi_low=pi_low,
            pi_high=pi_high,
            level=at,
            method=prediction,
            effects=self.effects,
            labels=labels,
        )

    def fitted(self) -> Floats:
        """Mean effect of each study by the regression, shape (..., K)."""
        return np.asarray(np.einsum("kp,...p->...k", self.design.X, self.beta))

    def residuals(self) -> Floats:
        """Effect less :meth:`fitted`, shape (..., K)."""
        return np.asarray(self.effects.y - self.fitted())

    def summary(self, level: float | None = None) -> str:
        """Text in the order that a reader of metafor or Stata finds familiar."""
        return _regression_text.summary(self, level)

    def report(self) -> str:
        """A paragraph of methods and results, with the references of the methods."""
        return _regression_text.report(self)

    def bubble(
        self, moderator: str | None = None, *, ax: "Axes | None" = None, **at: Any
    ) -> "Axes":
        """Plot effects against a moderator, with the regression and its intervals.

        Areas are in proportion to the weights. Other moderators are held at their
        mean, labels at their most frequent level, unless given by name.
        """
        return _bubble.bubble(self, moderator, ax, at)

    def forest(self, **options: Any) -> "Figure":
        """Forest plot of the studies with the means that the moderators predict.

        See :func:`k2stats.results.regression_forest.regression_forest`.
        """
        from k2stats.results.regression_forest import regression_forest

        return regression_forest(self, **options)

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        return _regression_text.html(self)

    def _require_single(self, what: str) -> None:
        if self.beta.ndim != 1:
            raise InvalidEvidenceError(
                field="fit",
                requirement=f"of one data set for {what}; a batch has arrays",
                given=self.beta.shape,
            )

    def _level(self, level: float | None) -> float:
        at = self.method.level if level is None else level
        check_level(at)
        return at

    def _limits(self, level: float | None) -> tuple[Floats, Floats]:
        at = self._level(level)
        if at == self.method.level:
            return self.ci_low, self.ci_high
        return self.engine.limits(at)

    def _rows(self, data: Columns | None, x: Any) -> tuple[Floats, tuple[str, ...]]:
        if x is not None:
            rows = np.atleast_2d(as_floats("x", x))
            if rows.shape[-1] != len(self.names) or rows.ndim != 2:
                raise InvalidEvidenceError(
                    field="x",
                    requirement="of as many columns as there are coefficients, "
                    f"{len(self.names)}",
                    given=rows.shape,
                )
        elif data is None:
            return self.design.X, tuple(map(str, self.effects.labels))
        elif self.design.encode is None:
            raise InvalidEvidenceError(
                field="data",
                requirement="left out where the design was given as a matrix; give x",
            )
        else:
            rows = self.design.encode(data)
        return rows, tuple(map(str, range(1, len(rows) + 1)))


def require_plain(fit: MetaRegression) -> None:
    """Refuse a fit with weights of the user, where a method holds for others alone.

    Raises
    ------
    InvalidEvidenceError
    """
    if fit.given_weights is not None:
        raise InvalidEvidenceError(
            field="fit", requirement="one with weights of the model, not of the user"
        )
