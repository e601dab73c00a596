r"""Bounds of Bayes factors from p-values.

Bayes factors here are of the null over the alternative: small ones speak against the
null. A *minimum* Bayes factor is the least that any alternative of a class gives, so
that the evidence against the null is at most that strong.
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from k2stats._registry import Registry
from k2stats._typing import Floats
from k2stats.errors import MissingInputError
from k2stats.evidence._coerce import require, together
from k2stats.sensitivity.credibility import z_of

BayesBound: TypeAlias = Callable[[Floats, Floats], Floats]
"""Takes two-sided p-values and sample sizes (NaN where not given)."""

BAYES_FACTOR_BOUNDS: Registry[BayesBound] = Registry("Bayes factor bound")
"""Lower bounds of the Bayes factor. Trait ``n``: depends on the sample size."""


@BAYES_FACTOR_BOUNDS.register(
    "sellke",
    label="-e p log p",
    reference="Sellke, Bayarri and Berger (2001), Am Stat 55:62",
    equation="BF >= -e p ln p for p < 1/e, else 1",
)
def sellke(p: Floats, n: Floats) -> Floats:
    """Least over beta(a, 1) alternatives of the p-value, a below 1."""
    return np.where(p < np.exp(-1.0), -np.e * special.xlogy(p, p), 1.0)


@BAYES_FACTOR_BOUNDS.register(
    "-e q log q",
    label="-e (1 - p) log(1 - p)",
    reference="Held and Ott (2018), Annu Rev Stat Appl 5:393",
    equation="BF >= -e (1 - p) ln(1 - p) for p < 1 - 1/e, else 1",
)
def minus_e_q_log_q(p: Floats, n: Floats) -> Floats:
    """Least over beta(1, b) alternatives of the p-value, b above 1."""
    bound = -np.e * (1.0 - p) * np.log1p(-np.minimum(p, 0.9))
    return np.where(p < 1.0 - np.exp(-1.0), bound, 1.0)


@BAYES_FACTOR_BOUNDS.register(
    "edwards",
    label="Any simple alternative",
    reference="Edwards, Lindman and Savage (1963), Psychol Rev 70:193",
    equation="BF >= exp(-z^2 / 2)",
)
def edwards(p: Floats, n: Floats) -> Floats:
    """All of the alternative at the estimate: the strongest evidence there can be."""
    return np.asarray(np.exp(-0.5 * z_of(p) ** 2))


@BAYES_FACTOR_BOUNDS.register(
    "edwards-symmetric",
    label="Any alternative symmetric about the null",
    reference="Berger and Sellke (1987), J Am Stat Assoc 82:112",
    equation="BF >= min over m of phi(z) / [{phi(z - m) + phi(z + m)} / 2]",
)
def symmetric(p: Floats, n: Floats) -> Floats:
    r"""Half of the alternative at m on each side, m the likeliest.

    The most likely m solves :math:`m = z \tanh(m z)` and is 0 for z up to 1.
    """
    z = z_of(p)
    m = z.copy()
    # The map contracts to its largest root from above; slowly near z = 1 only.
    for _ in range(400):
        m = z * np.tanh(m * z)
    m = np.where(z <= 1.0, 0.0, m)
    # exp(-m^2/2) cosh(m z) without overflow
    log_gain = m * z - 0.5 * m**2 + np.log1p(np.exp(-2.0 * m * z)) - np.log(2.0)
    return np.asarray(np.exp(-log_gain))


@BAYES_FACTOR_BOUNDS.register(
    "edwards-normal",
    label="Any normal alternative around the null",
    reference="Edwards, Lindman and Savage (1963), Psychol Rev 70:193",
    equation="BF >= |z| exp(-z^2 / 2) sqrt(e) for |z| > 1, else 1",
)
def local_normal(p: Floats, n: Floats) -> Floats:
    """Normal alternatives around the null, of any variance."""
    z = z_of(p)
    return np.where(z > 1.0, z * np.exp(0.5 - 0.5 * z**2), 1.0)


@BAYES_FACTOR_BOUNDS.register(
    "held-ott",
    label="Any g-prior in a linear model of n observations",
    reference="Held and Ott (2016), Am Stat 70:335",
    equation="BF >= (1 + g (1 - R^2))^((n-1)/2) / (1 + g)^((n-2)/2), g = max(F - 1, 0)",
    traits=("n",),
)
def g_prior(p: Floats, n: Floats) -> Floats:
    r"""Least over Zellner's g of the Bayes factor of one coefficient.

    With :math:`F = t^2` on 1 and n - 2 degrees of freedom and
    :math:`R^2 = F / (F + n - 2)`. Tends to ``edwards-normal`` as n grows.
    """
    df = n - 2.0
    f = special.stdtrit(df, p / 2.0) ** 2
    g = np.maximum(f - 1.0, 0.0)
    unexplained = df / (f + df)
    log_bf = 0.5 * (n - 1.0) * np.log1p(g * unexplained) - 0.5 * df * np.log1p(g)
    return np.asarray(np.exp(log_bf))


def bayes_factor_bound(
    p: ArrayLike, bound: str = "sellke", *, n: ArrayLike | None = None
) -> Floats:
    r"""Minimum Bayes factor of the null over the alternative.

    Parameters
    ----------
    p : array_like
        Two-sided p-values.
    bound : str
        Name in :data:`BAYES_FACTOR_BOUNDS`.
    n : array_like, optional
        Sample sizes, above 2, for bounds that depend on them.

    Returns
    -------
    ndarray
        From 0 to 1. One over it is the most that the data can favour an alternative
        of the class.

    Raises
    ------
    UnknownMethodError
        For an unknown bound.
    MissingInputError
        Where the bound needs `n`.
    InvalidEvidenceError
        For p outside [0, 1] or n below 3.

    References
    ----------
    Held & Ott (2018). Annual Review of Statistics and Its Application 5:393-419.

    Examples
    --------
    >>> bayes_factor_bound([0.05, 0.01, 0.001]).round(3)
    array([0.407, 0.125, 0.019])
    >>> bayes_factor_bound(0.05, "edwards").round(3)
    array([0.147])
    """
    entry = BAYES_FACTOR_BOUNDS[bound]
    if "n" in entry.traits and n is None:
        raise MissingInputError(field="n", needed_for=f"the bound {bound!r}")
    given = together({"p": p, "n": np.nan if n is None else n})
    values, sizes = given["p"], given["n"]
    require("p", "from 0 to 1", (values >= 0) & (values <= 1), values)
    if n is not None:
        require("n", "at least 3", sizes >= 3, sizes)
    with np.errstate(all="ignore"):
        found = entry.function(values, sizes)
    return np.asarray(np.minimum(found, 1.0))
