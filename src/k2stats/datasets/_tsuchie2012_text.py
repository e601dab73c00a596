"""Tsuchie 2012: what the text prints beside its measurements, and what follows.

Ages, the interval between the deliveries of case 3, doses, months of treatment and
lists of fractured vertebrae; and the statements and claims built of them.
"""
# ruff: noqa: RUF002 - the source sets en dashes for minus signs

import re
from typing import Final

from k2stats.datasets._loader import load_source
from k2stats.datasets._records import same_count
from k2stats.datasets._tsuchie2012_table import (
    EPISODES,
    Digits,
    Episode,
    When,
    cell,
    in_table,
    in_text,
    measurement,
    text_beside_table,
)
from k2stats.errors import MissingInputError
from k2stats.evidence import (
    Claim,
    Derived,
    Direction,
    PairedRows,
    Printing,
    Reported,
    SameQuantity,
    Source,
    Statement,
)

SOURCE: Final[Source] = load_source("tsuchie2012")

MEAN_AGE: Final[Reported] = Reported("31.5", "y")
YOUNGEST: Final[Reported] = Reported("30", "y", rounding="floor")
OLDEST: Final[Reported] = Reported("34", "y", rounding="floor")
YEARS_BETWEEN: Final[Reported] = Reported("7", "y", rounding="floor")
"""Between case 3's first delivery and her second pregnancy."""
DOSE_K2: Final[Reported] = Reported("45", "mg/day")
MONTHS_OF_TREATMENT: Final[dict[Episode, Reported]] = {
    "case 2": Reported("10", "mo"),
    "case 4": Reported("12", "mo"),
}
"""At the last measurement, in the text's words: 'after 10 months of treatment'."""

FRACTURES_CASE_2: Final[dict[str, str]] = {
    "the text": "T8, 9, 11, and 12, and L1 and 4",
    "Table I": cell("case 2", "Compression fracture"),
    "the caption of Figure 1": "8th, 9th, and 12th thoracic vertebrae and 1st lumbar "
    "vertebra",
    "the caption of Figure 2": "8th, 9th, 11th, and 12th thoracic vertebrae and 1st "
    "and 4th lumbar vertebrae",
}
"""Fractured vertebrae of case 2, in each place's words."""

_WOMEN: Final[tuple[Episode, ...]] = (
    "case 1",
    "case 2",
    "case 3 (2nd delivery)",
    "case 4",
)
_WOMEN_AT_ONSET: Final[tuple[Episode, ...]] = (
    "case 1",
    "case 2",
    "case 3 (1st delivery)",
    "case 4",
)


def age(episode: Episode) -> Reported:
    """Return the age in completed years, so that 31 stands for 31 up to 32.

    Examples
    --------
    >>> print(age("case 3 (1st delivery)").interval)
    [23, 24)
    """
    return Reported(cell(episode, "Age"), "y", rounding="floor")


def levels(words: str) -> int:
    """Count the vertebrae in a list such as ``"T8,9,12; L1,4"``.

    Examples
    --------
    >>> {place: levels(words) for place, words in FRACTURES_CASE_2.items()}
    {'the text': 6, 'Table I': 5, 'the caption of Figure 1': 4, \
'the caption of Figure 2': 6}
    """
    return len(re.findall(r"\d+", words))


def ages(episodes: tuple[Episode, ...]) -> tuple[Printing, ...]:
    return tuple(Printing(age(e), f"Table I, {e}") for e in episodes)


def by_age(second: str, first: str) -> tuple[Derived, ...]:
    """Return mean and least age by either age of case 3, and the greatest."""
    readings = ((second, ages(_WOMEN)), (first, ages(_WOMEN_AT_ONSET)))
    means = tuple(
        Derived("mean", MEAN_AGE, parts, f"mean age {w}") for w, parts in readings
    )
    least = tuple(
        Derived("minimum", YOUNGEST, parts, f"least age {w}") for w, parts in readings
    )
    return (*means, *least, Derived("maximum", OLDEST, ages(_WOMEN), "greatest age"))


