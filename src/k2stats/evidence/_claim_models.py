"""Pydantic models of the claim file format, derived from the evidence types.

The fields of a table are the fields of the dataclass it becomes, with their types
and defaults, so that a field is described in one place: the evidence type.
"""

import dataclasses
from collections.abc import Callable, Hashable, Mapping
from difflib import get_close_matches
from functools import cache, partial
from types import UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    NoReturn,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from pydantic import BeforeValidator, Field, PlainValidator, create_model

from k2stats._typing import Floats
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence._claim_fields import (
    Count,
    Filled,
    Number,
    Table,
    Text,
    choice,
    problem,
    read_numbers,
    shown,
    validated,
)
from k2stats.evidence.claim_dicts import EVIDENCE_TYPES, STATEMENT_TYPES
from k2stats.evidence.claims import Evidence, Source
from k2stats.evidence.horizon import Horizon
from k2stats.evidence.means import PairedMeans, PairedRows, TwoMeans
from k2stats.evidence.ratios import RatioWithCI
from k2stats.evidence.reported import Reported
from k2stats.evidence.statements import Printing, RatioCI, Statement
from k2stats.evidence.two_by_two import TwoByTwo, counts_that_print

T = TypeVar("T")

_FIELD_OF = {"p": "value", "Reported": "text"}
"""Where an evidence type names its number otherwise than its field."""


def _refuse(error: InvalidEvidenceError, names: Mapping[str, object]) -> NoReturn:
    """Raise what an evidence type found wrong, at the field it names."""
    field = error.field if error.field in names else _FIELD_OF.get(error.field, "")
    text = str(error).removesuffix(".")
    if field in names:
        raise problem(text.removeprefix(f"{error.field} "), field) from None
    raise problem(text) from None


