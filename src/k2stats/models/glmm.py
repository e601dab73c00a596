r"""Generalised linear mixed models of counts: one or two groups, K studies."""

from typing import Literal, get_args

import numpy as np

from k2stats._typing import Bools
from k2stats.effectsizes import Proportion, Rate, TwoRates
from k2stats.errors import ConvergenceError, InvalidEvidenceError, UnknownMethodError
from k2stats.evidence import TwoByTwo
from k2stats.models._glmm_models import GLMM_MODELS, BuiltModel, CountEvidence
from k2stats.models._glmm_search import GlmmFit, fit, greatest
from k2stats.models._strata import check_evidence
from k2stats.results.counts import CountsFit, CountsTest, check_level

MEASURES = ("OR", "IRR", "PLO", "IRLN")
DoubleZeros = Literal["drop", "keep"]
TestName = Literal["z", "t"]


def glmm(
    evidence: CountEvidence,
    measure: str = "OR",
    *,
    model: str | None = None,
    nagq: int | None = None,
    tau2: float | None = None,
    coding: float = 0.5,
    double_zeros: DoubleZeros = "drop",
    test: TestName = "z",
    level: float = 0.95,
) -> CountsFit:
    r"""Pool counts by their own likelihood, effects normal between studies.

    No constant is added to zero cells and no study's effect is computed by itself.
    With events :math:`x_{kj}` of arm j, link g the logit (OR, PLO) or the log (IRR,
    IRLN) and :math:`u_k \sim N(0, 1)`:

    - ``"UM.FS"``: :math:`g_{kj} = \alpha_k + z_j \theta + c_j \tau u_k`, the
      intercepts free;
    - ``"UM.RS"``: the same with :math:`\alpha_k \sim N(\alpha, \sigma^2)`,
      independent of :math:`u_k`;
    - ``"CM.EL"``: events of group 1 given the margins, noncentral hypergeometric
      with log odds ratio :math:`\theta + \tau u_k`; of two rates binomial;
    - ``"CM.AL"``: its binomial approximation where events are rare (OR);
    - ``"one-group"``: :math:`g_k = \theta + \tau u_k` (PLO, IRLN).

    The marginal likelihood is integrated by adaptive Gauss-Hermite quadrature and
    maximised globally: it is profiled over tau on a grid and every local maximum is
    climbed. For a given tau it is log-concave in the rest.

    Parameters
    ----------
    evidence : TwoByTwo, TwoRates, Proportion or Rate
        One data set, shape ``(K,)``.
    measure : {"OR", "IRR", "PLO", "IRLN"}
    model : str, optional
        Name in ``GLMM_MODELS``; by default ``"UM.FS"``, or ``"one-group"``.
    nagq : int, optional
        Nodes of the quadrature for each random effect; 1 is Laplace's approximation.
        By default as many as it takes for the log-likelihood to settle within 1e-10.
    tau2 : float, optional
        Held at this value; 0 gives the common-effect model.
    coding : float
        c_1, what the random effect is multiplied by in group 1; c_2 is one less. At
        one half the outcome varies alike in both groups.
    double_zeros : {"drop", "keep"}
        Studies without events, or without non-events, carry no information on an
        effect, except through the distribution of intercepts of ``"UM.RS"``, where
        they count if kept.
    test : {"z", "t"}
        Reference of the test and interval; t with k - 1 degrees of freedom.
    level : float

    Returns
    -------
    CountsFit
        Standard errors from the observed information of all parameters, tau
        included. ``tests["LRT"]``: the common-effect model against an effect for
        each study. ``figures``: ``loglik`` (marginal), ``loglik_at_modes`` (of the
        counts given the modes of the random effects), ``common_loglik``, ``aic``,
        ``bic``, ``nodes``, ``quadrature_error``, and for ``"UM.RS"`` ``sigma2`` and
        ``intercept``.

    Raises
    ------
    InvalidEvidenceError
        For counts of another kind, a batch, or where no study carries information.
    UnknownMethodError
        For an unknown model, or one that the measure does not have.
    ConvergenceError
        Where the estimate is infinite or no maximum was reached; says what was tried.

    References
    ----------
    Stijnen, T., Hamza, T. H., & Ozdemir, P. (2010). Random effects meta-analysis of
    event outcome in the framework of the generalized linear mixed model with
    applications in sparse data. Statistics in Medicine, 29, 3046-3067.
    Jackson, D., Law, M., Stijnen, T., Viechtbauer, W., & White, I. R. (2018). A
    comparison of seven random-effects models for meta-analyses that estimate the
    summary odds ratio. Statistics in Medicine, 37, 1059-1085.

    Examples
    --------
    >>> tables = TwoByTwo.from_counts(events1=[4, 6, 3], n1=[123, 306, 231],
    ...                               events2=[11, 29, 11], n2=[139, 303, 220])
    >>> print(glmm(tables, model="CM.EL"))
    OR 0.2426 (0.1306 to 0.4506), GLMM CM.EL
    """
    check_evidence(evidence, measure, MEASURES, "a GLMM")
    check_level(level)
    name = model or ("UM.FS" if measure in ("OR", "IRR") else "one-group")
    known = tuple(e.name for e in GLMM_MODELS.entries(having=measure))
    if name not in known:
        raise UnknownMethodError(kind=f"GLMM for {measure}", name=name, known=known)
    _check_choices(nagq, tau2, double_zeros, test)
    if len(evidence.shape) != 1:
        raise InvalidEvidenceError(
            field="evidence",
            requirement="one data set of shape (K,), not a batch",
            given=evidence.shape,
        )
    everyone = double_zeros == "keep" and name == "UM.RS"
    kept = np.full(evidence.shape, True) if everyone else informative(evidence, name)
    if not kept.any():
        raise InvalidEvidenceError(
            field="evidence",
            requirement="with events and non-events in at least one study",
        )
    used = _select(evidence, kept)
    _refuse_infinite(used, name)
    built = GLMM_MODELS[name].function(used, coding)
    found = fit(
        built.model, nodes=nagq, tau=None if tau2 is None else float(np.sqrt(tau2))
    )
    k = int(kept.sum())
    return _result(built, found, name, measure, nagq, tau2, test, level, k, kept.size)


