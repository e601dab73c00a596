"""Answers of the rooms `models` and `heterogeneity`: pooling and meta-regression."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from k2stats.effectsizes import EffectSizes
from k2stats.heterogeneity import heterogeneity_interval, tau2_interval
from k2stats.models import (
    blup,
    cumulative,
    leave_one_out,
    location_scale,
    meta_regression,
    permutation_test,
    pool,
)

Given: TypeAlias = Mapping[str, Any]
Answer: TypeAlias = Any

TESTS = {
    "z": "z",
    "t": "t",
    "knha": "HK",
    "adhoc": "HK-adhoc",
    "classic": "z",
    "HK": "HK",
    "KR": "KR",
}
"""metafor's and meta's names of a test of the mean, and k2stats'."""


def effects(inputs: Given) -> EffectSizes:
    """Estimates and variances as given."""
    return EffectSizes.from_arrays(inputs["yi"], inputs["vi"], check_scale=False)


def fitted(inputs: Given, options: Given, test: str) -> Any:
    """Pool with the estimator and test that a case names."""
    if options["method"] == "EE":
        return pool(effects(inputs), model="common", ci=TESTS[test])
    return pool(effects(inputs), tau2=options["method"], ci=TESTS[test])


def pooled(inputs: Given, options: Given) -> dict[str, Answer]:
    """Pooled mean with heterogeneity and fit statistics."""
    fit = fitted(inputs, options, options["test"])
    return {
        "estimate": fit.estimate,
        "se": fit.se,
        "statistic": fit.statistic,
        "p_value": fit.p,
        "ci_low": fit.ci_low,
        "ci_high": fit.ci_high,
        "tau2": fit.tau2,
        "se_tau2": fit.tau2_se,
        "Q": fit.Q,
        "Q_p": fit.Q_p,
        "I2": fit.I2,
        "H2": fit.H2,
        "k": fit.k,
        "loglik": fit.loglik,
        "aic": fit.aic,
        "bic": fit.bic,
        "aicc": fit.aicc,
    }


def tau2_ci(inputs: Given, options: Given) -> dict[str, Answer]:
    """Interval of tau2, carried over to tau, I2 and H2."""
    y, v = inputs["yi"], inputs["vi"]
    method, kind = options["method"], options["type"]
    fit = fitted(inputs, options, "z")
    found = tau2_interval(y, v, type=kind, method=method)
    spread = heterogeneity_interval(y, v, type=kind, method=method)
    return {
        "tau2": [found.tau2, found.low, found.high],
        "tau": [np.sqrt(x) for x in (found.tau2, found.low, found.high)],
        "I2": [fit.I2, *spread.i2],
        "H2": [fit.H2, *spread.h2],
    }


def prediction_interval(inputs: Given, options: Given) -> dict[str, Answer]:
    """metafor's prediction interval."""
    low, high = fitted(inputs, options, options["test"]).prediction_interval("metafor")
    return {"pi_low": low, "pi_high": high}


def prediction_interval_meta(inputs: Given, options: Given) -> dict[str, Answer]:
    """meta's prediction intervals, by name."""
    fit = pool(effects(inputs), tau2=options["method"], profile="meta8")
    low, high = fit.prediction_interval(options["predict"])
    return {"pi_low": low, "pi_high": high}


def henmi_copas(inputs: Given, options: Given) -> dict[str, Answer]:
    """Henmi and Copas' interval."""
    fit = pool(effects(inputs), model="HC")
    return {
        "estimate": fit.estimate,
        "se": fit.se,
        "ci_low": fit.ci_low,
        "ci_high": fit.ci_high,
        "tau2": fit.tau2,
    }


def random_ci(inputs: Given, options: Given) -> dict[str, Answer]:
    """Interval of the mean by meta's name of it."""
    return pooled(inputs, {**options, "test": options["ci"]})


def permutations(inputs: Given, options: Given) -> dict[str, Answer]:
    """Exact permutation p-value."""
    found = permutation_test(
        effects(inputs), tau2=options["method"], exact=options["exact"]
    )
    return {"p_value": found.p}


def left_out(inputs: Given, options: Given) -> dict[str, Answer]:
    """Fits without each study."""
    fits = leave_one_out(effects(inputs), tau2=options["method"], ci="z").fits
    return {
        "estimate": fits.estimate,
        "se": fits.se,
        "p_value": fits.p,
        "tau2": fits.tau2,
        "I2": fits.I2,
        "Q": fits.Q,
    }


def added(inputs: Given, options: Given) -> dict[str, Answer]:
    """Fits of the first studies, one more at a time."""
    fits = cumulative(effects(inputs), tau2=options["method"], ci="z").fits
    return {"estimate": fits.estimate, "se": fits.se, "tau2": fits.tau2}


def predictions(inputs: Given, options: Given) -> dict[str, Answer]:
    """Best linear unbiased predictions."""
    found = blup(fitted(inputs, options, "z"))
    return {"pred": found.pred, "se": found.se}


def regression(inputs: Given, options: Given) -> dict[str, Answer]:
    """Meta-regression on the columns beside yi and vi."""
    columns = {k: x for k, x in inputs.items() if k not in ("yi", "vi")}
    formula = options["formula"].replace("factor(", "C(")
    method = options["method"]
    fit = meta_regression(
        effects(inputs),
        formula,
        data=pd.DataFrame(columns),
        tau2="EE" if method == "EE" else method,
        ci=TESTS[options["test"]],
    )
    return {
        "names": [name.replace("C(", "factor(") for name in fit.r_names],
        "estimate": fit.beta,
        "se": fit.se,
        "statistic": fit.statistic,
        "p_value": fit.p,
        "ci_low": fit.ci_low,
        "ci_high": fit.ci_high,
        "tau2": fit.tau2,
        "se_tau2": fit.tau2_se,
        "Q": fit.Q,
        "Q_p": fit.Q_p,
        "I2": fit.I2,
        "H2": fit.H2,
        "R2": fit.R2,
        "QM": fit.QM,
        "QM_p": fit.QM_p,
        "k": fit.k,
        "loglik": fit.loglik,
        "aic": fit.aic,
        "bic": fit.bic,
        "aicc": fit.aicc,
    }


def scale_model(inputs: Given, options: Given) -> dict[str, Answer]:
    """Location-scale model."""
    columns = {k: x for k, x in inputs.items() if k not in ("yi", "vi")}
    fit = location_scale(
        effects(inputs),
        "~ 1",
        options["scale"],
        data=pd.DataFrame(columns),
        link=options["link"],
        tau2=options["method"],
    )
    return {
        "estimate": fit.location.estimate,
        "se": fit.location.se,
        "alpha": fit.scale.estimate,
        "alpha_se": fit.scale.se,
        "loglik": fit.loglik,
    }


CASES: dict[str, Callable[[Given, Given], dict[str, Answer]]] = {
    "pool": pooled,
    "tau2_ci": tau2_ci,
    "prediction_interval": prediction_interval,
    "prediction_interval_meta": prediction_interval_meta,
    "random_ci": random_ci,
    "henmi_copas": henmi_copas,
    "permutation_test": permutations,
    "leave_one_out": left_out,
    "cumulative": added,
    "blup": predictions,
    "meta_regression": regression,
    "location_scale": scale_model,
}
