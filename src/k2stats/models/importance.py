"""How many true effects are large enough to matter."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from k2stats._typing import Floats
from k2stats.errors import InvalidEvidenceError
from k2stats.models._engine import generator
from k2stats.models.fitting import fit_arrays
from k2stats.results._level import check_level
from k2stats.results.pooled import PooledEstimate, Rng

Tail = Literal["above", "below"]


@dataclass(frozen=True, slots=True, eq=False)
class Share:
    """Share of the true effects beyond a threshold.

    Attributes
    ----------
    share, low, high : float
        Between 0 and 1; the limits are NaN where no standard error is defined.
    se : float
        NaN where undefined.
    threshold : float
        On the scale of analysis.
    tail : {"above", "below"}
    method : {"normal", "calibrated"}
    level : float
    words : str
        The threshold as it is printed: where effects have another natural scale, the
        natural value first.
    """

    share: float
    low: float
    high: float
    se: float
    threshold: float
    tail: Tail
    method: str
    level: float
    words: str = ""

    def __repr__(self) -> str:
        limits = ""
        if not np.isnan(self.low):
            limits = f" ({self.level:.0%} CI {self.low:.1%} to {self.high:.1%})"
        threshold = self.words or f"{self.threshold:g}"
        return f"{self.share:.1%}{limits} of true effects {self.tail} {threshold}"


def share_beyond(
    fit: PooledEstimate,
    threshold: float,
    *,
    tail: Tail = "above",
    method: Literal["normal", "calibrated"] = "normal",
    level: float = 0.95,
    draws: int = 1000,
    rng: Rng = None,
) -> Share:
    r"""Return the expected share of studies with an important benefit or harm.

    From the normal distribution of the true effects, with a standard error by the
    delta method,

    .. math:: \hat P = \Phi\Bigl(\frac{\hat\mu - q}{\hat\tau}\Bigr), \quad
        \operatorname{SE}^2 = \varphi\Bigl(\frac{q - \hat\mu}{\hat\tau}\Bigr)^2
        \Bigl(\frac{\operatorname{SE}(\hat\mu)^2}{\hat\tau^2} +
        \frac{\operatorname{SE}(\hat\tau^2)^2 (q - \hat\mu)^2}{4 \hat\tau^6}\Bigr),

    or as the share of calibrated estimates
    :math:`\hat\mu + \sqrt{\hat\tau^2 / (\hat\tau^2 + v_k)}\,(y_k - \hat\mu)` beyond the
    threshold, which does not assume that they are normal, with limits from studies
    drawn with replacement.

    Parameters
    ----------
    fit : PooledEstimate
        One meta-analysis, of a model with a variance between studies.
    threshold : float
        On the scale of analysis: the logarithm of a ratio.
    tail : {"above", "below"}
    method : {"normal", "calibrated"}
        ``"calibrated"`` is the better where tau2 is poorly known or the share near 0
        or 1.
    level : float
    draws : int
        Of the bootstrap.
    rng : int or Generator, optional
        Needed for ``"calibrated"``.

    Raises
    ------
    InvalidEvidenceError

    References
    ----------
    Mathur and VanderWeele (2019). Statistics in Medicine 38:1336-1342.
    Mathur and VanderWeele (2020). Research Synthesis Methods 11:748-759.

    Examples
    --------
    >>> from k2stats.effectsizes import EffectSizes
    >>> from k2stats.models import pool
    >>> es = EffectSizes.from_arrays([-0.9, -1.6, -0.2, -1.1], [0.1, 0.2, 0.05, 0.1])
    >>> share_beyond(pool(es, tau2="DL", ci="z"), -0.5, tail="below")
    77.4% (95% CI 34.1% to 100.0%) of true effects below -0.5
    """
    if fit.shape:
        raise InvalidEvidenceError(
            field="fit", requirement="one meta-analysis, not a batch", given=fit.shape
        )
    if not fit.method.has_tau2:
        raise InvalidEvidenceError(
            field="fit",
            requirement="of a model with a variance between studies",
            given=fit.method.model.name,
        )
    if tail not in ("above", "below"):
        raise InvalidEvidenceError(
            field="tail", requirement="'above' or 'below'", given=tail
        )
    check_level(level)
    side = 1.0 if tail == "above" else -1.0
    if method == "normal":
        share, se = _normal(fit, threshold, side)
        half = special.ndtri(0.5 + 0.5 * level) * se
        low, high = max(share - half, 0.0), min(share + half, 1.0)
        low, high = (low, high) if np.isfinite(se) else (np.nan, np.nan)
    elif method == "calibrated":
        share, low, high = _calibrated(fit, threshold, side, level, draws, rng)
        se = np.nan
    else:
        raise InvalidEvidenceError(
            field="method", requirement="'normal' or 'calibrated'", given=method
        )
    words = _words(fit, threshold)
    return Share(share, low, high, se, threshold, tail, method, level, words)


def _words(fit: PooledEstimate, threshold: float) -> str:
    """Return the threshold in print: a log RR of -0.22 as an RR of 0.8."""
    scale = fit.effects.scale
    if scale.identity or scale.decreasing or scale.back_with_size is not None:
        return f"{threshold:g}"
    natural = float(scale.to_natural(np.asarray(threshold, dtype=float)))
    symbol, kind = fit.effects.info.symbol, scale.name
    return f"{symbol} {natural:.4g} ({threshold:.4g} on the {kind} scale)"


def _normal(fit: PooledEstimate, q: float, side: float) -> tuple[float, float]:
    mu, tau2 = float(fit.estimate), float(fit.tau2)
    away = mu - q
    if tau2 == 0.0:
        return float(side * away > 0.0), np.nan
    z = away / np.sqrt(tau2)
    variance = float(fit.se) ** 2 / tau2
    variance += float(fit.tau2_se) ** 2 * away**2 / (4.0 * tau2**3)
    density = np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi)
    return float(special.ndtr(side * z)), float(density * np.sqrt(variance))


def _calibrated(
    fit: PooledEstimate, q: float, side: float, level: float, draws: int, rng: Rng
) -> tuple[float, float, float]:
    random = generator(rng, "limits of a calibrated share")
    es = fit.effects
    present = np.ones(es.k, dtype=bool) if fit.mask is None else fit.mask
    y, v = es.y[present], es.v[present]
    whole = _beyond(y, v, fit.estimate, fit.tau2, q, side)
    rows = random.integers(0, y.size, (draws, y.size))
    drawn = fit_arrays(y[rows], v[rows], tau2=_estimator(fit), ci="z")
    shares = _beyond(y[rows], v[rows], drawn.beta[..., 0], drawn.tau2, q, side)
    shares = shares[np.isfinite(shares)]
    low, high = np.quantile(shares, [0.5 - 0.5 * level, 0.5 + 0.5 * level])
    return float(whole), float(low), float(high)


def _beyond(
    y: Floats, v: Floats, mean: Floats, tau2: Floats, q: float, side: float
) -> Floats:
    centre, t = np.asarray(mean)[..., np.newaxis], np.asarray(tau2)[..., np.newaxis]
    calibrated = centre + np.sqrt(t / (t + v)) * (y - centre)
    return np.asarray((side * (calibrated - q) > 0.0).mean(axis=-1))


def _estimator(fit: PooledEstimate) -> str:
    name = fit.method.tau2.name
    if name == "fixed":
        raise InvalidEvidenceError(
            field="method",
            requirement="'normal' where tau2 was given",
            given="calibrated",
        )
    return name
