"""What the fits of a multiverse are, and which blocks share one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from k2stats._typing import Bools, Floats
from k2stats.models import MEAN_TESTS
from k2stats.sensitivity._multiverse_methods import NO_TAU2
from k2stats.sensitivity._multiverse_models import COUNT_MODELS
from k2stats.sensitivity._multiverse_parts import Block, Plan

Progress: TypeAlias = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class Fits:
    """What every specification gave, each of shape (S,), on the scale of analysis.

    Blocks in their order; within a block sets of studies, then levels.
    """

    estimate: Floats
    se: Floats
    low: Floats
    high: Floats
    p: Floats
    log_p: Floats
    tau2: Floats
    i2: Floats
    q: Floats
    k: Floats
    converged: Bools


@dataclass(frozen=True, slots=True, eq=False)
class Variant:
    """The studies as they are, or with signs flipped, F times.

    Attributes
    ----------
    signs : ndarray of shape (F, K), or None
        What effects are multiplied by; None for the data as they are.
    evidence : evidence or None
        Of shape (K,), or (F, K) with the groups of flipped studies exchanged.
    """

    signs: Floats | None
    evidence: Any

    @property
    def times(self) -> int:
        """Data sets there are of each specification."""
        return 1 if self.signs is None else self.signs.shape[0]


def steps(plan: Plan) -> int:
    """How often :func:`fit_plan` tells its progress."""
    total = 0
    for group in grouped(plan):
        first = plan.blocks[group[0]]
        alone = first.of_counts and not in_batch(first)
        total += 1 + (first.rows.size if alone else 0)
    return total


def in_batch(block: Block) -> bool:
    """Whether many data sets are one call."""
    if block.of_counts:
        return "batch" in COUNT_MODELS[block.method.model].traits
    return "resampling" not in MEAN_TESTS[block.method.ci].traits


def grouped(plan: Plan) -> list[list[int]]:
    """Positions of the blocks that share a fit: effects by model and estimator."""
    found: dict[tuple[object, ...], list[int]] = {}
    for i, block in enumerate(plan.blocks):
        model, tau2, _ = block.method
        alone = block.of_counts or not in_batch(block)
        key = (i,) if alone else (model, tau2)
        found.setdefault(key, []).append(i)
    return list(found.values())


def name_of(plan: Plan, group: Sequence[int]) -> str:
    """What a reader of the progress sees."""
    block = plan.blocks[group[0]]
    model, tau2, _ = block.method
    return model if tau2 == NO_TAU2 else f"{model} {tau2}"
