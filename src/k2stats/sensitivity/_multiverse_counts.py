"""Blocks that pool counts: many data sets in one call, or one after the other."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import numpy as np

from k2stats._typing import Bools, Ints
from k2stats.effectsizes import NOTHING
from k2stats.errors import ConvergenceError, InvalidEvidenceError
from k2stats.results.counts import CountsFit
from k2stats.sensitivity._multiverse_evidence import picked, repeated
from k2stats.sensitivity._multiverse_fits import Fits, Progress, Variant
from k2stats.sensitivity._multiverse_models import COUNT_MODELS, Task
from k2stats.sensitivity._multiverse_parts import Block, Plan


def counts_fits(plan: Plan, block: Block, variant: Variant) -> Fits:
    """Fit a block of counts that is one batch, arrays of shape (F * sets, levels)."""
    rows = block.rows
    mask = plan.sets.masks[rows] & block.stack.defined
    evidence = repeated(variant.evidence, rows.size)
    masks = np.tile(mask, (variant.times, 1))
    fits = [
        COUNT_MODELS[block.method.model].function(_task(block, evidence, masks, level))
        for level in plan.levels
    ]
    made = [_columns(fit) for fit in fits]
    return Fits(
        **{
            f.name: np.stack([getattr(one, f.name) for one in made], axis=1)
            for f in fields(Fits)
        }
    )


def _task(block: Block, evidence: Any, mask: Bools | None, level: float) -> Task:
    return Task(
        evidence=evidence,
        mask=mask,
        measure=block.stack.measure,
        zero_cells=block.stack.rule or NOTHING,
        tau2=block.method.tau2,
        ci=block.method.ci,
        level=level,
    )


def _columns(fit: CountsFit) -> Fits:
    """What a fit of counts holds; I2 from Q, where there is one."""
    shape = fit.estimate.shape
    nan = np.full(shape, np.nan)
    q = i2 = nan
    if "Q" in fit.tests:
        q, df = fit.tests["Q"].statistic, fit.tests["Q"].df
        with np.errstate(divide="ignore", invalid="ignore"):
            i2 = 100.0 * np.where(q > 0.0, np.maximum(q - df, 0.0) / q, 0.0)
            i2 = np.where(np.asarray(df) > 0.0, i2, np.nan)
    tau2 = np.zeros(shape) if fit.tau2 is None else fit.tau2
    return Fits(
        *(fit.estimate, fit.se, fit.ci_low, fit.ci_high, fit.p, fit.log_p),
        *(np.broadcast_to(tau2, shape), i2, q, np.broadcast_to(fit.k, shape)),
        fit.converged & np.isfinite(fit.p),
    )


def one_by_one(plan: Plan, block: Block, notes: list[str], tell: Progress) -> Fits:
    """Fit a block whose model takes one data set, set after set."""
    shape = (block.rows.size, len(plan.levels))
    out = {f.name: np.full(shape, np.nan) for f in fields(Fits)}
    out["converged"] = np.zeros(shape, dtype=bool)
    for i, where in enumerate(_sets_told(plan, block, tell)):
        chosen = picked(plan.material.evidence, plan.sets.masks[where])
        for j, level in enumerate(plan.levels):
            try:
                fit = COUNT_MODELS[block.method.model].function(
                    _task(block, chosen, None, level)
                )
            except (ConvergenceError, InvalidEvidenceError) as error:
                notes.append(_no_answer(plan, block, int(where), str(error)))
                break
            made = _columns(fit)
            for name, column in out.items():
                column[i, j] = getattr(made, name)
    return Fits(**out)


def _sets_told(plan: Plan, block: Block, tell: Progress) -> Iterator[Ints]:
    for where in block.rows:
        tell(f"{block.method.model} {plan.sets.exclude[where]}")
        yield where


def _no_answer(plan: Plan, block: Block, where: int, why: str) -> str:
    stack, sets = block.stack, plan.sets
    return (
        f"{stack.measure}, {block.method.model}, {sets.subset[where]}, "
        f"{sets.exclude[where]} left out: no estimate. {why}"
    )
