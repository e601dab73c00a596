"""Wang 2025: vitamin K2 added to vitamin D3 after endoscopic lumbar fusion.

Two groups of patients with osteoporosis, 6 months of supplements after surgery.
Group 1 took vitamin K2, vitamin D3 and calcium, group 2 vitamin D3 and calcium.
"""

from typing import Final

from k2stats.datasets._records import total
from k2stats.evidence import (
    Claim,
    Direction,
    Horizon,
    PrintedTwoByTwo,
    PValue,
    Qualitative,
    Reported,
    Source,
    TwoByTwo,
)

SOURCE: Final[Source] = Source(
    key="wang2025",
    citation="Wang Y, Wang Y, Wang F, Wang Z, Sun R, Huang X, Fu S. Combined vitamin "
    "K2 and D3 therapy improves endoscopic fusion outcomes in osteoporotic lumbar "
    "degenerative disease: a prospective study. Sci Rep 2025;15(1):15422.",
    address="https://doi.org/10.1038/s41598-025-99922-9",
    status="abstract",
    notice="The abstract, as VitaminDWiki reprints it under the title 'Spinal fusion "
    "surgery greatly improved by Vitamin K2 - RCT'.",
)

N_TOTAL: Final[int] = 71
N_K2_D3: Final[int] = 36
"""Patients given vitamin K2, vitamin D3 and calcium: group 1."""
N_D3: Final[int] = 35
"""Patients given vitamin D3 and calcium: group 2."""

DOSE_K2: Final[Reported] = Reported("45", "mg/day")
DOSE_D3: Final[Reported] = Reported("250", "IU/day")
"""In both groups."""
DOSE_CALCIUM: Final[Reported] = Reported("1.2", "g/day")
"""In both groups."""

FUSED_K2_D3: Final[Reported] = Reported("91.67%")
FUSED_D3: Final[Reported] = Reported("74.29%")
P_FUSION: Final[Reported] = Reported("0.044")
P_P1NP: Final[Reported] = Reported("0.001")
"""Serum P1NP at 3 months, group 1 over group 2."""

FUSION_PRINTED: Final[PrintedTwoByTwo] = PrintedTwoByTwo(
    n1=N_K2_D3,
    percent1=FUSED_K2_D3,
    n2=N_D3,
    percent2=FUSED_D3,
    outcome="complete fusion",
    group1="vitamin K2 + vitamin D3 + calcium",
    group2="vitamin D3 + calcium",
    horizon=Horizon(Reported("6"), "mo"),
)
"""Complete fusion as printed: percentages and group sizes."""

FUSION: Final[TwoByTwo] = TwoByTwo.from_percentages(
    percent1=FUSED_K2_D3, n1=N_K2_D3, percent2=FUSED_D3, n2=N_D3
)
"""Complete fusion in patients, shape ``(1,)``: the only counts that print so."""

_FUSION_QUOTE = (
    "At 6 months postoperatively, the VK2 + VD3 group showed significantly higher "
    "complete fusion rates compared to the control group (91.67% vs. 74.29%, "
    "P = 0.044)."
)

CLAIMS: Final[tuple[Claim, ...]] = (
    Claim(
        id="S000-01",
        source=SOURCE,
        locator="Seventy-one patients were divided into two groups",
        quote="Seventy-one patients were divided into two groups: the experimental "
        "group (n = 36) received vitamin K2 (45 mg/day), vitamin D3 (250 IU/day), and "
        "calcium (1.2 g/day), while the control group (n = 35) received only vitamin "
        "D3 (250 IU/day) and calcium (1.2 g/day) for 6 months postoperatively.",
        states=(
            total(
                N_TOTAL,
                {"the experimental group": N_K2_D3, "the control group": N_D3},
                "patients",
            ),
        ),
        note="The page that reprints the abstract calls the study an RCT; the paper's "
        "title says 'a prospective study', and the abstract does not say that patients "
        "were allocated at random.",
    ),
    Claim(
        id="S000-02",
        source=SOURCE,
        locator="received vitamin K2 (45 mg/day), vitamin D3 (250 IU/day), and calcium",
        quote="the experimental group (n = 36) received vitamin K2 (45 mg/day), "
        "vitamin D3 (250 IU/day), and calcium (1.2 g/day)",
        states=(
            Qualitative(
                f"Daily doses: vitamin K2 {DOSE_K2}, vitamin D3 {DOSE_D3}, calcium "
                f"{DOSE_CALCIUM}."
            ),
        ),
        note="Doses are stated, not estimated; there is nothing to recompute.",
    ),
    Claim(
        id="S000-03",
        source=SOURCE,
        locator="primary outcome was fusion rate assessed by CT and dynamic "
        "radiography",
        quote="The primary outcome was fusion rate assessed by CT and dynamic "
        "radiography.",
        states=(
            Qualitative(
                "The primary outcome is the fusion rate by CT and dynamic radiography.",
                needs=("the definition and the grades of fusion",),
            ),
        ),
        needs=("the definition and the grades of fusion",),
    ),
    Claim(
        id="S000-04",
        source=SOURCE,
        locator="(91.67% vs. 74.29%",
        quote=_FUSION_QUOTE,
        evidence=FUSION_PRINTED,
        states=(PValue(P_FUSION),),
        needs=("the name of the test",),
        note="33 of 36 and 26 of 35 are the only counts that print as 91.67% and "
        "74.29%.",
    ),
    Claim(
        id="S000-05",
        source=SOURCE,
        locator="significantly higher complete fusion rates compared to the control "
        "group",
        quote=_FUSION_QUOTE,
        evidence=FUSION_PRINTED,
        states=(
            Direction(
                "higher",
                significant=True,
                words="significantly higher complete fusion rates",
            ),
        ),
        needs=("the name of the test", "the level of significance"),
    ),
    Claim(
        id="S000-06",
        source=SOURCE,
        locator="Serum P1NP levels were significantly higher in the VK2 + VD3",
        quote="Serum P1NP levels were significantly higher in the VK2 + VD3 group at 3 "
        "months postoperatively (P = 0.001).",
        states=(PValue(P_P1NP),),
        needs=(
            "mean and standard deviation of P1NP in each group at 3 months",
            "the number measured in each group",
            "the name of the test",
        ),
    ),
    Claim(
        id="S000-07",
        source=SOURCE,
        locator="comparable improvements in clinical outcomes (JOA-BPEQ and ODI "
        "scores)",
        quote="Both groups showed comparable improvements in clinical outcomes "
        "(JOA-BPEQ and ODI scores).",
        states=(Direction("no difference", words="comparable improvements"),),
        needs=(
            "mean and standard deviation of JOA-BPEQ and ODI in each group, before and "
            "after",
        ),
        note="No test is named; that two groups are comparable does not follow from a "
        "difference that is not significant.",
    ),
    Claim(
        id="S000-08",
        source=SOURCE,
        locator="BMD changes were not statistically significant between groups",
        quote="While BMD changes were not statistically significant between groups, "
        "the VK2 + VD3 group showed a trend toward BMD improvement.",
        states=(
            Direction("no difference", words="not statistically significant"),
            Direction(
                "higher", significant=False, words="a trend toward BMD improvement"
            ),
        ),
        needs=("mean and standard deviation of the BMD change in each group",),
    ),
)
