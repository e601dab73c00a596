"""Sums with weights one over the sampling variances."""

import numpy as np

from k2stats._typing import Floats
from k2stats.heterogeneity._profile import means_of
from k2stats.heterogeneity._single_small import one_mean
from k2stats.heterogeneity._studies import Studies
from k2stats.numerics.wls import project


def inverse_variance(s: Studies) -> tuple[Floats, Floats, Floats, Floats]:
    """Q, tr(P), tr(PP) and the sum of the weights 1/v, of batch shape."""
    if s.y.ndim == 1 and s.X is None and s.mask is None:
        one = one_mean(s.y, s.v).closed()
        return np.array(one[0]), np.array(one[1]), np.array(one[2]), np.array(one[3])
    sums = [_part(x) for x in s.parts()]
    q, h, h2, total = (
        np.concatenate([np.atleast_1d(x).reshape(-1) for x in column]).reshape(
            s.k.shape
        )
        for column in zip(*sums, strict=True)
    )
    return q, h, h2, total


def _part(s: Studies) -> tuple[Floats, Floats, Floats, Floats]:
    if s.X is None:
        return means_of(s).closed()
    w = s.w()
    p = project(w, s.X)
    return p.rss(s.y), p.trace(), p.trace_pair(), np.asarray(w.sum(axis=-1))
