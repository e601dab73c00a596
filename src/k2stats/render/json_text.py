"""Plain data as strict JSON."""

import json
import math
from collections.abc import Mapping
from typing import TypeAlias, Union

Plain: TypeAlias = Union["dict[str, Plain]", "list[Plain]", str, bool, int, float, None]


def json_text(value: object, *, indent: int | None = 1) -> str:
    """Return `value` as JSON that every reader takes: no NaN, no Infinity.

    NaN becomes null, infinities the texts ``"inf"`` and ``"-inf"``; arrays become
    lists, and what JSON has no form for becomes its text.

    Examples
    --------
    >>> json_text({"p": float("nan"), "high": float("inf")}, indent=None)
    '{"p": null, "high": "inf"}'
    """
    return json.dumps(_plain(value), indent=indent, ensure_ascii=False, allow_nan=False)


def _plain(value: object) -> Plain:
    """Return Python's own types; numpy's scalars and arrays have ``tolist``."""
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    listed = getattr(value, "tolist", None)
    if callable(listed):
        return _plain(listed())
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else ("inf" if value > 0 else "-inf")
    if value is None or isinstance(value, str | bool | int | float):
        return value
    return str(value)
