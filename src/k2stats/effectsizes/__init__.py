"""Effect sizes: the measures, their variances and scales, and where they come from.

Conversions from what papers print, and between measures, are in
:mod:`k2stats.effectsizes.conversions`, loaded on first use.
"""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

# Each of these modules registers its measures as it is imported.
from k2stats.effectsizes import (  # noqa: F401
    binary,
    binary_association,
    binary_paired,
    change,
    change_ratios,
    correlations,
    determination,
    given,
    mixed_association,
    proportions,
    rates,
    reliability,
    single,
    superiority,
    tetrachoric,
    two_means,
    variability,
)
from k2stats.effectsizes._base import EffectSizes, Interval
from k2stats.effectsizes._measures import (
    MEASURES,
    Measure,
    Options,
    find_measure,
    measure,
    measures_by_group,
    measures_table,
)
from k2stats.effectsizes.frames import effect_size, effect_sizes, needs
from k2stats.effectsizes.inputs import (
    Alpha,
    AsGiven,
    ChangeMeans,
    CorrelationInput,
    Determination,
    Genotypes,
    MarginalPairs,
    OneMean,
    OneSpread,
    PairedCounts,
    Proportion,
    Rate,
    RegressionTest,
    RegressionTestR2,
    Superiority,
    TwoRates,
)
from k2stats.effectsizes.scales import SCALES, Scale, harmonic_mean, scale
from k2stats.effectsizes.zero_cells import NOTHING, Rule, ZeroCells, rule_of

if TYPE_CHECKING:
    from k2stats.effectsizes import conversions

__all__ = [
    "MEASURES",
    "NOTHING",
    "SCALES",
    "Alpha",
    "AsGiven",
    "ChangeMeans",
    "CorrelationInput",
    "Determination",
    "EffectSizes",
    "Genotypes",
    "Interval",
    "MarginalPairs",
    "Measure",
    "OneMean",
    "OneSpread",
    "Options",
    "PairedCounts",
    "Proportion",
    "Rate",
    "RegressionTest",
    "RegressionTestR2",
    "Rule",
    "Scale",
    "Superiority",
    "TwoRates",
    "ZeroCells",
    "conversions",
    "effect_size",
    "effect_sizes",
    "find_measure",
    "harmonic_mean",
    "measure",
    "measures_by_group",
    "measures_table",
    "needs",
    "rule_of",
    "scale",
]


def __getattr__(name: str) -> ModuleType:
    """Load the conversions on first use."""
    if name == "conversions":
        return import_module("k2stats.effectsizes.conversions")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