def informative(evidence: CountEvidence, model: str = "") -> Bools:
    """Studies whose counts say something of the effect.

    Examples
    --------
    >>> informative(TwoByTwo.from_counts(events1=[0, 1], n1=[9, 9],
    ...                                  events2=[0, 0], n2=[9, 9]))
    array([False,  True])
    """
    if isinstance(evidence, TwoByTwo):
        m, total = evidence.events1 + evidence.events2, evidence.n1 + evidence.n2
        return np.asarray((m > 0) & (m < total))
    if isinstance(evidence, TwoRates):
        return np.asarray(evidence.events1 + evidence.events2 > 0)
    return np.full(evidence.shape, True)


def _select(evidence: CountEvidence, kept: Bools) -> CountEvidence:
    if isinstance(evidence, TwoByTwo):
        return evidence[kept]
    if isinstance(evidence, TwoRates):
        return TwoRates(
            evidence.events1[kept],
            evidence.time1[kept],
            evidence.events2[kept],
            evidence.time2[kept],
        )
    return evidence


def _check_choices(
    nagq: int | None, tau2: float | None, double_zeros: str, test: str
) -> None:
    if nagq is not None and not 1 <= nagq <= 121:
        raise InvalidEvidenceError(
            field="nagq", requirement="a whole number from 1 to 121", given=nagq
        )
    if tau2 is not None and not (np.isfinite(tau2) and tau2 >= 0):
        raise InvalidEvidenceError(
            field="tau2", requirement="0 or a positive number", given=tau2
        )
    for kind, name, known in (
        ("rule for double zeros", double_zeros, get_args(DoubleZeros)),
        ("test", test, get_args(TestName)),
    ):
        if name not in known:
            raise UnknownMethodError(kind=kind, name=name, known=known)


