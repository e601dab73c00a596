"""Every specification of a plan fitted: one batch for each model and estimator.

Sets of studies, measures and rules for zero cells are rows of one array; all intervals
and levels are read off the same fits.
"""

from collections.abc import Sequence
from dataclasses import fields

import numpy as np

from k2stats.sensitivity._multiverse_counts import counts_fits, one_by_one
from k2stats.sensitivity._multiverse_effects import effects_fits
from k2stats.sensitivity._multiverse_fits import (
    Fits,
    Progress,
    Variant,
    grouped,
    in_batch,
    name_of,
)
from k2stats.sensitivity._multiverse_parts import Plan


def fit_plan(
    plan: Plan,
    *,
    rng: np.random.Generator | None = None,
    progress: Progress | None = None,
) -> tuple[Fits, tuple[str, ...]]:
    """Fit every specification; the second part says which had no answer and why."""
    notes: list[str] = []
    variant = Variant(None, plan.material.evidence)
    tell = progress or (lambda name: None)
    parts: dict[int, Fits] = {}
    for group in grouped(plan):
        tell(name_of(plan, group))
        made = _fit_group(plan, group, variant, rng, notes, tell)
        parts.update(zip(group, made, strict=True))
    ordered = [parts[i] for i in range(len(plan.blocks))]
    whole = {
        f.name: np.concatenate([getattr(part, f.name).ravel() for part in ordered])
        for f in fields(Fits)
    }
    return Fits(**whole), tuple(notes)


def _fit_group(
    plan: Plan,
    group: Sequence[int],
    variant: Variant,
    rng: np.random.Generator | None,
    notes: list[str],
    tell: Progress,
) -> list[Fits]:
    blocks = [plan.blocks[i] for i in group]
    if not blocks[0].of_counts:
        return effects_fits(plan, blocks, variant, rng)
    if in_batch(blocks[0]):
        return [counts_fits(plan, blocks[0], variant)]
    return [one_by_one(plan, blocks[0], notes, tell)]
