"""Tests of asymmetry for 2x2 tables, whose log odds ratios go with their variance."""

import numpy as np

from k2stats._typing import Floats
from k2stats.diagnostics._asymmetry import (
    ASYMMETRY_TESTS,
    Outcome,
    Trials,
    regress,
)
from k2stats.diagnostics.egger import weights

MACASKILL = "Macaskill, Walter & Irwig (2001). Statistics in Medicine 20:641-654."


def pooled_weights(trials: Trials, need: str) -> Floats:
    r"""Weights :math:`(1/(a+c) + 1/(b+d))^{-1}`, free of the effect."""
    t = trials.counts(need)
    events, rest = t.a + t.c, t.b + t.d
    with np.errstate(divide="ignore", invalid="ignore"):
        w = events * rest / (events + rest)
    return np.where(trials.present, w, 0.0)


@ASYMMETRY_TESTS.register(
    "harbord",
    label="Harbord",
    reference="Harbord, Egger & Sterne (2006). Statistics in Medicine 25:3443-3457.",
    equation=r"Z/V = \beta_0 + \beta_1 / \sqrt{V} + e, Var(e) = \phi / V",
    traits=("counts", "regression"),
)
def harbord(trials: Trials) -> Outcome:
    r"""Regression of the score over its information.

    .. math:: Z = a - n_1 (a + c) / N, \qquad
        V = \frac{n_1 n_2 (a + c)(b + d)}{N^2 (N - 1)}
    """
    t = trials.counts("Harbord's test")
    total, events = t.n1 + t.n2, t.a + t.c
    with np.errstate(divide="ignore", invalid="ignore"):
        score = t.a - t.n1 * events / total
        information = (
            t.n1 * t.n2 * events * (total - events) / (total**2 * (total - 1.0))
        )
        y = np.where(trials.present, score / information, 0.0)
        x = np.where(trials.present, 1.0 / np.sqrt(information), 0.0)
    return regress(y, x, np.where(trials.present, information, 0.0), trials.k)


@ASYMMETRY_TESTS.register(
    "peters",
    label="Peters",
    reference="Peters et al. (2006). JAMA 295:676-680.",
    equation=r"y = \beta_0 + \beta_1 / N + e, Var(e) = \phi (1/(a+c) + 1/(b+d))",
    traits=("counts", "regression"),
)
def peters(trials: Trials) -> Outcome:
    """Regression on the inverse of the sample size, weights free of the effect."""
    w = pooled_weights(trials, "Peters' test")
    return regress(trials.y, 1.0 / trials.sizes("Peters' test"), w, trials.k)


@ASYMMETRY_TESTS.register(
    "macaskill",
    label="Macaskill",
    reference=MACASKILL,
    equation=r"y = \beta_0 + \beta_1 N + e, Var(e) = \phi v",
    traits=("sizes", "regression"),
)
def macaskill(trials: Trials) -> Outcome:
    """Regression on the sample size, weights one over the variance."""
    n = trials.sizes("Macaskill's test")
    return regress(trials.y, n, weights(trials), trials.k)


@ASYMMETRY_TESTS.register(
    "macaskill-pooled",
    label="Macaskill, pooled variance",
    reference=MACASKILL,
    equation=r"y = \beta_0 + \beta_1 N + e, Var(e) = \phi (1/(a+c) + 1/(b+d))",
    traits=("counts", "regression"),
)
def macaskill_pooled(trials: Trials) -> Outcome:
    """Macaskill's regression with weights that are free of the effect."""
    w = pooled_weights(trials, "Macaskill's test")
    return regress(trials.y, trials.sizes("Macaskill's test"), w, trials.k)


@ASYMMETRY_TESTS.register(
    "deeks",
    label="Deeks",
    reference="Deeks, Macaskill & Irwig (2005). Journal of Clinical Epidemiology "
    "58:882-893.",
    equation=r"y = \beta_0 + \beta_1 / \sqrt{n_e} + e, Var(e) = \phi / n_e, "
    r"n_e = 4 n_1 n_2 / (n_1 + n_2)",
    traits=("groups", "regression"),
)
def deeks(trials: Trials) -> Outcome:
    """Regression on the inverse root of the effective sample size."""
    n1, n2 = trials.groups("Deeks' test")
    size = 4.0 * n1 * n2 / (n1 + n2)
    w = np.where(trials.present, size, 0.0)
    return regress(trials.y, 1.0 / np.sqrt(size), w, trials.k)
