r"""How severe selective publication would have to be: S-values and the worst case."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from scipy import special

from k2stats._typing import Bools, Floats
from k2stats.diagnostics._p_values import check_alpha
from k2stats.diagnostics._shown import natural, said, symbol
from k2stats.diagnostics._studies import (
    Effects,
    Sample,
    frozen,
    one_sample,
    with_estimator,
)
from k2stats.errors import InvalidEvidenceError
from k2stats.heterogeneity import estimate_tau2
from k2stats.numerics import tails
from k2stats.numerics.wls import weighted_mean
from k2stats.results._words import fixed, p_text

Model: TypeAlias = Literal["robust", "fixed"]
MATHUR = "Mathur & VanderWeele (2020). J R Stat Soc C 69:1091-1119."
_MOST = 1e6
"""Selection ratio beyond which none is looked for."""


@dataclass(frozen=True, slots=True)
class CorrectedMean:
    """A mean corrected for an assumed selection ratio.

    Attributes
    ----------
    selection_ratio : float
        How many times as likely affirmative results are to be published; infinite
        for the worst case.
    estimate, se, df, low, high, p : float
    k_affirmative, k_other : int
    measure : str
        Of the effects.
    """

    selection_ratio: float
    estimate: float
    se: float
    df: float
    low: float
    high: float
    p: float
    k_affirmative: int
    k_other: int
    measure: str = "GEN"

    def __repr__(self) -> str:
        ratio = "worst case" if np.isinf(self.selection_ratio) else "ratio "
        if np.isfinite(self.selection_ratio):
            ratio += fixed(self.selection_ratio, 2)
        return (
            f"Corrected mean ({ratio}): "
            f"{said(self.measure, self.estimate, self.low, self.high)}, "
            f"p {p_text(self.p)}"
        )


@dataclass(frozen=True, slots=True)
class SValue:
    """Selection ratio that would move a result to a threshold.

    Attributes
    ----------
    estimate : float
        For the mean: 1 where it is there already, infinite where no ratio does it.
    interval : float
        For the confidence limit nearer to the threshold.
    threshold : float
    worst_case : CorrectedMean
        Mean of the results that are not affirmative; NaN where there is none.
    model : str
    note : str
    """

    estimate: float
    interval: float
    threshold: float
    worst_case: CorrectedMean
    model: Model
    note: str

    def __repr__(self) -> str:
        measure = self.worst_case.measure
        to, worst = natural(measure, [self.threshold, self.worst_case.estimate])
        return (
            f"S-value {fixed(self.estimate, 2)} for the mean, "
            f"{fixed(self.interval, 2)} for its limit, to reach "
            f"{to:g} ({symbol(measure)}); worst case {fixed(float(worst), 3)}"
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Selected:
    """Studies turned so that affirmative effects are large."""

    y: Floats
    v: Floats
    w: Floats
    affirmative: Bools
    model: Model
    sign: float
    measure: str

    def fit(self, ratio: float) -> CorrectedMean:
        """Mean with the other studies weighted up by the ratio."""
        if np.isinf(ratio):
            weight = np.where(self.affirmative, 0.0, self.w)
        else:
            weight = np.where(self.affirmative, 1.0, ratio) * self.w
        kept = weight > 0.0
        size = int(kept.sum())
        if size == 0:
            nan = float("nan")
            return self._mean(ratio, nan, nan, nan)
        w, y, v = weight[kept], self.y[kept], self.v[kept]
        total = float(w.sum())
        mean = float(weighted_mean(y, w))
        if self.model == "fixed":
            se = float(np.sqrt((w * w * v).sum()) / total)
            return self._mean(ratio, mean, se, np.inf)
        if size == 1:
            return self._mean(ratio, mean, float("nan"), float("nan"))
        se, df = _robust(w / total, y - mean, 1.0 / self.w[kept])
        return self._mean(ratio, mean, se, df)

    def _mean(self, ratio: float, mean: float, se: float, df: float) -> CorrectedMean:
        with np.errstate(divide="ignore", invalid="ignore"):
            if np.isinf(df):
                half = float(special.ndtri(0.975)) * se
                p = float(tails.normal_p(np.asarray(mean) / se))
            else:
                half = float(special.stdtrit(df, 0.975)) * se
                p = float(tails.student_p(np.asarray(mean) / se, df))
        limits = sorted((self.sign * (mean - half), self.sign * (mean + half)))
        return CorrectedMean(
            selection_ratio=ratio,
            estimate=self.sign * mean,
            se=se,
            df=df,
            low=limits[0],
            high=limits[1],
            p=p,
            k_affirmative=int(self.affirmative.sum()),
            k_other=int((~self.affirmative).sum()),
            measure=self.measure,
        )


def corrected_mean(
    effects: Effects,
    selection_ratio: float,
    *,
    favours: Literal["positive", "negative"] = "positive",
    model: Model = "robust",
    tau2: str | None = None,
    alpha: float = 0.05,
) -> CorrectedMean:
    r"""Correct the mean for an assumed selection ratio.

    Affirmative results, significant in the favoured direction, are taken to be
    published :math:`\eta` times as often as others, which are weighted up:

    .. math:: \hat\mu_\eta = \frac{\sum_k \eta_k w_k y_k}{\sum_k \eta_k w_k},
        \qquad \eta_k = 1 \text{ if affirmative, else } \eta

    Parameters
    ----------
    effects : EffectSizes or PooledEstimate, shape (K,)
    selection_ratio : float
        :math:`\eta`, at least 1; infinite for the worst case, the mean of the
        results that are not affirmative.
    favours : {"positive", "negative"}
    model : {"robust", "fixed"}
        ``"robust"``: weights one over v + tau2 with tau2 of all studies, CR2
        standard error and Satterthwaite degrees of freedom, for independent studies
        whose working variances are v + tau2 at any selection ratio;
        ``"fixed"``: weights one over v and normal limits.
    tau2 : str, optional
        Estimator; that of the fit, or REML for effects, when left out.
    alpha : float
        Two-sided level at which a result is affirmative.

    Raises
    ------
    InvalidEvidenceError

    References
    ----------
    Mathur & VanderWeele (2020). J R Stat Soc C 69:1091-1119.

    Examples
    --------
    >>> from k2stats.effectsizes import EffectSizes
    >>> es = EffectSizes.from_arrays([0.5, 0.6, 0.4, 0.1], [0.01, 0.02, 0.02, 0.02])
    >>> corrected_mean(es, np.inf, model="fixed").estimate
    0.1
    """
    if not selection_ratio >= 1.0:
        raise InvalidEvidenceError(
            field="selection_ratio", requirement="at least 1", given=selection_ratio
        )
    return _selected(effects, favours, model, tau2, alpha).fit(float(selection_ratio))


def publication_bias_s_value(
    effects: Effects,
    threshold: float = 0.0,
    *,
    favours: Literal["positive", "negative"] = "positive",
    model: Model = "robust",
    tau2: str | None = None,
    alpha: float = 0.05,
) -> SValue:
    r"""Severity of publication bias that would explain a result away.

    The selection ratio at which the corrected mean, or the limit of its confidence
    interval that is nearer to it, reaches a threshold. For the mean

    .. math:: \eta = \frac{\sum_A w_k (y_k - q)}{\sum_N w_k (q - y_k)} ,

    with A the affirmative results and N the others; for the limit it is found by
    bisection.

    Parameters
    ----------
    effects, favours, model, tau2, alpha
        As in :func:`corrected_mean`.
    threshold : float
        q, on the scale of analysis.

    Raises
    ------
    InvalidEvidenceError
        Where the threshold lies beyond the uncorrected mean.

    References
    ----------
    Mathur & VanderWeele (2020). J R Stat Soc C 69:1091-1119.

    Examples
    --------
    >>> from k2stats.effectsizes import EffectSizes
    >>> es = EffectSizes.from_arrays([0.5, 0.6, 0.4, -0.1], [0.01, 0.02, 0.02, 0.02])
    >>> publication_bias_s_value(es, model="fixed")  # doctest: +ELLIPSIS
    S-value 20.00 for the mean, ... worst case -0.100
    """
    chosen = _selected(effects, favours, model, tau2, alpha)
    q = chosen.sign * threshold
    plain = chosen.fit(1.0)
    if chosen.sign * plain.estimate < q:
        raise InvalidEvidenceError(
            field="threshold",
            requirement="between zero selection's mean and the unfavoured side",
            given=threshold,
        )
    above = float((chosen.w * (chosen.y - q))[chosen.affirmative].sum())
    below = float((chosen.w * (q - chosen.y))[~chosen.affirmative].sum())
    ratio = max(above / below, 1.0) if below > 0.0 else float("inf")
    return SValue(
        estimate=ratio,
        interval=_limit_ratio(chosen, q),
        threshold=threshold,
        worst_case=chosen.fit(float("inf")),
        model=model,
        note=_note(chosen),
    )


def _limit_ratio(chosen: _Selected, q: float) -> float:
    """Ratio at which the nearer confidence limit reaches the threshold."""

    def gap(log_ratio: float) -> float:
        made = chosen.fit(float(np.exp(log_ratio)))
        near = made.low if chosen.sign > 0.0 else -made.high
        return near - q

    if not gap(0.0) > 0.0:
        return 1.0
    # The limit need not fall all the way: the first crossing on a grid is refined.
    grid = np.linspace(0.0, np.log(_MOST), 400)
    low = 0.0
    for point in grid[1:].tolist():
        if not gap(point) > 0.0:
            high = point
            for _ in range(80):
                mid = 0.5 * (low + high)
                low, high = (mid, high) if gap(mid) > 0.0 else (low, mid)
            return float(np.exp(0.5 * (low + high)))
        low = point
    return float("inf")


def _robust(share: Floats, residual: Floats, phi: Floats) -> tuple[float, float]:
    r"""CR2 standard error of a weighted mean, and Satterthwaite's degrees of freedom.

    With shares u of the weights that sum to 1 and working variances :math:`\phi`,
    residuals have covariances :math:`\delta_{ij} \phi_i - u_i \phi_i - u_j \phi_j
    + \sum u^2 \phi`.
    """
    g = share * phi
    s = float((share * g).sum())
    own = phi - 2.0 * g + s
    c = share * np.sqrt(phi / own)
    se = float(np.sqrt(((c * residual) ** 2).sum()))
    square = c * c
    zero, one, two = (float((square * g**power).sum()) for power in range(3))
    trace = float((square * own).sum())
    both = float((square**2 * phi * (phi + 2.0 * (s - 2.0 * g))).sum())
    both += s * s * zero * zero + 2.0 * (zero * two + one * one) - 4.0 * s * zero * one
    return se, trace * trace / both


def _note(chosen: _Selected) -> str:
    rest = int((~chosen.affirmative).sum())
    if rest >= 10:
        return ""
    return (
        f"Only {rest} results are not affirmative: their mean, and with it the worst "
        "case, is uncertain."
    )


def _selected(
    effects: Effects, favours: str, model: str, tau2: str | None, alpha: float
) -> _Selected:
    if favours not in ("positive", "negative"):
        raise InvalidEvidenceError(
            field="favours", requirement="'positive' or 'negative'", given=favours
        )
    if model not in ("robust", "fixed"):
        raise InvalidEvidenceError(
            field="model", requirement="'robust' or 'fixed'", given=model
        )
    critical = check_alpha(alpha)
    effects, tau2 = with_estimator(effects, tau2)
    given: Sample = one_sample(effects, least=2, need="S-values")
    sign = 1.0 if favours == "positive" else -1.0
    y = sign * given.y
    value = 0.0
    if model == "robust":
        value = float(estimate_tau2(given.y, given.v, method=tau2).tau2)
    return _Selected(
        y=y,
        v=given.v,
        w=frozen(1.0 / (given.v + value)),
        affirmative=y / np.sqrt(given.v) > critical,
        model="robust" if model == "robust" else "fixed",
        sign=sign,
        measure=effects.measure,
    )
