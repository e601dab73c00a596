"""SDs of change scores and the correlation of before with after."""

import numpy as np
from numpy.typing import ArrayLike

from k2stats._typing import Floats
from k2stats.effectsizes.conversions._shared import (
    at_least,
    coerce,
    conversion,
    finite,
    nonnegative,
    positive,
    rule,
    within,
)
from k2stats.effectsizes.conversions.from_p import two_sided_t

_HANDBOOK = "Higgins et al., Cochrane Handbook, section 6.5.2.8"
_ROUNDING = 1e-9


@conversion(
    "spread",
    label="SD of change from a correlation",
    reference=_HANDBOOK,
    equation="sd_change^2 = sd_before^2 + sd_after^2 - 2 r sd_before sd_after",
)
def change_sd(sd_before: ArrayLike, sd_after: ArrayLike, r: ArrayLike) -> Floats:
    r"""SD of change scores from the SDs before and after and their correlation.

    .. math:: s_c^2 = s_b^2 + s_a^2 - 2 r s_b s_a

    Parameters
    ----------
    sd_before, sd_after : array_like
        SDs, at least 0, in the units of the data.
    r : array_like
        Correlation of before with after, from -1 to 1.

    Raises
    ------
    InvalidEvidenceError
        For negative SDs or a correlation outside -1 to 1.

    References
    ----------
    Higgins JPT et al. Cochrane Handbook, section 6.5.2.8.

    Examples
    --------
    >>> float(change_sd(6.4, 7.1, 0.78).round(2))
    4.53
    """
    before, after, corr = coerce(sd_before=sd_before, sd_after=sd_after, r=r)
    nonnegative(sd_before=before, sd_after=after)
    within(-1.0, 1.0, r=corr)
    # Written so that equal SDs with a correlation near 1 do not cancel.
    square = (before - after) ** 2 + 2.0 * (1.0 - corr) * before * after
    return np.asarray(np.sqrt(square))


@conversion(
    "spread",
    label="Correlation from three SDs",
    reference=_HANDBOOK,
    equation="r = (sd_before^2 + sd_after^2 - sd_change^2) / (2 sd_before sd_after)",
)
def correlation_from_sds(
    sd_before: ArrayLike, sd_after: ArrayLike, sd_change: ArrayLike
) -> Floats:
    r"""Correlation of before with after from the SDs of before, after and change.

    .. math:: r = \frac{s_b^2 + s_a^2 - s_c^2}{2 s_b s_a}

    Parameters
    ----------
    sd_before, sd_after : array_like
        SDs, above 0.
    sd_change : array_like
        SDs of the change scores, from ``|sd_before - sd_after|`` to their sum:
        beyond, no correlation gives them.

    Raises
    ------
    InvalidEvidenceError
        For SDs that are not above 0, or an SD of change that no correlation gives.

    References
    ----------
    Higgins JPT et al. Cochrane Handbook, section 6.5.2.8.

    Examples
    --------
    >>> float(correlation_from_sds(6.4, 7.1, 4.5).round(2))
    0.78
    """
    before, after, change = coerce(
        sd_before=sd_before, sd_after=sd_after, sd_change=sd_change
    )
    positive(sd_before=before, sd_after=after)
    nonnegative(sd_change=change)
    r = ((before - after) ** 2 - change**2) / (2.0 * before * after) + 1.0
    rule(
        "sd_change",
        "between |sd_before - sd_after| and sd_before + sd_after",
        np.abs(r) <= 1.0 + _ROUNDING,
        change,
    )
    return np.clip(r, -1.0, 1.0)


@conversion(
    "spread",
    label="SD of change from the paired t",
    reference=_HANDBOOK,
    equation="sd_change = sqrt(n) |mean_change / t|",
)
def change_sd_from_t(mean_change: ArrayLike, t: ArrayLike, n: ArrayLike) -> Floats:
    r"""SD of change scores from their mean and the paired t statistic.

    .. math:: s_c = \sqrt n\,\left|\bar c / t\right|

    Parameters
    ----------
    mean_change : array_like
        Mean change.
    t : array_like
        Paired t statistics, not 0.
    n : array_like
        Pairs, at least 2.

    Raises
    ------
    InvalidEvidenceError
        For a statistic of 0 or fewer than 2 pairs.

    References
    ----------
    Higgins JPT et al. Cochrane Handbook, section 6.5.2.8.

    Examples
    --------
    >>> float(change_sd_from_t(-2.0, -4.0, 25))
    2.5
    """
    mean, values, pairs = coerce(mean_change=mean_change, t=t, n=n)
    finite(mean_change=mean, t=values)
    at_least(2.0, n=pairs)
    rule("t", "other than 0, which fixes no SD", values != 0, values)
    return _change_sd(mean, values, pairs)


def _change_sd(mean: Floats, t: Floats, pairs: Floats) -> Floats:
    return np.asarray(np.sqrt(pairs) * np.abs(mean / t))


@conversion(
    "spread",
    label="SD of change from the paired p",
    reference=_HANDBOOK,
    equation="t = t^-1(1 - p/2; n - 1), then change_sd_from_t",
)
def change_sd_from_p(mean_change: ArrayLike, p: ArrayLike, n: ArrayLike) -> Floats:
    r"""SD of change scores from their mean and the two-sided p of the paired t.

    .. math:: t = t^{-1}_{n - 1}(1 - p/2), \qquad s_c = \sqrt n\,|\bar c| / t

    Parameters
    ----------
    mean_change : array_like
        Mean change, not 0.
    p : array_like
        Two-sided p-values, above 0 and below 1.
    n : array_like
        Pairs, at least 2.

    Raises
    ------
    InvalidEvidenceError
        For p outside (0, 1), a change of 0 or fewer than 2 pairs.

    References
    ----------
    Higgins JPT et al. Cochrane Handbook, section 6.5.2.8.

    Examples
    --------
    >>> float(change_sd_from_p(-2.0, 0.000528, 25).round(2))
    2.5
    """
    mean, values, pairs = coerce(mean_change=mean_change, p=p, n=n)
    finite(mean_change=mean)
    at_least(2.0, n=pairs)
    rule("p", "above 0 and below 1 to fix an SD", (values > 0) & (values < 1), values)
    rule("mean_change", "other than 0 to fix an SD", mean != 0, mean)
    return _change_sd(mean, two_sided_t(values, pairs - 1.0), pairs)
