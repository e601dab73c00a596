"""Four printed variances of a tetrachoric correlation of 1 or -1 are rounding.

With a zero cell the likelihood is greatest at r = 1 or r = -1, and there it is flat:
no information about r, hence no variance. The package asks for second differences of
width 1e-3 all the same. They see the last bits of a double, so that the information
they print is a whole number of units in the last place of the log-likelihood.
"""

import mpmath
import numpy as np
import pytest

from conformance import judge
from k2stats.effectsizes import effect_size
from k2stats.evidence import TwoByTwo

STEP = 1e-3
CASES = {c.id: c for c in judge.read_cases() if c.op == "effect_size"}
ROWS = [
    ("escalc/li2007/RTET", 15, 6),
    ("escalc/damico2009/RTET", 6, 16),
    ("escalc/karner2014/RTET", 16, 2),
    ("escalc/yusuf1985.6/RTET", 15, 8),
]
"""Case, row, and the printed information in units in the last place."""
SIGNS = (1, -1, -1, 1)
"""How the four cells move as r rises: a and d grow, b and c shrink."""


def cells_of(case: str, row: int) -> tuple[int, int, int, int]:
    given = {name: values[row] for name, values in CASES[case].inputs.items()}
    a, c = given["ai"], given["ci"]
    return a, given["n1i"] - a, c, given["n2i"] - c


def quantile(share: mpmath.mpf) -> mpmath.mpf:
    return mpmath.sqrt(2) * mpmath.erfinv(2 * share - 1)


def moved(cells: tuple[int, int, int, int], end: int, width: float) -> mpmath.mpf:
    """Probability that moves between the cells as r leaves `end` by `width`.

    The bivariate normal's derivative by r is its density (Plackett 1954).
    """
    a, b, c, _ = cells
    total = mpmath.mpf(sum(cells))
    h, k = quantile((a + b) / total), quantile((a + c) / total)

    def density(gap: mpmath.mpf) -> mpmath.mpf:
        r, one = end * (1 - gap), gap * (2 - gap)
        square = (h * h - 2 * r * h * k + k * k) / one
        return mpmath.exp(-square / 2) / (2 * mpmath.pi * mpmath.sqrt(one))

    return mpmath.quad(density, [0, width / 4, width / 2, width])


@pytest.mark.parametrize(("case", "row", "_units"), ROWS)
def test_the_likelihood_is_flat_where_it_is_greatest(
    case: str, row: int, _units: int
) -> None:
    cells = cells_of(case, row)
    total, end = sum(cells), CASES[case].expect["yi"][row]
    with mpmath.workdps(60):
        shares = [mpmath.mpf(x) / total for x in cells]
        first, second = shares[0] + shares[1], shares[0] + shares[2]
        # At the end the normal cut at the margins gives back all four cells, so that
        # no other correlation can be more likely.
        most = min(first, second) if end == 1 else max(first + second - 1, 0)
        assert mpmath.almosteq(most, shares[0], abs_eps=1e-50)
        best = mpmath.fsum(
            x * mpmath.log(p) for x, p in zip(cells, shares, strict=True) if x
        )
        # Twice the width of the differences, and the 1.2e-4 at which the search ends.
        gone = moved(cells, end, 2 * STEP + 2e-4)
        change = mpmath.fsum(
            x * mpmath.log1p(-end * sign * gone / p)
            for x, p, sign in zip(cells, shares, SIGNS, strict=True)
            if x
        )
        assert 0 < -change < mpmath.mpf(10) ** -60 * -best


@pytest.mark.parametrize(("case", "row", "units"), ROWS)
def test_the_printed_variance_is_rounding(case: str, row: int, units: int) -> None:
    cells = np.array(cells_of(case, row), dtype=float)
    some = cells[cells > 0]
    last_place = float(np.spacing(-np.sum(some * np.log(some / some.sum()))))
    # A second difference of four corners: their sum over 4 h^2.
    information = 1 / CASES[case].expect["vi"][row]
    seen = information * 4 * STEP**2 / last_place
    assert seen == pytest.approx(units, rel=1e-9)


@pytest.mark.parametrize(("case", "row", "_units"), ROWS)
def test_what_k2stats_answers(case: str, row: int, _units: int) -> None:
    a, b, c, d = cells_of(case, row)
    table = TwoByTwo.from_cells(a=a, b=b, c=c, d=d)
    for vtype in ("LS", "FD"):
        found = effect_size(table, "RTET", vtype=vtype)
        assert found.y.item() == CASES[case].expect["yi"][row]
        assert np.isnan(found.v).all()


def test_other_tables_of_the_same_kind_have_no_printed_variance() -> None:
    alike = {
        (case.id, row): case.expect["vi"][row]
        for case in CASES.values()
        if case.id.endswith("/RTET")
        for row, y in enumerate(case.expect["yi"])
        if y is not None and abs(y) == 1
    }
    numbers = {key for key, v in alike.items() if v is not None}
    assert numbers == {(case, row) for case, row, _ in ROWS}
    assert len(alike) > len(numbers)
