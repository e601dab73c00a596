"""Robust standard errors of a meta-regression whose effects come in clusters."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from k2stats._typing import Floats, Ints
from k2stats.errors import InvalidEvidenceError, UnknownMethodError, require_kind
from k2stats.models.mean_tests import quantile, two_sided_p
from k2stats.models.sandwich import SANDWICH, Sandwich, blocks_of, sandwich
from k2stats.results._level import check_level
from k2stats.results._shown import Sheet, Shown
from k2stats.results._words import fixed, p_cell, p_text, percent, whole
from k2stats.results.linear_hypothesis import f_p
from k2stats.results.regression import MetaRegression, require_plain

RobustTest = Literal["Satterthwaite", "naive-t", "naive-tp", "z"]
ALONE = {"HC0": "CR0", "HC1": "CR1p", "HC2": "CR2", "HC3": "CR3"}
"""Heteroscedasticity-consistent kinds: each study is a cluster of its own."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RobustFit(Shown):
    """Coefficients with cluster-robust standard errors.

    Attributes
    ----------
    names : tuple of str
    estimate, se, statistic, df, p, ci_low, ci_high : ndarray, shape (p,)
    cov : ndarray, shape (p, p)
    vcov : str
        Kind of covariance, as it was asked for.
    test : str
        What the degrees of freedom are.
    clusters : int
    level : float
    omnibus, omnibus_ddf, omnibus_p : float
        F test of all coefficients but the intercept, on m - p degrees of freedom
        (m clusters); NaN where there are none.
    fit : MetaRegression
    """

    names: tuple[str, ...]
    estimate: Floats
    se: Floats
    statistic: Floats
    df: Floats
    p: Floats
    ci_low: Floats
    ci_high: Floats
    cov: Floats
    vcov: str
    test: str
    clusters: int
    level: float
    omnibus: float
    omnibus_ddf: float
    omnibus_p: float
    fit: MetaRegression

    def to_frame(self) -> pd.DataFrame:
        """One row a coefficient."""
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
            index=list(self.names),
        )

    def _sheet(self) -> Sheet:
        level, normal = percent(self.level), self.test == "z"
        cells = {
            "": list(self.names),
            "estimate": [fixed(x) for x in self.estimate],
            "SE": [fixed(x) for x in self.se],
            "z" if normal else "t": [fixed(x) for x in self.statistic],
            "df": [whole(x) for x in self.df],
            "p": [p_cell(x) for x in self.p],
            f"{level} low": [fixed(x) for x in self.ci_low],
            f"{level} high": [fixed(x) for x in self.ci_high],
        }
        if normal:
            del cells["df"]
        tested = len(self.fit.design.tested)
        notes = [f"Degrees of freedom: {self.test}."] if not normal else []
        if not np.isnan(self.omnibus):
            notes.append(
                f"Test of moderators: F({tested}, {whole(self.omnibus_ddf)}) = "
                f"{fixed(self.omnibus)}, p {p_text(self.omnibus_p)}."
            )
        title = f"Robust standard errors, {self.vcov}"
        if self.vcov not in ALONE:
            title = f"Cluster-robust standard errors, {self.vcov}"
            title += f", {self.clusters} clusters"
        return Sheet(title, cells, tuple(notes))


