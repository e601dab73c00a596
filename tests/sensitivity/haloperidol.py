"""Haloperidol v placebo: responders, others and missing of 17 trials.

Higgins, White and Wood (2008), Clin Trials 5:225-239, from the Cochrane review of Joy
et al. (2006); in the order printed there.
"""

import numpy as np

from k2stats.sensitivity import BinaryWithMissing

ROWS = np.array(
    [
        (25, 25, 2, 18, 33, 0),
        (29, 18, 22, 20, 14, 34),
        (12, 17, 1, 2, 28, 1),
        (3, 9, 0, 0, 12, 0),
        (10, 11, 0, 3, 19, 0),
        (11, 8, 0, 1, 14, 0),
        (7, 18, 1, 4, 21, 1),
        (8, 9, 0, 3, 10, 0),
        (19, 45, 2, 14, 50, 2),
        (1, 9, 0, 0, 10, 0),
        (11, 23, 3, 0, 13, 0),
        (20, 9, 0, 2, 9, 0),
        (17, 1, 11, 7, 4, 18),
        (4, 10, 0, 0, 13, 1),
        (2, 14, 0, 0, 7, 1),
        (11, 1, 0, 1, 11, 0),
        (9, 20, 1, 0, 29, 1),
    ]
)


def trials() -> BinaryWithMissing:
    names = (
        "events1",
        "nonevents1",
        "missing1",
        "events2",
        "nonevents2",
        "missing2",
    )
    return BinaryWithMissing.from_counts(**dict(zip(names, ROWS.T, strict=True)))