def month_after_delivery(episode: Episode, variable: str) -> Derived:
    """Return the table's month as start of treatment plus the text's months of it."""
    last = in_table(episode, variable, "after")
    if last is None or last.month is None:
        raise MissingInputError(field=f"month of {variable}", needed_for=episode)
    start = Reported(cell(episode, "Beginning of treatment"), "mo")
    return Derived(
        "sum",
        last.month,
        (
            Printing(start, "Table I, beginning of treatment"),
            Printing(MONTHS_OF_TREATMENT[episode], "the text, months of treatment"),
        ),
        f"start of treatment plus the text's months of it, {episode}",
    )


def rise(episode: Episode, variable: str, digits: Digits) -> Derived:
    """Return the statement that a value rose, by one place's digits."""
    before = measurement(episode, variable, "before", digits)
    after = measurement(episode, variable, "after", digits)
    if before is None or after is None:
        raise MissingInputError(field=variable, needed_for=episode)
    place = "the text" if digits == "text" else "Table I"
    return Derived(
        "difference",
        Reported(">0", after.value.unit),
        (after.printing, before.printing),
        f"a rise of {variable} by {place}",
    )


def t_scores_apart(first: Episode, second: Episode, variable: str, when: When) -> str:
    """Say that two T-scores of one site cannot share a reference, with both prints.

    Examples
    --------
    >>> t_scores_apart("case 2", "case 1", "BMD femur", "before")
    'T-scores do not share a reference: the text prints –2.3 SD at 0.585 g/cm2 for \
case 2 and –3.8 SD at 0.589 g/cm2 for case 1.'
    """
    said = []
    for episode in (first, second):
        found = in_text(episode, variable, when)
        if found is None:
            raise MissingInputError(field=variable, needed_for=episode)
        said.append(f"{found.t_score} at {found.value} for {episode}")
    return (
        f"T-scores do not share a reference: the text prints {said[0]} and {said[1]}."
    )


def same_dose() -> SameQuantity:
    """Return the daily dose of vitamin K2, which the text prints for each delivery."""
    places = tuple(Printing(DOSE_K2, f"the text, {episode}") for episode in EPISODES)
    return SameQuantity("daily dose of vitamin K2", places)


def same_fractures() -> SameQuantity:
    """Return the number of fractured vertebrae of case 2 in four places."""
    counted = {place: levels(words) for place, words in FRACTURES_CASE_2.items()}
    return same_count("fractured vertebrae, case 2", counted, "vertebrae")


def claim(
    number: int, locator: str, quote: str, *states: Statement, note: str = ""
) -> Claim:
    """Return a claim of this source, its number two digits."""
    return Claim(
        id=f"S003-{number:02d}",
        source=SOURCE,
        locator=locator,
        quote=quote,
        states=states,
        note=note,
    )


def measured(
    number: int,
    locator: str,
    quote: str,
    episode: Episode,
    rows: tuple[str, ...],
    when: When,
    *more: Statement,
    note: str = "",
) -> Claim:
    """Return a claim that the text prints measurements which Table I prints too."""
    same = tuple(text_beside_table(episode, v, when) for v in rows)
    return claim(number, locator, quote, *same, *more, note=note)


def course(claim_id: str, evidence: PairedRows) -> Claim:
    """Return the claim of a favorable course, held against one site's pairs."""
    return Claim(
        id=claim_id,
        source=SOURCE,
        locator="favorable course following",
        quote="All our presented cases showed a favorable course following treatment "
        "with vitamin K2.",
        evidence=evidence,
        states=(Direction("higher", words="a favorable course following treatment"),),
        needs=("a comparison group not given vitamin K2",),
        note=f"Read as a rise of {evidence.outcome} by Table I, four deliveries. All "
        "women stopped breast-feeding, and recovery without vitamin K2 is not "
        "separated.",
    )
