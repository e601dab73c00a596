"""Risk ratios of common outcomes when the baseline risk is not known."""

import numpy as np
from numpy.typing import ArrayLike

from k2stats._typing import Floats
from k2stats.effectsizes.conversions._shared import (
    coerce,
    conversion,
    nonnegative,
    positive,
)


@conversion(
    "baseline-risk",
    label="RR from the OR of a common outcome",
    reference="VanderWeele TJ. Epidemiology 2017;28:e58",
    equation="RR = sqrt(OR)",
    approximate=True,
)
def or_to_rr_common(odds_ratio: ArrayLike) -> Floats:
    r"""Approximate risk ratio of a common outcome without knowing its risk.

    .. math:: RR \approx \sqrt{OR}

    Within 25% of the truth where both risks lie between 0.2 and 0.8. Limits of an
    interval are transformed alike.

    Parameters
    ----------
    odds_ratio : array_like
        At least 0.

    Raises
    ------
    InvalidEvidenceError
        For a negative odds ratio.

    References
    ----------
    VanderWeele TJ (2017). On a square-root transformation of the odds ratio for a
    common outcome. Epidemiology 28:e58.

    Examples
    --------
    >>> float(or_to_rr_common(2.25))
    1.5
    """
    (ratio,) = coerce(odds_ratio=odds_ratio)
    nonnegative(odds_ratio=ratio)
    return np.asarray(np.sqrt(ratio))


@conversion(
    "baseline-risk",
    label="RR from the HR of a common outcome",
    reference="VanderWeele TJ. Biometrics 2020;76:746",
    equation="RR = (1 - 0.5^sqrt(HR)) / (1 - 0.5^sqrt(1/HR))",
    approximate=True,
)
def hr_to_rr_common(hazard_ratio: ArrayLike) -> Floats:
    r"""Approximate risk ratio of a common outcome from its hazard ratio.

    .. math:: RR \approx \frac{1 - 0.5^{\sqrt{HR}}}{1 - 0.5^{\sqrt{1/HR}}}

    Parameters
    ----------
    hazard_ratio : array_like
        Above 0.

    Raises
    ------
    InvalidEvidenceError
        For a hazard ratio that is not above 0.

    References
    ----------
    VanderWeele TJ (2020). Optimal approximate conversions of odds ratios and hazard
    ratios to risk ratios. Biometrics 76:746.

    Examples
    --------
    >>> float(hr_to_rr_common(1.0)), float(hr_to_rr_common(2.0).round(4))
    (1.0, 1.6125)
    """
    (ratio,) = coerce(hazard_ratio=hazard_ratio)
    positive(hazard_ratio=ratio)
    half = np.log(0.5)
    root = np.sqrt(ratio)
    return np.asarray(np.expm1(half * root) / np.expm1(half / root))
