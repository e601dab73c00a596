"""Bootstrap interval of R2, the share of heterogeneity that moderators explain."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from k2stats._typing import Bools, Floats
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence._coerce import is_count
from k2stats.models.regression_kernel import fit_columns
from k2stats.models.regression_statistics import explained
from k2stats.results._level import check_level
from k2stats.results._shown import Sheet, Shown
from k2stats.results._words import percent
from k2stats.results.regression import MetaRegression, require_plain


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class R2Interval(Shown):
    """A bootstrap interval of R2, in percent.

    Attributes
    ----------
    estimate, low, high : float
    level : float
    kind : str
    draws : ndarray
        R2 of each draw that could be fitted.
    failed : int
        Draws with linearly dependent columns, or without an estimate of tau2.
    """

    estimate: float
    low: float
    high: float
    level: float
    kind: str
    draws: Floats
    failed: int

    def _sheet(self) -> Sheet:
        failed = f", {self.failed} more could not be fitted" if self.failed else ""
        return Sheet(
            f"R2 {self.estimate:.1f}% ({percent(self.level)} CI {self.low:.1f}% to "
            f"{self.high:.1f}%), {self.draws.size} bootstrap draws ({self.kind})"
            f"{failed}",
            {},
        )


def r2_interval(
    fit: MetaRegression,
    *,
    draws: int = 2000,
    kind: Literal["cases", "parametric"] = "cases",
    level: float = 0.95,
    rng: int | np.random.Generator,
) -> R2Interval:
    r"""Percentile interval of R2 by the bootstrap.

    ``"cases"`` draws studies with their moderators; ``"parametric"`` draws effects
    from the fitted model, :math:`y_k^* \sim N(x_k^\top\hat\beta, v_k + \hat\tau^2)`.
    Both tau2, with and without moderators, are estimated anew in each draw. R2 is far
    from exact with few studies, and so is its interval.

    Parameters
    ----------
    fit : MetaRegression
        Of one data set, with an intercept and an estimated tau2, or none.
    draws : int
    kind : {"cases", "parametric"}
    level : float
    rng : int or Generator

    Raises
    ------
    InvalidEvidenceError
        Where the fit has no R2, or fewer than half of the draws can be fitted.

    References
    ----------
    Efron & Tibshirani (1993). An Introduction to the Bootstrap, chapter 13.
    López-López et al. (2014). British Journal of Mathematical and Statistical
    Psychology 67:30-48, on the bias and spread of R2.

    Examples
    --------
    >>> from k2stats.effectsizes import EffectSizes
    >>> from k2stats.models.meta_regression import meta_regression
    >>> es = EffectSizes.from_arrays([0.1, 0.3, 0.2, 0.6, 0.5, 0.7], [0.01] * 6)
    >>> fit = meta_regression(es, "~ dose", data={"dose": [0, 1, 2, 3, 4, 5]})
    >>> made = r2_interval(fit, draws=100, rng=1)
    >>> bool(0.0 <= made.low <= made.high <= 100.0), made.draws.size + made.failed
    (True, 100)
    """
    _check(fit, draws, kind, level)
    generator = np.random.default_rng(rng)
    y, v, X = fit.effects.y, fit.effects.v, fit.design.X
    k = y.size
    if kind == "cases":
        which = generator.integers(0, k, size=(draws, k))
        ys, vs, Xs = y[which], v[which], X[which]
        whole = _full_rank(Xs)
        ys, vs, Xs = ys[whole], vs[whole], Xs[whole]
    else:
        mean, sd = fit.fitted(), np.sqrt(v + fit.tau2)
        ys = mean + sd * generator.standard_normal((draws, k))
        vs, Xs = np.broadcast_to(v, ys.shape), X
    made = fit_columns(ys, vs, Xs, tau2=fit.method.tau2.name, ci="z")
    found = explained(made)
    found = found[np.isfinite(found)]
    if found.size < 0.5 * draws:
        raise InvalidEvidenceError(
            field="fit",
            requirement="one of which half of the draws can be fitted; "
            f"{draws - found.size} of {draws} could not",
        )
    tail = 0.5 * (1.0 - level)
    low, high = np.quantile(found, [tail, 1.0 - tail])
    return R2Interval(
        estimate=float(fit.R2),
        low=float(low),
        high=float(high),
        level=level,
        kind=kind,
        draws=found,
        failed=draws - found.size,
    )


def _check(fit: MetaRegression, draws: int, kind: str, level: float) -> None:
    require_plain(fit)
    if fit.beta.ndim != 1 or np.isnan(fit.R2):
        raise InvalidEvidenceError(
            field="fit", requirement="one meta-regression that has an R2"
        )
    if not is_count(draws, least=2):
        raise InvalidEvidenceError(
            field="draws", requirement="a number of at least 2", given=draws
        )
    if kind not in ("cases", "parametric"):
        raise InvalidEvidenceError(
            field="kind", requirement="'cases' or 'parametric'", given=kind
        )
    check_level(level)


def _full_rank(X: Floats) -> Bools:
    """Whether the columns of each draw are linearly independent."""
    size = np.sqrt((X**2).sum(axis=-2, keepdims=True))
    unit = X / np.where(size > 0.0, size, 1.0)
    r = np.linalg.qr(unit, mode="r")
    least = np.abs(np.diagonal(r, axis1=-2, axis2=-1)).min(axis=-1)
    return np.asarray(least > 1e-9)
