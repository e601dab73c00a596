"""Q, I2, H2, R_b and the coefficient of variation of the true effects."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from k2stats._typing import Floats
from k2stats.heterogeneity._closed import inverse_variance
from k2stats.heterogeneity._fixed_q import FixedQ
from k2stats.heterogeneity._studies import Studies, prepare
from k2stats.heterogeneity._validate import validate
from k2stats.heterogeneity.measures import h2_of_tau2, i2_of_h2, i2_of_tau2, r_b_of
from k2stats.numerics.tails import chi2_p, log_chi2_p

Basis: TypeAlias = Literal["tau2", "Q"]
"""What I2 and H2 are made of: an estimate of tau2, or Cochran's Q."""


@dataclass(frozen=True, slots=True, eq=False)
class QTest:
    """Cochran's test of homogeneity.

    Attributes
    ----------
    q : ndarray, shape (...)
    df : ndarray, shape (...)
        Studies less coefficients.
    p, log_p : ndarray, shape (...)
        Upper tail of chi-squared and its logarithm; 1 where there are no degrees of
        freedom.
    """

    q: Floats
    df: Floats
    p: Floats
    log_p: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Heterogeneity:
    r"""How much of the variation is between studies.

    Attributes
    ----------
    test : QTest
    tau2, tau : ndarray, shape (...)
    i2 : ndarray, shape (...)
        Per cent.
    h2 : ndarray, shape (...)
    r_b : ndarray, shape (...)
        Per cent.
    typical_variance : ndarray, shape (...)
        Of Higgins and Thompson, in squared units of the effect.
    basis : str
        ``"tau2"`` or ``"Q"``, what I2 and H2 are made of.
    """

    test: QTest
    tau2: Floats
    tau: Floats
    i2: Floats
    h2: Floats
    r_b: Floats
    typical_variance: Floats
    basis: Basis


def cochran_q(
    y: ArrayLike,
    v: ArrayLike,
    X: ArrayLike | None = None,
    *,
    mask: ArrayLike | None = None,
) -> QTest:
    r"""Cochran's test that all studies share one effect, or one regression.

    .. math:: Q = \sum_k \frac{(y_k - x_k^\top\hat\beta)^2}{v_k} \sim \chi^2_{K-p}

    Parameters
    ----------
    y, v, X, mask
        As :func:`k2stats.heterogeneity.estimate_tau2` takes them.

    Returns
    -------
    QTest

    Raises
    ------
    InvalidEvidenceError
        As :func:`k2stats.heterogeneity.estimate_tau2` does.

    References
    ----------
    Cochran (1954). Biometrics 10:101-129.

    Examples
    --------
    >>> test = cochran_q([0.1, 0.3, -0.2], [0.1, 0.2, 0.1])
    >>> float(test.q.round(6)), float(test.p.round(6))
    (0.94, 0.625002)
    """
    ys, vs, columns, present, _ = validate(y, v, X, mask, least=0)
    return q_test_of(prepare(ys, vs, columns, present))


def q_test_of(s: Studies) -> QTest:
    """:func:`cochran_q` for studies that are prepared."""
    with np.errstate(all="ignore"):
        return _q_test(s, inverse_variance(s)[0])


def _q_test(s: Studies, q: Floats) -> QTest:
    none, df = s.df <= 0, np.maximum(s.df, 1)
    q = np.where(none, 0.0, q)
    return QTest(
        q=q,
        df=np.asarray(s.df),
        p=np.where(none, 1.0, chi2_p(q, df)),
        log_p=np.where(none, 0.0, log_chi2_p(q, df)),
    )


def q_exact_p(
    y: ArrayLike,
    v: ArrayLike,
    X: ArrayLike | None = None,
    *,
    tau2: ArrayLike = 0.0,
    weights: ArrayLike | None = None,
    mask: ArrayLike | None = None,
    log: bool = False,
    lower: bool = False,
) -> Floats:
    r"""Exact probability of a larger Q than is observed if tau2 were as given.

    Q with weights 1/v, or any others, is a weighted sum of chi-squared variables
    under the random-effects model; where tau2 is zero and the weights are 1/v it is
    the usual chi-squared variable.

    Parameters
    ----------
    y, v, X, mask
        As :func:`k2stats.heterogeneity.estimate_tau2` takes them.
    tau2 : array-like, shape (...)
    weights : array-like, shape (..., K), optional
        Of the studies in Q; 1/v when left out.
    log : bool
        The logarithm, exact where the probability underflows.
    lower : bool
        The probability of a smaller Q.

    Raises
    ------
    InvalidEvidenceError
        As :func:`k2stats.heterogeneity.estimate_tau2` does.

    References
    ----------
    Biggerstaff & Jackson (2008). Statistics in Medicine 27:6093-6110.
    Jackson (2013). Research Synthesis Methods 4:220-229.

    Examples
    --------
    >>> y, v = [0.1, 0.3, -0.2], [0.1, 0.2, 0.1]
    >>> round(float(q_exact_p(y, v)), 6), round(float(q_exact_p(y, v, tau2=0.1)), 6)
    (0.625002, 0.769109)
    """
    ys, vs, columns, present, user = validate(y, v, X, mask, weights)
    s = prepare(ys, vs, columns, present, user)
    with np.errstate(all="ignore"):
        fixed = FixedQ.of(s, s.w() if s.weights is None else s.weights)
        t = np.broadcast_to(np.asarray(tau2) / s.scale**2, s.k.shape).reshape(-1)
        out = fixed.log_p(t, np.arange(t.size), lower=lower).reshape(s.k.shape)
        return out if log else np.asarray(np.exp(out))


