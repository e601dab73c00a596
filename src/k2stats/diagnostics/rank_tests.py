"""Rank correlations of effects and their variances."""

import numpy as np
from scipy import special

from k2stats._typing import Floats
from k2stats.diagnostics._asymmetry import ASYMMETRY_TESTS, Outcome, Trials
from k2stats.diagnostics._kendall import (
    Kendall,
    kendall,
    normal_statistic,
    two_sided,
)
from k2stats.diagnostics.egger import weights
from k2stats.numerics.wls import weighted_mean

BEGG = "Begg & Mazumdar (1994). Biometrics 50:1088-1101."
_SDS = 12.0
"""Standard deviations of the support that the moments need."""


def begg(trials: Trials, *, exact: bool = False) -> Outcome:
    r"""Kendall correlation of standardised deviates with the variances.

    .. math:: y_k^* = (y_k - \hat\mu) / \sqrt{v_k - 1 / \textstyle\sum_j w_j}

    Parameters
    ----------
    trials : Trials
    exact : bool
        Permutation distribution where there are no ties.
    """
    w = weights(trials)
    total = w.sum(axis=-1, keepdims=True)
    mean = weighted_mean(trials.y, w)[..., np.newaxis]
    with np.errstate(divide="ignore", invalid="ignore"):
        free = np.where(trials.present, trials.v - 1.0 / total, 1.0)
        deviate = (trials.y - mean) / np.sqrt(np.maximum(free, 0.0))
    return _outcome(kendall(deviate, trials.v, trials.present), exact=exact)


@ASYMMETRY_TESTS.register(
    "begg",
    label="Begg-Mazumdar",
    reference=BEGG,
    equation=r"\tau_b(y^*, v)",
    traits=("effects", "rank"),
)
def begg_normal(trials: Trials) -> Outcome:
    """Rank correlation, normal reference."""
    return begg(trials)


@ASYMMETRY_TESTS.register(
    "begg-exact",
    label="Begg-Mazumdar, exact",
    reference=BEGG,
    equation=r"\tau(y^*, v)",
    traits=("effects", "rank", "exact"),
)
def begg_exact(trials: Trials) -> Outcome:
    """Rank correlation, permutation distribution where there are no ties."""
    return begg(trials, exact=True)


@ASYMMETRY_TESTS.register(
    "schwarzer",
    label="Schwarzer",
    reference="Schwarzer, Antes & Schumacher (2007). Statistics in Medicine "
    "26:721-733.",
    equation=r"\tau_b((a - E(a)) / \sqrt{Var(a)}, 1 / Var(a))",
    traits=("counts", "rank"),
)
def schwarzer(trials: Trials) -> Outcome:
    """Rank correlation of cell counts with their precision.

    Mean and variance of each count are those of the noncentral hypergeometric
    distribution at the Mantel-Haenszel odds ratio.
    """
    t = trials.counts("Schwarzer's test")
    there = trials.present
    total = t.n1 + t.n2
    with np.errstate(divide="ignore", invalid="ignore"):
        odds_ratio = (t.a * t.d / total * there).sum(axis=-1, keepdims=True) / (
            t.b * t.c / total * there
        ).sum(axis=-1, keepdims=True)
        mean, variance = noncentral_moments(
            t.a + t.c, t.n1, t.n2, np.broadcast_to(odds_ratio, t.a.shape)
        )
        deviate = np.where(there, (t.a - mean) / np.sqrt(variance), 0.0)
        precision = np.where(there, 1.0 / variance, 0.0)
    return _outcome(kendall(deviate, precision, there), exact=False)


def noncentral_moments(
    events: Floats, n1: Floats, n2: Floats, odds_ratio: Floats
) -> tuple[Floats, Floats]:
    r"""Mean and variance of a count given its margins and the odds ratio.

    .. math:: P(a) \propto \binom{n_1}{a}\binom{n_2}{m - a}\psi^a

    summed over the counts within twelve standard deviations of the mode; NaN for an
    odds ratio of zero or infinity.

    Parameters
    ----------
    events : ndarray
        The margin m.
    n1, n2 : ndarray
    odds_ratio : ndarray

    Examples
    --------
    >>> one = np.array([5.0])
    >>> mean, variance = noncentral_moments(one, 2 * one, 2 * one, one / 5)
    >>> mean.tolist(), variance.round(6).tolist()
    ([2.5], [0.986842])
    """
    low = np.maximum(0.0, events - n2)
    high = np.minimum(n1, events)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        # The mode solves a (n2 - m + a) = psi (n1 - a)(m - a), all but rounding.
        q2 = odds_ratio - 1.0
        q1 = odds_ratio * (n1 + events) + n2 - events
        q0 = odds_ratio * n1 * events
        mode = 2.0 * q0 / (q1 + np.sqrt(np.maximum(q1**2 - 4.0 * q2 * q0, 0.0)))
        mode = np.clip(np.nan_to_num(mode), low, high)
        cells = (mode, n1 - mode, events - mode, n2 - events + mode)
        crude = 1.0 / sum(1.0 / np.maximum(c, 0.5) for c in cells)
    reach = np.ceil(_SDS * np.sqrt(crude) + 30.0)
    start = np.maximum(low, np.floor(mode - reach))
    steps = np.arange(2.0 * float(np.max(reach, initial=0.0)) + 2.0)
    x = start[..., np.newaxis] + steps
    inside = x <= high[..., np.newaxis]
    x = np.where(inside, x, start[..., np.newaxis])
    a1, a2, m = n1[..., np.newaxis], n2[..., np.newaxis], events[..., np.newaxis]
    with np.errstate(divide="ignore", invalid="ignore"):
        log_weight = (
            x * np.log(odds_ratio[..., np.newaxis])
            - special.gammaln(x + 1.0)
            - special.gammaln(a1 - x + 1.0)
            - special.gammaln(m - x + 1.0)
            - special.gammaln(a2 - m + x + 1.0)
        )
        log_weight = np.where(inside, log_weight, -np.inf)
        weight = np.exp(log_weight - log_weight.max(axis=-1, keepdims=True))
        weight /= weight.sum(axis=-1, keepdims=True)
        away = x - mode[..., np.newaxis]
        shift = (weight * away).sum(axis=-1)
        variance = (weight * (away - shift[..., np.newaxis]) ** 2).sum(axis=-1)
    return np.asarray(mode + shift), np.asarray(variance)


def _outcome(found: Kendall, *, exact: bool) -> Outcome:
    none = np.full(found.tau.shape, np.nan)
    p, log_p = two_sided(found, exact=exact)
    return Outcome(
        statistic=normal_statistic(found),
        df=None,
        estimate=found.tau,
        se=none,
        limit=none,
        limit_se=none,
        tau2=none,
        p=p,
        log_p=log_p,
    )
