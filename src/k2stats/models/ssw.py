r"""Pooling with weights from the sample sizes alone."""

import numpy as np
from numpy.typing import ArrayLike

from k2stats.effectsizes import MEASURES, Rule, TwoRates, ZeroCells, find_measure
from k2stats.effectsizes.compute import measures_of
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence import TwoByTwo, TwoMeans
from k2stats.heterogeneity import estimate_tau2
from k2stats.models._count_registry import COUNT_METHODS
from k2stats.models._strata import q_about, read_mask
from k2stats.results.counts import CountsFit

_REFERENCE = "Bakbergenuly, Hoaglin & Kulinskaya (2020), Res Synth Methods 11:426"

_KINDS = (TwoByTwo, TwoMeans, TwoRates)


@COUNT_METHODS.register(
    "SSW",
    label="Sample-size weights",
    reference=_REFERENCE,
    equation="sum(w_k y_k) / sum(w_k), w = n1 n2 / (n1 + n2)",
    traits=(
        *(m for m in MEASURES if find_measure(m).evidence in _KINDS),
        "batch",
        "random",
    ),
)
def ssw(
    evidence: TwoByTwo | TwoMeans | TwoRates,
    measure: str = "OR",
    *,
    tau2: str | float = 0.0,
    zero_cells: Rule | None = None,
    vtype: str = "LS",
    mask: ArrayLike | None = None,
    level: float = 0.95,
) -> CountsFit:
    r"""Pool effects with weights :math:`w_k = n_{1k} n_{2k} / (n_{1k} + n_{2k})`.

    .. math:: \hat\theta = \frac{\sum w_k y_k}{\sum w_k}, \qquad
        \operatorname{se}^2 = \frac{\sum w_k^2 (v_k + \tau^2)}{(\sum w_k)^2}

    Weights that do not depend on the outcome carry none of the bias that comes from
    the correlation of an effect with its estimated variance.

    Parameters
    ----------
    evidence : TwoByTwo, TwoMeans or TwoRates
        Of shape ``(..., K)``; person-time takes the place of n for rates.
    measure : str
        Any measure of two groups.
    tau2 : str or float
        Name of an estimator, or the value; 0 for the common-effect standard error.
        The estimate is the same.
    zero_cells : ZeroCells or str, optional
        Rule for the studies' own effects; the measure's own by default. For tables,
        studies without events or without non-events are left out.
    vtype : str
        Type of sampling variance.
    mask : array_like of bool, optional
        True where a study is present.
    level : float

    Returns
    -------
    CountsFit
        ``tests["Q"]`` is Cochran's about the inverse-variance weighted mean.

    Raises
    ------
    InvalidEvidenceError
        For counts of another kind or where no study has an effect.
    UnknownMethodError
        For an unknown measure or estimator.

    References
    ----------
    Bakbergenuly, I., Hoaglin, D. C., & Kulinskaya, E. (2020). Methods for estimating
    between-study variance and overall effect in meta-analysis of odds ratios.
    Research Synthesis Methods, 11, 426-442.

    Examples
    --------
    >>> tables = TwoByTwo.from_counts(events1=[4, 6, 3], n1=[123, 306, 231],
    ...                               events2=[11, 29, 11], n2=[139, 303, 220])
    >>> print(ssw(tables))
    OR 0.2401 (95% CI 0.1258 to 0.4581), sample-size weights, 3 studies
    """
    if isinstance(evidence, TwoRates):
        n1, n2 = evidence.time1, evidence.time2
    elif isinstance(evidence, TwoByTwo | TwoMeans):
        n1, n2 = evidence.n1, evidence.n2
    else:
        raise InvalidEvidenceError(
            field="evidence",
            requirement="TwoByTwo, TwoMeans or TwoRates",
            given=type(evidence).__name__,
        )
    rule = zero_cells
    if rule is None and isinstance(evidence, TwoByTwo):
        rule = ZeroCells(drop_double_zero=measure in ("OR", "RR"))
    es = measures_of(evidence, measure, zero_cells=rule, vtype=vtype)
    there = es.complete
    masked = read_mask(mask, es.shape)
    if masked is not None:
        there = there & masked
    if not there.any(axis=-1).all():
        raise InvalidEvidenceError(
            field="evidence",
            requirement="with an effect in at least one study of each set",
            rows=np.flatnonzero(~there.any(axis=-1).ravel()).tolist(),
        )
    y, v = np.where(there, es.y, 0.0), np.where(there, es.v, 1.0)
    if isinstance(tau2, str):
        found = estimate_tau2(y, v, method=tau2, mask=there)
        spread, name = found.tau2, found.method
    else:
        if not (np.isfinite(tau2) and tau2 >= 0):
            raise InvalidEvidenceError(
                field="tau2", requirement="0 or a positive number", given=tau2
            )
        spread, name = np.full(y.shape[:-1], float(tau2)), f"{tau2:g}"
    w = np.where(there, n1 * (n2 / (n1 + n2)), 0.0)
    total = w.sum(axis=-1)
    estimate = (w * y).sum(axis=-1) / total
    variance = (w**2 * (v + spread[..., np.newaxis])).sum(axis=-1) / total**2
    precision = np.where(there, 1.0 / v, 0.0)
    centre = (precision * y).sum(axis=-1) / precision.sum(axis=-1)
    q = q_about(np.where(there, y, np.nan), v, centre)
    return CountsFit.wald(
        estimate,
        np.sqrt(variance),
        level=level,
        measure=measure,
        method="sample-size weights",
        k=np.asarray(there.sum(axis=-1), float),
        k_total=es.k,
        tau2=np.asarray(spread),
        tests={"Q": q},
        record={
            "reference": _REFERENCE,
            "tau2 of the standard error": name,
            "zero cells": str(es.zero_cells or "not applicable"),
        },
    )
