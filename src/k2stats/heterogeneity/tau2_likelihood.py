"""Estimators of tau2 by maximum likelihood; the maximum is the global one."""

import math

import numpy as np

from k2stats._typing import Floats
from k2stats.heterogeneity._base import TAU2, Estimate
from k2stats.heterogeneity._maximise import maximise
from k2stats.heterogeneity._profile import profile_of
from k2stats.heterogeneity._single import maximise_one
from k2stats.heterogeneity._single_regression import single
from k2stats.heterogeneity._studies import Studies


@TAU2.register(
    "REML",
    label="Restricted maximum likelihood",
    reference="Patterson & Thompson (1971). Biometrika 58:545-554. "
    "Raudenbush (2009), in The Handbook of Research Synthesis, ch. 16.",
    equation=r"\arg\max \ell_R: y^T P P y = \operatorname{tr}(P)",
    traits=("iterative", "likelihood"),
)
def restricted_maximum_likelihood(s: Studies) -> Estimate:
    r"""Maximum of the likelihood of the residual contrasts.

    .. math:: \ell_R = -\tfrac12 \sum_k \log(v_k + \tau^2)
        - \tfrac12 \log|X^\top W X| - \tfrac12 y^\top P y, \qquad
        \mathrm{SE} = \sqrt{2 / \operatorname{tr}(P P)}

    The likelihood can have several maxima. Every one is found and the highest
    taken, see :mod:`k2stats.heterogeneity._certify`.
    """
    if s.single:
        return _one(s, restricted=True)
    profile = profile_of(s)
    tau2, ok = maximise(profile, restricted=True)
    _, square, _, _ = profile.traces(tau2, np.arange(tau2.size))
    return _shaped(s, tau2, np.sqrt(2.0 / square), ok)


@TAU2.register(
    "ML",
    label="Maximum likelihood",
    reference="Hardy & Thompson (1996). Statistics in Medicine 15:619-629.",
    equation=r"\arg\max \ell: y^T P P y = \operatorname{tr}(W)",
    traits=("iterative", "likelihood"),
)
def maximum_likelihood(s: Studies) -> Estimate:
    r"""Maximum of the likelihood profiled over the coefficients.

    .. math:: \ell = -\tfrac12 \sum_k \log(v_k + \tau^2) - \tfrac12 y^\top P y,
        \qquad \mathrm{SE} = \sqrt{2 / \operatorname{tr}(W W)}
    """
    if s.single:
        return _one(s, restricted=False)
    profile = profile_of(s)
    tau2, ok = maximise(profile, restricted=False)
    _, _, _, square = profile.traces(tau2, np.arange(tau2.size))
    return _shaped(s, tau2, np.sqrt(2.0 / square), ok)


@TAU2.register(
    "BM",
    label="Bayes modal",
    reference="Chung, Rabe-Hesketh & Choi (2013). Statistics in Medicine 32:4071-4089.",
    equation=r"\arg\max \ell + \log\tau",
    traits=("iterative", "likelihood", "positive"),
)
def bayes_modal(s: Studies) -> Estimate:
    r"""Posterior mode under a gamma prior of tau with shape 2 and rate near 0.

    .. math:: \ell + \tfrac12\log\tau^2, \qquad
        \ell = -\tfrac12 \sum_k \log(v_k + \tau^2) - \tfrac12 y^\top P y

    with a flat prior of the coefficients, which are at their joint mode; always
    positive. The standard error is from the curvature at the mode.
    """
    return _penalised(s, restricted=False)


@TAU2.register(
    "BMR",
    label="Bayes modal, restricted likelihood",
    reference="Chung, Rabe-Hesketh & Choi (2013). Statistics in Medicine 32:4071-4089, "
    "with the coefficients integrated out.",
    equation=r"\arg\max \ell_R + \log\tau",
    traits=("iterative", "likelihood", "positive"),
)
def bayes_modal_restricted(s: Studies) -> Estimate:
    """Bayes modal with the restricted likelihood; needs two degrees of freedom."""
    return _penalised(s, restricted=True)


def _one(s: Studies, *, restricted: bool) -> Estimate:
    one = single(s, restricted=restricted)
    tau2 = maximise_one(one)
    _, square = one.traces(tau2)
    se = math.sqrt(2.0 / square) if square > 0.0 else math.nan
    return Estimate(np.array(tau2), np.array(se), np.array(math.isfinite(tau2)))


def _penalised(s: Studies, *, restricted: bool) -> Estimate:
    profile = profile_of(s)
    tau2, ok = maximise(profile, restricted=restricted, penalised=True)
    every = np.arange(tau2.size)
    m = profile.moments(tau2, every, restricted=restricted)
    curvature = m.g * m.r - 0.5 * m.h * m.s + 0.5 / tau2**2
    return _shaped(s, tau2, 1.0 / np.sqrt(curvature), ok)


def _shaped(s: Studies, tau2: Floats, se: Floats, ok: object) -> Estimate:
    """Give a flat batch its shape back."""
    shape = s.y.shape[:-1]
    return Estimate(
        tau2.reshape(shape), se.reshape(shape), np.asarray(ok).reshape(shape)
    )
