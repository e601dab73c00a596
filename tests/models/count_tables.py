"""Published counts that several tests of this folder share."""

import numpy as np

from k2stats.effectsizes import TwoRates
from k2stats.evidence import TwoByTwo

# Colditz et al. (1994), J Am Med Assoc 271:698: thirteen trials of BCG vaccine.
BCG = TwoByTwo.from_counts(
    events1=[4, 6, 3, 62, 33, 180, 8, 505, 29, 17, 186, 5, 27],
    n1=[
        *[123, 306, 231, 13598, 5069, 1541, 2545],
        *[88391, 7499, 1716, 50634, 2498, 16913],
    ],
    events2=[11, 29, 11, 248, 47, 372, 10, 499, 45, 65, 141, 3, 29],
    n2=[
        *[139, 303, 220, 12867, 5808, 1451, 629],
        *[88391, 7277, 1665, 27338, 2341, 17854],
    ],
)

# Niel-Weise et al. (2007), as analysed by Stijnen, Hamza & Ozdemir (2010), Stat Med
# 29:3046, Table I: catheter-related bloodstream infections, coated v standard.
CATHETERS = TwoByTwo.from_counts(
    events1=[0, 1, 2, 0, 5, 1, 1, 1, 1, 1, 0, 0, 3, 6, 0, 0, 1, 4],
    n1=[
        *[116, 44, 208, 130, 151, 98, 174, 74, 97],
        *[113, 66, 70, 188, 187, 118, 252, 345, 64],
    ],
    events2=[3, 3, 9, 7, 6, 4, 3, 2, 19, 2, 7, 1, 5, 11, 0, 1, 3, 1],
    n2=[
        *[117, 35, 195, 136, 157, 139, 177, 39, 103],
        *[122, 64, 58, 175, 180, 105, 262, 362, 69],
    ],
)

# Niel-Weise et al. (2008), same paper, Table III: infections per catheter-day.
CATHETER_DAYS = TwoRates.from_arrays(
    events1=[7, 8, 3, 6, 1, 1, 17, 3, 2],
    time1=[1344, 1600, 12012, 1536, 370, 729, 6760, 1107, 320],
    events2=[11, 8, 14, 10, 1, 8, 15, 7, 3],
    time2=[1988, 1461, 10962, 1503, 483, 913, 6840, 1015, 440],
)

# Bickel, Hammel & O'Connell (1975), Science 187:398: admissions to Berkeley by
# department, men in group 1; R's UCBAdmissions.
BERKELEY = TwoByTwo.from_cells(
    a=[512, 353, 120, 138, 53, 22],
    b=[313, 207, 205, 279, 138, 351],
    c=[89, 17, 202, 131, 94, 24],
    d=[19, 8, 391, 244, 299, 317],
)

# Mantel (1963), as R's Rabbits: penicillin at once (group 1) or after 1.5 hours.
RABBITS = TwoByTwo.from_cells(
    a=[0, 3, 6, 5, 2], b=[6, 3, 0, 1, 0], c=[0, 0, 2, 6, 5], d=[5, 6, 4, 0, 0]
)

# Breslow & Day (1980), vol. 1, Table 4.1: oesophageal cancer by age, cases and
# controls who drink 80 g of alcohol a day or more (group 1: cases).
ALCOHOL = TwoByTwo.from_cells(
    a=[1, 4, 25, 42, 19, 5],
    b=[0, 5, 21, 34, 36, 8],
    c=[9, 26, 29, 27, 18, 0],
    d=[106, 164, 138, 139, 88, 31],
)

# Rothman, Greenland & Lash (2008), Table 15-1: deaths on tolbutamide and placebo.
TOLBUTAMIDE = TwoByTwo.from_counts(
    events1=[8, 22], n1=[106, 98], events2=[5, 16], n2=[120, 85]
)

# The same, Table 15-2: coronary deaths of British doctors, smokers and others.
DOCTORS = TwoRates.from_arrays(
    events1=[32, 104, 206, 186, 102],
    time1=[52407, 43248, 28612, 12663, 5317],
    events2=[2, 12, 28, 28, 31],
    time2=[18790, 10673, 5710, 2585, 1462],
)

SPARSE = TwoByTwo.from_counts(
    events1=[0, 3, 5, 0, 10, 4],
    n1=[20, 30, 25, 15, 10, 40],
    events2=[0, 0, 9, 3, 10, 8],
    n2=[22, 30, 26, 14, 12, 41],
)


def cut(table: TwoByTwo, rows: "slice | list[int]") -> TwoByTwo:
    """Some studies of a table."""
    return table[rows if isinstance(rows, slice) else np.array(rows)]


def joined(first: TwoByTwo, second: TwoByTwo) -> TwoByTwo:
    """The studies of two tables one after the other."""
    names = ("events1", "n1", "events2", "n2")
    return TwoByTwo.from_counts(
        **{n: np.concatenate([getattr(first, n), getattr(second, n)]) for n in names}
    )
