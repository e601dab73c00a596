"""Every specification of a plan fitted: one batch for each model and estimator.

Sets of studies, measures and rules for zero cells are rows of one array; all intervals
and levels are read off the same fits.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeAlias

import numpy as np

from k2stats._typing import Bools, Floats, Ints
from k2stats.effectsizes import NOTHING
from k2stats.errors import ConvergenceError, InvalidEvidenceError
from k2stats.heterogeneity._closed import inverse_variance
from k2stats.models import MEAN_TESTS, MODELS
from k2stats.models.fitting import Spec, columns_of, make_spec, run
from k2stats.models.mean_tests import log_two_sided_p, two_sided_p
from k2stats.models.weightings import Given
from k2stats.results.counts import CountsFit
from k2stats.sensitivity._multiverse_evidence import picked, repeated
from k2stats.sensitivity._multiverse_methods import NO_TAU2
from k2stats.sensitivity._multiverse_models import COUNT_MODELS, Task
from k2stats.sensitivity._multiverse_plan import Block, Plan, Stack

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
    return [_one_by_one(plan, blocks[0], notes, tell)]


def effects_fits(
    plan: Plan,
    blocks: Sequence[Block],
    variant: Variant,
    rng: np.random.Generator | None = None,
) -> list[Fits]:
    """Fit blocks that share a model of effects and an estimator, as one batch.

    Returns
    -------
    list of Fits
        One a block, arrays of shape (F * sets, levels).
    """
    stacks = list(dict.fromkeys(b.stack for b in blocks))
    cis = list(dict.fromkeys(b.method.ci for b in blocks))
    pieces = [_rows(plan, stack, blocks, variant) for stack in stacks]
    y, v, mask = (np.concatenate(column) for column in zip(*pieces, strict=True))
    present = None if bool(mask.all()) else mask
    model, tau2, _ = blocks[0].method
    estimator = "REML" if tau2 == NO_TAU2 else tau2
    spec = make_spec(model, estimator, cis[0], plan.levels[0])
    columns = run(
        _kernel(spec, cis, plan.levels, rng), y, v, None, spec, present, None, None
    )
    beta, found, converged, k, q, typical, *rest = columns
    with np.errstate(divide="ignore", invalid="ignore"):
        if spec.estimator == "EE":
            df = k - 1.0
            i2 = 100.0 * np.where(q > 0.0, np.maximum(q - df, 0.0) / q, 0.0)
        else:
            i2 = 100.0 * found / (found + typical)
    width = len(plan.levels)
    shared = {"estimate": beta, "tau2": found, "i2": i2, "q": q, "k": k}
    wide = {n: np.repeat(x[:, np.newaxis], width, axis=1) for n, x in shared.items()}
    of_ci = {
        ci: _inference(rest, i, width, np.asarray(converged, dtype=bool), beta)
        for i, ci in enumerate(cis)
    }
    start = 0
    at: dict[Stack, slice] = {}
    for stack, piece in zip(stacks, pieces, strict=True):
        at[stack] = slice(start, start + piece[0].shape[0])
        start += piece[0].shape[0]
    made = []
    for b in blocks:
        held: dict[str, Any] = {**wide, **of_ci[b.method.ci]}
        made.append(Fits(**{n: x[at[b.stack]] for n, x in held.items()}))
    return made


def _rows(
    plan: Plan, stack: Stack, blocks: Sequence[Block], variant: Variant
) -> tuple[Floats, Floats, Bools]:
    """Effects, variances and masks of one stack, flips first, then sets."""
    rows = next(b.rows for b in blocks if b.stack is stack)
    es = stack.effects
    assert es is not None
    y, v = np.where(stack.defined, es.y, 0.0), np.where(stack.defined, es.v, 1.0)
    mask = plan.sets.masks[rows] & stack.defined
    signs = np.ones((1, y.size)) if variant.signs is None else variant.signs
    shape = (signs.shape[0], rows.size, y.size)
    flipped = np.broadcast_to((signs * y)[:, np.newaxis], shape).reshape(-1, y.size)
    return (
        flipped,
        np.broadcast_to(v, shape).reshape(-1, y.size),
        np.broadcast_to(mask, shape).reshape(-1, y.size),
    )


def _kernel(
    spec: Spec,
    cis: Sequence[str],
    levels: Sequence[float],
    rng: np.random.Generator | None,
) -> Callable[[Given], tuple[Floats, ...]]:
    """Return the kernel of one fit and of every inference from it."""
    weigh = MODELS[spec.model].function

    def kernel(given: Given) -> tuple[Floats, ...]:
        fitted = weigh(given)
        with np.errstate(divide="ignore", invalid="ignore"):
            q, trace, _, _ = inverse_variance(given.studies)
            typical = given.studies.df / trace * given.studies.scale**2
        out: list[Floats] = [
            fitted.fit.beta[..., 0],
            fitted.fit.tau2,
            fitted.converged.astype(float),
            fitted.fit.k,
            q,
            typical,
        ]
        for ci in cis:
            for level in levels:
                own = Spec(spec.model, spec.estimator, ci, level)
                made = columns_of(own, fitted, rng)
                out += [made[1][..., 0], *_p(made), made[3][..., 0], made[4][..., 0]]
        return tuple(out)

    return kernel


def _p(made: tuple[Any, ...]) -> tuple[Floats, Floats]:
    """P-value and its logarithm, from the columns of a fit."""
    df, statistic, own = made[2][..., 0], made[5][..., 0], made[6]
    if own is not None:
        return np.exp(own[..., 0]), own[..., 0]
    normal = bool(np.isinf(df).all())
    reference = None if normal else df
    return two_sided_p(statistic, reference), log_two_sided_p(statistic, reference)


def _inference(
    columns: Sequence[Floats], i: int, width: int, converged: Bools, beta: Floats
) -> dict[str, Floats | Bools]:
    """Columns of the i-th interval, levels side by side."""
    mine = columns[5 * width * i : 5 * width * (i + 1)]
    names = ("se", "p", "log_p", "low", "high")
    made: dict[str, Floats | Bools] = {
        name: np.stack(mine[j::5], axis=1) for j, name in enumerate(names)
    }
    known = np.isfinite(beta) & np.isfinite(made["p"][:, 0])
    made["converged"] = np.repeat((converged & known)[:, np.newaxis], width, axis=1)
    return made


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


def _one_by_one(plan: Plan, block: Block, notes: list[str], tell: Progress) -> Fits:
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
