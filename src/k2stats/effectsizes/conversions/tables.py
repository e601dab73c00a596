"""All 2x2 tables of whole numbers that fit what is printed of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from k2stats._typing import Bools, Ints
from k2stats.effectsizes.conversions._shared import conversion
from k2stats.effectsizes.conversions._table_statistics import (
    CLEAR,
    TABLE_STATISTICS,
    keep_within,
)
from k2stats.effectsizes.conversions.cells import (
    chi2_cell,
    odds_ratio_cell,
    phi_cell,
)
from k2stats.errors import (
    AmbiguousEvidenceError,
    InfeasibleEvidenceError,
    InvalidEvidenceError,
    MissingInputError,
)
from k2stats.evidence import Reported, TwoByTwo
from k2stats.evidence._coerce import is_count
from k2stats.evidence.reported import reported

Printed: TypeAlias = Reported | str | float
"""A number as printed (text, exact windows) or as a float (nearest table)."""

MOST_TABLES = 2_000_000


@dataclass(frozen=True, slots=True, eq=False)
class FeasibleTables:
    """Every table that fits, in order of the events of group 1, then of group 2.

    Attributes
    ----------
    cells : ndarray of int, shape (M, 4)
        a, b, c, d: events and non-events of group 1, then of group 2.

    Examples
    --------
    >>> found = tables_from(n1=50, n2=50, events=40, odds_ratio="2.8")
    >>> found.cells.tolist(), len(found)
    ([[26, 24, 14, 36]], 1)
    >>> print(found.table())
    26/50 v 14/50
    """

    cells: Ints

    def table(self) -> TwoByTwo:
        """Return the tables as evidence, tables on the last axis."""
        a, b, c, d = self.cells.T
        return TwoByTwo.from_cells(a=a, b=b, c=c, d=d)

    def only(self) -> tuple[int, int, int, int]:
        """Return the cells of the one table, or refuse to pick among several.

        Raises
        ------
        AmbiguousEvidenceError
            If more than one table fits.
        """
        if len(self) > 1:
            raise AmbiguousEvidenceError(
                f"{len(self)} tables fit, from {self.cells[0].tolist()} to "
                f"{self.cells[-1].tolist()}; give another printed number to "
                "tell them apart.",
                candidates=len(self),
            )
        a, b, c, d = (int(x) for x in self.cells[0])
        return a, b, c, d

    def __len__(self) -> int:
        return int(self.cells.shape[0])

    def __iter__(self) -> Iterator[tuple[int, int, int, int]]:
        return (tuple(row) for row in self.cells.tolist())


def _candidates(n1: int, n2: int, events: int | None) -> Ints:
    """Every table with these margins, by events of group 1, then of group 2."""
    if events is None:
        if (n1 + 1) * (n2 + 1) > MOST_TABLES:
            raise InvalidEvidenceError(
                field="events",
                requirement=f"given: over {MOST_TABLES:,} tables have these groups",
            )
        a, c = (x.ravel() for x in np.mgrid[0 : n1 + 1, 0 : n2 + 1])
    else:
        a = np.arange(max(0, events - n2), min(n1, events) + 1)
        c = events - a
    cells = np.empty((a.size, 4), dtype=np.int64)
    cells[:, 0], cells[:, 1], cells[:, 2], cells[:, 3] = a, n1 - a, c, n2 - c
    return cells


def _cells_of_float(
    name: str, value: float, n1: int, n2: int, events: int, sign: int | None
) -> list[float]:
    """Unrounded events of group 1 behind a float; two where the sign is open."""
    first, second, m = (np.asarray(float(x)) for x in (n1, n2, events))
    x = np.asarray(value)
    if name == "odds_ratio":
        return [float(odds_ratio_cell(x, first, second, m))]
    if name == "risk_ratio":
        return [float(x * first * m / (second + x * first))]
    if name == "phi":
        return [float(phi_cell(x, first, second, m))]
    return [
        float(
            chi2_cell(
                x, first, second, m, np.asarray(float(s)), yates=name == "chi2_yates"
            )
        )
        for s in ((1, -1) if sign is None else (sign,))
    ]


def _nearest(
    cells: Ints,
    name: str,
    value: float,
    margins: tuple[int, int, int],
    sign: int | None,
) -> Ints:
    """Tables nearest to a float; both where two are equally near."""
    if not np.isfinite(value) or (value < 0 and name != "phi"):
        raise InvalidEvidenceError(
            field=name, requirement="finite and not negative", given=value
        )
    if name == "fisher_p" and not 0.0 < value <= 1.0:
        raise InvalidEvidenceError(
            field=name, requirement="above 0 and at most 1", given=value
        )
    kept: Bools = np.zeros(len(cells), dtype=bool)
    if name == "fisher_p":
        exact = TABLE_STATISTICS[name].exact
        p = np.array([float(exact(*(int(x) for x in row))) for row in cells])
        gap = np.abs(np.log(p) - np.log(value))
        kept = gap <= gap.min() * (1.0 + CLEAR) + 1e-12
    else:
        for a in _cells_of_float(name, value, *margins, sign):
            kept |= np.abs(cells[:, 0] - a) <= 0.5 + CLEAR
    return cells[kept]


@conversion(
    "cells",
    label="All 2x2 tables behind printed statistics",
    reference="Fisher RA. Statistical Methods for Research Workers (1934)",
    equation="{(a, b, c, d): every printed statistic is within its rounding}",
)
def tables_from(
    *,
    n1: int,
    n2: int,
    events: int | None = None,
    odds_ratio: Printed | None = None,
    risk_ratio: Printed | None = None,
    phi: Printed | None = None,
    chi2: Printed | None = None,
    chi2_yates: Printed | None = None,
    fisher_p: Printed | None = None,
    sign: int | None = None,
) -> FeasibleTables:
    r"""All 2x2 tables of whole numbers that fit the margins and every statistic.

    With printed text each statistic of a table must lie in the window of values
    that round to the print, decided in rational arithmetic:

    .. math::
        \psi = \frac{ad}{bc}, \quad RR = \frac{a (c + d)}{c (a + b)}, \quad
        \phi^2 = \frac{(ad - bc)^2}{M}, \quad \chi^2 = N \phi^2, \quad
        \chi^2_Y = \frac{N \max(|ad - bc| - N/2, 0)^2}{M}

    and Fisher's p sums the tables that are no more probable. With a float the
    cell a is solved for and the nearest whole table kept, both of two that are
    equally near and both directions where chi-squared leaves them open.

    Parameters
    ----------
    n1, n2 : int
        Sizes of the groups (rows).
    events : int, optional
        Events of both groups together (first column). Without it every pair of
        counts is tried, and statistics must be printed text.
    odds_ratio, risk_ratio, phi, chi2, chi2_yates, fisher_p : Reported, str or float
        What is printed; several may be given, all of which must fit.
    sign : {-1, 1}, optional
        1 keeps tables in which group 1 has the higher risk, -1 the lower.

    Returns
    -------
    FeasibleTables

    Raises
    ------
    InfeasibleEvidenceError
        If no table fits.
    InvalidEvidenceError
        For margins that are not whole numbers, or too many tables.
    MissingInputError
        If no statistic is given, or a float without `events`.

    References
    ----------
    Fisher RA (1934). Statistical Methods for Research Workers.

    Examples
    --------
    >>> for table in tables_from(n1=75, n2=75, events=100, chi2="3.0"):
    ...     print(table)
    (45, 30, 55, 20)
    (55, 20, 45, 30)
    >>> tables_from(n1=75, n2=75, events=100, chi2=3.0, sign=1).only()
    (55, 20, 45, 30)
    >>> tables_from(n1=12, n2=7, fisher_p="0.15", odds_ratio="8.4").only()
    (7, 5, 1, 6)
    """
    given: dict[str, Printed | None] = {
        "odds_ratio": odds_ratio,
        "risk_ratio": risk_ratio,
        "phi": phi,
        "chi2": chi2,
        "chi2_yates": chi2_yates,
        "fisher_p": fisher_p,
    }
    _check_margins(n1, n2, events)
    if sign not in (None, -1, 1):
        raise InvalidEvidenceError(field="sign", requirement="-1 or 1", given=sign)
    stated = {name: value for name, value in given.items() if value is not None}
    if not stated:
        raise MissingInputError(
            field="odds_ratio, risk_ratio, phi, chi2, chi2_yates or fisher_p",
            needed_for="solving for a table",
        )
    cells = _candidates(n1, n2, events)
    if sign is not None:
        cells = cells[sign * (cells[:, 0] * n2 - cells[:, 2] * n1) > 0]
    # Fisher's p costs most, and comes last in the order above.
    for name, value in stated.items():
        if len(cells) == 0:
            break
        if isinstance(value, Reported | str):
            statistic = TABLE_STATISTICS[name]
            window = statistic.window(reported(value).interval)
            cells = keep_within(cells, statistic, window)
        elif events is None:
            raise MissingInputError(
                field="events",
                needed_for=f"the table nearest to a float {name}",
                hint="or give the number as printed text",
            )
        else:
            cells = _nearest(cells, name, float(value), (n1, n2, events), sign)
    if len(cells) == 0:
        words = ", ".join(f"{name} = {value}" for name, value in stated.items())
        raise InfeasibleEvidenceError(
            f"No table with n1 = {n1}, n2 = {n2}"
            + (f", {events} events" if events is not None else "")
            + f" has {words}."
        )
    cells.flags.writeable = False
    return FeasibleTables(cells)


def _check_margins(n1: int, n2: int, events: int | None) -> None:
    """Refuse margins that no table has."""
    for name, value in (("n1", n1), ("n2", n2)):
        if not is_count(value, least=1):
            raise InvalidEvidenceError(
                field=name, requirement="a whole number of at least 1", given=value
            )
    if events is not None and not (is_count(events, least=0) and events <= n1 + n2):
        raise InvalidEvidenceError(
            field="events",
            requirement=f"a whole number from 0 to n1 + n2 = {n1 + n2}",
            given=events,
        )
