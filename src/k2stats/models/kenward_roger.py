r"""Kenward and Roger's test: the standard error allows for the estimation of tau2."""

import numpy as np

from k2stats.models._mean_fit import MeanFit
from k2stats.models.mean_tests import (
    MEAN_TESTS,
    MeanInference,
    Rng,
    require_model_weights,
)
from k2stats.numerics.wls import project


@MEAN_TESTS.register(
    "KR",
    label="Kenward-Roger",
    reference="Partlett and Riley (2017) Stat Med 36:301-317",
    equation="SE and degrees of freedom adjusted for the estimation of tau2",
    traits=("random", "REML"),
)
def kenward_roger(fit: MeanFit, level: float, rng: Rng = None) -> MeanInference:
    r"""Covariance inflated for the uncertainty of tau2, with fitted degrees of freedom.

    With :math:`\Phi = (X^\top W X)^{-1}`, :math:`M_r = X^\top W^r X` and the expected
    information :math:`I = \tfrac12 \operatorname{tr}(PP)` of REML,

    .. math:: C = \Phi + \frac{2}{I} \Phi (M_3 - M_2 \Phi M_2) \Phi, \quad
        \nu_j = \frac{2 I\, C_{jj}^2}{(C M_2 C)_{jj}^2}.

    Raises
    ------
    InvalidEvidenceError
        For weights of the user, whose covariance is another.
    """
    require_model_weights(fit, "KR")
    with np.errstate(divide="ignore", invalid="ignore"):
        projection = project(fit.w, fit.X)
        information = 0.5 * projection.trace_pair()
        x = np.ones((*fit.w.shape, 1)) if fit.X is None else fit.X
        wx = fit.w[..., np.newaxis] * x
        m2 = np.einsum("...ki,...kj->...ij", wx, wx)
        # M3 - M2 Phi M2 as a sum of squares: nothing cancels.
        rest = wx - np.einsum("...ki,...ij,...jl->...kl", x, fit.cov, m2)
        gap = np.einsum("...ki,...k,...kj->...ij", rest, fit.w, rest)
        share = 2.0 / information[..., np.newaxis, np.newaxis]
        cov = fit.cov + share * (fit.cov @ gap @ fit.cov)
        spread = np.diagonal(cov @ m2 @ cov, axis1=-2, axis2=-1)
        own = np.diagonal(cov, axis1=-2, axis2=-1)
        df = 2.0 * information[..., np.newaxis] * (own / spread) ** 2
    return MeanInference(fit.beta, cov, df, level)
