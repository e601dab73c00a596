"""Shrunken estimates of the true effects of the studies."""

import numpy as np

from k2stats.errors import InvalidEvidenceError, require_kind
from k2stats.models.mean_tests import quantile
from k2stats.results._level import check_level
from k2stats.results.blups import Blups
from k2stats.results.pooled import PooledEstimate


def blup(fit: PooledEstimate, level: float | None = None) -> Blups:
    r"""Best linear unbiased predictions of the true effects.

    .. math:: \hat\theta_k = \lambda_k y_k + (1 - \lambda_k) \hat\mu, \quad
        \lambda_k = \frac{\tau^2}{\tau^2 + v_k}, \quad \operatorname{SE}^2 =
        \lambda_k v_k + (1 - \lambda_k)^2 \operatorname{SE}(\hat\mu)^2

    with limits from the reference of the fit's confidence interval.

    Parameters
    ----------
    fit : PooledEstimate
        Of a model with a variance between studies.
    level : float, optional
        That of the fit when left out.

    Returns
    -------
    Blups
        Arrays of shape (..., K), NaN where a study was absent.

    Raises
    ------
    InvalidEvidenceError
        For anything but a fit, and for a model without a variance between studies.

    References
    ----------
    Raudenbush and Bryk (1985). Journal of Educational Statistics 10:75-98.
    Robinson (1991). Statistical Science 6:15-32.

    Examples
    --------
    >>> from k2stats.effectsizes import EffectSizes
    >>> from k2stats.models import pool
    >>> es = EffectSizes.from_arrays([-0.9, -1.6, -0.2], [0.3, 0.2, 0.05])
    >>> blup(pool(es, tau2="DL", ci="z")).pred.round(3)
    array([-0.877, -1.38 , -0.259])
    """
    require_kind(
        fit,
        PooledEstimate,
        field="fit",
        requirement="a PooledEstimate, as pool(es) makes it",
    )
    if not fit.method.has_tau2:
        raise InvalidEvidenceError(
            field="fit",
            requirement="of a model with a variance between studies",
            given=fit.method.model.name,
        )
    at = fit.method.level if level is None else level
    check_level(at)
    es = fit.effects
    tau2, mean = fit.tau2[..., np.newaxis], fit.estimate[..., np.newaxis]
    with np.errstate(divide="ignore", invalid="ignore"):
        kept = tau2 / (tau2 + es.v)
        pred = mean + kept * (es.y - mean)
        se = np.sqrt(kept * es.v + ((1.0 - kept) * fit.se[..., np.newaxis]) ** 2)
    if fit.mask is not None:
        pred, se = (np.where(fit.mask, x, np.nan) for x in (pred, se))
    df = None if bool(np.isinf(fit.df).all()) else fit.df[..., np.newaxis]
    half = quantile(df, at) * se
    return Blups(fit, pred, se, pred - half, pred + half, 1.0 - kept, at)
