r"""How much one study, or one cluster of studies, moves a fit."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from k2stats._typing import Bools, Floats
from k2stats.diagnostics._influence_kernel import (
    Fits,
    delete_clusters,
    delete_one,
    fit_sets,
    leverage,
)
from k2stats.diagnostics._model import Model, model_of
from k2stats.diagnostics._studies import frozen, require_studies
from k2stats.effectsizes import EffectSizes
from k2stats.errors import InvalidEvidenceError
from k2stats.render.tables import text_table
from k2stats.results.pooled import PooledEstimate
from k2stats.results.regression import MetaRegression

if TYPE_CHECKING:
    from matplotlib.figure import Figure

VIECHTBAUER = "Viechtbauer & Cheung (2010). Research Synthesis Methods 1:112-125."


@dataclass(frozen=True, slots=True, eq=False)
class Influence:
    r"""What each deletion does to a fit; arrays are in study order.

    Attributes
    ----------
    study : tuple
        Labels.
    names : tuple of str
        Coefficients.
    rstudent : ndarray, shape (K,)
        Externally standardised (studentised deleted) residual.
    dffits : ndarray, shape (K,)
    cook_d : ndarray, shape (K,)
    cov_r : ndarray, shape (K,)
        Determinant of the covariance of the coefficients without the study, over
        that with it; below 1 where leaving it out makes the fit more precise.
    tau2_del, QE_del : ndarray, shape (K,)
        tau2 and the residual Q without the study.
    hat : ndarray, shape (K,)
    weight : ndarray, shape (K,)
        Percent.
    dfbetas : ndarray, shape (K, p)
    beta_del, se_del : ndarray, shape (K, p)
        Coefficients without the study, and their standard errors.
    converged : ndarray of bool, shape (K,)
        False, with NaN, where no fit exists without the study.
    p : int
        Number of coefficients.
    tau2_method : str
    tau2, QE : float
        With every study.
    """

    study: tuple[Hashable, ...]
    names: tuple[str, ...]
    rstudent: Floats
    dffits: Floats
    cook_d: Floats
    cov_r: Floats
    tau2_del: Floats
    QE_del: Floats
    hat: Floats
    weight: Floats
    dfbetas: Floats
    beta_del: Floats
    se_del: Floats
    converged: Bools
    p: int
    tau2_method: str
    tau2: float
    QE: float

    @property
    def influential(self) -> Bools:
        r"""Studies that pass one of the cut-offs of Viechtbauer and Cheung (2010).

        .. math:: |\mathrm{DFFITS}| > 3\sqrt{p / (K - p)},\quad
            P(\chi^2_p > D) < 0.5,\quad h > 3 p / K,\quad |\mathrm{DFBETAS}| > 1

        They are rules of thumb, not tests.
        """
        from scipy import special

        k, p = len(self.study), self.p
        with np.errstate(invalid="ignore"):
            return np.asarray(
                (np.abs(self.dffits) > 3.0 * np.sqrt(p / (k - p)))
                | (self.cook_d > special.chdtri(p, 0.5))
                | (self.hat > 3.0 * p / k)
                | (np.abs(self.dfbetas) > 1.0).any(axis=-1)
            )

    def to_frame(self) -> pd.DataFrame:
        """One row a study."""
        columns: dict[str, object] = {
            name: getattr(self, name)
            for name in (
                "rstudent",
                "dffits",
                "cook_d",
                "cov_r",
                "tau2_del",
                "QE_del",
                "hat",
                "weight",
            )
        }
        for j, name in enumerate(self.names):
            columns[f"dfbetas {name}"] = self.dfbetas[:, j]
        columns["influential"] = self.influential
        return pd.DataFrame(columns, index=pd.Index(self.study, name="study"))

    def summary(self, digits: int = 4) -> str:
        """Text table."""
        frame = self.to_frame().reset_index()
        return text_table({str(c): frame[c].tolist() for c in frame}, digits=digits)

    def plot(self, *, title: str = "") -> "Figure":
        """Panels beside each other, a study a line, with the cut-offs.

        Parameters
        ----------
        title : str
        """
        from k2stats.diagnostics.influence_plot import influence_plot

        return influence_plot(self, title)

    def __repr__(self) -> str:
        count = int(self.influential.sum())
        return f"Influence: {len(self.study)} studies, {count} beyond a cut-off"


@dataclass(frozen=True, slots=True, eq=False)
class ClusterDeletions:
    """The fit without each cluster; arrays are in order of appearance.

    Attributes
    ----------
    cluster : tuple
        Labels.
    size : ndarray, shape (C,)
        Studies in each.
    names : tuple of str
    beta, se : ndarray, shape (C, p)
        Coefficients without the cluster.
    tau2, Q : ndarray, shape (C,)
    cook_d, cov_r : ndarray, shape (C,)
    dfbetas : ndarray, shape (C, p)
    converged : ndarray of bool, shape (C,)
    """

    cluster: tuple[Hashable, ...]
    size: Floats
    names: tuple[str, ...]
    beta: Floats
    se: Floats
    tau2: Floats
    Q: Floats
    cook_d: Floats
    cov_r: Floats
    dfbetas: Floats
    converged: Bools

    def to_frame(self) -> pd.DataFrame:
        """One row a cluster."""
        columns: dict[str, object] = {"size": self.size}
        for j, name in enumerate(self.names):
            columns[name] = self.beta[:, j]
            columns[f"se {name}"] = self.se[:, j]
            columns[f"dfbetas {name}"] = self.dfbetas[:, j]
        columns |= {"tau2": self.tau2, "Q": self.Q}
        columns |= {"cook_d": self.cook_d, "cov_r": self.cov_r}
        return pd.DataFrame(columns, index=pd.Index(self.cluster, name="left out"))


def influence(
    fit: PooledEstimate | MetaRegression | EffectSizes,
    X: Floats | None = None,
    *,
    tau2: str | None = None,
) -> Influence:
    r"""Deletion diagnostics of a pooled estimate or a meta-regression.

    With :math:`(i)` for a fit without study i, tau2 estimated anew, and unadjusted
    covariances :math:`S = (X^\top W X)^{-1}`,

    .. math::
        t_i &= (y_i - x_i^\top\hat\beta_{(i)}) / \sqrt{v_i + \hat\tau^2_{(i)} +
            x_i^\top S_{(i)} x_i} \\
        \mathrm{DFFITS}_i &= x_i^\top(\hat\beta - \hat\beta_{(i)}) /
            \sqrt{h_i (v_i + \hat\tau^2_{(i)})} \\
        D_i &= (\hat\beta - \hat\beta_{(i)})^\top S^{-1}
            (\hat\beta - \hat\beta_{(i)}), \quad
        \mathrm{COVRATIO}_i = |S_{(i)}| / |S| \\
        \mathrm{DFBETAS}_{ij} &= (\hat\beta_j - \hat\beta_{j(i)}) /
            \sqrt{[(X^\top W_{(i)} X)^{-1}]_{jj}},
            \quad W_{(i)} = (V + \hat\tau^2_{(i)} I)^{-1}

    All K deletions are one batch.

    Parameters
    ----------
    fit : PooledEstimate, MetaRegression or EffectSizes
        A fit with its model; or effects, with `X` and `tau2` naming the model.
    X : ndarray, shape (K, p), optional
        Columns of a regression of effects.
    tau2 : str, optional
        Estimator, or ``"EE"``; that of the fit, or REML for effects.

    Raises
    ------
    InvalidEvidenceError
        For a batch, fewer than two studies more than coefficients, or a fit whose
        weights are not one over v + tau2.

    References
    ----------
    Viechtbauer & Cheung (2010). Research Synthesis Methods 1:112-125.

    Examples
    --------
    >>> es = EffectSizes.from_arrays([0.1, 0.2, 0.3, 1.9], [0.02, 0.03, 0.02, 0.03])
    >>> found = influence(es, tau2="DL")
    >>> found.rstudent.round(2).tolist()
    [-0.66, -0.53, -0.38, 8.78]
    """
    model = model_of(fit, X, tau2)
    y, v, columns = model.y, model.v, model.X
    require_studies(y.size, model.p + 2, "deletion diagnostics")
    full, deleted = delete_one(y, v, columns, model.tau2, model.fixed)
    with np.errstate(divide="ignore", invalid="ignore"):
        w = 1.0 / (v + full.tau2)
        hat = leverage(columns, w, full.cov)
        x = np.ones((y.size, 1)) if columns is None else columns
        spread = v + deleted.tau2
        mean = np.einsum("kj,kj->k", x, deleted.beta)
        uncertain = np.einsum("ki,kij,kj->k", x, deleted.cov, x)
        change = full.beta - deleted.beta
        shift = np.einsum("kj,kj->k", x, change)
        cook, ratio, dfbetas = _shifts(model, full, deleted)
        return Influence(
            study=model.study,
            names=model.names,
            rstudent=frozen((y - mean) / np.sqrt(spread + uncertain)),
            dffits=frozen(shift / np.sqrt(hat * spread)),
            cook_d=frozen(cook),
            cov_r=frozen(ratio),
            tau2_del=frozen(deleted.tau2),
            QE_del=frozen(deleted.Q),
            hat=frozen(hat),
            weight=frozen(100.0 * w / w.sum()),
            dfbetas=frozen(dfbetas),
            beta_del=frozen(deleted.beta),
            se_del=frozen(np.sqrt(np.diagonal(deleted.cov, axis1=-2, axis2=-1))),
            converged=deleted.converged,
            p=model.p,
            tau2_method=model.tau2,
            tau2=float(full.tau2),
            QE=float(full.Q),
        )


def leave_one_cluster_out(
    fit: PooledEstimate | MetaRegression | EffectSizes,
    cluster: Sequence[Hashable],
    X: Floats | None = None,
    *,
    tau2: str | None = None,
) -> ClusterDeletions:
    """Fit again without each cluster of studies, all as one batch.

    Parameters
    ----------
    fit, X, tau2
        As in :func:`influence`.
    cluster : sequence of length K
        The cluster (trial programme, team, country) of each study.

    Raises
    ------
    InvalidEvidenceError
        For a wrong length, or a single cluster.

    References
    ----------
    Viechtbauer & Cheung (2010). Research Synthesis Methods 1:112-125.

    Examples
    --------
    >>> es = EffectSizes.from_arrays([0.1, 0.2, 0.3, 1.9], [0.02, 0.03, 0.02, 0.03])
    >>> found = leave_one_cluster_out(es, ["a", "a", "b", "c"], tau2="DL")
    >>> found.beta[:, 0].round(3).tolist()
    [1.097, 0.731, 0.2]
    """
    model = model_of(fit, X, tau2)
    labels = list(dict.fromkeys(cluster))
    if len(cluster) != model.y.size:
        raise InvalidEvidenceError(
            field="cluster",
            requirement=f"of length {model.y.size}",
            given=len(cluster),
        )
    if len(labels) < 2:
        raise InvalidEvidenceError(
            field="cluster", requirement="at least two different labels"
        )
    number = {c: i for i, c in enumerate(labels)}
    codes = np.array([number[c] for c in cluster])
    full = _full(model)
    deleted = delete_clusters(model.y, model.v, model.X, model.tau2, codes, model.fixed)
    cook, ratio, dfbetas = _shifts(model, full, deleted)
    return ClusterDeletions(
        cluster=tuple(labels),
        size=frozen(np.bincount(codes).astype(float)),
        names=model.names,
        beta=frozen(deleted.beta),
        se=frozen(np.sqrt(np.diagonal(deleted.cov, axis1=-2, axis2=-1))),
        tau2=frozen(deleted.tau2),
        Q=frozen(deleted.Q),
        cook_d=frozen(cook),
        cov_r=frozen(ratio),
        dfbetas=frozen(dfbetas),
        converged=deleted.converged,
    )


def _full(model: Model) -> Fits:
    return fit_sets(model.y, model.v, model.X, model.tau2, tau2=model.fixed)


def _shifts(model: Model, full: Fits, deleted: Fits) -> tuple[Floats, Floats, Floats]:
    """Cook's distances, covariance ratios and DFBETAS of a batch of deletions."""
    with np.errstate(divide="ignore", invalid="ignore"):
        change = full.beta - deleted.beta
        w = 1.0 / (model.v + deleted.tau2[:, np.newaxis])
        if model.X is None:
            own = full.cov[0, 0]
            cook = change[:, 0] ** 2 / own
            ratio = deleted.cov[:, 0, 0] / own
            spread = 1.0 / w.sum(axis=-1, keepdims=True)
        else:
            precision = np.linalg.inv(full.cov)
            cook = np.einsum("mi,ij,mj->m", change, precision, change)
            ratio = np.linalg.det(deleted.cov) / np.linalg.det(full.cov)
            safe = np.where(np.isfinite(w), w, 1.0)
            inner = np.einsum("ki,mk,kj->mij", model.X, safe, model.X)
            spread = np.diagonal(np.linalg.inv(inner), axis1=-2, axis2=-1)
        return cook, np.asarray(ratio), np.asarray(change / np.sqrt(spread))
