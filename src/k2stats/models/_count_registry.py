"""The table of methods that pool counts, which each method enters by itself."""

from collections.abc import Callable
from typing import TypeAlias

from k2stats._registry import Registry
from k2stats.results.counts import CountsFit

CountMethod: TypeAlias = Callable[..., CountsFit]
"""Takes evidence, the code of a measure, and options by keyword."""

COUNT_METHODS: Registry[CountMethod] = Registry("method that pools counts")
"""Methods that pool counts, each registered beside its definition. Traits: the codes of
the measures it estimates; ``random`` where effects vary between studies; ``exact`` for
exact likelihoods; ``batch`` where leading axes are data sets, pooled in one call;
``moderators`` where :func:`~k2stats.models.glmm_regression` fits it too."""

MARKS = ("random", "exact", "batch", "moderators")
"""Traits that are not measures."""
