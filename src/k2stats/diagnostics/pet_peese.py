r"""Effects adjusted for small-study effects by regression on imprecision."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from k2stats._typing import Floats
from k2stats.diagnostics._exact_fit import without_rounding
from k2stats.diagnostics._shown import said
from k2stats.diagnostics._studies import (
    Effects,
    Sample,
    effects_of,
    frozen,
    require_unequal,
    sample,
    worth,
)
from k2stats.errors import InvalidEvidenceError
from k2stats.numerics import tails
from k2stats.numerics.wls import fit_wls
from k2stats.results._words import fixed, p_text

Stage = Literal["pet", "peese", "pet-peese"]
STANLEY = "Stanley & Doucouliagos (2014). Research Synthesis Methods 5:60-78."
WAAP = "Stanley, Doucouliagos & Ioannidis (2017). Statistics in Medicine 36:1580-1598."
UWLS = "Stanley & Doucouliagos (2015). Statistics in Medicine 34:2116-2127."
POWERED = 2.8
"""1.96 + 0.84: the ratio of effect to standard error that gives a power of 80%."""


@dataclass(frozen=True, slots=True, eq=False)
class AdjustedMean:
    """A mean adjusted for small-study effects; arrays have the batch shape.

    Attributes
    ----------
    method, reference : str
    estimate, se : ndarray
        On the scale of analysis.
    df : ndarray
        Infinite for a normal reference.
    slope, slope_se : ndarray
        Of the regression on the standard error or the variance; NaN where none.
    used : ndarray of str
        What the estimate of each element is: ``"PET"``, ``"PEESE"``, ...
    k : ndarray
        Studies that the estimate is of.
    level : float
    note : str
        What the method is worth with so few studies; empty from ten on.
    measure : str
        Of the effects.
    """

    method: str
    reference: str
    estimate: Floats
    se: Floats
    df: Floats
    slope: Floats
    slope_se: Floats
    used: np.ndarray[tuple[int, ...], np.dtype[np.str_]]
    k: Floats
    level: float
    note: str
    measure: str = "GEN"

    @property
    def statistic(self) -> Floats:
        """Estimate over standard error."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.estimate / self.se)

    @property
    def p(self) -> Floats:
        """Two-sided p of a mean of zero."""
        return _p(self.statistic, self.df)

    @property
    def slope_p(self) -> Floats:
        """Two-sided p of a slope of zero."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return _p(np.asarray(self.slope / self.slope_se), self.df)

    @property
    def ci(self) -> tuple[Floats, Floats]:
        """Confidence limits of the mean."""
        half = _quantile(self.df, self.level) * self.se
        return np.asarray(self.estimate - half), np.asarray(self.estimate + half)

    def summary(self) -> str:
        """One line, and the note."""
        return f"{self!r}\n{self.note}".rstrip()

    def __repr__(self) -> str:
        if self.estimate.shape:
            return f"{self.method}: estimates of shape {self.estimate.shape}"
        low, high = self.ci
        mean = float(self.estimate), float(low), float(high)
        return (
            f"{self.method} ({self.used}): {said(self.measure, *mean, self.level)}, "
            f"p {p_text(self.p)}, {fixed(self.k, 0)} studies"
        )


def pet_peese(
    effects: Effects,
    stage: Stage = "pet-peese",
    *,
    alpha: float = 0.1,
    level: float = 0.95,
) -> AdjustedMean:
    r"""Precision-effect test, precision-effect estimate with standard error, or both.

    .. math:: \text{PET: } y_k = \beta_0 + \beta_1 s_k + e_k, \qquad
        \text{PEESE: } y_k = \beta_0 + \beta_1 s_k^2 + e_k, \qquad
        \operatorname{Var}(e_k) = \phi s_k^2

    :math:`\beta_0` is the adjusted mean, with t on K - 2 degrees of freedom. The
    conditional estimator takes PEESE where PET finds a mean other than zero, and PET
    where it does not.

    Parameters
    ----------
    effects : EffectSizes or PooledEstimate, shape (..., K)
    stage : {"pet", "peese", "pet-peese"}
    alpha : float
        Two-sided level of PET's test in the conditional estimator; 0.1 is 0.05 on
        one side.
    level : float
        Of the confidence limits.

    Raises
    ------
    InvalidEvidenceError
        For fewer than three studies, or an unknown stage.

    References
    ----------
    Stanley & Doucouliagos (2014). Research Synthesis Methods 5:60-78.

    Notes
    -----
    With few studies or much heterogeneity the estimates can be far off: Stanley
    (2017), Social Psychological and Personality Science 8:581-591.

    Examples
    --------
    >>> from k2stats.effectsizes import EffectSizes
    >>> es = EffectSizes.from_arrays([0.1, 0.2, 0.4, 0.5], [0.01, 0.02, 0.05, 0.09])
    >>> pet_peese(es, "pet").estimate.round(4)
    np.float64(-0.1117)
    """
    if stage not in ("pet", "peese", "pet-peese"):
        raise InvalidEvidenceError(
            field="stage", requirement="'pet', 'peese' or 'pet-peese'", given=stage
        )
    _check_share("alpha", alpha)
    _check_share("level", level)
    given = sample(effects, least=3, need="PET-PEESE")
    require_unequal(given.v, "PET-PEESE")
    pet = _regression(given, np.sqrt(given.v))
    peese = _regression(given, given.v)
    df = np.full(given.y.shape[:-1], given.k - 2.0)
    if stage == "pet":
        second = np.zeros(df.shape, dtype=bool)
    elif stage == "peese":
        second = np.ones(df.shape, dtype=bool)
    else:
        with np.errstate(divide="ignore", invalid="ignore"):
            second = np.asarray(_p(np.asarray(pet[0] / pet[1]), df) < alpha)
    chosen = [frozen(np.where(second, b, a)) for a, b in zip(pet, peese, strict=True)]
    return AdjustedMean(
        method=stage.upper(),
        reference=STANLEY,
        estimate=chosen[0],
        se=chosen[1],
        df=frozen(df),
        slope=chosen[2],
        slope_se=chosen[3],
        used=np.where(second, "PEESE", "PET"),
        k=frozen(df + 2.0),
        level=level,
        note=worth(given.k, "small-study effects"),
        measure=effects_of(effects).measure,
    )


def waap_wls(effects: Effects, *, level: float = 0.95) -> AdjustedMean:
    r"""Weighted average of the adequately powered studies.

    The unrestricted weighted least squares mean

    .. math:: \hat\mu = \sum w_k y_k / \sum w_k,\quad
        \mathrm{SE}^2 = \frac{\sum w_k (y_k - \hat\mu)^2}{K - 1} / \sum w_k,\quad
        w_k = 1 / s_k^2

    of all studies; then again of those with :math:`s_k \le |\hat\mu| / 2.8`, which
    have a power of 80% for it, where there are two or more. Otherwise that of all
    studies stands.

    Parameters
    ----------
    effects : EffectSizes or PooledEstimate, shape (..., K)
    level : float

    Raises
    ------
    InvalidEvidenceError
        For fewer than two studies.

    References
    ----------
    Stanley, Doucouliagos & Ioannidis (2017). Statistics in Medicine 36:1580-1598.
    Stanley & Doucouliagos (2015). Statistics in Medicine 34:2116-2127.

    Examples
    --------
    >>> from k2stats.effectsizes import EffectSizes
    >>> es = EffectSizes.from_arrays([0.5, 0.4, 0.9, 1.5], [0.01, 0.02, 0.2, 0.4])
    >>> waap_wls(es)
    WAAP-WLS (WAAP): effect 0.467 (95% CI -0.132 to 1.066), p = 0.0641, 2 studies
    """
    _check_share("level", level)
    given = sample(effects, least=2, need="WAAP-WLS")
    w = 1.0 / given.v
    mean = unrestricted_mean(given.y, w)[0]
    powered = np.sqrt(given.v) <= np.abs(mean)[..., np.newaxis] / POWERED
    enough = powered.sum(axis=-1) >= 2
    kept = powered | ~enough[..., np.newaxis]
    estimate, se, k = unrestricted_mean(given.y, np.where(kept, w, 0.0))
    none = np.full(k.shape, np.nan)
    return AdjustedMean(
        method="WAAP-WLS",
        reference=f"{WAAP} {UWLS}",
        estimate=frozen(estimate),
        se=frozen(se),
        df=frozen(k - 1.0),
        slope=none,
        slope_se=none,
        used=np.where(enough, "WAAP", "WLS"),
        k=frozen(k),
        level=level,
        note=worth(given.k, "small-study effects"),
        measure=effects_of(effects).measure,
    )


def unrestricted_mean(y: Floats, w: Floats) -> tuple[Floats, Floats, Floats]:
    """Weighted mean, its standard error by the residual mean square, and K."""
    with np.errstate(divide="ignore", invalid="ignore"):
        fit = fit_wls(y, w)
        k = np.asarray((w > 0.0).sum(axis=-1), dtype=float)
        phi = np.where(k > 1.0, fit.rss / (k - 1.0), np.nan)
        return fit.beta[..., 0], np.sqrt(phi * fit.cov[..., 0, 0]), k


def _regression(given: Sample, x: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Intercept and slope, each with its standard error."""
    X = np.stack([np.ones_like(x), x], axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        w = 1.0 / given.v
        fit = fit_wls(given.y, w, X)
        slope, rss = without_rounding(fit.beta[..., 1], fit.rss, given.y, x, w)
        phi = np.asarray(rss / (given.k - 2.0))
        se = np.sqrt(phi[..., np.newaxis] * np.diagonal(fit.cov, axis1=-2, axis2=-1))
    return fit.beta[..., 0], se[..., 0], slope, se[..., 1]


def _p(statistic: Floats, df: Floats) -> Floats:
    many = np.isinf(df)
    t = tails.student_p(statistic, np.where(many, 1.0, df))
    return np.where(many, tails.normal_p(statistic), t)


def _quantile(df: Floats, level: float) -> Floats:
    tail = 0.5 + 0.5 * level
    many = np.isinf(df)
    t = special.stdtrit(np.where(many, 1.0, df), tail)
    return np.where(many, special.ndtri(tail), t)


def _check_share(field: str, value: float) -> None:
    if not 0.0 < value < 1.0:
        raise InvalidEvidenceError(
            field=field, requirement="between 0 and 1", given=value
        )
