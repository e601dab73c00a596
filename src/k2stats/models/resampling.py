"""The same analysis of parts of the data: leave-one-out, cumulative, bootstrap."""

from dataclasses import replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from k2stats._typing import Bools
from k2stats.effectsizes._base import EffectSizes
from k2stats.errors import InvalidEvidenceError
from k2stats.models._engine import generator
from k2stats.models.pooling import pool
from k2stats.results.bootstrap import BootstrapPooled
from k2stats.results.pooled import Rng
from k2stats.results.series import PooledSeries


def leave_one_out(es: EffectSizes, **options: Any) -> PooledSeries:
    """Pool K times, each time without one of the studies.

    All K analyses are one batch.

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
    k = es.k
    if options.get("mask") is not None:
        raise InvalidEvidenceError(field="mask", requirement="left out: select studies")
    # Row i holds the studies other than i: no mask, and every row as long.
    others = np.arange(k - 1) + (np.arange(k - 1) >= np.arange(k)[:, np.newaxis])
    fits = pool(_taken(es, others), **_with_weights(options, others))
    return PooledSeries("left out", es.labels, fits)


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


def _taken(es: EffectSizes, rows: "np.ndarray[Any, np.dtype[np.int64]]") -> EffectSizes:
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


def _with_weights(
    options: dict[str, Any], rows: "np.ndarray[Any, np.dtype[np.int64]]"
) -> dict[str, Any]:
    weights = options.get("weights")
    if weights is None:
        return options
    return {**options, "weights": np.asarray(weights, dtype=float)[rows]}


def _single(es: EffectSizes, least: int) -> None:
    if es.y.ndim != 1:
        raise InvalidEvidenceError(
            field="es", requirement="one set of studies, not a batch", given=es.shape
        )
    if es.k < least:
        raise InvalidEvidenceError(
            field="es", requirement=f"of at least {least} studies", given=es.k
        )
