"""Closed-form tests of 2x2 tables: risks, transformed risks, 0/1 outcomes."""

import mpmath
import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.proportion import proportions_ztest, test_proportions_2indep

from k2stats.evidence import TwoByTwo
from k2stats.significance import TWO_BY_TWO_TESTS, TestResult

compare_proportions = test_proportions_2indep
compare_proportions.__test__ = False
del test_proportions_2indep

# Wang 2025: fusion in 33 of 36 against 26 of 35. Each p was computed beforehand
# with scipy and statsmodels or by direct formulas, to the five digits given.
FUSION = {
    "wald-rd-greater": 0.02294,
    "g-greater": 0.02333,
    "score-greater": 0.02536,
    "neyman": 0.02713,
    "modified-lr": 0.03833,
    "freeman-tukey": 0.04297,
    "arcsine": 0.04408,
    "wald-rd": 0.04589,
    "g": 0.04665,
    "logistic-lr": 0.04665,
    "cressie-read": 0.04988,
    "score": 0.05073,
    "pearson": 0.05073,
    "yates-greater": 0.05081,
    "arcsine-anscombe": 0.05128,
    "g-williams": 0.05143,
    "student-01": 0.05169,
    "n-1": 0.05239,
    "mann-whitney": 0.05239,
    "mann-whitney-cc": 0.05347,
    "freeman-tukey-arcsine": 0.05361,
    "welch-01": 0.05394,
    "log-rr": 0.05918,
    "log-or": 0.06199,
    "logistic-wald": 0.06199,
    "logistic-wald-t": 0.06624,
    "haldane-anscombe": 0.06865,
    "log-rr-nonevents": 0.07049,
    "wald-rd-cc": 0.09437,
    "g-yates": 0.09754,
    "pooled-z-cc": 0.10162,
    "yates": 0.10162,
    "cmh-cc": 0.10406,
}

# Reference cases p_2x2 of the integrity set: x1, n1, x2, n2 and p to six digits.
P_2X2 = {
    (7, 34, 1, 34): {
        "pearson": 0.023926,
        "n-1": 0.024984,
        "yates": 0.059845,
        "g": 0.017326,
        "wald-rd": 0.01887,
        "agresti-caffo": 0.03514,
        "log-rr": 0.061628,
        "log-or": 0.051024,
        "student-01": 0.023831,
    },
    (7, 12, 1, 7): {
        "pearson": 0.060676,
        "n-1": 0.067878,
        "yates": 0.163254,
        "g": 0.050594,
        "wald-rd": 0.023381,
        "agresti-caffo": 0.068316,
        "log-rr": 0.141704,
        "log-or": 0.083237,
        "student-01": 0.065884,
    },
}

TABLES = [(33, 36, 26, 35), (1, 9, 11, 14), (449, 18176, 381, 18106), (5, 12, 5, 11)]
CLOSED = [entry.name for entry in TWO_BY_TWO_TESTS.entries(having="closed-form")]


def table(counts: tuple[int, int, int, int]) -> TwoByTwo:
    x1, n1, x2, n2 = counts
    return TwoByTwo.from_counts(events1=x1, n1=n1, events2=x2, n2=n2)


def run(name: str, counts: tuple[int, int, int, int]) -> TestResult:
    return TWO_BY_TWO_TESTS[name].function(table(counts))


def p(name: str, counts: tuple[int, int, int, int]) -> float:
    return float(run(name, counts).p[0])


def outcomes(events: int, n: int) -> list[int]:
    return [1] * events + [0] * (n - events)


@pytest.mark.parametrize(("name", "expected"), FUSION.items())
def test_fusion(name: str, expected: float) -> None:
    assert abs(p(name, (33, 36, 26, 35)) - expected) <= 0.5e-5


@pytest.mark.parametrize("counts", P_2X2)
def test_reference_cases(counts: tuple[int, int, int, int]) -> None:
    for name, expected in P_2X2[counts].items():
        assert abs(p(name, counts) - expected) <= 0.5e-6, name


def test_kidney_stones() -> None:
    # WHI: 449/18176 v 381/18106; Pearson .0197, Yates .0217.
    counts = (449, 18176, 381, 18106)
    assert abs(p("pearson", counts) - 0.0197) <= 0.5e-4
    assert abs(p("yates", counts) - 0.0217) <= 0.5e-4


@pytest.mark.parametrize("counts", TABLES)
def test_chi_squared_is_scipys(counts: tuple[int, int, int, int]) -> None:
    x1, n1, x2, n2 = counts
    cells = [[x1, n1 - x1], [x2, n2 - x2]]
    for name, corrected in (("pearson", False), ("yates", True)):
        peer = stats.chi2_contingency(cells, correction=corrected)
        assert run(name, counts).statistic[0] == pytest.approx(
            peer.statistic, rel=1e-11, abs=1e-15
        )
        assert p(name, counts) == pytest.approx(peer.pvalue, rel=1e-11)


@pytest.mark.parametrize("counts", TABLES)
def test_z_is_statsmodels(counts: tuple[int, int, int, int]) -> None:
    x1, n1, x2, n2 = counts
    z, _ = proportions_ztest([x1, x2], [n1, n2])
    assert run("score", counts).statistic[0] == pytest.approx(z, rel=1e-11)
    for name, method in (("wald-rd", "wald"), ("agresti-caffo", "agresti-caffo")):
        peer = compare_proportions(x1, n1, x2, n2, method=method, compare="diff")
        assert run(name, counts).statistic[0] == pytest.approx(
            peer.statistic, rel=1e-11
        )
    for name, compare in (("log-rr", "ratio"), ("log-or", "odds-ratio")):
        method = "log" if compare == "ratio" else "logit"
        peer = compare_proportions(x1, n1, x2, n2, method=method, compare=compare)
        assert run(name, counts).statistic[0] == pytest.approx(
            peer.statistic, rel=1e-11
        )


