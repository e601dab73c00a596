"""RECORD 2005: vitamin D3 and calcium after a fracture, a factorial trial.

5292 people aged 70 years or older; four allocations, of which the abstract prints
both supplements and placebo, and the margins of the two single supplements.
"""

from typing import Final

from k2stats.datasets._loader import load_rows, load_source
from k2stats.datasets._records import ratio, same_count, total
from k2stats.evidence import Claim, Derived, RatioWithCI, Source, TwoByTwo

SOURCE: Final[Source] = load_source("record2005")
TRIAL_PAGE: Final[Source] = Source(
    key="record2005_page",
    citation="RECORD trial, Health Services Research Unit, University of Aberdeen.",
    address="https://www.abdn.ac.uk/hsru/what-we-do/trials-unit/record-756.php",
    status="secondary",
    notice="The trial unit's summary of the trial.",
)
SOURCES: Final[tuple[Source, ...]] = (SOURCE, TRIAL_PAGE)

N_TOTAL: Final[int] = 5292
FRACTURES: Final[int] = 698
FRACTURES_PAGE: Final[int] = 689
"""As the trial unit's page prints the same number."""
D3_HR: Final[RatioWithCI] = ratio("HR", "1.02", "0.88", "1.19", outcome="new fracture")
CALCIUM_HR: Final[RatioWithCI] = ratio(
    "HR", "0.94", "0.81", "1.09", outcome="new fracture"
)
INTERACTION_HR: Final[RatioWithCI] = ratio(
    "HR", "1.01", "0.75", "1.36", outcome="new fracture, interaction term"
)


def margins() -> dict[tuple[str, str], tuple[int, int]]:
    """Return the printed groups of RECORD: (comparison, group) to (events, n).

    Examples
    --------
    >>> margins()["vitamin D3", "allocated"]
    (353, 2649)
    """
    return {
        (row["comparison"], row["group"]): (int(row["events"]), int(row["n"]))
        for row in load_rows("record2005", "factorial")
    }


def cells() -> dict[str, tuple[int, int]]:
    """Return events and participants of the four allocations of RECORD.

    Combination and placebo are printed; each single supplement is what is left of
    those allocated it when the combination is taken away.

    Examples
    --------
    >>> cells()
    {'vitamin D3': (188, 1343), 'calcium': (166, 1311), 'both': (165, 1306), \
'placebo': (179, 1332)}
    """
    printed = margins()
    both = printed["both or neither", "combination"]
    single = {
        arm: (
            printed[arm, "allocated"][0] - both[0],
            printed[arm, "allocated"][1] - both[1],
        )
        for arm in ("vitamin D3", "calcium")
    }
    return {**single, "both": both, "placebo": printed["both or neither", "placebo"]}


def table(treated: str, comparator: str = "placebo") -> TwoByTwo:
    """Return two allocations of RECORD as a 2x2 table, shape ``(1,)``.

    Examples
    --------
    >>> print(table("vitamin D3"))
    188/1343 v 179/1332
    """
    arms = cells()
    (events1, n1), (events2, n2) = arms[treated], arms[comparator]
    return TwoByTwo.from_counts(events1=events1, n1=n1, events2=events2, n2=n2)


def _all_fractures() -> tuple[Derived, ...]:
    """Return three ways to add up to the fractures of the whole trial."""
    printed = margins()
    halves = tuple(
        total(
            FRACTURES,
            {
                f"{arm}, {group}": printed[arm, group][0]
                for group in ("allocated", "not allocated")
            },
            f"participants with a fracture, {arm} or not",
        )
        for arm in ("vitamin D3", "calcium")
    )
    arms = {arm: events for arm, (events, _) in cells().items()}
    return (
        *halves,
        total(FRACTURES, arms, "participants with a fracture, four allocations"),
    )


CLAIMS: Final[tuple[Claim, ...]] = (
    Claim(
        id="A25",
        source=SOURCE,
        locator="698 (13%) of 5292 participants had a new low-trauma fracture",
        quote="698 (13%) of 5292 participants had a new low-trauma fracture, 183 (26%) "
        "of which were of the hip.",
        states=_all_fractures(),
        note="Vitamin D3 alone (353 - 165) and calcium alone (331 - 165) follow by "
        "subtraction.",
    ),
    Claim(
        id="A25-2",
        source=TRIAL_PAGE,
        by=SOURCE,
        locator="689 (13%) sustained a further low-trauma fracture",
        quote="689 (13%) sustained a further low-trauma fracture including 183 with "
        "hip fractures.",
        states=(
            same_count(
                "participants with a new low-trauma fracture",
                {
                    "the trial unit's page": FRACTURES_PAGE,
                    "the abstract": FRACTURES,
                },
            ),
        ),
    ),
)
