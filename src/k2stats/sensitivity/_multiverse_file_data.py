"""The studies that a multiverse file names: its table, its columns, its selections."""

import stat
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pandas as pd

from k2stats._typing import Bools
from k2stats.effectsizes import MEASURES, find_measure, needs
from k2stats.evidence._claim_fields import choice, shown
from k2stats.evidence._claim_text import printable, refuse
from k2stats.sensitivity._multiverse_choices import EACH, PAIRS
from k2stats.sensitivity._multiverse_data import USUAL
from k2stats.sensitivity._multiverse_file_tables import ColumnRule, MultiverseFile

LARGEST_TABLE = 200_000_000
"""Bytes of a table of studies."""
_SHOWN = 10
"""Values of a column that an error names."""


def read_frame(file: MultiverseFile, name: str, folder: Path) -> pd.DataFrame:
    """Rows of the file, or of the table it names."""
    data = file.data
    if (data.file is None) == (data.rows is None):
        refuse(name, "data", "must have either file or rows")
    if data.rows is not None:
        return pd.DataFrame(data.rows)
    path = folder / str(data.file)

    def no(why: str) -> NoReturn:
        refuse(name, "data.file", f"{printable(str(data.file))} {why}")

    try:
        status = path.stat()
    except OSError:
        no("is not there")
    if not stat.S_ISREG(status.st_mode):
        no("is not a file")
    if status.st_size > LARGEST_TABLE:
        no(f"is larger than {LARGEST_TABLE / 1e6:.0f} MB")
    try:
        frame = pd.read_csv(path, sep="\t" if path.suffix == ".tsv" else ",")
    except (OSError, ValueError, UnicodeError) as error:
        first = (str(error).splitlines() or [type(error).__name__])[0]
        no(f"cannot be read as a table: {first}")
    if frame.empty:
        no("has no rows")
    return frame


def labels_of(
    file: MultiverseFile, frame: pd.DataFrame, name: str
) -> tuple[Any, ...] | None:
    """Names of the studies, None where no column holds them."""
    if file.data.study is None:
        return None
    column = file.data.study
    known = list(map(str, frame.columns))
    if column not in known:
        refuse(name, "data.study", choice("column", column, known))
    return tuple(frame[column].tolist())


def columns_of(file: MultiverseFile, frame: pd.DataFrame, name: str) -> dict[str, str]:
    """Which column holds what; columns of the same name need not be given."""
    given, known = dict(file.data.columns), list(map(str, frame.columns))
    for what, column in given.items():
        if column not in known:
            refuse(name, f"data.columns.{what}", choice("column", column, known))
    measures = file.choices.measures or [
        next(m for m in MEASURES if find_measure(m).evidence is kind) for kind in USUAL
    ]
    for measure in measures:
        for wanted in needs(measure):
            filled = {w: given.get(w, w) for w in wanted}
            if set(given) <= set(wanted) and set(filled.values()) <= set(known):
                return filled
    if not given:
        _unnamed(name, measures[0])
    return given


def _unnamed(name: str, measure: str) -> NoReturn:
    usual = " or ".join(", ".join(names) for names in needs(measure))
    refuse(name, "data.columns", f"must name what {measure} needs: {usual}")


def chosen(
    value: list[Any] | ColumnRule,
    frame: pd.DataFrame,
    labels: tuple[Any, ...],
    name: str,
    field: str,
) -> list[Any]:
    """Labels of the studies that a selection means."""
    if isinstance(value, list):
        for label in value:
            if label not in labels:
                requirement = choice("study", label, [str(x) for x in labels])
                refuse(name, field, requirement)
        return value
    known = list(map(str, frame.columns))
    if value.column not in known:
        refuse(name, f"{field}.column", choice("column", value.column, known))
    held = _held(value, frame[value.column], name, field)
    if not held.any():
        there = ", ".join(map(shown, pd.unique(frame[value.column])[:_SHOWN]))
        hint = f"; {value.column} holds {there}"
        refuse(name, field, f"must choose one study or more{hint}")
    return [label for label, there in zip(labels, held, strict=True) if there]


def _held(value: ColumnRule, cells: pd.Series, name: str, field: str) -> Bools:
    """Rows that a rule on a column means."""
    held = np.ones(len(cells), dtype=bool)
    if value.equals is not None:
        held &= cells.isin(value.equals).to_numpy()
    for bound, sign in ((value.least, 1.0), (value.most, -1.0)):
        if bound is None:
            continue
        numbers = pd.to_numeric(cells, errors="coerce")
        if numbers.isna().all():
            refuse(name, f"{field}.column", "must hold numbers for least and most")
        held &= (sign * numbers >= sign * bound).to_numpy()
    return held


def exclude_of(
    file: MultiverseFile, frame: pd.DataFrame, labels: tuple[Any, ...], name: str
) -> dict[str, Any]:
    """Return what is left out, by name."""
    given = file.exclude
    assert given is not None
    found: dict[str, Any] = {}
    if given.each:
        found[EACH] = EACH
    if given.pairs:
        found[PAIRS] = PAIRS
    for key, value in given.sets.items():
        if key in (EACH, PAIRS):
            refuse(name, f"exclude.sets.{key}", "must have another name")
        found[key] = chosen(value, frame, labels, name, f"exclude.sets.{key}")
    return found
