"""R's conditional odds ratios, and how far they lie from the roots.

R 4.2.2's `fisher.test` finds the odds ratio and its limits with `uniroot` at its
default tolerance, 2^-13 on the scale of the odds ratio or, above 1, of its
reciprocal. The printed figures are that far from the roots, up to 1.2% of a limit.
k2stats solves the equations, so that these cases do not hold; their p-values do.
"""

import mpmath
import pytest

from conformance import adapter, judge
from k2stats.evidence import TwoByTwo
from k2stats.significance import OR_INTERVALS

CASES = {c.id: c for c in judge.read_cases() if c.op == "two_by_two_tests"}
UNIROOT = 2.0**-13
"""A fourth root of the machine epsilon, the documented default of `tol`."""

ODDS = ("cond_or", "cond_or_low", "cond_or_high")


def conditional(
    table: tuple[int, int, int, int], odds_ratio: float
) -> tuple[mpmath.mpf, mpmath.mpf, mpmath.mpf]:
    """Mean of the events in group 1, P(X >= a) and P(X <= a), given the margins."""
    a, b, c, d = table
    n1, n2, m = a + b, c + d, a + c
    support = range(max(0, m - n2), min(n1, m) + 1)
    psi = mpmath.mpf(odds_ratio)
    weights = {
        x: mpmath.binomial(n1, x) * mpmath.binomial(n2, m - x) * psi**x for x in support
    }
    total = mpmath.fsum(weights.values())
    mean = mpmath.fsum(x * w for x, w in weights.items())
    above = mpmath.fsum(w for x, w in weights.items() if x >= a)
    below = mpmath.fsum(w for x, w in weights.items() if x <= a)
    return mean / total, above / total, below / total


def exact(name: str) -> dict[str, float]:
    """Estimate and limits by k2stats' own exact method."""
    a, b, c, d = CASES[name].inputs["table"]
    table = TwoByTwo.from_cells(a=a, b=b, c=c, d=d)
    found = OR_INTERVALS["exact"].function(table, 0.95)
    values = (found.estimate, found.low, found.high)
    return {key: float(x[0]) for key, x in zip(ODDS, values, strict=True)}


@pytest.mark.parametrize("name", CASES)
def test_the_odds_ratio_solves_its_equations(name: str) -> None:
    a, b, c, d = CASES[name].inputs["table"]
    table = (a, b, c, d)
    odds, low, high = exact(name).values()
    with mpmath.workdps(40):
        assert table[0] == pytest.approx(float(conditional(table, odds)[0]), rel=1e-12)
        tail = float(conditional(table, high)[2])
        assert tail == pytest.approx(0.025, rel=1e-11)
        if table[0] > 0:
            tail = float(conditional(table, low)[1])
            assert tail == pytest.approx(0.025, rel=1e-11)
        else:
            assert low == 0.0


@pytest.mark.parametrize("name", CASES)
def test_the_printed_odds_ratio_is_as_near_as_its_root_finder_went(name: str) -> None:
    case = CASES[name]
    found = exact(name)
    for key in ODDS:
        given, printed = found[key], float(case.expect[key])
        if max(given, printed) > 1.0:
            given, printed = 1.0 / given, 1.0 / printed
        assert abs(given - printed) <= UNIROOT
    off = [judge.disagreement(case.expect[k], found[k], 1e-5, 0.0) for k in ODDS]
    assert any(off)


@pytest.mark.parametrize("name", CASES)
def test_everything_but_the_odds_ratio_is_as_printed(name: str) -> None:
    case = CASES[name]
    answer = case.ask(adapter)
    for key in case.expect.keys() - set(ODDS):
        why = judge.disagreement(case.expect[key], answer[key], case.rtol, case.atol)
        assert why == "", key
