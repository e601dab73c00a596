"""S-values, and what a repeat of a study would show."""

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from k2stats._typing import Floats
from k2stats.errors import InvalidEvidenceError, MissingInputError
from k2stats.evidence._coerce import require, together
from k2stats.numerics import tails
from k2stats.sensitivity.credibility import z_of


def s_value(p: ArrayLike | None = None, *, log_p: ArrayLike | None = None) -> Floats:
    r"""Surprisal of a p-value, in bits.

    .. math:: s = -\log_2 p

    As surprising, were the test's hypothesis and assumptions true, as s heads in a row
    from a fair coin.

    Parameters
    ----------
    p : array_like
        From 0 to 1; or
    log_p : array_like
        their natural logarithms, which stay exact where p underflows.

    Raises
    ------
    MissingInputError
        Where neither is given.
    InvalidEvidenceError
        For p outside [0, 1] or a logarithm above 0.

    References
    ----------
    Greenland (2019). The American Statistician 73(sup1):106-114.
    Shannon (1948). Bell System Technical Journal 27:379-423.

    Examples
    --------
    >>> s_value([0.05, 0.005]).round(2)
    array([4.32, 7.64])
    """
    if log_p is not None:
        logs = together({"log_p": log_p})["log_p"]
        require("log_p", "at most 0", logs <= 0, logs)
        return np.asarray(-logs / np.log(2.0))
    if p is None:
        raise MissingInputError(field="p", needed_for="an S-value")
    values = together({"p": p})["p"]
    require("p", "from 0 to 1", (values >= 0) & (values <= 1), values)
    with np.errstate(divide="ignore"):
        return np.asarray(np.abs(np.log2(values)))


def replication_probability(
    p: ArrayLike, alpha: float = 0.05, *, true_effect: str = "uncertain"
) -> Floats:
    r"""Probability that a repeat of a study is significant in the same direction.

    .. math:: \Phi\Bigl(\frac{z - z_{1 - \alpha/2}}{\sqrt 2}\Bigr)
        \quad\text{or}\quad \Phi(z - z_{1 - \alpha/2})

    where the true effect has a flat prior (``"uncertain"``) or is taken to be the one
    observed (``"as observed"``).

    Parameters
    ----------
    p : array_like
        Two-sided p-values of the first study.
    alpha : float
        Level of the repeat, two-sided; 1 gives the probability of the same sign.
    true_effect : {"uncertain", "as observed"}

    Raises
    ------
    InvalidEvidenceError
        For p outside [0, 1], alpha outside (0, 1], or another `true_effect`.

    References
    ----------
    Goodman (1992). Statistics in Medicine 11:875-879.
    Senn (2002). Statistics in Medicine 21:2437-2444.

    Examples
    --------
    >>> replication_probability([0.05, 0.01]).round(2)
    array([0.5 , 0.67])
    >>> replication_probability([0.05, 0.01], true_effect="as observed").round(2)
    array([0.5 , 0.73])
    """
    if isinstance(alpha, bool) or not 0.0 < alpha <= 1.0:
        raise InvalidEvidenceError(
            field="alpha", requirement="above 0 and at most 1", given=alpha
        )
    if true_effect not in ("uncertain", "as observed"):
        raise InvalidEvidenceError(
            field="true_effect",
            requirement="'uncertain' or 'as observed'",
            given=true_effect,
        )
    ahead = z_of(p) + special.ndtri(alpha / 2.0)
    spread = np.sqrt(2.0) if true_effect == "uncertain" else 1.0
    return tails.normal_p(-ahead / spread, "greater")
