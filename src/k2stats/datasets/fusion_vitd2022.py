"""Hu 2022: vitamin D3 with calcium against calcium alone after lumbar fusion."""

from typing import Final

from k2stats.evidence import (
    Claim,
    Horizon,
    PrintedTwoByTwo,
    PValue,
    Reported,
    Source,
)

SOURCE: Final[Source] = Source(
    key="fusion_vitd2022",
    citation="Hu MH, Tseng YK, Chung YH, Wu NY, Li CH, Lee PY. The efficacy of oral "
    "vitamin D supplements on fusion outcome in patients receiving elective lumbar "
    "spinal fusion - a randomized control trial. BMC Musculoskelet Disord 2022.",
    address="https://doi.org/10.1186/s12891-022-05948-9",
    status="abstract",
    notice="'the included 34 patients (21 in the experimental group and 13 in the "
    "control group)'.",
)

FUSION: Final[PrintedTwoByTwo] = PrintedTwoByTwo(
    n1=21,
    percent1=Reported("95.2%"),
    n2=13,
    percent2=Reported("84.6%"),
    outcome="fusion at 1 year",
    group1="vitamin D3 + calcium",
    group2="calcium",
    horizon=Horizon(Reported("1"), "y"),
)
"""Patients with fusion, as printed."""

P_FUSION: Final[Reported] = Reported("0.544")
DAYS_TO_FUSION: Final[tuple[Reported, Reported]] = (
    Reported("169", "d"),
    Reported("185", "d"),
)
"""Kaplan-Meier estimates, vitamin D3 and control."""
P_LOG_RANK: Final[Reported] = Reported("0.028")

CLAIMS: Final[tuple[Claim, ...]] = (
    Claim(
        id="A24",
        source=SOURCE,
        locator="(95.2% vs. 84.6%, P = 0.544)",
        quote="Postoperative 1-year fusion rate was not significantly different "
        "between the two groups (95.2% vs. 84.6%, P = 0.544).",
        evidence=FUSION,
        states=(PValue(P_FUSION),),
        needs=("the name of the test",),
    ),
)
