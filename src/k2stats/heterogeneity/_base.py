"""What an estimator of tau2 is, and the table of those there are."""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from k2stats._registry import Registry
from k2stats._typing import Bools, Floats
from k2stats.heterogeneity._studies import Studies


class Estimate(NamedTuple):
    """Estimate, standard error (NaN where undefined) and flag, of batch shape.

    On the scale of :class:`Studies`: variances divided by the square of `scale`.
    """

    tau2: Floats
    se: Floats
    converged: Bools


Tau2Estimator: TypeAlias = Callable[[Studies], Estimate]
TAU2: Registry[Tau2Estimator] = Registry("tau2 estimator")
"""Every estimator of the between-study variance, by metafor's code."""
