"""Yamaguchi Osteoporosis Prevention Study 2004 (YOPS): five treatments and control.

396 postmenopausal women in six groups of 66, two years. Its integrity has been called
into question; see the source's notice. Group 1 is a treated group, group 2 control.
"""

from typing import Final

from k2stats.datasets._records import ratio
from k2stats.evidence import (
    Claim,
    PrintedTwoByTwo,
    RatioCI,
    RatioWithCI,
    Reported,
    Source,
)

SOURCE: Final[Source] = Source(
    key="yops2004",
    citation="Ishida Y, Kawai S. Comparative efficacy of hormone replacement therapy, "
    "etidronate, calcitonin, alfacalcidol, and vitamin K in postmenopausal women with "
    "osteoporosis: the Yamaguchi Osteoporosis Prevention Study. Am J Med "
    "2004;117(8):549-55.",
    address="https://www.ncbi.nlm.nih.gov/pubmed/15465502",
    status="integrity concern",
    notice="Concerns about the trial's integrity: Retraction Watch, 2 July 2020, and "
    "the adjustment to Mott 2019. '396 postmenopausal women' in 'six equal-sized "
    "groups'; 'Seventeen (26%) of the 66 control patients developed new vertebral "
    "fractures', which is 17 of 66.",
)

N: Final[int] = 66
"""Women in each of six groups."""
CONTROL_FRACTURES: Final[int] = 17
TABLE: Final[PrintedTwoByTwo] = PrintedTwoByTwo(
    n1=N,
    events2=CONTROL_FRACTURES,
    n2=N,
    percent2=Reported("26%"),
    outcome="new vertebral fracture",
    group1="treated",
    group2="no treatment",
)
"""What is printed of each treatment against control: the treated group's fractures
are not."""
K2_RR: Final[RatioWithCI] = ratio("RR", "0.44", "0.20", "0.99", group1="vitamin K2")
HORMONE_RR: Final[RatioWithCI] = ratio("RR", "0.35", "0.14", "0.83", group1="hormones")
ETIDRONATE_RR: Final[RatioWithCI] = ratio(
    "RR", "0.40", "0.17", "0.92", group1="etidronate"
)
CALCITONIN_RR: Final[RatioWithCI] = ratio(
    "RR", "0.41", "0.17", "0.93", group1="calcitonin"
)
ALFACALCIDOL_RR: Final[RatioWithCI] = ratio(
    "RR", "0.56", "0.26", "1.12", group1="alfacalcidol"
)
BMD_CHANGE: Final[dict[str, Reported]] = {
    "hormone replacement therapy": Reported("2.0%"),
    "etidronate": Reported("-0.5%"),
    "calcitonin": Reported("1.6%"),
    "alfacalcidol": Reported("-3.6%"),
    "vitamin K": Reported("-1.9%"),
    "control": Reported("-3.3%"),
}
"""Mean change of distal radius BMD over 2 years, by group; no spread is printed."""

_QUOTE = (
    "Compared with controls, the relative risks of vertebral fracture were 0.35 (95% "
    "confidence interval [CI]: 0.14 to 0.83) for hormone replacement therapy, 0.40 "
    "(95% CI: 0.17 to 0.92) for etidronate, 0.41 (95% CI: 0.17 to 0.93) for "
    "calcitonin, 0.56 (95% CI: 0.26 to 1.12) for alfacalcidol, and 0.44 (95% CI: 0.20 "
    "to 0.99) for vitamin K."
)


def _claim(number: str, locator: str, ratio_print: RatioCI, note: str = "") -> Claim:
    return Claim(
        id=f"A19{number}",
        source=SOURCE,
        locator=locator,
        quote=_QUOTE,
        evidence=TABLE,
        states=(ratio_print,),
        needs=("fractures in the treated group", "women analysed in each group"),
        note=note,
    )


CLAIMS: Final[tuple[Claim, ...]] = (
    _claim(
        "",
        "0.44 (95% CI: 0.20 to 0.99) for vitamin K",
        RatioCI(K2_RR),
        "The abstract's conclusion names hormones, etidronate and calcitonin as "
        "significant and leaves out vitamin K, whose interval excludes 1 as well.",
    ),
    _claim("-2", "0.35 (95% confidence interval [CI]", RatioCI(HORMONE_RR)),
    _claim("-3", "0.40 (95% CI: 0.17 to 0.92)", RatioCI(ETIDRONATE_RR)),
    _claim("-4", "0.41 (95% CI: 0.17 to 0.93)", RatioCI(CALCITONIN_RR)),
    _claim("-5", "0.56 (95% CI: 0.26 to 1.12)", RatioCI(ALFACALCIDOL_RR)),
)
