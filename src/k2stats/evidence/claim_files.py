"""Claim files that people write, TOML or JSON, read whole or not at all.

A file names its sources once and then its claims::

    [sources.wang2025]
    citation = "Wang et al. 2025"
    address = "https://example.org/wang2025"

    [[claims]]
    id = "fusion-p"
    source = "wang2025"
    locator = "Abstract"
    quote = "91.67% v 74.29%, P = .044"
      [claims.evidence]
      type = "two_by_two"
      n1 = 36
      percent1 = "91.67%"
      n2 = 35
      percent2 = "74.29%"
      [[claims.states]]
      type = "p_value"
      value = ".044"

The fields of a table are those of the type it becomes; ``type`` names it, see
:data:`~k2stats.evidence.claim_dicts.EVIDENCE_TYPES` and
:data:`~k2stats.evidence.claim_dicts.STATEMENT_TYPES`. Printed numbers stand in
quotes, so that ``"0.40"`` keeps its digits; with a unit or a rounding rule they
are tables, ``{ text = "812", unit = "pg/mL" }``. A horizon is ``"7.0 y"``.

This module needs pydantic and is not imported with ``k2stats``.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, NoReturn

from pydantic import ValidationError

from k2stats.errors import ClaimFileError, InvalidEvidenceError
from k2stats.evidence._claim_fields import choice, validated
from k2stats.evidence._claim_models import ClaimFile, ClaimTable
from k2stats.evidence._claim_text import (
    LARGEST_FILE,
    parse_json,
    parse_toml,
    printable,
    read_text,
    refuse,
)
from k2stats.evidence.claim_dicts import claim_to_dict, claims_to_dict, claims_to_json
from k2stats.evidence.claims import Claim, Source

__all__ = [
    "LARGEST_FILE",
    "claim_to_dict",
    "claims_from_dicts",
    "claims_from_text",
    "claims_to_dict",
    "claims_to_json",
    "read_claims",
]

MOST_ERRORS = 20
"""Errors reported of one file; the rest are counted."""

Problem = tuple[str, str]
"""A field and what it must be."""


def read_claims(path: str | Path) -> tuple[Claim, ...]:
    """Read a claim file, TOML or JSON by its suffix; all of it or nothing.

    Parameters
    ----------
    path : str or Path
        Ends in ``.toml`` or ``.json``; UTF-8; at most 10 MB.

    Returns
    -------
    tuple of Claim
        In the order of the file.

    Raises
    ------
    ClaimFileError
        If there is no such file, it is no regular file, too large, not UTF-8 or
        not well-formed; if a field is unknown, missing or not what it must be; if
        two claims share an id or a source is not there. Each error of the file
        has its line and its place in ``problems``, the first twenty of them.

    Examples
    --------
    >>> read_claims("no_such_claims.toml")
    Traceback (most recent call last):
    k2stats.errors.ClaimFileError: no_such_claims.toml: there is no such file
    """
    path = Path(path)
    name = printable(str(path))
    formats: dict[str, Literal["toml", "json"]] = {".toml": "toml", ".json": "json"}
    if path.suffix.lower() not in formats:
        refuse(name, "", "a claim file must end in .toml or .json")
    text = read_text(path, name)
    return claims_from_text(text, formats[path.suffix.lower()], name)


def claims_from_text(
    text: str, format: Literal["toml", "json"], name: str = "claims"
) -> tuple[Claim, ...]:
    """Read the text of a claim file.

    Parameters
    ----------
    text : str
    format : {"toml", "json"}
    name : str
        What errors call the file.

    Raises
    ------
    ClaimFileError
        As :func:`read_claims`.

    Examples
    --------
    >>> text = '''
    ... [sources.w]
    ... citation = "Wang 2025"
    ... [[claims]]
    ... id = "p"
    ... source = "w"
    ... locator = "Abstract"
    ... quote = "P = .044"
    ... states = { type = "p_value", value = 0.044 }
    ... '''
    >>> claims_from_text(text, "toml", "w.toml")
    Traceback (most recent call last):
    k2stats.errors.ClaimFileError: w.toml: claims[0].states[0].value: must be in \
