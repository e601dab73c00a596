"""Linear combinations of coefficients, read from text, mappings or rows."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from k2stats._typing import Floats
from k2stats.errors import InvalidEvidenceError, UnknownMethodError
from k2stats.evidence._coerce import as_floats
from k2stats.results.regression import MetaRegression

Combination: TypeAlias = str | Mapping[str, float]
"""``"10*ablat - year = 1"``, or names to factors."""


def rows_of(fit: MetaRegression, given: Any) -> tuple[Floats, Floats, tuple[str, ...]]:
    """Rows of L, right sides (NaN where not said) and labels."""
    if isinstance(given, str | Mapping):
        given = [given]
    if isinstance(given, Sequence) and all(isinstance(g, str | Mapping) for g in given):
        parts = [_row(fit, g) for g in given]
        L = np.array([p[0] for p in parts])
        return L, np.array([p[1] for p in parts]), tuple(p[2] for p in parts)
    L = np.atleast_2d(as_floats("L", given))
    if L.ndim != 2 or L.shape[1] != len(fit.names):
        raise InvalidEvidenceError(
            field="L",
            requirement=f"of {len(fit.names)} columns, one for each coefficient",
            given=L.shape,
        )
    labels = tuple(_label(row, fit.names) for row in L)
    return L, np.full(len(L), np.nan), labels


def _row(fit: MetaRegression, given: Combination) -> tuple[Floats, float, str]:
    row = np.zeros(len(fit.names))
    if isinstance(given, str):
        return _parsed(fit, given)
    for name, factor in given.items():
        row[fit.design.column(name)] += float(factor)
    return row, np.nan, _label(row, fit.names)


def _parsed(fit: MetaRegression, text: str) -> tuple[Floats, float, str]:
    """Read ``2*a - b = 1``; names are matched whole, the longest first."""
    names = sorted({*fit.names, *fit.r_names}, key=len, reverse=True)
    row, rhs, sign, right = np.zeros(len(fit.names)), 0.0, 1.0, False
    factor: float | None = None
    rest, said = text.strip(), False
    while rest:
        name = next((n for n in names if rest.startswith(n)), None)
        number = re.match(r"\d*\.?\d+(?:[eE][+-]?\d+)?", rest)
        if name is not None:
            row[fit.design.column(name)] += sign * (1.0 if factor is None else factor)
            rest, factor, sign = rest[len(name) :], None, -1.0 if right else 1.0
        elif number is not None:
            factor = float(number.group())
            rest = rest[number.end() :].lstrip()
            if rest.startswith("*"):
                rest = rest[1:]
            else:
                rhs -= sign * factor
                factor, sign = None, -1.0 if right else 1.0
        elif rest[0] in "+-":
            sign = sign * (1.0 if rest[0] == "+" else -1.0)
            rest = rest[1:]
        elif rest[0] == "=" and not right:
            right, said, sign = True, True, -1.0
            rest = rest[1:]
        else:
            raise UnknownMethodError(kind="coefficient", name=rest, known=fit.names)
        rest = rest.lstrip()
    if not row.any():
        raise InvalidEvidenceError(
            field="contrast", requirement="a combination of coefficients", given=text
        )
    label = (
        text.split("=", maxsplit=1)[0].strip()
        if said and text.count("=") == 1
        else text
    )
    return row, rhs if said or rhs else np.nan, label


def _label(row: Floats, names: tuple[str, ...]) -> str:
    parts = []
    for factor, name in zip(row.tolist(), names, strict=True):
        if factor:
            size = "" if abs(factor) == 1.0 else f"{abs(factor):g}*"
            parts.append(f"{'-' if factor < 0 else '+'} {size}{name}")
    text = " ".join(parts)
    return text[2:] if text.startswith("+ ") else text.replace("- ", "-", 1)
