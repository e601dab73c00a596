"""The model behind a fit, as diagnostics take it apart."""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np

from k2stats._typing import Bools, Floats
from k2stats.diagnostics._shown import Shown
from k2stats.diagnostics._studies import labels_of, one_sample
from k2stats.effectsizes import EffectSizes
from k2stats.errors import InvalidEvidenceError
from k2stats.heterogeneity import TAU2, validate
from k2stats.heterogeneity.tau2 import COMMON
from k2stats.results.pooled import PooledEstimate
from k2stats.results.regression import MetaRegression

_INVERSE_VARIANCE = ("random", "common")


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """One set of studies and the model fitted to it.

    Attributes
    ----------
    y, v : ndarray, shape (K,)
    X : ndarray of shape (K, p), or None
    tau2 : str
        Estimator, or a name of a model without tau2.
    fixed : float or None
        A tau2 that was given.
    study : tuple
    names : tuple of str
        Of the coefficients.
    shown : Shown
        What an axis of effects says.
    """

    y: Floats
    v: Floats
    X: Floats | None
    tau2: str
    fixed: float | None
    study: tuple[Hashable, ...]
    names: tuple[str, ...]
    shown: Shown

    @property
    def p(self) -> int:
        """Number of coefficients."""
        return 1 if self.X is None else int(self.X.shape[-1])


def model_of(
    fit: PooledEstimate | MetaRegression | EffectSizes,
    X: Floats | None,
    tau2: str | None,
) -> Model:
    """Read the model of a fit, or make one of effects.

    Raises
    ------
    InvalidEvidenceError
        For a batch, a fit with other weights, or `X` and `tau2` beside a fit.
    UnknownMethodError
        For an unknown estimator.
    """
    if isinstance(fit, PooledEstimate | MetaRegression):
        if X is not None or tau2 is not None:
            raise InvalidEvidenceError(
                field="X, tau2", requirement="left out: the fit has its own"
            )
        return _of_result(fit)
    if not isinstance(fit, EffectSizes):
        raise InvalidEvidenceError(
            field="fit",
            requirement="EffectSizes, or a fit by pool() or meta_regression()",
            given=type(fit).__name__,
        )
    y, v = one_sample(fit, least=1, need="diagnostics")
    method = "REML" if tau2 is None else tau2
    if method not in COMMON:
        _ = TAU2[method]
    columns = None
    names: tuple[str, ...] = ("Intercept",)
    if X is not None:
        columns = validate(y, v, X)[2]
        assert columns is not None
        names = tuple(f"x{j + 1}" for j in range(columns.shape[-1]))
    return Model(y, v, columns, method, None, labels_of(fit), names, Shown.of(fit))


def _of_result(fit: PooledEstimate | MetaRegression) -> Model:
    names: tuple[str, ...] = ("Intercept",)
    columns: Floats | None = None
    mask: Bools | None = None
    if isinstance(fit, PooledEstimate):
        own = fit.method.model.name not in _INVERSE_VARIANCE
        if own or fit.given_weights is not None:
            raise InvalidEvidenceError(
                field="fit",
                requirement="of a model with weights one over v + tau2",
                given=fit.method.model.name,
            )
        mask = fit.mask
    else:
        columns, names = fit.design.X, fit.names
    y, v = one_sample(fit.effects, least=1, need="diagnostics")
    study = labels_of(fit.effects)
    if mask is not None and not mask.all():
        y, v = y[mask], v[mask]
        study = tuple(s for s, there in zip(study, mask, strict=True) if there)
    name = fit.method.tau2.name
    fixed = float(np.asarray(fit.tau2)) if name == "fixed" else None
    return Model(y, v, columns, name, fixed, study, names, Shown.of(fit.effects))
