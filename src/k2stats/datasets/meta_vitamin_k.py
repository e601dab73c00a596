"""Pooled figures on vitamin K, as the reviews print them, with their corrections.

Group 1 takes vitamin K. Two reviews were corrected after trials in them came into
doubt, and one was retracted: see each source's status and notice.
"""

from typing import Final

from k2stats.datasets._records import (
    DifferenceWithCI,
    RatioP,
    difference,
    ratio,
)
from k2stats.evidence import Claim, RatioCI, RatioWithCI, Reported, Source

COCKAYNE_2006: Final[Source] = Source(
    key="cockayne2006",
    citation="Cockayne S, Adamson J, Lanham-New S, Shearer MJ, Gilbody S, Torgerson "
    "DJ. Vitamin K and the prevention of fractures: systematic review and "
    "meta-analysis of randomized controlled trials. Arch Intern Med "
    "2006;166(12):1256-1261.",
    address="http://eprints.whiterose.ac.uk/5639/",
    status="corrected",
    notice="Corrected in 2018 without three trials, of which two had been retracted "
    "(Torgerson DJ, JAMA Intern Med 2018;178(6):863-864).",
)
COCKAYNE_CORRECTION: Final[Source] = Source(
    key="cockayne2018",
    citation="Abstract on the impact of delays in investigating and retracting trials "
    "of vitamin K for osteoporosis (Avenell A and co-authors), which retells the "
    "correction of Cockayne 2006.",
    address="https://discovery.researcher.life/article/70-research-misconduct-can-"
    "promote-overtreatment-a-multiinstitutional-case-study-from-japan-with-implications-"
    "for-osteoporosis-management-with-vitamin-k/269629ada8d83a38b4f9ab16382fb54d",
    status="secondary",
    notice="Retells JAMA Intern Med 2018, article 2674868. Three events in all are "
    "left; two later Japanese trials had 6361 participants.",
)
IWAMOTO_2009: Final[Source] = Source(
    key="iwamoto2009",
    citation="Iwamoto J, Matsumoto H, Takeda T. Efficacy of menatetrenone (vitamin K2) "
    "against non-vertebral and hip fractures in patients with neurological diseases: "
    "meta-analysis of three randomized, controlled trials. Clin Drug Investig "
    "2009;29(7):471-479.",
    address="https://pubmed.ncbi.nlm.nih.gov/19499964/",
    status="retracted",
    notice="Retraction note, Clin Drug Investig 2018;38(5):479 (doi "
    "10.1007/s40261-018-0643-3): two of the three trials had themselves been "
    "retracted, which rendered the results invalid.",
)
MOTT_2019: Final[Source] = Source(
    key="mott2019",
    citation="Mott A, Bradley T, Wright K, Cockayne ES, Shearer MJ, Adamson J, "
    "Lanham-New SA, Torgerson DJ. Effect of vitamin K on bone mineral density and "
    "fractures in adults: an updated systematic review and meta-analysis of randomised "
    "controlled trials. Osteoporos Int 2019;30(8):1543-1559.",
    address="https://doi.org/10.1007/s00198-019-04949-0",
    status="corrected",
    notice="Adjusted by its authors without the Yamaguchi Osteoporosis Prevention "
    "Study.",
)
MOTT_CORRECTION: Final[Source] = Source(
    key="mott_correction",
    citation="Adjustment to Mott 2019, Effect of vitamin K on bone mineral density and "
    "fractures in adults, Osteoporos Int.",
    address="https://openresearch.surrey.ac.uk/esploro/outputs/journalArticle/"
    "Effect-of-vitamin-K-on-bone/99817411202346",
    status="abstract",
    notice="The removed trial had 37.49% of the weight for the radius at 12 months.",
)
SALMA_2022: Final[Source] = Source(
    key="salma2022",
    citation="Salma, Ahmad SS, Karim S, Ibrahim IM, Alkreathy HM, Alsieni M, Khan MA. "
    "Effect of vitamin K on bone mineral density and fracture risk in adults: "
    "systematic review and meta-analysis. Biomedicines 2022;10(5):1048.",
    address="https://pmc.ncbi.nlm.nih.gov/articles/PMC9138595/",
    status="abstract",
)
HUANG_2015: Final[Source] = Source(
    key="huang2015",
    citation="Huang 2015, vitamin K2 and osteoporosis in postmenopausal women: a "
    "meta-analysis. Osteoporos Int 2015.",
    address="https://doi.org/10.1007/s00198-014-2989-6",
    status="abstract",
    notice="19 trials, 6759 participants; no intervals in the abstract.",
)
MA_2022: Final[Source] = Source(
    key="ma2022",
    citation="Ma 2022, vitamin K2 and osteoporosis in postmenopausal women: a "
    "meta-analysis, PMC9403798.",
    address="https://pmc.ncbi.nlm.nih.gov/articles/PMC9403798",
    status="abstract",
    notice="16 trials, 6425 participants; no intervals in the abstract.",
)
ZHOU_2022: Final[Source] = Source(
    key="zhou2022",
    citation="Zhou 2022, vitamin K2 in postmenopausal women: a meta-analysis. J Bone "
    "Miner Metab 2022;40:763.",
    address="https://peeref.com/works/25365812",
    status="abstract",
    notice="9 trials, 6853 participants.",
)
HU_2021: Final[Source] = Source(
    key="hu2021",
    citation="Hu 2021, vitamin K with calcium and bone: a meta-analysis. J Orthop Surg "
    "Res 2021.",
    address="https://doi.org/10.1186/s13018-021-02728-4",
    status="abstract",
    notice="10 trials, 1346 participants.",
)
KUANG_2020: Final[Source] = Source(
    key="kuang2020",
    citation="Kuang 2020, vitamin K with vitamin D and bone: a meta-analysis, PMID "
    "32219282.",
    address="http://www.pubmed.gov/32219282/",
    status="abstract",
    notice="8 trials, 971 participants.",
)
GELEIJNSE_2004: Final[Source] = Source(
    key="geleijnse2004",
    citation="Geleijnse JM, Vermeer C, Grobbee DE, et al. Dietary intake of "
    "menaquinone is associated with a reduced risk of coronary heart disease: the "
    "Rotterdam Study. J Nutr 2004;134(11):3100-3105.",
    address="https://pubmed.ncbi.nlm.nih.gov/15514282/",
    status="abstract",
    notice="A cohort of 4807, not a meta-analysis.",
)
SOURCES: Final[tuple[Source, ...]] = (
    COCKAYNE_2006,
    COCKAYNE_CORRECTION,
    IWAMOTO_2009,
    MOTT_2019,
    MOTT_CORRECTION,
    SALMA_2022,
    HUANG_2015,
    MA_2022,
    ZHOU_2022,
    HU_2021,
    KUANG_2020,
    GELEIJNSE_2004,
)

