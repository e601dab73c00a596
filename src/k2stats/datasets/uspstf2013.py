"""The Dr.Oracle page on vitamin D and calcium, and the USPSTF 2013 statement behind it.

The page gives its references as bare numbers; the statement is reference 1. What the
page says of vitamin K2 is in :mod:`k2stats.datasets.droracle2025`.
"""

from typing import Final

from k2stats.datasets import meta_vitamin_d, whi_cad
from k2stats.datasets._records import ratio
from k2stats.evidence import (
    Claim,
    Direction,
    NumberNeeded,
    Qualitative,
    RatioCI,
    RatioWithCI,
    Reported,
    Source,
)

SOURCE: Final[Source] = Source(
    key="droracle2025",
    citation="Dr.Oracle. What is the evidence for the benefits of vitamin D3 and K2 "
    "for bone health? Last updated November 4, 2025.",
    status="secondary",
    notice="A page for clinicians, marked 'content is pending human review'; its "
    "references are printed as numbers only.",
)
USPSTF_2013: Final[Source] = Source(
    key="uspstf2013",
    citation="Moyer VA; U.S. Preventive Services Task Force. Vitamin D and calcium "
    "supplementation to prevent fractures in adults: recommendation statement. Ann "
    "Intern Med 2013;158(9):691-696.",
    address="https://pubmed.ncbi.nlm.nih.gov/23440163/",
    notice="As the National Guideline Clearinghouse summarizes it (guideline 9627): "
    "'One woman was diagnosed with a urinary tract stone for every 273 women who "
    "received supplementation over a 7-year follow-up.'",
)
SOURCES: Final[tuple[Source, ...]] = (SOURCE, USPSTF_2013)

LOW_DOSE_D3: Final[Reported] = Reported("≤400", "IU/day")
LOW_DOSE_CALCIUM: Final[Reported] = Reported("≤1000", "mg/day")
HIGHER_DOSE_D3: Final[Reported] = Reported(">400", "IU/day")
HIGHER_DOSE_CALCIUM: Final[Reported] = Reported(">1000", "mg/day")
TREATMENT_DOSE_D3: Final[Reported] = Reported("≥800", "IU/day")
CALCIUM_ABSORBED_AT_ONCE: Final[Reported] = Reported("500", "mg")
CALCIUM_RECOMMENDED: Final[Reported] = Reported("1500", "mg/day")

GRADE_LOW_DOSE: Final[str] = "D"
"""Low doses, noninstitutionalized postmenopausal women."""
GRADE_OTHERS: Final[str] = "I"
"""Evidence insufficient: premenopausal women and men, and higher doses."""

VITAMIN_D_ALONE_RR: Final[RatioWithCI] = ratio(
    "RR",
    "1.03",
    "0.84",
    "1.26",
    outcome="fracture",
    group1="vitamin D alone",
    group2="control",
)
"""Pooled; as the page prints it."""

NNH_STONES: Final[Reported] = Reported("273")
"""Printed by the page without a time; the USPSTF says over 7 years."""

_GRADES = "the certainty and magnitude of net benefit behind the grade"
_POOL = ("the list of trials pooled", "events and participants of each trial")
_ADJUSTED = ("the number of analyses adjusted for", "the rule of adjustment")
_HIGHER_DOSE_QUOTE = (
    "One meta-analysis suggested fractures may be reduced with higher doses (≥800 IU "
    "daily), but this finding was not statistically significant when adjusted for "
    "multiple subgroup analyses and should be viewed with caution."
)
_STONES_QUOTE = (
    "Increased risk of kidney stones (nephrolithiasis) with vitamin D3 and calcium "
    "supplementation: hazard ratio 1.17 (CI 1.02-1.34), with number needed to harm of "
    "273."
)


def _grade(number: int, locator: str, quote: str, text: str, note: str) -> Claim:
    return Claim(
        id=f"S001-{number:02d}",
        source=SOURCE,
        by=USPSTF_2013,
        locator=locator,
        quote=quote,
        states=(Qualitative(text, needs=(_GRADES,)),),
        needs=(_GRADES,),
        note=note,
    )


def _unnamed(
    number: int, locator: str, quote: str, text: str, need: str, note: str = ""
) -> Claim:
    return Claim(
        id=f"S001-{number:02d}",
        source=SOURCE,
        locator=locator,
        quote=quote,
        states=(Qualitative(text, needs=(need,)),),
        needs=(need,),
        note=note,
    )


