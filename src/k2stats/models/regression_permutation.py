"""Permutation tests of the coefficients of a meta-regression."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
import pandas as pd

from k2stats._typing import Floats, Ints
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence._coerce import is_count
from k2stats.models.regression_kernel import RegressionFit, fit_columns
from k2stats.results._shown import Sheet, Shown
from k2stats.results._words import p_cell, p_text
from k2stats.results.linear_hypothesis import wald_test
from k2stats.results.regression import MetaRegression, require_plain

_BATCH = 4096
_TIE = 1e-8


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RegressionPermutation(Shown):
    """P-values by permutation, of each coefficient and of all moderators.

    Attributes
    ----------
    names : tuple of str
    p : ndarray, shape (p,)
        Two-sided, from the test statistics.
    omnibus_p : float
    exact : bool
        Whether every permutation was looked at.
    permutations : int
        How many were; distinct ones where the test is exact.
    failed : int
        Permutations for which tau2 was not found; they count as at least as extreme.
    standard_error : ndarray, shape (p,)
        Monte Carlo error of `p`, zero where the test is exact.
    """

    names: tuple[str, ...]
    p: Floats
    omnibus_p: float
    exact: bool
    permutations: int
    failed: int
    standard_error: Floats

    def to_frame(self) -> pd.DataFrame:
        """One row a coefficient."""
        return pd.DataFrame(
            {"p": self.p, "mc_error": self.standard_error}, index=list(self.names)
        )

    def _sheet(self) -> Sheet:
        how = "all" if self.exact else "drawn"
        cells = {"": list(self.names), "p": [p_cell(x) for x in self.p]}
        if not self.exact:
            cells["SE of p"] = [f"{x:.4f}" for x in self.standard_error]
        notes = [f"Test of moderators: p {p_text(self.omnibus_p)}."]
        if self.failed:
            notes.append(f"Without an estimate of tau2: {self.failed}.")
        title = f"Permutation test of the coefficients, {self.permutations} {how}"
        return Sheet(title, cells, tuple(notes))


def regression_permutation(
    fit: MetaRegression,
    *,
    permutations: int = 10_000,
    exact: bool | None = None,
    rng: int | np.random.Generator | None = None,
) -> RegressionPermutation:
    r"""Permute the rows of the design and refit, tau2 included.

    .. math:: p_j = \frac{\#\{|t_j^*| \ge |t_j|\}}{\#}

    over all distinct permutations, the observed one among them; or, by Monte Carlo,
    :math:`(1 + \#) / (1 + B)`.

    Parameters
    ----------
    fit : MetaRegression
        Of one data set. Its estimator and test are used throughout.
    permutations : int
        Most distinct permutations for the test to be exact, and the number drawn where
        there are more.
    exact : bool, optional
        Insist on one or the other.
    rng : int or Generator
        Needed where permutations are drawn.

    Raises
    ------
    InvalidEvidenceError
        For a batch, or where there are no moderators (see the permutation test of a
        mean), or without `rng` where it is needed, or over 2,000,000 permutations.

    References
    ----------
    Higgins & Thompson (2004). Statistics in Medicine 23:1663-1682.
    Follmann & Proschan (1999). Biometrics 55:732-737.
    Phipson & Smyth (2010). Stat. Appl. Genet. Mol. Biol. 9, article 39.

    Examples
    --------
    >>> from k2stats.effectsizes import EffectSizes
    >>> from k2stats.models.meta_regression import meta_regression
    >>> es = EffectSizes.from_arrays([0.1, 0.3, 0.2, 0.6, 0.5, 0.7], [0.02] * 6)
    >>> fit = meta_regression(es, "~ dose", data={"dose": [0, 1, 2, 3, 4, 5]})
    >>> made = regression_permutation(fit)
    >>> made.exact, made.p.round(3)
    (True, array([0.9  , 0.028]))
    """
    _check(fit, permutations)
    X = fit.design.X
    row_of = np.unique(X, axis=0, return_inverse=True)[1].reshape(-1)
    count = _distinct(row_of)
    use_exact = count <= permutations if exact is None else exact
    if use_exact and count > 2_000_000:
        raise InvalidEvidenceError(
            field="exact",
            requirement="false: there are more than 2,000,000 permutations",
            given=count,
        )
    tau2: str | float = fit.method.tau2.name
    if tau2 == "fixed":
        tau2 = float(fit.tau2)
    t0 = np.abs(fit.statistic)
    q0 = float(fit.omnibus.statistic)
    orders = (
        _every(row_of)
        if use_exact
        else _drawn(len(row_of), permutations, _generator(rng))
    )
    above, above_all = np.zeros(len(t0)), 0.0
    seen, failed = 0, 0
    while block := list(islice(orders, _BATCH)):
        order = np.array(block)
        made = fit_columns(
            fit.effects.y[order],
            fit.effects.v[order],
            X,
            tau2=tau2,
            ci=fit.method.ci.name,
            level=fit.method.level,
        )
        t, q = np.abs(made.inference.statistic), _omnibus(fit, made)
        bad = ~made.tau2.converged
        failed += int(bad.sum())
        above += ((t >= t0 * (1.0 - _TIE)) | bad[:, np.newaxis]).sum(axis=0)
        above_all += float(((q >= q0 * (1.0 - _TIE)) | bad).sum())
        seen += len(order)
    extra = 0.0 if use_exact else 1.0
    p = (above + extra) / (seen + extra)
    error = np.zeros(len(p)) if use_exact else np.sqrt(p * (1.0 - p) / seen)
    return RegressionPermutation(
        names=fit.names,
        p=p,
        omnibus_p=(above_all + extra) / (seen + extra),
        exact=use_exact,
        permutations=seen,
        failed=failed,
        standard_error=error,
    )


def _check(fit: MetaRegression, permutations: int) -> None:
    require_plain(fit)
    if fit.beta.ndim != 1:
        raise InvalidEvidenceError(
            field="fit", requirement="one meta-regression, not a batch"
        )
    if fit.design.tested == (fit.design.intercept,):
        raise InvalidEvidenceError(
            field="fit",
            requirement="a fit with moderators: rows that are alike permute to "
            "themselves",
        )
    if not is_count(permutations, least=1):
        raise InvalidEvidenceError(
            field="permutations", requirement="a positive number", given=permutations
        )


def _generator(rng: int | np.random.Generator | None) -> np.random.Generator:
    if rng is None:
        raise InvalidEvidenceError(
            field="rng", requirement="given where permutations are drawn"
        )
    return np.random.default_rng(rng)


def _omnibus(fit: MetaRegression, made: RegressionFit) -> Floats:
    L = np.eye(len(fit.names))[list(fit.design.tested)]
    inference = made.inference
    return wald_test(inference.beta, inference.cov, L, made.reference).statistic


def _distinct(row_of: Ints) -> int:
    """Number of distinct orders of rows some of which are alike."""
    counts = np.bincount(row_of)
    return math.factorial(len(row_of)) // math.prod(
        math.factorial(int(c)) for c in counts
    )


def _every(row_of: Ints) -> Iterator[Ints]:
    """Yield one order of the studies for each distinct order of the rows.

    Distinct orders of the row labels come in lexicographic order; the studies that
    take the places of one row keep theirs among themselves.
    """
    labels = np.sort(row_of).tolist()
    places = {r: np.flatnonzero(row_of == r).tolist() for r in set(labels)}
    while True:
        # labels[i] is the row that study i is given; its place is the next free one
        free = {r: iter(p) for r, p in places.items()}
        order = np.empty(len(labels), dtype=np.int64)
        for study, r in enumerate(labels):
            order[next(free[r])] = study
        yield order
        if not _advance(labels):
            return


def _advance(labels: list[int]) -> bool:
    """Go to the next permutation in lexicographic order, in place."""
    i = len(labels) - 2
    while i >= 0 and labels[i] >= labels[i + 1]:
        i -= 1
    if i < 0:
        return False
    j = len(labels) - 1
    while labels[j] <= labels[i]:
        j -= 1
    labels[i], labels[j] = labels[j], labels[i]
    labels[i + 1 :] = labels[i + 1 :][::-1]
    return True


def _drawn(k: int, number: int, rng: np.random.Generator) -> Iterator[Ints]:
    for _ in range(number):
        yield rng.permutation(k)
