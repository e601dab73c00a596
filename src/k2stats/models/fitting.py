"""Fits of arrays: validated once, cut to the size of a cache, then one kernel."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from k2stats._typing import Bools, Floats
from k2stats.errors import InvalidEvidenceError
from k2stats.heterogeneity import prepare, validate
from k2stats.heterogeneity._fast import batch
from k2stats.heterogeneity._studies import slices
from k2stats.models._mean_fit import absent
from k2stats.models.mean_tests import (
    MEAN_TESTS,
    Rng,
    log_two_sided_p,
    mean_test_name,
    two_sided_p,
)
from k2stats.models.weightings import MODELS, Fitted, Given, check_weights
from k2stats.results._level import check_level

NO_TAU2 = ("EE", "FE", "CE")
"""metafor's names of a model without tau2."""


@dataclass(frozen=True, slots=True, eq=False)
class Spec:
    """What is to be fitted, every name checked."""

    model: str
    estimator: str
    ci: str
    level: float


@dataclass(frozen=True, slots=True, eq=False)
class ArrayFit:
    r"""Coefficients of every batch element, with p = 1 where there is only a mean.

    Attributes
    ----------
    beta, se, df, low, high, statistic : ndarray, shape (..., p)
        `df` is infinite for a normal reference.
    own_log_p : ndarray of shape (..., p), or None
        Logarithm of p where the test is not of the form estimate over standard error.
    cov : ndarray, shape (..., p, p)
        The covariance that `se` comes from.
    tau2, tau2_se : ndarray, shape (...)
    converged : ndarray of bool, shape (...)
    q : ndarray, shape (...)
        Weighted residual mean square, the factor of Hartung and Knapp.
    k : ndarray, shape (...)
        Number of studies.
    spec : Spec
    """

    beta: Floats
    se: Floats
    df: Floats
    low: Floats
    high: Floats
    statistic: Floats
    own_log_p: Floats | None
    cov: Floats
    tau2: Floats
    tau2_se: Floats
    converged: Bools
    q: Floats
    k: Floats
    spec: Spec

    @property
    def p(self) -> Floats:
        """Two-sided p-values."""
        if self.own_log_p is not None:
            return np.asarray(np.exp(self.own_log_p))
        return two_sided_p(self.statistic, self._df)

    @property
    def log_p(self) -> Floats:
        """Logarithms of the p-values."""
        if self.own_log_p is not None:
            return self.own_log_p
        return log_two_sided_p(self.statistic, self._df)

    @property
    def _df(self) -> Floats | None:
        return None if bool(np.isinf(self.df).all()) else self.df


@lru_cache(maxsize=512)
def make_spec(model: str, tau2: str, ci: str | None, level: float) -> Spec:
    """Check the names, and that what is asked for goes together.

    Raises
    ------
    UnknownMethodError
    InvalidEvidenceError
    """
    if tau2 in NO_TAU2 and model == "random":
        model = "common"
    traits = MODELS[model].traits
    own = next((t[3:] for t in traits if t.startswith("ci=")), "HK")
    name = mean_test_name(ci if ci is not None else own)
    needs = MEAN_TESTS[name].traits
    fixed = "DL" if "DL" in traits else "EE"
    estimator = tau2 if "random" in traits else fixed
    check_level(level)
    if "random" in needs and estimator == "EE":
        raise InvalidEvidenceError(
            field="ci",
            requirement=f"one that needs no tau2 where the model is {model!r}",
            given=name,
        )
    for only in ("ML", "REML"):
        if only in needs and estimator != only:
            raise InvalidEvidenceError(
                field="tau2", requirement=f"{only!r} where ci is {name!r}", given=tau2
            )
    if "common-weights" in needs and model not in ("HC", "IVhet"):
        raise InvalidEvidenceError(
            field="model", requirement=f"'HC' where ci is {name!r}", given=model
        )
    return Spec(model, estimator, name, level)


def fit_arrays(
    y: ArrayLike,
    v: ArrayLike,
    X: ArrayLike | None = None,
    *,
    model: str = "random",
    tau2: str = "REML",
    ci: str | None = None,
    level: float = 0.95,
    mask: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    tau2_value: ArrayLike | None = None,
    rng: Rng = None,
) -> ArrayFit:
    r"""Fit one data set or a batch, from arrays to arrays.

    Parameters
    ----------
    y, v : array-like, shape (..., K)
        Effects and sampling variances.
    X : array-like, shape (K, p) or (..., K, p), optional
        Columns of a meta-regression; a mean and nothing else when left out.
    model : str
        A name in :data:`k2stats.models.MODELS`.
    tau2 : str
        A name in :data:`k2stats.heterogeneity.TAU2`.
    ci : str, optional
        A name in :data:`k2stats.models.MEAN_TESTS`; the model's own when left out,
        ``"HK"`` for random effects.
    level : float
    mask : array-like of bool, shape (..., K), optional
        True where a study is present.
    weights : array-like, shape (..., K), optional
    tau2_value : array-like, shape (...), optional
        A value of tau2 to take as given.
    rng : Generator, optional
        For intervals that draw.

    Raises
    ------
    InvalidEvidenceError, UnknownMethodError

    Examples
    --------
    >>> fit = fit_arrays([0.028, 0.158, -0.137, 1.178], [0.016, 0.022, 0.028, 0.139])
    >>> fit.beta.round(4), float(fit.tau2.round(4))
    (array([0.2169]), 0.17)
    """
    spec = make_spec(model, tau2, ci, level)
    known = None if tau2_value is None else checked_tau2(tau2_value)
    parts = run(spec_kernel(spec, rng), y, v, X, spec, mask, weights, known)
    beta, se, df, low, high, statistic, log_p, cov, *rest = parts
    tau2_, tau2_se, converged, q, k = rest
    return ArrayFit(
        beta,
        se,
        df,
        low,
        high,
        statistic,
        log_p,
        cov,
        tau2_,
        tau2_se,
        np.asarray(converged, dtype=bool),
        q,
        k,
        spec,
    )


