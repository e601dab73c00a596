"""Answers of the room `diagnostics`: influence, small-study effects, selection."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from conformance import dorn2007
from k2stats.diagnostics import p_curve, r_index, tiva
from k2stats.diagnostics.excess_significance import excess_significance
from k2stats.diagnostics.fail_safe import fail_safe_n
from k2stats.diagnostics.influence import influence
from k2stats.diagnostics.pet_peese import pet_peese
from k2stats.diagnostics.selection import selection_model
from k2stats.diagnostics.small_study import asymmetry_test, egger_test
from k2stats.diagnostics.trim_fill import trim_fill
from k2stats.effectsizes import EffectSizes, effect_sizes
from k2stats.evidence import TwoByTwo

Given: TypeAlias = Mapping[str, Any]
Answer: TypeAlias = Any

INFLUENCE = (
    "rstudent",
    "dffits",
    "cook_d",
    "cov_r",
    "tau2_del",
    "QE_del",
    "hat",
    "weight",
)


def effects(inputs: Given) -> EffectSizes:
    """Estimates and variances as given."""
    return EffectSizes.from_arrays(inputs["yi"], inputs["vi"], check_scale=False)


def influences(inputs: Given, options: Given) -> dict[str, Answer]:
    """What leaving each study out changes."""
    found = influence(effects(inputs), tau2=options["method"])
    return {name: getattr(found, name) for name in INFLUENCE}


def egger(inputs: Given, options: Given) -> dict[str, Answer]:
    """Egger's regression by model and predictor."""
    found = egger_test(
        effects(inputs), model=options["model"], predictor=options["predictor"]
    )
    return {
        "statistic": found.statistic,
        "p_value": found.p,
        "limit": found.limit,
    }


def begg(inputs: Given, options: Given) -> dict[str, Answer]:
    """Begg and Mazumdar's rank correlation."""
    name = "begg-exact" if options["exact"] else "begg"
    found = asymmetry_test(effects(inputs), name)
    return {"tau": found.estimate, "p_value": found.p}


def asymmetry(inputs: Given, options: Given) -> dict[str, Answer]:
    """Tests of asymmetry that need counts."""
    table = TwoByTwo.from_counts(
        events1=inputs["ai"], n1=inputs["n1i"], events2=inputs["ci"], n2=inputs["n2i"]
    )
    found = asymmetry_test(table, options["method"], measure=options["measure"])
    return {"statistic": found.statistic, "p_value": found.p}


def precision_effect(inputs: Given, options: Given) -> dict[str, Answer]:
    """PET or PEESE."""
    found = pet_peese(effects(inputs), options["stage"])
    return {
        "estimate": found.estimate,
        "se": found.se,
        "p_value": found.p,
        "slope": found.slope,
        "slope_p": found.slope_p,
    }


def fail_safe(inputs: Given, options: Given) -> dict[str, Answer]:
    """Rosenthal's and Rosenberg's numbers of null studies."""
    return {
        name: fail_safe_n(effects(inputs), name).n
        for name in ("rosenthal", "rosenberg")
    }


def excess(inputs: Given, options: Given) -> dict[str, Answer]:
    """Observed and expected significant studies."""
    found = excess_significance(effects(inputs), test="auto")
    return {
        "observed": found.observed,
        "expected": found.expected,
        "p_value": found.p,
    }


SELECTION = {
    "stepfun": "step",
    "beta": "beta",
    "halfnorm": "half-normal",
    "negexp": "negative-exponential",
    "logistic": "logistic",
    "power": "power",
    "truncest": "truncated",
}


def selection(inputs: Given, options: Given) -> dict[str, Answer]:
    """Selection model; the first weight of a step function is one by definition."""
    kind = options["type"]
    if kind not in SELECTION or options["method"] != "ML":
        raise NotImplementedError(kind)
    steps = options.get("steps")
    if steps is not None:
        steps = [p for p in as_list(steps) if p < 1.0]
    found = selection_model(
        effects(inputs),
        SELECTION[kind],
        steps=steps,
        alternative=options["alternative"],
    )
    return {
        "estimate": found.estimate,
        "se": found.se[0],
        "tau2": found.tau2,
        "delta": [*([1.0] if kind == "stepfun" else []), *found.delta],
        "loglik": found.loglik,
        "lrt": found.lrt,
        "lrt_p": found.lrt_p,
    }


def as_list(value: float | Sequence[float]) -> list[float]:
    """One number or several, as several."""
    return list(value) if isinstance(value, Sequence) else [value]


def filled(inputs: Given, options: Given) -> dict[str, Answer]:
    """Studies that trim and fill puts in, and the mean with them."""
    found = trim_fill(
        effects(inputs),
        options.get("estimator", "L0"),
        side=options.get("side"),
        tau2=options.get("method", "REML"),
    )
    low, high = found.ci
    return {
        "k0": found.k0,
        "se_k0": found.k0_se,
        "p_k0": found.k0_p,
        "side": found.side,
        "k": found.k + found.k0,
        "estimate": found.estimate,
        "se": found.se,
        "p_value": found.p,
        "ci_low": low,
        "ci_high": high,
        "tau2": found.tau2,
    }


CASES: dict[str, Callable[[Given, Given], dict[str, Answer]]] = {
    "influence": influences,
    "egger": egger,
    "begg": begg,
    "asymmetry_test": asymmetry,
    "pet_peese": precision_effect,
    "fail_safe_n": fail_safe,
    "excess_significance": excess,
    "selection_model": selection,
    "trim_fill": filled,
}


def p_curve_z(given: Given) -> Answer:
    """Stouffer's z of the p-curve: full, half, and against a power of a third."""
    found = p_curve(given["p"])
    return {
        "Z_full": found.full.z,
        "Z_half": found.half.z,
        "Z_33": found.full_33.z,
        "ncp33": found.ncp33[0],
    }


def excess_of_named_data(given: Given) -> Answer:
    """Test of excess significance of data that the case names and does not give."""
    if given["data"] != "dat.dorn2007 RR":
        raise NotImplementedError(given["data"])
    found = excess_significance(effect_sizes(dorn2007.trials(), "RR"))
    return {
        "O": found.observed,
        "E": found.expected,
        "X2": found.chi2,
        "p_chi2": found.p_chi2,
        "p_binom": found.p_binomial,
        "p_exact": found.p_exact,
    }


def variance_test(given: Given) -> Answer:
    """Test of insufficient variance."""
    found = tiva(given["p"])
    return {"var": found.variance, "chi2": found.chi2, "p": found.p}


def replicability(given: Given) -> Answer:
    """Median observed power and R-index."""
    found = r_index(given["p"])
    return {"median_power": found.median_power, "R": found.r_index}


CHECKS: dict[str, Callable[..., Answer]] = {
    "pcurve_z": p_curve_z,
    "tiva": variance_test,
    "r_index": replicability,
    "tes": excess_of_named_data,
}
