r"""Tests and intervals of a pooled mean, or of the coefficients of a meta-regression.

Each takes a fit and answers with a covariance and degrees of freedom,

.. math:: \hat\beta_j \pm t_{\nu, 1-\alpha/2} \sqrt{C_{jj}},

or, where the interval is not of that form, with limits and p-values of its own.
"""

from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from scipy import special

from k2stats._registry import Registry
from k2stats._typing import Floats
from k2stats.errors import InvalidEvidenceError, UnknownMethodError
from k2stats.heterogeneity import estimate_tau2
from k2stats.models._mean_fit import MeanFit
from k2stats.numerics import tails
from k2stats.numerics.wls import fit_wls


@dataclass(frozen=True, slots=True, eq=False)
class MeanInference:
    r"""Inference on coefficients at one confidence level.

    Attributes
    ----------
    beta : ndarray, shape (..., p)
    cov : ndarray, shape (..., p, p)
    df : ndarray broadcastable to (..., p), or None
        Of the reference t; None for the normal.
    level : float
    own_limits : tuple of ndarray of shape (..., p), or None
        Limits that are not of the form estimate plus or minus a half-width.
    own_statistic, own_log_p : ndarray of shape (..., p), or None
        Where the test is not of that form.
    """

    beta: Floats
    cov: Floats
    df: Floats | None
    level: float
    own_limits: tuple[Floats, Floats] | None = None
    own_statistic: Floats | None = None
    own_log_p: Floats | None = None

    @property
    def se(self) -> Floats:
        """Standard errors, shape (..., p)."""
        one = self.cov.shape[-1] == 1
        own = self.cov[..., 0] if one else np.diagonal(self.cov, axis1=-2, axis2=-1)
        with np.errstate(invalid="ignore"):
            return np.asarray(np.sqrt(own))

    @property
    def statistic(self) -> Floats:
        """Test statistics, shape (..., p)."""
        if self.own_statistic is not None:
            return self.own_statistic
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.beta / self.se)

    @property
    def limits(self) -> tuple[Floats, Floats]:
        """Lower and upper confidence limits, each of shape (..., p)."""
        return self.limits_of(self.se)

    def limits_of(self, se: Floats) -> tuple[Floats, Floats]:
        """Return :attr:`limits` from standard errors that are known already."""
        if self.own_limits is not None:
            return self.own_limits
        half = quantile(self.df, self.level) * se
        return self.beta - half, self.beta + half

    @property
    def p(self) -> Floats:
        """Two-sided p-values, shape (..., p)."""
        if self.own_log_p is not None:
            return np.asarray(np.exp(self.own_log_p))
        return two_sided_p(self.statistic, self.df)

    @property
    def log_p(self) -> Floats:
        """Logarithms of the p-values, exact where those underflow."""
        if self.own_log_p is not None:
            return self.own_log_p
        return log_two_sided_p(self.statistic, self.df)


Rng: TypeAlias = np.random.Generator | None


class MeanTest(Protocol):
    """A test and interval of coefficients at a level; `rng` where it draws."""

    def __call__(self, fit: MeanFit, level: float, rng: Rng = None) -> MeanInference:
        """Infer the coefficients of every batch element."""


MEAN_TESTS: Registry[MeanTest] = Registry("test of the mean")
"""Tests and intervals of a mean. Traits: ``random`` for those that need a
random-effects model, ``ML`` or ``REML`` for those that need that estimator of tau2,
``mean-only`` for those without moderators, ``resampling`` for those that draw;
``sums`` for those that look at the coefficients, their covariance and q alone."""

SECOND_NAMES = {
    "classic": "z",
    "normal": "z",
    "knha": "HK",
    "KNHA": "HK",
    "HKSJ": "HK",
    "adhoc": "HK-adhoc",
    "HK-se": "HK-adhoc",
    "PL": "profile-likelihood",
}
"""What metafor, meta and RevMan call them."""


def mean_test_name(name: str) -> str:
    """Name in the registry of a test by any of its names.

    Raises
    ------
    UnknownMethodError

    Examples
    --------
    >>> mean_test_name("knha"), mean_test_name("KR")
    ('HK', 'KR')
    """
    found = SECOND_NAMES.get(name, name)
    if found not in MEAN_TESTS:
        raise UnknownMethodError(
            kind="test of the mean", name=name, known=tuple(MEAN_TESTS)
        )
    return found


def require_model_weights(fit: MeanFit, name: str) -> None:
    """Refuse a method that holds for weights of one over v + tau2 alone.

    Raises
    ------
    InvalidEvidenceError
    """
    if fit.a is not fit.w:
        raise InvalidEvidenceError(
            field="weights",
            requirement=f"one over v + tau2 where the method is {name!r}",
        )


def quantile(df: Floats | None, level: float) -> Floats:
    """Two-sided quantile of t, or of the normal where `df` is None.

    Examples
    --------
    >>> quantile(None, 0.95).round(6), quantile(np.array(12.0), 0.95).round(6)
    (np.float64(1.959964), np.float64(2.178813))
    """
    upper = 0.5 + 0.5 * level
    if df is None:
        return np.asarray(special.ndtri(upper))
    df = np.asarray(df, dtype=float)
    with np.errstate(invalid="ignore"):
        if df.size > 1 and bool((df == df.flat[0]).all()):
            one = special.stdtrit(float(df.flat[0]), upper)  # the inverse is dear
            return np.broadcast_to(one, df.shape)
        return np.asarray(special.stdtrit(df, upper))


