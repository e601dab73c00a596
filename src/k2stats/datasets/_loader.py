"""Finds the printed tables and reads them as text, cell for cell."""
# ruff: noqa: RUF002 - tables keep the dashes of print

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import get_args

import pandas as pd

from k2stats.errors import InvalidEvidenceError, MissingInputError, UnknownMethodError
from k2stats.evidence.claims import Source, Status

_IN_PACKAGE = "_tables"
_IN_CHECKOUT = "datasets"


@dataclass(frozen=True, slots=True)
class TableInfo:
    """What ``source.toml`` says of one table.

    Attributes
    ----------
    file : str
        Name of the CSV file.
    locator : str
        Where the source prints the table.
    columns : dict of str to str
        What each column holds, with its unit; in the file's order.
    """

    file: str
    locator: str
    columns: dict[str, str]


def find_root(package: Path) -> Path:
    """Return the folder that holds the tables.

    Parameters
    ----------
    package : Path
        Folder of the installed package ``k2stats.datasets``. A wheel carries the
        tables below it; a source checkout or editable install has them in
        ``datasets`` beside ``src``.

    Raises
    ------
    MissingInputError
        If neither place has them; names both.
    """
    carried = package / _IN_PACKAGE
    beside = package.parent.parent.parent / _IN_CHECKOUT
    for place in (carried, beside):
        if any(place.glob("*/source.toml")):
            return place
    raise MissingInputError(
        field="the folder of printed tables",
        needed_for="k2stats.datasets",
        hint=f"looked in {carried} and {beside}; reinstall k2stats",
    )


@cache
def table_root() -> Path:
    """Return the folder of tables of this installation."""
    return find_root(Path(__file__).parent)


def table_keys(root: Path | None = None) -> tuple[str, ...]:
    """Return the keys of the sources that come with tables, sorted."""
    where = table_root() if root is None else root
    return tuple(sorted(p.parent.name for p in where.glob("*/source.toml")))


@cache
def _read_source(root: Path, key: str) -> tuple[Source, str, dict[str, TableInfo]]:
    """Read ``source.toml``: the source, its licence, its tables."""
    known = table_keys(root)
    if key not in known:
        raise UnknownMethodError(kind="data set", name=key, known=known)
    path = root / key / "source.toml"
    with path.open("rb") as file:
        raw = tomllib.load(file)
    required = ("key", "citation", "address", "status", "notice", "licence", "tables")
    absent = [name for name in required if name not in raw]
    if absent:
        raise MissingInputError(field=", ".join(absent), needed_for=str(path))
    if raw["key"] != key or raw["status"] not in get_args(Status):
        raise InvalidEvidenceError(
            field=f"{path}: key, status",
            requirement=f"{key!r} and one of {', '.join(get_args(Status))}",
            given=f"{raw['key']!r} and {raw['status']!r}",
        )
    source = Source(
        key=key,
        citation=raw["citation"],
        address=raw["address"],
        status=raw["status"],
        notice=raw["notice"],
    )
    tables = {
        name: TableInfo(table["file"], table["locator"], dict(table["columns"]))
        for name, table in raw["tables"].items()
    }
    return source, raw["licence"], tables


def load_source(key: str, *, root: Path | None = None) -> Source:
    """Return who printed the tables of a data set, and where.

    Parameters
    ----------
    key : str
        Folder name, e.g. ``"tsuchie2012"``.
    root : Path, optional
        Folder of tables; that of this installation unless given.

    Raises
    ------
    UnknownMethodError
        If there is no such data set; names those there are.
    MissingInputError, InvalidEvidenceError
        If ``source.toml`` lacks a field or holds an impossible one.

    Examples
    --------
    >>> load_source("record2005").status
    'abstract'
    """
    return _read_source(table_root() if root is None else root, key)[0]


def load_licence(key: str, *, root: Path | None = None) -> str:
    """Return the terms under which the figures stand here."""
    return _read_source(table_root() if root is None else root, key)[1]


def table_info(key: str, *, root: Path | None = None) -> dict[str, TableInfo]:
    """Return what is printed in each table of a data set, by name.

    Examples
    --------
    >>> sorted(table_info("tsuchie2012"))
    ['table1', 'text']
    """
    return dict(_read_source(table_root() if root is None else root, key)[2])


@cache
def _read_table(root: Path, key: str, name: str) -> pd.DataFrame:
    """Read one CSV file and hold it against its description."""
    tables = table_info(key, root=root)
    if name not in tables:
        raise UnknownMethodError(
            kind=f"table of {key}", name=name, known=tuple(sorted(tables))
        )
    info = tables[name]
    path = root / key / info.file
    if not path.is_file():
        raise MissingInputError(
            field=f"table {name!r}", needed_for=key, hint=f"looked for {path}"
        )
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    if list(frame.columns) != list(info.columns):
        raise InvalidEvidenceError(
            field=f"columns of {path}",
            requirement=f"as source.toml has them: {', '.join(info.columns)}",
            given=", ".join(frame.columns),
        )
    return frame


def load_table(key: str, name: str, *, root: Path | None = None) -> pd.DataFrame:
    """Return a printed table as text, cell for cell.

    Parameters
    ----------
    key, name : str
        Data set and table, e.g. ``"tsuchie2012"``, ``"table1"``.
    root : Path, optional
        Folder of tables; that of this installation unless given.

    Returns
    -------
    DataFrame
        Every cell a string as printed (``"0.70"``, ``"N.A."``, ``"–"``); an empty
        string where nothing is printed. Units: see :func:`table_info`. A fresh copy.

    Raises
    ------
    UnknownMethodError
        If there is no such data set or table; names those there are.
    MissingInputError, InvalidEvidenceError
        If the file is missing or its columns are not the documented ones.

    Examples
    --------
    >>> load_table("tsuchie2012", "table1").shape
    (95, 7)
    """
    return _read_table(table_root() if root is None else root, key, name).copy()


def load_rows(
    key: str, name: str, *, root: Path | None = None
) -> tuple[dict[str, str], ...]:
    """Return a printed table row by row, each a column-to-text mapping.

    See :func:`load_table`.

    Examples
    --------
    >>> load_rows("record2005", "factorial")[0]["events"]
    '353'
    """
    table = load_table(key, name, root=root)
    columns = [str(c) for c in table.columns]
    return tuple(
        dict(zip(columns, map(str, row), strict=True))
        for row in table.itertuples(index=False, name=None)
    )
