r"""The models of one mean: which weights, and which variance of it.

.. math:: \hat\mu = \frac{\sum_k a_k y_k}{\sum_k a_k}, \quad
    \operatorname{Var}(\hat\mu) =
    \phi\,\frac{\sum_k a_k^2 (v_k + \tau^2)}{(\sum_k a_k)^2}
"""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np

from k2stats._registry import Registry
from k2stats._typing import Bools, Floats
from k2stats.errors import MissingInputError
from k2stats.heterogeneity import TAU2, tau2_of
from k2stats.heterogeneity._studies import Studies
from k2stats.models._mean_fit import MeanFit, fit_mean
from k2stats.numerics.wls import fit_wls


class Given(NamedTuple):
    """What a model is given: prepared studies, and the wishes of the user.

    ``y`` is 0 and ``v`` infinite where a study is absent; `studies` are the same,
    centred and scaled, for the estimators of tau2.
    """

    y: Floats
    v: Floats
    X: Floats | None
    studies: Studies
    estimator: str
    tau2: Floats | None
    weights: Floats | None


class Fitted(NamedTuple):
    """A fit of the mean, the standard error of tau2 and whether it was found."""

    fit: MeanFit
    tau2_se: Floats
    converged: Bools


Weighting: TypeAlias = Callable[[Given], Fitted]
MODELS: Registry[Weighting] = Registry("model")
"""Models of a mean. A trait ``ci=NAME`` names the interval that goes with the model;
``random`` marks models whose tau2 is estimated by the method asked for, ``DL`` those
that have an estimator of their own; ``weights`` those that take the user's."""


@MODELS.register(
    "random",
    label="Random-effects model",
    reference="DerSimonian and Laird (1986) Control Clin Trials 7:177-188",
    equation="a = 1 / (v + tau2)",
    traits=("random", "weights"),
)
def random_effects(given: Given) -> Fitted:
    r"""True effects differ, :math:`\theta_k \sim N(\mu, \tau^2)`.

    With weights of the user the mean is theirs, and its variance follows from the
    model.
    """
    return _with_tau2(given, given.estimator, given.weights)


@MODELS.register(
    "common",
    label="Common-effect model",
    reference="Rice, Higgins and Lumley (2018) J R Stat Soc A 181:205-227",
    equation="a = 1 / v, tau2 = 0",
    traits=("ci=z",),
)
def common_effect(given: Given) -> Fitted:
    """One true effect for all studies."""
    return _without_tau2(given, None)


@MODELS.register(
    "fixed",
    label="Fixed-effects model",
    reference="Rice, Higgins and Lumley (2018) J R Stat Soc A 181:205-227",
    equation="a given, Var = sum(a^2 v) / sum(a)^2",
    traits=("ci=z", "weights"),
)
def fixed_effects(given: Given) -> Fitted:
    """Weighted mean of the true effects of these very studies.

    The effects may differ; the inference is about these K studies alone. Weights are
    one over the variances where none are given.
    """
    return _without_tau2(given, given.weights)


@MODELS.register(
    "unweighted",
    label="Random-effects model, unweighted mean",
    reference="Shuster (2010) Stat Med 29:1259-1265",
    equation="a = 1, Var = sum(v + tau2) / K^2",
    traits=("random",),
)
def unweighted(given: Given) -> Fitted:
    """Every study counts alike; tau2 enters the variance only."""
    return _with_tau2(given, given.estimator, np.where(given.v < np.inf, 1.0, 0.0))


@MODELS.register(
    "multiplicative",
    label="Multiplicative model (unrestricted weighted least squares)",
    reference=(
        "Thompson and Sharp (1999) Stat Med 18:2693-2708; "
        "Stanley and Doucouliagos (2015) Stat Med 34:2116-2127"
    ),
    equation="a = 1 / v, Var = (Q / (K - 1)) / sum(a)",
    traits=("ci=t",),
)
def multiplicative(given: Given) -> Fitted:
    """Sampling variances are known up to a factor, estimated from the residuals."""
    return _scaled(given, least=0.0)


