"""Tests of terms, of linear combinations of coefficients, and between levels."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from k2stats._typing import Floats
from k2stats.errors import InvalidEvidenceError, UnknownMethodError
from k2stats.evidence._coerce import as_floats
from k2stats.models._contrast_rows import Combination, rows_of
from k2stats.models.mean_tests import quantile, two_sided_p
from k2stats.results._regression_text import wald_text
from k2stats.results._shown import Sheet, Shown
from k2stats.results._words import fixed, p_cell, percent, whole
from k2stats.results.linear_hypothesis import WaldTest, wald_test
from k2stats.results.regression import MetaRegression


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Contrasts(Shown):
    """Linear combinations of coefficients, each and all together.

    Attributes
    ----------
    labels : tuple of str
    L : ndarray, shape (m, p)
    rhs : ndarray, shape (m,)
        What each is compared with.
    estimate, se, statistic, df, p, ci_low, ci_high : ndarray, shape (..., m)
        Estimates and limits of the combinations themselves; statistics of their
        difference from `rhs`. `df` is infinite for a normal reference.
    joint : WaldTest or None
        None where the combinations are linearly dependent.
    level : float
    """

    labels: tuple[str, ...]
    L: Floats
    rhs: Floats
    estimate: Floats
    se: Floats
    statistic: Floats
    df: Floats
    p: Floats
    ci_low: Floats
    ci_high: Floats
    joint: WaldTest | None
    level: float

    def to_frame(self) -> pd.DataFrame:
        """One row a combination.

        Raises
        ------
        InvalidEvidenceError
            For a batch.
        """
        if self.estimate.ndim != 1:
            raise InvalidEvidenceError(
                field="contrasts", requirement="of one data set for a frame"
            )
        return pd.DataFrame(
            {
                "estimate": self.estimate,
                "se": self.se,
                "statistic": self.statistic,
                "df": self.df,
                "p": self.p,
                "low": self.ci_low,
                "high": self.ci_high,
            },
            index=list(self.labels),
        )

    def _sheet(self) -> Sheet:
        title = "Linear combinations of coefficients"
        if self.estimate.ndim != 1:
            return Sheet(f"{title}, of shape {self.estimate.shape}", {})
        normal = bool(np.isinf(self.df).all())
        level = percent(self.level)
        cells = {
            "": list(self.labels),
            "estimate": [fixed(x) for x in self.estimate],
            "SE": [fixed(x) for x in self.se],
            "z" if normal else "t": [fixed(x) for x in self.statistic],
            "df": [whole(x) for x in self.df] if not normal else [],
            "p": [p_cell(x) for x in self.p],
            f"{level} low": [fixed(x) for x in self.ci_low],
            f"{level} high": [fixed(x) for x in self.ci_high],
        }
        if normal:
            del cells["df"]
        notes = []
        if np.any(self.rhs):
            notes.append(f"Compared with {', '.join(f'{x:g}' for x in self.rhs)}.")
        if self.joint is not None and len(self.labels) > 1:
            notes.append(f"All together: {wald_text(self.joint, 'chi2')}.")
        return Sheet(title, cells, tuple(notes))


def contrast(
    fit: MetaRegression,
    combinations_: Combination | Sequence[Combination] | ArrayLike,
    *,
    rhs: ArrayLike = 0.0,
    level: float | None = None,
) -> Contrasts:
    r"""Estimate and test linear combinations of coefficients.

    .. math:: H_0: L\beta = c

    Parameters
    ----------
    fit : MetaRegression
    combinations_ : str, mapping, array-like, or a sequence of the first two
        ``"ablat"``, ``"10*ablat - year = 1"``, ``{"ablat": 10}``, or rows of L. Text
        uses names of coefficients in either spelling.
    rhs : array-like
        What the combinations are compared with, where the text does not say.
    level : float, optional
        Of the intervals, those of the combinations.

    Raises
    ------
    UnknownMethodError
        For a name that is no coefficient.
    InvalidEvidenceError

    Examples
    --------
    >>> from k2stats.effectsizes import EffectSizes
    >>> from k2stats.models.meta_regression import meta_regression
    >>> es = EffectSizes.from_arrays([0.1, 0.3, 0.2, 0.6], [0.02, 0.01, 0.02, 0.03])
    >>> fit = meta_regression(es, "~ dose", data={"dose": [0, 1, 2, 3]}, ci="z")
    >>> contrast(fit, "Intercept + 2*dose").to_frame()[["estimate", "se"]].round(4)
                        estimate      se
    Intercept + 2*dose    0.3667  0.0816
    """
    L, found, labels = rows_of(fit, combinations_)
    wanted = np.broadcast_to(as_floats("rhs", rhs), (len(L),))
    against = np.where(np.isnan(found), wanted, found)
    return contrasts_of(fit, L, against, labels, level=level)


def contrasts_of(
    fit: MetaRegression,
    L: Floats,
    rhs: Floats,
    labels: tuple[str, ...],
    *,
    level: float | None = None,
) -> Contrasts:
    """Estimate and test the rows of L."""
    at = fit.method.level if level is None else level
    estimate = np.einsum("mp,...p->...m", L, fit.beta)
    with np.errstate(divide="ignore", invalid="ignore"):
        se = np.sqrt(np.einsum("mp,...pq,mq->...m", L, fit.cov, L))
        statistic = (estimate - rhs) / se
    one = [fit.reference.of_row(row, fit.cov) for row in L]
    df = (
        None
        if fit.reference.df is None
        else np.stack(
            [np.broadcast_to(np.asarray(d), estimate.shape[:-1]) for d in one], axis=-1
        )
    )
    half = quantile(df, at) * se
    independent = np.linalg.matrix_rank(L) == len(L)
    joint = wald_test(fit.beta, fit.cov, L, fit.reference, rhs, "joint")
    return Contrasts(
        labels=labels,
        L=L,
        rhs=rhs,
        estimate=estimate,
        se=np.asarray(se),
        statistic=np.asarray(statistic),
        df=np.full(estimate.shape, np.inf) if df is None else df,
        p=two_sided_p(np.asarray(statistic), df),
        ci_low=np.asarray(estimate - half),
        ci_high=np.asarray(estimate + half),
        joint=joint if independent else None,
        level=at,
    )


def wald_anova(fit: MetaRegression) -> pd.DataFrame:
    """Test each term of the formula, all its columns together.

    A main effect beside its interaction is tested at zero of the other moderator:
    centre moderators, or read the interaction.

    Parameters
    ----------
    fit : MetaRegression
        Of one data set.

    Returns
    -------
    DataFrame
        A row a term: degrees of freedom, chi-squared or F, p.

    Examples
    --------
    >>> from k2stats.effectsizes import EffectSizes
    >>> from k2stats.models.meta_regression import meta_regression
    >>> es = EffectSizes.from_arrays([0.1, 0.3, 0.2, 0.6, 0.5, 0.7], [0.02] * 6)
    >>> data = {"dose": [0, 1, 2, 3, 4, 5], "arm": ["a", "b", "c", "a", "b", "c"]}
    >>> fit = meta_regression(es, "~ dose + C(arm)", data=data)
    >>> wald_anova(fit).round(3)
            df  ddf       F      p
    dose     1  2.0  16.000  0.057
    C(arm)   2  2.0   0.714  0.583
    """
    rows, names = [], []
    identity = np.eye(len(fit.names))
    for term in fit.design.terms:
        if term.name == "1":
            continue
        test = term_test(fit, term.name, identity)
        names.append(term.name)
        rows.append(
            {
                "df": test.df,
                "ddf": np.inf if test.ddf is None else float(test.ddf),
                test.kind: float(test.statistic),
                "p": float(test.p),
            }
        )
    return pd.DataFrame(rows, index=names)


def term_test(
    fit: MetaRegression, term: str, identity: Floats | None = None
) -> WaldTest:
    """Test all columns of one term, by its name in the formula.

    Raises
    ------
    UnknownMethodError
        With the terms there are.

    Examples
    --------
    >>> from k2stats.effectsizes import EffectSizes
    >>> from k2stats.models.meta_regression import meta_regression
    >>> es = EffectSizes.from_arrays([0.1, 0.3, 0.2, 0.6, 0.5, 0.7], [0.02] * 6)
    >>> data = {"dose": [0, 1, 2, 3, 4, 5], "arm": ["a", "b", "c", "a", "b", "c"]}
    >>> fit = meta_regression(es, "~ dose + C(arm)", data=data)
    >>> test = term_test(fit, "C(arm)")
    >>> test.df, round(float(test.p), 3)
    (2, 0.583)
    """
    eye = np.eye(len(fit.names)) if identity is None else identity
    found = fit.design.term(term)
    L = eye[list(found.columns)]
    return wald_test(fit.beta, fit.cov, L, fit.reference, name=found.name)


def pairwise(
    fit: MetaRegression, moderator: str, *, level: float | None = None, **at: Any
) -> Contrasts:
    """Differences in mean effect between all pairs of levels of a moderator.

    Parameters
    ----------
    fit : MetaRegression
        Made from a formula.
    moderator : str
        One of labels, or of few numbers.
    level : float, optional
    **at
        Values of the other moderators; the first study's when left out. They matter
        only where `moderator` is in an interaction.

    Raises
    ------
    UnknownMethodError, InvalidEvidenceError

    Examples
    --------
    >>> from k2stats.effectsizes import EffectSizes
    >>> from k2stats.models.meta_regression import meta_regression
    >>> es = EffectSizes.from_arrays([0.1, 0.3, 0.2, 0.6, 0.5, 0.7], [0.02] * 6)
    >>> data = {"dose": [0, 1, 2, 3, 4, 5], "arm": ["a", "b", "c", "a", "b", "c"]}
    >>> fit = meta_regression(es, "~ dose + C(arm)", data=data)
    >>> pairwise(fit, "arm").to_frame()[["estimate", "se"]].round(3)
           estimate     se
    b - a    -0.083  0.127
    c - a    -0.167  0.139
    c - b    -0.083  0.127
    """
    design = fit.design
    if moderator not in design.moderators or design.encode is None:
        raise UnknownMethodError(
            kind="moderator", name=moderator, known=design.moderators
        )
    levels = sorted(set(design.data[moderator]), key=lambda v: (str(type(v)), v))
    if len(levels) > 40:
        raise InvalidEvidenceError(
            field="moderator",
            requirement="one of 40 levels at most for pairs of them",
            given=moderator,
        )
    others = {m: at.get(m, design.data[m][0]) for m in design.moderators}
    frame = pd.DataFrame({m: [v] * len(levels) for m, v in others.items()})
    frame[moderator] = levels
    rows = design.encode(frame)
    pairs = list(combinations(range(len(levels)), 2))
    L = np.array([rows[b] - rows[a] for a, b in pairs]).reshape(-1, rows.shape[1])
    labels = tuple(f"{levels[b]} - {levels[a]}" for a, b in pairs)
    return contrasts_of(fit, L, np.zeros(len(L)), labels, level=level)
