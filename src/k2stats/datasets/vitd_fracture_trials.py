"""Trials of vitamin D, with or without calcium, and fractures.

Group 1 is the supplemented group, group 2 placebo or control. Sources differ in what
they print: ratios with intervals, counts, or events over person-years.
"""

from typing import Final

from k2stats.datasets._records import DifferenceWithCI, PersonTime, difference, ratio
from k2stats.evidence import (
    Claim,
    Horizon,
    PrintedTwoByTwo,
    RatioWithCI,
    Reported,
    Source,
)

TRIVEDI_2003: Final[Source] = Source(
    key="trivedi2003",
    citation="Trivedi DP, Doll R, Khaw KT. Effect of four monthly oral vitamin D3 "
    "(cholecalciferol) supplementation on fractures and mortality in men and women "
    "living in the community: randomised double blind controlled trial. BMJ "
    "2003;326(7387):469.",
    address="https://pmc.ncbi.nlm.nih.gov/articles/PMC150177",
    status="abstract",
    notice="2686 people, 268 with a fracture; counts by group are not in the abstract.",
)
SMITH_2007: Final[Source] = Source(
    key="smith2007",
    citation="Smith H, Anderson F, Raphael H, Maslin P, Crozier S, Cooper C. Effect of "
    "annual intramuscular vitamin D on fracture risk in elderly men and women - a "
    "population-based, randomized, double-blind, placebo-controlled trial. "
    "Rheumatology 2007;46(12):1852-7.",
    address="https://www.ncbi.nlm.nih.gov/pubmed/17998225?dopt=Abstract",
    status="abstract",
    notice="9440 people, 585 with a non-spine fracture.",
)
LYONS_2007: Final[Source] = Source(
    key="lyons2007",
    citation="Lyons RA, et al. Preventing fractures among older people living in "
    "institutional care: a pragmatic randomised double blind placebo controlled trial "
    "of vitamin D supplementation. Osteoporos Int 2007;18(6):811-8.",
    address="https://www.ncbi.nlm.nih.gov/pubmed/17473911?dopt=Abstract",
    status="abstract",
)
SANDERS_2010: Final[Source] = Source(
    key="sanders2010",
    citation="Sanders KM, et al. Annual high-dose oral vitamin D and falls and "
    "fractures in older women: a randomized controlled trial. JAMA "
    "2010;303(18):1815-1822.",
    address="http://www.natap.org/2010/HIV/051310_03.htm",
    status="secondary",
    notice="Figures from summaries of the article (natap.org, clinicaladvisor.com).",
)
VIDA_2017: Final[Source] = Source(
    key="vida2017",
    citation="Khaw KT, Stewart AW, Waayer D, et al. Effect of monthly high-dose "
    "vitamin D supplementation on falls and non-vertebral fractures: secondary and "
    "post-hoc outcomes from the randomised, double-blind, placebo-controlled ViDA "
    "trial. Lancet Diabetes Endocrinol 2017;5(6):438-447.",
    address="http://seiomm.org/effect-monthly-high-dose-vitamin-d-supplementation-falls-"
    "non-vertebral-fractures-secondary-post-hoc-outcomes-randomised-double-blind-"
    "placebo-controlled-vida-trial/",
    status="abstract",
)
PORTHOUSE_2005: Final[Source] = Source(
    key="porthouse2005",
    citation="Porthouse J, Cockayne S, King C, et al. Randomised controlled trial of "
    "calcium and supplementation with cholecalciferol (vitamin D3) for prevention of "
    "fractures in primary care. BMJ 2005;330(7498):1003.",
    address="http://bmj.com/content/330/7498/1003.full.txt",
    status="abstract",
    notice="3314 women aged 70 and over.",
)
KAHWATI_2018: Final[Source] = Source(
    key="kahwati2018",
    citation="Kahwati LC, Palmieri Weber R, Pan H, Gourlay M, LeBlanc E, "
    "Coker-Schwimmer M, Viswanathan M. Vitamin D, calcium, or combined supplementation "
    "for the primary prevention of fractures in community-dwelling adults: evidence "
    "report and systematic review for the US Preventive Services Task Force. JAMA "
    "2018;319(15):1600-1612.",
    address="https://jamanetwork.com/journals/jama/fullarticle/2678621",
    status="abstract",
    notice="Eleven trials, 51,419 adults.",
)
SOURCES: Final[tuple[Source, ...]] = (
    TRIVEDI_2003,
    SMITH_2007,
    LYONS_2007,
    SANDERS_2010,
    VIDA_2017,
    PORTHOUSE_2005,
    KAHWATI_2018,
)

_D = "vitamin D"
_CONTROL = "placebo or control"