_VERTEBRAL, _HIP = "vertebral fracture", "hip fracture"
_CLINICAL = "clinical fracture"
_SPINE = "lumbar spine BMD"

COCKAYNE_VERTEBRAL_OR: Final[RatioWithCI] = ratio(
    "OR", "0.40", "0.25", "0.65", outcome=_VERTEBRAL
)
COCKAYNE_HIP_OR: Final[RatioWithCI] = ratio("OR", "0.23", "0.12", "0.47", outcome=_HIP)
COCKAYNE_NONVERTEBRAL_OR: Final[RatioWithCI] = ratio(
    "OR", "0.19", "0.11", "0.35", outcome="nonvertebral fracture"
)
COCKAYNE_HIP_CORRECTED_OR: Final[RatioWithCI] = ratio(
    "OR", "0.30", "0.05", "1.74", outcome=_HIP
)

IWAMOTO_2009_NONVERTEBRAL_RR: Final[RatioWithCI] = ratio(
    "RR", "0.13", "0.05", "0.35", outcome="nonvertebral fracture"
)
"""Retracted."""
IWAMOTO_2009_HIP_RR: Final[RatioWithCI] = ratio(
    "RR", "0.14", "0.05", "0.43", outcome=_HIP
)
"""Retracted."""
IWAMOTO_2009_TRIAL_SIZES: Final[tuple[int, ...]] = (178, 99, 110)

MOTT_CLINICAL_OR: Final[RatioWithCI] = ratio(
    "OR", "0.72", "0.55", "0.95", outcome=_CLINICAL
)
MOTT_CLINICAL_LOW_RISK_OR: Final[RatioWithCI] = ratio(
    "OR", "0.76", "0.58", "1.01", outcome="clinical fracture, low risk of bias"
)
MOTT_VERTEBRAL_OR: Final[RatioWithCI] = ratio(
    "OR", "0.96", "0.83", "1.11", outcome=_VERTEBRAL
)
MOTT_CLINICAL_CORRECTED_OR: Final[RatioWithCI] = ratio(
    "OR", "0.74", "0.56", "0.97", outcome=_CLINICAL
)
MOTT_VERTEBRAL_CORRECTED_OR: Final[RatioWithCI] = ratio(
    "OR", "0.98", "0.85", "1.14", outcome=_VERTEBRAL
)
MOTT_BMD: Final[tuple[DifferenceWithCI, ...]] = (
    difference("MD", "0.93", "-0.02", "1.89", unit="%", outcome=f"{_SPINE}, 1 y"),
    difference("MD", "1.63", "0.10", "3.16", unit="%", outcome=f"{_SPINE}, 2 y"),
    difference("MD", "0.42", "0.01", "0.83", unit="%", outcome="hip BMD, 6 mo"),
    difference("MD", "0.29", "0.17", "0.42", unit="%", outcome="femur BMD, 6 mo"),
)
"""Percentage change from baseline, as first published."""

