"""Adjusted means print on the natural scale of their measure, limits in order."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import k2stats as k2
from k2stats.datasets import bcg
from k2stats.diagnostics._shown import natural, said, symbol

RATIOS = k2.effect_sizes(bcg.frame(), "RR", a="tpos", b="tneg", c="cpos", d="cneg")
DOORS: dict[str, Callable[[k2.EffectSizes], Any]] = {
    "trim and fill": k2.trim_fill,
    "PET-PEESE": k2.pet_peese,
    "WAAP-WLS": k2.waap_wls,
    "limit": k2.limit_meta_analysis,
    "selection": lambda es: k2.selection_model(es, alternative="less"),
    "p-uniform": lambda es: k2.p_uniform(es, side="left"),
    "p-uniform*": lambda es: k2.p_uniform_star(es, side="left"),
    "corrected": lambda es: k2.corrected_mean(es, 2.0, favours="negative"),
}


@pytest.mark.parametrize("name", DOORS)
def test_a_log_risk_ratio_prints_as_a_risk_ratio(name: str) -> None:
    found = DOORS[name](RATIOS)
    low, high = getattr(found, "ci", None) or (found.low, found.high)
    three = (float(np.ravel(x)[0]) for x in (found.estimate, low, high))
    a, b, c = (f"{math.exp(x):.3f}" for x in three)
    assert f"RR {a} (95% CI {b} to {c})" in repr(found)


def test_others_of_ratios() -> None:
    first = k2.copas(RATIOS)
    low, high = np.exp([np.nanmin(first.estimate), np.nanmax(first.estimate)])
    assert f"RR {low:.3f} to {high:.3f}" in repr(first)
    second = k2.publication_bias_s_value(RATIOS, favours="negative")
    worst = math.exp(second.worst_case.estimate)
    assert f"to reach 1 (RR); worst case {worst:.3f}" in repr(second)
    third = k2.reporting_bound(RATIOS, [1, 2])
    assert f"RR {math.exp(third.estimate):.3f}" in repr(third)


def test_a_falling_scale_keeps_its_limits_in_order() -> None:
    # vaccine efficacy is one less the risk ratio: log RR -1 (-2 to -0.5)
    text = said("VE", -1.0, -2.0, -0.5)
    low, mean, high = (1.0 - math.exp(x) for x in (-0.5, -1.0, -2.0))
    assert f"{mean:.3f} (95% CI {low:.3f} to {high:.3f})" in text


def test_a_scale_that_needs_sizes_says_that_it_stays() -> None:
    assert symbol("PFT") == "PFT (double-arcsine scale)"
    assert natural("PFT", 0.4) == 0.4
