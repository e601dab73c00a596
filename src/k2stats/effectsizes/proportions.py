"""The share with an event in one group."""

import numpy as np
from scipy import special

from k2stats._typing import Floats
from k2stats.effectsizes._measures import Estimate, Options, measure
from k2stats.effectsizes.inputs import Proportion
from k2stats.effectsizes.zero_cells import NOTHING, ZeroCells

_GROUP = "One group, proportion"
_HALF = ZeroCells()
_SHARE = (0.0, 1.0)
_NONE = float("nan")
_POOLED = "as LS with the proportion pooled over studies"


def _share(t: Proportion, options: Options) -> Floats:
    """Proportion for the variance: each study's own or the pooled one."""
    if options.vtype == "AV":
        events, n = t.events, t.n
        return np.asarray(
            events.sum(axis=-1, keepdims=True) / n.sum(axis=-1, keepdims=True)
        )
    return np.asarray(t.events / t.n)


@measure(
    "PR",
    evidence=Proportion,
    label="Proportion",
    reference="Fleiss et al. (2003)",
    equation="x/n",
    variance={"LS": "p q/n", "UB": "p q/(n - 1)", "AV": _POOLED},
    group=_GROUP,
    symbol="p",
    null=_NONE,
    bounds=_SHARE,
    zero_cells=_HALF,
)
def proportion(t: Proportion, options: Options) -> Estimate:
    """Proportion p = x/n with v = p (1 - p) / n (``UB``: over n - 1)."""
    p = _share(t, options)
    return t.events / t.n, p * (1 - p) / (t.n - (options.vtype == "UB"))


@measure(
    "PLN",
    evidence=Proportion,
    label="Log proportion",
    reference="Fleiss et al. (2003)",
    equation="log(x/n)",
    variance={"LS": "1/x - 1/n", "AV": _POOLED},
    group=_GROUP,
    on="log",
    symbol="p",
    null=_NONE,
    bounds=_SHARE,
    zero_cells=_HALF,
)
def log_proportion(t: Proportion, options: Options) -> Estimate:
    """Log proportion, v = 1/x - 1/n = (1 - p) / (n p)."""
    p = _share(t, options)
    return np.log(t.events / t.n), (1 - p) / (t.n * p)


@measure(
    "PLO",
    evidence=Proportion,
    label="Logit of a proportion",
    reference="Agresti (2013)",
    equation="log(x/(n - x))",
    variance={"LS": "1/x + 1/(n - x)", "AV": _POOLED},
    group=_GROUP,
    on="logit",
    symbol="p",
    null=_NONE,
    bounds=_SHARE,
    zero_cells=_HALF,
)
def logit_proportion(t: Proportion, options: Options) -> Estimate:
    """Log odds, v = 1/x + 1/(n - x) = 1 / (n p (1 - p)).

    References
    ----------
    Agresti, A. (2013). Categorical data analysis (3rd ed.). Wiley.
    """
    y = np.log(t.events / (t.n - t.events))
    if options.vtype == "AV":
        p = _share(t, options)
        return y, 1 / (t.n * p * (1 - p))
    return y, 1 / t.events + 1 / (t.n - t.events)


@measure(
    "PRZ",
    evidence=Proportion,
    label="Probit of a proportion",
    reference="Bliss (1935)",
    equation="Phi^-1(x/n)",
    variance="p q/(n f(z)^2)",
    group=_GROUP,
    on="probit",
    symbol="p",
    null=_NONE,
    bounds=_SHARE,
    zero_cells=_HALF,
)
def probit_proportion(t: Proportion, options: Options) -> Estimate:
    r"""Probit, :math:`v = p(1 - p) / (n \varphi(z)^2)` with :math:`z = \Phi^{-1}(p)`.

    References
    ----------
    Bliss, C. I. (1935). The calculation of the dosage-mortality curve. Annals of
    Applied Biology, 22, 134-167.
    """
    p = t.events / t.n
    z = special.ndtri(p)
    return z, 2 * np.pi * p * (1 - p) * np.exp(z * z) / t.n


@measure(
    "PAS",
    evidence=Proportion,
    label="Arcsine square root of a proportion",
    reference="Freeman & Tukey (1950)",
    equation="arcsin(sqrt(x/n))",
    variance="1/(4 n)",
    group=_GROUP,
    on="arcsine",
    symbol="p",
    null=_NONE,
    bounds=_SHARE,
    zero_cells=NOTHING,
)
def arcsine_proportion(t: Proportion, options: Options) -> Estimate:
    """Angular transformation, v = 1/(4 n)."""
    return np.arcsin(np.sqrt(t.events / t.n)), 0.25 / t.n


def double_arcsine(events: Floats, n: Floats) -> Floats:
    r"""Freeman-Tukey transform, as the mean of two arcsines.

    .. math:: t = \tfrac12\left(\arcsin\sqrt{\tfrac{x}{n + 1}} +
        \arcsin\sqrt{\tfrac{x + 1}{n + 1}}\right)

    Computed from one arctangent: :math:`\arcsin\sqrt u = \arctan\sqrt{u / (1 - u)}`
    for both, and the angles added.

    Examples
    --------
    >>> double_arcsine(np.array([0.0, 3.0]), np.array([10.0, 12.0])).round(6)
    array([0.153139, 0.544548])
    """
    low, high = events / (n + 1.0), (events + 1.0) / (n + 1.0)
    # sin and cos of the sum of the two angles; the sum lies between 0 and pi.
    s = np.sqrt(low * (1.0 - high)) + np.sqrt(high * (1.0 - low))
    c = np.sqrt((1.0 - low) * (1.0 - high)) - np.sqrt(low * high)
    return np.asarray(0.5 * np.arctan2(s, c))


@measure(
    "PFT",
    evidence=Proportion,
    label="Freeman-Tukey double arcsine of a proportion",
    reference="Freeman & Tukey (1950)",
    equation="(arcsin(sqrt(x/(n+1))) + arcsin(sqrt((x+1)/(n+1)))) / 2",
    variance="1/(4 n + 2)",
    group=_GROUP,
    on="double-arcsine",
    symbol="p",
    null=_NONE,
    bounds=_SHARE,
    zero_cells=NOTHING,
)
def freeman_tukey_proportion(t: Proportion, options: Options) -> Estimate:
    """Double arcsine, v = 1/(4 n + 2); back by Miller's inverse with each n.

    References
    ----------
    Freeman, M. F., & Tukey, J. W. (1950). Transformations related to the angular
    and the square root. Annals of Mathematical Statistics, 21, 607-611.
    """
    return double_arcsine(t.events, t.n), 1 / (4 * t.n + 2)
