"""Blocks that pool effects: one fit of tau2, and every interval read off it."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from k2stats._typing import Bools, Floats
from k2stats.heterogeneity._closed import inverse_variance
from k2stats.models import MODELS
from k2stats.models.fitting import Spec, columns_of, make_spec, run
from k2stats.models.mean_tests import log_two_sided_p, two_sided_p
from k2stats.models.weightings import Given
from k2stats.sensitivity._multiverse_fits import Fits, Variant
from k2stats.sensitivity._multiverse_methods import NO_TAU2
from k2stats.sensitivity._multiverse_parts import Block, Plan, Stack


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
