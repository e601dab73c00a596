"""Every reasonable analysis of one set of studies, at once: the front door."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from k2stats._typing import Floats, Ints
from k2stats._version import __version__
from k2stats.effectsizes import find_measure
from k2stats.effectsizes._columns import Column
from k2stats.errors import InvalidEvidenceError
from k2stats.models import MEAN_TESTS
from k2stats.models._engine import generator
from k2stats.sensitivity._multiverse_choices import (
    EACH,
    EVERYONE,
    NO_ONE,
    Exclude,
    Rule,
    Subsets,
    names,
    read_ci,
    read_exclude,
    read_levels,
    read_rules,
    read_subsets,
    read_tau2,
)
from k2stats.sensitivity._multiverse_data import Data, read_material
from k2stats.sensitivity._multiverse_fit import Fits, Progress, fit_plan, steps
from k2stats.sensitivity._multiverse_methods import Asked, read_models
from k2stats.sensitivity._multiverse_plan import CHOICES, Plan, make_plan
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


def multiverse(
    data: Data,
    measures: str | Sequence[str] | None = None,
    *,
    tau2: str | Sequence[str] | None = None,
    ci: str | Sequence[str] | None = None,
    zero_cells: Rule | Sequence[Rule] | None = None,
    models: str | Sequence[str] | None = None,
    subsets: Subsets = None,
    exclude: Exclude = EACH,
    levels: float | Sequence[float] = 0.95,
    reference: Mapping[str, object] | None = None,
    study: str | Sequence[Hashable] | None = None,
    by: str | Sequence[Hashable] | None = None,
    vtype: str = "LS",
    correct: bool = True,
    check_scale: bool = True,
    drop_missing: bool = False,
    rng: int | np.random.Generator | None = None,
    progress: Callable[[str, int], Progress] | None = None,
    **columns: Column,
) -> Multiverse:
    r"""Run every combination of analytical choices that makes sense.

    A specification is a measure, a rule for zero cells, a model, an estimator of tau2,
    an interval, a confidence level, a subset of the studies and a set of studies left
    out. Each gives what :func:`k2stats.pool`, :func:`k2stats.mantel_haenszel` and the
    others give for it alone; they are fitted in batches, one for each model and
    estimator. Combinations that make no sense are named in ``invalid`` with the reason;
    a model that has no use for a choice, as a common-effect model for an estimator of
    tau2, is one specification whatever is asked for there.

    Parameters
    ----------
    data : EffectSizes, evidence or DataFrame
        One set of studies: effects; evidence such as
        :class:`~k2stats.evidence.TwoByTwo`; or a frame with `columns` named as
        :func:`k2stats.effect_sizes` takes them.
    measures : str or sequence of str, optional
        Codes. By default RR, OR and RD of 2x2 tables, MD and SMD of means, IRR and IRD
        of rates.
    tau2 : str or sequence of str, optional
        Names in :data:`k2stats.heterogeneity.TAU2`; by default REML, PM, DL, ML, HE and
        SJ.
    ci : str or sequence of str, optional
        Names in :data:`k2stats.models.MEAN_TESTS`, and those of models of counts. By
        default HK, HK-adhoc, z, KR and profile-likelihood for the random-effects model,
        and its own for any other.
    zero_cells : ZeroCells, str or sequence, optional
        Rules, or ``"only0"``, ``"all"``, ``"if0all"``, ``"drop00"``, ``"none"``. By
        default the measure's own, and where a cell is zero also the first, the second
        and the fourth of these.
    models : str or sequence of str, optional
        Names in :data:`k2stats.models.MODELS` and
        :data:`k2stats.sensitivity.COUNT_MODELS`; ``"all"`` for every one that takes
        these data. By default random, common, multiplicative, IVhet and HC, and of
        counts MH and Peto.
    subsets : mapping, str or sequence, optional
        Names to masks or labels; a column of the frame, or one value a study, each
        value then a subset. All studies are always among them.
    exclude : str, mapping or sequence, optional
        ``"each"`` leaves out every study in turn, ``"pairs"`` every two; a mapping of
        names to labels or masks; or labels and sets of labels. None left out is always
        among them. By default ``"each"``; None for nothing else.
    levels : float or sequence of float
        Confidence levels. A specification is significant where p is below one less its
        level.
    reference : mapping, optional
        Choices of the specification that the others are compared with; by default what
        :func:`k2stats.pool` does, or what comes nearest.
    study, by : str or sequence, optional
        Labels and subgroups of the studies: a column, or one value each.
    vtype, correct, check_scale, drop_missing
        As :func:`k2stats.effect_sizes` takes them.
    rng : int or Generator, optional
        For intervals that draw.
    progress : callable, optional
        Given a verb and the number of steps it returns what is called with the name of
        each; see :func:`k2stats.render.progress_bar`.
    **columns : str or array_like
        What the measures are computed from, where `data` is a frame.

    Returns
    -------
    Multiverse

    Raises
    ------
    InvalidEvidenceError, MissingInputError, UnknownMethodError
        Names the field and what it must be; also where no combination makes sense, or
        there are more than two million.

    References
    ----------
    Simonsohn, U., Simmons, J. P., & Nelson, L. D. (2020). Specification curve analysis.
    Nature Human Behaviour, 4, 1208-1214.
    Steegen, S., Tuerlinckx, F., Gelman, A., & Vanpaemel, W. (2016). Increasing
    transparency through a multiverse analysis. Perspectives on Psychological Science,
    11, 702-712.
    Voracek, M., Kossmeier, M., & Tran, U. S. (2019). Which data to meta-analyze, and
    how? A specification-curve and multiverse-analysis approach to meta-analysis.
    Zeitschrift fuer Psychologie, 227, 64-82.

    Examples
    --------
    >>> from k2stats.datasets import bcg
    >>> m = multiverse(bcg.BCG, "RR", tau2=["REML", "DL"], ci=["HK", "z"],
    ...                models=["random", "common", "MH"], study=bcg.LABELS)
    >>> m
    84 specifications of 13 studies (RR)
    >>> m.by_scale()[["least", "median", "most"]].round(3).to_dict("records")
    [{'least': 0.432, 'median': 0.484, 'most': 0.729}]
    """
    plan = planned(
        data,
        measures,
        tau2=tau2,
        ci=ci,
        zero_cells=zero_cells,
        models=models,
        subsets=subsets,
        exclude=exclude,
        levels=levels,
        study=study,
        by=by,
        vtype=vtype,
        correct=correct,
        check_scale=check_scale,
        drop_missing=drop_missing,
        columns=columns,
    )
    draws = {
        b.method.ci
        for b in plan.blocks
        if not b.of_counts and "resampling" in MEAN_TESTS[b.method.ci].traits
    }
    draw = generator(rng, ", ".join(sorted(draws))) if draws else None
    tell = None if progress is None else progress("Fitting", steps(plan))
    fits, notes = fit_plan(plan, rng=draw, progress=tell)
    return _result(plan, fits, notes, reference)


def planned(
    data: Data,
    measures: str | Sequence[str] | None,
    *,
    tau2: str | Sequence[str] | None,
    ci: str | Sequence[str] | None,
    zero_cells: Rule | Sequence[Rule] | None,
    models: str | Sequence[str] | None,
    subsets: Subsets,
    exclude: Exclude,
    levels: float | Sequence[float],
    columns: dict[str, Column],
    **options: Any,
) -> Plan:
    """Read every choice and combine them; nothing is fitted yet."""
    material = read_material(data, names(measures), columns=columns, **options)
    evidence = None if material.evidence is None else type(material.evidence)
    return make_plan(
        material,
        models=read_models(names(models), evidence, material.measures),
        asked=Asked(read_tau2(tau2), read_ci(ci)),
        rules=read_rules(zero_cells),
        subsets=read_subsets(subsets, material.study, material.by, material.frame),
        exclude=read_exclude(exclude, material.study),
        levels=read_levels(levels),
    )


def _result(
    plan: Plan,
    fits: Fits,
    notes: tuple[str, ...],
    reference: Mapping[str, object] | None,
) -> Multiverse:
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
