"""Every reasonable analysis of one set of studies, at once: the front door."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import numpy as np

from k2stats.effectsizes._columns import Column
from k2stats.models import MEAN_TESTS
from k2stats.models._engine import generator
from k2stats.sensitivity._multiverse_assembly import assemble
from k2stats.sensitivity._multiverse_choices import (
    EACH,
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
from k2stats.sensitivity._multiverse_fit import fit_plan
from k2stats.sensitivity._multiverse_fits import Progress, steps
from k2stats.sensitivity._multiverse_methods import Asked, read_models
from k2stats.sensitivity._multiverse_parts import Plan
from k2stats.sensitivity._multiverse_plan import make_plan
from k2stats.sensitivity.multiverse_result import (
    Multiverse,
)


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
    [{'least': 0.452, 'median': 0.512, 'most': 0.727}]
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
    return assemble(plan, fits, notes, reference)


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
