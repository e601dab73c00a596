"""Paired tests: the case series of Tsuchie 2012, brute force, scipy."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from k2stats._typing import Floats
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence import PairedMeans, PairedRows, Reported
from k2stats.significance._base import PAIRS_TESTS
from k2stats.significance.paired_rows import (
    paired_means_interval,
    paired_means_test,
    pairs_p_values,
    summarise_pairs,
    whole_differences,
)
from k2stats.significance.pairs import (
    MOST_FLIPPED,
    MOST_RANKED,
    smallest_wilcoxon_p,
)


def pairs(before: str, after: str) -> PairedRows:
    """Return printed pairs from two columns in words."""
    return PairedRows(
        tuple(map(Reported, before.split())), tuple(map(Reported, after.split()))
    )


# Tsuchie 2012, table I and the text's finer digits, first against last visit: set,
# before, after, n, mean difference, SD, t p, exact Wilcoxon p, sign p, interval,
# mean change in percent, recomputed from the printed values with scipy.
SETS = [
    (
        "LS BMD table, 4 episodes",
        ("0.71 0.75 0.79 0.90", "0.75 0.78 0.78 0.92"),
        ("0.0200", "0.0216", "0.161", 0.25, 0.625, "-0.014", "0.054", "2.6"),
    ),
    (
        "LS BMD table, 3 patients",
        ("0.71 0.75 0.90", "0.75 0.78 0.92"),
        ("0.0300", "0.0100", "0.035", 0.25, 0.25, "0.005", "0.055", "4.0"),
    ),
    (
        "LS BMD text digits, 3 patients",
        ("0.714 0.750 0.901", "0.749 0.775 0.920"),
        ("0.0263", "0.0081", "0.030", 0.25, 0.25, "0.006", "0.046", "3.4"),
    ),
    (
        "LS BMD text digits and table .79, 4 episodes",
        ("0.714 0.750 0.79 0.901", "0.749 0.775 0.778 0.920"),
        ("0.01675", "0.0203", "0.197", 0.25, 0.625, "-0.016", "0.049", "2.2"),
    ),
    (
        "Femur BMD table, 4 episodes",
        ("0.59 0.54 0.57 0.75", "0.67 0.53 0.56 0.78"),
        ("0.0225", "0.0427", "0.370", 0.625, 1.0, "-0.045", "0.090", "3.5"),
    ),
    (
        "Femur BMD table, 3 patients",
        ("0.59 0.54 0.75", "0.67 0.53 0.78"),
        ("0.0333", "0.0451", "0.329", 0.5, 1.0, "-0.079", "0.145", "5.2"),
    ),
    (
        "Femur BMD text digits, 3 patients",
        ("0.589 0.539 0.749", "0.674 0.569 0.780"),
        ("0.0487", "0.0315", "0.116", 0.25, 0.25, "-0.030", "0.127", "8.0"),
    ),
    (
        "Femur BMD text digits and table .57, 4 episodes",
        ("0.589 0.539 0.57 0.749", "0.674 0.569 0.564 0.780"),
        ("0.0350", "0.0375", "0.159", 0.25, 0.625, "-0.025", "0.095", "5.8"),
    ),
    (
        "NTX, all 4",
        ("151 25 52.2 31", "14 18 9.3 9.0"),
        ("-52.2250", "58.4026", "0.172", 0.125, 0.125, "-145.157", "40.707", "-68.0"),
    ),
    (
        "NTX text digits",
        ("151.4 25 52.2 30.8", "14 18 9.3 9.0"),
        ("-52.2750", "58.6308", "0.173", 0.125, 0.125, "-145.570", "41.020", "-67.9"),
    ),
    (
        "NTX urine only",
        ("151 52.2", "14 9.3"),
        ("-89.9500", "66.5387", "0.307", 0.5, 0.5, "-687.777", "507.877", "-86.5"),
    ),
    (
        "NTX serum only",
        ("25 31", "18 9.0"),
        ("-14.5000", "10.6066", "0.304", 0.5, 0.5, "-109.797", "80.797", "-49.5"),
    ),
    (
        "BAP",
        ("23 46 32", "14 13 13"),
        ("-20.3333", "12.0554", "0.100", 0.25, 0.25, "-50.281", "9.614", "-56.7"),
    ),
    (
        "Ca",
        ("9.4 9.5 9.2 10.9", "9.2 9.2 8.8 9.4"),
        ("-0.6000", "0.6055", "0.142", 0.125, 0.125, "-1.564", "0.364", "-5.8"),
    ),
    (
        "IP",
        ("4.4 3.7 3.7 4.6", "2.8 3.9 3.4 3.4"),
        ("-0.7250", "0.8221", "0.176", 0.25, 0.625, "-2.033", "0.583", "-16.3"),
    ),
    (
        "PTH",
        ("61 7", "13 28"),
        ("-13.5000", "48.7904", "0.763", 1.0, 1.0, "-451.864", "424.864", "110.7"),
    ),
]


@pytest.mark.parametrize(("_", "columns", "expected"), SETS, ids=[s[0] for s in SETS])
def test_case_series(
    _: str,
    columns: tuple[str, str],
    expected: tuple[str, str, str, float, float, str, str, str],
) -> None:
    rows = pairs(*columns)
    mean, sd, t_p, wilcoxon_p, sign_p, low, high, percent = expected
    found = summarise_pairs(rows)
    assert found.n == len(rows.before)
    for got, printed in (
        (found.mean, mean),
        (found.sd, sd),
        (found.low, low),
        (found.high, high),
        (found.mean_percent, percent),
    ):
        assert got in Reported(printed).interval
    p = {row.name: row.midpoint for row in pairs_p_values(rows)}
    assert p["paired-t"] in Reported(t_p).interval
    assert p["wilcoxon"] == wilcoxon_p
    assert p["wilcoxon-pratt"] == wilcoxon_p  # no change is zero
    assert p["sign"] == sign_p
    # from the raw differences as well
    for name in ("paired-t", "wilcoxon", "sign", "permutation"):
        direct = float(PAIRS_TESTS[name].function(rows.differences).p)
        assert direct == pytest.approx(p[name], rel=1e-9)


def test_ntx_on_the_log_scale() -> None:
    # log-scale mean ratio .242 (.061-.958), p .046
    rows = pairs("151 25 52.2 31", "14 18 9.3 9.0")
    logs = np.log([float(x.value) for x in rows.after]) - np.log(
        [float(x.value) for x in rows.before]
    )
    result = PAIRS_TESTS["paired-t"].function(logs)
    assert float(result.p) in Reported("0.046").interval
    means = PairedMeans.from_summary(
        mean_difference=logs.mean(), sd_difference=logs.std(ddof=1), n=4
    )
    interval = paired_means_interval(means)
    for got, printed in (
        (interval.estimate, "0.242"),
        (interval.low, "0.061"),
        (interval.high, "0.958"),
    ):
        assert float(np.exp(got[0])) in Reported(printed).interval


def test_smallest_wilcoxon_p() -> None:
    assert smallest_wilcoxon_p(4) == 0.125
    assert smallest_wilcoxon_p(3) == 0.25
    assert smallest_wilcoxon_p(1) == 1.0
    for n in range(1, 12):
        rises = np.arange(1.0, n + 1)
        for name in ("wilcoxon", "wilcoxon-pratt", "sign", "permutation"):
            p = float(PAIRS_TESTS[name].function(rises).p)
            assert p == pytest.approx(smallest_wilcoxon_p(n), rel=1e-12)
    with pytest.raises(InvalidEvidenceError, match=r"n must be at least 1, got 0"):
        smallest_wilcoxon_p(0)


def brute(differences: Floats, *, pratt: bool = False) -> tuple[float, float]:
    """Exact Wilcoxon and permutation p over all 2^n sign flips, in fractions."""
    d: list[Fraction] = [Fraction(x) for x in differences.tolist()]
    kept = d if pratt else [x for x in d if x]
    sizes = [abs(x) for x in kept]
    ranks = [
        Fraction(2 * sum(s < x for s in sizes) + sum(s == x for s in sizes) + 1, 2)
        for x in sizes
    ]
    ranked = [(x, r) for x, r in zip(kept, ranks, strict=True) if x]
    observed = sum((r for x, r in ranked if x > 0), Fraction(0))
    total = sum((r for _, r in ranked), Fraction(0))
    shift = float(abs(observed - total / 2))  # a multiple of 1/4: nothing is rounded
    flips = list(itertools.product((0, 1), repeat=len(ranked)))
    far = sum(
        abs(
            float(
                sum(r for k, (_, r) in zip(flip, ranked, strict=True) if k) - total / 2
            )
        )
        >= shift
        for flip in flips
    )
    signs = list(itertools.product((-1, 1), repeat=len(d)))
    far_sum = abs(float(sum(d, Fraction(0))))  # whole numbers: nothing is rounded
    moved = sum(
        abs(float(sum(s * abs(x) for s, x in zip(sign, d, strict=True)))) >= far_sum
        for sign in signs
    )
    return far / len(flips), moved / len(signs)


@settings(max_examples=60)
@given(st.lists(st.integers(-6, 6), min_size=1, max_size=9))
def test_exact_tests_are_those_of_all_sign_flips(values: list[int]) -> None:
    d = np.array(values, dtype=float)
    signed_rank, moved = brute(d)
    pratt, _ = brute(d, pratt=True)
    found = {n: float(PAIRS_TESTS[n].function(d).p) for n in PAIRS_TESTS}
    assert found["wilcoxon"] == pytest.approx(signed_rank, abs=1e-12)
    assert found["wilcoxon-pratt"] == pytest.approx(pratt, abs=1e-12)
    assert found["permutation"] == pytest.approx(moved, abs=1e-12)


@settings(max_examples=60)
@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=40, unique=True), st.data())
def test_scipy_agrees_without_ties(sizes: list[int], data: st.DataObject) -> None:
    signs = data.draw(
        st.lists(st.sampled_from([-1, 1]), min_size=len(sizes), max_size=len(sizes))
    )
    d = np.array(sizes, dtype=float) * signs
    right = stats.wilcoxon(d, method="exact")
    result = PAIRS_TESTS["wilcoxon"].function(d)
    assert float(result.p) == pytest.approx(float(right.pvalue), rel=1e-9)
    assert min(result.statistic, d.size * (d.size + 1) / 2 - result.statistic) == (
        right.statistic
    )


@settings(max_examples=60)
@given(st.lists(st.integers(-9, 9), min_size=2, max_size=60))
def test_scipy_agrees_on_the_approximations(values: list[int]) -> None:
    d = np.array(values, dtype=float)
    if not d.any():
        return
    for name, correction in (("wilcoxon-normal", False), ("wilcoxon-continuity", True)):
        right = stats.wilcoxon(d, correction=correction, method="approx")
        p = float(PAIRS_TESTS[name].function(d).p)
        # scipy's correction overshoots a deviation below one half
        if name == "wilcoxon-normal" or p < 1:
            assert p == pytest.approx(float(right.pvalue), rel=1e-9)


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=80))
def test_sign_test_is_the_binomial_test(values: list[int]) -> None:
    d = np.array(values, dtype=float)
    up, down = int((d > 0).sum()), int((d < 0).sum())
    right = stats.binomtest(up, up + down).pvalue if up + down else 1.0
    result = PAIRS_TESTS["sign"].function(d)
    assert float(result.p) == pytest.approx(float(right), rel=1e-9)
    assert float(result.statistic) == up - down


@given(st.lists(st.integers(-1000, 1000), min_size=2, max_size=30))
def test_t_is_scipys(values: list[int]) -> None:
    d = np.array(values, dtype=float)
    result = PAIRS_TESTS["paired-t"].function(d)
    if np.ptp(d) == 0:
        assert np.isnan(result.p)
    else:
        right = stats.ttest_1samp(d, 0.0)
        assert float(result.statistic) == pytest.approx(float(right.statistic))
        assert float(result.p) == pytest.approx(float(right.pvalue), rel=1e-7)


@given(
    st.lists(st.integers(-99, 99), min_size=1, max_size=14), st.sampled_from([2.0, 0.5])
)
def test_sign_and_scale_do_not_matter(values: list[int], scale: float) -> None:
    d = np.array(values, dtype=float)
    for entry in PAIRS_TESTS.entries():
        p = entry.function(d).p
        np.testing.assert_allclose(entry.function(-d).p, p, rtol=1e-12)
        np.testing.assert_allclose(entry.function(scale * d).p, p, rtol=1e-9)
        np.testing.assert_allclose(entry.function(d[::-1]).p, p, rtol=1e-9)
        assert np.isnan(p) or 0.0 < p <= 1.0


def test_batches_are_their_rows() -> None:
    rng = np.random.default_rng(3)
    d = rng.integers(-4, 5, (2, 3, 8)).astype(float)
    d[0, 1] = 0.0
    d[1, 2, 4] = np.nan
    for entry in PAIRS_TESTS.entries():
        result = entry.function(d)
        assert result.p.shape == (2, 3)
        assert np.isnan(result.p[1, 2])
        for index in np.ndindex(2, 3):
            np.testing.assert_allclose(
                result.p[index], entry.function(d[index]).p, rtol=1e-12
            )


def test_all_zero_differences() -> None:
    d = np.zeros(5)
    for name in ("wilcoxon", "wilcoxon-pratt", "sign", "permutation"):
        assert float(PAIRS_TESTS[name].function(d).p) == 1.0
    for name in ("paired-t", "wilcoxon-normal"):
        assert np.isnan(PAIRS_TESTS[name].function(d).p)


def test_pratt_ranks_zeros() -> None:
    # 0, 1, 2, 3 with -1: dropping the zero gives ranks 1..3, Pratt 2..4
    d = np.array([0.0, -1.0, 2.0, 3.0, 4.0])
    assert float(PAIRS_TESTS["wilcoxon"].function(d).statistic) == 9.0
    assert float(PAIRS_TESTS["wilcoxon-pratt"].function(d).statistic) == 12.0


def test_decimals_tie_exactly() -> None:
    # in binary .11 - .07 is below .04, so that float differences break the tie
    rows = pairs("0.01 0.00 0.11 0.20", "0.05 0.04 0.07 0.23")
    broken = np.array([0.05 - 0.01, 0.04 - 0.00, 0.07 - 0.11, 0.23 - 0.20])
    assert len(set(np.abs(broken).tolist())) == 3
    assert whole_differences(rows).tolist() == [4.0, 4.0, -4.0, 3.0]
    assert len(set(np.abs(rows.differences).tolist())) == 2
    exact, _ = brute(whole_differences(rows))
    p = {row.name: row.midpoint for row in pairs_p_values(rows)}
    assert p["wilcoxon"] == exact
    assert float(PAIRS_TESTS["wilcoxon"].function(rows.differences).p) == exact
    # the permutation test forgives what binary sums add
    _, moved = brute(whole_differences(rows))
    assert float(PAIRS_TESTS["permutation"].function(broken).p) == moved


@given(
    st.lists(
        st.tuples(st.integers(-500, 500), st.integers(-500, 500)),
        min_size=1,
        max_size=12,
    ),
    st.integers(0, 4),
)
def test_whole_differences_are_the_differences(
    values: list[tuple[int, int]], places: int
) -> None:
    scale = 10**places
    rows = PairedRows(
        tuple(Reported(f"{b / scale:.{places}f}") for b, _ in values),
        tuple(Reported(f"{a / scale:.{places}f}") for _, a in values),
    )
    whole = whole_differences(rows)
    exact = [Fraction(a - b) for b, a in values]
    divisor = math.gcd(*(int(x) for x in exact)) or 1
    assert whole.tolist() == [float(x / divisor) for x in exact]
    np.testing.assert_allclose(
        rows.differences, [float(x / scale) for x in exact], rtol=1e-15
    )


def test_differences_beyond_double_precision_are_refused() -> None:
    with pytest.raises(InvalidEvidenceError, match=r"of fewer digits: sums beyond"):
        whole_differences(pairs("0.00000000000001 3", "9000 4"))


def test_many_pairs() -> None:
    rng = np.random.default_rng(5)
    d = np.arange(1.0, 45.0) * rng.choice([-1, 1], 44, p=[0.3, 0.7])
    # the exact tests of many pairs lie close to their normal approximations
    exact = float(PAIRS_TESTS["wilcoxon"].function(d).p)
    normal = float(PAIRS_TESTS["wilcoxon-continuity"].function(d).p)
    assert exact == pytest.approx(normal, rel=0.05)
    # ranks are the values here, so that the permutation test is the signed-rank test
    small = d[:22]
    assert float(PAIRS_TESTS["permutation"].function(small).p) == pytest.approx(
        float(PAIRS_TESTS["wilcoxon"].function(small).p), rel=1e-12
    )


def test_too_many_pairs_are_refused_and_named() -> None:
    d = np.arange(1.0, MOST_FLIPPED + 2)
    with pytest.raises(InvalidEvidenceError, match=r"at most 44 pairs"):
        PAIRS_TESTS["permutation"].function(d)
    with pytest.raises(InvalidEvidenceError, match=r"at most 1000 pairs"):
        PAIRS_TESTS["wilcoxon"].function(np.arange(1.0, MOST_RANKED + 2))
    rows = pairs(" ".join(["0"] * 45), " ".join(str(k) for k in range(1, 46)))
    by_name = {row.name: row for row in pairs_p_values(rows)}
    assert "at most 44 pairs" in by_name["permutation"].note
    assert math.isnan(by_name["permutation"].midpoint)
    assert by_name["wilcoxon"].midpoint == pytest.approx(smallest_wilcoxon_p(45))


def test_one_pair() -> None:
    rows = pairs("1.0", "1.5")
    found = summarise_pairs(rows)
    assert found.mean == 0.5
    assert math.isnan(found.sd)
    assert math.isnan(found.low)
    assert found.mean_percent == 50.0
    assert np.isnan(PAIRS_TESTS["paired-t"].function(rows.differences).p)


def test_percent_of_nothing_is_undefined() -> None:
    assert math.isnan(summarise_pairs(pairs("0 1", "1 2")).mean_percent)


def test_paired_means_match_the_rows() -> None:
    rows = pairs("0.71 0.75 0.79 0.90", "0.75 0.78 0.78 0.92")
    found = summarise_pairs(rows, level=0.9)
    means = PairedMeans.from_summary(
        mean_difference=[found.mean, 1.0], sd_difference=[found.sd, 0.0], n=4
    )
    result = paired_means_test(means)
    t_p = float(PAIRS_TESTS["paired-t"].function(rows.differences).p)
    np.testing.assert_allclose(result.p, np.array([t_p, np.nan]))
    interval = paired_means_interval(means, 0.9)
    assert interval.low[0] == pytest.approx(found.low)
    assert interval.high[0] == pytest.approx(found.high)
