"""The power-divergence family on 2x2 tables."""

import mpmath
import numpy as np
import pytest
from scipy import stats

from k2stats.evidence import TwoByTwo
from k2stats.significance import TWO_BY_TWO_TESTS

POWERS = {
    "pearson": 1.0,
    "cressie-read": 2.0 / 3.0,
    "g": 0.0,
    "freeman-tukey": -0.5,
    "modified-lr": -1.0,
    "neyman": -2.0,
}


def statistic(name: str, cells: list[int]) -> float:
    a, b, c, d = cells
    table = TwoByTwo.from_cells(a=a, b=b, c=c, d=d)
    return float(TWO_BY_TWO_TESTS[name].function(table).statistic[0])


def random_cells(count: int, least: int) -> list[list[int]]:
    rng = np.random.default_rng(20250101)
    cells: list[list[int]] = rng.integers(least, 60, size=(count, 4)).tolist()
    return cells


@pytest.mark.parametrize("name", POWERS)
@pytest.mark.parametrize("cells", random_cells(8, 1))
def test_scipys_family(name: str, cells: list[int]) -> None:
    a, b, c, d = cells
    peer = stats.chi2_contingency(
        [[a, b], [c, d]], correction=False, lambda_=POWERS[name]
    )
    assert statistic(name, cells) == pytest.approx(peer.statistic, rel=1e-10, abs=1e-14)


@pytest.mark.parametrize("cells", random_cells(8, 1))
def test_scipys_corrected_g(cells: list[int]) -> None:
    a, b, c, d = cells
    peer = stats.chi2_contingency([[a, b], [c, d]], lambda_="log-likelihood")
    assert statistic("g-yates", cells) == pytest.approx(
        peer.statistic, rel=1e-10, abs=1e-14
    )


@pytest.mark.parametrize("cells", [[0, 9, 3, 5], [4, 0, 0, 7], [0, 5, 4, 0]])
@pytest.mark.parametrize("name", ["g", "cressie-read", "freeman-tukey"])
def test_zero_cells_have_their_limit(name: str, cells: list[int]) -> None:
    # The family is continuous in the cells for lambda > -1: a cell of 1e-25 of an
    # event, by mpmath, gives the value to 1e-10.
    with mpmath.workdps(60):
        a, b, c, d = (mpmath.mpf(x) or mpmath.mpf("1e-25") for x in cells)
        total = a + b + c + d
        limit = mpmath.mpf(0)
        for o, row, column in (
            (a, a + b, a + c),
            (b, a + b, b + d),
            (c, c + d, a + c),
            (d, c + d, b + d),
        ):
            power, e = mpmath.mpf(POWERS[name]), row * column / total
            if name == "g":
                limit += 2 * o * mpmath.log(o / e)
            else:
                limit += 2 / (power * (power + 1)) * o * ((o / e) ** power - 1)
    assert statistic(name, cells) == pytest.approx(float(limit), rel=1e-10)


def test_freeman_tukeys_other_form() -> None:
    # CR(-1/2) = 4 sum (sqrt O - sqrt E)^2: Freeman and Tukey (1950).
    observed = np.array([[33.0, 3.0], [26.0, 9.0]])
    expected = stats.contingency.expected_freq(observed)
    direct = 4.0 * np.sum((np.sqrt(observed) - np.sqrt(expected)) ** 2)
    assert statistic("freeman-tukey", [33, 3, 26, 9]) == pytest.approx(direct)


@pytest.mark.parametrize("name", POWERS)
def test_nothing_cancels_near_no_association(name: str) -> None:
    # Two arms of ten million that differ by one event: the statistic is 2e-7 and is
    # the sum of terms of a few units. By mpmath with 60 digits.
    a, c, n = 5_000_001, 5_000_000, 10_000_000
    with mpmath.workdps(60):
        half = mpmath.mpf(a + c) / 2
        pairs = [(a, half), (n - a, n - half), (c, half), (n - c, n - half)]
        power = mpmath.mpf(POWERS[name])
        if name == "g":
            exact = 2 * sum(o * mpmath.log(o / e) for o, e in pairs)
        elif name == "modified-lr":
            exact = 2 * sum(e * mpmath.log(e / o) for o, e in pairs)
        else:
            scale = 2 / (power * (power + 1))
            exact = scale * sum(o * ((o / e) ** power - 1) for o, e in pairs)
    found = statistic(name, [a, n - a, c, n - c])
    assert found == pytest.approx(float(exact), rel=2e-8)


def test_williams_factor() -> None:
    # q = 1 + (N/n1 + N/n2 - 1)(N/m + N/(N-m) - 1) / (6 N), N 71, groups 36 and 35,
    # outcomes 59 and 12.
    q = 1 + (71 / 36 + 71 / 35 - 1) * (71 / 59 + 71 / 12 - 1) / (6 * 71)
    cells = [33, 3, 26, 9]
    assert statistic("g-williams", cells) == pytest.approx(statistic("g", cells) / q)


def test_signed_root() -> None:
    root = statistic("g-greater", [33, 3, 26, 9])
    assert root == pytest.approx(np.sqrt(statistic("g", [33, 3, 26, 9])))
    assert statistic("g-less", [26, 9, 33, 3]) == pytest.approx(-root)
