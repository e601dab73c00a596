"""Tsuchie 2012: Table I and the measurements in the text, by woman and delivery.

Months are months after delivery. Units are those printed: g/cm2 for bone mineral
density, nmolBCE/L for NTX, U/L for BAP, mg/dL for Ca and IP, pg/L (Table I) or pg/mL
(text) for intact PTH.
"""
# ruff: noqa: RUF001, RUF002 - tables keep the dashes of print

from dataclasses import dataclass
from functools import cache
from typing import Final, Literal, TypeAlias, get_args

from k2stats.datasets._loader import load_rows
from k2stats.errors import MissingInputError, UnknownMethodError
from k2stats.evidence import PairedRows, Printing, Reported, SameQuantity

Episode: TypeAlias = Literal[
    "case 1", "case 2", "case 3 (1st delivery)", "case 3 (2nd delivery)", "case 4"
]
"""Four women, five deliveries."""
When: TypeAlias = Literal["before", "after", ""]
Digits: TypeAlias = Literal["table", "text", "finest"]
"""Table I, the text, or the text where it prints the value and Table I elsewhere."""

EPISODES: Final[tuple[Episode, ...]] = get_args(Episode)
NOT_PRINTED: Final[tuple[str, ...]] = ("N.A.", "–")
"""What Table I prints where there is no value."""
_SITES: Final[dict[str, str]] = {
    "lumbar spine": "BMD lumbar spine",
    "femur": "BMD femur",
}


@dataclass(frozen=True, slots=True)
class Measurement:
    """One printed measurement.

    Attributes
    ----------
    episode : Episode
    variable : str
        Row of Table I, e.g. ``"BMD femur"``.
    when : {"before", "after", ""}
        Of treatment.
    value : Reported
        With its unit, as printed.
    where : str
        ``"Table I"`` with the month, or ``"the text"``.
    month : Reported or None
        Months after delivery (``mo``), in Table I only.
    t_score : Reported or None
        In SD, in the text only.
    sample : str
        ``"urine"``, ``"serum"`` or empty.
    normal_range : str
        As printed, in the unit of `value`; the text only.
    time : str
        The text's own words for when it was measured.
    """

    episode: Episode
    variable: str
    when: When
    value: Reported
    where: str
    month: Reported | None = None
    t_score: Reported | None = None
    sample: str = ""
    normal_range: str = ""
    time: str = ""

    @property
    def printing(self) -> Printing:
        """The value with its place."""
        return Printing(self.value, self.where)


@cache
def _rows(name: str) -> dict[tuple[str, str, str], dict[str, str]]:
    """Index a table by episode, variable and before or after."""
    return {
        (row["episode"], row["variable"], row["when"]): row
        for row in load_rows("tsuchie2012", name)
    }


def variables() -> tuple[str, ...]:
    """Return the rows of Table I, in order.

    Examples
    --------
    >>> variables()[5:8]
    ('BMD lumbar spine', 'BMD femur', 'NTX')
    """
    return tuple(dict.fromkeys(variable for _, variable, _ in _rows("table1")))


def cell(episode: Episode, variable: str, when: When = "") -> str:
    """Return a cell of Table I as printed, without month and footnote mark.

    Raises
    ------
    UnknownMethodError
        If Table I has no such row or column.

    Examples
    --------
    >>> cell("case 2", "Compression fracture"), cell("case 2", "BMD femur", "after")
    ('T8,9,12; L1,4', 'N.A.')
    """
    if variable not in variables():
        raise UnknownMethodError(
            kind="row of Table I", name=variable, known=variables()
        )
    rows = _rows("table1")
    if (episode, variable, when) not in rows:
        known = tuple(f"{e}, {w or 'no division'}" for e, v, w in rows if v == variable)
        raise UnknownMethodError(
            kind=f"cell of {variable}", name=f"{episode}, {when}", known=known
        )
    return rows[episode, variable, when]["printed"]


def in_table(episode: Episode, variable: str, when: When = "") -> Measurement | None:
    """Return a measurement of Table I, None where it prints N.A. or a dash.

    Examples
    --------
    >>> found = in_table("case 3 (1st delivery)", "BMD femur", "after")
    >>> print(found.value, found.where)
    0.53 g/cm2 Table I (25M)
    """
    printed = cell(episode, variable, when)
    if printed in NOT_PRINTED:
        return None
    row = _rows("table1")[episode, variable, when]
    month = row["month"]
    return Measurement(
        episode,
        variable,
        when,
        Reported(printed, row["unit"]),
        f"Table I ({month}M)" if month else "Table I",
        month=Reported(month, "mo") if month else None,
        sample=row["sample"],
    )


