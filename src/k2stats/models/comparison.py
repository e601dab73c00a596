"""Comparison of nested meta-regressions by their likelihoods."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from k2stats._typing import Floats
from k2stats.errors import InvalidEvidenceError
from k2stats.models.fitting import NO_TAU2
from k2stats.numerics import tails
from k2stats.results._shown import Sheet, Shown
from k2stats.results._words import fixed, p_text
from k2stats.results.regression import MetaRegression, require_plain


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LikelihoodRatioTest(Shown):
    """A likelihood-ratio test of two nested models.

    Attributes
    ----------
    statistic : ndarray, shape (...)
        Twice the difference of the log-likelihoods.
    df : int
        Difference in the number of parameters.
    p, log_p : ndarray, shape (...)
        Upper tail of chi-squared. Where the models differ in tau2 alone, which is
        zero in one of them, half of it, for zero is on the boundary (Self and Liang).
    boundary : bool
        Whether that is so.
    R2 : ndarray, shape (...)
        Percent of the smaller model's tau2 that the larger one accounts for.
    reduced, full : MetaRegression
    """

    statistic: Floats
    df: int
    p: Floats
    log_p: Floats
    boundary: bool
    R2: Floats
    reduced: MetaRegression
    full: MetaRegression

    def to_frame(self) -> pd.DataFrame:
        """Both models side by side, with the test beside the smaller one.

        Raises
        ------
        InvalidEvidenceError
            For a batch.
        """
        if self.statistic.ndim:
            raise InvalidEvidenceError(
                field="test", requirement="of one data set for a frame"
            )
        rows = []
        for fit in (self.full, self.reduced):
            small = fit is self.reduced
            rows.append(
                {
                    "parameters": _parameters(fit),
                    "AIC": float(fit.aic),
                    "BIC": float(fit.bic),
                    "AICc": float(fit.aicc),
                    "loglik": float(fit.loglik),
                    "LRT": float(self.statistic) if small else np.nan,
                    "df": float(self.df) if small else np.nan,
                    "p": float(self.p) if small else np.nan,
                    "Q": float(fit.Q),
                    "tau2": float(fit.tau2),
                    "R2": float(self.R2) if small else np.nan,
                }
            )
        return pd.DataFrame(rows, index=["full", "reduced"])

    def _sheet(self) -> Sheet:
        if self.statistic.ndim:
            title = f"Likelihood-ratio tests of shape {self.statistic.shape}"
            return Sheet(title, {})
        test = f"LRT({self.df}) = {fixed(self.statistic)}, p {p_text(self.p)}"
        frame = self.to_frame().drop(columns=["LRT", "df", "p", "R2"])
        cells = {
            "": [f"{name}: {self._formula(name)}" for name in frame.index],
            "parameters": [f"{n:.0f}" for n in frame.pop("parameters")],
        }
        cells |= {n: [fixed(float(x)) for x in frame[n]] for n in frame.columns}
        notes = []
        if self.boundary:
            notes.append("Half chi-squared, as tau2 is on its boundary.")
        if np.isfinite(self.R2):
            notes.append(f"tau2 that the larger model accounts for: {self.R2:.1f}%.")
        return Sheet(f"Likelihood-ratio test: {test}", cells, tuple(notes))

    def _formula(self, which: str) -> str:
        fit = self.full if which == "full" else self.reduced
        return fit.method.formula or ", ".join(fit.names)


def likelihood_ratio_test(
    first: MetaRegression, second: MetaRegression
) -> LikelihoodRatioTest:
    r"""Compare two nested models of the same effects.

    .. math:: \Lambda = 2(\ell_1 - \ell_0) \sim \chi^2_{m_1 - m_0}

    Parameters
    ----------
    first, second : MetaRegression
        In either order.

    Raises
    ------
    InvalidEvidenceError
        Where the effects differ; where neither model's columns are combinations of the
        other's; where both models are the same; where there is no likelihood; or
        between restricted likelihoods of different columns, which are likelihoods of
        different data: refit with ``tau2="ML"``.

    References
    ----------
    Self & Liang (1987). Journal of the American Statistical Association 82:605-610.

    Examples
    --------
    >>> from k2stats.effectsizes import EffectSizes
    >>> from k2stats.models.meta_regression import meta_regression
    >>> es = EffectSizes.from_arrays([0.1, 0.3, 0.2, 0.6], [0.02, 0.01, 0.02, 0.03])
    >>> dose = {"dose": [0, 1, 2, 3]}
    >>> small = meta_regression(es, "~ 1", tau2="ML")
    >>> large = meta_regression(es, "~ dose", data=dose, tau2="ML")
    >>> test = likelihood_ratio_test(small, large)
    >>> round(float(test.statistic), 3), test.df, round(float(test.p), 3)
    (3.26, 1, 0.071)
    """
    _require_same_effects(first, second)
    for fit in (first, second):
        require_plain(fit)
        if fit.method.tau2.name not in ("ML", "REML", "EE", "fixed"):
            raise InvalidEvidenceError(
                field="tau2",
                requirement="'ML', 'REML' or 'EE' for a comparison of likelihoods",
                given=fit.method.tau2.name,
            )
    reduced, full = sorted((first, second), key=_parameters)
    same = reduced.design.same_columns(full.design) or _spans(reduced, full, both=True)
    names = {reduced.method.tau2.name, full.method.tau2.name}
    if "REML" in names and not (same and names == {"REML"}):
        raise InvalidEvidenceError(
            field="tau2",
            requirement="'ML' in both models: restricted likelihoods of different "
            "moderators or estimators are not of the same data",
            given=", ".join(sorted(names)),
        )
    df = _parameters(full) - _parameters(reduced)
    if df == 0:
        raise InvalidEvidenceError(
            field="models", requirement="nested, one with more parameters"
        )
    if not _spans(reduced, full):
        raise InvalidEvidenceError(
            field="models",
            requirement="nested: every column of the smaller one a combination of "
            "the larger one's",
        )
    if len({"EE", "fixed"} & names) and full.method.tau2.name in (*NO_TAU2, "fixed"):
        _require_one_tau2(reduced, full)
    statistic = np.maximum(2.0 * (full.loglik - reduced.loglik), 0.0)
    boundary = same and reduced.method.tau2.name == "EE"
    half = 0.5 if boundary else 1.0
    p = tails.chi2_p(statistic, float(df))
    log_p = tails.log_chi2_p(statistic, float(df))
    if boundary:
        p = np.where(statistic > 0.0, half * p, 1.0)
        log_p = np.where(statistic > 0.0, np.log(half) + log_p, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        R2 = 100.0 * np.maximum(0.0, 1.0 - full.tau2 / reduced.tau2)
    return LikelihoodRatioTest(
        statistic=np.asarray(statistic),
        df=df,
        p=np.asarray(p),
        log_p=np.asarray(log_p),
        boundary=boundary,
        R2=np.asarray(R2),
        reduced=reduced,
        full=full,
    )


def _parameters(fit: MetaRegression) -> int:
    return len(fit.names) + int(fit.method.tau2.name in ("ML", "REML"))


def _require_same_effects(first: MetaRegression, second: MetaRegression) -> None:
    one, two = first.effects, second.effects
    same = one.y.shape == two.y.shape and bool(
        (np.array_equal(one.y, two.y, equal_nan=True))
        and np.array_equal(one.v, two.v, equal_nan=True)
    )
    if not same:
        raise InvalidEvidenceError(
            field="models",
            requirement="fits of the same effects (studies with missing moderators "
            "must be left out of both)",
            given=(one.y.shape, two.y.shape),
        )


def _require_one_tau2(reduced: MetaRegression, full: MetaRegression) -> None:
    if not np.array_equal(reduced.tau2, full.tau2):
        raise InvalidEvidenceError(
            field="tau2", requirement="the same in both models where it is given"
        )


def _spans(
    reduced: MetaRegression, full: MetaRegression, *, both: bool = False
) -> bool:
    """Whether the larger model's columns give every column of the smaller one."""
    inside = _inside(reduced.design.X, full.design.X)
    return inside and (not both or _inside(full.design.X, reduced.design.X))


def _inside(columns: Floats, basis: Floats) -> bool:
    q, _ = np.linalg.qr(basis / np.abs(basis).max(axis=0))
    unit = columns / np.sqrt((columns**2).sum(axis=0))
    rest = unit - q @ (q.T @ unit)
    rest = rest - q @ (q.T @ rest)
    return bool((np.abs(rest) < 1e-9).all())