def robust(
    fit: MetaRegression,
    cluster: Sequence[Hashable] | None = None,
    *,
    vcov: str = "CR2",
    test: RobustTest = "Satterthwaite",
    level: float | None = None,
) -> RobustFit:
    r"""Cluster-robust standard errors and tests.

    The coefficients stay; the working model, :math:`\Phi_k = v_k + \hat\tau^2` and no
    correlation, may be wrong.

    Parameters
    ----------
    fit : MetaRegression
        Of one data set.
    cluster : sequence, optional
        Cluster of each study in the fit, of K labels or, where studies were left out,
        of those there were; each study is its own when left out.
    vcov : str
        A name in :data:`k2stats.models.sandwich.SANDWICH`: ``"CR0"``, ``"CR1"``,
        ``"CR1p"``, ``"CR1S"``, ``"CR2"``, ``"CR3"``; or ``"HC0"`` to ``"HC3"``, which
        are CR0, CR1p, CR2 and CR3 with each study its own cluster.
    test : {"Satterthwaite", "naive-t", "naive-tp", "z"}
        Degrees of freedom: estimated for each coefficient; m - 1; m - p; none.
    level : float, optional

    Raises
    ------
    InvalidEvidenceError, UnknownMethodError

    References
    ----------
    Hedges, Tipton & Johnson (2010). Research Synthesis Methods 1:39-65.
    MacKinnon & White (1985). Journal of Econometrics 29:305-325.
    Tipton (2015). Psychological Methods 20:375-393.

    Examples
    --------
    >>> from k2stats.effectsizes import EffectSizes
    >>> from k2stats.models.meta_regression import meta_regression
    >>> es = EffectSizes.from_arrays([0.1, 0.3, 0.2, 0.6, 0.4], [0.02] * 5)
    >>> fit = meta_regression(es, "~ dose", data={"dose": [0, 1, 2, 3, 4]})
    >>> made = robust(fit, ["a", "a", "b", "c", "d"])
    >>> made.to_frame()[["estimate", "se", "df"]].round(3)
               estimate     se     df
    Intercept      0.14  0.044  1.092
    dose           0.09  0.039  1.429
    """
    require_kind(
        fit,
        MetaRegression,
        field="fit",
        requirement="a MetaRegression, as meta_regression() makes it",
    )
    if fit.beta.ndim != 1:
        raise InvalidEvidenceError(
            field="fit", requirement="one meta-regression, not a batch"
        )
    require_plain(fit)
    if vcov in ALONE and cluster is not None:
        raise InvalidEvidenceError(
            field="vcov", requirement="one of CR0 to CR3 with clusters", given=vcov
        )
    kind = ALONE.get(vcov, vcov)
    if kind not in SANDWICH:
        raise UnknownMethodError(
            kind="robust covariance", name=vcov, known=(*SANDWICH, *ALONE)
        )
    codes = _codes(fit, cluster)
    variance = fit.effects.v + float(fit.tau2)

    def phi(rows: Ints) -> Floats:
        return np.asarray(variance[rows][..., np.newaxis] * np.eye(rows.shape[1]))

    scale = np.abs(fit.design.X).max(axis=0)
    made = sandwich(fit.design.X / scale, fit.residuals(), blocks_of(codes, phi), kind)
    m, p = int(codes.max()) + 1, len(fit.names)
    return _assembled(fit, made, scale, m, p, vcov=vcov, test=test, level=level)


def _assembled(
    fit: MetaRegression,
    made: Sandwich,
    scale: Floats,
    m: int,
    p: int,
    *,
    vcov: str,
    test: RobustTest,
    level: float | None,
) -> RobustFit:
    at = fit.method.level if level is None else level
    check_level(at)
    cov = made.cov / np.outer(scale, scale)
    se = np.sqrt(np.diagonal(cov))
    if test == "Satterthwaite":
        df = np.array([made.df(row) for row in np.eye(p)])
    else:
        given = {"naive-t": m - 1.0, "naive-tp": float(m - p), "z": np.inf}
        if test not in given:
            raise InvalidEvidenceError(
                field="test",
                requirement="'Satterthwaite', 'naive-t', 'naive-tp' or 'z'",
                given=test,
            )
        df = np.full(p, given[test])
    df = np.where(df > 0.0, df, np.nan)
    reference = None if test == "z" else df
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = fit.beta / se
    half = quantile(reference, at) * se
    tested = list(fit.design.tested)
    F, ddf = np.nan, float(m - p)
    if m - p > 0 and m > len(tested):
        b, c = fit.beta[tested], cov[np.ix_(tested, tested)]
        size = np.sqrt(np.diagonal(c))
        u = np.linalg.solve(c / np.outer(size, size), b / size)
        F = float((b / size) @ u) / len(tested)
    return RobustFit(
        names=fit.names,
        estimate=fit.beta,
        se=np.asarray(se),
        statistic=np.asarray(statistic),
        df=df,
        p=two_sided_p(np.asarray(statistic), reference),
        ci_low=np.asarray(fit.beta - half),
        ci_high=np.asarray(fit.beta + half),
        cov=cov,
        vcov=vcov,
        test=test,
        clusters=m,
        level=at,
        omnibus=F,
        omnibus_ddf=ddf,
        omnibus_p=float(f_p(np.asarray(F), len(tested), np.asarray(ddf))),
        fit=fit,
    )


def _codes(fit: MetaRegression, cluster: Sequence[Hashable] | None) -> Ints:
    k = fit.effects.k
    if cluster is None:
        return np.arange(k)
    labels = list(cluster)
    gone = {row for rows in fit.missing.values() for row in rows}
    if len(labels) == k + len(gone) and gone:
        labels = [x for i, x in enumerate(labels) if i not in gone]
    if len(labels) != k:
        raise InvalidEvidenceError(
            field="cluster", requirement=f"of length {k}", given=len(labels)
        )
    codes = pd.factorize(pd.Series(labels, dtype=object), use_na_sentinel=True)[0]
    bad = np.flatnonzero(codes < 0)
    if bad.size:
        raise InvalidEvidenceError(
            field="cluster", requirement="given for every study", rows=bad.tolist()
        )
    if codes.max() == 0:
        raise InvalidEvidenceError(
            field="cluster", requirement="of two clusters at least", given=1
        )
    return np.asarray(codes, dtype=np.int64)
