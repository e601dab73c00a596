"""Models of pooled effects."""

from k2stats.models import (
    henmi_copas,
    likelihood_interval,
    permutation,
    prediction_bootstrap,
)
from k2stats.models.blup import blup
from k2stats.models.fitting import ArrayFit, fit_arrays
from k2stats.models.importance import Share, share_beyond
from k2stats.models.mean_tests import MEAN_TESTS, MeanInference
from k2stats.models.permutation import permutation_test
from k2stats.models.pool_long import pool_long
from k2stats.models.pooling import pool
from k2stats.models.prediction import PREDICTIONS
from k2stats.models.profiles import PROFILES, Profile
from k2stats.models.resampling import bootstrap, cumulative, leave_one_out
from k2stats.models.weightings import MODELS

__all__ = [
    "MEAN_TESTS",
    "MODELS",
    "PREDICTIONS",
    "PROFILES",
    "ArrayFit",
    "MeanInference",
    "Profile",
    "Share",
    "blup",
    "bootstrap",
    "cumulative",
    "fit_arrays",
    "henmi_copas",
    "leave_one_out",
    "likelihood_interval",
    "permutation",
    "permutation_test",
    "pool",
    "pool_long",
    "prediction_bootstrap",
    "share_beyond",
]
