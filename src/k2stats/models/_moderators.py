"""The moderators a formula uses: found, aligned with the studies, and checked."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from k2stats._typing import Bools
from k2stats.effectsizes import EffectSizes
from k2stats.errors import InvalidEvidenceError, UnknownMethodError
from k2stats.evidence._coerce import as_floats
from k2stats.results.design_matrix import Columns

_TEXT = re.compile(r"'[^']*'|\"[^\"]*\"")
_QUOTED = re.compile(r"`([^`]+)`")
_WORD = re.compile(r"(?<![\w.])([A-Za-z_]\w*)(?![\w.])(?!\s*\()(?!\s*=(?!=))")
_CONSTANTS = ("True", "False", "None", "np", "contr", "in", "is", "not", "and", "or")


@dataclass(frozen=True, slots=True, eq=False)
class Moderators:
    """The columns a formula uses, and the rows that are complete.

    Attributes
    ----------
    frame : DataFrame
        Of K rows, or of the complete ones; numbers as float or int, labels as text.
    complete : ndarray of bool, shape (K,)
    missing : dict
        Of each column with missing values, the rows.
    """

    frame: pd.DataFrame
    complete: Bools
    missing: dict[str, list[int]]


def names_in(formula: str) -> tuple[str, ...]:
    """Names in a formula that are neither functions nor arguments of functions.

    Examples
    --------
    >>> names_in("~ ablat * C(alloc, contr.treatment(base='x')) + bs(year, df=4)")
    ('ablat', 'alloc', 'year')
    >>> names_in("~ `mean age` + np.log(dose)")
    ('mean age', 'dose')
    """
    bare = _TEXT.sub("''", formula)
    found = list(_QUOTED.findall(bare))
    bare = _QUOTED.sub(" ", bare)
    found += [w for w in _WORD.findall(bare) if w not in _CONSTANTS]
    return tuple(dict.fromkeys(found))


def quoted(formula: str, columns: Sequence[str]) -> str:
    """Put backticks around column names with a dot, as R allows them bare.

    Examples
    --------
    >>> quoted("~ mean.age + x", ["mean.age", "x"])
    '~ `mean.age` + x'
    """
    dotted = [c for c in columns if re.fullmatch(r"[A-Za-z.][\w.]*", c) and "." in c]
    for name in sorted(dotted, key=len, reverse=True):
        formula = re.sub(
            rf"(?<![\w.`]){re.escape(name)}(?![\w.`(])", f"`{name}`", formula
        )
    return formula


def offered(es: EffectSizes, data: Columns | None, key: str | None) -> pd.DataFrame:
    """Moderators on offer: what the effect sizes carry, and the data's columns.

    Without labels to join by, the rows of the data are those of the studies.

    Raises
    ------
    InvalidEvidenceError
        Where the number of rows is another, or a label is missing or comes twice.
    """
    own: dict[str, Any] = {}
    if es.y.ndim == 1:
        own |= {"v": es.v, "se": es.se}
    if es.n is not None and es.n.ndim == 1:
        own["n"] = es.n
    if es.by is not None:
        own["by"] = list(es.by)
    if es.study is not None:
        own["study"] = list(es.study)
    frame = pd.DataFrame(own, index=range(es.k))
    if data is None:
        return frame
    given = as_frame(data, es.k)
    if key is not None:
        given = _joined(es, given, key)
    elif len(given) != es.k:
        hint = f"; {es.dropped} were left out before" if es.dropped else ""
        raise InvalidEvidenceError(
            field="data",
            requirement=f"of {es.k} rows, one for each study{hint} (give key= to join "
            "by study label)",
            given=len(given),
        )
    for name in given.columns:
        frame[str(name)] = given[name].to_numpy()
        if isinstance(given[name].dtype, pd.CategoricalDtype):
            frame[str(name)] = given[name].array
    return frame


def as_frame(data: Columns, rows: int | None = None) -> pd.DataFrame:
    """Frame of moderators with rows counted from zero; scalars are repeated."""
    if isinstance(data, pd.DataFrame):
        return data.reset_index(drop=True)
    if not isinstance(data, Mapping):
        raise InvalidEvidenceError(
            field="data",
            requirement="a DataFrame, or a mapping of names to columns",
            given=type(data).__name__,
        )
    sized = {
        k: v for k, v in data.items() if np.ndim(v) > 0 or isinstance(v, pd.Series)
    }
    lengths = {len(v) for v in sized.values()}
    if len(lengths) > 1:
        text = ", ".join(f"{k} {len(v)}" for k, v in sized.items())
        raise InvalidEvidenceError(
            field="data", requirement=f"of one length, got {text}"
        )
    size = next(iter(lengths), rows if rows is not None else 1)
    columns = {
        k: v.array if isinstance(v, pd.Series) else v if k in sized else [v] * size
        for k, v in data.items()
    }
    return pd.DataFrame(columns, index=range(size))


def _joined(es: EffectSizes, given: pd.DataFrame, key: str) -> pd.DataFrame:
    """Bring rows into the order of the studies by a column of labels."""
    if key not in given.columns:
        known = tuple(map(str, given.columns))
        raise UnknownMethodError(kind="column", name=key, known=known)
    if es.study is None:
        raise InvalidEvidenceError(
            field="key", requirement="left out where the studies have no labels"
        )
    labels = list(given[key])
    twice = [i for i, x in enumerate(labels) if x in labels[:i]]
    if twice:
        raise InvalidEvidenceError(field=key, requirement="unique", rows=twice)
    absent = [s for s in es.study if s not in labels]
    if absent:
        raise InvalidEvidenceError(
            field=key,
            requirement=f"a row for every study; there is none for {absent[:5]}",
        )
    rows = [labels.index(s) for s in es.study]
    return given.iloc[rows].reset_index(drop=True)


def moderators(frame: pd.DataFrame, formula: str, known: Sequence[str]) -> Moderators:
    """Pick the columns that a formula uses, each cleaned, with what is missing.

    Raises
    ------
    UnknownMethodError
        For a name that is neither a column nor a function.
    InvalidEvidenceError
        For a column that is neither numbers nor labels, or with infinite values.
    """
    names = [n for n in names_in(formula) if n in frame.columns or n not in known]
    for name in names:
        if name not in frame.columns:
            columns = tuple(map(str, frame.columns))
            raise UnknownMethodError(kind="moderator", name=name, known=columns)
    used = pd.DataFrame(
        {n: cleaned(n, frame[n]) for n in names}, index=range(len(frame))
    )
    gaps = used.isna()
    missing = {
        n: np.flatnonzero(gaps[n].to_numpy()).tolist() for n in names if gaps[n].any()
    }
    complete = np.ones(len(frame), dtype=bool)
    for rows in missing.values():
        complete[rows] = False
    return Moderators(used, complete, missing)


def cleaned(name: str, column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Give a moderator one type: numbers, truth values, or labels."""
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return column.cat.remove_unused_categories()
    if pd.api.types.is_bool_dtype(dtype) and not column.isna().any():
        return column.astype(bool)
    if pd.api.types.is_numeric_dtype(dtype):
        whole = pd.api.types.is_integer_dtype(dtype) and not column.isna().any()
        out = column.astype("int64") if whole else column.astype(float)
        _refuse_infinite(name, out)
        return out
    present = column.dropna()
    if all(isinstance(x, str) for x in present):
        return column.astype(object).where(column.notna(), None)
    if all(isinstance(x, bool | np.bool_) for x in present):
        return column.astype(object).where(column.notna(), None)
    if any(isinstance(x, str) for x in present):
        rows = [int(i) for i in present.index if not isinstance(present[i], str)]
        raise InvalidEvidenceError(
            field=name, requirement="numbers throughout, or text throughout", rows=rows
        )
    out = pd.Series(as_floats(name, column), index=column.index)
    _refuse_infinite(name, out)
    return out


def _refuse_infinite(name: str, column: "pd.Series[Any]") -> None:
    bad = np.flatnonzero(np.isinf(column.to_numpy(dtype=float)))
    if bad.size:
        raise InvalidEvidenceError(field=name, requirement="finite", rows=bad.tolist())
