"""P-value functions of all the studies of a meta-analysis, and of their mean."""

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from k2stats.diagnostics._studies import effects_of, with_estimator
from k2stats.effectsizes import EffectSizes
from k2stats.errors import InvalidEvidenceError, MissingInputError
from k2stats.evidence._coerce import require, together
from k2stats.models.fitting import fit_arrays
from k2stats.numerics import tails
from k2stats.results.pooled import PooledEstimate
from k2stats.sensitivity.p_value_curves import PValueFunction, wald_curves


def drapery(
    y: ArrayLike | EffectSizes | PooledEstimate,
    v: ArrayLike | None = None,
    *,
    theta: ArrayLike | None = None,
    tau2: str | None = None,
    ci: str | None = None,
    common: bool = True,
    labels: Sequence[Hashable] | None = None,
    log_scale: bool | None = None,
) -> PValueFunction:
    r"""P-value functions of the studies of a meta-analysis and of their pooled effect.

    .. math:: p_k(\theta) = 2 \Phi(-|y_k - \theta| / \sqrt{v_k}), \qquad
        p(\theta) = 2 F_\nu(-|\hat\mu - \theta| / \widehat{se})

    Parameters
    ----------
    y : EffectSizes, PooledEstimate, or array_like of shape (K,)
        Effects on the scale of analysis: logarithms for ratios. A fit brings its
        estimator and its interval.
    v : array_like, shape (K,)
        Sampling variances; left out with EffectSizes.
    theta : array_like, optional
        Values to test, ascending, on the natural scale.
    tau2, ci : str, optional
        Random-effects model, REML with ``"HK"`` when left out, as in
        :func:`k2stats.models.fit_arrays`; `ci` one of those of the form estimate over
        standard error: ``"HK"``, ``"z"``, ``"t"``, ...
    common : bool
        Draw the common-effect curve too.
    labels : sequence, optional
        Names of the studies.
    log_scale : bool, optional
        Whether y holds logarithms to be shown as ratios; from the measure of
        EffectSizes, else False.

    Returns
    -------
    PValueFunction
        Curves of the studies, then ``"common effect"`` and ``"random effects"``.

    Raises
    ------
    InvalidEvidenceError
        For values that are missing, variances that are not positive, or an interval
        that has no standard error.
    MissingInputError
        Where arrays come without `v`.

    References
    ----------
    Rücker & Schwarzer (2021). Research Synthesis Methods 12:308-322.

    Examples
    --------
    >>> curves = drapery([-0.9, -1.6, -1.3, -0.2], [0.3, 0.2, 0.4, 0.05],
    ...                  log_scale=True)
    >>> curves.p.shape[0], curves.labels[-2:]
    (6, ('common effect', 'random effects'))
    """
    if isinstance(y, PooledEstimate):
        if y.method.has_tau2:
            tau2 = with_estimator(y, tau2)[1]
            ci = y.method.ci.name if ci is None else ci
        y = effects_of(y, "y")
    tau2, ci = tau2 or "REML", ci or "HK"
    symbol, effects, variances = "effect", y, v
    if isinstance(y, EffectSizes):
        if log_scale is None:
            log_scale = y.scale.name == "log"
        if labels is None:
            labels = y.labels
        symbol = y.info.symbol if log_scale else y.measure
        effects, variances = y.y, y.v
    if variances is None or isinstance(effects, EffectSizes):
        raise MissingInputError(field="v", needed_for="drapery of arrays of effects")
    given = together({"y": effects, "v": variances})
    ys, vs = given["y"], given["v"]
    if ys.ndim != 1:
        raise InvalidEvidenceError(
            field="y", requirement="one set of studies", given=ys.shape
        )
    require("y", "finite", np.isfinite(ys), ys)
    require("v", "positive and finite", (vs > 0) & np.isfinite(vs), vs)
    models = [("random effects", "random", ci)]
    if common:
        models.insert(0, ("common effect", "common", "z"))
    fits = [fit_arrays(ys, vs, model=m, tau2=tau2, ci=test) for _, m, test in models]
    if any(fit.own_log_p is not None for fit in fits):
        raise InvalidEvidenceError(
            field="ci",
            requirement="a test of the form estimate over standard error",
            given=ci,
        )
    studies = wald_curves(
        ys,
        np.sqrt(vs),
        theta,
        labels,
        log_scale=bool(log_scale),
        symbol=symbol,
        pooled=False,
        also=[float(fit.beta[0]) for fit in fits] if theta is None else (),
    )
    x = np.log(studies.theta) if log_scale else studies.theta
    curves, estimates, names = [studies.p], [studies.estimate], list(studies.labels)
    for (name, _, _), fit in zip(models, fits, strict=True):
        t = (fit.beta - x) / fit.se
        normal = bool(np.isinf(fit.df).all())
        curves.append(
            (tails.normal_p(t) if normal else tails.student_p(t, fit.df))[None]
        )
        estimates.append(np.exp(fit.beta) if log_scale else fit.beta)
        names.append(name)
    return PValueFunction(
        theta=studies.theta,
        p=np.concatenate(curves),
        labels=tuple(names),
        estimate=np.concatenate(estimates),
        pooled=(False,) * ys.size + (True,) * len(models),
        null=studies.null,
        log_scale=bool(log_scale),
        method=f"Wald; random effects by {tau2}, {ci}",
        symbol=symbol,
    )
