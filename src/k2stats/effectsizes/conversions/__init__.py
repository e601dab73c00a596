"""From what a paper prints to effect sizes, and from one effect size to another.

Start from what you have. A test statistic or p-value: :func:`smd_from_t`,
:func:`correlation_from_p`, :func:`peto_from_chi2`. An interval, z or p beside an
estimate: :func:`from_wald`. Margins and one statistic of a 2x2 table:
:func:`tables_from` for every table that fits, ``cells_from_*`` for the nearest.
Medians, quartiles, ranges: :func:`mean_sd_from_quantiles`, after
:func:`skewness_test`. An SE, interval, p or correlation in place of an SD:
``sd_from_*``, :func:`change_sd`. Several groups: :func:`combine_groups`,
:func:`split_control`. Survival: ``log_hr_from_*``. Another measure:
:func:`convert_at_risk` for OR, RR, RD and HR, ``d_to_*``, ``r_to_*``,
``log_or_to_*`` for the standardised ones, :func:`transform` for any function.
Every function takes scalars or arrays that broadcast, passes missing values
through as NaN, refuses impossible ones by name and row, and is listed with its
equation and paper in ``CONVERSIONS``, the five-number methods in
``FIVE_NUMBER_METHODS``.
"""

from k2stats.effectsizes.conversions import (  # noqa: F401 - they file their methods
    five_boxcox,
    five_closed,
    five_quantile,
)
from k2stats.effectsizes.conversions._shared import (
    CONVERSIONS,
    Estimates,
)
from k2stats.effectsizes.conversions.between_measures import (
    ConvertedInterval,
    convert_at_risk,
    convert_estimate_at_risk,
    convert_interval_at_risk,
)
from k2stats.effectsizes.conversions.cells import (
    cells_from_chi2,
    cells_from_odds_ratio,
    cells_from_phi,
    cells_from_risk_ratio,
)
from k2stats.effectsizes.conversions.changes import (
    change_sd,
    change_sd_from_p,
    change_sd_from_t,
    correlation_from_sds,
)
from k2stats.effectsizes.conversions.combine import (
    Group,
    combine_groups,
    remaining_group,
    split_control,
)
from k2stats.effectsizes.conversions.common_outcomes import (
    hr_to_rr_common,
    or_to_rr_common,
)
from k2stats.effectsizes.conversions.correlations import (
    correlation_from_f,
    correlation_from_p,
    correlation_from_t,
    correlation_from_z,
    partial_correlation_from_t,
    phi_from_chi2,
    semipartial_correlation_from_t,
)
from k2stats.effectsizes.conversions.delta import (
    Transformed,
    transform,
    transform_interval,
)
from k2stats.effectsizes.conversions.diagnostic import (
    diagnostic_tables,
)
from k2stats.effectsizes.conversions.fisher_z import (
    r_to_z,
    z_to_r,
)
from k2stats.effectsizes.conversions.five_number import (
    FIVE_NUMBER_METHODS,
    MeanSD,
    mean_sd_from_quantiles,
)
from k2stats.effectsizes.conversions.from_chi2 import (
    chi2_from_yates,
    peto_from_chi2,
    yates_from_chi2,
)
from k2stats.effectsizes.conversions.from_p import (
    chi2_from_p,
    f_from_p,
    t_from_f,
    t_from_p,
    z_from_chi2,
    z_from_log_p,
    z_from_p,
)
from k2stats.effectsizes.conversions.from_tests import (
    smcc_from_t,
    smd_from_f,
    smd_from_p,
    smd_from_t,
    variance_from_statistic,
)
from k2stats.effectsizes.conversions.risk_measures import (
    RISK_MEASURES,
    RiskMeasure,
)
from k2stats.effectsizes.conversions.skewness import (
    SkewnessTest,
    skewness_test,
)
from k2stats.effectsizes.conversions.spreads import (
    sd_from_ci,
    sd_from_iqr,
    sd_from_other_group,
    sd_from_p,
    sd_from_range,
    sd_from_se,
    sd_from_se_difference,
    sd_from_t,
)
from k2stats.effectsizes.conversions.standardized import (
    LOGISTIC_FACTORS,
    d_to_log_or,
    d_to_r,
    log_or_to_d,
    log_or_to_r,
    r_to_d,
    r_to_log_or,
)
from k2stats.effectsizes.conversions.survival import (
    log_hr_from_expected,
    log_hr_from_logrank_chi2,
    log_hr_from_logrank_p,
    log_hr_from_oe,
    logrank_variance,
    oe_from_log_hr,
)
from k2stats.effectsizes.conversions.survival_summaries import (
    log_hr_from_events,
    log_hr_from_medians,
    log_hr_from_survival,
)
from k2stats.effectsizes.conversions.tables import (
    FeasibleTables,
    tables_from,
)
from k2stats.effectsizes.conversions.wald import (
    WaldEstimates,
    from_wald,
    interval_asymmetry,
    variance_from_ci,
    variance_from_p,
)
from k2stats.effectsizes.conversions.wald_printed import (
    se_enclosure,
    symmetric_within_rounding,
)

__all__ = [
    "CONVERSIONS",
    "FIVE_NUMBER_METHODS",
    "LOGISTIC_FACTORS",
    "RISK_MEASURES",
    "ConvertedInterval",
    "Estimates",
    "FeasibleTables",
    "Group",
    "MeanSD",
    "RiskMeasure",
    "SkewnessTest",
    "Transformed",
    "WaldEstimates",
    "cells_from_chi2",
    "cells_from_odds_ratio",
    "cells_from_phi",
    "cells_from_risk_ratio",
    "change_sd",
    "change_sd_from_p",
    "change_sd_from_t",
    "chi2_from_p",
    "chi2_from_yates",
    "combine_groups",
    "convert_at_risk",
    "convert_estimate_at_risk",
    "convert_interval_at_risk",
    "correlation_from_f",
    "correlation_from_p",
    "correlation_from_sds",
    "correlation_from_t",
    "correlation_from_z",
    "d_to_log_or",
    "d_to_r",
    "diagnostic_tables",
    "f_from_p",
    "from_wald",
    "hr_to_rr_common",
    "interval_asymmetry",
    "log_hr_from_events",
    "log_hr_from_expected",
    "log_hr_from_logrank_chi2",
    "log_hr_from_logrank_p",
    "log_hr_from_medians",
    "log_hr_from_oe",
    "log_hr_from_survival",
    "log_or_to_d",
    "log_or_to_r",
    "logrank_variance",
    "mean_sd_from_quantiles",
    "oe_from_log_hr",
    "or_to_rr_common",
    "partial_correlation_from_t",
    "peto_from_chi2",
    "phi_from_chi2",
    "r_to_d",
    "r_to_log_or",
    "r_to_z",
    "remaining_group",
    "sd_from_ci",
    "sd_from_iqr",
    "sd_from_other_group",
    "sd_from_p",
    "sd_from_range",
    "sd_from_se",
    "sd_from_se_difference",
    "sd_from_t",
    "se_enclosure",
    "semipartial_correlation_from_t",
    "skewness_test",
    "smcc_from_t",
    "smd_from_f",
    "smd_from_p",
    "smd_from_t",
    "split_control",
    "symmetric_within_rounding",
    "t_from_f",
    "t_from_p",
    "tables_from",
    "transform",
    "transform_interval",
    "variance_from_ci",
    "variance_from_p",
    "variance_from_statistic",
    "yates_from_chi2",
    "z_from_chi2",
    "z_from_log_p",
    "z_from_p",
    "z_to_r",
]
