"""Women's Health Initiative: calcium plus vitamin D (CaD) against placebo.

36,282 postmenopausal women; 1000 mg calcium and 400 IU vitamin D3 daily for an average
of 7.0 years. Group 1 is CaD, group 2 placebo.
"""
# ruff: noqa: RUF002 - the source sets en dashes for ranges

from typing import Final, Literal

from k2stats.datasets._loader import load_rows, load_source
from k2stats.datasets._records import ratio
from k2stats.errors import UnknownMethodError
from k2stats.evidence import (
    Claim,
    Horizon,
    PrintedTwoByTwo,
    RatioWithCI,
    Reported,
    Source,
)

WALLACE_2011: Final[Source] = Source(
    key="wallace2011",
    citation="Wallace RB, Wactawski-Wende J, O'Sullivan MJ, Larson JC, Cochrane B, "
    "Gass M, Masaki K. Urinary tract stone occurrence in the Women's Health Initiative "
    "(WHI) randomized clinical trial of calcium and vitamin D supplements. Am J Clin "
    "Nutr 2011;94(1):270-277.",
    address="https://pmc.ncbi.nlm.nih.gov/articles/PMC3127502",
    notice="'(hazard ratio: 1.17; 95% CI: 1.02, 1.34): 449 women in the CaD group and "
    "381 women in the placebo group reported a stone during the trial'; 18,176 and "
    "18,106 women, 'for an average of 7.0 y' (abstract).",
)
JACKSON_2006: Final[Source] = Source(
    key="jackson2006",
    citation="Jackson RD, LaCroix AZ, Gass M, et al; Women's Health Initiative "
    "Investigators. Calcium plus vitamin D supplementation and the risk of fractures. "
    "N Engl J Med 2006;354(7):669-683.",
    address="https://scholars.mssm.edu/en/publications/"
    "calcium-plus-vitamin-d-supplementation-and-the-risk-of-fractures-2",
    status="abstract",
    notice="Hazard ratios only; counts by group are not in the abstract.",
)
PRENTICE_2013: Final[Source] = Source(
    key="prentice2013",
    citation="Prentice RL, Pettinger MB, Jackson RD, et al. Health risks and benefits "
    "from calcium and vitamin D supplementation: Women's Health Initiative clinical "
    "trial and cohort study. Osteoporos Int 2013;24(2):567-580.",
    address="https://pmc.ncbi.nlm.nih.gov/articles/PMC3557387",
    status="abstract",
    notice="Women without personal supplements at baseline, 5 or more years.",
)
CAULEY_2013: Final[Source] = load_source("cauley2013")
SOURCES: Final[tuple[Source, ...]] = (
    WALLACE_2011,
    JACKSON_2006,
    PRENTICE_2013,
    CAULEY_2013,
)

_CAD = "calcium plus vitamin D"
_PLACEBO = "placebo"
FOLLOW_UP: Final[Horizon] = Horizon(Reported("7.0"), "y")
"""Average, of the intervention."""

STONES: Final[PrintedTwoByTwo] = PrintedTwoByTwo(
    events1=449,
    n1=18176,
    events2=381,
    n2=18106,
    outcome="self-reported urinary tract stones",
    group1=_CAD,
    group2=_PLACEBO,
    horizon=FOLLOW_UP,
)
"""Women with a stone during the trial (Wallace 2011)."""

STONES_HR: Final[RatioWithCI] = ratio(
    "HR",
    "1.17",
    "1.02",
    "1.34",
    outcome="urinary tract stones",
    group1=_CAD,
    group2=_PLACEBO,
    horizon=FOLLOW_UP,
)
"""Wallace 2011."""


def _fracture(outcome: str, digits: tuple[str, str, str]) -> RatioWithCI:
    return ratio("HR", *digits, outcome=outcome, group1=_CAD, group2=_PLACEBO)


