"""The same analysis of parts of the data: leave-one-out, cumulative, bootstrap."""

from dataclasses import replace
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from k2stats._typing import Bools
from k2stats.effectsizes._base import EffectSizes, require_effect_sizes
from k2stats.errors import InvalidEvidenceError
from k2stats.models._choice import Choice
from k2stats.models._engine import generator
from k2stats.models._leave_out import all_but_one, left_out
from k2stats.models._mean_fit import MeanFit
from k2stats.models.fitting import columns_of
from k2stats.models.mean_tests import MEAN_TESTS
from k2stats.models.pooling import assemble, pool
from k2stats.models.weightings import Fitted
from k2stats.results.bootstrap import BootstrapPooled
from k2stats.results.pooled import PooledEstimate, Rng
from k2stats.results.series import PooledSeries

Rows: TypeAlias = NDArray[np.int64]
_MENDED = (
    *("estimate", "se", "statistic", "df", "ci_low", "ci_high"),
    *("tau2", "tau2_se", "Q", "typical_v", "converged"),
)


def leave_one_out(es: EffectSizes, **options: Any) -> PooledSeries:
    """Pool K times, each time without one of the studies.

    All K analyses are one batch; many studies by DL, REML, ML or PM cost O(K)
    altogether, in time and in memory.

    Parameters
    ----------
    es : EffectSizes
        One set of at least two studies.
    **options
        Of :func:`k2stats.pool`.

    Raises
    ------
    InvalidEvidenceError
        For a batch, or one study.

    Examples
    --------
    >>> es = EffectSizes.from_arrays([-0.9, -1.6, -0.2], [0.3, 0.2, 0.05])
    >>> leave_one_out(es, tau2="DL", ci="z").estimate.round(3)
    array([-0.846, -0.371, -1.32 ])
    """
    _single(es, least=2)
    if options.get("mask") is not None:
        raise InvalidEvidenceError(field="mask", requirement="left out: select studies")
    fits = _many_left_out(es, options)
    if fits is None:
        others = _others(es.k, np.arange(es.k))
        fits = pool(_taken(es, others), **_with_weights(options, others))
    return PooledSeries("left out", es.labels, fits)


def _others(k: int, left_out: Rows) -> Rows:
    """Row for each study left out: the others, so that every row is as long."""
    rest = np.arange(k - 1)
    return np.asarray(rest + (rest >= left_out[:, np.newaxis]))


def _many_left_out(es: EffectSizes, options: dict[str, Any]) -> PooledEstimate | None:
    """Fits by sums less one study; None where that way does not apply."""
    if not options.keys() <= {"tau2", "ci", "level", "profile", "prediction", "i2"}:
        return None
    chosen = Choice.make(**options)
    spec = chosen.spec
    if "sums" not in MEAN_TESTS[spec.ci].traits or not es.complete.all():
        return None
    made = left_out(es.y, es.v, spec.estimator)
    if made is None:
        return None
    k = es.k
    wide = replace(
        es,
        y=np.broadcast_to(es.y, (k, k)),
        v=np.broadcast_to(es.v, (k, k)),
        n=None if es.n is None else np.broadcast_to(es.n, (k, k)),
        added=None,
    )
    fit = MeanFit(
        y=wide.y,
        v=wide.v,
        X=None,
        w=wide.v,  # not looked at by tests that take sums alone
        a=wide.v,
        tau2=made.tau2,
        estimator=spec.estimator,
        beta=made.mean[:, np.newaxis],
        cov=made.variance[:, np.newaxis, np.newaxis],
        q=made.q,
        k=np.full(k, k - 1.0),
        p=1,
    )
    columns = columns_of(spec, Fitted(fit, made.se, np.ones(k, dtype=bool)), None)
    parts = (*columns, made.cochran, made.typical)
    fits = assemble(wide, chosen, parts, mask=all_but_one(k), weights=None, given=None)
    unsure = np.flatnonzero(~made.sure)
    if unsure.size == 0:
        return fits
    rest = pool(_taken(es, _others(k, unsure)), **options)
    mended: dict[str, Any] = {}
    for name in _MENDED:
        mended[name] = np.array(getattr(fits, name))
        mended[name][unsure] = getattr(rest, name)
    return replace(fits, **mended)


