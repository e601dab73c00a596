r"""Cluster-robust covariances of weighted least squares, with their degrees of freedom.

With working covariances :math:`\Phi_j` of clusters, :math:`W = \Phi^{-1}`,
:math:`M = (X^\top W X)^{-1}` and residuals e,

.. math:: V = c\,M \Bigl(\sum_j X_j^\top W_j A_j e_j e_j^\top A_j^\top W_j X_j\Bigr) M
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from k2stats._registry import Registry
from k2stats._typing import Floats, Ints


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """Clusters of one size, stacked.

    Attributes
    ----------
    rows : ndarray of int, shape (n, s)
        Rows of the data of each of n clusters.
    phi : ndarray, shape (n, s, s)
        Working covariances.
    """

    rows: Ints
    phi: Floats


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of rows, coefficients and clusters."""

    n: int
    p: int
    m: int


@dataclass(frozen=True, slots=True, eq=False)
class Adjustment:
    """What a kind of robust covariance multiplies by.

    Attributes
    ----------
    factor : float
        Of the covariance.
    power : float or None
        Of the residual covariance, relative to the working one, that residuals are
        multiplied with: -1/2 for CR2, -1 for CR3; None for no adjustment.
    """

    factor: float
    power: float | None = None


SandwichKind: TypeAlias = Callable[[Counts], Adjustment]
SANDWICH: Registry[SandwichKind] = Registry("robust covariance")
"""Kinds of cluster-robust covariances. With each study its own cluster, CR0 is HC0,
CR2 is HC2 and CR3 is HC3."""


@SANDWICH.register(
    "CR0",
    label="no small-sample adjustment",
    reference="Liang & Zeger (1986). Biometrika 73:13-22",
    equation="A = I",
)
def cr0(counts: Counts) -> Adjustment:
    """Residuals as they are."""
    return Adjustment(1.0)


@SANDWICH.register(
    "CR1",
    label="m / (m - 1)",
    reference="Pustejovsky & Tipton (2018). J. Business & Economic Statistics "
    "36:672-683",
    equation="c = m / (m - 1)",
)
def cr1(counts: Counts) -> Adjustment:
    """Correct for the number of clusters."""
    return Adjustment(counts.m / (counts.m - 1.0) if counts.m > 1 else np.nan)


@SANDWICH.register(
    "CR1p",
    label="m / (m - p)",
    reference="Hedges, Tipton & Johnson (2010). Research Synthesis Methods 1:39-65",
    equation="c = m / (m - p)",
)
def cr1p(counts: Counts) -> Adjustment:
    """Correct for the number of coefficients."""
    left = counts.m - counts.p
    return Adjustment(counts.m / left if left > 0 else np.nan)


@SANDWICH.register(
    "CR1S",
    label="m (n - 1) / ((m - 1)(n - p))",
    reference="Cameron & Miller (2015). J. Human Resources 50:317-372",
    equation="c = m (n - 1) / ((m - 1)(n - p))",
)
def cr1s(counts: Counts) -> Adjustment:
    """Correct for clusters and coefficients, as Stata does."""
    below = (counts.m - 1.0) * (counts.n - counts.p)
    return Adjustment(counts.m * (counts.n - 1.0) / below if below > 0 else np.nan)


@SANDWICH.register(
    "CR2",
    label="bias-reduced linearisation",
    reference="Bell & McCaffrey (2002). Survey Methodology 28:169-181; "
    "Pustejovsky & Tipton (2018). J. Business & Economic Statistics 36:672-683",
    equation="A = D' (D (Phi - X M X') D')^(-1/2) D, Phi = D'D",
)
def cr2(counts: Counts) -> Adjustment:
    """Unbiased where the working covariance is right."""
    return Adjustment(1.0, -0.5)


