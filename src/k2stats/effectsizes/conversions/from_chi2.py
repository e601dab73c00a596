"""Chi-squared of a 2x2 table: with and without Yates, and the log odds ratio in it."""

import numpy as np
from numpy.typing import ArrayLike

from k2stats._typing import Floats
from k2stats.effectsizes.conversions._shared import (
    Estimates,
    at_least,
    coerce,
    conversion,
    estimates,
    nonnegative,
    one_of_two_signs,
    rule,
)
from k2stats.errors import InvalidEvidenceError


def _margins(n1: Floats, n2: Floats, events: Floats) -> tuple[Floats, Floats]:
    """Return N and the product of the four margins, refusing empty ones."""
    at_least(1.0, n1=n1, n2=n2)
    total = n1 + n2
    rule("events", "above 0 and below n1 + n2", (events > 0) & (events < total), events)
    return total, n1 * n2 * events * (total - events)


@conversion(
    "test",
    label="Pearson's chi-squared from Yates's",
    reference="Yates F. J R Stat Soc Suppl 1934;1:217",
    equation="chi2 = N (sqrt(chi2_Y M / N) + N/2)^2 / M",
)
def chi2_from_yates(
    chi2: ArrayLike, n1: ArrayLike, n2: ArrayLike, events: ArrayLike
) -> Floats:
    r"""Uncorrected chi-squared of a 2x2 table from the Yates-corrected one.

    With the product of the four margins :math:`M`,

    .. math::
        \chi^2_Y = \frac{N (|ad - bc| - N/2)^2}{M}
        \quad\Rightarrow\quad
        \chi^2 = \frac{N \left(\sqrt{\chi^2_Y M / N} + N/2\right)^2}{M}

    Parameters
    ----------
    chi2 : array_like
        Yates-corrected statistics, above 0; at 0 the correction has swallowed the
        difference and nothing can be inverted.
    n1, n2 : array_like
        Group sizes, at least 1.
    events : array_like
        Events in both groups together.

    Raises
    ------
    InvalidEvidenceError
        For a statistic that is not above 0 or empty margins.

    References
    ----------
    Yates F (1934). Supplement to the Journal of the Royal Statistical Society
    1:217.

    Examples
    --------
    The table 26/50 v 14/50 has 6 before and 5.0417 after the correction.

    >>> float(chi2_from_yates(5.0416666667, 50, 50, 40).round(6))
    6.0
    """
    values, first, second, m = coerce(chi2=chi2, n1=n1, n2=n2, events=events)
    rule("chi2", "above 0 to be inverted", (values > 0) & np.isfinite(values), values)
    total, product = _margins(first, second, m)
    cross = np.sqrt(values * product / total) + total / 2.0
    return np.asarray(total * cross * cross / product)


@conversion(
    "test",
    label="Yates's chi-squared from Pearson's",
    reference="Yates F. J R Stat Soc Suppl 1934;1:217",
    equation="chi2_Y = N (max(sqrt(chi2 M / N) - N/2, 0))^2 / M",
)
def yates_from_chi2(
    chi2: ArrayLike, n1: ArrayLike, n2: ArrayLike, events: ArrayLike
) -> Floats:
    r"""Yates-corrected chi-squared of a 2x2 table from the uncorrected one.

    .. math::
        \chi^2_Y = \frac{N \max\left(\sqrt{\chi^2 M / N} - N/2,\ 0\right)^2}{M}

    Parameters
    ----------
    chi2 : array_like
        Pearson statistics, at least 0.
    n1, n2, events : array_like
        As in :func:`chi2_from_yates`.

    Raises
    ------
    InvalidEvidenceError
        For a negative statistic or empty margins.

    References
    ----------
    Yates F (1934). Supplement to the Journal of the Royal Statistical Society
    1:217.

    Examples
    --------
    >>> float(yates_from_chi2(6.0, 50, 50, 40).round(6))
    5.041667
    """
    values, first, second, m = coerce(chi2=chi2, n1=n1, n2=n2, events=events)
    nonnegative(chi2=values)
    total, product = _margins(first, second, m)
    cross = np.maximum(np.sqrt(values * product / total) - total / 2.0, 0.0)
    return np.asarray(total * cross * cross / product)


@conversion(
    "test",
    label="Peto log OR from chi-squared and the margins",
    reference="Yusuf S et al. Prog Cardiovasc Dis 1985;27:335",
    equation="O - E = sign sqrt(chi2 n1 n2 m (N-m) / N^3); y = (O - E)/V; v = 1/V",
)
def peto_from_chi2(
    chi2: ArrayLike,
    n1: ArrayLike,
    n2: ArrayLike,
    events: ArrayLike,
    *,
    yates: bool = False,
    sign: ArrayLike = 1,
) -> Estimates:
    r"""Peto's log odds ratio from a chi-squared statistic and the margins.

    .. math::
        O - E = s \sqrt{\chi^2 \frac{n_1 n_2 m (N - m)}{N^3}}, \quad
        V = \frac{n_1 n_2 m (N - m)}{N^2 (N - 1)}, \quad
        y = \frac{O - E}{V}, \quad v = \frac{1}{V}

    Exact: the same as Peto's method on the table itself.

    Parameters
    ----------
    chi2 : array_like
        Pearson statistics, at least 0; with `yates` corrected ones, above 0.
    n1, n2 : array_like
        Group sizes.
    events : array_like
        Events m in both groups together.
    yates : bool
        Whether `chi2` is Yates-corrected.
    sign : array_like
        -1 where group 1 had fewer events than expected, else 1.

    Returns
    -------
    Estimates
        On the scale ``"log OR"``.

    Raises
    ------
    InvalidEvidenceError
        For a negative statistic, empty margins or a sign that is not -1 or 1.

    References
    ----------
    Yusuf S, Peto R, Lewis J, Collins R, Sleight P (1985). Progress in
    Cardiovascular Diseases 27:335.

    Examples
    --------
    The table 26/50 v 14/50: O - E = 6, V = 600/99.

    >>> y, v = peto_from_chi2(6.0, 50, 50, 40)
    >>> float(y.round(6)), float(v.round(6))
    (0.99, 0.165)
    """
    if not isinstance(yates, bool):
        raise InvalidEvidenceError(
            field="yates", requirement="True or False", given=yates
        )
    values, first, second, m, signs = coerce(
        chi2=chi2, n1=n1, n2=n2, events=events, sign=sign
    )
    one_of_two_signs(signs)
    if yates:
        values = chi2_from_yates(values, first, second, m)
    nonnegative(chi2=values)
    total, product = _margins(first, second, m)
    o_minus_e = signs * np.sqrt(values * product / total**3)
    v = product / (total * total * (total - 1.0))
    return estimates(o_minus_e / v, 1.0 / v, "log OR")