def two_sided_p(statistic: Floats, df: Floats | None) -> Floats:
    """Two-sided p of a t statistic, or of a normal one where `df` is None."""
    if df is None:
        return tails.normal_p(statistic)
    return tails.student_p(statistic, np.asarray(df, dtype=float))


def log_two_sided_p(statistic: Floats, df: Floats | None) -> Floats:
    """Logarithm of :func:`two_sided_p`."""
    if df is None:
        return tails.log_normal_p(statistic)
    return tails.log_student_p(statistic, np.asarray(df, dtype=float))


@MEAN_TESTS.register(
    "z",
    label="Wald (normal)",
    reference="DerSimonian and Laird (1986) Control Clin Trials 7:177-188",
    equation="mu +/- z SE",
    traits=("sums",),
)
def normal(fit: MeanFit, level: float, rng: Rng = None) -> MeanInference:
    r"""Normal reference, :math:`\hat\mu \pm z / \sqrt{\sum w}`."""
    return MeanInference(fit.beta, fit.cov, None, level)


@MEAN_TESTS.register(
    "t",
    label="Wald (t)",
    reference="Follmann and Proschan (1999) Biometrics 55:732-737",
    equation="mu +/- t(k - 1) SE",
    traits=("sums",),
)
def student(fit: MeanFit, level: float, rng: Rng = None) -> MeanInference:
    """Student's t with the same standard error as :func:`normal`."""
    return MeanInference(fit.beta, fit.cov, _residual_df(fit), level)


@MEAN_TESTS.register(
    "HK",
    label="Hartung-Knapp",
    reference=(
        "Hartung and Knapp (2001) Stat Med 20:3875-3889; "
        "Knapp and Hartung (2003) Stat Med 22:2693-2710"
    ),
    equation="mu +/- t(k - 1) sqrt(q) SE, q = sum w (y - mu)^2 / (k - 1)",
    traits=("sums",),
)
def hartung_knapp(fit: MeanFit, level: float, rng: Rng = None) -> MeanInference:
    r"""Variance rescaled by the weighted residual mean square.

    .. math:: q = \frac{1}{K - p} \sum_k w_k (y_k - x_k^\top\hat\beta)^2,
        \quad C = q\,(X^\top W X)^{-1}
    """
    return MeanInference(fit.beta, _times(fit.cov, fit.q), _residual_df(fit), level)


@MEAN_TESTS.register(
    "HK-adhoc",
    label="Hartung-Knapp, never below the Wald standard error",
    reference="Knapp and Hartung (2003) Stat Med 22:2693-2710",
    equation="mu +/- t(k - 1) sqrt(max(1, q)) SE",
    traits=("sums",),
)
def hartung_knapp_guarded(fit: MeanFit, level: float, rng: Rng = None) -> MeanInference:
    """Hartung-Knapp with q not below one."""
    q = np.maximum(fit.q, 1.0)
    return MeanInference(fit.beta, _times(fit.cov, q), _residual_df(fit), level)


@MEAN_TESTS.register(
    "HK-ci",
    label="Hartung-Knapp, or the Wald interval where that is wider",
    reference="Jackson, Law, Ruecker and Schwarzer (2017) Stat Med 36:3923-3934",
    equation="the wider of HK and z",
    traits=("sums",),
)
def hartung_knapp_or_wald(fit: MeanFit, level: float, rng: Rng = None) -> MeanInference:
    """Take the wider of the two intervals, with its own test."""
    df = np.broadcast_to(_residual_df(fit), fit.beta.shape)
    plain, adjusted = normal(fit, level), hartung_knapp(fit, level)
    with np.errstate(invalid="ignore"):
        wald = _half(plain) > _half(adjusted)
    cov = np.where(wald[..., np.newaxis], fit.cov, adjusted.cov)
    return MeanInference(fit.beta, cov, np.where(wald, np.inf, df), level)


@MEAN_TESTS.register(
    "HK-IQWiG6",
    label="Hartung-Knapp, guarded where narrower than DerSimonian-Laird",
    reference="IQWiG (2022) General Methods, version 6.1",
    equation="q is max(1, q) where HK is narrower than the DL Wald interval",
    traits=("random", "mean-only"),
)
def hartung_knapp_iqwig(fit: MeanFit, level: float, rng: Rng = None) -> MeanInference:
    """Guard only where the interval is narrower than the DerSimonian-Laird one."""
    present = fit.w > 0.0
    y, v = np.where(present, fit.y, 0.0), np.where(present, fit.v, 1.0)
    # As a batch, which takes sets of one study too: they have no interval.
    y, v, present = y[np.newaxis], v[np.newaxis], present[np.newaxis]
    dl = estimate_tau2(y, v, method="DL", mask=present).tau2[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        classic = fit_wls(fit.y, 1.0 / (fit.v + dl[..., np.newaxis])).cov
        half = quantile(None, level) * np.sqrt(classic[..., 0, 0])
        narrow = _half(hartung_knapp(fit, level))[..., 0] < half
        q = np.where(narrow, np.maximum(fit.q, 1.0), fit.q)
    return MeanInference(fit.beta, _times(fit.cov, q), _residual_df(fit), level)


def _residual_df(fit: MeanFit) -> Floats:
    return fit.df[..., np.newaxis]


def _times(cov: Floats, factor: Floats) -> Floats:
    return np.asarray(cov * factor[..., np.newaxis, np.newaxis])


def _half(inference: MeanInference) -> Floats:
    low, high = inference.limits
    return np.asarray(high - low)
