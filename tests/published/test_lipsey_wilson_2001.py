"""Lipsey and Wilson (2001), Practical meta-analysis, chapter 7.

Exhibits 7.3 (p. 133), 7.4 (p. 138), 7.6 and 7.7 (p. 141), read in the metafor
package's reproduction of the book's example (analysis example lipsey2001), which names
the digits that differ.
"""

import numpy as np
import pytest

from k2stats._typing import Floats
from k2stats.datasets.published import published
from k2stats.heterogeneity import cochran_q
from k2stats.models import fit_arrays
from k2stats.models.fitting import ArrayFit
from published.printed import assert_prints

STUDIES = published("lipsey2001")
ASSIGNED = STUDIES.moderators["random"]
BOTH = np.column_stack([np.ones(10), ASSIGNED, STUDIES.moderators["intensity"]])


def fit(tau2: str, columns: Floats | None = None) -> ArrayFit:
    return fit_arrays(STUDIES.y, STUDIES.v, columns, tau2=tau2, ci="z")


def test_common_effect() -> None:
    # Exhibit 7.3.
    found = fit("EE")
    got = [found.beta, found.se, found.statistic, found.p, found.low, found.high]
    assert_prints(got, "0.1549", "0.0609", "2.5450", "0.0109", "0.0356", "0.2742")
    q = cochran_q(STUDIES.y, STUDIES.v)
    assert_prints([q.q, q.p], "14.7640", "0.0976")


def test_random_effects() -> None:
    # Exhibit 7.3.
    found = fit("DL")
    got = [found.beta, found.se, found.statistic, found.p, found.low, found.high]
    assert_prints(got, "0.1534", "0.0858", "1.7893", "0.0736", "-0.0146", "0.3215")
    assert_prints(found.tau2, "0.025955")


@pytest.mark.parametrize(
    ("group", "printed", "q"),
    [
        # The book prints 6.4383 for Q of the first group.
        (0.0, ("0.2984", "0.0813", "0.1390", "0.4578"), ("6.4382", "0.2659")),
        (1.0, ("-0.0277", "0.0917", "-0.2075", "0.1521"), ("1.2519", "0.7406")),
    ],
)
def test_two_groups(group: float, printed: tuple[str, ...], q: tuple[str, str]) -> None:
    # Exhibit 7.4.
    mask = group == ASSIGNED
    found = fit_arrays(STUDIES.y, STUDIES.v, tau2="EE", ci="z", mask=mask)
    assert_prints([found.beta, found.se, found.low, found.high], *printed)
    within = cochran_q(STUDIES.y, STUDIES.v, mask=mask)
    assert_prints([within.q, within.p], *q)


def test_moderators_common_effect() -> None:
    # Exhibit 7.6; the book prints 7.6833 and 0.3613 for Q and its p.
    found = fit("EE", BOTH)
    assert_prints(found.beta, "0.3223", "-0.3298", "-0.0041")
    assert_prints(found.se, "0.2998", "0.1304", "0.0493")
    assert_prints(found.statistic, "1.0752", "-2.5286", "-0.0829")
    assert_prints(found.p, "0.2823", "0.0115", "0.9339")
    assert_prints(found.low, "-0.2652", "-0.5854", "-0.1007")
    assert_prints(found.high, "0.9099", "-0.0742", "0.0925")
    q = cochran_q(STUDIES.y, STUDIES.v, BOTH)
    assert_prints([q.q, q.p], "7.6832", "0.3614")


def test_moderators_random_effects() -> None:
    # Exhibit 7.7.
    found = fit("DL", BOTH)
    assert_prints(found.tau2, "0.00488")
    assert_prints(found.beta, "0.3311", "-0.3269", "-0.0068")
    assert_prints(found.se, "0.3198", "0.1439", "0.0528")
    assert_prints(found.statistic, "1.0351", "-2.2712", "-0.1292")
    assert_prints(found.p, "0.3006", "0.0231", "0.8972")
    assert_prints(found.low, "-0.2958", "-0.6090", "-0.1103")
    assert_prints(found.high, "0.9579", "-0.0448", "0.0967")
