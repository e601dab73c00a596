"""Tests of terms, of linear combinations of coefficients, and between levels."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from k2stats._typing import Floats
from k2stats.errors import InvalidEvidenceError, UnknownMethodError
from k2stats.evidence._coerce import as_floats
from k2stats.models.mean_tests import quantile, two_sided_p
from k2stats.results.linear_hypothesis import WaldTest, wald_test
from k2stats.results.regression import MetaRegression

Combination: TypeAlias = str | Mapping[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class Contrasts:
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
    L, found, labels = _rows(fit, combinations_)
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


def _rows(fit: MetaRegression, given: Any) -> tuple[Floats, Floats, tuple[str, ...]]:
    """Rows of L, right sides (NaN where not said) and labels."""
    if isinstance(given, str | Mapping):
        given = [given]
    if isinstance(given, Sequence) and all(isinstance(g, str | Mapping) for g in given):
        parts = [_row(fit, g) for g in given]
        L = np.array([p[0] for p in parts])
        return L, np.array([p[1] for p in parts]), tuple(p[2] for p in parts)
    L = np.atleast_2d(as_floats("L", given))
    if L.ndim != 2 or L.shape[1] != len(fit.names):
        raise InvalidEvidenceError(
            field="L",
            requirement=f"of {len(fit.names)} columns, one for each coefficient",
            given=L.shape,
        )
    labels = tuple(_label(row, fit.names) for row in L)
    return L, np.full(len(L), np.nan), labels


def _row(fit: MetaRegression, given: Combination) -> tuple[Floats, float, str]:
    row = np.zeros(len(fit.names))
    if isinstance(given, str):
        return _parsed(fit, given)
    for name, factor in given.items():
        row[fit.design.column(name)] += float(factor)
    return row, np.nan, _label(row, fit.names)


def _parsed(fit: MetaRegression, text: str) -> tuple[Floats, float, str]:
    """Read ``2*a - b = 1``; names are matched whole, the longest first."""
    names = sorted({*fit.names, *fit.r_names}, key=len, reverse=True)
    row, rhs, sign, right = np.zeros(len(fit.names)), 0.0, 1.0, False
    factor: float | None = None
    rest, said = text.strip(), False
    while rest:
        name = next((n for n in names if rest.startswith(n)), None)
        number = re.match(r"\d*\.?\d+(?:[eE][+-]?\d+)?", rest)
        if name is not None:
            row[fit.design.column(name)] += sign * (1.0 if factor is None else factor)
            rest, factor, sign = rest[len(name) :], None, -1.0 if right else 1.0
        elif number is not None:
            factor = float(number.group())
            rest = rest[number.end() :].lstrip()
            if rest.startswith("*"):
                rest = rest[1:]
            else:
                rhs -= sign * factor
                factor, sign = None, -1.0 if right else 1.0
        elif rest[0] in "+-":
            sign = sign * (1.0 if rest[0] == "+" else -1.0)
            rest = rest[1:]
        elif rest[0] == "=" and not right:
            right, said, sign = True, True, -1.0
            rest = rest[1:]
        else:
            raise UnknownMethodError(kind="coefficient", name=rest, known=fit.names)
        rest = rest.lstrip()
    if not row.any():
        raise InvalidEvidenceError(
            field="contrast", requirement="a combination of coefficients", given=text
        )
    label = (
        text.split("=", maxsplit=1)[0].strip()
        if said and text.count("=") == 1
        else text
    )
    return row, rhs if said or rhs else np.nan, label


def _label(row: Floats, names: tuple[str, ...]) -> str:
    parts = []
    for factor, name in zip(row.tolist(), names, strict=True):
        if factor:
            size = "" if abs(factor) == 1.0 else f"{abs(factor):g}*"
            parts.append(f"{'-' if factor < 0 else '+'} {size}{name}")
    text = " ".join(parts)
    return text[2:] if text.startswith("+ ") else text.replace("- ", "-", 1)
