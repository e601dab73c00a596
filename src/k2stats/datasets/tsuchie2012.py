"""Tsuchie 2012: four women with pregnancy-associated osteoporosis and vitamin K2.

Every cell of Table I and every measurement of the text, woman by woman. One of them
(case 3) has two deliveries, so Table I has five columns. There is no comparison group.

Months are months after delivery. Units are those printed: g/cm2 for bone mineral
density, nmolBCE/L for NTX, U/L for BAP, mg/dL for Ca and IP, pg/L (Table I) or pg/mL
(text) for intact PTH. The tables themselves:
``load_table("tsuchie2012", "table1")`` and ``load_table("tsuchie2012", "text")``.
"""

from k2stats.datasets._tsuchie2012_claims import CLAIMS
from k2stats.datasets._tsuchie2012_table import (
    EPISODES,
    NOT_PRINTED,
    Digits,
    Episode,
    Measurement,
    When,
    bmd_pairs,
    cell,
    in_table,
    in_text,
    measurement,
    pairs,
    text_beside_table,
    variables,
)
from k2stats.datasets._tsuchie2012_text import (
    DOSE_K2,
    FRACTURES_CASE_2,
    MEAN_AGE,
    MONTHS_OF_TREATMENT,
    OLDEST,
    SOURCE,
    YEARS_BETWEEN,
    YOUNGEST,
    age,
    levels,
)

__all__ = [
    "CLAIMS",
    "DOSE_K2",
    "EPISODES",
    "FRACTURES_CASE_2",
    "MEAN_AGE",
    "MONTHS_OF_TREATMENT",
    "NOT_PRINTED",
    "OLDEST",
    "SOURCE",
    "YEARS_BETWEEN",
    "YOUNGEST",
    "Digits",
    "Episode",
    "Measurement",
    "When",
    "age",
    "bmd_pairs",
    "cell",
    "in_table",
    "in_text",
    "levels",
    "measurement",
    "pairs",
    "text_beside_table",
    "variables",
]
