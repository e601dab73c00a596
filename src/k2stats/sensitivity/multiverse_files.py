"""Multiverse files that people write, in TOML: data, choices, what is left out.

For example::

    title = "BCG vaccine and tuberculosis"

    [data]
    file = "bcg.csv"
    study = "trial"
    columns = { a = "tpos", b = "tneg", c = "cpos", d = "cneg" }

    [choices]
    measures = ["RR", "OR"]
    models = ["random", "common", "MH"]
    zero_cells = ["only0", { add = 0.5, to = "all" }]

    [subsets]
    "random allocation" = { column = "alloc", equals = "random" }
    "far north" = { column = "ablat", least = 40 }

    [exclude]
    each = true
    sets = { "two doubted" = ["Aronson 1948", "Rosenthal et al 1960"] }

    [reference]
    model = "random"

    [output]
    figure = "curve.svg"
    csv = "specifications.csv"

Data may stand in the file itself, ``rows = [{ trial = "A", tpos = 4, ... }, ...]``.
What is left out of ``[choices]`` takes the values that :func:`k2stats.multiverse`
takes; without ``[exclude]`` each study is left out in turn. Paths are relative to the
file.

This module needs pydantic and is not imported with ``k2stats``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pandas as pd
from pydantic import ValidationError

from k2stats.errors import (
    ClaimFileError,
    ConvergenceError,
    K2StatsError,
)
from k2stats.evidence._claim_fields import validated
from k2stats.evidence._claim_text import parse_toml, printable, read_text, refuse
from k2stats.sensitivity._multiverse_file_data import (
    chosen,
    columns_of,
    exclude_of,
    labels_of,
    read_frame,
)
from k2stats.sensitivity._multiverse_file_tables import MultiverseFile
from k2stats.sensitivity._multiverse_fits import Progress
from k2stats.sensitivity.multiverse import multiverse
from k2stats.sensitivity.multiverse_result import Multiverse


@dataclass(frozen=True, slots=True, eq=False)
class MultiverseSpec:
    """What a file asks for, read and checked; nothing is fitted yet.

    Attributes
    ----------
    name : str
        What errors call the file.
    title : str
    data : DataFrame
    options : mapping
        Of :func:`k2stats.multiverse`.
    figure, csv : Path or None
        Files to write.
    """

    name: str
    title: str
    data: pd.DataFrame
    options: Mapping[str, Any]
    figure: Path | None
    csv: Path | None

    def run(self, progress: Callable[[str, int], Progress] | None = None) -> Multiverse:
        """Run the multiverse; what it refuses is an error of the file.

        Raises
        ------
        ClaimFileError
        """
        try:
            return multiverse(self.data, progress=progress, **self.options)
        except ConvergenceError:
            raise
        except K2StatsError as error:
            refuse(self.name, "", printable(str(error)))


def read_multiverse(path: str | Path) -> MultiverseSpec:
    """Read a multiverse file, all of it or nothing.

    Parameters
    ----------
    path : str or Path
        A TOML file, UTF-8.

    Returns
    -------
    MultiverseSpec

    Raises
    ------
    ClaimFileError
        If there is no such file or it is not well-formed; if a field is unknown,
        missing or not what it must be; if the table cannot be read, or lacks a column
        or a study that is named. Names file, field and requirement.

    Examples
    --------
    >>> read_multiverse("no_such_file.toml")
    Traceback (most recent call last):
    k2stats.errors.ClaimFileError: no_such_file.toml: there is no such file
    """
    path = Path(path)
    name = printable(str(path))
    if path.suffix.lower() != ".toml":
        refuse(name, "", "a multiverse file must end in .toml")
    if path.is_dir():
        refuse(name, "", "is a folder; a multiverse file is needed")
    return multiverse_from_text(read_text(path, name), name, folder=path.parent)


def multiverse_from_text(
    text: str, name: str = "multiverse", *, folder: Path | None = None
) -> MultiverseSpec:
    """Read the text of a multiverse file.

    Parameters
    ----------
    text : str
    name : str
        What errors call the file.
    folder : Path, optional
        What paths are relative to.

    Raises
    ------
    ClaimFileError
        As :func:`read_multiverse`.

    Examples
    --------
    >>> spec = multiverse_from_text('''
    ... [data]
    ... study = "trial"
    ... rows = [
    ...   { trial = "A", y = 0.1, v = 0.02 },
    ...   { trial = "B", y = 0.4, v = 0.03 },
    ...   { trial = "C", y = 0.3, v = 0.05 },
    ... ]
    ... [choices]
    ... measures = "GEN"
    ... tau2 = ["DL", "REML"]
    ... ''')
    >>> spec.run()
    44 specifications of 3 studies (GEN)
    """
    parsed = parse_toml(text, name)
    try:
        file = validated(MultiverseFile, parsed)
    except ValidationError as error:
        _refuse_all(name, error)
    folder = Path() if folder is None else folder
    frame = read_frame(file, name, folder)
    labels = labels_of(file, frame, name)
    asked = file.choices
    options: dict[str, Any] = {
        "measures": asked.measures,
        "models": asked.models,
        "tau2": asked.tau2,
        "ci": asked.ci,
        "zero_cells": asked.zero_cells,
        "levels": asked.levels or 0.95,
        "study": None if labels is None else list(labels),
        "vtype": file.data.vtype,
        "correct": file.data.correct,
        "drop_missing": file.data.drop_missing,
        "reference": dict(file.reference) or None,
        "rng": file.seed,
        **columns_of(file, frame, name),
    }
    everyone = labels or tuple(range(1, len(frame) + 1))
    if file.subsets:
        options["subsets"] = {
            key: chosen(value, frame, everyone, name, f"subsets.{key}")
            for key, value in file.subsets.items()
        }
    if file.exclude is not None:
        options["exclude"] = exclude_of(file, frame, everyone, name)
    out = file.output
    return MultiverseSpec(
        name=name,
        title=file.title,
        data=frame,
        options=options,
        figure=None if out.figure is None else folder / out.figure,
        csv=None if out.csv is None else folder / out.csv,
    )


def _refuse_all(name: str, error: ValidationError) -> NoReturn:
    """Raise the first error with the others below it, one line each."""
    found = [
        ClaimFileError(
            file=name,
            field=".".join(map(str, details["loc"])),
            requirement=printable(details["msg"]),
        )
        for details in error.errors(include_url=False, include_input=False)
    ]
    first, *others = found
    raise ClaimFileError(
        file=name, field=first.field, requirement=first.requirement, others=others
    ) from None