quotes, to keep the digits as printed: "0.044" (claim 'p')
    >>> claim, = claims_from_text(text.replace("0.044 ", "'0.044' "), "toml")
    >>> print(claim)
    p: p = 0.044
    """
    if (nul := text.find("\0")) >= 0:
        line = text.count("\n", 0, nul) + 1
        refuse(name, f"line {line}", "holds a NUL byte; a claim file is plain text")
    if format not in _PARSERS:
        refuse(name, "format", choice("format", format, list(_PARSERS)))
    return _claims(_PARSERS[format](text, name), name)


def claims_from_dicts(
    claims: Sequence[Mapping[str, Any]], name: str = "claims"
) -> tuple[Claim, ...]:
    """Read claims that carry their sources, as :func:`claim_to_dict` writes them.

    Parameters
    ----------
    claims : sequence of dict
    name : str
        What errors call them.

    Raises
    ------
    ClaimFileError
        As :func:`read_claims`.

    Examples
    --------
    >>> claim = Claim("p", Source("w", "Wang 2025"), "Abstract", "P = .044")
    >>> claims_from_dicts([claim_to_dict(claim)]) == (claim,)
    True
    """
    return _claims({"claims": list(claims)}, name)


_PARSERS: dict[str, Callable[[str, str], object]] = {
    "toml": parse_toml,
    "json": parse_json,
}


def _claims(data: object, name: str) -> tuple[Claim, ...]:
    """Build every claim of a parsed file, or raise every error."""
    try:
        file = validated(ClaimFile, data)
    except ValidationError as error:
        _refuse_all(name, [*_problems(error, data), *_cross_problems(data)])
    if problems := list(_cross_problems(data)):
        _refuse_all(name, problems)
    sources = {key: replace(source, key=key) for key, source in file.sources.items()}
    return tuple(_claim(table, sources, name) for table in file.claims)


def _claim(table: ClaimTable, sources: dict[str, Source], name: str) -> Claim:
    """Put a claim together, its sources looked up."""

    def look_up(source: Source | str) -> Source:
        return sources[source] if isinstance(source, str) else source

    try:
        return Claim(
            id=table.id,
            source=look_up(table.source),
            locator=table.locator,
            quote=table.quote,
            evidence=table.evidence,
            states=tuple(table.states),
            by=None if table.by is None else look_up(table.by),
            needs=tuple(table.needs),
            note=table.note,
        )
    except InvalidEvidenceError as error:
        refuse(name, f"claim {table.id!r}", str(error).removesuffix("."))


def _problems(error: ValidationError, data: object) -> Iterator[Problem]:
    """Return each field at fault with what it must be, and in which claim."""
    for details in error.errors(include_url=False, include_input=False):
        yield _path(details["loc"]), details["msg"] + _whose(details["loc"], data)


def _whose(location: tuple[str | int, ...], data: object) -> str:
    """Name the claim an error is in, since people do not count tables."""
    match location, data:
        case (["claims", int(i), first, *_], {"claims": [*claims]}) if first != "id":
            claim = claims[i]
            name = claim.get("id") if isinstance(claim, dict) else None
            return f" (claim {name[:60]!r})" if isinstance(name, str) else ""
    return ""


def _cross_problems(data: object) -> Iterator[Problem]:
    """Return what only the whole file shows: ids used twice, sources not there."""
    match data:
        case {"claims": [*claims]}:
            if not claims:
                yield "claims", "must hold at least one claim"
        case _:
            return
    sources = data.get("sources", {}) if isinstance(data, dict) else {}
    known = [str(key) for key in sources] if isinstance(sources, dict) else []
    first: dict[str, int] = {}
    for i, claim in enumerate(claims):
        if not isinstance(claim, dict):
            continue
        name = claim.get("id")
        if isinstance(name, str) and first.setdefault(name, i) != i:
            here, there = f"claims[{i}].id", f"claims[{first[name]}].id"
            yield here, f"must be unique, but {name!r} is also {there}"
        for role in ("source", "by"):
            key = claim.get(role)
            if isinstance(key, str) and key not in known:
                whose = _whose(("claims", i, role), data)
                yield f"claims[{i}].{role}", choice("source", key, known) + whose


def _path(location: tuple[str | int, ...]) -> str:
    """Return a place in the file: ``claims[2].evidence.n1``."""
    path = ""
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        elif re.fullmatch(r"[\w-]+", part):
            path += f".{part}" if path else part
        elif part != "[key]":
            path += f"[{part[:60]!r}]"
    return path


def _refuse_all(name: str, problems: list[Problem]) -> NoReturn:
    """Raise the first problem with the others below it, one line each."""
    errors = [
        ClaimFileError(file=name, field=field, requirement=printable(requirement))
        for field, requirement in problems[:MOST_ERRORS]
    ]
    if more := len(problems) - len(errors):
        text = f"and {more} more error" + "s" * (more > 1)
        errors.append(ClaimFileError(file=name, field="", requirement=text))
    first, *others = errors
    raise ClaimFileError(
        file=name, field=first.field, requirement=first.requirement, others=others
    ) from None
