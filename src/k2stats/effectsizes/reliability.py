"""Cronbach's alpha and its transformations."""

import numpy as np

from k2stats.effectsizes._measures import Estimate, Options, measure
from k2stats.effectsizes.inputs import Alpha

_GROUP = "Reliability"
_ALPHA = (float("-inf"), 1.0)
_NONE = float("nan")


@measure(
    "ARAW",
    evidence=Alpha,
    label="Cronbach's alpha",
    reference="Bonett (2010)",
    equation="alpha",
    variance="2 m (1 - alpha)^2/((m - 1)(n - 2))",
    group=_GROUP,
    symbol="alpha",
    null=_NONE,
    bounds=_ALPHA,
)
def alpha(t: Alpha, options: Options) -> Estimate:
    r"""Raw alpha, :math:`v = 2m(1-\alpha)^2 / ((m-1)(n-2))` for m items.

    References
    ----------
    Bonett, D. G. (2010). Varying coefficient meta-analytic methods for alpha
    reliability. Psychological Methods, 15, 368-385.
    """
    v = 2 * t.items * (1 - t.alpha) ** 2 / ((t.items - 1) * (t.n - 2))
    return t.alpha, v


@measure(
    "AHW",
    evidence=Alpha,
    label="Cronbach's alpha, cube-root transform",
    reference="Hakstian & Whalen (1976)",
    equation="1 - (1 - alpha)^(1/3)",
    variance="18 m (n - 1)(1 - alpha)^(2/3)/((m - 1)(9 n - 11)^2)",
    group=_GROUP,
    on="cube-root alpha",
    symbol="alpha",
    null=_NONE,
    bounds=_ALPHA,
)
def alpha_cube_root(t: Alpha, options: Options) -> Estimate:
    """Hakstian and Whalen's transform, turned so that it rises with alpha.

    References
    ----------
    Hakstian, A. R., & Whalen, T. E. (1976). A k-sample significance test for
    independent alpha coefficients. Psychometrika, 41, 219-231.
    """
    root = np.cbrt(1 - t.alpha)
    v = 18 * t.items * (t.n - 1) * root**2 / ((t.items - 1) * (9 * t.n - 11) ** 2)
    return 1 - root, v


@measure(
    "ABT",
    evidence=Alpha,
    label="Cronbach's alpha, log transform",
    reference="Bonett (2002)",
    equation="-log(1 - alpha)",
    variance="2 m/((m - 1)(n - 2))",
    group=_GROUP,
    on="log alpha",
    symbol="alpha",
    null=_NONE,
    bounds=_ALPHA,
)
def alpha_log(t: Alpha, options: Options) -> Estimate:
    """Bonett's transform, turned so that it rises with alpha.

    References
    ----------
    Bonett, D. G. (2002). Sample size requirements for testing and estimating
    coefficient alpha. Journal of Educational and Behavioral Statistics, 27,
    335-340.
    """
    return -np.log(1 - t.alpha), 2 * t.items / ((t.items - 1) * (t.n - 2))