def cumulative(
    es: EffectSizes, order: ArrayLike | None = None, **options: Any
) -> PooledSeries:
    """Pool the first study, the first two, the first three, ...

    Parameters
    ----------
    es : EffectSizes
        One set of studies.
    order : array-like, shape (K,), optional
        What to sort the studies by: years, sample sizes, precision. Ties keep the
        order of the set. The order of the set when left out.
    **options
        Of :func:`k2stats.pool`.

    Returns
    -------
    PooledSeries
        The first step has one study, and tau2 0 by convention.

    Raises
    ------
    InvalidEvidenceError
        For a batch, or an order of another length.

    Examples
    --------
    >>> es = EffectSizes.from_arrays([-0.9, -1.6, -0.2], [0.3, 0.2, 0.05])
    >>> cumulative(es, [1948, 1933, 1949], tau2="DL", ci="z").estimate.round(3)
    array([-1.6  , -1.32 , -0.838])
    """
    _single(es, least=1)
    if options.get("mask") is not None:
        raise InvalidEvidenceError(field="mask", requirement="left out: select studies")
    sorted_ = np.arange(es.k)
    if order is not None:
        key = np.asarray(order)
        if key.shape != (es.k,):
            raise InvalidEvidenceError(
                field="order", requirement=f"of length {es.k}", given=key.shape
            )
        sorted_ = np.argsort(key, kind="stable")
    first = es[sorted_]
    rows = np.broadcast_to(np.arange(es.k), (es.k, es.k))
    mask: Bools = np.tri(es.k, dtype=bool)
    fits = pool(_taken(first, rows), mask=mask, **_with_weights(options, sorted_))
    return PooledSeries("added", first.labels, fits)


def bootstrap(
    es: EffectSizes,
    *,
    rng: Rng,
    kind: Literal["parametric", "studies"] = "parametric",
    draws: int = 1000,
    **options: Any,
) -> BootstrapPooled:
    r"""Bootstrap of the mean and of tau2, as one batch.

    Parameters
    ----------
    es : EffectSizes
        One set of at least two studies.
    rng : int or Generator
    kind : {"parametric", "studies"}
        Effects drawn from :math:`N(\hat\mu, v_k + \hat\tau^2)`, or studies drawn with
        replacement.
    draws : int
    **options
        Of :func:`k2stats.pool`.

    References
    ----------
    Viechtbauer (2007). Statistics in Medicine 26:37-52.
    Efron and Tibshirani (1993). An Introduction to the Bootstrap.

    Examples
    --------
    >>> es = EffectSizes.from_arrays([-0.9, -1.6, -0.2], [0.3, 0.2, 0.05])
    >>> made = bootstrap(es, rng=1, draws=200, tau2="DL", ci="z")
    >>> made.tau2.shape
    (200,)
    """
    _single(es, least=2)
    random = generator(rng, "the bootstrap")
    fit = pool(es, **options)
    if kind == "parametric":
        spread = np.sqrt(es.v + fit.tau2)
        y = fit.estimate + spread * random.standard_normal((draws, es.k))
        drawn = replace(
            es,
            y=y,
            v=np.broadcast_to(es.v, y.shape),
            study=None,
            by=None,
            n=None,
            added=None,
        )
        picked = np.broadcast_to(np.arange(es.k), y.shape)
    elif kind == "studies":
        picked = random.integers(0, es.k, (draws, es.k))
        drawn = _taken(es, picked)
    else:
        raise InvalidEvidenceError(
            field="kind", requirement="'parametric' or 'studies'", given=kind
        )
    fits = pool(drawn, **_with_weights(options, picked))
    jackknife = leave_one_out(es, **options).fits if es.k > 2 else None
    return BootstrapPooled(
        kind=kind,
        fit=fit,
        estimate=fits.estimate,
        tau2=fits.tau2,
        jackknife_estimate=None if jackknife is None else jackknife.estimate,
        jackknife_tau2=None if jackknife is None else jackknife.tau2,
    )


def _taken(es: EffectSizes, rows: Rows) -> EffectSizes:
    """Sets made of the studies at `rows`, one set a row; labels do not apply."""
    return replace(
        es,
        y=es.y[rows],
        v=es.v[rows],
        n=None if es.n is None else es.n[rows],
        added=None,
        study=None,
        by=None,
    )


def _with_weights(options: dict[str, Any], rows: Rows) -> dict[str, Any]:
    weights = options.get("weights")
    if weights is None:
        return options
    return {**options, "weights": np.asarray(weights, dtype=float)[rows]}


def _single(es: EffectSizes, least: int) -> None:
    require_effect_sizes(es)
    if es.y.ndim != 1:
        raise InvalidEvidenceError(
            field="es", requirement="one set of studies, not a batch", given=es.shape
        )
    if es.k < least:
        raise InvalidEvidenceError(
            field="es", requirement=f"of at least {least} studies", given=es.k
        )