Kernel: TypeAlias = Callable[[Given], tuple[Any, ...]]


def spec_kernel(spec: Spec, rng: Rng) -> Kernel:
    """Kernel of a whole fit."""
    weigh = MODELS[spec.model].function

    def kernel(given: Given) -> tuple[Any, ...]:
        return columns_of(spec, weigh(given), rng)

    return kernel


def columns_of(spec: Spec, fitted: Fitted, rng: Rng) -> tuple[Any, ...]:
    """Inference from a fit, and the fit: what :class:`ArrayFit` holds, in its order."""
    fit = fitted.fit
    made = MEAN_TESTS[spec.ci].function(fit, spec.level, rng)
    se = made.se
    low, high = made.limits_of(se)
    statistic = made.own_statistic
    if statistic is None:
        with np.errstate(divide="ignore", invalid="ignore"):
            statistic = fit.beta / se
    df = np.asarray(np.inf) if made.df is None else made.df
    if df.shape != fit.beta.shape:
        df = np.broadcast_to(df, fit.beta.shape)
    return (
        fit.beta,
        se,
        df,
        low,
        high,
        statistic,
        made.own_log_p,
        made.cov,
        fit.tau2,
        fitted.tau2_se,
        fitted.converged,
        fit.q,
        fit.k,
    )


def run(
    kernel: Kernel,
    y: ArrayLike,
    v: ArrayLike,
    X: ArrayLike | None,
    spec: Spec,
    mask: ArrayLike | None,
    weights: ArrayLike | None,
    tau2: Floats | None,
) -> tuple[Any, ...]:
    """Run a kernel over a batch, a cacheful at a time, and put the parts together.

    Sets without a study, which have no weights to divide by, are run with one in its
    place and left undefined.
    """
    user_weights = None if weights is None else np.asarray(weights, dtype=float)
    check_weights(spec.model, "" if tau2 is not None else spec.estimator, user_weights)
    ys, vs, columns, present, user = validate(y, v, X, mask, weights, least=0)
    shape = ys.shape[:-1]
    known = None if tau2 is None else np.broadcast_to(tau2, shape)
    empty = None
    if present is not None and ys.ndim > 1 and not present.any(axis=-1).all():
        empty = np.asarray(~present.any(axis=-1))
        first = np.zeros(present.shape, dtype=bool)
        first[..., 0] = empty
        ys, vs = np.where(first, 0.0, ys), np.where(first, 1.0, vs)
        present = np.asarray(present | first)
        known = None if known is None else np.where(empty, 0.0, known)
    if ys.ndim == 1:
        part = (ys, vs, columns, present, user)
        return kernel(_given(part, spec, known))
    size = int(np.prod(shape))
    flat = None if known is None else known.reshape(size)
    done: list[tuple[Any, ...]] = []
    at = 0
    with batch(ys.size):
        for part in slices(size, ys, vs, columns, present, user):
            rows = part[0].shape[0]
            value = None if flat is None else flat[at : at + rows]
            done.append(kernel(_given(part, spec, value)))
            at += rows
    if not done:
        raise InvalidEvidenceError(field="y", requirement="a batch of at least one set")
    whole = tuple(_joined(column, shape) for column in zip(*done, strict=True))
    return whole if empty is None else tuple(_undefined(p, empty) for p in whole)


def _undefined(part: Floats | None, empty: Bools) -> Floats | None:
    """Leave the results of some sets undefined: NaN, or not converged."""
    if part is None:
        return None
    where = empty.reshape(*empty.shape, *[1] * (part.ndim - empty.ndim))
    gap = False if part.dtype == bool else np.nan
    return np.where(where, gap, part)


def _joined(parts: tuple[Floats | None, ...], shape: tuple[int, ...]) -> Floats | None:
    """Put the parts of one column together; None where a part is undefined."""
    there = [part for part in parts if part is not None]
    if not there:
        return None
    whole = there[0] if len(there) == 1 else np.concatenate(there)
    return whole.reshape(*shape, *whole.shape[1:])


def _given(
    part: tuple[Floats, Floats, Floats | None, Bools | None, Floats | None],
    spec: Spec,
    tau2: Floats | None,
) -> Given:
    y, v, X, mask, weights = part
    studies = prepare(y, v, X, mask, weights)
    y, v, _ = absent(y, v, mask)
    return Given(y, v, X, studies, spec.estimator, tau2, studies.weights)


def checked_tau2(tau2: ArrayLike) -> Floats:
    """Check values of tau2 that the user gives.

    Raises
    ------
    InvalidEvidenceError
    """
    value = np.asarray(tau2, dtype=float)
    if not (np.isfinite(value).all() and (value >= 0.0).all()):
        raise InvalidEvidenceError(
            field="tau2_value", requirement="finite and not negative", given=tau2
        )
    return value
