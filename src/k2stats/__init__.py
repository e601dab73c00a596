"""k2stats: printed numbers as typed evidence, recomputed, audited and pooled.

The public names, each from where it lives, loaded when first used so that ``import
k2stats`` stays quick. Sources and their claims are in :mod:`k2stats.datasets`.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from k2stats import errors
from k2stats._version import __version__

if TYPE_CHECKING:
    from k2stats import effectsizes
    from k2stats.absolute_effects import (
        NNT,
        events_per_thousand,
        nnt,
        nnt_by_horizon,
        nnt_from_ratio,
        nnt_from_risk_difference,
        nnt_from_smd,
        risk_difference,
    )
    from k2stats.audit import (
        Finding,
        Findings,
        Verdict,
        audit,
        identify,
        replay,
    )
    from k2stats.effectsizes import (
        EffectSizes,
        ZeroCells,
        effect_size,
        effect_sizes,
        measures_table,
    )
    from k2stats.evidence import (
        Claim,
        Correlation,
        Derived,
        Direction,
        Horizon,
        MediansWithP,
        NumberNeeded,
        PairedMeans,
        PairedRows,
        PrintedTwoByTwo,
        PrintedTwoMeans,
        Printing,
        PValue,
        Qualitative,
        RatioCI,
        RatioWithCI,
        Reported,
        SameQuantity,
        Source,
        TwoByTwo,
        TwoMeans,
    )
    from k2stats.models import (
        beta_binomial,
        blup,
        cumulative,
        exact_odds_ratio,
        firth,
        glmm,
        leave_one_out,
        location_scale,
        mantel_haenszel,
        meta_regression,
        multimodel,
        permutation_test,
        peto,
        pool,
        pool_long,
    )
    from k2stats.significance import (
        confidence_interval,
        confidence_intervals,
        means_p_values,
        p_values,
        pairs_p_values,
        proportion_interval,
        ratio_consistency,
        ratio_p_values,
        significance_test,
    )

_HOMES = {
    "k2stats.absolute_effects": (
        "NNT",
        "events_per_thousand",
        "nnt",
        "nnt_by_horizon",
        "nnt_from_ratio",
        "nnt_from_risk_difference",
        "nnt_from_smd",
        "risk_difference",
    ),
    "k2stats.audit": (
        "Finding",
        "Findings",
        "Verdict",
        "audit",
        "identify",
        "replay",
    ),
    "k2stats.effectsizes": (
        "EffectSizes",
        "ZeroCells",
        "effect_size",
        "effect_sizes",
        "measures_table",
    ),
    "k2stats.evidence": (
        "Claim",
        "Correlation",
        "Derived",
        "Direction",
        "Horizon",
        "MediansWithP",
        "NumberNeeded",
        "PValue",
        "PairedMeans",
        "PairedRows",
        "PrintedTwoByTwo",
        "PrintedTwoMeans",
        "Printing",
        "Qualitative",
        "RatioCI",
        "RatioWithCI",
        "Reported",
        "SameQuantity",
        "Source",
        "TwoByTwo",
        "TwoMeans",
    ),
    "k2stats.models": (
        "beta_binomial",
        "blup",
        "cumulative",
        "exact_odds_ratio",
        "firth",
        "glmm",
        "leave_one_out",
        "location_scale",
        "mantel_haenszel",
        "meta_regression",
        "multimodel",
        "permutation_test",
        "peto",
        "pool",
        "pool_long",
    ),
    "k2stats.significance": (
        "confidence_interval",
        "confidence_intervals",
        "means_p_values",
        "p_values",
        "pairs_p_values",
        "proportion_interval",
        "ratio_consistency",
        "ratio_p_values",
        "significance_test",
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}
_ROOMS = ("effectsizes",)
"""Rooms that are reached as attributes, ``k2stats.effectsizes.conversions``."""

__all__ = [
    "NNT",
    "Claim",
    "Correlation",
    "Derived",
    "Direction",
    "EffectSizes",
    "Finding",
    "Findings",
    "Horizon",
    "MediansWithP",
    "NumberNeeded",
    "PValue",
    "PairedMeans",
    "PairedRows",
    "PrintedTwoByTwo",
    "PrintedTwoMeans",
    "Printing",
    "Qualitative",
    "RatioCI",
    "RatioWithCI",
    "Reported",
    "SameQuantity",
    "Source",
    "TwoByTwo",
    "TwoMeans",
    "Verdict",
    "ZeroCells",
    "__version__",
    "audit",
    "beta_binomial",
    "blup",
    "confidence_interval",
    "confidence_intervals",
    "cumulative",
    "effect_size",
    "effect_sizes",
    "effectsizes",
    "errors",
    "events_per_thousand",
    "exact_odds_ratio",
    "firth",
    "glmm",
    "identify",
    "leave_one_out",
    "location_scale",
    "mantel_haenszel",
    "means_p_values",
    "measures_table",
    "meta_regression",
    "multimodel",
    "nnt",
    "nnt_by_horizon",
    "nnt_from_ratio",
    "nnt_from_risk_difference",
    "nnt_from_smd",
    "p_values",
    "pairs_p_values",
    "permutation_test",
    "peto",
    "pool",
    "pool_long",
    "proportion_interval",
    "ratio_consistency",
    "ratio_p_values",
    "replay",
    "risk_difference",
    "significance_test",
]


def __getattr__(name: str) -> object:
    """Load a public name from its home on first use."""
    if name in _ROOMS:
        return import_module(f"k2stats.{name}")
    if name not in _HOME_OF:
        raise AttributeError(f"module 'k2stats' has no attribute {name!r}")
    value = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


class _Package(ModuleType):
    """The package, in which a public name wins over a room of the same name.

    Importing ``k2stats.audit`` binds that room to the package; ``k2stats.audit`` must
    stay the function all the same.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if not (isinstance(value, ModuleType) and name in _HOME_OF):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
