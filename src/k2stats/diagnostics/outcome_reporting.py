"""How far unreported studies could have moved the mean, whatever picked them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from k2stats._typing import Floats
from k2stats.diagnostics._shown import Shown, natural, symbol
from k2stats.diagnostics._studies import Effects, frozen, one_sample, with_estimator
from k2stats.errors import InvalidEvidenceError
from k2stats.heterogeneity import estimate_tau2
from k2stats.heterogeneity.tau2 import COMMON
from k2stats.numerics.wls import weighted_mean
from k2stats.results._words import fixed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COPAS = "Copas & Jackson (2004). Biometrics 60:146-153."


@dataclass(frozen=True, slots=True, eq=False)
class ReportingBound:
    """Bounds of the bias by unreported studies, one for each number of them.

    Attributes
    ----------
    unreported : ndarray, shape (M,)
    max_bias : ndarray, shape (M,)
        Largest absolute bias of the mean.
    low, high : ndarray, shape (M,)
        Confidence limits moved outwards by it.
    estimate, se, tau2 : float
        Of the studies there are, normal reference.
    level : float
    shown : Shown
        What an axis of effects says.
    """

    unreported: Floats
    max_bias: Floats
    low: Floats
    high: Floats
    estimate: float
    se: float
    tau2: float
    level: float
    shown: Shown

    @property
    def tipping(self) -> float | None:
        """Fewest of the numbers tried with a limit on the other side of zero."""
        crossed = (self.low <= 0.0) & (self.high >= 0.0)
        return float(self.unreported[crossed].min()) if crossed.any() else None

    def plot(self, *, title: str = "") -> "Figure":
        """Limits moved outwards, against the number of unreported studies.

        Parameters
        ----------
        title : str
        """
        from k2stats.diagnostics.selection_figures import reporting_plot

        return reporting_plot(self, title)

    def __repr__(self) -> str:
        measure = self.shown.measure
        mean = fixed(float(natural(measure, self.estimate)), 3)
        return (
            f"Outcome reporting: {symbol(measure)} {mean}, bias at most "
            f"{fixed(self.max_bias.max())} on the scale of analysis with "
            f"{self.unreported.max():.0f} unreported"
        )


def reporting_bound(
    effects: Effects,
    unreported: ArrayLike,
    *,
    tau2: str | None = None,
    level: float = 0.95,
) -> ReportingBound:
    r"""Upper bound of the bias if so many studies were left unreported.

    With K studies reported out of K + m, chosen in any way that does not favour
    large standard errors,

    .. math:: |b| \le \frac{K + m}{K}\,
        \phi\Bigl\{\Phi^{-1}\Bigl(\frac{K}{K + m}\Bigr)\Bigr\}\,
        \frac{\sum_k (v_k + \tau^2)^{-1/2}}{\sum_k (v_k + \tau^2)^{-1}}

    which is reached where the K largest standardised effects are the ones reported.

    Parameters
    ----------
    effects : EffectSizes or PooledEstimate, shape (K,)
    unreported : array-like, shape (M,)
        Numbers m of unreported studies, from 0 on.
    tau2 : str, optional
        Estimator, or ``"EE"``; that of the fit, or REML for effects, when left out.
    level : float

    Raises
    ------
    InvalidEvidenceError, UnknownMethodError

    References
    ----------
    Copas & Jackson (2004). Biometrics 60:146-153.

    Examples
    --------
    >>> from k2stats.effectsizes import EffectSizes
    >>> es = EffectSizes.from_arrays([0.5, 0.4, 0.6], [0.04, 0.04, 0.04])
    >>> reporting_bound(es, [0, 3], tau2="EE").max_bias.round(4).tolist()
    [0.0, 0.1596]
    """
    number = np.atleast_1d(np.asarray(unreported, dtype=float))
    if number.size == 0 or not (np.isfinite(number) & (number >= 0.0)).all():
        raise InvalidEvidenceError(
            field="unreported",
            requirement="finite numbers, not negative",
            given=number.tolist(),
        )
    if not 0.0 < level < 1.0:
        raise InvalidEvidenceError(
            field="level", requirement="between 0 and 1", given=level
        )
    effects, tau2 = with_estimator(effects, tau2)
    y, v = given = one_sample(effects, least=2, need="the bound")
    value = 0.0
    if tau2 not in COMMON:
        value = float(estimate_tau2(y, v, method=tau2).tau2)
    w = 1.0 / (v + value)
    share = given.k / (given.k + number)
    with np.errstate(divide="ignore"):
        quantile = special.ndtri(share)
    density = np.exp(-0.5 * quantile**2) / np.sqrt(2.0 * np.pi)
    bias = density / share * np.sqrt(w).sum() / w.sum()
    mean = float(weighted_mean(y, w))
    se = float(1.0 / np.sqrt(w.sum()))
    half = float(special.ndtri(0.5 + 0.5 * level)) * se
    return ReportingBound(
        unreported=frozen(number),
        max_bias=frozen(bias),
        low=frozen(mean - half - bias),
        high=frozen(mean + half + bias),
        estimate=mean,
        se=se,
        tau2=value,
        level=level,
        shown=Shown.of(effects),
    )
