"""The result of a multiverse put together: choices, both scales, the reference."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from k2stats._typing import Floats, Ints
from k2stats._version import __version__
from k2stats.effectsizes import find_measure
from k2stats.errors import InvalidEvidenceError
from k2stats.sensitivity._multiverse_choices import EVERYONE, NO_ONE
from k2stats.sensitivity._multiverse_fits import Fits
from k2stats.sensitivity._multiverse_parts import CHOICES, Plan
from k2stats.sensitivity._multiverse_text import level_name
from k2stats.sensitivity.multiverse_result import (
    Multiverse,
    choice_of,
    frozen,
    nearest_to,
)

DEFAULT_REFERENCE = {
    "model": "random",
    "tau2": "REML",
    "ci": "HK",
    "subset": EVERYONE,
    "exclude": NO_ONE,
}
"""What :func:`k2stats.pool` does when nothing is named."""


def assemble(
    plan: Plan,
    fits: Fits,
    notes: tuple[str, ...],
    reference: Mapping[str, object] | None,
) -> Multiverse:
    """Put the fits of a plan beside their choices, on both scales.

    Raises
    ------
    InvalidEvidenceError, UnknownMethodError
        For a reference that is not among the specifications.
    """
    levels_of, codes, sets = _coded(plan)
    size = _sizes(plan, sets)
    natural = _natural(plan, levels_of, codes, fits, size)
    invalid = pd.DataFrame(plan.invalid, columns=[*CHOICES, "reason"])
    arrays: dict[str, Any] = {
        "level": np.array(plan.levels)[codes["level"]],
        "estimate": fits.estimate,
        "se": fits.se,
        "ci_low": fits.low,
        "ci_high": fits.high,
        "natural": natural[0],
        "natural_low": natural[1],
        "natural_high": natural[2],
        "p": fits.p,
        "log_p": fits.log_p,
        "tau2": fits.tau2,
        "I2": fits.i2,
        "Q": fits.q,
        "k": np.nan_to_num(fits.k).astype(np.int64),
        "converged": fits.converged,
        "position": np.arange(plan.size),
    }
    made = Multiverse(
        levels_of=levels_of,
        codes={name: frozen(code) for name, code in codes.items()},
        invalid=invalid,
        reference={},
        study=plan.material.study,
        notes=(*plan.notes, *notes),
        version=__version__,
        plan=plan,
        typical_size=size,
        **{name: frozen(np.asarray(x)) for name, x in arrays.items()},
    )
    object.__setattr__(made, "reference", _references(made, reference))
    return made


def _coded(
    plan: Plan,
) -> tuple[dict[str, tuple[str, ...]], dict[str, Ints], Ints]:
    """Levels of each choice, and which of them every specification has."""
    wide = len(plan.levels)
    found: dict[str, dict[str, int]] = {name: {} for name in CHOICES}
    parts: dict[str, list[Ints]] = {name: [] for name in CHOICES}
    rows = np.concatenate([np.repeat(b.rows, wide) for b in plan.blocks])
    for block in plan.blocks:
        held = {
            "measure": block.stack.measure,
            "zero_cells": block.stack.zero_cells,
            **block.method._asdict(),
        }
        for name, level in held.items():
            code = found[name].setdefault(level, len(found[name]))
            parts[name].append(np.full(block.rows.size * wide, code))
    codes = {name: np.concatenate(p) for name, p in parts.items() if p}
    sets = plan.sets
    for name, labels in (("subset", sets.subset), ("exclude", sets.exclude)):
        for label in labels:
            found[name].setdefault(label, len(found[name]))
        of_set = np.array([found[name][label] for label in labels])
        codes[name] = of_set[rows]
    codes["level"] = np.tile(np.arange(wide), rows.size // wide)
    found["level"] = {level_name(x): i for i, x in enumerate(plan.levels)}
    return {name: tuple(found[name]) for name in CHOICES}, codes, rows


def _sizes(plan: Plan, sets: Ints) -> Floats | None:
    """Harmonic mean of the sizes of the studies present, where a scale asks for it."""
    info = [find_measure(m) for m in plan.material.measures]
    if all(i.scale.back_with_size is None for i in info):
        return None
    n = next(
        (b.stack.effects.n for b in plan.blocks if b.stack.effects is not None), None
    )
    if n is None:
        return None
    with np.errstate(divide="ignore"):
        masks = plan.sets.masks
        means = masks.sum(-1) / np.where(masks, 1.0 / n, 0.0).sum(-1)
    return np.asarray(means[sets])


def _natural(
    plan: Plan,
    levels_of: Mapping[str, tuple[str, ...]],
    codes: Mapping[str, Ints],
    fits: Fits,
    size: Floats | None,
) -> tuple[Floats, Floats, Floats]:
    """Estimates and limits on the natural scale, limits kept in its range."""
    out = [np.array(x) for x in (fits.estimate, fits.low, fits.high)]
    for i, code in enumerate(levels_of["measure"]):
        info, here = find_measure(code), codes["measure"] == i
        needs_size = info.scale.back_with_size is not None
        if needs_size and size is None:
            continue
        with np.errstate(over="ignore", invalid="ignore"):
            back = [
                info.scale.to_natural(x[here], size[here] if needs_size else None)  # type: ignore[index]
                for x in out
            ]
        if info.scale.decreasing:
            back[1], back[2] = back[2], back[1]
        out[0][here] = back[0]
        out[1][here], out[2][here] = (np.clip(x, *info.bounds) for x in back[1:])
    return out[0], out[1], out[2]


def _references(m: Multiverse, given: Mapping[str, object] | None) -> dict[str, int]:
    """Position of the reference specification on every scale."""
    asked: dict[str, str] = {}
    for name, value in (given or {}).items():
        known = m.levels_of[choice_of(name)]
        shown = level_name(value) if isinstance(value, float) else str(value)
        if shown not in known:
            raise InvalidEvidenceError(
                field=f"reference[{name!r}]",
                requirement=f"one of {', '.join(known)}",
                given=value,
            )
        asked[name] = shown
    wanted = {**DEFAULT_REFERENCE, **asked}
    found = {
        name: nearest_to(m, rows, wanted, asked) for name, rows in m.panels.items()
    }
    for at in found.values():
        for name, level in asked.items():
            got = m.levels_of[name][int(m.codes[name][at])]
            if name != "measure" and got != level:
                raise InvalidEvidenceError(
                    field="reference",
                    requirement=f"choices of one specification; none has {asked}",
                )
    return found
