"""The variance of the true effects between studies."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from k2stats._typing import Bools, Floats
from k2stats.errors import ConvergenceError, InvalidEvidenceError, MissingInputError
from k2stats.heterogeneity._base import TAU2, Estimate, Tau2Estimator
from k2stats.heterogeneity._fast import batch
from k2stats.heterogeneity._studies import Studies, prepare, slices
from k2stats.heterogeneity._validate import validate

COMMON = ("EE", "FE", "CE")
"""Names under which tau2 is zero by definition."""


@dataclass(frozen=True, slots=True, eq=False)
class Tau2Fit:
    r"""Between-study variance of each data set.

    Attributes
    ----------
    tau2 : ndarray, shape (...)
        In squared units of the effect. NaN where it is undefined.
    se : ndarray, shape (...)
        Asymptotic standard error of tau2; NaN where none is defined.
    converged : ndarray of bool, shape (...)
        False where no estimate was found or where there are too few studies.
    method : str
        Name in :data:`TAU2`, ``"EE"`` for none, or ``"fixed"``.
    """

    tau2: Floats
    se: Floats
    converged: Bools
    method: str


def estimate_tau2(
    y: ArrayLike,
    v: ArrayLike,
    X: ArrayLike | None = None,
    *,
    method: str = "REML",
    mask: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    tau2: ArrayLike | None = None,
) -> Tau2Fit:
    r"""Estimate the between-study variance of one data set or of a batch.

    .. math:: y_k \sim N(x_k^\top\beta,\ v_k + \tau^2)

    Parameters
    ----------
    y : array-like, shape (..., K)
        Effect sizes.
    v : array-like, shape (..., K)
        Sampling variances, not standard errors.
    X : array-like, shape (K, p) or (..., K, p), optional
        Columns of the model, the intercept's among them where it has one. A mean and
        nothing else when left out.
    method : str
        A name in :data:`TAU2`: ``"REML"``, ``"DL"``, ``"PM"``, ... or ``"EE"`` for a
        tau2 of zero.
    mask : array-like of bool, shape (..., K), optional
        True where a study is present. The values of absent studies are not looked at.
    weights : array-like, shape (..., K), optional
        For ``"GENQ"`` and ``"GENQM"``.
    tau2 : array-like, shape (...), optional
        A value to take as given, in place of an estimate.

    Returns
    -------
    Tau2Fit
        Arrays of batch shape.

    Raises
    ------
    InvalidEvidenceError
        Where a value is NaN or infinite, a variance is not positive, lengths differ,
        or a single data set has no more studies than coefficients.
    UnknownMethodError
        Where `method` is not in the table.
    ConvergenceError
        Where the estimate of a single data set is not found. In a batch the element
        is NaN and flagged.

    References
    ----------
    Viechtbauer (2005). Journal of Educational and Behavioral Statistics 30:261-293.
    Veroniki et al. (2016). Research Synthesis Methods 7:55-79.

    Examples
    --------
    >>> y = [0.028, 0.158, -0.137, 1.178, 0.263]
    >>> v = [0.016, 0.022, 0.028, 0.139, 0.136]
    >>> fit = estimate_tau2(y, v, method="DL")
    >>> round(float(fit.tau2), 5)
    0.06289
    """
    known = tau2 is not None or method in COMMON
    entry = None if known else TAU2[method]
    if entry is not None and "weighted" in entry.traits and weights is None:
        raise MissingInputError(field="weights", needed_for=f"method {method!r}")
    ys, vs, columns, present, user = validate(
        y, v, X, mask, weights, least=0 if known else 1
    )
    shape = ys.shape[:-1]
    if entry is None:
        return _given(tau2, shape, "fixed" if tau2 is not None else method)
    if ys.ndim == 1:
        fit = _scaled(entry.function, prepare(ys, vs, columns, present, user))
        if not fit.converged:
            raise ConvergenceError(
                f"{method} found no estimate of tau2 for {ys.shape[-1]} studies: "
                "neither its own iteration nor the bracketed search ended."
            )
        return Tau2Fit(*fit, method)
    size = int(np.prod(shape))
    with batch(ys.size):
        parts = [
            _scaled(entry.function, prepare(*part))
            for part in slices(size, ys, vs, columns, present, user)
        ]
    columns_of = [np.concatenate(c).reshape(shape) for c in zip(*parts, strict=True)]
    return Tau2Fit(columns_of[0], columns_of[1], columns_of[2].astype(bool), method)


def tau2_of(studies: Studies, method: str) -> Estimate:
    """Estimate from studies that are prepared already, in their own units.

    Parameters
    ----------
    studies : Studies
        Of any batch shape.
    method : str
        A name in :data:`TAU2`.
    """
    return _scaled(TAU2[method].function, studies)


def _scaled(function: Tau2Estimator, studies: Studies) -> Estimate:
    """Run an estimator; undo the scale, and take away what too few studies gave."""
    with np.errstate(all="ignore"):
        tau2, se, converged = function(studies)
        if studies.single:
            return _scaled_one(float(tau2), float(se), float(studies.scale))
        enough = studies.df > 0
        ok = converged & enough & np.isfinite(tau2)
        square = studies.scale * studies.scale
        return Estimate(
            np.asarray(np.where(ok, tau2 * square, np.nan)),
            np.asarray(np.where(ok, se * square, np.nan)),
            np.asarray(ok),
        )


def _scaled_one(tau2: float, se: float, scale: float) -> Estimate:
    tau2, se, ok = tau2 * scale * scale, se * scale * scale, math.isfinite(tau2)
    if not ok:
        tau2, se = math.nan, math.nan
    return Estimate(np.array(tau2), np.array(se), np.array(ok))


def _given(tau2: ArrayLike | None, shape: tuple[int, ...], method: str) -> Tau2Fit:
    value = np.asarray(0.0 if tau2 is None else tau2, dtype=float)
    if not (np.isfinite(value).all() and (value >= 0.0).all()):
        raise InvalidEvidenceError(
            field="tau2", requirement="finite and not negative", given=tau2
        )
    value = np.broadcast_to(value, shape).copy()
    return Tau2Fit(value, np.full(shape, np.nan), np.ones(shape, dtype=bool), method)
