"""Exact tests given both margins, against rational enumeration."""

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import ArrayLike
from scipy import stats

from k2stats._typing import Alternative, Floats
from k2stats.evidence import TwoByTwo
from k2stats.significance import TWO_BY_TWO_TESTS

Counts = tuple[int, int, int, int]

# Reference cases p_2x2: x1, n1, x2, n2 and p to six digits. The first has no other
# table as likely as the observed one, the second and third have.
P_2X2: dict[Counts, dict[str, float]] = {
    (7, 12, 1, 7): {
        "fisher": 0.147297,
        "fisher-doubled": 0.1598,
        "midp": 0.110622,
        "midp-fisher": 0.110622,
        "midp-doubled": 0.086449,
    },
    (7, 34, 1, 34): {
        "fisher": 0.0544,
        "fisher-doubled": 0.0544,
        "midp": 0.029656,
        "midp-fisher": 0.042028,
        "midp-doubled": 0.029656,
    },
    (10, 100, 20, 100): {
        "fisher": 0.073428,
        "fisher-doubled": 0.073428,
        "midp": 0.050781,
        "midp-fisher": 0.062104,
        "midp-doubled": 0.050781,
    },
    # Wang 2025, fusion
    (33, 36, 26, 35): {
        "fisher": 0.06320273,
        "fisher-doubled": 0.09929859,
        "fisher-blaker": 0.06320273,
        "fisher-greater": 0.04964930,
        "fisher-less": 0.98972801,
        "midp": 0.04351408,
        "midp-fisher": 0.04351408,
        "midp-doubled": 0.05992129,
        "midp-greater": 0.02996064,
    },
}


def p_values(counts: Sequence[ArrayLike], name: str) -> Floats:
    x1, n1, x2, n2 = counts
    table = TwoByTwo.from_counts(events1=x1, n1=n1, events2=x2, n2=n2)
    return TWO_BY_TWO_TESTS[name].function(table).p


def by_enumeration(counts: Counts) -> dict[str, Fraction]:
    """Every exact conditional test, from the definitions, in rationals."""
    a, n1, c, n2 = counts
    m = a + c
    support = range(max(0, m - n2), min(n1, m) + 1)
    ways = {x: math.comb(n1, x) * math.comb(n2, m - x) for x in support}
    everything = math.comb(n1 + n2, m)
    pmf = {x: Fraction(w, everything) for x, w in ways.items()}
    own = pmf[a]
    zero = Fraction(0)
    low = {x: sum((pmf[y] for y in support if y <= x), zero) for x in support}
    high = {x: sum((pmf[y] for y in support if y >= x), zero) for x in support}
    smaller = {x: min(low[x], high[x]) for x in support}
    fewer = sum((p for p in pmf.values() if p < own), zero)
    ties = sum((p for p in pmf.values() if p == own), zero)
    return {
        "fisher": fewer + ties,
        "fisher-doubled": min(Fraction(1), 2 * smaller[a]),
        "fisher-blaker": sum(
            (pmf[x] for x in support if smaller[x] <= smaller[a]), zero
        ),
        "fisher-greater": high[a],
        "fisher-less": low[a],
        "midp": fewer + ties / 2,
        "midp-fisher": fewer + ties - own / 2,
        "midp-doubled": 2 * min(low[a], high[a]) - own,
        "midp-greater": high[a] - own / 2,
        "midp-less": low[a] - own / 2,
    }


@pytest.mark.parametrize("counts", P_2X2)
def test_reference_cases(counts: Counts) -> None:
    for name, expected in P_2X2[counts].items():
        tolerance = 0.5e-8 if counts == (33, 36, 26, 35) else 0.5e-6
        assert abs(p_values(counts, name)[0] - expected) <= tolerance, name


def test_every_small_table_against_enumeration() -> None:
    cases = [
        (a, n1, c, n2)
        for n1 in range(1, 9)
        for n2 in range(1, 9)
        for a in range(n1 + 1)
        for c in range(n2 + 1)
    ]
    exact = [by_enumeration(counts) for counts in cases]
    columns = tuple(np.array(column) for column in zip(*cases, strict=True))
    for name in exact[0]:
        expected = np.array([float(answer[name]) for answer in exact])
        np.testing.assert_allclose(p_values(columns, name), expected, rtol=2e-14)


