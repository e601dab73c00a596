"""Tsuchie 2012: the claims, most of them one measurement printed in two places."""
# ruff: noqa: RUF001 - the source sets en dashes for minus signs and ranges

from typing import Final

from k2stats.datasets._tsuchie2012_table import Episode, bmd_pairs
from k2stats.datasets._tsuchie2012_text import (
    YEARS_BETWEEN,
    ages,
    by_age,
    claim,
    course,
    measured,
    month_after_delivery,
    rise,
    same_dose,
    same_fractures,
    t_scores_apart,
)
from k2stats.evidence import Claim, Derived

_SPINE, _FEMUR = ("BMD lumbar spine",), ("BMD femur",)
_CASE_3: Final[Episode] = "case 3 (1st delivery)"
_CASE_3_LATER: Final[Episode] = "case 3 (2nd delivery)"

_CASE_1_BEFORE = (
    "BMD of the lumbar spine (L2–4: 0.714 g/cm2, T-score: –2.9 SD) and proximal femur "
    "(0.589 g/cm2, T-score: –3.8 SD) confirmed the presence of associated osteoporosis."
)
_CASE_1_AFTER = (
    "BMD at 2 years after the initial visit showed improvement (L2–4: 0.749 g/cm2, "
    "T-score: –2.4 SD; and proximal femur: 0.674 g/cm2, T-score: –1.7 SD)."
)
_CASE_2_BEFORE = (
    "BMD of the lumbar spine (L2–4: 0.698 g/cm2, T-score: –2.8 SD) and proximal femur "
    "(0.585 g/cm2, T-score: –2.3 SD) confirmed the presence of associated osteoporosis."
)
_CASE_3_BEFORE = (
    "Because BMD showed the presence of associated osteoporosis (L2–4: 0.750 g/cm2, "
    "T-score: –2.66 SD; and proximal femur: 0.539 g/cm2, T-score: –4.55 SD), she was "
    "transferred to our out-patient clinic."
)
_CASE_3_AFTER = (
    "BMD at 2 years and 1 month after first pregnancy still showed associated "
    "osteoporosis (L2–4: 0.775 g/cm2, T-score: –2.46 SD; and proximal femur: 0.569 "
    "g/cm2, T-score: –4.43 SD), and she continued to take vitamin K2 for osteoporosis "
    "treatment at her own request."
)
_CASE_3_SECOND = (
    "BMD at 6 months after delivery showed no change (L2–4: 0.778 g/cm2, T-score: –2.1 "
    "SD; and proximal femur: 0.564 g/cm2, T-score: –2.7 SD)."
)
_CASE_4_BEFORE = (
    "BMD showed a mild decline (L2–4: 0.901 g/cm2, T-score: –1.0 SD; and proximal "
    "femur: 0.749 g/cm2, T-score: –1.0 SD)."
)
_CASE_4_AFTER = (
    "BMD after 12 months of treatment was 0.92 g/cm2 (T-score: –0.8 SD) of L2–4 and "
    "0.78 g/cm2 (T-score: –0.7 SD) of the proximal femur."
)
_CASE_4_SERUM = (
    "On laboratory examinations, serum NTX (30.8 nmolBCE/L) and serum Ca (10.9 mg/dL, "
    "normal range 7.8–10.1 mg/dL) were elevated, and serum intact PTH showed a "
    "decrease (7 pg/mL, normal range 10–65 pg/mL)."
)
_YEARS_NOTE = (
    "The text counts from the initial visit, which Table I puts at 3 M; Table I counts "
    "from delivery. Whole years are too coarse to tell the two apart."
)
CLAIMS: Final[tuple[Claim, ...]] = (
    claim(
        1,
        "30 to 34 years, with a mean of 31.5 years",
        "The ages of the four patients ranged from 30 to 34 years, with a mean of 31.5 "
        "years.",
        *by_age(
            "with case 3 at her second pregnancy (31)",
            "with case 3 at the onset of pain (23)",
        ),
        note="Ages are completed years. Case 3 had back pain and fractures at 23.",
    ),
    measured(
        2, "0.714 g/cm2, T-score: –2.9 SD", _CASE_1_BEFORE, "case 1", _SPINE, "before"
    ),
    measured(
        3, "(0.589 g/cm2, T-score: –3.8 SD)", _CASE_1_BEFORE, "case 1", _FEMUR, "before"
    ),
    measured(
        4,
        "NTX in urine was high (151.4 nmolBCE/L",
        "On laboratory examinations, NTX in urine was high (151.4 nmolBCE/L, normal "
        "range 9.3–54.3 nmolBCE/L).",
        "case 1",
        ("NTX",),
        "before",
        note="Urine NTX is printed without a creatinine denominator.",
    ),
    claim(
        5,
        "daily intake of 45 mg of vitamin",
        "Because she was instructed to wear a corset by a previous doctor, we advised "
        "against breast-feeding and prescribed a daily intake of 45 mg of vitamin K2 "
        "and 1,200 mg of calcium carbonate.",
        same_dose(),
        note="Case 1 also took calcium carbonate, 1,200 mg a day; breast-feeding was "
        "advised against in every case, and corsets were worn in all four.",
    ),
    measured(
        6,
        "NTX in urine improved (14.0 nmolBCE/L)",
        "NTX in urine improved (14.0 nmolBCE/L).",
        "case 1",
        ("NTX",),
        "after",
        note=_YEARS_NOTE,
    ),
    measured(
        7,
        "0.749 g/cm2, T-score: –2.4 SD",
        _CASE_1_AFTER,
        "case 1",
        _SPINE,
        "after",
        note=_YEARS_NOTE,
    ),
    measured(
        8,
        "0.674 g/cm2, T-score: –1.7 SD",
        _CASE_1_AFTER,
        "case 1",
        _FEMUR,
        "after",
        note=_YEARS_NOTE,
    ),
    measured(
        9, "0.698 g/cm2, T-score: –2.8 SD", _CASE_2_BEFORE, "case 2", _SPINE, "before"
    ),
    measured(
        10,
        "femur (0.585 g/cm2, T-score: –2.3 SD)",
        _CASE_2_BEFORE,
        "case 2",
        _FEMUR,
        "before",
        note=t_scores_apart("case 2", "case 1", "BMD femur", "before"),
    ),
    claim(
        11,
        "fractures of the T8, 9, 11, and 12, and L1",
        "Vertebral fractures of the T8, 9, 11, and 12, and L1 and 4 vertebrae were "
        "seen on plain radiographs and MRI (Figures 1 and 2).",
        same_fractures(),
        note="Table I leaves out T11. The caption of Figure 1 leaves out T11 and L4, "
        "although the figure's labels name T11; a radiograph may show less than MRI.",
    ),
    measured(
        12,
        "NTX and BAP were 25 nmolBCE/L (normal range",
        "Serum NTX and BAP were 25 nmolBCE/L (normal range 7.5–16.5 nmolBCE/L) and 46 "
        "U/L (normal range 9.6–35.4 U/L), respectively.",
        "case 2",
        ("NTX", "BAP"),
        "before",
    ),
    measured(
        13,
        "18 nmolBCE/L and 13 U/L, respectively,",
        "The bone metabolic markers both of serum NTX and BAP were suppressed to 18 "
        "nmolBCE/L and 13 U/L, respectively, after 10 months of treatment.",
        "case 2",
        ("NTX", "BAP"),
        "after",
        month_after_delivery("case 2", "NTX"),
        note="NTX of 18 is still above the normal range printed, 7.5–16.5. Treatment "
        "began at 3 M.",
    ),
    claim(
        14,
        "pregnancy 7 years earlier",
        "She developed back pain 2 months after her first delivery following a normal "
        "pregnancy 7 years earlier.",
        Derived(
            "difference",
            YEARS_BETWEEN,
            ages((_CASE_3_LATER, _CASE_3)),
            "years between the two ages of case 3",
        ),
        note="The ages differ by 8, but completed years leave room for 7 to 9 years.",
    ),
    measured(
        15,
        "(L2–4: 0.750 g/cm2, T-score: –2.66 SD; and proximal",
        _CASE_3_BEFORE,
        _CASE_3,
        _SPINE,
        "before",
    ),
    measured(
        16,
        "femur: 0.539 g/cm2, T-score: –4.55 SD)",
        _CASE_3_BEFORE,
        _CASE_3,
        _FEMUR,
        "before",
    ),
    measured(
        17,
        "0.775 g/cm2, T-score: –2.46 SD; and prox",
        _CASE_3_AFTER,
        _CASE_3,
        _SPINE,
        "after",
    ),
    measured(
        18,
        "imal femur: 0.569 g/cm2, T-score: –4.43 SD)",
        _CASE_3_AFTER,
        _CASE_3,
        _FEMUR,
        "after",
        rise(_CASE_3, "BMD femur", "text"),
        rise(_CASE_3, "BMD femur", "table"),
        note="The femur rises by the text's digits and does not by the table's. 0.569 "
        "rounds to 0.57, which Table I prints at –11 M of the second delivery.",
    ),
    measured(
        19,
        "0.778 g/cm2,",
        _CASE_3_SECOND,
        _CASE_3_LATER,
        _SPINE,
        "after",
        note="'No change' is against –11 M, when she already took vitamin K2; Table I "
        "prints 0.79 then.",
    ),
    measured(
        20,
        "0.564 g/cm2,",
        _CASE_3_SECOND,
        _CASE_3_LATER,
        _FEMUR,
        "after",
        note=t_scores_apart(_CASE_3_LATER, _CASE_3, "BMD femur", "after"),
    ),
    measured(
        21,
        "BMD showed a mild decline (L2–4: 0.901 g/cm2,",
        _CASE_4_BEFORE,
        "case 4",
        _SPINE,
        "before",
    ),
    measured(
        22,
        "proximal femur: 0.749 g/cm2,",
        _CASE_4_BEFORE,
        "case 4",
        _FEMUR,
        "before",
    ),
    measured(
        23,
        "serum NTX (30.8 nmolBCE/L) and serum Ca",
        _CASE_4_SERUM,
        "case 4",
        ("NTX", "Ca"),
        "before",
        note="Measured at 1 M by Table I, bone density at 3 M.",
    ),
    measured(
        24,
        "(7 pg/mL, normal range 10–65 pg/mL)",
        _CASE_4_SERUM,
        "case 4",
        ("Intact PTH",),
        "before",
        note="Table I prints the whole row in pg/L, a thousandth of the text's unit.",
    ),
    measured(
        25,
        "BMD after 12 months of treatment was 0.92 g/cm2",
        _CASE_4_AFTER,
        "case 4",
        _SPINE,
        "after",
        month_after_delivery("case 4", "BMD lumbar spine"),
        note="Treatment began at 3 M.",
    ),
    measured(
        26,
        "0.78 g/cm2",
        _CASE_4_AFTER,
        "case 4",
        _FEMUR,
        "after",
        note="Measured when the lumbar spine was.",
    ),
    course("S003-27", bmd_pairs("lumbar spine")),
    course("A16", bmd_pairs("femur")),
)