@MODELS.register(
    "Birge",
    label="Birge ratio",
    reference="Birge (1932) Phys Rev 40:207-227; Mandel and Paule (1970)",
    equation="a = 1 / v, Var = max(1, Q / (K - 1)) / sum(a)",
    traits=("ci=z",),
)
def birge(given: Given) -> Fitted:
    """As the multiplicative model, with a factor that is never below one."""
    return _scaled(given, least=1.0)


@MODELS.register(
    "IVhet",
    label="Inverse variance heterogeneity model",
    reference="Doi et al. (2015) Contemp Clin Trials 45:130-138",
    equation="a = 1 / v, Var = sum(a^2 (v + tau2)) / sum(a)^2, tau2 of DL",
    traits=("ci=z", "DL"),
)
def ivhet(given: Given) -> Fitted:
    """Common-effect weights; the DerSimonian-Laird tau2 widens the interval."""
    return _with_tau2(given, "DL", 1.0 / given.v)


@MODELS.register(
    "HC",
    label="Henmi-Copas model",
    reference="Henmi and Copas (2010) Stat Med 29:2969-2983",
    equation="a = 1 / v, tau2 of DL, limits from the law of the pivot",
    traits=("ci=HC", "DL"),
)
def henmi_copas_model(given: Given) -> Fitted:
    """Common-effect weights; the interval allows for the estimation of tau2."""
    return _with_tau2(given, "DL", 1.0 / given.v)


def _with_tau2(given: Given, estimator: str, weights: Floats | None) -> Fitted:
    k = given.studies.k
    if given.tau2 is not None:
        tau2, estimator = given.tau2, "fixed"
        se, found = np.full(k.shape, np.nan), np.ones(k.shape, dtype=bool)
    else:
        # One study: there is nothing to estimate, and tau2 is taken as zero.
        alone = given.studies.df == 0.0
        if not alone.any():
            tau2, se, found = tau2_of(given.studies, estimator)
        elif alone.all():
            tau2, se, found = np.zeros(k.shape), np.full(k.shape, np.nan), alone
        else:
            estimate = tau2_of(given.studies, estimator)
            tau2 = np.where(alone, 0.0, estimate.tau2)
            se, found = estimate.se, estimate.converged | alone
    fit = fit_mean(
        given.y,
        given.v,
        tau2,
        k,
        estimator=estimator,
        X=given.X,
        weights=weights,
        studies=given.studies,
    )
    return Fitted(fit, np.asarray(se), np.asarray(found))


def _without_tau2(given: Given, weights: Floats | None) -> Fitted:
    k = given.studies.k
    zero = np.zeros(k.shape)
    fit = fit_mean(
        given.y, given.v, zero, k, estimator="EE", X=given.X, weights=weights
    )
    return Fitted(fit, np.full(k.shape, np.nan), np.ones(k.shape, dtype=bool))


def _scaled(given: Given, least: float) -> Fitted:
    k = given.studies.k
    zero = np.zeros(k.shape)
    plain = fit_wls(given.y, 1.0 / given.v, given.X)
    df = k - plain.beta.shape[-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.maximum(np.where(df > 0.0, plain.rss / df, np.nan), least)
    fit = fit_mean(
        given.y, given.v, zero, k, estimator="EE", X=given.X, dispersion=factor
    )
    return Fitted(fit, np.full(k.shape, np.nan), np.ones(k.shape, dtype=bool))


def check_weights(model: str, estimator: str, weights: Floats | None) -> None:
    """Refuse weights that nothing would look at, and ask for those that are needed.

    Raises
    ------
    MissingInputError
    """
    if weights is not None and "weights" not in MODELS[model].traits:
        takers = ", ".join(e.name for e in MODELS.entries(having="weights"))
        raise MissingInputError(
            field="model",
            needed_for="weights of your own",
            hint=f"those that take weights: {takers}",
        )
    known = estimator in TAU2 and "weighted" in TAU2[estimator].traits
    if known and weights is None:
        raise MissingInputError(
            field="weights", needed_for=f"the estimator {estimator!r} of tau2"
        )
