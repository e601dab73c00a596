"""Tests of small-study effects, each with a word on what it is worth."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from k2stats._typing import Floats
from k2stats.diagnostics._asymmetry import (
    ASYMMETRY_TESTS,
    Data,
    Outcome,
    Trials,
    p_values,
    trials,
)
from k2stats.diagnostics._studies import frozen, require_studies, with_estimator, worth
from k2stats.diagnostics.egger import PREDICTORS, Predictor, regression
from k2stats.effectsizes import EffectSizes
from k2stats.errors import InvalidEvidenceError, MissingInputError
from k2stats.render.tables import text_table
from k2stats.results._words import fixed, p_text
from k2stats.results.pooled import PooledEstimate


@dataclass(frozen=True, slots=True, eq=False)
class AsymmetryTest:
    """A test of whether small studies show other effects than large ones.

    Arrays have the batch shape ``(...)``.

    Attributes
    ----------
    method, label, reference : str
    statistic : ndarray
    df : ndarray
        Degrees of freedom, infinite for a normal reference.
    p, log_p : ndarray
        Two-sided.
    estimate, se : ndarray
        The slope that is tested, or the rank correlation (se NaN).
    limit, limit_low, limit_high : ndarray
        Intercept of the regression and its limits: the effect at a standard error
        of zero where the predictor is one of imprecision. NaN for rank tests.
    tau2 : ndarray
        Residual variance between studies; NaN where the test has none.
    k : ndarray
    level : float
        Of the limits.
    note : str
        What the test is worth with so few studies; empty from ten on.
    """

    method: str
    label: str
    reference: str
    statistic: Floats
    df: Floats
    p: Floats
    log_p: Floats
    estimate: Floats
    se: Floats
    limit: Floats
    limit_low: Floats
    limit_high: Floats
    tau2: Floats
    k: Floats
    level: float
    note: str

    def to_frame(self) -> pd.DataFrame:
        """One row an element of the batch."""
        names = (
            "statistic",
            "df",
            "p",
            "estimate",
            "se",
            "limit",
            "limit_low",
            "limit_high",
            "tau2",
            "k",
        )
        data = {name: np.ravel(getattr(self, name)) for name in names}
        frame = pd.DataFrame(data)
        frame.insert(0, "method", self.label)
        return frame

    def summary(self, digits: int = 4) -> str:
        """Text, with the note."""
        frame = self.to_frame()
        table = text_table({str(c): frame[c].tolist() for c in frame}, digits=digits)
        return f"{table}\n\n{self.note}" if self.note else table

    def __repr__(self) -> str:
        if self.p.shape:
            return f"{self.label}: tests of shape {self.p.shape}"
        letter = "z" if np.isinf(self.df) else f"t({fixed(self.df, 0)})"
        return (
            f"{self.label}: {letter} = {fixed(self.statistic)}, "
            f"p {p_text(self.p)}, K = {fixed(self.k, 0)}"
        )


def asymmetry_test(
    data: Data,
    method: str = "egger",
    *,
    measure: str | None = None,
    n1: ArrayLike | None = None,
    n2: ArrayLike | None = None,
    level: float = 0.95,
) -> AsymmetryTest:
    r"""Test for small-study effects by a named method.

    Parameters
    ----------
    data : EffectSizes, PooledEstimate, TwoByTwo or TwoMeans, shape (..., K)
        Methods with the trait ``"counts"`` need tables. A table without events, or
        without non-events, in both groups is left out.
    method : str
        A name in :data:`ASYMMETRY_TESTS`.
    measure : str, optional
        Computed from evidence: ``"OR"`` for counts and ``"SMD"`` for means when left
        out.
    n1, n2 : array-like, optional
        Group sizes beside effects, for Deeks and Pustejovsky.
    level : float
        Of the limits of the intercept.

    Raises
    ------
    UnknownMethodError
    MissingInputError
        Where the method needs what the data do not have.
    InvalidEvidenceError
        For fewer than three studies.

    References
    ----------
    Sterne et al. (2011). BMJ 343:d4002. Recommendations on such tests.

    Examples
    --------
    >>> from k2stats.evidence import TwoByTwo
    >>> table = TwoByTwo.from_counts(
    ...     events1=[4, 6, 3, 62, 33], n1=[123, 306, 231, 13598, 5069],
    ...     events2=[11, 29, 11, 248, 47], n2=[139, 303, 220, 12867, 5808])
    >>> asymmetry_test(table, "peters")
    Peters: t(3) = -0.0708, p = 0.9480, K = 5
    """
    entry = ASYMMETRY_TESTS[method]
    given = trials(data, measure=measure, n1=n1, n2=n2)
    _enough(given, entry.label)
    _spread(given, entry.label, entry.traits)
    outcome = entry.function(given)
    return _result(given, outcome, (method, entry.label, entry.reference), level)


def egger_test(
    data: Data,
    *,
    model: str = "rma",
    predictor: str = "sei",
    tau2: str | None = None,
    measure: str | None = None,
    level: float = 0.95,
) -> AsymmetryTest:
    r"""Egger's regression with a choice of model and predictor.

    .. math:: y_k = \beta_0 + \beta_1 x_k + u_k + e_k

    Parameters
    ----------
    data : EffectSizes, PooledEstimate, TwoByTwo or TwoMeans, shape (..., K)
    model : {"rma", "lm"}
        A meta-regression with residual heterogeneity tested by z, or a weighted
        regression with a dispersion factor tested by t with K - 2 degrees of freedom.
    predictor : str
        ``"sei"``, ``"vi"``, ``"ni"``, ``"ninv"``, ``"sqrtni"`` or ``"sqrtninv"``.
    tau2 : str, optional
        Estimator of the meta-regression; that of a fit, or REML, when left out.
    measure, level
        As in :func:`asymmetry_test`.

    Raises
    ------
    UnknownMethodError, MissingInputError, InvalidEvidenceError

    References
    ----------
    Egger, Davey Smith, Schneider & Minder (1997). BMJ 315:629-634.
    Sterne & Egger (2005), in Publication Bias in Meta-Analysis, ch. 6.

    Examples
    --------
    >>> from k2stats.effectsizes import EffectSizes
    >>> es = EffectSizes.from_arrays([0.1, 0.2, 0.4, 0.5], [0.01, 0.02, 0.05, 0.09])
    >>> egger_test(es, model="lm")
    Egger's regression on Standard error: t(2) = 12.4988, p = 0.0063, K = 4
    """
    shown = PREDICTORS[predictor]
    given = trials(data, measure=measure)
    _enough(given, "Egger's regression")
    _spread(given, "Egger's regression", ("effects", "regression"), shown.function)
    outcome = regression(given, model, predictor, _estimator(data, tau2))
    entry = ASYMMETRY_TESTS["egger" if model == "lm" else "egger-re"]
    label = f"{entry.label} on {shown.label}"
    return _result(
        given, outcome, (f"egger {model} {predictor}", label, entry.reference), level
    )


def asymmetry_tests(
    data: Data,
    *,
    measure: str | None = None,
    n1: ArrayLike | None = None,
    n2: ArrayLike | None = None,
) -> pd.DataFrame:
    """Every test that the data allow, one row each.

    That many tests of one question find something by chance: choose one beforehand.
    Those whose predictor is the same in all studies are left out.

    The LFK index of Furuya-Kanamori, Barendregt & Doi (2018), Int J Evid Based Healthc
    16:195-203, is not among them. In simulations its false positive rate went from 0%
    to almost 30% with the number and size of the studies and their heterogeneity, and
    it detected more than these tests only where it was inflated (Schwarzer, Ruecker &
    Semaca 2024, Research Synthesis Methods 15:603-615).

    Parameters
    ----------
    data, measure, n1, n2
        As in :func:`asymmetry_test`; one set of studies.

    Examples
    --------
    >>> from k2stats.effectsizes import EffectSizes
    >>> es = EffectSizes.from_arrays([0.1, 0.2, 0.4, 0.5], [0.01, 0.02, 0.05, 0.09])
    >>> asymmetry_tests(es)["method"].tolist()[:2]
    ["Egger's regression", "Egger's regression with residual heterogeneity"]
    """
    rows = []
    for name in ASYMMETRY_TESTS:
        try:
            test = asymmetry_test(data, name, measure=measure, n1=n1, n2=n2)
        except MissingInputError:
            continue
        except InvalidEvidenceError as error:
            if "unequal" not in str(error):
                raise
            continue
        rows.append(test.to_frame().assign(name=name))
    if not rows:
        raise InvalidEvidenceError(
            field="data", requirement="of unequal standard errors, or sizes"
        )
    return pd.concat(rows, ignore_index=True).set_index("name")


def _estimator(data: Data, tau2: str | None) -> str:
    if isinstance(data, EffectSizes | PooledEstimate):
        return with_estimator(data, tau2)[1]
    return "REML" if tau2 is None else tau2


def _enough(given: Trials, label: str) -> None:
    if given.y.ndim == 1:
        require_studies(int(given.k), 3, label)
    elif given.y.shape[-1] < 3:
        require_studies(given.y.shape[-1], 3, label)


def _spread(
    given: Trials,
    label: str,
    traits: Collection[str],
    predictor: Predictor | None = None,
) -> None:
    """Refuse one set whose predictor does not vary: NaN would be the answer."""
    if given.y.ndim != 1 or "regression" not in traits:
        return
    if predictor is not None:
        x = predictor(given)
    elif "effects" in traits:
        x = given.v
    elif "groups" in traits:
        n1, n2 = given.groups(label)
        x = n1 * n2 / (n1 + n2)
    else:
        x = given.sizes(label)
    there = x[given.present]
    if float(np.ptp(there)) <= 1e-12 * float(np.abs(there).max()):
        raise InvalidEvidenceError(
            field="data",
            requirement=f"of unequal standard errors, or sizes, for {label}",
        )


def _result(
    given: Trials, outcome: Outcome, words: tuple[str, str, str], level: float
) -> AsymmetryTest:
    if not 0.0 < level < 1.0:
        raise InvalidEvidenceError(
            field="level", requirement="between 0 and 1", given=level
        )
    method, label, reference = words
    p, log_p = p_values(outcome)
    shape = outcome.statistic.shape
    df = np.inf if outcome.df is None else outcome.df
    df = np.broadcast_to(np.asarray(df, dtype=float), shape)
    tail = 0.5 + 0.5 * level
    with np.errstate(invalid="ignore"):
        many = np.isinf(df)
        t = special.stdtrit(np.where(many, 1.0, df), tail)
        half = np.where(many, special.ndtri(tail), t) * outcome.limit_se
    return AsymmetryTest(
        method=method,
        label=label,
        reference=reference,
        statistic=frozen(outcome.statistic),
        df=frozen(df),
        p=frozen(p),
        log_p=frozen(log_p),
        estimate=frozen(outcome.estimate),
        se=frozen(outcome.se),
        limit=frozen(outcome.limit),
        limit_low=frozen(outcome.limit - half),
        limit_high=frozen(outcome.limit + half),
        tau2=frozen(outcome.tau2),
        k=frozen(given.k),
        level=level,
        note=worth(given.k),
    )
