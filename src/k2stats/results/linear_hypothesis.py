r"""Wald tests of linear combinations of coefficients.

.. math:: H_0: L\beta = c, \quad
    \chi^2 = (L\hat\beta - c)^\top (L C L^\top)^{-1} (L\hat\beta - c)

referred to a chi-squared with the rank of L, or divided by it to an F.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from k2stats._typing import Floats
from k2stats.numerics import tails


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    r"""What a combination of coefficients is referred to.

    Attributes
    ----------
    df : ndarray, shape (...), or None
        Degrees of freedom of t and F; None for the normal and chi-squared.
    m2 : ndarray of shape (..., p, p), or None
        :math:`X^\top W W X`, where the degrees of freedom are those of Kenward and
        Roger and depend on the combination.
    information : ndarray of shape (...), or None
        :math:`\tfrac12 \operatorname{tr}(PP)`, with `m2`.
    """

    df: Floats | None
    m2: Floats | None = None
    information: Floats | None = None

    def of_row(self, row: Floats, cov: Floats) -> Floats | None:
        r"""Degrees of freedom of one combination, or of each of several rows.

        Parameters
        ----------
        row : ndarray, shape (..., p)
        cov : ndarray, shape (..., p, p)
            Broadcastable with `row`.
        """
        if self.m2 is None or self.information is None:
            return self.df
        rank1 = np.einsum("...ij,...j->...i", cov, row)
        own = np.einsum("...i,...i->...", row, rank1)
        spread = np.einsum("...i,...ij,...j->...", rank1, self.m2, rank1)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(2.0 * self.information * (own / spread) ** 2)


@dataclass(frozen=True, slots=True, eq=False)
class WaldTest:
    """A Wald test.

    Attributes
    ----------
    name : str
        What is tested.
    statistic : ndarray, shape (...)
        A chi-squared where `ddf` is None, otherwise an F.
    df : int
        Rank of the hypothesis.
    ddf : ndarray, shape (...), or None
        Denominator degrees of freedom.
    p : ndarray, shape (...)
    """

    name: str
    statistic: Floats
    df: int
    ddf: Floats | None
    p: Floats

    @property
    def kind(self) -> str:
        """``"chi2"`` or ``"F"``."""
        return "chi2" if self.ddf is None else "F"

    def __str__(self) -> str:
        if self.statistic.ndim:
            return f"{self.name}: {self.kind} tests of shape {self.statistic.shape}"
        inner = f"{self.df}" if self.ddf is None else f"{self.df}, {self.ddf:.4g}"
        value = f"{self.kind}({inner}) = {self.statistic:.4g}, p = {self.p:.4g}"
        return f"{self.name}: {value}"


def f_p(statistic: Floats, df: float, ddf: Floats) -> Floats:
    """Upper tail of F; of chi-squared over `df` where `ddf` is infinite.

    Examples
    --------
    >>> round(float(f_p(np.array(4.0), 2, np.array(10.0))), 6)
    0.052922
    """
    with np.errstate(invalid="ignore"):
        finite = np.where(np.isfinite(ddf) & (ddf > 0.0), ddf, 1.0)
        x = np.maximum(statistic, 0.0)
        p = special.fdtrc(df, finite, x)
        out = np.where(np.isposinf(ddf), tails.chi2_p(df * x, float(df)), p)
        undefined = np.isnan(statistic) | np.isnan(ddf) | (ddf <= 0.0)
        return np.asarray(np.where(undefined, np.nan, out))


def wald_test(
    beta: Floats,
    cov: Floats,
    L: Floats,
    reference: Reference,
    rhs: Floats | float = 0.0,
    name: str = "",
) -> WaldTest:
    r"""Test :math:`L\beta = c`.

    Parameters
    ----------
    beta : ndarray, shape (..., p)
    cov : ndarray, shape (..., p, p)
    L : ndarray, shape (m, p)
        Of full row rank.
    reference : Reference
    rhs : ndarray of shape (m,), or float
    name : str

    Notes
    -----
    With Kenward and Roger's degrees of freedom and m > 1 the F is scaled as in
    section 3 of their paper, with the adjusted covariance throughout, so that the
    test of one row is the square of its t.

    References
    ----------
    Kenward and Roger (1997). Biometrics 53:983-997.
    """
    m = L.shape[0]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        gap = np.einsum("mp,...p->...m", L, beta) - rhs
        inner = np.einsum("mp,...pq,nq->...mn", L, cov, L)
        chi2 = np.einsum("...m,...m->...", gap, _solve(inner, gap))
        if reference.df is None:
            return WaldTest(name, chi2, m, None, tails.chi2_p(chi2, float(m)))
        factor, ddf = np.asarray(1.0), reference.df
        if reference.m2 is not None and m == 1:
            ddf = np.asarray(reference.of_row(L[0], cov))
        elif reference.m2 is not None and reference.information is not None:
            factor, ddf = _kenward_roger(cov, L, inner, reference)
        f = np.asarray(factor * chi2 / m)
        return WaldTest(name, f, m, np.asarray(ddf), f_p(f, m, np.asarray(ddf)))


def _kenward_roger(
    cov: Floats, L: Floats, inner: Floats, reference: Reference
) -> tuple[Floats, Floats]:
    """Scale and denominator degrees of freedom, for one variance component."""
    assert reference.m2 is not None
    assert reference.information is not None
    m = L.shape[0]
    lc = np.einsum("mp,...pq->...mq", L, cov)
    middle = np.einsum("...mp,...pq,...nq->...mn", lc, reference.m2, lc)
    share = np.moveaxis(
        np.stack([_solve(inner, middle[..., j]) for j in range(m)]), 0, -1
    )
    variance = 1.0 / reference.information
    a1 = variance * np.trace(share, axis1=-2, axis2=-1) ** 2
    a2 = variance * np.einsum("...mn,...nm->...", share, share)
    b = (a1 + 6.0 * a2) / (2.0 * m)
    g = ((m + 1.0) * a1 - (m + 4.0) * a2) / ((m + 2.0) * a2)
    below = 3.0 * m + 2.0 * (1.0 - g)
    c1, c2, c3 = g / below, (m - g) / below, (m + 2.0 - g) / below
    mean = 1.0 / (1.0 - a2 / m)
    spread = 2.0 / m * (1.0 + c1 * b) / ((1.0 - c2 * b) ** 2 * (1.0 - c3 * b))
    rho = spread / (2.0 * mean**2)
    ddf = 4.0 + (m + 2.0) / (m * rho - 1.0)
    return np.asarray(ddf / (mean * (ddf - 2.0))), np.asarray(ddf)


def _solve(matrix: Floats, vector: Floats) -> Floats:
    """Solve small symmetric systems, scaled to a unit diagonal; NaN if singular."""
    size = np.sqrt(np.diagonal(matrix, axis1=-2, axis2=-1))
    unit = matrix / (size[..., :, np.newaxis] * size[..., np.newaxis, :])
    bad = ~np.isfinite(unit).all(axis=(-2, -1))
    unit = np.where(bad[..., np.newaxis, np.newaxis], np.eye(matrix.shape[-1]), unit)
    values, vectors = np.linalg.eigh(unit)
    turned = np.einsum("...ji,...j->...i", vectors, vector / size)
    least = values.max(axis=-1, keepdims=True) * 1e-15
    turned = np.where(values > least, turned / values, np.nan)
    out = np.einsum("...ij,...j->...i", vectors, turned) / size
    return np.asarray(np.where(bad[..., np.newaxis], np.nan, out))
