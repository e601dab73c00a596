r"""Effects of continuous outcomes that allow for those missing for a reason.

The mean of a group is a mixture over those observed and those missing, tied by a
difference (IMDoM) or a ratio (IMRoM) of means, known or uncertain.
"""

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from k2stats.effectsizes import EffectSizes
from k2stats.errors import InvalidEvidenceError
from k2stats.sensitivity._missing_inputs import checked, effects, pair


def means_with_missing(
    *,
    mean1: ArrayLike,
    sd1: ArrayLike,
    n1: ArrayLike,
    missing1: ArrayLike,
    mean2: ArrayLike,
    sd2: ArrayLike,
    n2: ArrayLike,
    missing2: ArrayLike,
    measure: str = "MD",
    parameter: str = "IMDoM",
    shift1: ArrayLike = 0.0,
    shift2: ArrayLike = 0.0,
    shift_sd1: ArrayLike = 0.0,
    shift_sd2: ArrayLike = 0.0,
    correlation: ArrayLike = 0.0,
    study: Sequence[Hashable] | None = None,
) -> EffectSizes:
    r"""Effects of continuous outcomes under informative missingness.

    With :math:`\pi` the share missing and :math:`\lambda` the parameter, the mean of
    everyone is

    .. math:: \mu = \bar x + \pi \lambda \quad \text{(IMDoM)}, \qquad
        \mu = \bar x (1 - \pi + \pi e^\lambda) \quad \text{(IMRoM)},

    and by the delta method, with :math:`\lambda \sim N(\cdot, s^2)`,

    .. math:: \operatorname{var}(\mu) = \Bigl(\frac{\partial\mu}{\partial\bar x}
        \Bigr)^2 \frac{SD^2}{n} + \Bigl(\frac{\partial\mu}{\partial\pi}\Bigr)^2
        \frac{\pi(1 - \pi)}{n + m} + \Bigl(\frac{\partial\mu}{\partial\lambda}\Bigr)^2
        s^2.

    Parameters
    ----------
    mean1, sd1, n1, mean2, sd2, n2 : array_like, shape (..., K)
        Of the participants observed.
    missing1, missing2 : array_like
        Participants whose outcome is missing.
    measure : {"MD", "SMD", "ROM"}
        ``"SMD"`` divides by the pooled SD of those observed, whose own error it
        leaves out, and is not corrected for small samples; ``"ROM"`` is a log ratio.
    parameter : {"IMDoM", "IMRoM"}
        Mean of the missing less that of the observed, or the logarithm of their ratio.
    shift1, shift2 : array_like
        The parameter of each group: in the outcome's units, or a logarithm.
    shift_sd1, shift_sd2 : array_like
        Its standard deviation.
    correlation : array_like
        Between the groups' parameters.
    study : sequence, optional
        Labels.

    Returns
    -------
    EffectSizes

    Raises
    ------
    InvalidEvidenceError
        For an unknown measure or parameter, sizes below 1, negative SDs or counts, a
        correlation outside -1 to 1.

    References
    ----------
    Mavridis, White, Higgins, Cipriani & Salanti (2015). Statistics in Medicine
    34:721-741.

    Examples
    --------
    >>> es = means_with_missing(mean1=-12.0, sd1=8.0, n1=80, missing1=20, mean2=-9.0,
    ...                         sd2=8.0, n2=75, missing2=25, shift1=2.0, shift2=0.0)
    >>> es.y, es.se.round(4)
    (array([-2.6]), array([1.2883]))
    """
    for name, value, known in (
        ("measure", measure, ("MD", "SMD", "ROM")),
        ("parameter", parameter, ("IMDoM", "IMRoM")),
    ):
        if value not in known:
            raise InvalidEvidenceError(
                field=name, requirement=f"one of {', '.join(known)}", given=value
            )
    x = [checked(n, v, "finite") for n, v in pair("mean", mean1, mean2)]
    sd = [checked(n, v, "positive") for n, v in pair("sd", sd1, sd2)]
    n = [checked(n, v, "at least 1") for n, v in pair("n", n1, n2)]
    m = [checked(n, v, "not negative") for n, v in pair("missing", missing1, missing2)]
    shift = [checked(n, v, "finite") for n, v in pair("shift", shift1, shift2)]
    s = [
        checked(n, v, "not negative") for n, v in pair("shift_sd", shift_sd1, shift_sd2)
    ]
    rho = checked("correlation", correlation, "from -1 to 1")
    mu, own, by_shift = [], [], []
    for i in (0, 1):
        share = m[i] / (n[i] + m[i])
        if parameter == "IMDoM":
            mu.append(x[i] + share * shift[i])
            slopes = (np.ones_like(share), shift[i], share)
        else:
            factor = np.exp(shift[i])
            mu.append(x[i] * (1.0 - share + share * factor))
            slopes = (
                1.0 - share + share * factor,
                x[i] * (factor - 1.0),
                x[i] * share * factor,
            )
        own.append(
            slopes[0] ** 2 * sd[i] ** 2 / n[i]
            + slopes[1] ** 2 * share * (1.0 - share) / (n[i] + m[i])
        )
        by_shift.append(slopes[2] * s[i])
    with np.errstate(all="ignore"):
        if measure == "ROM":
            ratio = mu[0] / mu[1]
            y, g = np.log(np.where(ratio > 0, ratio, np.nan)), (1 / mu[0], -1 / mu[1])
        else:
            scale = np.ones_like(mu[0] + mu[1])
            if measure == "SMD":
                freedom = n[0] + n[1] - 2.0
                inside = (n[0] - 1.0) * sd[0] ** 2 + (n[1] - 1.0) * sd[1] ** 2
                scale = np.sqrt(inside / np.where(freedom > 0, freedom, np.nan))
            y, g = (mu[0] - mu[1]) / scale, (1.0 / scale, -1.0 / scale)
        d = (g[0] * by_shift[0], g[1] * by_shift[1])
        v = g[0] ** 2 * own[0] + g[1] ** 2 * own[1]
        v = v + d[0] ** 2 + d[1] ** 2 + 2.0 * rho * d[0] * d[1]
    return effects(y, v, measure, study)
