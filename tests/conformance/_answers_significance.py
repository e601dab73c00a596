"""Answers of the room `significance`: tests and intervals of 2x2 tables and means."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from k2stats.evidence import PrintedTwoMeans, Reported, TwoByTwo
from k2stats.significance import (
    OR_INTERVALS,
    PROPORTION_INTERVALS,
    RD_INTERVALS,
    RR_INTERVALS,
    TWO_BY_TWO_TESTS,
    altman_bland_p,
    altman_bland_z,
    ci_from_p,
    means_p_values,
    ratio_test,
    se_from_p,
)

Given: TypeAlias = Mapping[str, Any]
Answer: TypeAlias = Any

LEVEL = 0.95

P_2X2 = {
    "pearson": "pearson",
    "n-1": "n-1",
    "yates": "yates",
    "LR": "g",
    "fisher_minlike": "fisher",
    "fisher_2xone": "fisher-doubled",
    "midp_minlike": "midp",
    "midp_sas(fisher-.5p)": "midp-fisher",
    "midp_2xone": "midp-doubled",
    "wald_RD": "wald-rd",
    "agresti-caffo": "agresti-caffo",
    "wald_logRR": "log-rr",
    "wald_logOR": "log-or",
    "barnard_Zpooled": "barnard",
    "barnard_Zunpooled": "barnard-unpooled",
    "boschloo_2sided": "boschloo",
    "boschloo_2xone": "boschloo-doubled",
    "student_t_on_binary": "student-01",
}
"""The tests' names in the cases and in k2stats."""

CI_2X2 = {
    "newcombe": (RD_INTERVALS, "newcombe"),
    "AC": (RD_INTERVALS, "agresti-caffo"),
    "wald": (RD_INTERVALS, "wald"),
    "RR_katz": (RR_INTERVALS, "katz"),
    "RR_koopman": (RR_INTERVALS, "koopman"),
    "OR_woolf": (OR_INTERVALS, "woolf"),
    "OR_score_nocorr": (OR_INTERVALS, "score"),
}
PROP_CI = {"wilson": "wilson", "wilsoncc": "wilson-cc", "exact": "clopper-pearson"}
RD_SCORE_CI = {"MN": "miettinen-nurminen", "Mee": "mee"}


def _table(x1: int, n1: int, x2: int, n2: int) -> TwoByTwo:
    return TwoByTwo.from_counts(events1=x1, n1=n1, events2=x2, n2=n2)


def _p(test: str, table: TwoByTwo) -> float:
    return float(TWO_BY_TWO_TESTS[test].function(table).p[0])


def _limits(registry: Any, method: str, table: TwoByTwo) -> list[float]:
    result = registry[method].function(table, LEVEL)
    return [float(result.low[0]), float(result.high[0])]


def two_by_two_tests(inputs: Given, options: Given) -> dict[str, Answer]:
    """R's tests of a table of cells."""
    a, b, c, d = inputs["table"]
    table = TwoByTwo.from_cells(a=a, b=b, c=c, d=d)
    names = {
        "fisher": "fisher",
        "fisher_greater": "fisher-greater",
        "fisher_less": "fisher-less",
        "pearson": "pearson",
        "yates": "yates",
        "lr_g": "g",
    }
    exact = OR_INTERVALS["exact"].function(table, LEVEL)
    return {
        **{word: _p(name, table) for word, name in names.items()},
        "cond_or": exact.estimate,
        "cond_or_low": exact.low,
        "cond_or_high": exact.high,
    }


def p_2x2(given: Given) -> Answer:
    """All named tests of one table."""
    table = _table(**given)
    return {word: _p(name, table) for word, name in P_2X2.items()}


def barnard_zpooled(given: Sequence[int]) -> Answer:
    """Barnard's test, ordered by the pooled score statistic."""
    return _p("barnard", _table(*given))


