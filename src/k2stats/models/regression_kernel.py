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
from k2stats.models.prediction import PREDICTIONS, At, StudentPredictive
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

    def predict(self, x: Floats, level: float, method: str) -> tuple[Floats, ...]:
        """Estimate, SE, confidence and prediction limits at rows, (..., M) each."""
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
            se = np.sqrt(variance)
            half = quantile(df, level) * se
        predictive = entry.function(at, np.random.default_rng(0))
        if isinstance(predictive, StudentPredictive) and predictive.df is not None:
            predictive = replace(
                predictive, df=self._prediction_df(method, x, predictive.df, df)
            )
        low, high = predictive.limits(level)
        return at.mean, np.asarray(se), at.mean - half, at.mean + half, low, high

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
    tau2: str | float = "REML",
    ci: str = "HK",
    level: float = 0.95,
    mask: ArrayLike | None = None,
) -> RegressionFit:
    r"""Fit one data set or a batch to given columns.

    Parameters
    ----------
    y, v : array-like, shape (..., K)
    X : array-like, shape (K, p) or (..., K, p)
        All columns, that of the intercept among them.
    tau2 : str or float
        An estimator, or a value to take as given.
    ci : str
        A name in :data:`k2stats.models.MEAN_TESTS`, or one metafor or RevMan uses.
    level : float
    mask : array-like of bool, shape (..., K), optional

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
    ys, vs, columns, present, _ = validate(y, v, X, mask, least=0 if fixed else 1)
    assert columns is not None
    scale = _scale_of(columns)
    Xs = columns / scale
    made = (
        estimate_tau2(ys, vs, Xs, tau2=tau2, mask=present)
        if fixed
        else estimate_tau2(ys, vs, Xs, method=str(tau2), mask=present)
    )
    ya, va, k = absent(ys, vs, present)
    constant = columns.shape[-1] == 1 and bool((columns == columns.flat[0]).all())
    lone = constant and columns.flat[0] == 1.0
    fit = fit_mean(ya, va, made.tau2, k, estimator=made.method, X=None if lone else Xs)
    inference = inferred(fit, scale, name, level)
    return RegressionFit(fit, scale, made, inference, name, present)


def check_names(tau2: str | float, ci: str, level: float) -> str:
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
    return replace(
        fit,
        y=fit.y[at],
        v=fit.v[at],
        X=X,
        w=fit.w[at],
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
