"""Lasemi 2018: serum vitamin K2 in multiple sclerosis, by a page and by the abstract.

The page prints medians and a p bound, the abstract means with an unnamed spread.
Group 1 are the healthy controls, group 2 the patients; ng/ml throughout.
"""

from typing import Final

from k2stats.datasets._records import same_count
from k2stats.evidence import (
    Claim,
    Derived,
    Direction,
    MediansWithP,
    PrintedTwoByTwo,
    PrintedTwoMeans,
    Printing,
    PValue,
    Qualitative,
    Reported,
    Source,
)

SOURCE: Final[Source] = Source(
    key="lasemi2018",
    citation="K2: a Potential Therapy for Multiple Sclerosis Patients? (Lasemi et "
    "al.), International Science and Health Foundation, vitamink2.org.",
    address="https://www.vitamink2.org/k2-potential-therapy-multiple-sclerosis-patients/",
    status="secondary",
    notice="Retells Lasemi et al. 2018.",
)
ABSTRACT: Final[Source] = Source(
    key="lasemi2018_abstract",
    citation="Lasemi R, Kundi M, Beladi Moghadam N, Moshammer H, Hainfellner JA. "
    "Vitamin K2 in multiple sclerosis patients. Wien Klin Wochenschr "
    "2018;130(9-10):307-313.",
    address="https://pubmed.ncbi.nlm.nih.gov/29500722/",
    status="abstract",
    notice="'235 ± 100 ng/ml vs. 812 ± 154 ng/ml', patients before controls; the "
    "abstract does not name the number after ±. 45 patients and 29 controls.",
)

N_CONTROLS: Final[int] = 29
N_PATIENTS: Final[int] = 45
FEMALE_CONTROLS: Final[int] = 19
FEMALE_PATIENTS: Final[int] = 31
RELAPSING_REMITTING: Final[int] = 39

P_BOUND: Final[Reported] = Reported("<0.001")
FOLD: Final[Reported] = Reported(">3")
"""'more than three-fold'."""
CHANGE_PER_DECADE: Final[Reported] = Reported("-10%")
"""Of age, 'approximately'; relative change of the level."""

MEDIANS: Final[MediansWithP] = MediansWithP(
    Reported("866", "ng/ml"),
    N_CONTROLS,
    Reported("196", "ng/ml"),
    N_PATIENTS,
    p=P_BOUND,
    outcome="serum vitamin K2",
    group1="healthy controls",
    group2="patients with multiple sclerosis",
)
"""Medians in ng/ml, as the page prints them."""

MEANS: Final[PrintedTwoMeans] = PrintedTwoMeans(
    Reported("812", "ng/ml"),
    Reported("154", "ng/ml"),
    N_CONTROLS,
    Reported("235", "ng/ml"),
    Reported("100", "ng/ml"),
    N_PATIENTS,
    spread="unknown",
    outcome="serum vitamin K2",
    group1="healthy controls",
    group2="patients with multiple sclerosis",
)
"""Means in ng/ml with the number after the abstract's ± sign."""

SEX: Final[PrintedTwoByTwo] = PrintedTwoByTwo(
    events1=FEMALE_CONTROLS,
    n1=N_CONTROLS,
    events2=FEMALE_PATIENTS,
    n2=N_PATIENTS,
    outcome="female",
    group1="healthy controls",
    group2="patients with multiple sclerosis",
)

_LEVELS_QUOTE = (
    "The vitamin K2 serum levels were more than three-fold higher in healthy controls "
    "as compared to MS patients (p< 0.001): healthy controls had a median level of "
    "866ng/ml compared to a median level of 196ng/ml in MS cases."
)
_QUARTILES = "the quartiles or the individual values"
_LEVELS = "the levels in each subgroup and the test used"
_LATER_QUOTE = (
    "The Vitamin K2 levels were lower with increasing numbers of attacks per year and "
    "were higher in patients with optic nerve lesions."
)
_SEX_AGE_QUOTE = (
    "Female patients had significantly lower Vitamin K2 levels than males and a "
    "decrease with age by approximately 10% per decade was found."
)
_TWO_STATISTICS = (
    "The abstract prints means, 812 ± 154 in controls and 235 ± 100 in patients; a "
    "median and a mean of one sample may differ, so the two prints do not conflict."
)

