"""Responders of 19 trials of complementary medicine in irritable bowel syndrome.

Table 1 of Dorn and others (2007), Neurogastroenterol Motil 19:630-637: responders and
patients, treated and placebo, as in metadat's dat.dorn2007. A reference case names
these data without giving them.
"""

import numpy as np

from k2stats.evidence import TwoByTwo

_ROWS = np.array(
    [
        (29, 38, 11, 32),
        (20, 31, 21, 30),
        (14, 23, 30, 46),
        (17, 30, 5, 13),
        (11, 27, 6, 23),
        (24, 29, 5, 29),
        (26, 32, 9, 22),
        (17, 18, 13, 18),
        (4, 12, 5, 13),
        (21, 60, 26, 59),
        (15, 17, 8, 17),
        (37, 51, 20, 52),
        (13, 33, 17, 33),
        (19, 20, 3, 20),
        (29, 50, 30, 46),
        (13, 16, 5, 16),
        (25, 33, 8, 26),
        (37, 57, 17, 50),
        (55, 90, 37, 90),
    ]
)


def trials() -> TwoByTwo:
    """The 19 tables, treated first."""
    events1, n1, events2, n2 = _ROWS.T
    return TwoByTwo.from_counts(events1=events1, n1=n1, events2=events2, n2=n2)
