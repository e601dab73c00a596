"""The BCG vaccine against tuberculosis: thirteen trials.

The data that meta-analysts know best. Colditz and others collected the trials in 1994;
Berkey 1995, van Houwelingen 2002 and many since have analysed them again. Group 1 is
vaccinated, the event is tuberculosis.
"""

from typing import Final

import numpy as np
import pandas as pd

from k2stats._typing import Floats
from k2stats.datasets._loader import load_source, load_table
from k2stats.evidence import Claim, Source, TwoByTwo

SOURCE: Final[Source] = load_source("bcg")

_TABLE: Final[pd.DataFrame] = load_table("bcg", "trials")
_COUNTED: Final[tuple[str, ...]] = ("trial", "year", "tpos", "tneg", "cpos", "cneg")


def _numbers(column: str) -> Floats:
    values: Floats = _TABLE[column].to_numpy().astype(np.float64)
    values.flags.writeable = False
    return values


BCG: Final[TwoByTwo] = TwoByTwo.from_cells(
    a=_numbers("tpos"), b=_numbers("tneg"), c=_numbers("cpos"), d=_numbers("cneg")
)
"""Tuberculosis among vaccinated (group 1) and not vaccinated people, 13 trials."""

AUTHORS: Final[tuple[str, ...]] = tuple(_TABLE["author"])
"""As printed; two names stand for two trials each."""
LABELS: Final[tuple[str, ...]] = tuple(
    f"{author} {year}"
    for author, year in zip(_TABLE["author"], _TABLE["year"], strict=True)
)
"""Author and year: a name of its own for each trial."""
YEAR: Final[Floats] = _numbers("year")
"""Year of publication."""
ABLAT: Final[Floats] = _numbers("ablat")
"""Absolute latitude, degrees."""
ALLOC: Final[tuple[str, ...]] = tuple(_TABLE["alloc"])
"""Allocation to the vaccine: random, alternate or systematic."""


def frame() -> pd.DataFrame:
    """Return the table, a row for each trial.

    Returns
    -------
    DataFrame
        ``trial``, ``author``, ``year``, ``tpos``, ``tneg``, ``cpos``, ``cneg`` (counts:
        tuberculosis or not, vaccinated or not), ``ablat`` (degrees), ``alloc``. The
        index holds the labels, author and year. A fresh copy.

    Examples
    --------
    >>> from k2stats.effectsizes import effect_sizes
    >>> es = effect_sizes(frame(), "RR", a="tpos", b="tneg", c="cpos", d="cneg")
    >>> print(es.study[0], es.y[0].round(4), es.v[0].round(4))
    Aronson 1948 -0.8893 0.3256
    """
    table = _TABLE.astype(dict.fromkeys(_COUNTED, "int64") | {"ablat": "float64"})
    return table.set_axis(pd.Index(LABELS, name="study"), axis="index")


CLAIMS: Final[tuple[Claim, ...]] = ()
"""None is embedded: the trials are here as data."""