CLAIMS: Final[tuple[Claim, ...]] = (
    _grade(
        1,
        "recommends against daily supplementation with 400 IU or less of vitamin",
        "The USPSTF recommends against daily supplementation with 400 IU or less of "
        "vitamin D3 and 1000 mg or less of calcium for primary fracture prevention in "
        "non-institutionalized postmenopausal women (Grade D recommendation).",
        f"Grade {GRADE_LOW_DOSE}: against vitamin D3 {LOW_DOSE_D3} with calcium "
        f"{LOW_DOSE_CALCIUM} in noninstitutionalized postmenopausal women.",
        "The USPSTF statement says the same, with the same grade.",
    ),
    _grade(
        2,
        "Evidence is insufficient to assess benefits and harms in premenopausal women",
        "Evidence is insufficient to assess benefits and harms in premenopausal women "
        "or men.",
        f"Grade {GRADE_OTHERS}: evidence insufficient in premenopausal women and men.",
        "The USPSTF statement says the same, as an I statement.",
    ),
    _grade(
        3,
        "higher doses (>400 IU vitamin D3 and >1000 mg calcium)",
        "Evidence is insufficient regarding higher doses (>400 IU vitamin D3 and >1000 "
        "mg calcium) in postmenopausal women.",
        f"Grade {GRADE_OTHERS}: evidence insufficient for vitamin D3 {HIGHER_DOSE_D3} "
        f"with calcium {HIGHER_DOSE_CALCIUM}.",
        "The USPSTF statement says the same, as an I statement.",
    ),
    Claim(
        id="S001-04",
        source=SOURCE,
        by=meta_vitamin_d.CHUNG_2011,
        locator="(pooled relative risk 1.03, CI 0.84-1.26)",
        quote="Trials of vitamin D supplementation alone showed no statistical "
        "difference in fracture reduction (pooled relative risk 1.03, CI 0.84-1.26).",
        evidence=VITAMIN_D_ALONE_RR,
        states=(RatioCI(VITAMIN_D_ALONE_RR),),
        needs=_POOL,
        note="The page cites the USPSTF statement, whose evidence review is Chung "
        "2011; the copies of both that were read do not print this ratio.",
    ),
    Claim(
        id="S001-05",
        source=SOURCE,
        by=USPSTF_2013,
        locator="Neither baseline vitamin D status nor supplement dose correlated with "
        "supplement",
        quote="Neither baseline vitamin D status nor supplement dose correlated with "
        "supplement efficacy in preventing fractures.",
        states=(Direction("no difference", words="Neither ... nor ... correlated"),),
        needs=("the slopes of the meta-regression with their standard errors", *_POOL),
    ),
    Claim(
        id="S001-06",
        source=SOURCE,
        locator="fractures may be reduced with higher doses (≥800 IU daily)",
        quote=_HIGHER_DOSE_QUOTE,
        states=(Direction("lower", words="fractures may be reduced"),),
        needs=("which meta-analysis is meant", "its ratio with an interval"),
        note="The same page later advises to consider at least 800 IU a day in "
        "established osteoporosis.",
    ),
    Claim(
        id="S001-07",
        source=SOURCE,
        locator="not statistically significant when adjusted for multiple subgroup "
        "analyses",
        quote=_HIGHER_DOSE_QUOTE,
        states=(
            Direction(
                "no difference",
                words="not statistically significant when adjusted",
            ),
        ),
        needs=("which meta-analysis is meant", *_ADJUSTED),
    ),
    Claim(
        id="S001-08",
        source=SOURCE,
        by=whi_cad.WALLACE_2011,
        locator="hazard ratio 1.17 (CI 1.02-1.34), with number needed to harm",
        quote=_STONES_QUOTE,
        evidence=whi_cad.STONES_HR,
        states=(RatioCI(whi_cad.STONES_HR),),
        note="The ratio is that of vitamin D with calcium; the trial's average "
        "follow-up of 7.0 years is not on the page.",
    ),
    Claim(
        id="S001-09",
        source=SOURCE,
        by=whi_cad.WALLACE_2011,
        locator="with number needed to harm of 273",
        quote=_STONES_QUOTE,
        evidence=whi_cad.STONES,
        states=(NumberNeeded("NNH", NNH_STONES), RatioCI(whi_cad.STONES_HR)),
        needs=("the time over which the number needed to harm holds",),
        note="The USPSTF statement prints the number with its time: one woman for "
        "every 273 over a 7-year follow-up. The evidence here is the trial's counts.",
    ),
    Claim(
        id="S001-10",
        source=SOURCE,
        locator="associated with increased cardiovascular disease risk in some "
        "meta-analyses",
        quote="Calcium supplementation alone (not combined with vitamin D) has been "
        "associated with increased cardiovascular disease risk in some meta-analyses, "
        "though this link is not consistently demonstrated.",
        states=(
            Direction(
                "higher", words="associated with increased cardiovascular disease risk"
            ),
        ),
        needs=("which meta-analyses are meant", "their ratios with intervals"),
    ),
    _unnamed(
        19,
        "the gut cannot absorb more than 500 mg at once",
        "If calcium supplementation is needed, spread intake throughout the day as the "
        "gut cannot absorb more than 500 mg at once.",
        f"No more than {CALCIUM_ABSORBED_AT_ONCE} of calcium is absorbed at once.",
        "absorption measured at several doses",
        "Reference 2 of the page, which it does not name.",
    ),
    _unnamed(
        20,
        "consumption of 1500 mg/day is recommended to optimize bone health",
        "For those at risk of low calcium, consumption of 1500 mg/day is recommended "
        "to optimize bone health.",
        f"{CALCIUM_RECOMMENDED} of calcium is recommended.",
        "who recommends it, and on which evidence",
        "Reference 2 of the page, which it does not name.",
    ),
    Claim(
        id="S001-21",
        source=SOURCE,
        by=USPSTF_2013,
        locator="The USPSTF guideline evidence is from 2013",
        quote="The USPSTF guideline evidence is from 2013 and does not address vitamin "
        "K2 at all, focusing only on vitamin D3 and calcium.",
        states=(Qualitative("The USPSTF evidence cited is of 2013."),),
        note="The USPSTF updated its review and statement in 2018 (Kahwati 2018).",
    ),
    Claim(
        id="S001-22",
        source=SOURCE,
        by=USPSTF_2013,
        locator="Consider higher-dose vitamin D3 (≥800 IU daily) based on individual",
        quote="Consider higher-dose vitamin D3 (≥800 IU daily) based on individual "
        "patient factors and vitamin D status.",
        states=(
            Qualitative(
                f"Consider vitamin D3 {TREATMENT_DOSE_D3} in established osteoporosis.",
                needs=("trials in people with osteoporosis",),
            ),
        ),
        needs=("trials in people with osteoporosis",),
        note="The USPSTF statement that the page cites does not apply to persons with "
        "osteoporosis or vitamin D deficiency.",
    ),
    Claim(
        id="A09",
        source=SOURCE,
        by=meta_vitamin_d.BISCHOFF_FERRARI_2012,
        locator="not statistically significant when adjusted for multiple subgroup "
        "analyses",
        quote=_HIGHER_DOSE_QUOTE,
        evidence=meta_vitamin_d.BISCHOFF_2012_HIP_HR,
        states=(RatioCI(meta_vitamin_d.BISCHOFF_2012_HIP_HR),),
        needs=("which meta-analysis is meant", *_ADJUSTED),
        note="Read as the pooled analysis of 2012, which the page does not name; hip "
        "fracture. A Bonferroni adjustment would need over 129 analyses to lift this "
        "ratio's p-value above 0.05.",
    ),
    Claim(
        id="A09-2",
        source=SOURCE,
        by=meta_vitamin_d.BISCHOFF_FERRARI_2012,
        locator="not statistically significant when adjusted for multiple subgroup "
        "analyses",
        quote=_HIGHER_DOSE_QUOTE,
        evidence=meta_vitamin_d.BISCHOFF_2012_NONVERTEBRAL_HR,
        states=(RatioCI(meta_vitamin_d.BISCHOFF_2012_NONVERTEBRAL_HR),),
        needs=("which meta-analysis is meant", *_ADJUSTED),
        note="Read as the pooled analysis of 2012, which the page does not name; "
        "nonvertebral fracture. Five analyses are enough for a Bonferroni adjustment "
        "to lift this ratio's p-value above 0.05.",
    ),
)
