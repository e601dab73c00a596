"""Counts of printed tables for pooled trials."""

from typing import Final

from k2stats.audit.pooled_trials import Counts
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence import TwoByTwo

_FIELDS: Final = ("events1", "n1", "events2", "n2")


def counts_of(tables: TwoByTwo) -> Counts:
    """Return the counts of the one table that prints so."""
    if tables.shape != (1,):
        raise InvalidEvidenceError(
            field="counts", requirement="the only ones that print so", given=str(tables)
        )
    e1, n1, e2, n2 = (int(getattr(tables, name)[0]) for name in _FIELDS)
    return e1, n1, e2, n2
