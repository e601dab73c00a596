"""What it would take to change the answer: fragility, missing data, bias, credibility.

Importing the room files every named method: sets of moves, poolings, assumptions about
missing outcomes, measures with an E-value, bounds and readings.
"""

from k2stats.sensitivity._multiverse_models import COUNT_MODELS
from k2stats.sensitivity.bayes_factors import BAYES_FACTOR_BOUNDS, bayes_factor_bound
from k2stats.sensitivity.bias_analysis import (
    bounding_factor,
    bross_factor,
    evalue_risk_difference,
)
from k2stats.sensitivity.confounded_meta import ConfoundedMeta, confounded_meta
from k2stats.sensitivity.credibility import (
    Credibility,
    analysis_of_credibility,
    intrinsic_credibility,
)
from k2stats.sensitivity.criteria import Criterion, criterion, interval_names
from k2stats.sensitivity.design_errors import DesignErrors, design_errors
from k2stats.sensitivity.drapery import drapery
from k2stats.sensitivity.evalues import (
    EVALUE_MEASURES,
    EValue,
    bias_threshold,
    evalue,
)
from k2stats.sensitivity.false_positives import (
    FALSE_POSITIVE_RISKS,
    false_positive_report,
    false_positive_risk,
    prior_needed,
)
from k2stats.sensitivity.fragility import FragilityIndex, fragility_index
from k2stats.sensitivity.gamble_hollis import (
    UncertaintyIntervals,
    uncertainty_intervals,
)
from k2stats.sensitivity.imputation_grid import ImputationGrid, imputation_grid
from k2stats.sensitivity.imputations import IMPUTATIONS
from k2stats.sensitivity.informative_missingness import (
    effects_with_missing,
)
from k2stats.sensitivity.meta_fragility import MetaFragility, meta_fragility
from k2stats.sensitivity.missing_means import means_with_missing
from k2stats.sensitivity.missing_outcomes import BinaryWithMissing
from k2stats.sensitivity.moves import MOVE_SETS
from k2stats.sensitivity.multiverse import multiverse
from k2stats.sensitivity.multiverse_inference import CurveInference
from k2stats.sensitivity.multiverse_of_tests import (
    MultiverseOfTests,
    multiverse_of_tests,
)
from k2stats.sensitivity.multiverse_result import Multiverse
from k2stats.sensitivity.p_value_curves import PValueFunction
from k2stats.sensitivity.p_value_functions import (
    p_value_function,
    p_value_function_of_ratio,
)
from k2stats.sensitivity.pooled_analyses import POOLINGS, PooledAnalysis
from k2stats.sensitivity.readings import READINGS, read_result
from k2stats.sensitivity.replication import replication_probability, s_value

__all__ = [
    "BAYES_FACTOR_BOUNDS",
    "COUNT_MODELS",
    "EVALUE_MEASURES",
    "FALSE_POSITIVE_RISKS",
    "IMPUTATIONS",
    "MOVE_SETS",
    "POOLINGS",
    "READINGS",
    "BinaryWithMissing",
    "ConfoundedMeta",
    "Credibility",
    "Criterion",
    "CurveInference",
    "DesignErrors",
    "EValue",
    "FragilityIndex",
    "ImputationGrid",
    "MetaFragility",
    "Multiverse",
    "MultiverseOfTests",
    "PValueFunction",
    "PooledAnalysis",
    "UncertaintyIntervals",
    "analysis_of_credibility",
    "bayes_factor_bound",
    "bias_threshold",
    "bounding_factor",
    "bross_factor",
    "confounded_meta",
    "criterion",
    "design_errors",
    "drapery",
    "effects_with_missing",
    "evalue",
    "evalue_risk_difference",
    "false_positive_report",
    "false_positive_risk",
    "fragility_index",
    "imputation_grid",
    "interval_names",
    "intrinsic_credibility",
    "means_with_missing",
    "meta_fragility",
    "multiverse",
    "multiverse_of_tests",
    "p_value_function",
    "p_value_function_of_ratio",
    "prior_needed",
    "read_result",
    "replication_probability",
    "s_value",
    "uncertainty_intervals",
]
