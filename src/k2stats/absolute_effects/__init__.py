"""Absolute effects: risk differences, numbers needed to treat, events per 1000."""

from k2stats.absolute_effects._inputs import EventsAre
from k2stats.absolute_effects.from_counts import nnt, risk_difference
from k2stats.absolute_effects.from_ratio import nnt_from_ratio
from k2stats.absolute_effects.from_smd import nnt_from_smd, nnt_kraemer_kupfer
from k2stats.absolute_effects.horizons import (
    NNTByHorizon,
    hazard_from_risk,
    nnt_by_horizon,
    required_baseline,
    required_hazard_ratio,
    required_horizon,
)
from k2stats.absolute_effects.numbers_needed import NNT, nnt_from_risk_difference
from k2stats.absolute_effects.per_thousand import (
    EventsPerThousand,
    events_per_thousand,
    events_per_thousand_from_ratio,
)

__all__ = [
    "NNT",
    "EventsAre",
    "EventsPerThousand",
    "NNTByHorizon",
    "events_per_thousand",
    "events_per_thousand_from_ratio",
    "hazard_from_risk",
    "nnt",
    "nnt_by_horizon",
    "nnt_from_ratio",
    "nnt_from_risk_difference",
    "nnt_from_smd",
    "nnt_kraemer_kupfer",
    "required_baseline",
    "required_hazard_ratio",
    "required_horizon",
    "risk_difference",
]