def read_reported(value: object) -> Reported:
    """Read a printed number: text in quotes, or a table with unit or rounding."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise problem(
            f'must be in quotes, to keep the digits as printed: "{shown(value)}"'
        )
    if isinstance(value, dict):
        return _build(Reported, value)
    if not isinstance(value, str):
        raise problem(f"must be a printed number in quotes, got {shown(value)}")
    try:
        return Reported(value)
    except InvalidEvidenceError as error:
        raise problem(f"must be {error.requirement}, got {shown(value)}") from None


def _read_share(value: object) -> Reported:
    """Read a printed percentage, or a share between 0 and 1."""
    share = read_reported(value)
    try:
        counts_that_print(share, 1)
    except InvalidEvidenceError as error:
        text = str(error).removeprefix(f"{error.field} ").removesuffix(".")
        raise problem(text) from None
    return share


def _read_horizon(value: object) -> Horizon:
    """Read a length of follow-up: ``"7.0 y"``, or a table of length and unit."""
    if isinstance(value, str):
        length, _, unit = value.strip().rpartition(" ")
        value = {"length": length.strip(), "unit": unit}
        if not length:
            raise problem('must be a length and a unit (d, wk, mo, y) such as "7.0 y"')
    return _build(Horizon, value)


_READERS: dict[object, Any] = {
    Reported: Annotated[Reported, PlainValidator(read_reported)],
    Horizon: Annotated[Horizon, PlainValidator(_read_horizon)],
    Printing: Annotated[Printing, PlainValidator(lambda v: _build(Printing, v))],
    Floats: Annotated[object, PlainValidator(read_numbers)],
    str: Text,
    int: Count,
    float: Number,
    bool: bool,
    type(None): None,
}
_SHARE = Annotated[Reported, PlainValidator(_read_share)]


def _reader(hint: Any) -> Any:
    """Return the pydantic type that reads a field with this type hint."""
    if get_origin(hint) is Literal:
        return hint
    if get_origin(hint) in (Union, UnionType):
        readers = tuple(map(_reader, get_args(hint)))
        return Union[readers]  # noqa: UP007 - of a computed tuple
    if get_origin(hint) is tuple and hint != Floats:
        return list[_reader(get_args(hint)[0])]  # type: ignore[misc]
    return _READERS[hint]


@cache
def _model(cls: type, typed: bool, lacking: str = "") -> type[Table]:
    """Return the model of a dataclass; `typed` tables carry their ``type``."""
    fields: dict[str, Any] = {"type": (str, ...)} if typed else {}
    hints = get_type_hints(cls)
    for field in dataclasses.fields(cls):
        if field.name == lacking:
            continue
        share = field.name.startswith("percent")
        default = ... if field.default is dataclasses.MISSING else field.default
        hint = _SHARE | None if share else _reader(hints[field.name])
        fields[field.name] = (hint, default)
    if cls is PairedRows:
        fields["unit"] = (Text, "")
    return create_model(cls.__name__, __base__=Table, **fields)


def _build(cls: type[T], data: object, *, typed: bool = False) -> T:
    """Return the evidence, statement or part of one that a table describes."""
    inner = RatioWithCI if cls is RatioCI else cls
    model = _model(cast("Hashable", inner), typed)
    given = dict(validated(model, data))
    given.pop("type", None)
    values = {k: tuple(v) if isinstance(v, list) else v for k, v in given.items()}
    make: Callable[..., T] = _MAKERS.get(cls, cls)
    try:
        return make(**values)
    except InvalidEvidenceError as error:
        _refuse(error, model.model_fields)


def _from_arrays(make: Callable[..., T], **arrays: Floats) -> T:
    """Build from arrays that have one shape, scalars aside."""
    shapes = {a.shape for a in arrays.values() if a.shape}
    if len(shapes) > 1:
        sizes = ", ".join(f"{name} {a.shape}" for name, a in arrays.items())
        raise InvalidEvidenceError(
            field=", ".join(arrays), requirement=f"of one shape, got {sizes}"
        )
    return make(**arrays)


def _paired_rows(
    before: tuple[Reported, ...], after: tuple[Reported, ...], unit: str, **others: Any
) -> PairedRows:
    """Build pairs; `unit` is that of every number without its own."""

    def with_unit(number: Reported) -> Reported:
        return number if number.unit else dataclasses.replace(number, unit=unit)

    return PairedRows(
        tuple(map(with_unit, before)), tuple(map(with_unit, after)), **others
    )


_MAKERS: dict[type, Callable[..., Any]] = {
    TwoByTwo: partial(_from_arrays, TwoByTwo.from_counts),
    TwoMeans: partial(_from_arrays, TwoMeans.from_summary),
    PairedMeans: partial(_from_arrays, PairedMeans.from_summary),
    PairedRows: _paired_rows,
    RatioCI: lambda **fields: RatioCI(RatioWithCI(**fields)),
}


def _read_typed(
    data: object, known: Mapping[str, type[T]], other: Mapping[str, type], place: str
) -> T:
    """Read a table by its ``type``."""
    if not isinstance(data, dict):
        raise problem(f"must be a table of fields, got {shown(data)}")
    if "type" not in data:
        near = get_close_matches("type", [str(k) for k in data], n=1)
        hint = f" (is {near[0]!r} meant as that?)" if near else ""
        raise problem(f"is required{hint}; one of {', '.join(known)}", "type")
    name = data["type"]
    if not isinstance(name, str) or name not in known:
        text = choice("type", name, list(known))
        if isinstance(name, str) and name in other:
            text = f"{name!r} stands under {place}, not here. Known: {', '.join(known)}"
        raise problem(text, "type")
    return _build(known[name], data, typed=True)


def read_evidence(data: object) -> Evidence:
    """Read the ``evidence`` table of a claim."""
    return _read_typed(data, EVIDENCE_TYPES, STATEMENT_TYPES, "states")


def read_statement(data: object) -> Statement:
    """Read one table of a claim's ``states``."""
    return _read_typed(data, STATEMENT_TYPES, EVIDENCE_TYPES, "evidence")


def read_source(data: object) -> Source:
    """Read a source written inside its claim, with its key."""
    return _build(Source, data)


def _read_keyless(data: object) -> Source:
    """Read a table of ``[sources]``, whose key is its name."""
    return Source(key="", **dict(validated(_model(Source, False, "key"), data)))


def _read_source_or_key(value: object) -> Source | str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return read_source(value)
    raise problem(
        f"must be the key of a source in quotes, or its table, got {shown(value)}"
    )


def _bare_to_list(value: object) -> object:
    """Let a single statement stand without a list around it."""
    return [value] if isinstance(value, dict) else value


SourceRef = Annotated[Source | str, PlainValidator(_read_source_or_key)]


class ClaimTable(Table):
    """One ``[[claims]]`` table, its sources not looked up yet."""

    id: Filled
    source: SourceRef
    locator: Text
    quote: Filled
    evidence: Annotated[Evidence, PlainValidator(read_evidence)] | None = None
    states: Annotated[
        list[Annotated[Statement, PlainValidator(read_statement)]],
        BeforeValidator(_bare_to_list),
    ] = Field(default_factory=list)
    by: SourceRef | None = None
    needs: list[Text] = Field(default_factory=list)
    note: Text = ""


def _read_claim(data: object) -> ClaimTable:
    return validated(ClaimTable, data)


class ClaimFile(Table):
    """A whole claim file."""

    sources: dict[Text, Annotated[Source, PlainValidator(_read_keyless)]] = Field(
        default_factory=dict
    )
    claims: list[Annotated[ClaimTable, PlainValidator(_read_claim)]]