CLAIMS: Final[tuple[Claim, ...]] = (
    Claim(
        id="S004-01",
        source=SOURCE,
        by=ABSTRACT,
        locator="45 MS patients (31 females and 39 of the relapsing-remitting type)",
        quote="Overall, 45 MS patients (31 females and 39 of the relapsing-remitting "
        "type) and 29 healthy controls (19 females) were included in the analysis.",
        evidence=SEX,
        states=(
            same_count(
                "patients with multiple sclerosis",
                {"the page": N_PATIENTS, "the abstract": N_PATIENTS},
            ),
            same_count(
                "healthy controls",
                {"the page": N_CONTROLS, "the abstract": N_CONTROLS},
            ),
        ),
        note="Page and abstract print the same sentence.",
    ),
    Claim(
        id="S004-02",
        source=SOURCE,
        by=ABSTRACT,
        locator="more than three-fold higher in healthy controls",
        quote=_LEVELS_QUOTE,
        states=(
            Derived(
                "fold",
                FOLD,
                (
                    Printing(MEDIANS.median1, "healthy controls, median"),
                    Printing(MEDIANS.median2, "patients, median"),
                ),
                "controls over patients by the page's medians",
            ),
            Derived(
                "fold",
                FOLD,
                (
                    Printing(MEANS.mean1, "healthy controls, mean"),
                    Printing(MEANS.mean2, "patients, mean"),
                ),
                "controls over patients by the abstract's means",
            ),
        ),
        note="The wording is nearer to the means of the abstract than to the medians "
        "beside which it stands.",
    ),
    Claim(
        id="S004-03",
        source=SOURCE,
        by=ABSTRACT,
        locator="median level of 866ng/ml",
        quote=_LEVELS_QUOTE,
        states=(
            Qualitative(
                f"The median of {N_CONTROLS} healthy controls is {MEDIANS.median1}.",
                needs=(_QUARTILES,),
            ),
        ),
        needs=(_QUARTILES,),
        note=_TWO_STATISTICS,
    ),
    Claim(
        id="S004-04",
        source=SOURCE,
        by=ABSTRACT,
        locator="median level of 196ng/ml",
        quote=_LEVELS_QUOTE,
        states=(
            Qualitative(
                f"The median of {N_PATIENTS} patients is {MEDIANS.median2}.",
                needs=(_QUARTILES,),
            ),
        ),
        needs=(_QUARTILES,),
        note=_TWO_STATISTICS,
    ),
    Claim(
        id="S004-05",
        source=SOURCE,
        by=ABSTRACT,
        locator="(p< 0.001): healthy controls had a median level",
        quote=_LEVELS_QUOTE,
        evidence=MEDIANS,
        states=(PValue(P_BOUND),),
        needs=(_QUARTILES, "the name of the test"),
    ),
    Claim(
        id="S004-06",
        source=SOURCE,
        by=ABSTRACT,
        locator="Female patients had significantly lower Vitamin K2 levels than males",
        quote=_SEX_AGE_QUOTE,
        states=(Direction("lower", significant=True, words="significantly lower"),),
        needs=("the levels of female and male patients and the test used",),
    ),
    Claim(
        id="S004-07",
        source=SOURCE,
        by=ABSTRACT,
        locator="decrease with age by approximately 10% per decade",
        quote=_SEX_AGE_QUOTE,
        states=(Direction("lower", words="a decrease with age by approximately 10%"),),
        needs=("the slope on age with its standard error, or ages and levels",),
    ),
    Claim(
        id="S004-08",
        source=SOURCE,
        by=ABSTRACT,
        locator="lower with increasing numbers of attacks per year",
        quote=_LATER_QUOTE,
        states=(Direction("lower", words="lower with increasing numbers of attacks"),),
        needs=(_LEVELS,),
    ),
    Claim(
        id="S004-09",
        source=SOURCE,
        by=ABSTRACT,
        locator="higher in patients with optic nerve lesions",
        quote=_LATER_QUOTE,
        states=(
            Direction("higher", words="higher in patients with optic nerve lesions"),
        ),
        needs=(_LEVELS,),
    ),
)
