"""Inference over all subsets of terms, weighted by an information criterion."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from k2stats._typing import Bools, Floats
from k2stats.effectsizes import EffectSizes
from k2stats.errors import InvalidEvidenceError
from k2stats.models.mean_tests import quantile, two_sided_p
from k2stats.models.meta_regression import meta_regression
from k2stats.models.regression_kernel import fit_columns
from k2stats.models.regression_statistics import likelihood_of
from k2stats.results._shown import Sheet, Shown
from k2stats.results._words import fixed
from k2stats.results.design_matrix import Columns, Term
from k2stats.results.regression import MetaRegression

CRITERIA = ("AICc", "AIC", "BIC")
_MOST = 1 << 16
_LISTED = 10
"""Models that a summary lists."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class MultiModel(Shown):
    r"""All models, the weight of each, and what they say together.

    Attributes
    ----------
    terms : tuple of str
        Those that come and go.
    included : ndarray of bool, shape (M, T)
        Terms of each model, the best model first.
    criterion : str
    value : ndarray, shape (M,)
        Of the criterion.
    weight : ndarray, shape (M,)
        :math:`\exp(-\Delta_i / 2)` over their sum.
    beta, se : ndarray, shape (M, p)
        Coefficients of each model, zero where a model lacks them.
    full : MetaRegression
        The model with every term.
    failed : int
        Models without an estimate of tau2, left out.
    """

    terms: tuple[str, ...]
    included: Bools
    criterion: str
    value: Floats
    weight: Floats
    beta: Floats
    se: Floats
    full: MetaRegression
    failed: int

    @property
    def importance(self) -> "pd.Series[float]":
        """Sum of the weights of the models with a term, the largest first."""
        sums = self.weight @ self.included
        series = pd.Series(sums, index=list(self.terms), name="importance")
        return series.sort_values(ascending=False, kind="stable")

    def to_frame(self, most: int | None = None) -> pd.DataFrame:
        """Models in order of the criterion."""
        shown = slice(0, most)
        labels = [
            " + ".join(t for t, here in zip(self.terms, row, strict=True) if here)
            or "1"
            for row in self.included[shown]
        ]
        value = self.value[shown]
        return pd.DataFrame(
            {
                "terms": labels,
                self.criterion: value,
                "delta": value - self.value[0],
                "weight": self.weight[shown],
            }
        )

    def averaged(self, level: float = 0.95) -> pd.DataFrame:
        r"""Coefficients averaged over all models, zero where a model lacks them.

        .. math:: \bar\beta = \sum_i w_i \hat\beta_i, \quad
            \operatorname{Var} = \sum_i w_i \left(\operatorname{SE}_i^2 +
            (\hat\beta_i - \bar\beta)^2\right)

        with a normal reference.

        References
        ----------
        Burnham & Anderson (2002). Model Selection and Multimodel Inference, 2nd ed.
        """
        mean = self.weight @ self.beta
        spread = self.weight @ (self.se**2 + (self.beta - mean) ** 2)
        se = np.sqrt(spread)
        z = mean / se
        half = quantile(None, level) * se
        return pd.DataFrame(
            {
                "estimate": mean,
                "se": se,
                "statistic": z,
                "p": two_sided_p(z, None),
                "low": mean - half,
                "high": mean + half,
            },
            index=list(self.full.names),
        )

    def _sheet(self) -> Sheet:
        frame = self.to_frame(_LISTED)
        cells = {"Terms": list(frame["terms"])}
        for name in (self.criterion, "delta", "weight"):
            cells[name] = [fixed(x) for x in frame[name]]
        said = ", ".join(f"{n} {x:.2f}" for n, x in self.importance.items())
        notes = [f"Importance, the sum of the weights with a term: {said}."]
        more = self.weight.size - len(frame)
        if more > 0:
            notes.insert(0, f"... and {more} more.")
        if self.failed:
            notes.append(f"Without an estimate of tau2: {self.failed}.")
        title = f"Multimodel inference by {self.criterion}, {self.weight.size} models"
        return Sheet(title, cells, tuple(notes))


