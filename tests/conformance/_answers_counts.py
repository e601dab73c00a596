"""Answers of the models of counts: Mantel-Haenszel, Peto, generalised mixed models."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from k2stats.effectsizes import Proportion, Rate, TwoRates
from k2stats.evidence import TwoByTwo
from k2stats.models import glmm, mantel_haenszel, peto

Given: TypeAlias = Mapping[str, Any]
Answer: TypeAlias = Any


def evidence(inputs: Given) -> Any:
    """Counts of the kind that the case's columns name."""
    if "n1i" in inputs:
        return TwoByTwo.from_counts(
            events1=inputs["ai"],
            n1=inputs["n1i"],
            events2=inputs["ci"],
            n2=inputs["n2i"],
        )
    if "x1i" in inputs:
        return TwoRates.from_arrays(
            events1=inputs["x1i"],
            time1=inputs["t1i"],
            events2=inputs["x2i"],
            time2=inputs["t2i"],
        )
    if "ti" in inputs:
        return Rate.from_arrays(events=inputs["xi"], time=inputs["ti"])
    return Proportion.from_arrays(events=inputs["xi"], n=inputs["ni"])


def common(fit: Any) -> dict[str, Answer]:
    """What every model of counts answers."""
    return {
        "estimate": fit.estimate,
        "se": fit.se,
        "statistic": fit.statistic,
        "p_value": fit.p,
        "ci_low": fit.ci_low,
        "ci_high": fit.ci_high,
        "Q": fit.Q,
        "Q_p": fit.Q_p,
        "k": fit.k,
    }


def strata(inputs: Given, options: Given) -> dict[str, Answer]:
    """Mantel-Haenszel; the CMH test with half a unit of correction, as metafor's."""
    fit = mantel_haenszel(evidence(inputs), options["measure"], correction="half")
    answer = common(fit)
    for name, word in (("CMH", "cmh"), ("Tarone", "tarone"), ("BD", "bd")):
        if name in fit.tests:
            answer[word] = fit.tests[name].statistic
            answer[f"{word}_p"] = fit.tests[name].p
    return answer


def one_step(inputs: Given, options: Given) -> dict[str, Answer]:
    """Peto's one-step odds ratio."""
    return common(peto(evidence(inputs)))


def mixed(inputs: Given, options: Given) -> dict[str, Answer]:
    """Generalised mixed model; lme4 has one node only where intercepts are random.

    metafor prints the likelihood given the modes of the random effects, but the
    marginal one where it maximises that itself or leaves no mode fixed. The exact
    conditional one of odds ratios it integrates without a number of nodes.
    """
    model = options.get("model")
    random = model == "UM.RS"
    exact = model == "CM.EL" and options["measure"] == "OR"
    marginal = random or exact
    nodes = 1 if random else options.get("nagq", 7)
    fit = glmm(
        evidence(inputs),
        options["measure"],
        model=model,
        nagq=None if exact else nodes,
    )
    return {
        **common(fit),
        "tau2": fit.tau2,
        "loglik": fit.figures["loglik" if marginal else "loglik_at_modes"],
        "lrt": fit.tests["LRT"].statistic,
        "lrt_p": fit.tests["LRT"].p,
    }


CASES: dict[str, Callable[[Given, Given], dict[str, Answer]]] = {
    "mantel_haenszel": strata,
    "peto": one_step,
    "glmm": mixed,
}
