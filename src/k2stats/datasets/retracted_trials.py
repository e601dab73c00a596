"""Trials of vitamins D and K against hip fracture that were retracted.

Their figures stand here as they were printed, so that a pool can be shown with and
without them. Group 1 is the treated group, group 2 untreated or placebo.
"""

from typing import Final

from k2stats.datasets._records import ratio
from k2stats.evidence import (
    Claim,
    PrintedTwoByTwo,
    RatioWithCI,
    Reported,
    Source,
)

SATO_1998: Final[Source] = Source(
    key="sato1998",
    citation="Sato Y, Honda Y, Kuno H, Oizumi K. Menatetrenone ameliorates osteopenia "
    "in disuse-affected limbs of vitamin D- and K-deficient stroke patients. Bone "
    "1998;23(3):291-296.",
    address="https://biomaterialdatabase.com/search/publications/9737352",
    status="retracted",
    notice="Retracted: copies of the article (c.coek.info) are titled 'RETRACTED'. '54 "
    "received 45 mg menatetrenone daily', 'the remaining 54 (untreatment group) did "
    "not', 'Nine patients excluded from the study'; the copies of the abstract break "
    "off before its fractures.",
)
SATO_2002: Final[Source] = Source(
    key="sato2002",
    citation="Sato Y, Honda Y, Kaji M, et al. Amelioration of osteoporosis by "
    "menatetrenone in elderly female Parkinson's disease patients with vitamin D "
    "deficiency. Bone 2002;31(1):114-118.",
    address="https://doi.org/10.1016/s8756-3282(02)00783-4",
    status="retracted",
    notice="Retracted, as PubMed and the retraction note of Iwamoto 2009 say (Clin "
    "Drug Investig 2018;38(5):479). '60 received 45 mg of MK-4 daily for 12 months, "
    "and the remaining 60 (untreated group) did not'; the ratio is from Iwamoto 2012.",
)
SATO_2005_ALZHEIMER: Final[Source] = Source(
    key="sato2005_alzheimer",
    citation="Sato Y, Kanoko T, Satoh K, Iwamoto J. Menatetrenone and vitamin D2 with "
    "calcium supplements prevent nonvertebral fracture in elderly women with "
    "Alzheimer's disease. Bone 2005;36(1):61-68.",
    address="https://search.isc.ac/inventory/10/495456.htm",
    status="retracted",
    notice="Retracted, as the retraction note of Iwamoto 2009 says (Clin Drug Investig "
    "2018;38(5):479). 100 treated and 100 untreated women, 15 of the latter with hip "
    "fractures; the copy breaks off before the treated. The ratio is from Iwamoto "
    "2009b.",
)
SATO_2005_STROKE: Final[Source] = Source(
    key="sato2005_stroke",
    citation="Sato Y, Iwamoto J, Kanoko T, Satoh K. Low-dose vitamin D prevents "
    "muscular atrophy and reduces falls and hip fractures in women after stroke: a "
    "randomized controlled trial. Cerebrovasc Dis 2005;20(3):187-192.",
    address="https://doi.org/10.1159/000087203",
    status="retracted",
    notice="Retracted, as PubMed and the journal's retraction statement say. 'Hip "
    "fractures occurred in 4 of 48 placebo group and 0 in 48 vitamin D2 group' "
    "(abstract).",
)
IWAMOTO_2009B: Final[Source] = Source(
    key="iwamoto2009b",
    citation="Iwamoto J, Sato Y, Tanaka K, Takeda T, Matsumoto H. Prevention of hip "
    "fractures by exposure to sunlight and pharmacotherapy in patients with "
    "Alzheimer's disease. 2009.",
    address="https://keio.pure.elsevier.com/en/publications/"
    "prevention-of-hip-fractures-by-exposure-to-sunlight-and-pharmacot",
    status="secondary",
    notice="Prints 0.13 (0.031-0.554) for hip fractures in Sato 2005.",
)
IWAMOTO_2012: Final[Source] = Source(
    key="iwamoto2012",
    citation="Iwamoto J, Sato Y, Takeda T, Matsumoto H. Strategy for prevention of hip "
    "fractures in patients with Parkinson's disease. World J Orthop "
    "2012;3(9):137-141.",
    address="https://doi.org/10.5312/wjo.v3.i9.137",
    status="secondary",
    notice="Prints 0.13 (0.02, 0.97), 'according to the intention-to-treat analysis', "
    "for hip fractures in Sato 2002.",
)
SOURCES: Final[tuple[Source, ...]] = (
    SATO_1998,
    SATO_2002,
    SATO_2005_ALZHEIMER,
    SATO_2005_STROKE,
    IWAMOTO_2009B,
    IWAMOTO_2012,
)

_HIP = "hip fracture"

SATO_1998_N: Final[tuple[int, int]] = (54, 54)
"""Women randomised; nine were excluded, from which group is not visible."""

SATO_2002_HIP: Final[PrintedTwoByTwo] = PrintedTwoByTwo(
    n1=60, n2=60, outcome=_HIP, group1="vitamin K2 45 mg/day", group2="no treatment"
)
"""What is printed of the counts: the sizes of the groups."""
SATO_2002_HIP_RR: Final[RatioWithCI] = ratio(
    "RR", "0.13", "0.02", "0.97", outcome=_HIP, group1="vitamin K2"
)
"""As Iwamoto 2012 prints it."""

SATO_2005_ALZHEIMER_HIP: Final[PrintedTwoByTwo] = PrintedTwoByTwo(
    n1=100,
    n2=100,
    events2=15,
    outcome=_HIP,
    group1="vitamin K2 45 mg/day, vitamin D2 and calcium",
    group2="no treatment",
)
"""Randomised; Iwamoto 2009 counts 178 of the 200."""
SATO_2005_ALZHEIMER_HIP_RR: Final[RatioWithCI] = ratio(
    "RR", "0.13", "0.031", "0.554", outcome=_HIP, group1="vitamin K2"
)
"""As Iwamoto 2009b prints it."""

SATO_2005_STROKE_HIP: Final[PrintedTwoByTwo] = PrintedTwoByTwo(
    events1=0,
    n1=48,
    events2=4,
    n2=48,
    outcome=_HIP,
    group1="vitamin D2 1000 IU/day",
    group2="placebo",
)
SATO_2005_STROKE_P: Final[Reported] = Reported("0.049")
"""Log-rank."""

CLAIMS: Final[tuple[Claim, ...]] = ()
"""None is audited; the trials stand in pooled sets with their flag."""
