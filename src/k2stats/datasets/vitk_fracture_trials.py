"""Trials of vitamin K that count fractures.

Group 1 takes vitamin K (K2 unless said otherwise), group 2 is the comparator.
"""

from typing import Final

from k2stats.datasets._loader import load_source
from k2stats.datasets._records import DifferenceWithCI, RatioP, difference, ratio
from k2stats.evidence import (
    ChiSquared,
    Claim,
    Direction,
    PrintedTwoByTwo,
    RatioCI,
    RatioWithCI,
    Reported,
    Source,
)

SHIRAKI_2000: Final[Source] = load_source("shiraki2000")
FUSARO_2017: Final[Source] = Source(
    key="fusaro2017",
    citation="Fusaro M, Mereu MC, Aghi A, Iervasi G, Gallieni M. Vitamin K and bone. "
    "Clin Cases Miner Bone Metab 2017;14:200-206.",
    status="secondary",
    notice="Prints 15% and 35% of patients with fractures for Shiraki 2000, whose "
    "abstract prints no percentages.",
)
IWAMOTO_2001: Final[Source] = Source(
    key="iwamoto2001",
    citation="Iwamoto J, Takeda T, Ichimura S. Effect of menatetrenone on bone mineral "
    "density and incidence of vertebral fractures in postmenopausal women with "
    "osteoporosis: a comparison with the effect of etidronate. J Orthop Sci "
    "2001;6(6):487-92.",
    address="https://doi.org/10.1007/s007760100002",
    status="abstract",
    notice="Etidronate n = 25, menatetrenone n = 23, control n = 24.",
)
ECKO_2008: Final[Source] = Source(
    key="ecko2008",
    citation="Cheung AM, Tile L, Lee Y, et al. Vitamin K supplementation in "
    "postmenopausal women with osteopenia (ECKO trial): a randomized controlled trial. "
    "PLoS Med 2008;5(10):e196.",
    address="https://doi.org/10.1371/journal.pmed.0050196",
    status="abstract",
    notice="'A total of 440 postmenopausal women with osteopenia were randomized'; "
    "fractures in 9 (vitamin K1) and 20 (placebo), cancers in 3 and 12. The sizes of "
    "the two groups are not in the abstract.",
)
STEVENSON_2009: Final[Source] = Source(
    key="stevenson2009",
    citation="Stevenson M, Lloyd-Jones M, Papaioannou D. Vitamin K to prevent "
    "fractures in older women: systematic review and economic evaluation. Health "
    "Technol Assess 2009;13(45).",
    address="http://osteoporosis-studies.com/"
    "review-vitamin-k1-cost-effectiveness-for-osteoporosis/",
    status="secondary",
    notice="Prints a relative risk for the ECKO trial.",
)
JIANG_2014: Final[Source] = Source(
    key="jiang2014",
    citation="Jiang Y, Zhang ZL, Zhang ZL, et al. Menatetrenone versus alfacalcidol in "
    "the treatment of Chinese postmenopausal women with osteoporosis: a multicenter, "
    "randomized, double-blinded, double-dummy, positive drug-controlled clinical "
    "trial. Clin Interv Aging 2014;9:121-127.",
    address="https://pmc.ncbi.nlm.nih.gov/articles/PMC3890406/",
    status="abstract",
)
INOUE_2009: Final[Source] = Source(
    key="inoue2009",
    citation="Inoue T, Fujita T, Kishimoto H, et al. Randomized controlled study on "
    "the prevention of osteoporotic fractures (OF study): a phase IV clinical study of "
    "15-mg menatetrenone capsules. J Bone Miner Metab 2009;27(1):66-75.",
    address="https://doi.org/10.1007/s00774-008-0008-8",
    status="abstract",
    notice="Fracture counts are not in the abstract.",
)
SOURCES: Final[tuple[Source, ...]] = (
    SHIRAKI_2000,
    FUSARO_2017,
    IWAMOTO_2001,
    ECKO_2008,
    STEVENSON_2009,
    JIANG_2014,
    INOUE_2009,
)

SHIRAKI_N_K2: Final[int] = 120
SHIRAKI_N_CONTROL: Final[int] = 121
SHIRAKI_CHI2: Final[Reported] = Reported("10.935")
SHIRAKI_P: Final[Reported] = Reported("0.0273")
SHIRAKI_BMD_P_6_MONTHS: Final[Reported] = Reported("0.0010")
"""Lumbar BMD change between groups; the changes are in the table of shiraki2000."""
SHIRAKI_FRACTURES_SECONDARY: Final[PrintedTwoByTwo] = PrintedTwoByTwo(
    n1=SHIRAKI_N_K2,
    percent1=Reported("15%"),
    n2=SHIRAKI_N_CONTROL,
    percent2=Reported("35%"),
    outcome="patients with clinical fractures",
    group1="vitamin K2",
    group2="no treatment",
)
"""Percentages as Fusaro 2017 retells them, of those enrolled: secondary."""

IWAMOTO_2001_N_ETIDRONATE: Final[int] = 25
IWAMOTO_2001_N_K2: Final[int] = 23
IWAMOTO_2001_N_CONTROL: Final[int] = 24
IWAMOTO_2001_CHI2_ETIDRONATE: Final[Reported] = Reported("47.7")
IWAMOTO_2001_CHI2_K2: Final[Reported] = Reported("42.4")
"""Against control, of new vertebral fractures per 1000 patient-years."""
IWAMOTO_2001_P: Final[Reported] = Reported("<0.0001")
"""Of each comparison."""

