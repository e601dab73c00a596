"""Claims as plain dicts and JSON: the way out of memory.

The dicts follow the claim file format (:mod:`k2stats.evidence.claim_files` reads
them back) and hold text, numbers, lists and dicts only. Fields at their defaults
are left out.
"""

import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np

from k2stats.errors import InvalidEvidenceError
from k2stats.evidence.claims import Claim, Evidence, Source
from k2stats.evidence.horizon import Horizon
from k2stats.evidence.means import (
    Correlation,
    MediansWithP,
    PairedMeans,
    PairedRows,
    PrintedTwoMeans,
    TwoMeans,
)
from k2stats.evidence.printed_table import PrintedTwoByTwo
from k2stats.evidence.ratios import RatioWithCI
from k2stats.evidence.reported import Reported
from k2stats.evidence.statements import (
    ChiSquared,
    Derived,
    Direction,
    NumberNeeded,
    PValue,
    Qualitative,
    RatioCI,
    SameQuantity,
    Statement,
)
from k2stats.evidence.two_by_two import TwoByTwo

Fields: TypeAlias = dict[str, Any]
"""A table of a claim file: field names and their plain values."""

EVIDENCE_TYPES: Mapping[str, type[Evidence]] = MappingProxyType(
    {
        "two_by_two": PrintedTwoByTwo,
        "two_by_two_counts": TwoByTwo,
        "two_means": PrintedTwoMeans,
        "two_means_numbers": TwoMeans,
        "paired_rows": PairedRows,
        "paired_means": PairedMeans,
        "medians": MediansWithP,
        "ratio": RatioWithCI,
        "correlation": Correlation,
    }
)
"""What ``type`` is called under ``evidence``."""

STATEMENT_TYPES: Mapping[str, type[Statement]] = MappingProxyType(
    {
        "p_value": PValue,
        "chi_squared": ChiSquared,
        "ratio_ci": RatioCI,
        "number_needed": NumberNeeded,
        "same_quantity": SameQuantity,
        "derived": Derived,
        "direction": Direction,
        "qualitative": Qualitative,
    }
)
"""What ``type`` is called under ``states``."""

_NAMES = {
    cls: name
    for types in (EVIDENCE_TYPES, STATEMENT_TYPES)
    for name, cls in types.items()
}


def claim_to_dict(claim: Claim) -> Fields:
    """Return one claim as a dict that stands alone, its sources written inside.

    Parameters
    ----------
    claim : Claim

    Returns
    -------
    dict
        What :func:`~k2stats.evidence.claim_files.claim_from_dict` reads back
        unchanged: every digit, unit and rounding rule is kept.

    Examples
    --------
    >>> from k2stats.evidence import Claim, PValue, Reported, Source
    >>> claim = Claim("p", Source("w", "Wang 2025"), "Abstract", "P = .044",
    ...               states=PValue(Reported("0.044")))
    >>> claim_to_dict(claim)["states"]
    [{'type': 'p_value', 'value': '0.044'}]
    """
    plain: Fields = {
        "id": claim.id,
        "source": _fields(claim.source),
        "locator": claim.locator,
        "quote": claim.quote,
    }
    if claim.by is not None:
        plain["by"] = _fields(claim.by)
    if claim.evidence is not None:
        plain["evidence"] = _typed(claim.evidence)
    if claim.states:
        plain["states"] = [_typed(statement) for statement in claim.states]
    if claim.needs:
        plain["needs"] = list(claim.needs)
    if claim.note:
        plain["note"] = claim.note
    return plain


