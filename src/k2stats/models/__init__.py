"""Models of pooled effects."""

from k2stats.models import (
    henmi_copas,
    kenward_roger,
    likelihood_interval,
    permutation,
    prediction_bootstrap,
    skovgaard,
)
from k2stats.models._count_registry import COUNT_METHODS
from k2stats.models._stratified_registry import STRATIFIED_TESTS
from k2stats.models.beta_binomial import beta_binomial
from k2stats.models.blup import blup
from k2stats.models.collinearity import vif
from k2stats.models.comparison import likelihood_ratio_test
from k2stats.models.contrasts import contrast, pairwise, term_test, wald_anova
from k2stats.models.count_methods import count_methods_table, pool_counts
from k2stats.models.exact_or import exact_odds_ratio, exact_rate_ratio
from k2stats.models.firth import firth
from k2stats.models.fitting import ArrayFit, fit_arrays
from k2stats.models.glmm import glmm
from k2stats.models.glmm_regression import glmm_regression
from k2stats.models.importance import Share, share_beyond
from k2stats.models.location_scale import location_scale
from k2stats.models.mantel_haenszel import mantel_haenszel
from k2stats.models.mean_tests import MEAN_TESTS, MeanInference
from k2stats.models.meta_regression import meta_regression
from k2stats.models.multimodel import multimodel
from k2stats.models.permutation import permutation_test
from k2stats.models.peto import peto
from k2stats.models.pool_long import pool_long
from k2stats.models.pooling import pool
from k2stats.models.prediction import PREDICTIONS
from k2stats.models.profiles import PROFILES, Profile
from k2stats.models.regression_bootstrap import r2_interval
from k2stats.models.regression_permutation import regression_permutation
from k2stats.models.resampling import bootstrap, cumulative, leave_one_out
from k2stats.models.robust import robust
from k2stats.models.ssw import ssw
from k2stats.models.stratified import all_stratified_tests, stratified_test
from k2stats.models.stratified_tests import cochran_mantel_haenszel
from k2stats.models.subgroups import subgroups
from k2stats.models.weightings import MODELS

__all__ = [
    "COUNT_METHODS",
    "MEAN_TESTS",
    "MODELS",
    "PREDICTIONS",
    "PROFILES",
    "STRATIFIED_TESTS",
    "ArrayFit",
    "MeanInference",
    "Profile",
    "Share",
    "all_stratified_tests",
    "beta_binomial",
    "blup",
    "bootstrap",
    "cochran_mantel_haenszel",
    "contrast",
    "count_methods_table",
    "cumulative",
    "exact_odds_ratio",
    "exact_rate_ratio",
    "firth",
    "fit_arrays",
    "glmm",
    "glmm_regression",
    "henmi_copas",
    "kenward_roger",
    "leave_one_out",
    "likelihood_interval",
    "likelihood_ratio_test",
    "location_scale",
    "mantel_haenszel",
    "meta_regression",
    "multimodel",
    "pairwise",
    "permutation",
    "permutation_test",
    "peto",
    "pool",
    "pool_counts",
    "pool_long",
    "prediction_bootstrap",
    "r2_interval",
    "regression_permutation",
    "robust",
    "share_beyond",
    "skovgaard",
    "ssw",
    "stratified_test",
    "subgroups",
    "term_test",
    "vif",
    "wald_anova",
]
