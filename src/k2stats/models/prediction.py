r"""The effect of a new study: predictive distributions and prediction intervals.

Most have the form

.. math:: \hat\mu \pm t_{\nu, 1-\alpha/2} \sqrt{\hat\tau^2 + \operatorname{SE}^2}

and differ in the standard error and in the degrees of freedom.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np

from k2stats._registry import Registry
from k2stats._typing import Floats
from k2stats.models._mean_fit import MeanFit
from k2stats.models.kenward_roger import kenward_roger
from k2stats.models.mean_tests import (
    MeanInference,
    hartung_knapp,
    quantile,
)
from k2stats.numerics import tails


class Predictive(Protocol):
    """Distribution of the effect of a new study, for every batch element."""

    def limits(self, level: float) -> tuple[Floats, Floats]:
        """Central interval, each limit of shape (...)."""

    def above(self, threshold: Floats | float) -> Floats:
        """Probability of an effect above the threshold, shape (...)."""


@dataclass(frozen=True, slots=True, eq=False)
class StudentPredictive:
    """A t, or a normal where `df` is None.

    Attributes
    ----------
    mean, scale : ndarray, shape (...)
    df : ndarray, shape (...), or None
        Where not positive the interval is undefined.
    """

    mean: Floats
    scale: Floats
    df: Floats | None

    def limits(self, level: float) -> tuple[Floats, Floats]:
        """Central interval."""
        half = quantile(self.df, level) * self.scale
        return np.asarray(self.mean - half), np.asarray(self.mean + half)

    def above(self, threshold: Floats | float) -> Floats:
        """Upper tail at the threshold."""
        with np.errstate(divide="ignore", invalid="ignore"):
            t = (np.asarray(threshold, dtype=float) - self.mean) / self.scale
        if self.df is None:
            return tails.normal_p(t, "greater")
        return tails.student_p(t, self.df, "greater")


@dataclass(frozen=True, slots=True, eq=False)
class At:
    """A fit, and the row of the design at which an effect is predicted.

    Attributes
    ----------
    fit : MeanFit
    inference : MeanInference
        Of the confidence interval that the fit was reported with.
    x : ndarray, shape (..., p), or None
        None for the mean of a model without moderators.
    """

    fit: MeanFit
    inference: MeanInference
    x: Floats | None = None

    @property
    def mean(self) -> Floats:
        """Mean effect there, shape (...)."""
        if self.x is None:
            return np.asarray(self.fit.beta[..., 0])
        return np.asarray((self.x * self.fit.beta).sum(axis=-1))

    def variance(self, cov: Floats) -> Floats:
        """Variance of the mean there for a covariance of the coefficients."""
        if self.x is None:
            return np.asarray(cov[..., 0, 0])
        return np.asarray(np.einsum("...i,...ij,...j->...", self.x, cov, self.x))

    def scale(self, cov: Floats) -> Floats:
        """Standard deviation of a new effect there."""
        with np.errstate(invalid="ignore"):
            return np.asarray(np.sqrt(self.variance(cov) + self.fit.tau2))


Prediction: TypeAlias = Callable[[At, np.random.Generator], Predictive]
PREDICTIONS: Registry[Prediction] = Registry("prediction interval")
"""Distributions of the effect of a new study; ``draws`` marks those that need `rng`."""


def _t(at: At, cov: Floats, less: float) -> StudentPredictive:
    """Build a t with k - p - less degrees of freedom."""
    df = at.fit.df - less
    return StudentPredictive(at.mean, at.scale(cov), np.where(df > 0.0, df, np.nan))


@PREDICTIONS.register(
    "V",
    label="t with k - 1 degrees of freedom",
    reference="Veroniki et al. (2019) Res Synth Methods 10:23-43",
    equation="mu +/- t(k - 1) sqrt(tau2 + SE^2)",
)
def veroniki(at: At, rng: np.random.Generator) -> Predictive:
    """Wald standard error, k - p degrees of freedom."""
    return _t(at, at.fit.cov, 0.0)


@PREDICTIONS.register(
    "HTS",
    label="Higgins-Thompson-Spiegelhalter, t with k - 2 degrees of freedom",
    reference="Higgins, Thompson and Spiegelhalter (2009) J R Stat Soc A 172:137-159",
    equation="mu +/- t(k - 2) sqrt(tau2 + SE^2)",
)
def higgins_thompson_spiegelhalter(at: At, rng: np.random.Generator) -> Predictive:
    """Wald standard error, k - p - 1 degrees of freedom."""
    return _t(at, at.fit.cov, 1.0)


@PREDICTIONS.register(
    "HK",
    label="Hartung-Knapp, t with k - 1 degrees of freedom",
    reference="Hartung and Knapp (2001) Stat Med 20:3875-3889",
    equation="mu +/- t(k - 1) sqrt(tau2 + q SE^2)",
)
def hartung_knapp_prediction(at: At, rng: np.random.Generator) -> Predictive:
    """Hartung-Knapp standard error, k - p degrees of freedom."""
    return _t(at, hartung_knapp(at.fit, 0.95).cov, 0.0)


@PREDICTIONS.register(
    "HK-PR",
    label="Partlett-Riley with Hartung-Knapp, t with k - 2 degrees of freedom",
    reference="Partlett and Riley (2017) Stat Med 36:301-317",
    equation="mu +/- t(k - 2) sqrt(tau2 + q SE^2)",
)
def hartung_knapp_partlett_riley(at: At, rng: np.random.Generator) -> Predictive:
    """Hartung-Knapp standard error, k - p - 1 degrees of freedom."""
    return _t(at, hartung_knapp(at.fit, 0.95).cov, 1.0)


@PREDICTIONS.register(
    "KR",
    label="Kenward-Roger",
    reference="Partlett and Riley (2017) Stat Med 36:301-317",
    equation="mu +/- t(df_KR) sqrt(tau2 + SE_KR^2)",
    traits=("REML",),
)
def kenward_roger_prediction(at: At, rng: np.random.Generator) -> Predictive:
    """Kenward-Roger standard error and degrees of freedom."""
    return _kenward_roger(at, 0.0)


@PREDICTIONS.register(
    "KR-PR",
    label="Partlett-Riley with Kenward-Roger",
    reference="Partlett and Riley (2017) Stat Med 36:301-317",
    equation="mu +/- t(df_KR - 1) sqrt(tau2 + SE_KR^2)",
    traits=("REML",),
)
def kenward_roger_partlett_riley(at: At, rng: np.random.Generator) -> Predictive:
    """As ``"KR"``, with one degree of freedom less."""
    return _kenward_roger(at, 1.0)


@PREDICTIONS.register(
    "S",
    label="Skipka, normal",
    reference="Skipka (2006) Cochrane Colloquium, Dublin",
    equation="mu +/- z sqrt(tau2 + SE^2)",
)
def skipka(at: At, rng: np.random.Generator) -> Predictive:
    """Wald standard error and a normal reference."""
    return StudentPredictive(at.mean, at.scale(at.fit.cov), None)


@PREDICTIONS.register(
    "z",
    label="normal, with the standard error of the confidence interval",
    reference="Borenstein et al. (2009) Introduction to Meta-Analysis, chapter 17",
    equation="mu +/- z sqrt(tau2 + SE_ci^2)",
)
def normal_prediction(at: At, rng: np.random.Generator) -> Predictive:
    """Normal reference; the standard error is that of the confidence interval."""
    return StudentPredictive(at.mean, at.scale(at.inference.cov), None)


@PREDICTIONS.register(
    "metafor",
    label="standard error and reference of the confidence interval",
    reference="Riley, Higgins and Deeks (2011) BMJ 342:d549",
    equation="mu +/- quantile_ci sqrt(tau2 + SE_ci^2)",
)
def as_confidence_interval(at: At, rng: np.random.Generator) -> Predictive:
    """As the confidence interval, tau2 added to the variance: metafor's default."""
    df = at.inference.df
    if df is not None:
        df = np.asarray(df[..., 0])
    return StudentPredictive(at.mean, at.scale(at.inference.cov), df)


def _kenward_roger(at: At, less: float) -> StudentPredictive:
    made = kenward_roger(at.fit, 0.95)
    df = made.df if made.df is not None else np.full(made.beta.shape, np.nan)
    first = df[..., 0] - less
    return StudentPredictive(
        at.mean, at.scale(made.cov), np.where(first > 0.0, first, np.nan)
    )
