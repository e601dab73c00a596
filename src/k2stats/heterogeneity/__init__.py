"""Variance between studies: estimators, their intervals, Q, I2 and H2."""

from k2stats.heterogeneity import tau2_likelihood as _tau2_likelihood  # noqa: F401
from k2stats.heterogeneity import tau2_moments as _tau2_moments  # noqa: F401
from k2stats.heterogeneity import tau2_roots as _tau2_roots  # noqa: F401
from k2stats.heterogeneity._base import TAU2, Estimate, Tau2Estimator
from k2stats.heterogeneity._studies import Studies, prepare, validate
from k2stats.heterogeneity.tau2 import Tau2Fit, estimate_tau2, tau2_of

__all__ = [
    "TAU2",
    "Estimate",
    "Studies",
    "Tau2Estimator",
    "Tau2Fit",
    "estimate_tau2",
    "prepare",
    "tau2_of",
    "validate",
]