SALMA_VERTEBRAL_OR: Final[RatioWithCI] = ratio(
    "OR", "0.42", "0.27", "0.66", outcome=_VERTEBRAL
)
SALMA_CLINICAL_OR: Final[RatioWithCI] = ratio(
    "OR", "0.44", "0.23", "0.88", outcome=_CLINICAL
)
SALMA_FEMUR_BMD_P: Final[Reported] = Reported("0.08")

HUANG_FRACTURE_RR: Final[RatioP] = RatioP(
    "RR", Reported("0.63"), Reported("0.08"), "fracture"
)
"""Seven trials."""
HUANG_FRACTURE_WITHOUT_ONE_RR: Final[RatioP] = RatioP(
    "RR", Reported("0.50"), Reported("0.0005"), "fracture, one trial left out"
)
MA_FRACTURE_RR: Final[RatioP] = RatioP(
    "RR", Reported("0.96"), Reported("0.65"), "fracture"
)
"""Six trials."""
MA_FRACTURE_WITHOUT_ONE_RR: Final[RatioP] = RatioP(
    "RR", Reported("0.43"), Reported("0.01"), "fracture, one trial left out"
)

ZHOU_BMD: Final[tuple[DifferenceWithCI, ...]] = (
    difference("MD", "2.17", "1.59", "2.76", outcome=_SPINE),
    difference("MD", "1.57", "1.15", "1.99", outcome="forearm BMD"),
)
HU_BMD_SMD: Final[DifferenceWithCI] = difference(
    "SMD", "0.20", "0.07", "0.32", outcome=_SPINE, n=1346
)
HU_UCOC_SMD: Final[DifferenceWithCI] = difference(
    "SMD", "-1.71", "-2.45", "-0.96", outcome="undercarboxylated osteocalcin"
)
HU_BMD_BY_VITAMER: Final[dict[str, DifferenceWithCI]] = {
    "K2": difference("SMD", "0.30", "0.10", "0.51", outcome=_SPINE),
    "K1": difference("SMD", "0.14", "-0.02", "0.29", outcome=_SPINE),
}
HU_BMD_BY_CALCIUM: Final[dict[str, DifferenceWithCI]] = {
    "≤1000 mg/d": difference("SMD", "0.19", "0.05", "0.32", outcome=_SPINE),
    ">1000 mg/d": difference("SMD", "0.26", "-0.04", "0.55", outcome=_SPINE),
}
KUANG_BMD_SMD: Final[DifferenceWithCI] = difference(
    "SMD", "0.316", "0.031", "0.601", outcome="total BMD", n=971
)
KUANG_UCOC_SMD: Final[DifferenceWithCI] = difference(
    "SMD", "-0.945", "-1.113", "-0.778", outcome="undercarboxylated osteocalcin"
)
KUANG_BMD_BY_VITAMER: Final[dict[str, DifferenceWithCI]] = {
    "K2": difference("SMD", "0.479", "0.101", "0.858", outcome="total BMD"),
    "unspecified": difference("SMD", "0.570", "0.196", "0.945", outcome="total BMD"),
}

GELEIJNSE_CHD_DEATH_RR: Final[dict[str, RatioWithCI]] = {
    "mid": ratio("RR", "0.73", "0.45", "1.17", outcome="death from CHD"),
    "upper": ratio("RR", "0.43", "0.24", "0.77", outcome="death from CHD"),
}
"""Tertiles of dietary menaquinone against the lower."""

CLAIMS: Final[tuple[Claim, ...]] = (
    Claim(
        id="A20",
        source=COCKAYNE_2006,
        locator="an OR of 0.23 (95% CI, 0.12-0.47) for hip fractures",
        quote="Pooling the 7 trials with fracture data in a meta-analysis, we found an "
        "odds ratio (OR) favoring menaquinone of 0.40 (95% confidence interval [CI], "
        "0.25-0.65) for vertebral fractures, an OR of 0.23 (95% CI, 0.12-0.47) for hip "
        "fractures, and an OR of 0.19 (95% CI, 0.11-0.35) for all nonvertebral "
        "fractures.",
        evidence=COCKAYNE_HIP_OR,
        states=(RatioCI(COCKAYNE_HIP_OR),),
        needs=("the seven trials and their counts",),
        note="Superseded: the correction without three trials prints 0.30 (0.05 to "
        "1.74).",
    ),
    Claim(
        id="A20-2",
        source=COCKAYNE_CORRECTION,
        by=COCKAYNE_2006,
        locator="amends this to 0.30 (95% CI: 0.05 to 1.74)",
        quote="The systematic review originally presented an odds ratio of 0.23 (95% "
        "CI: 0.12 to 0.47) for hip fracture, but a recent correction, omitting these 3 "
        "trial reports, amends this to 0.30 (95% CI: 0.05 to 1.74).",
        evidence=COCKAYNE_HIP_CORRECTED_OR,
        states=(RatioCI(COCKAYNE_HIP_CORRECTED_OR),),
        needs=("the trials that remain and their counts",),
        note="The same abstract says that only three events are left.",
    ),
)