TRIVEDI_N: Final[int] = 2686
TRIVEDI_FRACTURES: Final[int] = 268
TRIVEDI_ANY_RR: Final[RatioWithCI] = ratio(
    "RR", "0.78", "0.61", "0.99", outcome="any first fracture", group1=_D
)
TRIVEDI_ANY_P: Final[Reported] = Reported("0.04")
TRIVEDI_OSTEOPOROTIC_RR: Final[RatioWithCI] = ratio(
    "RR",
    "0.67",
    "0.48",
    "0.93",
    outcome="first hip, wrist or forearm, or vertebral fracture",
    group1=_D,
)
TRIVEDI_OSTEOPOROTIC_P: Final[Reported] = Reported("0.02")
TRIVEDI_MORTALITY_RR: Final[RatioWithCI] = ratio(
    "RR", "0.88", "0.74", "1.06", outcome="death", group1=_D
)
TRIVEDI_MORTALITY_P: Final[Reported] = Reported("0.18")

SMITH_ANY_HR: Final[RatioWithCI] = ratio(
    "HR", "1.09", "0.93", "1.28", outcome="any first fracture"
)
SMITH_ANY_P: Final[Reported] = Reported("0.29")
SMITH_HIP_HR: Final[RatioWithCI] = ratio(
    "HR", "1.49", "1.02", "2.18", outcome="hip fracture"
)
SMITH_HIP_P: Final[Reported] = Reported("0.04")
SMITH_WRIST_HR: Final[RatioWithCI] = ratio(
    "HR", "1.22", "0.85", "1.76", outcome="wrist fracture"
)
SMITH_WRIST_P: Final[Reported] = Reported("0.28")
SMITH_FALLS_HR: Final[RatioWithCI] = ratio(
    "HR", "0.98", "0.93", "1.04", outcome="falls"
)

LYONS_HR: Final[RatioWithCI] = ratio(
    "HR", "0.95", "0.79", "1.15", outcome="first fracture"
)
LYONS_RATES: Final[PersonTime] = PersonTime(
    205,
    Reported("2,846", "person-years"),
    218,
    Reported("2,860", "person-years"),
    outcome="first fracture",
    group1=_D,
    group2=_CONTROL,
)

SANDERS_FRACTURE_RATES: Final[tuple[Reported, Reported]] = (
    Reported("4.9", "per 100 person-years"),
    Reported("3.9", "per 100 person-years"),
)
"""Fractures, vitamin D and placebo; no interval is printed of their ratio."""
SANDERS_FRACTURE_P: Final[Reported] = Reported("0.047")
SANDERS_FALL_RATES: Final[tuple[Reported, Reported]] = (
    Reported("83.4", "per 100 person-years"),
    Reported("72.7", "per 100 person-years"),
)
SANDERS_FALL_P: Final[Reported] = Reported("0.03")
SANDERS_FIRST_FALL_HR: Final[RatioWithCI] = ratio(
    "HR", "1.16", "1.05", "1.28", outcome="first fall"
)
SANDERS_FIRST_FALL_P: Final[Reported] = Reported("0.003")

VIDA_FRACTURES: Final[PrintedTwoByTwo] = PrintedTwoByTwo(
    events1=156,
    n1=2558,
    percent1=Reported("6%"),
    events2=136,
    n2=2550,
    percent2=Reported("5%"),
    outcome="non-vertebral fracture",
    group1=_D,
    group2="placebo",
    horizon=Horizon(Reported("3.4"), "y"),
)
VIDA_FRACTURES_HR: Final[RatioWithCI] = ratio(
    "HR", "1.19", "0.94", "1.50", outcome="non-vertebral fracture, adjusted"
)
VIDA_FRACTURES_P: Final[Reported] = Reported("0.15")
VIDA_FALLS: Final[PrintedTwoByTwo] = PrintedTwoByTwo(
    events1=1312,
    n1=2539,
    percent1=Reported("52%"),
    events2=1326,
    n2=2517,
    percent2=Reported("53%"),
    outcome="a fall",
    group1=_D,
    group2="placebo",
)
VIDA_FALLS_HR: Final[RatioWithCI] = ratio(
    "HR", "0.99", "0.92", "1.07", outcome="a fall, adjusted"
)
VIDA_FALLS_P: Final[Reported] = Reported("0.82")

PORTHOUSE_OR: Final[RatioWithCI] = ratio(
    "OR", "1.01", "0.71", "1.43", outcome="clinical fracture"
)
PORTHOUSE_HIP_OR: Final[RatioWithCI] = ratio(
    "OR", "0.75", "0.31", "1.78", outcome="hip fracture"
)

KAHWATI_RISK_DIFFERENCES: Final[tuple[DifferenceWithCI, ...]] = (
    difference(
        "RD", "-2.26%", "-4.53%", "0.00%", outcome="total fracture", group1=_D, n=2686
    ),
    difference(
        "RD", "-0.01%", "-0.80%", "0.78%", outcome="hip fracture", group1=_D, n=5496
    ),
    difference(
        "RD",
        "-0.35%",
        "-1.02%",
        "0.31%",
        outcome="total fracture",
        group1="vitamin D with calcium",
        n=36282,
    ),
    difference(
        "RD",
        "-0.14%",
        "-0.34%",
        "0.07%",
        outcome="hip fracture",
        group1="vitamin D with calcium",
    ),
)
"""Absolute risk differences in percentage points; the last from the larger of two
trials."""

CLAIMS: Final[tuple[Claim, ...]] = ()
"""What others say of these figures stands with those who say it."""
