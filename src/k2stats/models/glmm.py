r"""Generalised linear mixed models of counts: one or two groups, K studies."""

from functools import wraps
from inspect import signature
from typing import Any

import numpy as np

from k2stats.models._count_registry import COUNT_METHODS, CountMethod
from k2stats.models._glmm_models import GLMM_MODELS, CountEvidence
from k2stats.models._glmm_prepare import (
    DoubleZeros,
    GlmmChoices,
    TestName,
    refuse_infinite,
    residual_test,
    select,
)
from k2stats.results.counts import CountsFit


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
    >>> from k2stats.evidence import TwoByTwo
    >>> tables = TwoByTwo.from_counts(events1=[4, 6, 3], n1=[123, 306, 231],
    ...                               events2=[11, 29, 11], n2=[139, 303, 220])
    >>> print(glmm(tables, model="CM.EL"))
    OR 0.2426 (95% CI 0.1306 to 0.4506), GLMM CM.EL, 3 studies
    """
    chosen = GlmmChoices(measure, model, nagq, tau2, coding, double_zeros, test, level)
    chosen.check(evidence)
    kept = chosen.kept(evidence)
    used = select(evidence, kept)
    refuse_infinite(used, chosen.name)
    k = int(kept.sum())
    built = chosen.build(used, np.ones((k, 1)))
    found = chosen.fit(built)
    figures = chosen.figures(built, found, k)
    at, tau = built.effects.start, float(found.psi[-1])
    if "intercept" in built.model.names:
        # Midway between the groups; the model's own is that of group 2.
        figures["intercept"] = float(found.psi[0] + 0.5 * found.psi[at])
    return CountsFit.wald(
        np.asarray(found.psi[at]),
        np.asarray(np.sqrt(found.cov[at, at])),
        level=level,
        measure=measure,
        method=f"GLMM {chosen.name}",
        k=np.asarray(float(k)),
        k_total=kept.size,
        df=np.inf if test == "z" else max(k - 1.0, 1.0),
        tau2=np.asarray(tau**2),
        se_tau2=np.asarray(2.0 * tau * np.sqrt(found.cov[-1, -1])),
        tests={"LRT": residual_test(figures, k - 1.0)},
        figures={n: np.asarray(v) for n, v in figures.items()},
        record=chosen.record(found),
    )


def _by_name(model: str) -> CountMethod:
    """:func:`glmm` with its model chosen."""

    @wraps(glmm)
    def pooled(
        evidence: CountEvidence, measure: str = "OR", **options: Any
    ) -> CountsFit:
        return glmm(evidence, measure, model=model, **options)

    whole = signature(glmm)
    rest = [p for p in whole.parameters.values() if p.name != "model"]
    pooled.__signature__ = whole.replace(parameters=rest)  # type: ignore[attr-defined]
    return pooled


for _model in GLMM_MODELS.entries():
    # A model that is registered is a method that pools, by the same name.
    COUNT_METHODS.register(
        _model.name,
        label=f"Mixed model, {_model.label[0].lower()}{_model.label[1:]}",
        reference=_model.reference,
        equation=_model.equation,
        traits=(*_model.traits, "random", "moderators"),
        version=_model.version,
    )(_by_name(_model.name))