def barnard_columns(given: Given) -> Answer:
    """Barnard's test of a table whose columns are the groups."""
    (a, c), (b, d) = given["table"]
    return _p("barnard", TwoByTwo.from_cells(a=a, b=b, c=c, d=d))


def ci_2x2(given: Sequence[int]) -> Answer:
    """Intervals of the three measures of one table."""
    table = _table(*given)
    return {
        word: _limits(registry, name, table)
        for word, (registry, name) in CI_2X2.items()
    }


def rd_score_ci(given: Given) -> Answer:
    """Score intervals of the risk difference, with and without N/(N-1)."""
    table = _table(**given)
    return {w: _limits(RD_INTERVALS, name, table) for w, name in RD_SCORE_CI.items()}


def prop_ci(given: Sequence[int]) -> Answer:
    """Intervals of one proportion."""
    events, n = (np.array([float(x)]) for x in given)
    answers = {}
    for word, name in PROP_CI.items():
        result = PROPORTION_INTERVALS[name].function(events, n, LEVEL)
        answers[word] = [result.low[0], result.high[0]]
    return answers


def altman_bland_ci_from_p(given: Given) -> Answer:
    """Altman and Bland's interval from an estimate and its p-value.

    Their difference is printed with z to three decimals and the SE to two, the
    ratio with four each, and limits with one.
    """
    est, p, log = [given["est"]], [given["p"]], given.get("log", False)
    interval = ci_from_p(est, p, log=log, method="altman-bland")
    places = {"z": 4, "se": 4} if log else {"z": 3, "se": 2}
    return {
        "z": altman_bland_z(p).round(places["z"]),
        "se": se_from_p(est, p, log=log, method="altman-bland").round(places["se"]),
        "ci": [interval.low.round(1), interval.high.round(1)],
    }


def altman_bland_p_from_ci(given: Given) -> Answer:
    """P-value of a ratio from its limits, approximate and exact, to five decimals."""
    result = ratio_test([given["est"]], [given["lo"]], [given["hi"]])
    return {
        "approx": altman_bland_p(result.statistic).round(5),
        "exact": result.p.round(5),
    }


def _two_means(words: Sequence[Any]) -> PrintedTwoMeans:
    m1, s1, n1, m2, s2, n2 = words
    return PrintedTwoMeans(
        *(Reported(m1), Reported(s1), n1),
        *(Reported(m2), Reported(s2), n2),
        spread="sd",
    )


def t_interval(given: Given) -> Answer:
    """Least p, p at the printed values, greatest p; Welch's over corners alone."""
    rows = means_p_values(
        _two_means([given[k] for k in ("m1", "s1", "n1", "m2", "s2", "n2")])
    )
    row = {r.name: r for r in rows}
    student, welch = row["student"], row["welch"]
    return {
        "student_min_mid_max": [student.low, student.midpoint, student.high],
        "welch_corner_min_mid_max": [
            welch.corner_low,
            welch.midpoint,
            welch.corner_high,
        ],
    }


def t_slicer(given: Sequence[Any]) -> Answer:
    """Whether each t-test can print the p-value."""
    *words, p = given
    rows = means_p_values(_two_means(words))
    can = {row.name: row.can_print(Reported(p)) for row in rows}
    return {"student": can["student"], "welch": can["welch"]}


CASES: dict[str, Callable[[Given, Given], dict[str, Answer]]] = {
    "two_by_two_tests": two_by_two_tests,
}
CHECKS: dict[str, Callable[[Any], Answer]] = {
    "p_2x2": p_2x2,
    "barnard_zpooled": barnard_zpooled,
    "barnard.DIVERGE": barnard_columns,
    "ci_2x2": ci_2x2,
    "rd_score_ci": rd_score_ci,
    "prop_ci": prop_ci,
    "altman_bland.ci_from_p": altman_bland_ci_from_p,
    "altman_bland.p_from_ci": altman_bland_p_from_ci,
    "t_interval": t_interval,
    "t_slicer": t_slicer,
}
