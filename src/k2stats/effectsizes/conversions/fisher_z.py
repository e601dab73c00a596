"""Correlation and Fisher's z."""

import numpy as np
from numpy.typing import ArrayLike

from k2stats.effectsizes.conversions._shared import (
    Estimates,
    conversion,
    effect_and_variance,
    estimates,
    inside,
)


@conversion(
    "scale",
    label="Fisher z from r",
    reference="Fisher RA. Metron 1921;1:3",
    equation="z = atanh(r); v_z = v_r / (1 - r^2)^2",
)
def r_to_z(y: ArrayLike, v: ArrayLike) -> Estimates:
    r"""Fisher's z from a correlation and its variance.

    .. math:: z = \operatorname{artanh} r, \qquad v_z = \frac{v_r}{(1 - r^2)^2}

    From the sample size alone the variance is 1/(n - 3); see the measure ZCOR.

    Parameters
    ----------
    y, v : array_like
        Correlations, above -1 and below 1, and variances.

    Returns
    -------
    Estimates
        On the scale ``"Fisher z"``.

    Raises
    ------
    InvalidEvidenceError
        For correlations outside (-1, 1) or negative variances.

    References
    ----------
    Fisher RA (1921). Metron 1:3.

    Examples
    --------
    >>> float(r_to_z(0.5, 0.0058).y.round(4))
    0.5493
    """
    effect, variance = effect_and_variance(y, v)
    inside(-1.0, 1.0, y=effect)
    rest = (1.0 - effect) * (1.0 + effect)
    return estimates(np.arctanh(effect), variance / rest**2, "Fisher z")


@conversion(
    "scale",
    label="r from Fisher z",
    reference="Fisher RA. Metron 1921;1:3",
    equation="r = tanh(z); v_r = v_z (1 - r^2)^2",
)
def z_to_r(y: ArrayLike, v: ArrayLike) -> Estimates:
    r"""Correlation from Fisher's z and its variance.

    .. math:: r = \tanh z, \qquad v_r = v_z (1 - r^2)^2

    Parameters
    ----------
    y, v : array_like
        Fisher's z and variances.

    Returns
    -------
    Estimates
        On the scale ``"r"``.

    Raises
    ------
    InvalidEvidenceError
        For infinite effects or negative variances.

    References
    ----------
    Fisher RA (1921). Metron 1:3.

    Examples
    --------
    >>> float(z_to_r(0.549306, 0.01).y.round(4))
    0.5
    """
    effect, variance = effect_and_variance(y, v)
    with np.errstate(over="ignore"):
        rest = 1.0 / np.square(np.cosh(effect))
    return estimates(np.tanh(effect), variance * rest**2, "r")
