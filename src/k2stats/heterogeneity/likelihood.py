"""Log-likelihoods of random-effects models and the criteria made of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from k2stats._typing import Floats
from k2stats.heterogeneity._profile import profile_of
from k2stats.heterogeneity._single_regression import single
from k2stats.heterogeneity._studies import Studies, prepare
from k2stats.heterogeneity._validate import validate

_LOG_2PI = float(np.log(2.0 * np.pi))


@dataclass(frozen=True, slots=True, eq=False)
class FitStatistics:
    """Log-likelihood of a fit and information criteria, arrays of batch shape.

    Attributes
    ----------
    log_likelihood, aic, bic, aicc : ndarray
    parameters : int
        Coefficients, and one more where tau2 was estimated.
    observations : ndarray
        Studies; less the coefficients where the likelihood is the restricted one.
    restricted : bool
    """

    log_likelihood: Floats
    aic: Floats
    bic: Floats
    aicc: Floats
    parameters: int
    observations: Floats
    restricted: bool


def fit_statistics(
    y: ArrayLike,
    v: ArrayLike,
    X: ArrayLike | None = None,
    *,
    tau2: ArrayLike,
    restricted: bool = False,
    estimated: bool = True,
    mask: ArrayLike | None = None,
) -> FitStatistics:
    r"""Log-likelihood at the best coefficients for a tau2, AIC, BIC and AICc.

    .. math::
        \ell &= -\tfrac{K}{2} \log 2\pi - \tfrac12 \sum_k \log(v_k + \tau^2)
            - \tfrac12 y^\top P y \\
        \ell_R &= -\tfrac{K - p}{2} \log 2\pi + \tfrac12 \log|X^\top X|
            - \tfrac12 \sum_k \log(v_k + \tau^2) - \tfrac12 \log|X^\top W X|
            - \tfrac12 y^\top P y

    With m parameters and n observations (K, or K - p for the restricted likelihood),
    :math:`\mathrm{AIC} = -2\ell + 2m`, :math:`\mathrm{BIC} = -2\ell + m\log n` and
    :math:`\mathrm{AICc} = -2\ell + 2 m n' / (n' - m - 1)`,
    :math:`n' = \max(n, m + 2)`.

    Parameters
    ----------
    y, v, X, mask
        As :func:`k2stats.heterogeneity.estimate_tau2` takes them.
    tau2 : array-like, shape (...)
        Between-study variance.
    restricted : bool
        The restricted likelihood. Two of different columns cannot be compared.
    estimated : bool
        Whether tau2 counts as a parameter; false for a common effect or a given tau2.

    Returns
    -------
    FitStatistics

    Raises
    ------
    InvalidEvidenceError
        As :func:`k2stats.heterogeneity.estimate_tau2` does.

    References
    ----------
    Harville (1974). Biometrika 61:383-385.
    Hurvich & Tsai (1989). Biometrika 76:297-307.

    Examples
    --------
    >>> fit = fit_statistics([0.1, 0.3, -0.2], [0.1, 0.2, 0.1], tau2=0.0)
    >>> float(fit.log_likelihood.round(6)), float(fit.aic.round(6))
    (-0.119512, 4.239023)
    """
    ys, vs, columns, present, _ = validate(y, v, X, mask, least=0)
    return statistics_of_fit(
        prepare(ys, vs, columns, present),
        np.broadcast_to(np.asarray(tau2, dtype=float), ys.shape[:-1]),
        restricted=restricted,
        estimated=estimated,
    )


def statistics_of_fit(
    s: Studies, tau2: Floats, *, restricted: bool, estimated: bool
) -> FitStatistics:
    """:func:`fit_statistics` for studies that are prepared; tau2 in their units."""
    n = s.df if restricted else s.k
    m = s.p + int(estimated)
    with np.errstate(all="ignore"):
        scaled = np.asarray(tau2 / s.scale**2, dtype=float)
        core = _log_likelihood(s, scaled, restricted=restricted)
        if restricted and s.X is None:
            core = core + 0.5 * np.log(s.k)  # log|X'X| of a column of ones
        ll = np.asarray(core - n * (0.5 * _LOG_2PI + np.log(s.scale)))
        at_least = np.maximum(n, m + 2.0)
        return FitStatistics(
            log_likelihood=ll,
            aic=np.asarray(-2.0 * ll + 2.0 * m),
            bic=np.asarray(-2.0 * ll + m * np.log(n)),
            aicc=np.asarray(-2.0 * ll + 2.0 * m * at_least / (at_least - m - 1.0)),
            parameters=m,
            observations=np.asarray(n),
            restricted=restricted,
        )


def _log_likelihood(s: Studies, tau2: Floats, *, restricted: bool) -> Floats:
    """Log-likelihood without its constant, of batch shape."""
    if s.single:
        return np.array(single(s, restricted=restricted).log_likelihood(float(tau2)))
    flat = np.broadcast_to(tau2, s.k.shape).reshape(-1)
    found, start = [], 0
    for part in s.parts():
        t = flat[start : start + part.k.size]
        every = np.arange(t.size)
        one = profile_of(part).log_likelihood(t, every, restricted=restricted)
        found.append(one)
        start += t.size
    return np.concatenate(found).reshape(s.k.shape)
