"""Every model that makes sense on the trials of a set, beside what is printed."""

from dataclasses import dataclass

import numpy as np

from k2stats._typing import Bools, Ints
from k2stats.audit.battery import in_window
from k2stats.audit.pooled_sets import PooledPrint, PooledSet
from k2stats.sensitivity.multiverse import multiverse
from k2stats.sensitivity.multiverse_result import Multiverse

ALL, UNFLAGGED = "all", "without flagged"


@dataclass(frozen=True, slots=True)
class PrintCheck:
    """A printed pool beside every model tried on the trials.

    Attributes
    ----------
    print : PooledPrint
    tried : int
    matching : tuple of str
        Models that give estimate and both limits as printed.
    """

    print: PooledPrint
    tried: int
    matching: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModelRange:
    """Every model tried on one choice of trials, in brief.

    Attributes
    ----------
    members : str
    tried, significant : int
        How many models, and how many of them have p below 0.05.
    low, high : float
        Least and greatest pooled ratio.
    """

    members: str
    tried: int
    significant: int
    low: float
    high: float


def every_model(of: PooledSet, chosen: dict[str, Bools]) -> Multiverse:
    """Run every model that makes sense on all trials and on those not flagged."""
    left = {
        members: mask
        for members, mask in chosen.items()
        if members != ALL and int(mask.sum()) > 1
    }
    return multiverse(of.effect_sizes(), subsets=left or None, exclude=None)


def rows_of(models: Multiverse) -> dict[str, Ints]:
    """Return the positions of the models on each choice of trials."""
    names = models.levels_of["subset"]
    return {
        ALL if code == 0 else name: np.flatnonzero(models.codes["subset"] == code)
        for code, name in enumerate(names)
    }


def check(printed: PooledPrint, models: Multiverse, at: Ints) -> PrintCheck:
    """Say which models print as the source does."""
    ratio = printed.ratio
    fits = (
        in_window(models.natural[at], ratio.estimate.interval)
        & in_window(models.natural_low[at], ratio.low.interval)
        & in_window(models.natural_high[at], ratio.high.interval)
    )
    names = sorted(
        (_name(models, int(row)) for row in at[fits]),
        key=lambda name: not name.startswith("common"),
    )
    return PrintCheck(printed, int(models.converged[at].sum()), tuple(names))


def _name(models: Multiverse, row: int) -> str:
    """Return a model with its estimator and interval, as far as it has them."""
    parts = [
        models.levels_of[c][int(models.codes[c][row])] for c in ("model", "tau2", "ci")
    ]
    model = {"random": "random effects", "common": "common effect"}.get(
        parts[0], parts[0]
    )
    return f"{model} ({', '.join(x for x in parts[1:] if x != 'none')})"


def model_range(members: str, models: Multiverse, at: Ints) -> ModelRange:
    """Count the models whose p is below 0.05."""
    there = at[models.converged[at]]
    return ModelRange(
        members=members,
        tried=there.size,
        significant=int(models.significant[there].sum()),
        low=float(np.min(models.natural[there])),
        high=float(np.max(models.natural[there])),
    )


def moves_most(models: Multiverse) -> str:
    """Name the choice that moves the estimate most; empty where none moves it."""
    if not models.varied or np.ptp(models.estimate[models.converged]) == 0.0:
        return ""
    return models.decomposition().leading