def _refuse_infinite(evidence: CountEvidence, model: str) -> None:
    """Raise where the likelihood rises without end in the effect."""
    if isinstance(evidence, Proportion | Rate):
        ends = [("no events in any study", bool(np.all(evidence.events == 0)))]
        if isinstance(evidence, Proportion):
            every = bool(np.all(evidence.events == evidence.n))
            ends.append(("no non-events in any study", every))
        what = "log odds" if isinstance(evidence, Proportion) else "log rate"
    else:
        what = "log odds ratio" if isinstance(evidence, TwoByTwo) else "log rate ratio"
        ends = _ends(evidence, model)
    for why, true in ends:
        if true:
            raise ConvergenceError(
                f"The maximum likelihood estimate of the {what} is infinite: {why}. "
                "Tried: the sufficient statistics, before any search. firth() or "
                "exact_odds_ratio() has an answer for 2x2 tables."
            )


def _ends(evidence: TwoByTwo | TwoRates, model: str) -> list[tuple[str, bool]]:
    x1, x2 = evidence.events1, evidence.events2
    ends = [
        ("no events in group 1", bool(np.all(x1 == 0))),
        ("no events in group 2", bool(np.all(x2 == 0))),
    ]
    if not isinstance(evidence, TwoByTwo) or model == "CM.AL":
        return ends
    if model == "UM.RS":
        return [
            *ends,
            ("no non-events in group 1", bool(np.all(evidence.b == 0))),
            ("no non-events in group 2", bool(np.all(evidence.d == 0))),
        ]
    least = (x1 == 0) | (evidence.d == 0)
    most = (x2 == 0) | (evidence.b == 0)
    return [
        (
            "group 1 has as few events as the margins allow in every study",
            bool(least.all()),
        ),
        (
            "group 1 has as many events as the margins allow in every study",
            bool(most.all()),
        ),
    ]


def _result(
    built: BuiltModel,
    found: GlmmFit,
    name: str,
    measure: str,
    nagq: int | None,
    tau2: float | None,
    test: TestName,
    level: float,
    k: int,
    total: int,
) -> CountsFit:
    model = built.model
    j = model.names.index("effect")
    tau = float(found.psi[-1])
    saturated = (
        built.saturated
        if isinstance(built.saturated, float)
        else greatest(built.saturated, nodes=nagq)
    )
    parameters = len(model.names) - (tau2 is not None) + (k if model.has_own else 0)
    figures = {
        "loglik": found.loglik,
        "loglik_at_modes": found.loglik_at_modes,
        "common_loglik": found.common_loglik,
        "saturated_loglik": saturated,
        "parameters": parameters,
        "aic": 2.0 * parameters - 2.0 * found.loglik,
        "bic": np.log(k * len(model.arms)) * parameters - 2.0 * found.loglik,
        "nodes": found.nodes,
        "quadrature_error": found.quadrature_error,
    }
    if name == "UM.RS":
        figures |= {"intercept": found.psi[0], "sigma2": found.psi[2] ** 2}
    lrt = CountsTest.chi2(
        "LRT",
        "Likelihood ratio",
        np.asarray(max(2.0 * (saturated - found.common_loglik), 0.0)),
        np.asarray(k - 1.0),
        "equal effects",
    )
    entry = GLMM_MODELS[name]
    return CountsFit.wald(
        np.asarray(found.psi[j]),
        np.asarray(np.sqrt(found.cov[j, j])),
        level=level,
        measure=measure,
        method=f"GLMM {name}",
        k=np.asarray(float(k)),
        k_total=total,
        df=np.inf if test == "z" else max(k - 1.0, 1.0),
        tau2=np.asarray(tau**2),
        se_tau2=np.asarray(2.0 * tau * np.sqrt(found.cov[-1, -1])),
        tests={"LRT": lrt},
        figures={n: np.asarray(float(v)) for n, v in figures.items()},
        record={
            "model": entry.label,
            "reference": entry.reference,
            "tau2": "maximum likelihood" if tau2 is None else f"fixed at {tau2:g}",
            "quadrature": f"adaptive Gauss-Hermite, {found.nodes} nodes an effect",
            "standard errors": "observed information",
            "zero cells": "nothing added",
        },
    )
