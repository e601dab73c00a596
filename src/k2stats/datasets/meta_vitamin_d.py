"""Pooled figures on vitamin D and calcium, as the reviews print them.

Group 1 is the supplemented group, group 2 placebo or control.
"""

from typing import Final

from k2stats.datasets._records import ratio
from k2stats.evidence import Claim, RatioWithCI, Reported, Source

CHUNG_2011: Final[Source] = Source(
    key="chung2011",
    citation="Chung M, Lee J, Terasawa T, Lau J, Trikalinos TA. Vitamin D with or "
    "without calcium supplementation for prevention of cancer and fractures: an "
    "updated meta-analysis for the U.S. Preventive Services Task Force. Ann Intern Med "
    "2011;155(12):827-38.",
    address="http://natap.org/2012/HIV/010212_09.htm",
    status="abstract",
    notice="'pooled relative risk, 0.88' for vitamin D with calcium, its interval cut "
    "off in the copy; 'vitamin D supplementation alone did not reduce fracture risk'. "
    "DerSimonian-Laird, one fracture outcome a trial.",
)
BISCHOFF_FERRARI_2012: Final[Source] = Source(
    key="bischoff2012",
    citation="Bischoff-Ferrari HA, et al. A pooled analysis of vitamin D dose "
    "requirements for fracture prevention. N Engl J Med 2012;367:40-49.",
    address="http://www.asbmr.org/publications/field/archive.aspx?"
    "cid=ab8434a5-2619-4de6-9449-5ab05a2f641d",
    status="secondary",
    notice="A summary: highest intake, 792 to 2000 IU a day; hip 0.70 (0.58 to 0.86), "
    "nonvertebral 0.86 (0.76 to 0.96).",
)
BISCHOFF_FERRARI_2009: Final[Source] = Source(
    key="bischoff2009",
    citation="Bischoff-Ferrari HA, et al. Prevention of nonvertebral fractures with "
    "oral vitamin D and dose dependency: a meta-analysis of randomized controlled "
    "trials. Arch Intern Med 2009;169(6):551-561.",
    address="https://jamanetwork.com/journals/jamainternalmedicine/fullarticle/414883",
    status="abstract",
)
LAI_2010: Final[Source] = Source(
    key="lai2010",
    citation="Lai JKC, et al. Hip fracture risk in relation to vitamin D "
    "supplementation and serum 25-hydroxyvitamin D levels: a systematic review and "
    "meta-analysis of randomised controlled trials and observational studies. BMC "
    "Public Health 2010;10:331.",
    address="https://doi.org/10.1186/1471-2458-10-331",
    status="abstract",
)
MALIHI_2016: Final[Source] = Source(
    key="malihi2016",
    citation="Malihi Z, et al. Hypercalcemia, hypercalciuria, and kidney stones in "
    "long-term studies of vitamin D supplementation: a systematic review and "
    "meta-analysis. Am J Clin Nutr 2016.",
    address="https://vitamindwiki.com/Vitamin+D+supplementation+and+fewer+kidney+stones"
    "+%E2%80%93+meta-analysis+of+RCT+Sept+2016",
    status="abstract",
    notice="Vitamin D for at least 24 weeks; 48 studies, 19,833 participants.",
)
MANOJ_2022: Final[Source] = Source(
    key="manoj2022",
    citation="Manoj 2022, vitamin D3 with calcium and hip fracture: a meta-analysis, "
    "PMC10078370.",
    address="https://pmc.ncbi.nlm.nih.gov/articles/PMC10078370",
    status="abstract",
    notice="Seven trials, 12,620 participants.",
)
SOURCES: Final[tuple[Source, ...]] = (
    CHUNG_2011,
    BISCHOFF_FERRARI_2012,
    BISCHOFF_FERRARI_2009,
    LAI_2010,
    MALIHI_2016,
    MANOJ_2022,
)

CHUNG_COMBINED_RR: Final[Reported] = Reported("0.88")
"""Any fracture, vitamin D with calcium; no interval is visible."""
CHUNG_FRACTURE_TRIALS: Final[int] = 16

BISCHOFF_2012_HIP_HR: Final[RatioWithCI] = ratio(
    "HR", "0.70", "0.58", "0.86", outcome="hip fracture, highest intake of vitamin D"
)
BISCHOFF_2012_NONVERTEBRAL_HR: Final[RatioWithCI] = ratio(
    "HR", "0.86", "0.76", "0.96", outcome="nonvertebral fracture, highest intake"
)

BISCHOFF_2009_NONVERTEBRAL_RR: Final[RatioWithCI] = ratio(
    "RR", "0.86", "0.77", "0.96", outcome="nonvertebral fracture"
)
"""Twelve trials, 42,279 participants."""
BISCHOFF_2009_HIP_RR: Final[RatioWithCI] = ratio(
    "RR", "0.91", "0.78", "1.05", outcome="hip fracture"
)
"""Eight trials, 40,886 participants."""
BISCHOFF_2009_HIGHER_DOSE_NONVERTEBRAL_RR: Final[RatioWithCI] = ratio(
    "RR", "0.80", "0.72", "0.89", outcome="nonvertebral fracture, over 400 IU/d"
)
"""Nine trials, 33,265 participants."""
BISCHOFF_2009_HIGHER_DOSE_HIP_RR: Final[RatioWithCI] = ratio(
    "RR", "0.82", "0.69", "0.97", outcome="hip fracture, over 400 IU/d"
)
"""Five trials, 31,872 participants."""

LAI_HIP_RR: Final[RatioWithCI] = ratio(
    "RR", "1.13", "0.98", "1.29", outcome="hip fracture"
)
"""Seven trials, 801 cases."""

MALIHI_STONES_RR: Final[RatioWithCI] = ratio(
    "RR", "0.66", "0.41", "1.09", outcome="kidney stones"
)
"""Nine trials."""
MALIHI_STONES_P: Final[Reported] = Reported("0.10")
MALIHI_HYPERCALCAEMIA_RR: Final[RatioWithCI] = ratio(
    "RR", "1.54", "1.09", "2.18", outcome="hypercalcaemia"
)
MALIHI_HYPERCALCAEMIA_P: Final[Reported] = Reported("0.01")
MALIHI_HYPERCALCIURIA_RR: Final[RatioWithCI] = ratio(
    "RR", "1.64", "1.06", "2.53", outcome="hypercalciuria"
)
MALIHI_HYPERCALCIURIA_P: Final[Reported] = Reported("0.03")

MANOJ_HIP_OR: Final[RatioWithCI] = ratio(
    "OR", "0.75", "0.64", "0.87", outcome="hip fracture"
)
MANOJ_HIP_OR_BY_DOSE: Final[dict[str, RatioWithCI]] = {
    "800 IU + 1200 mg": ratio("OR", "0.69", "0.58", "0.82", outcome="hip fracture"),
    "800 IU + 1000 mg": ratio("OR", "1.08", "0.74", "1.56", outcome="hip fracture"),
}
"""Daily vitamin D3 and calcium; 5676 and 6555 participants."""

CLAIMS: Final[tuple[Claim, ...]] = ()
"""What others say of these figures stands with those who say it."""
