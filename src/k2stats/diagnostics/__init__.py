"""What one study, or the missing ones, do to a result.

Influence and outliers, small-study effects, selection for significance.
"""

# Each of these modules registers its tests as it is imported.
from k2stats.diagnostics import (  # noqa: F401
    count_regressions,
    egger,
    rank_tests,
)
from k2stats.diagnostics._asymmetry import ASYMMETRY_TESTS
from k2stats.diagnostics._selection_result import SelectionModel
from k2stats.diagnostics.baujat import Baujat, baujat
from k2stats.diagnostics.copas import Copas, copas
from k2stats.diagnostics.egger import PREDICTORS
from k2stats.diagnostics.excess_significance import (
    ExcessSignificance,
    excess_significance,
)
from k2stats.diagnostics.fail_safe import FAIL_SAFE, FailSafeN, fail_safe_n
from k2stats.diagnostics.funnel import funnel
from k2stats.diagnostics.gosh import Gosh, GoshClusters, gosh
from k2stats.diagnostics.influence import (
    ClusterDeletions,
    Influence,
    influence,
    leave_one_cluster_out,
)
from k2stats.diagnostics.limit_meta import LimitMetaAnalysis, limit_meta_analysis
from k2stats.diagnostics.outcome_reporting import ReportingBound, reporting_bound
from k2stats.diagnostics.p_curve import PCurve, p_curve
from k2stats.diagnostics.p_uniform import PUniform, p_uniform
from k2stats.diagnostics.p_uniform_star import PUniformStar, p_uniform_star
from k2stats.diagnostics.pet_peese import AdjustedMean, pet_peese, waap_wls
from k2stats.diagnostics.power_indices import (
    Caliper,
    RIndex,
    Tiva,
    caliper,
    r_index,
    tiva,
)
from k2stats.diagnostics.publication_bias import (
    CorrectedMean,
    SValue,
    corrected_mean,
    publication_bias_s_value,
)
from k2stats.diagnostics.residual_plots import QuantileQuantile, Radial, qq, radial
from k2stats.diagnostics.selection import selection_model
from k2stats.diagnostics.small_study import (
    AsymmetryTest,
    asymmetry_test,
    asymmetry_tests,
    egger_test,
)
from k2stats.diagnostics.trim_fill import MISSING, TrimFill, trim_fill
from k2stats.diagnostics.weight_functions import WEIGHTS
from k2stats.diagnostics.z_curve import ZCurve, z_curve

__all__ = [
    "ASYMMETRY_TESTS",
    "FAIL_SAFE",
    "MISSING",
    "PREDICTORS",
    "WEIGHTS",
    "AdjustedMean",
    "AsymmetryTest",
    "Baujat",
    "Caliper",
    "ClusterDeletions",
    "Copas",
    "CorrectedMean",
    "ExcessSignificance",
    "FailSafeN",
    "Gosh",
    "GoshClusters",
    "Influence",
    "LimitMetaAnalysis",
    "PCurve",
    "PUniform",
    "PUniformStar",
    "QuantileQuantile",
    "RIndex",
    "Radial",
    "ReportingBound",
    "SValue",
    "SelectionModel",
    "Tiva",
    "TrimFill",
    "ZCurve",
    "asymmetry_test",
    "asymmetry_tests",
    "baujat",
    "caliper",
    "copas",
    "corrected_mean",
    "egger_test",
    "excess_significance",
    "fail_safe_n",
    "funnel",
    "gosh",
    "influence",
    "leave_one_cluster_out",
    "limit_meta_analysis",
    "p_curve",
    "p_uniform",
    "p_uniform_star",
    "pet_peese",
    "publication_bias_s_value",
    "qq",
    "r_index",
    "radial",
    "reporting_bound",
    "selection_model",
    "tiva",
    "trim_fill",
    "waap_wls",
    "z_curve",
]
