"""Variance between studies: estimators, their intervals, Q, I2 and H2."""

from k2stats.heterogeneity import interval_bootstrap as _interval_bootstrap  # noqa: F401
from k2stats.heterogeneity import interval_likelihood as _interval_likelihood  # noqa: F401
from k2stats.heterogeneity import interval_q as _interval_q  # noqa: F401
from k2stats.heterogeneity import tau2_fixed_q as _tau2_fixed_q  # noqa: F401
from k2stats.heterogeneity import tau2_likelihood as _tau2_likelihood  # noqa: F401
from k2stats.heterogeneity import tau2_moments as _tau2_moments  # noqa: F401
from k2stats.heterogeneity import tau2_roots as _tau2_roots  # noqa: F401
from k2stats.heterogeneity._base import TAU2, Estimate, Tau2Estimator
from k2stats.heterogeneity._fast import kernels
from k2stats.heterogeneity._studies import Studies, prepare
from k2stats.heterogeneity._validate import validate
from k2stats.heterogeneity.interval_cv import CV_INTERVALS, CvInterval, cv_interval
from k2stats.heterogeneity.intervals import (
    TAU2_INTERVALS,
    Tau2Interval,
    tau2_interval,
)
from k2stats.heterogeneity.likelihood import (
    FitStatistics,
    fit_statistics,
    statistics_of_fit,
)
from k2stats.heterogeneity.measures import (
    cv_of_tau,
    h2_of_tau2,
    i2_of_h2,
    i2_of_tau2,
    r_b_of_tau2,
)
from k2stats.heterogeneity.statistic_intervals import (
    H2_INTERVALS,
    HeterogeneityInterval,
    heterogeneity_interval,
)
from k2stats.heterogeneity.statistics import (
    Heterogeneity,
    QTest,
    cochran_q,
    heterogeneity,
    heterogeneity_of,
    q_exact_p,
    q_test_of,
    typical_variance,
)
from k2stats.heterogeneity.tau2 import Tau2Fit, estimate_tau2, tau2_of

__all__ = [
    "CV_INTERVALS",
    "H2_INTERVALS",
    "TAU2",
    "TAU2_INTERVALS",
    "CvInterval",
    "Estimate",
    "FitStatistics",
    "Heterogeneity",
    "HeterogeneityInterval",
    "QTest",
    "Studies",
    "Tau2Estimator",
    "Tau2Fit",
    "Tau2Interval",
    "cochran_q",
    "cv_interval",
    "cv_of_tau",
    "estimate_tau2",
    "fit_statistics",
    "h2_of_tau2",
    "heterogeneity",
    "heterogeneity_interval",
    "heterogeneity_of",
    "i2_of_h2",
    "i2_of_tau2",
    "kernels",
    "prepare",
    "q_exact_p",
    "q_test_of",
    "r_b_of_tau2",
    "statistics_of_fit",
    "tau2_interval",
    "tau2_of",
    "typical_variance",
    "validate",
]