@SANDWICH.register(
    "CR3",
    label="approximate jackknife",
    reference="Bell & McCaffrey (2002). Survey Methodology 28:169-181",
    equation="A = (I - H)^(-1)",
)
def cr3(counts: Counts) -> Adjustment:
    """Residuals as if each cluster had been left out."""
    return Adjustment(1.0, -1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Sandwich:
    r"""A robust covariance, and what its degrees of freedom need.

    Attributes
    ----------
    cov : ndarray, shape (p, p)
    model : ndarray, shape (p, p)
        M, the covariance by the working model.
    scores : ndarray, shape (m, p)
        :math:`M X_j^\top W_j A_j e_j` of each cluster.
    spread : ndarray, shape (m, p, p)
        :math:`M X_j^\top W_j A_j \Phi_j A_j^\top W_j X_j M`.
    slope : ndarray, shape (m, p, p)
        :math:`M X_j^\top W_j A_j X_j`.
    """

    cov: Floats
    model: Floats
    scores: Floats
    spread: Floats
    slope: Floats

    def df(self, row: Floats) -> float:
        r"""Satterthwaite's degrees of freedom of a combination of coefficients.

        .. math:: \nu = \frac{(\operatorname{tr}\Gamma)^2}{\operatorname{tr}\Gamma^2},
            \quad \Gamma_{ij} = a_i^\top(\Phi - X M X^\top)_{ij}\,a_j,
            \quad a_j = A_j^\top W_j X_j M c

        at no more cost than p numbers a cluster.
        """
        d = np.einsum("p,mpq,q->m", row, self.spread, row)
        b = np.einsum("p,mpq->mq", row, self.slope)
        root = np.linalg.cholesky(self.model)
        z = b @ root
        own = (z * z).sum(axis=1)
        trace = float((d - own).sum())
        inner = z.T @ z
        square = float((d * d).sum() - 2.0 * (d * own).sum() + (inner * inner).sum())
        return trace * trace / square if square > 0.0 else float("nan")


def sandwich(
    X: Floats, residual: Floats, blocks: Sequence[Blocks], kind: str
) -> Sandwich:
    """Robust covariance of coefficients weighted by the working covariances.

    Parameters
    ----------
    X : ndarray, shape (N, p)
    residual : ndarray, shape (N,)
    blocks : sequence of Blocks
        Clusters by size.
    kind : str
        A name in :data:`SANDWICH`.

    Raises
    ------
    UnknownMethodError
    """
    p = X.shape[1]
    m = sum(b.rows.shape[0] for b in blocks)
    n = sum(b.rows.size for b in blocks)
    adjust = SANDWICH[kind].function(Counts(n, p, m))
    inverse = [np.linalg.inv(b.phi) for b in blocks]
    information = sum(
        np.einsum("nsp,nst,ntq->pq", X[b.rows], w, X[b.rows])
        for b, w in zip(blocks, inverse, strict=True)
    )
    model = np.linalg.inv(np.asarray(information))
    scores, spread, slope = [], [], []
    for b, w in zip(blocks, inverse, strict=True):
        x = X[b.rows]
        half = np.einsum("pq,nsq,nst->npt", model, x, w)
        if adjust.power is not None:
            half = half @ _adjusting(b.phi, x, model, adjust.power)
        scores.append(np.einsum("nps,ns->np", half, residual[b.rows]))
        spread.append(np.einsum("nps,nst,nqt->npq", half, b.phi, half))
        slope.append(half @ x)
    score = np.concatenate(scores)
    return Sandwich(
        cov=adjust.factor * (score.T @ score),
        model=model,
        scores=score,
        spread=np.concatenate(spread),
        slope=np.concatenate(slope),
    )


def _adjusting(phi: Floats, x: Floats, model: Floats, power: float) -> Floats:
    """Matrices A that give residuals the working covariance back."""
    left = phi - np.einsum("nsp,pq,ntq->nst", x, model, x)
    if power == -1.0:
        return np.asarray(phi @ np.linalg.pinv(left, hermitian=True))
    d = np.swapaxes(np.linalg.cholesky(phi), -1, -2)
    inner = d @ left @ np.swapaxes(d, -1, -2)
    values, vectors = np.linalg.eigh(inner)
    largest = np.maximum(values.max(axis=-1, keepdims=True), 1e-300)
    kept = values > 1e-12 * largest
    root = np.where(kept, np.where(kept, values, 1.0) ** power, 0.0)
    middle = np.einsum("nsi,ni,nti->nst", vectors, root, vectors)
    return np.asarray(np.swapaxes(d, -1, -2) @ middle @ d)


def blocks_of(clusters: Ints, phi: Callable[[Ints], Floats]) -> tuple[Blocks, ...]:
    """Group clusters by size.

    Parameters
    ----------
    clusters : ndarray of int, shape (N,)
    phi : callable
        From rows of shape (n, s) to working covariances of shape (n, s, s).
    """
    order = np.argsort(clusters, kind="stable")
    found, start = np.unique(clusters[order], return_index=True)
    sizes = np.diff(np.append(start, clusters.size))
    made = []
    for s in np.unique(sizes):
        first = start[sizes == s]
        rows = order[first[:, np.newaxis] + np.arange(s)]
        made.append(Blocks(rows, phi(rows)))
    assert found.size == sum(b.rows.shape[0] for b in made)
    return tuple(made)