def multimodel(
    es: EffectSizes,
    formula: str,
    *,
    data: Columns | None = None,
    key: str | None = None,
    tau2: str = "ML",
    ci: str = "z",
    criterion: str = "AICc",
    always: Sequence[str] = (),
    drop_missing: bool = False,
) -> MultiModel:
    """Fit every subset of the terms of a formula and weigh the models.

    An interaction comes only with the terms it is made of. All subsets with one number
    of columns are one batch.

    Parameters
    ----------
    es : EffectSizes
        One data set.
    formula, data, key, drop_missing
        Of the full model, as in
        :func:`~k2stats.models.meta_regression.meta_regression`. All models are of the
        studies that are complete in it.
    tau2 : str
        ``"ML"`` or ``"EE"``; restricted likelihoods of different terms do not compare.
    ci : str
        Test of the coefficients within each model, for their standard errors.
    criterion : {"AICc", "AIC", "BIC"}
    always : sequence of str
        Terms in every model.

    Raises
    ------
    InvalidEvidenceError
        Also for more than 65,536 models.
    UnknownMethodError

    References
    ----------
    Burnham & Anderson (2002). Model Selection and Multimodel Inference, 2nd ed.

    Examples
    --------
    >>> es = EffectSizes.from_arrays([0.1, 0.3, 0.2, 0.6, 0.5, 0.7], [0.02] * 6)
    >>> data = {"dose": [0, 1, 2, 3, 4, 5], "year": [7, 1, 9, 2, 8, 4]}
    >>> made = multimodel(es, "~ dose + year", data=data, tau2="ML")
    >>> made.to_frame()[["terms", "weight"]].round(3)
             terms  weight
    0            1   0.673
    1         dose   0.320
    2         year   0.008
    3  dose + year   0.000
    """
    if tau2 not in ("ML", "EE", "FE", "CE"):
        raise InvalidEvidenceError(
            field="tau2",
            requirement="'ML' or 'EE': likelihoods of different moderators compare",
            given=tau2,
        )
    if criterion not in CRITERIA:
        raise InvalidEvidenceError(
            field="criterion",
            requirement=f"one of {', '.join(CRITERIA)}",
            given=criterion,
        )
    if es.y.ndim != 1:
        raise InvalidEvidenceError(
            field="es", requirement="one set of studies, not a batch", given=es.shape
        )
    full = meta_regression(
        es,
        formula,
        data=data,
        key=key,
        tau2=tau2,
        ci=ci,
        drop_missing=drop_missing,
    )
    fixed = {full.design.term(name).name for name in always}
    free = [t for t in full.design.terms if t.name != "1" and t.name not in fixed]
    models = _models(full, free, fixed)
    return _weighed(full, free, models, tau2=tau2, ci=ci, criterion=criterion)


def _models(
    full: MetaRegression, free: list[Term], fixed: set[str]
) -> list[tuple[bool, ...]]:
    """Subsets in which every interaction has the terms it is made of."""
    if len(free) > 30 or 2 ** len(free) > 64 * _MOST:
        raise InvalidEvidenceError(
            field="formula", requirement="of fewer terms", given=len(free)
        )
    place = {t.name: j for j, t in enumerate(free)}
    needs: dict[int, set[int]] = {}
    for j, term in enumerate(free):
        parts = set(term.variables)
        needs[j] = {
            place[t.name]
            for t in free
            if set(t.variables) < parts and t.name not in fixed
        }
    found = [
        tuple(j in chosen for j in range(len(free)))
        for chosen in _subsets(len(free))
        if all(needs[j] <= chosen for j in chosen)
    ]
    if full.design.intercept is None and not fixed:
        found = [f for f in found if any(f)]
    if len(found) > _MOST:
        raise InvalidEvidenceError(
            field="formula", requirement=f"of {_MOST} models at most", given=len(found)
        )
    return found


def _subsets(n: int) -> Iterator[set[int]]:
    for size in range(n + 1):
        for chosen in combinations(range(n), size):
            yield set(chosen)


def _weighed(
    full: MetaRegression,
    free: list[Term],
    models: list[tuple[bool, ...]],
    *,
    tau2: str,
    ci: str,
    criterion: str,
) -> MultiModel:
    names = [t.name for t in free]
    p = len(full.names)
    columns = [_columns_of(full, names, model) for model in models]
    value = np.full(len(models), np.nan)
    beta, se = np.zeros((len(models), p)), np.zeros((len(models), p))
    y, v = full.effects.y, full.effects.v
    for size in sorted({len(c) for c in columns}):
        which = [i for i, c in enumerate(columns) if len(c) == size]
        X = np.stack([full.design.X[:, columns[i]] for i in which])
        many = (len(which), y.size)
        made = fit_columns(
            np.broadcast_to(y, many),
            np.broadcast_to(v, many),
            X,
            tau2=tau2,
            ci=ci,
        )
        fitted = likelihood_of(made, X)
        assert fitted is not None
        values = {"AICc": fitted.aicc, "AIC": fitted.aic, "BIC": fitted.bic}[criterion]
        value[which] = np.where(made.tau2.converged, values, np.nan)
        for row, i in enumerate(which):
            beta[i, columns[i]] = made.inference.beta[row]
            se[i, columns[i]] = made.inference.se[row]
    kept = np.flatnonzero(np.isfinite(value))
    order = kept[np.argsort(value[kept], kind="stable")]
    weight = np.exp(-0.5 * (value[order] - value[order[0]]))
    return MultiModel(
        terms=tuple(names),
        included=np.array(models, dtype=bool).reshape(len(models), len(names))[order],
        criterion=criterion,
        value=value[order],
        weight=weight / weight.sum(),
        beta=beta[order],
        se=se[order],
        full=full,
        failed=len(models) - kept.size,
    )


def _columns_of(
    full: MetaRegression, names: list[str], model: tuple[bool, ...]
) -> list[int]:
    out = {name for name, here in zip(names, model, strict=True) if not here}
    return [j for t in full.design.terms if t.name not in out for j in t.columns]