@pytest.mark.parametrize("counts", TABLES)
def test_tests_of_outcomes_are_scipys(counts: tuple[int, int, int, int]) -> None:
    x1, n1, x2, n2 = counts
    first, second = outcomes(x1, n1), outcomes(x2, n2)
    for name, equal in (("student-01", True), ("welch-01", False)):
        peer = stats.ttest_ind(first, second, equal_var=equal)
        assert p(name, counts) == pytest.approx(peer.pvalue, rel=1e-9)
    for name, corrected in (("mann-whitney", False), ("mann-whitney-cc", True)):
        ranks = stats.mannwhitneyu(
            first, second, use_continuity=corrected, method="asymptotic"
        )
        assert p(name, counts) == pytest.approx(ranks.pvalue, rel=1e-9)


def test_logistic_regression_is_statsmodels() -> None:
    y = np.array(outcomes(33, 36) + outcomes(26, 35))
    group = np.repeat([1.0, 0.0], [36, 35])
    fit = sm.Logit(y, sm.add_constant(group)).fit(disp=0, tol=1e-12)
    counts = (33, 36, 26, 35)
    assert p("logistic-wald", counts) == pytest.approx(fit.pvalues[1], rel=1e-9)
    assert p("logistic-lr", counts) == pytest.approx(fit.llr_pvalue, rel=1e-9)


@pytest.mark.parametrize(
    ("alias", "of"),
    [
        ("score", "pearson"),
        ("pooled-z-cc", "yates"),
        ("mann-whitney", "n-1"),
        ("logistic-wald", "log-or"),
        ("logistic-lr", "g"),
    ],
)
def test_an_alias_has_the_p_of_another(alias: str, of: str) -> None:
    assert "alias" in TWO_BY_TWO_TESTS[alias].traits
    for counts in TABLES:
        assert p(alias, counts) == pytest.approx(p(of, counts), rel=1e-12)


def test_a_correction_never_overshoots() -> None:
    # R's chisq.test: the correction is at most the deviation itself. With 20/40
    # v 20/40 and with 10/21 v 10/20 the deviation is 0 and under a half.
    for name in ("yates", "cmh-cc", "g-yates", "mann-whitney-cc", "pooled-z-cc"):
        assert p(name, (20, 40, 20, 40)) == 1.0
    for name in ("yates", "cmh-cc", "g-yates", "pooled-z-cc", "wald-rd-cc"):
        assert p(name, (10, 21, 10, 20)) == 1.0
    assert p("yates-greater", (10, 21, 10, 20)) == 0.5


UNDEFINED = {
    (0, 9, 0, 8): "no events",
    (9, 9, 8, 8): "only events",
    (9, 9, 0, 8): "1 v 0",
    (0, 9, 3, 8): "one zero cell",
    (9, 9, 3, 8): "one zero cell, of non-events",
    (0, 1, 1, 1): "two participants",
}
DEFINED_FOR_ALL = {
    "agresti-caffo",
    "haldane-anscombe",
    "arcsine",
    "arcsine-anscombe",
    "freeman-tukey-arcsine",
}
NEED_A_VARIANCE_WITHIN = {
    "wald-rd",
    "wald-rd-cc",
    "wald-rd-greater",
    "wald-rd-less",
    "student-01",
    "welch-01",
}
NEED_EVENTS_IN_BOTH = {"log-rr"}
NEED_NONEVENTS_IN_BOTH = {"log-rr-nonevents"}
NEED_EVERY_CELL = {
    "log-or",
    "logistic-wald",
    "logistic-wald-t",
    "neyman",
    "modified-lr",
}


def is_defined(name: str, counts: tuple[int, int, int, int]) -> bool:
    """The rules of the docstrings."""
    x1, n1, x2, n2 = counts
    y1, y2 = n1 - x1, n2 - x2
    if name in DEFINED_FOR_ALL:
        return True
    if name in NEED_A_VARIANCE_WITHIN:
        return bool(x1 * y1 or x2 * y2)
    if name in NEED_EVENTS_IN_BOTH:
        return bool(x1 and x2 and (y1 or y2))
    if name in NEED_NONEVENTS_IN_BOTH:
        return bool(y1 and y2 and (x1 or x2))
    if name in NEED_EVERY_CELL:
        return bool(x1 and y1 and x2 and y2)
    return bool((x1 or x2) and (y1 or y2))


@pytest.mark.parametrize("counts", UNDEFINED)
@pytest.mark.parametrize("name", CLOSED)
def test_nan_exactly_where_undefined(
    name: str, counts: tuple[int, int, int, int]
) -> None:
    assert np.isnan(p(name, counts)) != is_defined(name, counts)


def test_logarithm_of_p_stays_exact_where_p_underflows() -> None:
    result = run("pearson", (9000, 10000, 1000, 10000))
    assert result.p[0] == 0.0
    # X2 = N phi^2 = 20000 * .8^2 = 12800
    assert result.statistic[0] == pytest.approx(12800.0, rel=1e-12)
    with mpmath.workdps(40):
        exact = mpmath.log(mpmath.erfc(mpmath.sqrt(6400)))
    assert result.log_p[0] == pytest.approx(float(exact), rel=1e-13)


def test_each_entry_says_what_it_is() -> None:
    for name in CLOSED:
        entry = TWO_BY_TWO_TESTS[name]
        assert entry.label
        assert entry.reference
        assert entry.equation
        assert ("one-sided" in entry.traits) == name.endswith(("-greater", "-less"))
