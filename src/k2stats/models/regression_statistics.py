"""What moderators explain, and the likelihood of a meta-regression."""

import numpy as np

from k2stats._typing import Floats
from k2stats.heterogeneity import FitStatistics, estimate_tau2, fit_statistics
from k2stats.models.fitting import NO_TAU2
from k2stats.models.regression_kernel import RegressionFit
from k2stats.numerics.wls import fit_wls

LIKELIHOODS = ("ML", "REML", *NO_TAU2)
"""Estimators that leave a likelihood to compare."""


def explained(made: RegressionFit) -> Floats:
    r"""R2 in percent: what the moderators explain.

    .. math:: R^2 = \max\left(0, 1 - \frac{\hat\tau^2}{\hat\tau^2_0}\right)

    with :math:`\hat\tau^2_0` of the model without moderators by the same estimator, 0
    where that is zero. Without tau2 it is the adjusted R2 of weighted least squares,

    .. math:: R^2 = \max\left(0, 1 - \frac{Q / (K - p)}{Q_0 / (K - 1)}\right).

    NaN where tau2 was given. It makes no sense of a model without intercept.

    References
    ----------
    Raudenbush (2009), in The Handbook of Research Synthesis, chapter 16.
    """
    fit = made.fit
    if fit.X is None or fit.estimator == "fixed":
        return np.full(np.shape(fit.tau2), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        if fit.estimator in NO_TAU2:
            null = fit_wls(fit.y, fit.w).rss / (fit.k - 1.0)
            return np.asarray(100.0 * np.maximum(0.0, 1.0 - fit.q / null))
        v = fit.v if made.mask is None else np.where(made.mask, fit.v, 1.0)
        null = estimate_tau2(
            fit.y,
            v,
            method=fit.estimator,
            mask=made.mask,
            weights=None if fit.a is fit.w else fit.a,
        ).tau2
        share = 100.0 * np.maximum(0.0, 1.0 - fit.tau2 / null)
        undefined = np.isnan(null) | np.isnan(fit.tau2)
        return np.where(undefined, np.nan, np.where(null > 0.0, share, 0.0))


def likelihood_of(made: RegressionFit, X: Floats) -> FitStatistics | None:
    """Likelihood and criteria; None where tau2 does not come from a likelihood."""
    fit = made.fit
    if fit.estimator not in (*LIKELIHOODS, "fixed"):
        return None
    v = fit.v if made.mask is None else np.where(made.mask, fit.v, 1.0)
    tau2 = np.where(np.isnan(fit.tau2), 0.0, fit.tau2)
    return fit_statistics(
        fit.y,
        v,
        X,
        tau2=tau2,
        restricted=fit.estimator == "REML",
        estimated=fit.estimator in ("ML", "REML"),
        mask=made.mask,
    )