ECKO_N: Final[int] = 440
ECKO_FRACTURES: Final[PrintedTwoByTwo] = PrintedTwoByTwo(
    n_total=ECKO_N,
    events1=9,
    events2=20,
    outcome="clinical fracture by 4 years",
    group1="vitamin K1 5 mg/day",
    group2="placebo",
)
ECKO_FRACTURES_RR: Final[RatioWithCI] = ratio(
    "RR", "0.46", "0.22", "0.99", outcome="clinical fracture", group1="vitamin K1"
)
"""As Stevenson 2009 prints it."""
ECKO_FRACTURES_HR: Final[RatioP] = RatioP(
    "HR", Reported("0.45"), Reported("0.04"), "fracture"
)
ECKO_CANCERS: Final[PrintedTwoByTwo] = PrintedTwoByTwo(
    n_total=ECKO_N,
    events1=3,
    events2=12,
    outcome="cancer",
    group1="vitamin K1 5 mg/day",
    group2="placebo",
)
ECKO_CANCERS_HR: Final[RatioP] = RatioP(
    "HR", Reported("0.25"), Reported("0.02"), "cancer"
)
ECKO_SPINE_BMD: Final[DifferenceWithCI] = difference(
    "MD", "-0.06%", "-0.67%", "0.54%", outcome="lumbar spine BMD change at 2 y"
)
ECKO_SPINE_BMD_P: Final[Reported] = Reported("0.84")
ECKO_HIP_BMD: Final[DifferenceWithCI] = difference(
    "MD", "0.19%", "-0.37%", "0.75%", outcome="total hip BMD change at 2 y"
)
ECKO_HIP_BMD_P: Final[Reported] = Reported("0.51")

JIANG_FRACTURES: Final[PrintedTwoByTwo] = PrintedTwoByTwo(
    events1=2,
    n1=108,
    percent1=Reported("1.9%"),
    events2=4,
    n2=105,
    percent2=Reported("3.8%"),
    outcome="new fracture",
    group1="vitamin K2 45 mg/day",
    group2="alfacalcidol 0.5 ug/day",
)
JIANG_P: Final[Reported] = Reported(">0.05")

INOUE_N_CALCIUM: Final[int] = 2193
INOUE_N_CALCIUM_K2: Final[int] = 2185
INOUE_N_WITHOUT_FRACTURE: Final[int] = 2986
INOUE_N_WITH_FRACTURE: Final[int] = 1392
"""Women without and with a vertebral fracture at the start."""

_IWAMOTO_2001_QUOTE = (
    "The indices of new vertebral fractures/1000 patient-years in the E and M groups "
    "were significantly higher than that in the C group (chi(2) = 47.7; P < 0.0001 and "
    "chi(2) = 42.4; P < 0.0001, respectively), and did not differ significantly "
    "between the E and M groups."
)
_IWAMOTO_2001_NOTE = (
    "No Pearson chi-square of a 2x2 table can exceed the number of women in it, {n}. "
    "The abstract's conclusion says that both treatments may reduce fractures."
)


def _iwamoto(number: str, locator: str, chi2: Reported, treated: int) -> Claim:
    return Claim(
        id=f"A18{number}",
        source=IWAMOTO_2001,
        locator=locator,
        quote=_IWAMOTO_2001_QUOTE,
        evidence=PrintedTwoByTwo(n1=treated, n2=IWAMOTO_2001_N_CONTROL),
        states=(ChiSquared(chi2, p=IWAMOTO_2001_P),),
        needs=("fractures and patient-years in each group", "the degrees of freedom"),
        note=_IWAMOTO_2001_NOTE.format(n=treated + IWAMOTO_2001_N_CONTROL),
    )


CLAIMS: Final[tuple[Claim, ...]] = (
    Claim(
        id="A17",
        source=SHIRAKI_2000,
        by=FUSARO_2017,
        locator="10.935; p = 0.0273",
        quote="The incidence of clinical fractures during the 2 years of treatment in "
        "the control was higher than the vitamin K2-treated group (χ2 = 10.935; p = "
        "0.0273).",
        states=(
            ChiSquared(SHIRAKI_CHI2, p=SHIRAKI_P),
            Direction("higher", words="in the control was higher"),
        ),
        needs=("the degrees of freedom", "the counts behind the chi-square"),
        note="A chi-square of 10.935 has p = 0.0009 at 1 degree of freedom and 0.0273 "
        "at 4, so it is not that of a 2x2 table. The direction is control over vitamin "
        "K2.",
    ),
    _iwamoto(
        "",
        "chi(2) = 47.7; P < 0.0001",
        IWAMOTO_2001_CHI2_ETIDRONATE,
        IWAMOTO_2001_N_ETIDRONATE,
    ),
    _iwamoto(
        "-2",
        "chi(2) = 42.4; P < 0.0001",
        IWAMOTO_2001_CHI2_K2,
        IWAMOTO_2001_N_K2,
    ),
    Claim(
        id="A21",
        source=STEVENSON_2009,
        by=ECKO_2008,
        locator="relative risk 0.46, 95% confidence interval (CI) 0.22 to 0.99",
        quote="Phylloquinone was associated with a statistically significant reduction "
        "in the risk of clinical fractures relative to placebo [relative risk 0.46, "
        "95% confidence interval (CI) 0.22 to 0.99]",
        evidence=ECKO_FRACTURES,
        states=(RatioCI(ECKO_FRACTURES_RR),),
        needs=("the sizes of the two groups",),
    ),
)