def test_larger_tables_with_accidental_ties() -> None:
    # Groups of 14 and 20, and 15 and 24: several tables are exactly as likely as
    # another one although nothing is symmetric.
    cases = [
        (a, n1, c, n2)
        for n1, n2 in ((14, 20), (15, 24))
        for a in range(n1 + 1)
        for c in range(n2 + 1)
    ]
    exact = [by_enumeration(counts) for counts in cases]
    columns = tuple(np.array(column) for column in zip(*cases, strict=True))
    for name in ("fisher", "midp", "fisher-blaker"):
        expected = np.array([float(answer[name]) for answer in exact])
        np.testing.assert_allclose(p_values(columns, name), expected, rtol=2e-14)
    unsymmetric = [
        answer
        for (a, n1, c, n2), answer in zip(cases, exact, strict=True)
        if 2 * (a + c) != n1 + n2 and answer["midp"] != answer["midp-fisher"]
    ]
    assert len(unsymmetric) > 0


@pytest.mark.parametrize(
    "counts",
    [
        (449, 18176, 381, 18106),  # WHI, kidney stones
        (520, 18176, 381, 18106),
        (30, 100_000, 60, 99_999),
    ],
)
def test_large_tables_to_twelve_digits(counts: Counts) -> None:
    a, n1, c, n2 = counts
    m = a + c
    term = math.comb(n1, a) * math.comb(n2, c)
    tail = 0
    for x in range(a, m + 1):
        tail += term
        term = term * (n1 - x) * (m - x) // ((x + 1) * (n2 - m + x + 1))
    exact = float(Fraction(tail, math.comb(n1 + n2, m)))
    assert p_values(counts, "fisher-greater")[0] == pytest.approx(exact, rel=1e-12)


def test_kidney_stones() -> None:
    # WHI: Fisher .0204.
    assert abs(p_values((449, 18176, 381, 18106), "fisher")[0] - 0.0204) <= 0.5e-4


def test_common_events_in_arms_of_a_hundred_thousand() -> None:
    # Tail of the hypergeometric in integers: 2.9020309682789307e-05 and
    # 9.950322732570754e-18.
    counts = np.array([50_900, 51_900]), 100_000, 50_000, 100_000
    found = p_values(counts, "fisher-greater")
    expected = [2.9020309682789307e-05, 9.950322732570754e-18]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_scipys_fisher() -> None:
    rng = np.random.default_rng(7)
    n1, n2 = rng.integers(5, 80, 60), rng.integers(5, 80, 60)
    a, c = rng.binomial(n1, 0.3), rng.binomial(n2, 0.5)
    cells = np.array([[a, n1 - a], [c, n2 - c]])
    sides: dict[str, Alternative] = {
        "fisher": "two-sided",
        "fisher-greater": "greater",
        "fisher-less": "less",
    }
    for name, side in sides.items():
        peer = [
            stats.fisher_exact(cells[:, :, k], alternative=side)[1] for k in range(60)
        ]
        np.testing.assert_allclose(p_values((a, n1, c, n2), name), peer, rtol=1e-11)


def test_shapes_and_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    n1, n2 = rng.integers(1, 90, (4, 5)), rng.integers(1, 90, (4, 5))
    counts = rng.binomial(n1, 0.4), n1, rng.binomial(n2, 0.4), n2
    whole = p_values(counts, "fisher")
    assert whole.shape == (4, 5)
    monkeypatch.setattr("k2stats.numerics.hypergeometric._LARGEST_CHUNK", 50)
    np.testing.assert_array_equal(p_values(counts, "fisher"), whole)


def test_an_empty_margin_allows_one_table() -> None:
    for name in ("fisher", "fisher-doubled", "fisher-blaker", "fisher-greater"):
        assert p_values((0, 5, 0, 7), name)[0] == 1.0
        assert p_values((5, 5, 7, 7), name)[0] == 1.0
    assert p_values((0, 5, 0, 7), "midp-greater")[0] == 0.5