def in_text(episode: Episode, variable: str, when: When = "") -> Measurement | None:
    """Return a measurement of the text, None where the text prints none.

    Examples
    --------
    >>> found = in_text("case 3 (1st delivery)", "BMD femur", "after")
    >>> print(found.value, found.t_score, found.time)
    0.569 g/cm2 –4.43 SD at 2 years and 1 month after first pregnancy
    """
    cell(episode, variable, when)
    row = _rows("text").get((episode, variable, when))
    if row is None:
        return None
    return Measurement(
        episode,
        variable,
        when,
        Reported(row["printed"], row["unit"]),
        "the text",
        t_score=Reported(row["t_score"], "SD") if row["t_score"] else None,
        sample=row["sample"],
        normal_range=row["normal_range"],
        time=row["time"],
    )


def measurement(
    episode: Episode, variable: str, when: When, digits: Digits = "table"
) -> Measurement | None:
    """Return a measurement from Table I, from the text, or the finer of the two."""
    if digits == "table":
        return in_table(episode, variable, when)
    text = in_text(episode, variable, when)
    if digits == "text":
        return text
    return text or in_table(episode, variable, when)


def pairs(
    variable: str,
    digits: Digits = "table",
    episodes: tuple[Episode, ...] | None = None,
) -> PairedRows:
    """Return a measurement before and after treatment, one pair a delivery.

    Parameters
    ----------
    variable : str
        Row of Table I with a before and an after, e.g. ``"NTX"``.
    digits : {"table", "text", "finest"}
        Whose digits; ``"finest"`` takes the text's where it prints the value.
    episodes : tuple of Episode, optional
        Which deliveries; all that have both values unless given.

    Returns
    -------
    PairedRows
        In the unit printed; labels name the deliveries. NTX is urine in some women
        and serum in others.

    Raises
    ------
    UnknownMethodError
        If Table I has no such row.
    MissingInputError
        If an episode asked for lacks a value; names it.

    Examples
    --------
    >>> print(pairs("Ca"))
    9.4 to 9.2; 9.5 to 9.2; 9.2 to 8.8; 10.9 to 9.4
    """
    found = {
        e: (
            measurement(e, variable, "before", digits),
            measurement(e, variable, "after", digits),
        )
        for e in (EPISODES if episodes is None else episodes)
    }
    complete = {
        e: (before.value, after.value)
        for e, (before, after) in found.items()
        if before is not None and after is not None
    }
    lacking = [e for e in found if e not in complete]
    if (episodes is not None and lacking) or not complete:
        raise MissingInputError(
            field=f"{variable} before and after in {', '.join(lacking)}",
            needed_for=f"pairs by the digits of {digits!r}",
        )
    return PairedRows(
        before=tuple(before for before, _ in complete.values()),
        after=tuple(after for _, after in complete.values()),
        labels=tuple(complete),
        outcome=variable,
    )


def bmd_pairs(
    site: Literal["lumbar spine", "femur"] = "lumbar spine",
    digits: Digits = "table",
    episodes: tuple[Episode, ...] | None = None,
) -> PairedRows:
    """Return bone mineral density before and after treatment, g/cm2.

    See :func:`pairs`.

    Examples
    --------
    >>> bmd_pairs("femur").differences.round(2).tolist()
    [0.08, -0.01, -0.01, 0.03]
    >>> bmd_pairs("femur", digits="text").differences.round(3).tolist()
    [0.085, 0.03, 0.031]
    """
    if site not in _SITES:
        raise UnknownMethodError(kind="site", name=site, known=tuple(_SITES))
    return pairs(_SITES[site], digits, episodes)


def text_beside_table(episode: Episode, variable: str, when: When = "") -> SameQuantity:
    """Return one measurement as the text and as Table I print it.

    Raises
    ------
    MissingInputError
        If either does not print it.
    """
    text, table = in_text(episode, variable, when), in_table(episode, variable, when)
    if text is None or table is None:
        raise MissingInputError(
            field=f"{variable}, {when}, {episode}", needed_for="text beside Table I"
        )
    what = ", ".join(p for p in (variable, f"{when} treatment", episode) if p)
    return SameQuantity(what, (text.printing, table.printing))