def typical_variance(
    v: ArrayLike, X: ArrayLike | None = None, *, mask: ArrayLike | None = None
) -> Floats:
    r"""Return Higgins and Thompson's typical sampling variance.

    .. math:: \tilde v = \frac{K - p}{\operatorname{tr}(P)}, \qquad w_k = 1 / v_k

    Parameters
    ----------
    v, X, mask
        As :func:`k2stats.heterogeneity.estimate_tau2` takes them.

    References
    ----------
    Higgins & Thompson (2002). Statistics in Medicine 21:1539-1558, equation 9.

    Examples
    --------
    >>> round(float(typical_variance([0.1, 0.2, 0.1])), 6)
    0.125
    """
    vs = np.asarray(v, dtype=float)
    ys, vs, columns, present, _ = validate(np.zeros(vs.shape), vs, X, mask)
    s = prepare(ys, vs, columns, present)
    return typical_variance_of(s)


def typical_variance_of(s: Studies) -> Floats:
    """:func:`typical_variance` for studies that are prepared, in their units."""
    with np.errstate(all="ignore"):
        return np.asarray(s.df / inverse_variance(s)[1] * s.scale**2)


def heterogeneity(
    y: ArrayLike,
    v: ArrayLike,
    X: ArrayLike | None = None,
    *,
    tau2: ArrayLike,
    basis: Basis = "tau2",
    mask: ArrayLike | None = None,
) -> Heterogeneity:
    r"""Return Q, I2, H2 and R_b of one data set or of a batch.

    From an estimate of tau2 and the typical variance, or from Q:

    .. math::
        I^2 &= 100 \frac{\tau^2}{\tau^2 + \tilde v}, &
        H^2 &= \frac{\tau^2 + \tilde v}{\tilde v} & (\text{tau2}) \\
        I^2 &= 100 \max\Bigl\{0, \frac{Q - (K - p)}{Q}\Bigr\}, &
        H^2 &= \frac{Q}{K - p} & (\text{Q}) \\
        R_b &= \frac{100}{K} \sum_k \frac{\tau^2}{\tau^2 + v_k}

    Parameters
    ----------
    y, v, X, mask
        As :func:`k2stats.heterogeneity.estimate_tau2` takes them.
    tau2 : array-like, shape (...)
    basis : {"tau2", "Q"}
        The two agree where tau2 is DerSimonian and Laird's. For a common-effect model
        the first would always be zero: take the second.

    Returns
    -------
    Heterogeneity

    Raises
    ------
    InvalidEvidenceError
        As :func:`k2stats.heterogeneity.estimate_tau2` does.

    References
    ----------
    Higgins & Thompson (2002). Statistics in Medicine 21:1539-1558.
    Crippa et al. (2016). Statistics in Medicine 35:3661-3675.

    Examples
    --------
    >>> h = heterogeneity([0.1, 0.9, -0.2], [0.1, 0.2, 0.1], tau2=0.125)
    >>> float(h.i2), float(h.h2), float(h.r_b.round(4))
    (50.0, 2.0, 49.8575)
    """
    ys, vs, columns, present, _ = validate(y, v, X, mask, least=0)
    s = prepare(ys, vs, columns, present)
    value = np.broadcast_to(np.asarray(tau2, dtype=float), ys.shape[:-1])
    return heterogeneity_of(s, value, basis)


def heterogeneity_of(s: Studies, tau2: Floats, basis: Basis = "tau2") -> Heterogeneity:
    """:func:`heterogeneity` for studies that are prepared; tau2 in their units."""
    with np.errstate(all="ignore"):
        q, trace, _, _ = inverse_variance(s)
        test, typical = _q_test(s, q), np.asarray(s.df / trace * s.scale**2)
        if basis == "tau2":
            i2, h2 = i2_of_tau2(tau2, typical), h2_of_tau2(tau2, typical)
        else:
            i2, h2 = i2_of_h2(test.q / test.df), test.q / test.df
        t = np.asarray(tau2 / s.scale**2)
        return Heterogeneity(
            test=test,
            tau2=np.asarray(tau2),
            tau=np.asarray(np.sqrt(tau2)),
            i2=np.asarray(i2),
            h2=np.asarray(h2),
            r_b=r_b_of(s, t),
            typical_variance=typical,
            basis=basis,
        )
