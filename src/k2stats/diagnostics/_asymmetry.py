"""What a test of funnel-plot asymmetry takes and gives, and the table of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from k2stats._registry import Registry
from k2stats._typing import Bools, Floats
from k2stats.diagnostics._exact_fit import without_rounding
from k2stats.diagnostics._studies import effects_of
from k2stats.effectsizes import EffectSizes
from k2stats.effectsizes.compute import measures_of
from k2stats.errors import InvalidEvidenceError, MissingInputError
from k2stats.evidence import TwoByTwo, TwoMeans
from k2stats.evidence._coerce import as_floats
from k2stats.numerics import tails
from k2stats.numerics.wls import fit_wls
from k2stats.results.pooled import PooledEstimate


@dataclass(frozen=True, slots=True, eq=False)
class Trials:
    """Studies as the tests of asymmetry want them, shape (..., K).

    Attributes
    ----------
    y, v : ndarray
        Effects and variances; 0 and 1 where a study is absent.
    present : ndarray of bool
        False for tables without events, or without non-events, in either group.
    n, n1, n2 : ndarray or None
        Participants.
    table : TwoByTwo or None
    measure : str
    """

    y: Floats
    v: Floats
    present: Bools
    n: Floats | None
    n1: Floats | None
    n2: Floats | None
    table: TwoByTwo | None
    measure: str

    @property
    def k(self) -> Floats:
        """Number of studies, batch shape."""
        return np.asarray(self.present.sum(axis=-1), dtype=float)

    def counts(self, need: str) -> TwoByTwo:
        """Return the 2x2 tables.

        Raises
        ------
        MissingInputError
        """
        if self.table is None:
            raise MissingInputError(
                field="counts", needed_for=need, hint="give a TwoByTwo"
            )
        return self.table

    def sizes(self, need: str) -> Floats:
        """Return the total sample sizes.

        Raises
        ------
        MissingInputError
        """
        if self.n is None:
            raise MissingInputError(
                field="n", needed_for=need, hint="give sample sizes with the effects"
            )
        return self.n

    def groups(self, need: str) -> tuple[Floats, Floats]:
        """Return the sample sizes of both groups.

        Raises
        ------
        MissingInputError
        """
        if self.n1 is None or self.n2 is None:
            raise MissingInputError(
                field="n1, n2", needed_for=need, hint="give the size of each group"
            )
        return self.n1, self.n2


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """Figures of a test, of batch shape.

    Attributes
    ----------
    statistic : ndarray
    df : ndarray or None
        None for a normal reference.
    estimate, se : ndarray
        What is tested: a slope, or a rank correlation (se NaN).
    limit, limit_se : ndarray
        Effect at a standard error of zero, NaN where the test has none.
    tau2 : ndarray
        NaN where the test has none.
    p, log_p : ndarray or None
        Where not from the statistic's normal or t reference.
    """

    statistic: Floats
    df: Floats | None
    estimate: Floats
    se: Floats
    limit: Floats
    limit_se: Floats
    tau2: Floats
    p: Floats | None = None
    log_p: Floats | None = None


Test: TypeAlias = Callable[[Trials], Outcome]
ASYMMETRY_TESTS: Registry[Test] = Registry("asymmetry test")
"""Every test of small-study effects by the shape of the funnel."""

Data: TypeAlias = EffectSizes | PooledEstimate | TwoByTwo | TwoMeans


def trials(
    data: Data,
    *,
    measure: str | None = None,
    n1: ArrayLike | None = None,
    n2: ArrayLike | None = None,
) -> Trials:
    """Bring effects or evidence into one form.

    Parameters
    ----------
    data : EffectSizes, PooledEstimate, TwoByTwo or TwoMeans
        Effects, or evidence from which `measure` is computed.
    measure : str, optional
        ``"OR"`` for counts and ``"SMD"`` for means when left out.
    n1, n2 : array-like, shape (..., K), optional
        Group sizes beside effects.

    Raises
    ------
    InvalidEvidenceError
    """
    if isinstance(data, PooledEstimate):
        data = effects_of(data, "data")
    table = data if isinstance(data, TwoByTwo) else None
    if isinstance(data, EffectSizes):
        if measure is not None:
            raise InvalidEvidenceError(
                field="measure", requirement="left out where effects are given"
            )
        effects = data
        if not effects.complete.all():
            rows = np.flatnonzero(~effects.complete.reshape(-1, effects.k).all(0))
            raise InvalidEvidenceError(
                field="data",
                requirement="complete: an effect and a positive variance for each "
                "study (drop_incomplete() leaves the others out)",
                rows=rows.tolist(),
            )
        first = None if n1 is None else _sizes("n1", n1, effects)
        second = None if n2 is None else _sizes("n2", n2, effects)
    elif isinstance(data, TwoByTwo | TwoMeans):
        if n1 is not None or n2 is not None:
            raise InvalidEvidenceError(
                field="n1, n2", requirement="left out where evidence is given"
            )
        code = measure or ("OR" if isinstance(data, TwoByTwo) else "SMD")
        effects = measures_of(data, code)
        shape = effects.y.shape
        first, second = (np.broadcast_to(n, shape) for n in (data.n1, data.n2))
    else:
        raise InvalidEvidenceError(
            field="data",
            requirement="EffectSizes, a fit by pool(), TwoByTwo or TwoMeans",
            given=type(data).__name__,
        )
    present = effects.complete
    if table is not None:
        nothing = (table.a + table.c == 0.0) | (table.b + table.d == 0.0)
        present = present & ~nothing
    n = effects.n
    if n is None and first is not None and second is not None:
        n = first + second
    return Trials(
        y=np.where(present, effects.y, 0.0),
        v=np.where(present, effects.v, 1.0),
        present=present,
        n=None if n is None else np.broadcast_to(n, effects.y.shape),
        n1=first,
        n2=second,
        table=table,
        measure=effects.measure,
    )


def _sizes(field: str, values: ArrayLike, effects: EffectSizes) -> Floats:
    n = as_floats(field, values)
    if n.shape[-1] != effects.k:
        raise InvalidEvidenceError(
            field=field, requirement=f"of length {effects.k}", given=n.shape
        )
    if not (np.isfinite(n) & (n > 0.0)).all():
        raise InvalidEvidenceError(field=field, requirement="positive and finite")
    return np.broadcast_to(n, effects.y.shape)


def regress(
    y: Floats,
    x: Floats,
    w: Floats,
    k: Floats,
    *,
    tau2: Floats | None = None,
    dispersion: bool = True,
    normal: bool = False,
) -> Outcome:
    r"""Weighted regression of y on a constant and x, and the test of the slope.

    .. math:: y_k = \beta_0 + \beta_1 x_k + e_k, \qquad
        \operatorname{Var}(e_k) = \phi / w_k

    Parameters
    ----------
    y, x, w : ndarray, shape (..., K)
        A weight of zero leaves a study out.
    k : ndarray, shape (...)
        Number of studies.
    tau2 : ndarray, shape (...), optional
        Passed on to the outcome.
    dispersion : bool
        Estimate :math:`\phi` by the weighted residual mean square; otherwise it is 1.
    normal : bool
        Normal reference, otherwise t with K - 2 degrees of freedom.
    """
    X = np.stack([np.ones_like(x), np.where(w > 0.0, x, 0.0)], axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        fit = fit_wls(y, w, X)
        df = k - 2.0
        slope, rss = without_rounding(fit.beta[..., 1], fit.rss, y, x, w)
        phi = np.where(df > 0.0, rss / df, np.nan) if dispersion else 1.0
        se = np.sqrt(phi * fit.cov[..., 1, 1])
        return Outcome(
            statistic=np.asarray(slope / se),
            df=None if normal else df,
            estimate=slope,
            se=np.asarray(se),
            limit=fit.beta[..., 0],
            limit_se=np.asarray(np.sqrt(phi * fit.cov[..., 0, 0])),
            tau2=np.full(slope.shape, np.nan) if tau2 is None else tau2,
        )


def p_values(outcome: Outcome) -> tuple[Floats, Floats]:
    """Two-sided p and its logarithm."""
    if outcome.p is not None and outcome.log_p is not None:
        return outcome.p, outcome.log_p
    z = outcome.statistic
    with np.errstate(invalid="ignore"):
        if outcome.df is None:
            return tails.normal_p(z), tails.log_normal_p(z)
        df = np.where(outcome.df > 0.0, outcome.df, np.nan)
        return tails.student_p(z, df), tails.log_student_p(z, df)
