"""Cells of the coverage tables, simulated anew and laid beside the rows kept."""

from collections.abc import Iterable, Mapping

from simulations.studies import STUDIES, kept, rows_of
from simulations.tables import Row, distance

SEED = 7
"""Other draws than those of the tables: agreement is no repetition."""
MOST = 4.0
"""Monte Carlo standard errors of the difference."""


def anew(
    name: str, wanted: Mapping[str, object], sets: int, seed: int = SEED
) -> list[Row]:
    """Rows of the one cell of a table that has these properties."""
    (cell,) = (
        c
        for c in STUDIES[name].cells()
        if all(getattr(c, key) == value for key, value in wanted.items())
    )
    return rows_of(name, cell, sets=sets, seed=seed)


def differences(name: str, rows: Iterable[Row]) -> dict[tuple[object, ...], float]:
    """Distance of each row from the one kept, in standard errors."""
    table = {row.key: row for row in kept(name)}
    return {row.key: distance(row, table[row.key]) for row in rows}


def pick(rows: Iterable[Row], **way: object) -> list[Row]:
    """Rows whose cell and interval have these properties."""
    return [r for r in rows if all({**r.cell, **r.way}[k] == v for k, v in way.items())]


def off_nominal(row: Row, nominal: float = 0.95) -> float:
    """Distance of a coverage from the nominal one, in standard errors."""
    error = (nominal * (1.0 - nominal) / row.sets) ** 0.5
    return float(abs(row.coverage - nominal) / error)
