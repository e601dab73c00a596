"""Frozen results of the models."""

from k2stats.results.blups import Blups
from k2stats.results.method import PoolingMethod
from k2stats.results.pooled import PooledEstimate
from k2stats.results.pooled_groups import PooledGroups
from k2stats.results.series import PooledSeries

__all__ = [
    "Blups",
    "PooledEstimate",
    "PooledGroups",
    "PooledSeries",
    "PoolingMethod",
]
