"""Bootstrap draws of a pooled mean and of tau2, and intervals from them."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from scipy import special

from k2stats._typing import Floats
from k2stats.errors import InvalidEvidenceError
from k2stats.results._level import check_level
from k2stats.results._shown import Sheet, Shown
from k2stats.results._words import fixed
from k2stats.results.pooled import PooledEstimate, natural
from k2stats.results.pooled_printing import symbol

What: TypeAlias = Literal["estimate", "tau2"]
Method: TypeAlias = Literal["percentile", "basic", "BCa"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class BootstrapPooled(Shown):
    """Draws of one meta-analysis.

    Attributes
    ----------
    kind : str
        ``"parametric"`` or ``"studies"``.
    fit : PooledEstimate
        The analysis of the data themselves.
    estimate, tau2 : ndarray, shape (B,)
    jackknife_estimate, jackknife_tau2 : ndarray of shape (K,), or None
        Without each study in turn, for the acceleration of BCa.
    """

    kind: str
    fit: PooledEstimate
    estimate: Floats
    tau2: Floats
    jackknife_estimate: Floats | None
    jackknife_tau2: Floats | None

    def interval(
        self,
        what: What = "estimate",
        *,
        method: Method = "percentile",
        level: float = 0.95,
    ) -> tuple[float, float]:
        r"""Confidence limits from the draws.

        Parameters
        ----------
        what : {"estimate", "tau2"}
        method : {"percentile", "basic", "BCa"}
            Quantiles; twice the estimate less the quantiles; quantiles at levels that
            allow for bias and skewness.
        level : float

        Returns
        -------
        tuple of float
            The mean on the scale of analysis.

        Raises
        ------
        InvalidEvidenceError

        References
        ----------
        Efron (1987). Journal of the American Statistical Association 82:171-185.
        """
        if what not in ("estimate", "tau2"):
            raise InvalidEvidenceError(
                field="what", requirement="'estimate' or 'tau2'", given=what
            )
        draws = getattr(self, what)
        draws = draws[np.isfinite(draws)]
        observed = float(getattr(self.fit, what))
        check_level(level)
        tail = 0.5 - 0.5 * level
        levels = np.array([tail, 1.0 - tail])
        if method == "BCa":
            levels = self._corrected(levels, draws, observed, what)
        low, high = np.quantile(draws, levels)
        if method == "basic":
            low, high = 2.0 * observed - high, 2.0 * observed - low
            if what == "tau2":
                low, high = max(low, 0.0), max(high, 0.0)
        elif method not in ("percentile", "BCa"):
            raise InvalidEvidenceError(
                field="method",
                requirement="'percentile', 'basic' or 'BCa'",
                given=method,
            )
        return float(low), float(high)

    def _corrected(
        self, levels: Floats, draws: Floats, observed: float, what: What
    ) -> Floats:
        left_out = getattr(self, f"jackknife_{what}")
        if left_out is None:
            raise InvalidEvidenceError(
                field="method", requirement="other than 'BCa' with two studies"
            )
        below = (draws < observed).mean() + 0.5 * (draws == observed).mean()
        bias = special.ndtri(np.clip(below, 1e-12, 1.0 - 1e-12))
        apart = np.mean(left_out) - left_out
        spread = float((apart**2).sum() ** 1.5)
        pull = float((apart**3).sum()) / (6.0 * spread) if spread > 0.0 else 0.0
        z = bias + special.ndtri(levels)
        return np.asarray(special.ndtr(bias + z / (1.0 - pull * z)))

    def _sheet(self) -> Sheet:
        fit = self.fit
        low, high = (np.asarray(x) for x in self.interval())
        mean = natural(fit, fit.estimate, (low, high), 0.95)
        rows = [(symbol(fit), float(mean.estimate), float(mean.low), float(mean.high))]
        rows.append(("tau2", float(fit.tau2), *self.interval("tau2")))
        cells = {
            "": [str(row[0]) for row in rows],
            "estimate": [fixed(row[1]) for row in rows],
            "95% low": [fixed(row[2]) for row in rows],
            "95% high": [fixed(row[3]) for row in rows],
        }
        title = f"Bootstrap ({self.kind}), {self.estimate.size} draws"
        return Sheet(title, cells, ("Percentile intervals.",))
