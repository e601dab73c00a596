r"""How likely a result is to be a false positive."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats

from k2stats._registry import Registry
from k2stats._typing import Floats
from k2stats.errors import MissingInputError
from k2stats.evidence._coerce import require, together
from k2stats.sensitivity.bayes_factors import sellke
from k2stats.sensitivity.credibility import z_of

Odds: TypeAlias = Callable[[Floats, Floats, Floats], Floats]
"""Takes p, the size of each group and the effect assumed in SDs; returns the
likelihood ratio of a real effect over none."""

FALSE_POSITIVE_RISKS: Registry[Odds] = Registry("likelihood ratio of a p-value")
"""Most the data can favour a real effect over none. Trait ``n``: size of each group."""


@FALSE_POSITIVE_RISKS.register(
    "sellke",
    label="bound -e p log p",
    reference="Sellke, Bayarri and Berger (2001), Am Stat 55:62",
    equation="LR = 1 / (-e p ln p)",
)
def odds_by_sellke(p: Floats, n: Floats, effect: Floats) -> Floats:
    """One over the calibration of Sellke, Bayarri and Berger."""
    return np.asarray(1.0 / sellke(p, n))


@FALSE_POSITIVE_RISKS.register(
    "normal",
    label="p-equals, normal test, effect as observed",
    reference="Colquhoun (2017), R Soc Open Sci 4:171085",
    equation="LR = phi(0) / (2 phi(z)) = exp(z^2 / 2) / 2",
)
def odds_by_normal(p: Floats, n: Floats, effect: Floats) -> Floats:
    """Density of the statistic at its own mean over both tails' under no effect."""
    return np.asarray(0.5 * np.exp(0.5 * z_of(p) ** 2))


@FALSE_POSITIVE_RISKS.register(
    "t",
    label="p-equals, t test of two groups, effect assumed",
    reference="Colquhoun (2017), R Soc Open Sci 4:171085; (2019), Am Stat 73(sup1):192",
    equation="LR = f(t; 2n - 2, ncp = effect sqrt(n / 2)) / (2 f(t; 2n - 2))",
    traits=("n",),
)
def odds_by_t(p: Floats, n: Floats, effect: Floats) -> Floats:
    """Density of noncentral t at the observed t over both tails' of central t."""
    df = 2.0 * n - 2.0
    t = -special.stdtrit(df, p / 2.0)
    ahead = stats.nct.pdf(t, df, effect * np.sqrt(n / 2.0))
    return np.asarray(ahead / (2.0 * stats.t.pdf(t, df)))


def false_positive_risk(
    p: ArrayLike,
    prior: ArrayLike = 0.5,
    method: str = "normal",
    *,
    n: ArrayLike | None = None,
    effect: ArrayLike = 1.0,
) -> Floats:
    r"""Probability that a result with just this p-value is a false positive.

    .. math:: FPR = \frac{1}{1 + LR \cdot \pi / (1 - \pi)}

    With ``"normal"`` and ``"sellke"`` the likelihood ratio LR is that of the
    alternative which the data favour most, so that the risk is a least one for the
    prior probability :math:`\pi` of a real effect; with ``"t"`` it is that of the
    effect assumed.

    Parameters
    ----------
    p : array_like
        Two-sided p-values.
    prior : array_like
        Probability of a real effect before the data, between 0 and 1.
    method : str
        Name in :data:`FALSE_POSITIVE_RISKS`.
    n : array_like, optional
        Participants in each of two groups, at least 2, for ``"t"``.
    effect : array_like
        For ``"t"``: the difference that a real effect would be, in standard
        deviations.

    Raises
    ------
    UnknownMethodError
        For an unknown method.
    MissingInputError
        Where the method needs `n`.
    InvalidEvidenceError
        For p outside [0, 1], a prior outside (0, 1), or n below 2.

    References
    ----------
    Colquhoun (2017). Royal Society Open Science 4:171085.
    Colquhoun (2019). The American Statistician 73(sup1):192-201.

    Examples
    --------
    >>> false_positive_risk(0.05, method="t", n=16).round(3)
    array([0.266])
    """
    ratio, given = _odds(p, method, n, {"prior": prior, "effect": effect})
    share = given["prior"]
    require("prior", "between 0 and 1", (share > 0) & (share < 1), share)
    return np.asarray(1.0 / (1.0 + ratio * share / (1.0 - share)))


def prior_needed(
    p: ArrayLike,
    risk: ArrayLike = 0.05,
    method: str = "normal",
    *,
    n: ArrayLike | None = None,
    effect: ArrayLike = 1.0,
) -> Floats:
    r"""Prior probability of a real effect at which the false-positive risk is `risk`.

    .. math:: \pi = \frac{1}{1 + LR \cdot FPR / (1 - FPR)}

    Parameters
    ----------
    p, method, n, effect
        As in :func:`false_positive_risk`.
    risk : array_like
        Between 0 and 1.

    Raises
    ------
    InvalidEvidenceError, MissingInputError, UnknownMethodError

    References
    ----------
    Colquhoun (2019). The American Statistician 73(sup1):192-201.
    Matthews (2001). Journal of Statistical Planning and Inference 94:43-58.

    Examples
    --------
    >>> prior_needed(0.05, 0.05, "t", n=16).round(2)
    array([0.87])
    """
    ratio, given = _odds(p, method, n, {"risk": risk, "effect": effect})
    share = given["risk"]
    require("risk", "between 0 and 1", (share > 0) & (share < 1), share)
    return np.asarray(1.0 / (1.0 + ratio * share / (1.0 - share)))


def false_positive_report(
    prior: ArrayLike, power: ArrayLike, alpha: ArrayLike = 0.05
) -> Floats:
    r"""Share of significant results that are false positives, over a field of tests.

    .. math:: FPRP = \frac{\alpha (1 - \pi)}{\alpha (1 - \pi) + (1 - \beta) \pi}

    Parameters
    ----------
    prior : array_like
        Share of hypotheses tested that are true effects.
    power, alpha : array_like
        All from 0 to 1.

    Raises
    ------
    InvalidEvidenceError
        For values outside [0, 1].

    References
    ----------
    Wacholder et al. (2004). Journal of the National Cancer Institute 96:434-442.
    Ioannidis (2005). PLoS Medicine 2:e124.

    Examples
    --------
    >>> false_positive_report(0.1, 0.8).round(2)
    array([0.36])
    """
    given = together({"prior": prior, "power": power, "alpha": alpha})
    for name, values in given.items():
        require(name, "from 0 to 1", (values >= 0) & (values <= 1), values)
    false = given["alpha"] * (1.0 - given["prior"])
    with np.errstate(invalid="ignore"):
        return np.asarray(false / (false + given["power"] * given["prior"]))


def _odds(
    p: ArrayLike, method: str, n: ArrayLike | None, more: dict[str, ArrayLike]
) -> tuple[Floats, dict[str, Floats]]:
    """Likelihood ratio of the favoured alternative, and the other inputs, checked."""
    entry = FALSE_POSITIVE_RISKS[method]
    if "n" in entry.traits and n is None:
        raise MissingInputError(field="n", needed_for=f"the method {method!r}")
    given = together({"p": p, "n": np.nan if n is None else n, **more})
    values, sizes = given["p"], given["n"]
    require("p", "from 0 to 1", (values >= 0) & (values <= 1), values)
    if n is not None:
        require("n", "at least 2", sizes >= 2, sizes)
    with np.errstate(all="ignore"):
        ratio = entry.function(values, sizes, given["effect"])
    return ratio, given
