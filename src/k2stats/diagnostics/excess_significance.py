r"""Test of excess significance: more significant studies than their power allows."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from scipy import special

from k2stats._typing import Alternative, Floats
from k2stats.diagnostics._studies import Effects, frozen, sample, worth
from k2stats.errors import InvalidEvidenceError
from k2stats.numerics import tails
from k2stats.numerics.wls import weighted_mean
from k2stats.results._words import fixed, p_text

ExcessTest: TypeAlias = Literal["exact", "binomial", "chi2", "auto"]
IOANNIDIS = "Ioannidis & Trikalinos (2007). Clinical Trials 4:245-253."
_SETS = 1e6


@dataclass(frozen=True, slots=True, eq=False)
class ExcessSignificance:
    r"""Observed and expected number of significant studies; batch-shaped arrays.

    Attributes
    ----------
    observed, expected : ndarray
    power : ndarray, shape (..., K)
        Of each study for the effect `theta`.
    theta, tau2 : ndarray
        The true effect that the power is for.
    chi2 : ndarray
        :math:`(O - E)^2 / E + (O - E)^2 / (K - E)`.
    p_chi2, p_binomial, p_exact : ndarray
        One-sided, for an excess: the upper tail of the signed root of `chi2`; of a
        binomial with the mean power; of the sum of Bernoulli variables with the
        power of each study.
    p : ndarray
        That of the test asked for.
    test : ndarray of str
        Which it was.
    alpha : float
    alternative : str
    k : int
    note : str
    """

    observed: Floats
    expected: Floats
    power: Floats
    theta: Floats
    tau2: Floats
    chi2: Floats
    p_chi2: Floats
    p_binomial: Floats
    p_exact: Floats
    p: Floats
    test: np.ndarray[tuple[int, ...], np.dtype[np.str_]]
    alpha: float
    alternative: Alternative
    k: int
    note: str

    @property
    def ratio(self) -> Floats:
        """Observed over expected."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.observed / self.expected)

    def __repr__(self) -> str:
        if self.p.shape:
            return f"Excess significance: tests of shape {self.p.shape}"
        return (
            f"Excess significance: {fixed(self.observed, 0)} of {self.k} studies "
            f"significant, {fixed(self.expected, 2)} expected, "
            f"p {p_text(self.p)} ({self.test})"
        )


def excess_significance(
    effects: Effects,
    *,
    theta: float | Floats | None = None,
    tau2: float = 0.0,
    alpha: float = 0.05,
    alternative: Alternative = "two-sided",
    test: ExcessTest = "exact",
) -> ExcessSignificance:
    r"""Compare the number of significant studies with the sum of their powers.

    .. math:: E = \sum_k P\bigl(|Z_k| > z_{\alpha/2}\bigr), \qquad
        Z_k \sim N\bigl(\theta / s_k,\ (v_k + \tau^2) / v_k\bigr)

    Parameters
    ----------
    effects : EffectSizes or PooledEstimate, shape (..., K)
    theta : float or ndarray, optional
        True effect; the common-effect estimate when left out.
    tau2 : float
        Variance of the true effects about it.
    alpha : float
        Level at which the studies are significant.
    alternative : {"two-sided", "greater", "less"}
        Of the studies' tests.
    test : {"exact", "binomial", "chi2", "auto"}
        ``"auto"`` takes the exact test where there are no more than a million sets
        of so many or more significant studies and chi2 beyond, as R's metafor does.
        The exact one costs nothing here and is the default.

    Raises
    ------
    InvalidEvidenceError

    References
    ----------
    Ioannidis & Trikalinos (2007). Clinical Trials 4:245-253.

    Examples
    --------
    >>> from k2stats.effectsizes import EffectSizes
    >>> es = EffectSizes.from_arrays([0.5, 0.4, 0.9], [0.05, 0.04, 0.2])
    >>> excess_significance(es)
    Excess significance: 3 of 3 studies significant, 1.47 expected, p = 0.0793 (exact)
    """
    if not 0.0 < alpha < 0.5:
        raise InvalidEvidenceError(
            field="alpha", requirement="between 0 and 0.5", given=alpha
        )
    if not (np.isfinite(tau2) and tau2 >= 0.0):
        raise InvalidEvidenceError(
            field="tau2", requirement="finite and not negative", given=tau2
        )
    if test not in ("exact", "binomial", "chi2", "auto"):
        raise InvalidEvidenceError(
            field="test",
            requirement="'exact', 'binomial', 'chi2' or 'auto'",
            given=test,
        )
    y, v = sample(effects, least=1, need="the test of excess significance")
    k = y.shape[-1]
    mean = weighted_mean(y, 1.0 / v) if theta is None else np.asarray(theta, float)
    mean = np.broadcast_to(mean, y.shape[:-1])
    s = np.sqrt(v)
    power = study_power(mean[..., np.newaxis] / s, 1.0 + tau2 / v, alpha, alternative)
    observed = significant(y / s, alpha, alternative).sum(axis=-1).astype(float)
    expected = power.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        off = observed - expected
        rest = k - expected
        # No power to gain: all are expected, and all are there.
        chi2 = off**2 / expected + np.where(rest > 0.0, off**2 / rest, 0.0)
    p_chi2 = tails.normal_p(np.sign(off) * np.sqrt(chi2), "greater")
    p_binomial = _binomial_tail(observed, k, expected / k)
    p_exact = poisson_binomial_tail(power, observed)
    kind = np.broadcast_to(np.asarray(test), observed.shape)
    if test == "auto":
        kind = np.where(_sets(k, observed) <= _SETS, "exact", "chi2")
    p = np.select([kind == "exact", kind == "binomial"], [p_exact, p_binomial], p_chi2)
    return ExcessSignificance(
        observed=frozen(observed),
        expected=frozen(expected),
        power=frozen(power),
        theta=frozen(mean),
        tau2=frozen(np.full(observed.shape, tau2)),
        chi2=frozen(chi2),
        p_chi2=frozen(p_chi2),
        p_binomial=frozen(p_binomial),
        p_exact=frozen(p_exact),
        p=frozen(p),
        test=kind,
        alpha=alpha,
        alternative=alternative,
        k=k,
        note=worth(k, "an excess of significant results"),
    )


