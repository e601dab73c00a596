"""What the fields of a claim file may hold, and how errors are worded."""

import re
from difflib import get_close_matches
from typing import Annotated, TypeVar

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from k2stats._typing import Floats
from k2stats.evidence._claim_text import WrittenFloat
from k2stats.evidence._coerce import LARGEST_COUNT

M = TypeVar("M", bound="Table")

_DEEPEST = 8
"""Axes an array of tables may have in a file."""

_LONGEST_SHOWN = 60
_MOST_NAMES = 30


class Table(BaseModel):
    """A table of a claim file: known fields only, nothing converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def problem(requirement: str, *path: str | int) -> ValidationError:
    """Return the error of one field, seen from the table that holds it."""
    return ValidationError.from_exception_data(
        "claim file", [_detail(requirement, path)]
    )


def _detail(requirement: str, path: tuple[str | int, ...]) -> InitErrorDetails:
    kind = PydanticCustomError("claim", "{text}", {"text": requirement})
    return InitErrorDetails(type=kind, loc=path, input=None)


def shown(value: object) -> str:
    """Return a scalar as it would be written, shortened; a container by its kind."""
    match value:
        case dict():
            return "a table"
        case list():
            return "a list"
        case WrittenFloat():
            return value.written[:_LONGEST_SHOWN]
        case bool() | None:
            return {True: "true", False: "false", None: "null"}[value]
        case int() if abs(value) > LARGEST_COUNT:
            return "a number above 2**53"
        case _:
            text = value if isinstance(value, str) else str(value)
            cut = "..." if len(text) > _LONGEST_SHOWN else ""
            text = text[:_LONGEST_SHOWN] + cut
            return repr(text) if isinstance(value, str) else ascii(text).strip("'")


def choice(what: str, given: object, known: list[str]) -> str:
    """Say that a name is not one of `known`, and which it is close to."""
    if not isinstance(given, str):
        return f"must be one of {', '.join(known)}, got {shown(given)}"
    near = get_close_matches(given, known, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else "."
    more = ", ..." if len(known) > _MOST_NAMES else ""
    names = ", ".join(known[:_MOST_NAMES]) + more if known else "none"
    return f"unknown {what} {shown(given)}{hint} Known: {names}"


_WORDS = {
    "missing": "is required",
    "string_type": "must be text in quotes, got {given}",
    "string_unicode": "must be text without unpaired surrogates",
    "int_type": "must be a whole number without quotes, got {given}",
    "float_type": "must be a number without quotes, got {given}",
    "bool_type": "must be true or false, got {given}",
    "list_type": "must be a list, got {given}",
    "too_short": "must hold at least one",
    "dict_type": "must be a table of fields, got {given}",
}
"""The commonest of pydantic's errors in the format's own words."""


def _requirement(error: ErrorDetails, model: type[Table]) -> str:
    """Say what a field must be."""
    given, context = error["input"], error.get("ctx", {})
    if error["type"] == "claim":
        return str(context["text"])
    if error["type"] == "extra_forbidden" and len(error["loc"]) == 1:
        return choice("field", error["loc"][0], list(model.model_fields))
    if error["type"] == "literal_error":
        return choice("value", given, re.findall(r"'([^']*)'", context["expected"]))
    other = error["msg"].replace("Input should be", "must be") + ", got {given}"
    return _WORDS.get(error["type"], other).replace("{given}", shown(given))


def validated(model: type[M], data: object) -> M:
    """Return `data` as `model`; errors are worded for whoever wrote the file."""
    if not isinstance(data, dict):
        raise problem(f"must be a table of fields, got {shown(data)}")
    try:
        return model.model_validate(data)
    except ValidationError as error:
        details = [_detail(_requirement(e, model), e["loc"]) for e in error.errors()]
        raise ValidationError.from_exception_data("claim file", details) from None


def _text(value: str) -> str:
    if "\0" in value:
        raise problem("must hold no NUL character")
    return value


def _filled(value: str) -> str:
    if not value.strip():
        raise problem("must not be empty")
    return value


Text = Annotated[str, AfterValidator(_text)]
Filled = Annotated[Text, AfterValidator(_filled)]
Count = Annotated[int, Field(ge=-LARGEST_COUNT, le=LARGEST_COUNT)]
Number = Annotated[float, Field(allow_inf_nan=False)]


def read_numbers(value: object) -> Floats:
    """Read a number, or lists of numbers of one shape, with no text in them."""
    _check_leaves(value, depth=0)
    try:
        return np.asarray(value, dtype=float)
    except ValueError:
        raise problem("must be lists of one length at each level") from None


def _check_leaves(value: object, *, depth: int) -> None:
    if isinstance(value, list):
        if depth == _DEEPEST:
            raise problem(f"must be nested at most {_DEEPEST} deep")
        for item in value:
            _check_leaves(item, depth=depth + 1)
    elif isinstance(value, bool) or not isinstance(value, int | float):
        raise problem(f"must be numbers without quotes, got {shown(value)}")
    elif isinstance(value, int) and abs(value) > LARGEST_COUNT:
        raise problem("must be at most 2**53")
