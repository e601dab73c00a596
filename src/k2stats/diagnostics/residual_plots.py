"""Radial and normal quantile-quantile diagnostics, as the numbers behind the plots."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import pandas as pd
from scipy import special

from k2stats._typing import Bools, Floats
from k2stats.diagnostics._influence_kernel import fit_sets
from k2stats.diagnostics._model import Model, model_of
from k2stats.diagnostics._shown import Shown
from k2stats.diagnostics._studies import frozen, require_studies
from k2stats.diagnostics.influence import influence
from k2stats.effectsizes import EffectSizes
from k2stats.errors import InvalidEvidenceError
from k2stats.results.pooled import PooledEstimate
from k2stats.results.regression import MetaRegression

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Residual: TypeAlias = Literal["rstandard", "rstudent"]


@dataclass(frozen=True, slots=True, eq=False)
class Radial:
    r"""Coordinates of a radial (Galbraith) plot, in study order.

    Attributes
    ----------
    study : tuple
    precision : ndarray, shape (K,)
        :math:`1 / \sqrt{v + \tau^2}`, the horizontal axis.
    z : ndarray, shape (K,)
        :math:`y / \sqrt{v + \tau^2}`, the vertical axis.
    slope : float
        The mean: the line through the origin.
    half_width : float
        Of the band about the line, in z.
    shown : Shown
        What an axis of effects says.
    """

    study: tuple[Hashable, ...]
    precision: Floats
    z: Floats
    slope: float
    half_width: float
    shown: Shown

    @property
    def outside(self) -> Bools:
        """Studies beyond the band."""
        return np.abs(self.z - self.slope * self.precision) > self.half_width

    def to_frame(self) -> pd.DataFrame:
        """One row a study."""
        return pd.DataFrame(
            {"precision": self.precision, "z": self.z, "outside": self.outside},
            index=pd.Index(self.study, name="study"),
        )

    def plot(self, *, title: str = "") -> "Figure":
        """Line, band and studies; the effect is read off the axis on the right.

        Parameters
        ----------
        title : str
        """
        from k2stats.diagnostics.residual_figures import radial_plot

        return radial_plot(self, title)

    def __repr__(self) -> str:
        return (
            f"Radial plot: slope {self.slope:.4f}, {int(self.outside.sum())} of "
            f"{len(self.study)} studies beyond the band"
        )


@dataclass(frozen=True, slots=True, eq=False)
class QuantileQuantile:
    """Residuals against normal quantiles, in rising order, with an envelope.

    Attributes
    ----------
    study : tuple
        Labels in that order.
    theoretical, residual : ndarray, shape (K,)
    low, high : ndarray, shape (K,)
        Pointwise envelope, from simulation of the fitted model.
    level : float
    draws : int
    """

    study: tuple[Hashable, ...]
    theoretical: Floats
    residual: Floats
    low: Floats
    high: Floats
    level: float
    draws: int

    @property
    def outside(self) -> Bools:
        """Order statistics beyond the envelope."""
        return (self.residual < self.low) | (self.residual > self.high)

    def to_frame(self) -> pd.DataFrame:
        """One row a study, in rising order of the residuals."""
        return pd.DataFrame(
            {
                "theoretical": self.theoretical,
                "residual": self.residual,
                "low": self.low,
                "high": self.high,
                "outside": self.outside,
            },
            index=pd.Index(self.study, name="study"),
        )

    def plot(self, *, title: str = "") -> "Figure":
        """Residuals against normal quantiles, with the envelope.

        Parameters
        ----------
        title : str
        """
        from k2stats.diagnostics.residual_figures import qq_plot

        return qq_plot(self, title)

    def __repr__(self) -> str:
        return (
            f"Q-Q plot: {int(self.outside.sum())} of {len(self.study)} residuals "
            f"beyond the envelope ({self.draws} draws)"
        )


def radial(
    fit: PooledEstimate | EffectSizes,
    *,
    tau2: str | None = None,
    level: float = 0.95,
) -> Radial:
    r"""Radial plot: standardised effects against precision.

    The slope of the line from the origin to a study is its effect, that of the line
    drawn is the mean, and a study deviates in units of its own standard error.

    Parameters
    ----------
    fit : PooledEstimate or EffectSizes
    tau2 : str, optional
        Estimator for effects, ``"EE"`` as published; REML when left out.
    level : float
        Of the band.

    Raises
    ------
    InvalidEvidenceError, UnknownMethodError

    References
    ----------
    Galbraith (1988). Statistics in Medicine 7:889-894.

    Examples
    --------
    >>> es = EffectSizes.from_arrays([0.1, 0.2, 0.3, 1.9], [0.02, 0.03, 0.02, 0.03])
    >>> radial(es, tau2="EE")
    Radial plot: slope 0.5400, 3 of 4 studies beyond the band
    """
    _check_level(level)
    model = model_of(fit, None, tau2)
    if model.X is not None:
        raise InvalidEvidenceError(
            field="fit", requirement="of a mean, without moderators"
        )
    require_studies(model.y.size, 2, "a radial plot")
    full = fit_sets(model.y, model.v, None, model.tau2, tau2=model.fixed)
    precision = 1.0 / np.sqrt(model.v + full.tau2)
    return Radial(
        model.study,
        frozen(precision),
        frozen(model.y * precision),
        float(full.beta[0]),
        float(special.ndtri(0.5 + 0.5 * level)),
        model.shown,
    )


def qq(
    fit: PooledEstimate | MetaRegression | EffectSizes,
    X: Floats | None = None,
    *,
    rng: int | np.random.Generator,
    tau2: str | None = None,
    kind: Residual = "rstandard",
    level: float = 0.95,
    draws: int = 1000,
) -> QuantileQuantile:
    r"""Normal Q-Q diagnostic of the residuals, with a simulated envelope.

    .. math:: r_i = \frac{y_i - x_i^\top\hat\beta}
        {\sqrt{[(I - H)(V + \hat\tau^2 I)(I - H)^\top]_{ii}}}

    or the externally standardised residuals of :func:`influence`. The envelope has
    the quantiles of each order statistic over draws from
    :math:`(I - H) e,\ e \sim N(0, V + \hat\tau^2 I)`, standardised alike, tau2 as
    estimated.

    Parameters
    ----------
    fit, X, tau2
        As in :func:`influence`.
    rng : int or Generator
    kind : {"rstandard", "rstudent"}
    level : float
        Of the envelope, at each point.
    draws : int

    Raises
    ------
    InvalidEvidenceError, UnknownMethodError

    References
    ----------
    Wang & Bushman (1998). Psychological Methods 3:46-54.
    Atkinson (1985). Plots, Transformations, and Regression. Envelopes.

    Examples
    --------
    >>> es = EffectSizes.from_arrays([0.1, 0.2, 0.3, 1.9], [0.02, 0.03, 0.02, 0.03])
    >>> qq(es, rng=1, tau2="EE")
    Q-Q plot: 4 of 4 residuals beyond the envelope (1000 draws)
    """
    _check_level(level)
    if kind not in ("rstandard", "rstudent"):
        raise InvalidEvidenceError(
            field="kind", requirement="'rstandard' or 'rstudent'", given=kind
        )
    if draws < 1:
        raise InvalidEvidenceError(field="draws", requirement="at least 1", given=draws)
    model = model_of(fit, X, tau2)
    require_studies(model.y.size, model.p + 2, "a Q-Q plot")
    value, simulated = _standardised(model, np.random.default_rng(rng), draws)
    if kind == "rstudent":
        value = influence(fit, X, tau2=tau2).rstudent
    order = np.argsort(value, kind="stable")
    tail = 0.5 - 0.5 * level
    low, high = np.quantile(np.sort(simulated, axis=-1), [tail, 1.0 - tail], axis=0)
    k = value.size
    a = 3.0 / 8.0 if k <= 10 else 0.5
    positions = (np.arange(1.0, k + 1.0) - a) / (k + 1.0 - 2.0 * a)
    return QuantileQuantile(
        study=tuple(model.study[i] for i in order),
        theoretical=frozen(special.ndtri(positions)),
        residual=frozen(value[order]),
        low=frozen(low),
        high=frozen(high),
        level=level,
        draws=draws,
    )


def _standardised(
    model: Model, random: np.random.Generator, draws: int
) -> tuple[Floats, Floats]:
    """Internally standardised residuals, and draws of them, shape (draws, K)."""
    full = fit_sets(model.y, model.v, model.X, model.tau2, tau2=model.fixed)
    x = np.ones((model.y.size, 1)) if model.X is None else model.X
    spread = model.v + full.tau2
    # With weights one over the variances (I - H) M (I - H)' is M - X S X'.
    lost = np.einsum("ki,ij,kj->k", x, full.cov, x)
    se = np.sqrt(np.maximum(spread - lost, 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        value = (model.y - x @ full.beta) / se
        e = random.standard_normal((draws, model.y.size)) * np.sqrt(spread)
        fitted = ((e / spread) @ x) @ full.cov @ x.T
        return np.asarray(value), np.asarray((e - fitted) / se)


def _check_level(level: float) -> None:
    if not 0.0 < level < 1.0:
        raise InvalidEvidenceError(
            field="level", requirement="between 0 and 1", given=level
        )
