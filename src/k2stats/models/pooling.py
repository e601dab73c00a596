"""One mean from many studies: the front door."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from k2stats._typing import Bools, Floats
from k2stats.effectsizes._base import EffectSizes, require_effect_sizes
from k2stats.errors import ConvergenceError, InvalidEvidenceError
from k2stats.evidence._coerce import as_floats
from k2stats.heterogeneity import Studies
from k2stats.heterogeneity._closed import inverse_variance
from k2stats.models._choice import Choice
from k2stats.models._engine import ENGINE, generator
from k2stats.models.fitting import checked_tau2, run, spec_kernel
from k2stats.models.mean_tests import MEAN_TESTS
from k2stats.models.weightings import Given
from k2stats.results.method import I2Basis
from k2stats.results.pooled import PooledEstimate, Rng


def pool(
    es: EffectSizes,
    *,
    tau2: str | None = None,
    ci: str | None = None,
    level: float = 0.95,
    profile: str | None = None,
    model: str = "random",
    weights: ArrayLike | None = None,
    tau2_value: ArrayLike | None = None,
    mask: ArrayLike | None = None,
    prediction: str | None = None,
    i2: I2Basis | None = None,
    rng: Rng = None,
) -> PooledEstimate:
    r"""Pool the effects of K studies, or of every set of a batch.

    .. math:: y_k \sim N(\mu, v_k + \tau^2), \quad
        \hat\mu = \frac{\sum_k w_k y_k}{\sum_k w_k}, \quad
        w_k = \frac{1}{v_k + \hat\tau^2}

    Left to itself it takes REML for tau2 and Hartung-Knapp for the interval: the least
    biased of the common estimators, and an interval that allows for the estimation of
    tau2 (Veroniki et al. 2019; Langan et al. 2019). A profile sets every default at
    once; what is named beside it wins.

    =================  ====  ====  ==========  =====  ======
    profile            tau2  ci    prediction  I2     tau2 ci
    =================  ====  ====  ==========  =====  ======
    (none)             REML  HK    metafor     tau2   QP
    RevMan2025         REML  HK    HK          tau2   QP
    metafor            REML  z     metafor     tau2   QP
    meta8              REML  z     V           Q      QP
    Stata              REML  z     HTS         tau2   QP
    Cochrane-classic   DL    z     HTS         Q      QP
    =================  ====  ====  ==========  =====  ======

    Parameters
    ----------
    es : EffectSizes
        Effects and sampling variances, shape (..., K).
    tau2 : str, optional
        Estimator, a name in :data:`k2stats.heterogeneity.TAU2`. ``"ML"`` where the
        interval asked for needs it.
    ci : str, optional
        Test and interval, a name in :data:`k2stats.models.MEAN_TESTS`: ``"z"``,
        ``"t"``, ``"HK"``, ``"HK-adhoc"``, ``"HK-ci"``, ``"HK-IQWiG6"``, ``"KR"``,
        ``"profile-likelihood"``, ``"skovgaard"``, ``"permutation"``.
    level : float
        Confidence level.
    profile : str, optional
        A name in :data:`k2stats.models.PROFILES`.
    model : str
        A name in :data:`k2stats.models.MODELS`: ``"random"``, ``"common"``,
        ``"fixed"``, ``"unweighted"``, ``"multiplicative"``, ``"Birge"``, ``"IVhet"``,
        ``"HC"``.
    weights : array-like, shape (..., K), optional
        Weights of the mean in place of one over the variance; the Q weights too where
        the estimator is ``"GENQ"`` or ``"GENQM"``.
    tau2_value : array-like, shape (...), optional
        A tau2 to take as given.
    mask : array-like of bool, shape (..., K), optional
        True where a study is present, for sets of unequal size.
    prediction : str, optional
        The prediction interval shown, a name in :data:`k2stats.models.PREDICTIONS`.
    i2 : {"tau2", "Q"}, optional
        What I2 and H2 come from.
    rng : int or Generator, optional
        For intervals that draw.

    Returns
    -------
    PooledEstimate
        Arrays of shape (...). One study has tau2 0 by convention, with a note.

    Raises
    ------
    InvalidEvidenceError
        For anything but effect sizes, for missing values, and for methods that do not
        go together.
    UnknownMethodError
    ConvergenceError
        For a single set without an estimate of tau2; in a batch it is NaN and flagged.

    References
    ----------
    Veroniki et al. (2019). Res Synth Methods 10:23-43.
    Langan et al. (2019). Res Synth Methods 10:83-98.

    Examples
    --------
    >>> from k2stats.effectsizes import EffectSizes
    >>> es = EffectSizes.from_arrays([-0.9, -1.6, -1.3, -0.2], [0.3, 0.2, 0.4, 0.05],
    ...                              measure="RR")
    >>> pool(es)
    RR 0.405 (95% CI 0.142 to 1.157), 4 studies
    """
    require_effect_sizes(es)
    chosen = Choice.make(
        profile=profile,
        tau2=tau2,
        ci=ci,
        model=model,
        prediction=prediction,
        i2=i2,
        level=level,
    )
    present = _present(es, mask)
    user = None if weights is None else _weights(es, weights)
    known = None if tau2_value is None else checked_tau2(tau2_value)
    spec = chosen.spec
    resampling = "resampling" in MEAN_TESTS[spec.ci].traits
    draw = generator(rng, spec.ci) if resampling else None
    kernel = spec_kernel(spec, draw)

    def whole(given: Given) -> tuple[Any, ...]:
        return (*kernel(given), *_spread(given.studies))

    parts = run(whole, es.y, es.v, None, spec, present, user, known)
    fit = assemble(es, chosen, parts, mask=present, weights=user, given=known)
    if not fit.shape and not bool(fit.converged):
        raise ConvergenceError(
            f"{spec.estimator} found no estimate of tau2 for {es.k} studies: neither "
            "its own iteration nor the bracketed search ended."
        )
    return fit


def assemble(
    es: EffectSizes,
    chosen: Choice,
    parts: tuple[Any, ...],
    *,
    mask: Bools | None,
    weights: Floats | None,
    given: Floats | None,
) -> PooledEstimate:
    """Make a result of what a kernel gave, with Q and the typical variance behind."""
    beta, se, df, low, high, statistic = (part[..., 0] for part in parts[:6])
    log_p = None if parts[6] is None else parts[6][..., 0]
    found, se_tau2, converged, _, k, q, typical_v = map(np.asarray, parts[8:])
    return PooledEstimate(
        effects=es,
        method=chosen.record(es, weights, tau2_given=given is not None),
        estimate=beta,
        se=se,
        statistic=statistic,
        df=df,
        ci_low=low,
        ci_high=high,
        tau2=found,
        tau2_se=se_tau2,
        Q=q,
        typical_v=typical_v,
        k=np.nan_to_num(k),  # of a set without studies
        converged=converged.astype(bool),
        engine=ENGINE,
        mask=mask,
        given_weights=weights,
        own_log_p=log_p,
    )


def _spread(s: Studies) -> tuple[Floats, Floats]:
    """Cochran's Q and the typical sampling variance, df / tr(P)."""
    if s.single and s.X is None and float(s.k) > 1.0:
        q, trace, _, _ = inverse_variance(s)
        return q, np.array(float(s.df) / float(trace) * float(s.scale) ** 2)
    if bool((s.df <= 0.0).all()):
        return np.zeros(s.k.shape), np.full(s.k.shape, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        q, trace, _, _ = inverse_variance(s)
        typical = s.df / trace * (s.scale * s.scale)
    some = s.df > 0.0
    return np.where(some, q, 0.0), np.where(some, typical, np.nan)


def _weights(es: EffectSizes, weights: ArrayLike) -> Floats:
    """Weights of the user, one a study; one set of them serves a whole batch."""
    given = as_floats("weights", weights)
    try:
        if given.shape[-1:] == (es.k,):
            return np.broadcast_to(given, es.y.shape)
    except ValueError:  # another batch
        pass
    raise InvalidEvidenceError(
        field="weights",
        requirement=f"of length {es.k}, one for each study",
        given=given.shape,
    )


def _present(es: EffectSizes, mask: ArrayLike | None) -> Bools | None:
    """Mask of the studies, once no study that counts lacks a figure."""
    present = None
    if mask is not None:
        given = np.asarray(mask)
        if given.dtype != np.bool_ or given.shape[-1:] != es.y.shape[-1:]:
            raise InvalidEvidenceError(
                field="mask",
                requirement=f"true or false, of length {es.k}",
                given=(str(given.dtype), given.shape),
            )
        present = np.broadcast_to(given, es.y.shape)
        if es.k > 0 and present.ndim == 1 and not present.any():
            raise InvalidEvidenceError(
                field="mask", requirement="true for one study at least"
            )
    if es.k == 0:
        raise InvalidEvidenceError(field="es", requirement="of at least one study")
    bad = ~es.complete if present is None else ~es.complete & present
    if bad.any():
        rows = np.unique(np.nonzero(bad)[-1 if bad.ndim == 1 else 0])
        raise InvalidEvidenceError(
            field="es",
            requirement=(
                "without missing effects and with positive, finite variances "
                "(es.drop_incomplete() leaves such studies out and counts them)"
            ),
            rows=[int(r) for r in rows],
        )
    return present
