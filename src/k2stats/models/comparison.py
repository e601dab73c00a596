"""Comparison of nested regressions by their likelihoods."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from k2stats._typing import Floats
from k2stats.errors import InvalidEvidenceError, require_kind
from k2stats.models._nested import (
    Fit,
    at_boundary,
    holds_tau2,
    parameters,
    require_comparable,
    require_nested,
)
from k2stats.numerics import tails
from k2stats.results._shown import Sheet, Shown
from k2stats.results._words import fixed, p_text
from k2stats.results.counts_regression import CountsRegression
from k2stats.results.regression import MetaRegression


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
        Percent of the smaller model's tau2 that the larger one accounts for. NaN where
        there is none to account for, or tau2 was given.
    reduced, full : MetaRegression or CountsRegression
    """

    statistic: Floats
    df: int
    p: Floats
    log_p: Floats
    boundary: bool
    R2: Floats
    reduced: Fit
    full: Fit

    def to_frame(self) -> pd.DataFrame:
        """Both models side by side, with the test beside the smaller one.

        AICc and Q are those of known variances: regressions of counts lack them.

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
                    "parameters": parameters(fit),
                    "AIC": float(fit.aic),
                    "BIC": float(fit.bic),
                    **_normal_figures(fit, "AICc", "aicc"),
                    "loglik": float(fit.loglik),
                    "LRT": float(self.statistic) if small else np.nan,
                    "df": float(self.df) if small else np.nan,
                    "p": float(self.p) if small else np.nan,
                    **_normal_figures(fit, "Q", "Q"),
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
        if isinstance(fit, CountsRegression):
            return fit.record["formula"]
        return fit.method.formula or ", ".join(fit.names)


def likelihood_ratio_test(first: Fit, second: Fit) -> LikelihoodRatioTest:
    r"""Compare two nested regressions of the same effects, or of the same counts.

    .. math:: \Lambda = 2(\ell_1 - \ell_0) \sim \chi^2_{m_1 - m_0}

    Parameters
    ----------
    first, second : MetaRegression or CountsRegression
        Both of one kind, in either order. The model that pools counts is
        ``glmm_regression(evidence, "~ 1", data={...})``.

    Raises
    ------
    InvalidEvidenceError
        Where the effects or the counts differ; where neither model's columns are
        combinations of the other's; where both models are the same; where there is no
        likelihood; between restricted likelihoods of different columns, which are
        likelihoods of different data: refit with ``tau2="ML"``; and between mixed
        models of counts of different measures, models, codings of the effects, or
        numbers of nodes where a likelihood still depends on them.

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
    for field, fit in (("first", first), ("second", second)):
        require_kind(
            fit,
            (MetaRegression, CountsRegression),
            field=field,
            requirement="a result of meta_regression or glmm_regression",
        )
    reduced, full = sorted((first, second), key=parameters)
    require_comparable(reduced, full)
    df = require_nested(reduced, full)
    statistic = np.maximum(2.0 * (full.loglik - reduced.loglik), 0.0)
    p = tails.chi2_p(statistic, float(df))
    log_p = tails.log_chi2_p(statistic, float(df))
    boundary = at_boundary(reduced, full)
    if boundary:
        p = np.where(statistic > 0.0, 0.5 * p, 1.0)
        log_p = np.where(statistic > 0.0, np.log(0.5) + log_p, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        R2 = 100.0 * np.maximum(0.0, 1.0 - np.divide(full.tau2, reduced.tau2))
    estimated = np.greater(reduced.tau2, 0.0) & (not holds_tau2(reduced))
    return LikelihoodRatioTest(
        statistic=np.asarray(statistic),
        df=df,
        p=np.asarray(p),
        log_p=np.asarray(log_p),
        boundary=boundary,
        R2=np.where(estimated, R2, np.nan),
        reduced=reduced,
        full=full,
    )


def _normal_figures(fit: Fit, name: str, field: str) -> dict[str, float]:
    if isinstance(fit, CountsRegression):
        return {}
    return {name: float(getattr(fit, field))}