def claims_to_dict(claims: Sequence[Claim]) -> Fields:
    """Return claims as the dict of a whole claim file, each source written once.

    A source that shares its key with a different one is written inside its claim.

    Parameters
    ----------
    claims : sequence of Claim
        At least one, ids unique.

    Raises
    ------
    InvalidEvidenceError
        If there are no claims, or two share an id.

    Examples
    --------
    >>> from k2stats.evidence import Claim, Source
    >>> claims_to_dict([Claim("p", Source("w", "Wang 2025"), "Abstract", "P = .044")])
    ... # doctest: +NORMALIZE_WHITESPACE
    {'sources': {'w': {'citation': 'Wang 2025'}},
     'claims': [{'id': 'p', 'source': 'w', 'locator': 'Abstract',
                 'quote': 'P = .044'}]}
    """
    if not claims:
        raise InvalidEvidenceError(field="claims", requirement="at least one")
    ids = [claim.id for claim in claims]
    if len(set(ids)) < len(ids):
        twice = next(name for name in ids if ids.count(name) > 1)
        raise InvalidEvidenceError(field="id", requirement="unique", given=twice)
    shared: dict[str, Source] = {}
    written = []
    for claim in claims:
        plain = claim_to_dict(claim)
        for role, source in (("source", claim.source), ("by", claim.by)):
            if source and shared.setdefault(source.key, source) == source:
                plain[role] = source.key
        written.append(plain)
    sources = {key: _fields(source) for key, source in shared.items()}
    for fields in sources.values():
        del fields["key"]
    return {"sources": sources, "claims": written}


def claims_to_json(claims: Sequence[Claim], *, indent: int | None = 2) -> str:
    """Return claims as the text of a JSON claim file; see :func:`claims_to_dict`.

    Parameters
    ----------
    claims : sequence of Claim
        At least one, ids unique.
    indent : int, optional
        Spaces a level; None for one line.

    Raises
    ------
    InvalidEvidenceError
        If there are no claims, or two share an id.

    Examples
    --------
    >>> from k2stats.evidence import Claim, Source
    >>> claim = Claim("p", Source("w", "Wang"), "Abstract", "P = .044")
    >>> claims_to_json([claim], indent=None)[:34]
    '{"sources": {"w": {"citation": "Wa'
    """
    plain = claims_to_dict(claims)
    return json.dumps(plain, indent=indent, ensure_ascii=False, allow_nan=False) + "\n"


def _typed(value: Evidence | Statement) -> Fields:
    """Return evidence or a statement as a table with its ``type``."""
    name = _NAMES[type(value)]
    if isinstance(value, RatioCI):
        return {"type": name, **_fields(value.ratio)}
    fields = {"type": name, **_fields(value)}
    if isinstance(value, PairedRows) and (unit := value.before[0].unit):
        for side, numbers in (("before", value.before), ("after", value.after)):
            fields[side] = [_plain(dataclasses.replace(r, unit="")) for r in numbers]
        fields["unit"] = unit
    return fields


def _fields(value: Any) -> Fields:
    """Return the fields of a dataclass that differ from their defaults."""
    return {
        field.name: _plain(given)
        for field in dataclasses.fields(value)
        if (given := getattr(value, field.name)) is not field.default
        and (isinstance(given, np.ndarray) or given != field.default)
    }


def _plain(value: Any) -> Any:
    """Return a field's value as text, number, list or dict."""
    plain: Any = value
    if isinstance(value, Reported):
        fields = _fields(value)
        plain = value.text if fields.keys() == {"text"} else fields
    elif isinstance(value, Horizon):
        length = _plain(value.length)
        one_word = isinstance(length, str) and not any(map(str.isspace, length))
        plain = str(value) if one_word else _fields(value)
    elif isinstance(value, tuple):
        plain = [_plain(item) for item in value]
    elif isinstance(value, np.ndarray):
        plain = _numbers(value.item() if value.shape == (1,) else value.tolist())
    elif dataclasses.is_dataclass(value):
        plain = _fields(value)
    elif isinstance(value, np.generic):
        plain = value.item()
    return plain


def _numbers(value: Any) -> Any:
    """Write whole numbers without a decimal point; -0.0 stays a float."""
    if isinstance(value, list):
        return [_numbers(item) for item in value]
    whole = value.is_integer() and abs(value) <= 2.0**53
    negative_zero = value == 0 and math.copysign(1.0, value) < 0
    return int(value) if whole and not negative_zero else value
