"""Short checks of a set of p-values: R-index, TIVA, caliper test."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from k2stats.diagnostics._p_values import check_alpha, read_tests
from k2stats.diagnostics._studies import Effects, worth
from k2stats.errors import InvalidEvidenceError


@dataclass(frozen=True, slots=True)
class RIndex:
    """Replicability index.

    Attributes
    ----------
    median_power : float
        Median observed power, one tail.
    success_rate : float
        Share of significant results.
    inflation : float
        Success rate less median power.
    r_index : float
        Median power less inflation.
    k : int
    note : str
    """

    median_power: float
    success_rate: float
    inflation: float
    r_index: float
    k: int
    note: str


@dataclass(frozen=True, slots=True)
class Tiva:
    """Test of insufficient variance.

    Attributes
    ----------
    variance : float
        Of the z values; 1 or more where nothing is selected.
    chi2 : float
        Variance times K - 1.
    df : int
    p : float
        Lower tail: small where the z values are too much alike.
    k : int
    note : str
    """

    variance: float
    chi2: float
    df: int
    p: float
    k: int
    note: str


@dataclass(frozen=True, slots=True)
class Caliper:
    """Caliper test.

    Attributes
    ----------
    above, below : int
        Results just significant, and just not.
    width : float
        In z, on either side.
    critical : float
    p : float
        One-sided binomial, for an excess just above.
    note : str
    """

    above: int
    below: int
    width: float
    critical: float
    p: float
    note: str


def r_index(
    p: ArrayLike | Effects | None = None,
    *,
    z: ArrayLike | None = None,
    alpha: float = 0.05,
) -> RIndex:
    r"""Replicability index: median observed power less its inflation.

    .. math:: R = \operatorname{med}_k \Phi(z_k - z_{\alpha/2}) - (S -
        \operatorname{med}_k \Phi(z_k - z_{\alpha/2}))

    Parameters
    ----------
    p : array-like, EffectSizes or PooledEstimate, shape (K,)
        Two-sided p-values, or effects.
    z : array-like, shape (K,), optional
        z values in their place.
    alpha : float

    Raises
    ------
    InvalidEvidenceError

    References
    ----------
    Schimmack (2012). Psychological Methods 17:551-566, and its later formulation as
    the R-index.

    Examples
    --------
    >>> round(r_index([0.001, 0.004, 0.012, 0.021, 0.034]).r_index, 7)
    0.4191752
    """
    critical = check_alpha(alpha)
    given = read_tests(p, z=z)
    power = float(np.median(special.ndtr(given.z - critical)))
    success = float(np.mean(given.p <= alpha))
    return RIndex(
        median_power=power,
        success_rate=success,
        inflation=success - power,
        r_index=2.0 * power - success,
        k=given.k,
        note=worth(given.k, "selection"),
    )


def tiva(p: ArrayLike | Effects | None = None, *, z: ArrayLike | None = None) -> Tiva:
    r"""Test of insufficient variance of the z values.

    Independent z values have a variance of at least 1. Selection for significance
    makes them alike.

    .. math:: (K - 1)\,\widehat{\operatorname{Var}}(z) \sim \chi^2_{K - 1}

    Parameters
    ----------
    p, z
        As in :func:`r_index`.

    Raises
    ------
    InvalidEvidenceError
        For fewer than two.

    References
    ----------
    Schimmack (2014). The test of insufficient variance. Replication-Index.
    Renkewitz & Keiner (2019). Zeitschrift fuer Psychologie 227:261-279.

    Examples
    --------
    >>> found = tiva([0.001, 0.004, 0.012, 0.021, 0.034])
    >>> round(found.variance, 6), round(found.p, 6)
    (0.218788, 0.071902)
    """
    given = read_tests(p, z=z)
    if given.k < 2:
        raise InvalidEvidenceError(
            field="p", requirement="of length two or more", given=given.k
        )
    variance = float(np.var(given.z, ddof=1))
    df = given.k - 1
    return Tiva(
        variance=variance,
        chi2=df * variance,
        df=df,
        p=float(special.chdtr(df, df * variance)),
        k=given.k,
        note=worth(given.k, "selection"),
    )


def caliper(
    p: ArrayLike | Effects | None = None,
    *,
    z: ArrayLike | None = None,
    alpha: float = 0.05,
    width: float = 0.2,
) -> Caliper:
    r"""Compare the numbers of results just above and just below significance.

    Without selection a z value within a narrow caliper about the critical value falls
    on either side about as often.

    Parameters
    ----------
    p, z, alpha
        As in :func:`r_index`.
    width : float
        Of the caliper on either side, in z; Gerber and Malhotra take 5, 10, 15 and
        20 percent of the critical value.

    Raises
    ------
    InvalidEvidenceError

    References
    ----------
    Gerber & Malhotra (2008). Quarterly Journal of Political Science 3:313-326.

    Examples
    --------
    >>> found = caliper(z=[1.9, 2.0, 2.05, 2.1, 3.0])
    >>> found.above, found.below, found.p
    (3, 1, 0.3125)
    """
    critical = check_alpha(alpha)
    given = read_tests(p, z=z)
    if not (np.isfinite(width) and 0.0 < width < critical):
        raise InvalidEvidenceError(
            field="width",
            requirement=f"positive and below {critical:.3f}",
            given=width,
        )
    above = int(((given.z >= critical) & (given.z <= critical + width)).sum())
    below = int(((given.z < critical) & (given.z >= critical - width)).sum())
    total = above + below
    tail = 1.0
    if above:
        tail = float(special.betainc(above, total - above + 1.0, 0.5))
    return Caliper(
        above=above,
        below=below,
        width=width,
        critical=critical,
        p=tail if total else float("nan"),
        note=worth(total, "selection"),
    )
