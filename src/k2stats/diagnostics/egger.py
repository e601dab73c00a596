"""Regression of effects on their precision or size: Egger's test and its kin."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from k2stats._registry import Registry
from k2stats._typing import Floats
from k2stats.diagnostics._asymmetry import (
    ASYMMETRY_TESTS,
    Outcome,
    Trials,
    regress,
)
from k2stats.errors import InvalidEvidenceError
from k2stats.heterogeneity import estimate_tau2

EGGER = "Egger, Davey Smith, Schneider & Minder (1997). BMJ 315:629-634."
BOOK = "Sterne & Egger (2005), in Publication Bias in Meta-Analysis, ch. 6."
THOMPSON = "Thompson & Sharp (1999). Statistics in Medicine 18:2693-2708."

Predictor: TypeAlias = Callable[[Trials], Floats]
PREDICTORS: Registry[Predictor] = Registry("predictor")
"""What the regression has on its horizontal axis, by metafor's names."""


@PREDICTORS.register("sei", label="Standard error", reference=EGGER)
def standard_error(trials: Trials) -> Floats:
    """Root of the sampling variance."""
    return np.asarray(np.sqrt(trials.v))


@PREDICTORS.register("vi", label="Sampling variance", reference=BOOK)
def sampling_variance(trials: Trials) -> Floats:
    """Sampling variance."""
    return trials.v


@PREDICTORS.register("ni", label="Sample size", reference=BOOK)
def sample_size(trials: Trials) -> Floats:
    """Participants."""
    return trials.sizes("predictor 'ni'")


@PREDICTORS.register("ninv", label="Inverse of the sample size", reference=BOOK)
def inverse_size(trials: Trials) -> Floats:
    """One over the participants."""
    return np.asarray(1.0 / trials.sizes("predictor 'ninv'"))


@PREDICTORS.register("sqrtni", label="Root of the sample size", reference=BOOK)
def root_size(trials: Trials) -> Floats:
    """Root of the participants."""
    return np.asarray(np.sqrt(trials.sizes("predictor 'sqrtni'")))


@PREDICTORS.register(
    "sqrtninv", label="Inverse root of the sample size", reference=BOOK
)
def inverse_root_size(trials: Trials) -> Floats:
    """One over the root of the participants."""
    return np.asarray(1.0 / np.sqrt(trials.sizes("predictor 'sqrtninv'")))


def weights(trials: Trials, tau2: Floats | float = 0.0) -> Floats:
    """One over v + tau2, zero where a study is absent."""
    spread = trials.v + np.asarray(tau2)[..., np.newaxis]
    return np.where(trials.present, 1.0 / spread, 0.0)


def residual_tau2(trials: Trials, x: Floats, method: str) -> Floats:
    """tau2 of the regression on x; NaN in a batch where it is not found."""
    X = np.stack([np.ones_like(x), x], axis=-1)
    fit = estimate_tau2(trials.y, trials.v, X, method=method, mask=trials.present)
    return fit.tau2


def regression(
    trials: Trials, model: str, predictor: str, tau2: str = "REML"
) -> Outcome:
    r"""Egger's regression in either of its forms.

    Parameters
    ----------
    trials : Trials
    model : {"rma", "lm"}
        ``"rma"`` is a meta-regression with residual heterogeneity and a normal
        reference; ``"lm"`` a weighted regression with a dispersion factor and t with
        K - 2 degrees of freedom.
    predictor : str
        A name in :data:`PREDICTORS`.
    tau2 : str
        Estimator of the meta-regression.

    Raises
    ------
    InvalidEvidenceError, UnknownMethodError
    """
    x = PREDICTORS[predictor].function(trials)
    if model == "lm":
        return regress(trials.y, x, weights(trials), trials.k)
    if model != "rma":
        raise InvalidEvidenceError(
            field="model", requirement="'rma' or 'lm'", given=model
        )
    value = residual_tau2(trials, x, tau2)
    w = np.nan_to_num(weights(trials, value))
    return regress(trials.y, x, w, trials.k, tau2=value, dispersion=False, normal=True)


@ASYMMETRY_TESTS.register(
    "egger",
    label="Egger's regression",
    reference=EGGER,
    equation=r"y = \beta_0 + \beta_1 s + e, Var(e) = \phi v",
    traits=("effects", "regression"),
)
def egger_weighted(trials: Trials) -> Outcome:
    """Weighted regression on the standard error, t with K - 2 degrees of freedom."""
    return regression(trials, "lm", "sei")


@ASYMMETRY_TESTS.register(
    "egger-re",
    label="Egger's regression with residual heterogeneity",
    reference=BOOK,
    equation=r"y = \beta_0 + \beta_1 s + u + e, Var(u) = \tau^2",
    traits=("effects", "regression"),
)
def egger_random(trials: Trials) -> Outcome:
    """Meta-regression (REML) on the standard error, normal reference."""
    return regression(trials, "rma", "sei")


@ASYMMETRY_TESTS.register(
    "thompson",
    label="Thompson-Sharp",
    reference=THOMPSON,
    equation=r"y = \beta_0 + \beta_1 s + u + e, \tau^2 by moments, t_{K-2}",
    traits=("effects", "regression"),
)
def thompson_sharp(trials: Trials) -> Outcome:
    """Meta-regression on the standard error, tau2 by moments, t with K - 2 df."""
    x = np.sqrt(trials.v)
    value = residual_tau2(trials, x, "DL")
    w = np.nan_to_num(weights(trials, value))
    return regress(trials.y, x, w, trials.k, tau2=value, dispersion=False)


@ASYMMETRY_TESTS.register(
    "pustejovsky",
    label="Pustejovsky-Rodgers",
    reference="Pustejovsky & Rodgers (2019). Research Synthesis Methods 10:57-71.",
    equation=r"d = \beta_0 + \beta_1 s + e, s^2 = 1/n_1 + 1/n_2, Var(e) = \phi s^2",
    traits=("groups", "regression"),
)
def pustejovsky_rodgers(trials: Trials) -> Outcome:
    """Egger's regression with the part of the variance that is free of the effect.

    For standardised mean differences, whose variance contains the effect, so that
    Egger's test rejects too often.
    """
    n1, n2 = trials.groups("Pustejovsky and Rodgers' test")
    square = 1.0 / n1 + 1.0 / n2
    w = np.where(trials.present, 1.0 / square, 0.0)
    return regress(trials.y, np.sqrt(square), w, trials.k)
