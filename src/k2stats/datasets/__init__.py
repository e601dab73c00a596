"""Typed data sets: what each source prints, and the claims it makes.

One module a source or family of sources. ``MODULES`` names those with claims or
figures; ``ALL_CLAIMS`` gathers their claims, read only when asked for.

Examples
--------
>>> from k2stats.datasets import wang2025
>>> print(wang2025.FUSION)
33/36 v 26/35
"""

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Final

from k2stats.datasets._loader import (
    TableInfo,
    load_licence,
    load_source,
    load_table,
    table_info,
    table_keys,
)
from k2stats.errors import UnknownMethodError
from k2stats.evidence.claims import Claim

__all__ = [
    "ALL_CLAIMS",
    "MODULES",
    "TableInfo",
    "all_claims",
    "find_claim",
    "load_licence",
    "load_source",
    "load_table",
    "table_info",
    "table_keys",
]

MODULES: Final[tuple[str, ...]] = (
    "wang2025",
    "uspstf2013",
    "droracle2025",
    "iwamoto2003",
    "tsuchie2012",
    "lasemi2018",
    "whi_cad",
    "record2005",
    "vitd_fracture_trials",
    "meta_vitamin_d",
    "vitk_fracture_trials",
    "yops2004",
    "vitk_bmd_trials",
    "meta_vitamin_k",
    "fusion_vitd2022",
    "bcg",
    "published",
    "retracted_trials",
    "pooled_sets",
)
"""Modules of :mod:`k2stats.datasets`, the five sources first."""


@cache
def all_claims() -> tuple[Claim, ...]:
    """Return every claim, those of the five sources first, each group by id.

    Examples
    --------
    >>> [c.id for c in all_claims()][:3]
    ['S000-01', 'S000-02', 'S000-03']
    """
    found: list[Claim] = []
    for name in MODULES:
        claims: tuple[Claim, ...] = import_module(f"{__name__}.{name}").CLAIMS
        found.extend(claims)
    return tuple(sorted(found, key=lambda c: (not c.id.startswith("S"), c.id)))


def find_claim(claim_id: str) -> Claim:
    """Return the claim of one id.

    Raises
    ------
    UnknownMethodError
        If there is none; names those there are.

    Examples
    --------
    >>> print(find_claim("S000-04"))
    S000-04: p = 0.044
    """
    by_id = {c.id: c for c in all_claims()}
    if claim_id not in by_id:
        raise UnknownMethodError(kind="claim", name=claim_id, known=tuple(by_id))
    return by_id[claim_id]


if TYPE_CHECKING:
    ALL_CLAIMS: tuple[Claim, ...]
    """Every claim, in the order of :func:`all_claims`."""
else:

    def __getattr__(name: str) -> tuple[Claim, ...]:
        """Gather the claims on first use, so that importing stays quick."""
        if name == "ALL_CLAIMS":
            return all_claims()
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