def significant(z: Floats, alpha: float, alternative: Alternative) -> Floats:
    """Whether each study is significant."""
    return np.asarray(tails.normal_p(z, alternative) <= alpha)


def study_power(
    shift: Floats, spread: Floats, alpha: float, alternative: Alternative
) -> Floats:
    """Probability that a normal of so much mean and variance is significant."""
    root = np.sqrt(spread)
    if alternative == "two-sided":
        z = -special.ndtri(0.5 * alpha)
        upper = special.ndtr((shift - z) / root)
        return np.asarray(upper + special.ndtr((-z - shift) / root))
    z = -special.ndtri(alpha)
    signed = shift if alternative == "greater" else -shift
    return np.asarray(special.ndtr((signed - z) / root))


def poisson_binomial_tail(p: Floats, least: Floats) -> Floats:
    r"""Probability of at least so many successes of unequal probability.

    Adds one Bernoulli variable after the other, in :math:`K^2` steps.

    Parameters
    ----------
    p : ndarray, shape (..., K)
    least : ndarray, shape (...)

    Examples
    --------
    >>> float(poisson_binomial_tail(np.array([0.5, 0.5]), np.array(1.0)))
    0.75
    """
    k = p.shape[-1]
    mass = np.zeros((*p.shape[:-1], k + 1))
    mass[..., 0] = 1.0
    for j in range(k):
        q = p[..., j, np.newaxis]
        mass[..., 1:] = mass[..., 1:] * (1.0 - q) + mass[..., :-1] * q
        mass[..., 0] *= 1.0 - q[..., 0]
    counted = np.arange(k + 1) >= np.asarray(least)[..., np.newaxis]
    # Small terms first.
    return np.asarray(np.sort(np.where(counted, mass, 0.0), axis=-1).sum(axis=-1))


def _binomial_tail(observed: Floats, k: int, p: Floats) -> Floats:
    """Probability of at least so many of k."""
    safe = np.maximum(observed, 1.0)
    tail = special.betainc(safe, k - safe + 1.0, np.minimum(p, 1.0))
    return np.where(observed > 0.0, tail, 1.0)


def _sets(k: int, observed: Floats) -> Floats:
    """Number of sets of significant studies with at least so many."""
    counts = special.binom(k, np.arange(k + 1.0))
    upper = np.cumsum(counts[::-1])[::-1]
    return np.asarray(upper[observed.astype(int)])
