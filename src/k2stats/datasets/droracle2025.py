"""The Dr.Oracle page on vitamin K2, alone and with vitamin D3.

Its references are printed as bare numbers; where one can be told from its figures it
is named. What the page says of vitamin D and calcium is in
:mod:`k2stats.datasets.uspstf2013`.
"""

from typing import Final

from k2stats.datasets._records import total
from k2stats.datasets.uspstf2013 import SOURCE
from k2stats.datasets.vitk_bmd_trials import (
    IWAMOTO_2000,
    IWAMOTO_2000_GROUPS,
    IWAMOTO_2000_P_DK,
)
from k2stats.evidence import Claim, Direction, PValue, Qualitative, Reported

N_WOMEN: Final[int] = 92
"""Of the trial of 2000, as the page prints it."""
DOSE_ALFACALCIDOL: Final[Reported] = Reported("0.75", "ug/day")
DOSE_MENATETRENONE: Final[Reported] = Reported("45", "mg/day")

_TRIAL_QUOTE = (
    "A 2000 randomized trial in 92 postmenopausal women with osteoporosis found that "
    "combined vitamin D3 (0.75 μg/day alfacalcidol) plus vitamin K2 (45 mg/day "
    "menatetrenone) significantly increased lumbar spine BMD compared to calcium "
    "alone, vitamin D3 alone, or vitamin K2 alone (p<0.0001, p<0.05, and p<0.01 "
    "respectively)."
)
_RATS = "group sizes, means and standard deviations of the measurements in rats"
_REFERENCE = "which reference is meant"


def _said(
    number: int,
    locator: str,
    quote: str,
    *states: Direction | Qualitative,
    needs: tuple[str, ...],
    note: str = "",
) -> Claim:
    return Claim(
        id=f"S001-{number}",
        source=SOURCE,
        locator=locator,
        quote=quote,
        states=states,
        needs=needs,
        note=note,
    )


CLAIMS: Final[tuple[Claim, ...]] = (
    _said(
        11,
        "Menaquinone-4 (a form of vitamin K2) acts as a ligand",
        "Menaquinone-4 (a form of vitamin K2) acts as a ligand for the nuclear steroid "
        "and xenobiotic receptor (SXR), affecting bone metabolism through additional "
        "mechanisms.",
        Qualitative("Menaquinone-4 is a ligand of the nuclear receptor SXR."),
        needs=("binding or activation measured, with its spread",),
        note="A mechanism; no figure is printed.",
    ),
    _said(
        12,
        "sustained lumbar BMD, and prevented osteoporotic fractures in patients",
        "In Japanese studies, vitamin K2 (menatetrenone 45 mg/day) enhanced "
        "gamma-carboxylation of bone glutamic acid residues, sustained lumbar BMD, and "
        "prevented osteoporotic fractures in patients with established osteoporosis.",
        Direction("no difference", words="sustained lumbar BMD"),
        Direction("lower", words="prevented osteoporotic fractures"),
        needs=("the studies meant, with counts or means by group",),
        note="The larger OF study (2193 and 2185 women) found no significant "
        "difference in new vertebral fractures, and a review of such trials was "
        "corrected after two of them had been retracted.",
    ),
    Claim(
        id="S001-13",
        source=SOURCE,
        by=IWAMOTO_2000,
        locator="A 2000 randomized trial in 92 postmenopausal women with osteoporosis",
        quote=_TRIAL_QUOTE,
        states=(total(N_WOMEN, IWAMOTO_2000_GROUPS, "women in the four groups"),),
        note="The page prints the sum, the trial's abstract the groups.",
    ),
    Claim(
        id="S001-14",
        source=SOURCE,
        by=IWAMOTO_2000,
        locator="(p<0.0001, p<0.05, and p<0.01 respectively)",
        quote=_TRIAL_QUOTE,
        states=tuple(PValue(p) for p in IWAMOTO_2000_P_DK.values()),
        needs=("means and standard deviations of lumbar BMD by group and year",),
        note="Vitamin D3 with K2 against calcium, vitamin D3 and vitamin K2, in this "
        "order, as in the trial's abstract: two-way analysis of variance with repeated "
        "measurements. No adjustment for several comparisons is mentioned.",
    ),
    _said(
        15,
        "combined treatment may be most effective for mild postmenopausal osteoporosis",
        "A 2003 review concluded that combined treatment may be most effective for "
        "mild postmenopausal osteoporosis in younger postmenopausal women with less "
        "severe disease, potentially showing anabolic effects on bone.",
        Qualitative("Combined treatment may be most effective in mild osteoporosis."),
        needs=(_REFERENCE, "effects by severity, with standard errors"),
        note="The page does not name the review. Iwamoto 2003 (Yonsei Med J) is about "
        "vitamin K2 with bisphosphonates.",
    ),
    _said(
        16,
        "vitamin K2's effect on BMD is significant only when rats",
        "In ovariectomized rats, vitamin K2's effect on BMD is significant only when "
        "rats are fed a diet containing vitamin D3, and is affected by plasma "
        "25-hydroxyvitamin D3 levels.",
        Direction("higher", significant=True, words="significant only when"),
        needs=(_REFERENCE, _RATS),
        note="That an effect is significant in one group and not in another does not "
        "show that the two differ.",
    ),
    _said(
        17,
        "combined vitamins K2 and D3 enhanced guided bone regeneration",
        "A 2025 rat study showed that combined vitamins K2 and D3 enhanced guided bone "
        "regeneration in critical-size calvarial defects, with increased new bone "
        "area, osteocalcin levels, and Runx2 expression compared to controls.",
        Direction("higher", words="increased new bone area"),
        needs=(_REFERENCE, _RATS),
    ),
    _said(
        18,
        "no significant differences in gingival inflammation markers, serum bone "
        "markers",
        "A 2015 rat periodontitis study found no significant differences in gingival "
        "inflammation markers, serum bone markers, or alveolar bone levels when "
        "vitamin D3 and K2 (alone or combined) were added to conventional periodontal "
        "therapy.",
        Direction("no difference", words="no significant differences"),
        needs=(_REFERENCE, _RATS),
    ),
)
