"""Many meta-analyses from one long table of studies."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from k2stats.effectsizes._base import EffectSizes
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence._coerce import as_floats
from k2stats.models.pooling import pool
from k2stats.results.pooled_groups import PooledGroups


def pool_long(
    group: ArrayLike,
    y: ArrayLike,
    v: ArrayLike,
    *,
    measure: str = "GEN",
    **options: Any,
) -> PooledGroups:
    """Pool every group of a long table.

    Groups of one size are one batch without padding, so that sets of very unequal size
    cost what their studies cost.

    Parameters
    ----------
    group : array-like, shape (N,)
        Which meta-analysis each study belongs to; need not be sorted.
    y, v : array-like, shape (N,)
        Effects and sampling variances.
    measure : str
        Code of the measure.
    **options
        Of :func:`k2stats.pool`, other than ``mask`` and ``weights``.

    Returns
    -------
    PooledGroups
        Groups in order of first appearance.

    Raises
    ------
    InvalidEvidenceError
        For unequal lengths, missing groups or figures, and as :func:`k2stats.pool`.

    Examples
    --------
    >>> made = pool_long(["a", "a", "b", "a", "b"], [0.1, 0.3, 0.5, 0.2, 0.7],
    ...                  [0.01, 0.02, 0.04, 0.02, 0.03], tau2="DL", ci="z")
    >>> list(made.groups), made.estimate.round(4)
    (['a', 'b'], array([0.175 , 0.6143]))
    """
    for name in ("mask", "weights", "tau2_value"):
        if options.get(name) is not None:
            raise InvalidEvidenceError(
                field=name, requirement="left out in a long table"
            )
    labels = np.asarray(group)
    ys, vs = as_floats("y", y), as_floats("v", v)
    if labels.ndim != 1 or not labels.shape == ys.shape == vs.shape:
        raise InvalidEvidenceError(
            field="group, y, v",
            requirement="of one length",
            given=(labels.shape, ys.shape, vs.shape),
        )
    if labels.size == 0:
        raise InvalidEvidenceError(field="group, y, v", requirement="non-empty")
    code, names = pd.factorize(labels)  # in order of first appearance
    if (code < 0).any():
        raise InvalidEvidenceError(
            field="group",
            requirement="given for every study",
            rows=[int(i) for i in np.flatnonzero(code < 0)],
        )
    by_group = np.argsort(code, kind="stable")
    counts = np.bincount(code)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    bad = ~(np.isfinite(ys) & np.isfinite(vs) & (vs > 0.0))
    if bad.any():
        raise InvalidEvidenceError(
            field="y, v",
            requirement="finite, with v above 0",
            rows=[int(i) for i in np.flatnonzero(bad)],
        )
    parts, where = [], []
    for size in np.unique(counts):
        which = np.flatnonzero(counts == size)
        rows = by_group[starts[which][:, np.newaxis] + np.arange(size)]
        es = EffectSizes.from_arrays(
            ys[rows], vs[rows], measure=measure, check_scale=False
        )
        parts.append(pool(es, **options))
        where.append(which)
    shown = np.asarray(names, dtype=object)
    return PooledGroups(shown, tuple(parts), tuple(where))
