"""Sets of trials and strata that are pooled, each trial with its status as printed.

Every figure is one that a source prints; what a set lacks is named in it. A trial whose
source is retracted or has a published integrity concern is flagged, and a pool is to be
shown with the flagged trials and without them.
"""

from functools import cache
from typing import Final

from k2stats.audit.pooled_sets import PooledSet
from k2stats.datasets._pooled_vitamin_d import (
    vitamin_d_any_fracture,
    vitamin_d_calcium_by_dose,
    vitamin_d_hip_fracture,
)
from k2stats.datasets._pooled_vitamin_k import (
    printed_leave_outs,
    vitamin_k_fracture,
    vitamin_k_hip_fracture,
)
from k2stats.datasets._pooled_whi import OUTCOMES, STRATA, whi_strata
from k2stats.errors import UnknownMethodError
from k2stats.evidence import Claim, Source

__all__ = [
    "CLAIMS",
    "SOURCES",
    "find_pooled_set",
    "pooled_sets",
    "printed_leave_outs",
    "vitamin_d_any_fracture",
    "vitamin_d_calcium_by_dose",
    "vitamin_d_hip_fracture",
    "vitamin_k_fracture",
    "vitamin_k_hip_fracture",
    "whi_strata",
]

SOURCES: Final[tuple[Source, ...]] = ()
CLAIMS: Final[tuple[Claim, ...]] = ()
"""None of their own: the sources stand in the modules of the trials."""


@cache
def pooled_sets() -> tuple[PooledSet, ...]:
    """Return every set, WHI's strata first.

    Examples
    --------
    >>> [s.key for s in pooled_sets()][-3:]
    ['vitamin-d-calcium-by-dose', 'vitamin-k-fracture', 'vitamin-k-hip-fracture']
    """
    strata = [whi_strata(by, outcome) for by in STRATA for outcome in OUTCOMES]
    return (
        *strata,
        vitamin_d_any_fracture(),
        vitamin_d_hip_fracture(),
        vitamin_d_calcium_by_dose(),
        vitamin_k_fracture(),
        vitamin_k_hip_fracture(),
    )


def find_pooled_set(key: str) -> PooledSet:
    """Return the set of one key.

    Raises
    ------
    UnknownMethodError
        If there is none; names those there are.

    Examples
    --------
    >>> find_pooled_set("vitamin-k-fracture").labels[:2]
    ('Shiraki 2000', 'Sato 2002, Parkinson')
    """
    by_key = {s.key: s for s in pooled_sets()}
    if key not in by_key:
        raise UnknownMethodError(kind="pooled set", name=key, known=tuple(by_key))
    return by_key[key]
