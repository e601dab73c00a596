"""Intervals as R's fisher.test prints them: reference cases two_by_two_tests."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from k2stats.evidence import TwoByTwo
from k2stats.significance import OR_INTERVALS
from k2stats.significance.fisher_test_interval import brent

# R 4.2.2: table, estimate, low, high (reference cases tests2x2/*)
PRINTED = [
    ((33, 3, 26, 9), (3.73838645530929, 0.823850822681454, 23.6321441056203)),
    ((3, 1, 1, 3), (6.40830886700579, 0.211732915305503, 621.933750545417)),
    ((1, 9, 11, 3), (0.0372331172509792, 0.000643828388365295, 0.425884038115077)),
    ((0, 10, 5, 5), (0.0, 0.0, 0.836542842502002)),
    ((449, 17727, 381, 17725), (1.17833803476006, 1.02399492688366, 1.35642951310376)),
    ((20, 20, 20, 20), (1.0, 0.380421370839285, 2.62866409895375)),
]


@pytest.mark.parametrize(("cells", "printed"), PRINTED)
def test_every_digit_r_prints(
    cells: tuple[int, ...], printed: tuple[float, ...]
) -> None:
    a, b, c, d = cells
    table = TwoByTwo.from_cells(a=a, b=b, c=c, d=d)
    found = OR_INTERVALS["fisher-test"].function(table, 0.95)
    values = [float(x[0]) for x in (found.estimate, found.low, found.high)]
    assert_allclose(values, printed, rtol=1e-10)


def test_it_is_within_its_tolerance_of_the_exact_interval() -> None:
    # on the side below 1 the root tolerance is an absolute one
    cells = [x for x in PRINTED if 0 < x[1][0] < 1]
    for (a, b, c, d), _ in cells:
        table = TwoByTwo.from_cells(a=a, b=b, c=c, d=d)
        near = OR_INTERVALS["fisher-test"].function(table, 0.95)
        exact = OR_INTERVALS["exact"].function(table, 0.95)
        assert_allclose(near.estimate, exact.estimate, atol=1.3e-4, rtol=0)
        assert_allclose(near.low, exact.low, atol=1.3e-4, rtol=0)


def test_shape_is_kept() -> None:
    events = np.array([[3, 1], [0, 4]])
    table = TwoByTwo.from_counts(events1=events, n1=4, events2=1, n2=4)
    found = OR_INTERVALS["fisher-test"].function(table, 0.95)
    assert found.high.shape == (2, 2)
    assert np.isinf(found.high[1, 1])


def test_brent_finds_a_root_to_its_tolerance() -> None:
    assert brent(lambda x: np.cos(x) - x, 0.0, 1.0, 1e-13) == pytest.approx(
        0.7390851332151607, abs=1e-12
    )
