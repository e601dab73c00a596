"""Named tests and intervals, recomputed from what a source prints."""

from k2stats.significance import (
    closed_form,
    exact_conditional,
    exact_unconditional,
    power_divergence,
    transformed_risks,
    zero_one_outcomes,
)
from k2stats.significance._base import (
    MEANS_TESTS,
    PAIRS_TESTS,
    TWO_BY_TWO_TESTS,
    TestResult,
)
from k2stats.significance._intervals import (
    OR_INTERVALS,
    PROPORTION_INTERVALS,
    RD_INTERVALS,
    RR_INTERVALS,
    IntervalResult,
)
from k2stats.significance.confidence import (
    INTERVALS,
    confidence_interval,
    confidence_intervals,
    proportion_interval,
)
from k2stats.significance.correlation import (
    CORRELATION_TESTS,
    correlation_p_values,
    correlation_t,
    fisher_z,
    fisher_z_interval,
)
from k2stats.significance.enclosures import Enclosure, PValueRange
from k2stats.significance.mean_intervals import (
    MD_INTERVALS,
    cohen_d,
    hedges_g,
    ratio_of_means,
)
from k2stats.significance.means import student, welch
from k2stats.significance.means_rounding import as_two_means, means_p_values
from k2stats.significance.medians import MediansImplied, implied_z, medians_implied
from k2stats.significance.p_values import p_values, significance_test
from k2stats.significance.paired_rows import (
    PairsSummary,
    paired_means_interval,
    paired_means_test,
    pairs_p_values,
    summarise_pairs,
    whole_differences,
)
from k2stats.significance.pairs import smallest_wilcoxon_p
from k2stats.significance.ratio_ci import (
    RATIO_P_VALUES,
    RatioConsistency,
    ratio_consistency,
    ratio_p_values,
    ratio_test,
)
from k2stats.significance.ratio_conversions import (
    altman_bland_p,
    altman_bland_z,
    ci_from_p,
    se_from_limits,
    se_from_p,
    z_from_p,
)

__all__ = [
    "CORRELATION_TESTS",
    "INTERVALS",
    "MD_INTERVALS",
    "MEANS_TESTS",
    "OR_INTERVALS",
    "PAIRS_TESTS",
    "PROPORTION_INTERVALS",
    "RATIO_P_VALUES",
    "RD_INTERVALS",
    "RR_INTERVALS",
    "TWO_BY_TWO_TESTS",
    "Enclosure",
    "IntervalResult",
    "MediansImplied",
    "PValueRange",
    "PairsSummary",
    "RatioConsistency",
    "TestResult",
    "altman_bland_p",
    "altman_bland_z",
    "as_two_means",
    "ci_from_p",
    "closed_form",
    "cohen_d",
    "confidence_interval",
    "confidence_intervals",
    "correlation_p_values",
    "correlation_t",
    "exact_conditional",
    "exact_unconditional",
    "fisher_z",
    "fisher_z_interval",
    "hedges_g",
    "implied_z",
    "means_p_values",
    "medians_implied",
    "p_values",
    "paired_means_interval",
    "paired_means_test",
    "pairs_p_values",
    "power_divergence",
    "proportion_interval",
    "ratio_consistency",
    "ratio_of_means",
    "ratio_p_values",
    "ratio_test",
    "se_from_limits",
    "se_from_p",
    "significance_test",
    "smallest_wilcoxon_p",
    "student",
    "summarise_pairs",
    "transformed_risks",
    "welch",
    "whole_differences",
    "z_from_p",
    "zero_one_outcomes",
]