HIP_2006_HR: Final[RatioWithCI] = _fracture("hip fracture", ("0.88", "0.72", "1.08"))
CLINICAL_SPINE_2006_HR: Final[RatioWithCI] = _fracture(
    "clinical vertebral fracture", ("0.90", "0.74", "1.10")
)
TOTAL_FRACTURE_2006_HR: Final[RatioWithCI] = _fracture(
    "total fracture", ("0.96", "0.91", "1.02")
)
HIP_OVERALL_HR: Final[RatioWithCI] = _fracture("hip fracture", ("0.91", "0.79", "1.05"))
"""Cauley 2013: intervention and post-intervention phases together."""
HIP_POST_HR: Final[RatioWithCI] = _fracture("hip fracture", ("0.95", "0.78", "1.15"))
"""Cauley 2013: after the intervention."""
VERTEBRAL_OVERALL_HR: Final[RatioWithCI] = _fracture(
    "vertebral fracture", ("0.87", "0.76", "0.98")
)
"""Cauley 2013: post hoc, phases together."""
HIP_NO_SUPPLEMENTS_HR: Final[RatioWithCI] = _fracture(
    "hip fracture", ("0.62", "0.38", "1.00")
)
"""Prentice 2013: the trial."""
HIP_NO_SUPPLEMENTS_COMBINED_HR: Final[RatioWithCI] = _fracture(
    "hip fracture", ("0.65", "0.44", "0.98")
)
"""Prentice 2013: trial and observational study combined."""

HIP_BMD_CHANGE_2006: Final[Reported] = Reported("1.06%")
"""Hip bone mineral density, CaD over placebo (Jackson 2006), P < 0.01."""
HIP_BMD_P_2006: Final[Reported] = Reported("<0.01")

StrataBy = Literal["vitamin_d_intake", "personal_calcium"]
"""Tables 3 and 4 of Cauley 2013."""


def _rows(by: StrataBy, outcome: str) -> tuple[dict[str, str], ...]:
    """Return the rows of one outcome, in print order."""
    rows = load_rows("cauley2013", by)
    known = tuple(dict.fromkeys(row["outcome"] for row in rows))
    if outcome not in known:
        raise UnknownMethodError(kind="outcome", name=outcome, known=known)
    return tuple(row for row in rows if row["outcome"] == outcome)


def strata_labels(by: StrataBy, outcome: str) -> tuple[str, ...]:
    """Return the strata as printed.

    Examples
    --------
    >>> strata_labels("vitamin_d_intake", "Hip fracture")
    ('<200', '200–<400', '400–<600', '≥600')
    """
    return tuple(row["stratum"] for row in _rows(by, outcome))


def strata(by: StrataBy, outcome: str) -> tuple[RatioWithCI, ...]:
    """Return the hazard ratios of one outcome by stratum, as printed.

    Parameters
    ----------
    by : {"vitamin_d_intake", "personal_calcium"}
    outcome : str
        ``"Hip fracture"``, ``"Vertebral fracture"`` or ``"Total fracture"``.

    Returns
    -------
    tuple of RatioWithCI
        One a stratum, in the order of :func:`strata_labels`.

    Raises
    ------
    UnknownMethodError
        If the table has no such outcome; names those it has.

    Examples
    --------
    >>> for stratum in strata("personal_calcium", "Hip fracture"):
    ...     print(stratum)
    HR 0.84 (0.67 to 1.04)
    HR 0.96 (0.80 to 1.16)
    """
    return tuple(
        _fracture(f"{outcome}, {row['stratum']}", (row["hr"], row["low"], row["high"]))
        for row in _rows(by, outcome)
    )


def strata_events(by: StrataBy, outcome: str) -> tuple[tuple[int, int], ...]:
    """Return women with the fracture in each stratum, (CaD, placebo).

    Examples
    --------
    >>> strata_events("personal_calcium", "Hip fracture")
    ((153, 180), (226, 233))
    """
    return tuple(
        (int(row["events_cad"]), int(row["events_placebo"]))
        for row in _rows(by, outcome)
    )


def interaction_p(by: StrataBy, outcome: str) -> Reported:
    """Return the printed p-value of the interaction of treatment with stratum.

    Examples
    --------
    >>> print(interaction_p("vitamin_d_intake", "Hip fracture"))
    0.97
    """
    printed = {
        (row["table"], row["outcome"]): row["p"]
        for row in load_rows("cauley2013", "interaction_p")
    }
    _rows(by, outcome)
    return Reported(printed[by, outcome])


CLAIMS: Final[tuple[Claim, ...]] = ()
"""What others say of these figures stands with those who say it."""
