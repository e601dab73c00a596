r"""Meta-regression of arrays: coefficients, tests and what goes with them.

.. math:: y_k = x_k^\top\beta + u_k + e_k, \quad u_k \sim N(0, \tau^2), \quad
    e_k \sim N(0, v_k)

Columns are divided by powers of two before the fit and the coefficients after it, so
that units of the moderators cost no digit.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from k2stats._typing import Bools, Floats
from k2stats.errors import InvalidEvidenceError
from k2stats.heterogeneity import (
    Tau2Fit,
    estimate_tau2,
    validate,
)
from k2stats.models._mean_fit import MeanFit, absent, fit_mean
from k2stats.models.fitting import make_spec
from k2stats.models.mean_tests import (
    MEAN_TESTS,
    MeanInference,
    mean_test_name,
    quantile,
)
from k2stats.models.prediction import PREDICTIONS, At, Predictive, StudentPredictive
from k2stats.numerics.wls import project
from k2stats.results.linear_hypothesis import Reference


@dataclass(frozen=True, slots=True, eq=False)
class RegressionFit:
    """A fitted meta-regression of each batch element.

    Attributes
    ----------
    fit : MeanFit
        On scaled columns.
    scale : ndarray, shape (p,)
        What the columns were divided by.
    tau2 : Tau2Fit
    inference : MeanInference
        On the columns as given.
    ci : str
        Name in :data:`k2stats.models.MEAN_TESTS`.
    mask : ndarray of bool, or None
    """

    fit: MeanFit
    scale: Floats
    tau2: Tau2Fit
    inference: MeanInference
    ci: str
    mask: Bools | None

    def limits(self, level: float) -> tuple[Floats, Floats]:
        """Confidence limits of the coefficients at a level."""
        return inferred(self.fit, self.scale, self.ci, level).limits

    @property
    def reference(self) -> Reference:
        """What combinations of the coefficients are referred to."""
        df = self.inference.df
        if df is None:
            return Reference(None)
        if self.ci != "KR":
            return Reference(np.asarray(df[..., 0]))
        with np.errstate(divide="ignore", invalid="ignore"):
            information = 0.5 * project(self.fit.w, self.fit.X).trace_pair()
            x = np.ones((*self.fit.w.shape, 1)) if self.fit.X is None else self.fit.X
            wx = self.fit.w[..., np.newaxis] * x * self.scale
            m2 = np.einsum("...ki,...kj->...ij", wx, wx)
        return Reference(np.asarray(df[..., 0]), m2, np.asarray(information))

    def by(self, ci: str, level: float) -> "RegressionFit":
        """Same fit with another test and interval of the coefficients."""
        return replace(self, ci=ci, inference=inferred(self.fit, self.scale, ci, level))

    def predict(self, x: Floats, level: float, method: str) -> tuple[Floats, ...]:
        """Estimate, SE, confidence and prediction limits at rows, (..., M) each."""
        at, se, df, predictive = self._at(x, method)
        half = quantile(df, level) * se
        low, high = predictive.limits(level)
        return at.mean, se, at.mean - half, at.mean + half, low, high

    def above(self, x: Floats, threshold: Floats, method: str) -> Floats:
        """Probability that a new effect at each row exceeds a threshold, (..., M)."""
        return self._at(x, method)[3].above(threshold)

    def _at(
        self, x: Floats, method: str
    ) -> tuple[At, Floats, Floats | None, Predictive]:
        """Mean at rows with its SE and reference, and the law of a new effect."""
        entry = PREDICTIONS[method]
        if "draws" in entry.traits or "mean-only" in entry.traits:
            raise InvalidEvidenceError(
                field="prediction",
                requirement="one for models with moderators",
                given=method,
            )
        if "REML" in entry.traits and self.fit.estimator != "REML":
            raise InvalidEvidenceError(
                field="tau2",
                requirement=f"'REML' where prediction is {method!r}",
                given=self.fit.estimator,
            )
        fit, made = _lifted(self.fit), _lifted_inference(self.inference)
        scaled = replace(made, cov=made.cov * np.outer(self.scale, self.scale))
        at = At(fit, scaled, x / self.scale)
        variance = at.variance(scaled.cov)
        reference = self.reference
        df = reference.df
        if df is not None:
            wide = _widened(reference)
            df = np.asarray(wide.of_row(x, made.cov))
            df = np.broadcast_to(df, variance.shape)
        with np.errstate(invalid="ignore"):
            se = np.asarray(np.sqrt(variance))
        predictive = entry.function(at, np.random.default_rng(0))
        if isinstance(predictive, StudentPredictive) and predictive.df is not None:
            predictive = replace(
                predictive, df=self._prediction_df(method, x, predictive.df, df)
            )
        return at, se, df, predictive

    def _prediction_df(
        self, method: str, x: Floats, df: Floats, own: Floats | None
    ) -> Floats:
        """Degrees of freedom at each row, where they depend on it."""
        if method == "metafor" and own is not None:
            return own
        if not method.startswith("KR"):
            return df
        kr = replace(
            self, ci="KR", inference=inferred(self.fit, self.scale, "KR", 0.95)
        )
        wide = _widened(kr.reference)
        cov = _lifted_inference(kr.inference).cov
        at_row = np.asarray(wide.of_row(x, cov)) - (1.0 if method == "KR-PR" else 0.0)
        return np.where(at_row > 0.0, at_row, np.nan)


def fit_columns(
    y: ArrayLike,
    v: ArrayLike,
    X: ArrayLike,
    *,
    tau2: str | ArrayLike = "REML",
    ci: str = "HK",
    level: float = 0.95,
    mask: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> RegressionFit:
    r"""Fit one data set or a batch to given columns.

    Parameters
    ----------
    y, v : array-like, shape (..., K)
    X : array-like, shape (K, p) or (..., K, p)
        All columns, that of the intercept among them.
    tau2 : str or array-like, shape (...)
        An estimator, or a value to take as given.
    ci : str
        A name in :data:`k2stats.models.MEAN_TESTS`, or one metafor or RevMan uses.
    level : float
    mask : array-like of bool, shape (..., K), optional
    weights : array-like, shape (..., K), optional
        Of the coefficients, in place of one over v + tau2.

    Raises
    ------
    InvalidEvidenceError, UnknownMethodError, ConvergenceError

    Examples
    --------
    >>> made = fit_columns([0.1, 0.3, 0.2, 0.6], [0.02, 0.01, 0.02, 0.03],
    ...                    [[1, 0], [1, 1], [1, 2], [1, 3]], tau2="EE", ci="z")
    >>> made.inference.beta.round(4), made.inference.se.round(4)
    (array([0.12  , 0.1233]), array([0.1095, 0.0683]))
    """
    name = check_names(tau2, ci, level)
    fixed = not isinstance(tau2, str)
    ys, vs, columns, present, user = validate(
        y, v, X, mask, weights, least=0 if fixed else 1
    )
    assert columns is not None
    if user is not None:
        user = _checked_weights(user, columns, present)
    scale = _scale_of(columns)
    Xs = columns / scale
    made = (
        estimate_tau2(ys, vs, Xs, tau2=tau2, mask=present)
        if fixed
        else estimate_tau2(ys, vs, Xs, method=str(tau2), mask=present, weights=user)
    )
    ya, va, k = absent(ys, vs, present)
    constant = columns.shape[-1] == 1 and bool((columns == columns.flat[0]).all())
    lone = constant and columns.flat[0] == 1.0
    own = None if lone else Xs
    fit = fit_mean(ya, va, made.tau2, k, estimator=made.method, X=own, weights=user)
    inference = inferred(fit, scale, name, level)
    return RegressionFit(fit, scale, made, inference, name, present)


def _checked_weights(weights: Floats, X: Floats, mask: Bools | None) -> Floats:
    """Weights, zero where a study is absent, that leave enough to fit."""
    kept = weights if mask is None else np.where(mask, weights, 0.0)
    if not (kept > 0.0).all():
        size = np.abs(X).max(axis=tuple(range(X.ndim - 1)))
        live = np.where(kept[..., np.newaxis] > 0.0, X / size, 0.0)
        short = np.linalg.matrix_rank(live) < X.shape[-1]
        if bool(np.any(short)):
            raise InvalidEvidenceError(
                field="weights",
                requirement="positive for so many studies that the columns of the "
                "moderators are linearly independent among them",
            )
    return kept


def check_names(tau2: str | ArrayLike, ci: str, level: float) -> str:
    """Check that test and estimator go together; return the test's own name."""
    if isinstance(tau2, str):
        spec = make_spec("random", tau2, ci, level)
        return spec.ci
    name = mean_test_name(ci)
    for needed in ("ML", "REML", "random"):
        if needed in MEAN_TESTS[name].traits:
            raise InvalidEvidenceError(
                field="tau2",
                requirement=f"estimated where ci is {name!r}",
                given=tau2,
            )
    return make_spec("common", "EE", ci, level).ci


