"""Answers of the room `effectsizes`: measures and conversions."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from k2stats.effectsizes import ZeroCells, effect_sizes, find_measure, needs
from k2stats.effectsizes.conversions import (
    cells_from_chi2,
    cells_from_odds_ratio,
    cells_from_phi,
    from_wald,
    mean_sd_from_quantiles,
    skewness_test,
    smd_from_p,
    smd_from_t,
)

Given: TypeAlias = Mapping[str, Any]
Answer: TypeAlias = Any

COLUMNS: dict[tuple[str, ...], tuple[str, ...]] = {
    ("events1", "n1", "events2", "n2"): ("ai", "n1i", "ci", "n2i"),
    ("mean1", "sd1", "n1", "mean2", "sd2", "n2"): (
        "m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i"
    ),
    ("mean1", "sd1", "mean2", "sd2", "n", "r"): (
        "m1i", "sd1i", "m2i", "sd2i", "ni", "ri"
    ),
    ("a", "b", "c", "d"): ("ai", "bi", "ci", "di"),
    ("events1", "time1", "events2", "time2"): ("x1i", "t1i", "x2i", "t2i"),
    ("events", "time"): ("xi", "ti"),
    ("events", "n"): ("xi", "ni"),
    ("mean", "sd", "n"): ("mi", "sdi", "ni"),
    ("sd", "n"): ("sdi", "ni"),
    ("r", "n"): ("ri", "ni"),
    ("alpha", "items", "n"): ("ai", "mi", "ni"),
    ("t", "n", "predictors"): ("ti", "ni", "mi"),
    ("t", "n", "predictors", "r2"): ("ti", "ni", "mi", "r2i"),
    ("r2", "n", "predictors"): ("r2i", "ni", "mi"),
    ("auc", "n1", "n2"): ("ai", "n1i", "n2i"),
    ("homozygous_dominant", "heterozygous", "homozygous_recessive"): (
        "ai", "bi", "ci"
    ),
}  # fmt: skip
"""What a measure needs, and the names of the same columns in the cases."""

FIVE = {"min": "minimum", "q1": "q1", "median": "median", "q3": "q3", "max": "maximum"}
COARSE = {"RTET": "FD"}
"""Measures whose figures come from a coarse search and second differences; k2stats
has that as a variance type of its own, beside the exact one (see README.md)."""


def effect_size(inputs: Given, options: Given) -> dict[str, Answer]:
    """Effects and sampling variances of many studies."""
    code = options["measure"]
    names = needs(code)[0]
    policy = None
    if {"add", "to"} & options.keys():
        policy = ZeroCells(
            add=options.get("add", 0.5),
            to=options.get("to", "only0"),
            drop_double_zero=options.get("drop00", False),
        )
    elif "drop00" in options:
        own = find_measure(code).zero_cells
        policy = replace(own, drop_double_zero=options["drop00"])
    found = effect_sizes(
        None,
        code,
        zero_cells=policy,
        vtype=options.get("vtype", COARSE.get(code, "LS")),
        keep_missing=True,
        **{
            ours: inputs[theirs]
            for ours, theirs in zip(names, COLUMNS[names], strict=True)
        },
    )
    return {"yi": found.y, "vi": found.v}


def conv_2x2(given: Given) -> Answer:
    """Cells from the margins and one statistic; their n2 is the first column."""
    n, n1, events = given["n"], given["n1"], given["n2"]
    margins = {"n1": n1, "n2": n - n1, "events": events}
    if "ori" in given:
        return cells_from_odds_ratio(given["ori"], **margins)
    if "phi" in given:
        return cells_from_phi(given["phi"], **margins)
    # Chi-squared has no sign; the tool takes the positive association.
    return cells_from_chi2(given["x2"], **margins, sign=1, yates=given["correct"])


def conv_wald(given: Given) -> Answer:
    """Estimate and variance from an interval, a p-value or a z beside a ratio."""
    names = {"lo": "low", "hi": "high", "p": "p", "z": "z"}
    printed = {names[word]: given[word] for word in names if word in given}
    made = from_wald(given["out"], **printed, log=given["log"])
    return [made.y, made.v]


def conv_fivenum(given: Given, method: str) -> Answer:
    """Mean and SD from quantiles."""
    printed = {FIVE[word]: given[word] for word in FIVE if word in given}
    mean, sd = mean_sd_from_quantiles(given["n"], **printed, method=method)
    return [mean, sd]


def skewtest(given: Given) -> Answer:
    """Test of a five-number summary for skewness."""
    printed = {FIVE[word]: given[word] for word in FIVE if word in given}
    test = skewness_test(given["n"], **printed)
    return {"t": test.statistic, "crit": test.critical, "skewed": bool(test.skewed)}


def escalc_smd(given: Given) -> Answer:
    """Standardized mean difference from a t statistic or its p-value."""
    sizes = {"n1": given["n1"], "n2": given["n2"]}
    made = (
        smd_from_t(given["ti"], **sizes)
        if "ti" in given
        else smd_from_p(given["p"], **sizes)
    )
    return [made.y, made.v]


CASES: dict[str, Callable[[Given, Given], dict[str, Answer]]] = {
    "effect_size": effect_size,
}
CHECKS: dict[str, Callable[[Any], Answer]] = {
    "conv_2x2": conv_2x2,
    "conv_wald": conv_wald,
    "conv_fivenum.luo_wan_shi": lambda g: conv_fivenum(g, "luo_wan_shi"),
    "conv_fivenum.wan2014": lambda g: conv_fivenum(g, "wan2014"),
    "conv_fivenum.hozo2005": lambda g: conv_fivenum(g, "hozo2005"),
    "conv_fivenum.bland2015": lambda g: conv_fivenum(g, "bland2015"),
    "conv_fivenum.skewtest": skewtest,
    "escalc_smd": escalc_smd,
}