def inferred(fit: MeanFit, scale: Floats, ci: str, level: float) -> MeanInference:
    """Inference on the columns as given, by a named method."""
    entry = MEAN_TESTS[ci]
    if fit.X is not None and "mean-only" in entry.traits:
        raise InvalidEvidenceError(
            field="ci", requirement="one for models with moderators", given=ci
        )
    made = entry.function(fit, level)
    own = made.own_limits
    return replace(
        made,
        beta=made.beta / scale,
        cov=made.cov / np.outer(scale, scale),
        own_limits=None if own is None else (own[0] / scale, own[1] / scale),
    )


def _scale_of(X: Floats) -> Floats:
    """Powers of two near the largest entry of each column."""
    most = np.abs(X).reshape(-1, X.shape[-1]).max(axis=0)
    exponent = np.round(np.log2(np.where(most > 0.0, most, 1.0)))
    return np.asarray(2.0**exponent)


def _lifted(fit: MeanFit) -> MeanFit:
    """Give a fit an axis for the rows of a prediction."""
    X = fit.X
    if X is not None and X.ndim > 2:
        X = X[..., np.newaxis, :, :]
    at = (..., np.newaxis, slice(None))
    w = fit.w[at]
    return replace(
        fit,
        y=fit.y[at],
        v=fit.v[at],
        X=X,
        w=w,
        a=w if fit.a is fit.w else fit.a[at],
        tau2=fit.tau2[..., np.newaxis],
        beta=fit.beta[at],
        cov=fit.cov[..., np.newaxis, :, :],
        q=fit.q[..., np.newaxis],
        k=fit.k[..., np.newaxis],
    )


def _lifted_inference(made: MeanInference) -> MeanInference:
    df = made.df
    return replace(
        made,
        beta=made.beta[..., np.newaxis, :],
        cov=made.cov[..., np.newaxis, :, :],
        df=None if df is None else np.asarray(df)[..., np.newaxis, :],
        own_limits=None,
        own_statistic=None,
        own_log_p=None,
    )


def _widened(reference: Reference) -> Reference:
    df, m2, info = reference.df, reference.m2, reference.information
    return Reference(
        None if df is None else df[..., np.newaxis],
        None if m2 is None else m2[..., np.newaxis, :, :],
        None if info is None else info[..., np.newaxis],
    )
