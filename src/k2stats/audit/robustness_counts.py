"""Robustness of a 2x2 table: changed outcomes, missing outcomes, the choice of test."""

import math
from dataclasses import dataclass

import numpy as np

from k2stats.audit._robustness_base import (
    ROBUSTNESS,
    Basis,
    RobustnessLine,
    RobustnessPart,
)
from k2stats.evidence import TwoByTwo
from k2stats.render import significant
from k2stats.sensitivity import (
    MOVE_SETS,
    BinaryWithMissing,
    FragilityIndex,
    criterion,
    fragility_index,
    imputation_grid,
)

_HOLLIS = "Hollis (2002), Stat Med 21:3823"
_GAMBLE = "Gamble & Hollis (2005), J Clin Epidemiol 58:579"
_QUOTIENT = "Ahmed, Fowler & McCredie (2016), Crit Care Med 44:e1142"
_MOST_LOST = 40
"""Unknown outcomes up to which every way they could have turned out is looked at."""


@ROBUSTNESS.register(
    "changed-outcomes",
    label="Changed outcomes",
    reference="Walsh et al. (2014), J Clin Epidemiol 67:622",
    equation="min |f1| + |f2| so that Fisher's test decides otherwise",
)
def changed_outcomes(basis: Basis) -> RobustnessPart | None:
    """Fragility index, quotient and the classical index, under Fisher's test."""
    if basis.table is None:
        return None
    found = fragility_index(basis.table, "fisher", alpha=basis.alpha)
    classical = fragility_index(
        basis.table, "fisher", moves="one-arm", alpha=basis.alpha
    )
    name = "Fragility index" if found.significant[0] else "Reverse fragility index"
    lines = (
        RobustnessLine(
            "fragility",
            f"{name}, Fisher, either or both groups",
            float(found.index[0]),
            _count(found),
            f"{found.meaning[0]}{_proof(found)}",
            MOVE_SETS["both-arms"].reference,
        ),
        RobustnessLine(
            "fragility-quotient",
            "Fragility quotient",
            float(found.quotient[0]),
            significant(float(found.quotient[0]), 3),
            "The index as a share of all participants, where there is one.",
            _QUOTIENT,
        ),
        RobustnessLine(
            "fragility-one-arm",
            f"{name}, Fisher, the group with fewer events",
            float(classical.index[0]),
            _count(classical),
            classical.meaning[0],
            MOVE_SETS["one-arm"].reference,
        ),
    )
    brief = f"{name.lower()} {_count(found)}"
    return RobustnessPart("changed-outcomes", "Changed outcomes", lines, brief)


def _count(found: FragilityIndex) -> str:
    index = float(found.index[0])
    return "none" if math.isnan(index) else f"{index:.0f}"


def _proof(found: FragilityIndex) -> str:
    """Say what shows that the index is minimal, and name a table that does it."""
    if math.isnan(float(found.index[0])):
        return ""
    p_now, p_then = (
        significant(float(x[0]), 3) for x in (found.p_before, found.p_after)
    )
    checked = int(found.checked[0])
    shown = (
        "There is no lower level to look at."
        if checked == 0
        else f"All {checked} tables that fewer changes reach leave it as it is."
    )
    return f" It would be at {found.after} (p {p_then}; now {p_now}). {shown}"


@dataclass(frozen=True, slots=True)
class LossTolerance:
    """How many unknown outcomes more could overturn a conclusion.

    Attributes
    ----------
    lost : int or None
        Least number; None where none up to `most` does.
    after : TwoByTwo or None
        A table with so many more participants that is called otherwise.
    looked : int
        Tables looked at with fewer, every one of which is called as before.
    most : int
    """

    lost: int | None
    after: TwoByTwo | None
    looked: int
    most: int


def loss_tolerance(
    table: TwoByTwo, alpha: float = 0.05, most: int = _MOST_LOST
) -> LossTolerance:
    r"""Least number of participants with unknown outcomes that could overturn a trial.

    .. math:: \min\{m_1 + m_2 : \text{significant}(x_1 + i, n_1 + m_1, x_2 + j,
        n_2 + m_2) \ne \text{significant}(x_1, n_1, x_2, n_2),\;
        0 \le i \le m_1, 0 \le j \le m_2\}

    under Fisher's test: every division of m unknown outcomes between the groups and
    every way in which they could have turned out is looked at before m + 1.

    Parameters
    ----------
    table : TwoByTwo
        Of shape (1,): the participants whose outcome is known.
    alpha : float
    most : int

    References
    ----------
    Hollis (2002). Statistics in Medicine 21:3823-3834.

    Examples
    --------
    >>> fusion = TwoByTwo.from_counts(events1=33, n1=36, events2=26, n2=35)
    >>> found = loss_tolerance(fusion)
    >>> found.lost, str(found.after), found.looked
    (2, '33/36 v 26/37', 4)
    """
    rule = criterion("fisher", alpha)
    now = bool(rule.rejects(table)[0])
    looked = 0
    x1, n1, x2, n2 = (
        float(x[0]) for x in (table.events1, table.n1, table.events2, table.n2)
    )
    for lost in range(1, most + 1):
        m1, i, j = (g.ravel() for g in np.indices((lost + 1, lost + 1, lost + 1)))
        m2 = lost - m1
        possible = (i <= m1) & (j <= m2)
        m1, m2, i, j = (g[possible].astype(float) for g in (m1, m2, i, j))
        tables = TwoByTwo(x1 + i, n1 + m1, x2 + j, n2 + m2)
        hit = np.flatnonzero(rule.rejects(tables) != now)
        if hit.size:
            return LossTolerance(lost, tables[int(hit[0])], looked, most)
        looked += int(possible.sum())
    return LossTolerance(None, None, looked, most)


@ROBUSTNESS.register(
    "missing-outcomes",
    label="Missing outcomes",
    reference=_HOLLIS,
    equation="every number of events among the participants with unknown outcomes",
)
def missing_outcomes(basis: Basis) -> RobustnessPart | None:
    """Best and worst case and the tipping frontier, or how much loss is tolerated."""
    if basis.table is None:
        return None
    if basis.lost is not None:
        return _with_lost(basis.table, basis.lost, basis.alpha)
    found = loss_tolerance(basis.table, basis.alpha)
    if found.lost is None or found.after is None:
        text = f"above {found.most}"
        meaning = (
            f"However up to {found.most} more outcomes had turned out, the decision "
            f"would be the same: {found.looked} tables looked at."
        )
    else:
        text = str(found.lost)
        many = "participants" if found.lost > 1 else "participant"
        meaning = (
            f"Were the outcomes of {found.lost} more {many} missing, the decision "
            f"could turn on them, for instance at {found.after}; on fewer it could not "
            f"({found.looked} tables looked at)."
        )
    line = RobustnessLine(
        "loss-tolerance",
        "Missing outcomes that could overturn it, Fisher",
        float("nan") if found.lost is None else float(found.lost),
        text,
        meaning,
        _HOLLIS,
    )
    return RobustnessPart(
        "missing-outcomes",
        "Missing outcomes",
        (line,),
        missing=("how many participants have no known outcome, by group",),
    )


def _with_lost(table: TwoByTwo, lost: tuple[int, int], alpha: float) -> RobustnessPart:
    """Run every way in which printed losses could have turned out."""
    trial = BinaryWithMissing.from_counts(
        events1=table.events1,
        nonevents1=table.n1 - table.events1,
        missing1=lost[0],
        events2=table.events2,
        nonevents2=table.n2 - table.events2,
        missing2=lost[1],
    )
    rule = criterion("fisher", alpha)
    grid = imputation_grid(trial, "fisher", alpha)
    said = {True: "significant", False: "not significant"}
    lines = [
        RobustnessLine(
            name,
            label,
            float(rule.p(case)[0]),
            f"p {significant(float(rule.p(case)[0]), 3)}",
            f"{case}: {said[bool(rule.rejects(case)[0])]}.",
            _GAMBLE,
        )
        for name, label, case in (
            ("most-events-1", "Most events in group 1", trial.best_case("group 1")),
            ("most-events-2", "Most events in group 2", trial.worst_case("group 1")),
        )
    ]
    lines.append(
        RobustnessLine(
            "tipping",
            "Ways the unknown outcomes could be that overturn it",
            grid.share_overturned,
            f"{grid.share_overturned:.0%}",
            grid.meaning,
            "Liublinska & Rubin (2014), Stat Med 33:4170",
        )
    )
    return RobustnessPart("missing-outcomes", "Missing outcomes", tuple(lines))


@ROBUSTNESS.register(
    "choice-of-test",
    label="Choice of test",
    reference="Steegen et al. (2016), Perspect Psychol Sci 11:702",
    equation="share of named two-sided tests with p below alpha",
)
def choice_of_test(basis: Basis) -> RobustnessPart | None:
    """Share of the named tests below alpha, and the range of p."""
    points = basis.points
    if len(points) < 2:
        return None
    below = [p for p in points if p.significant]
    open_ = [p for p in points if p.significant is None]
    least = min(points, key=lambda p: p.value.floats()[0])
    most = max(points, key=lambda p: p.value.floats()[1])
    ends = least.value.floats()[0], most.value.floats()[1]
    alpha = f"{basis.alpha:g}"
    if len(below) == len(points):
        said = f"Every test tried is below {alpha}: the choice of test decides nothing."
    elif not below and not open_:
        said = f"No test tried is below {alpha}: the choice of test decides nothing."
    else:
        said = (
            f"Whether it is significant at {alpha} depends on the test, which should "
            "have been chosen before the data were seen."
        )
    share = f"{len(below)} of {len(points)}"
    line = RobustnessLine(
        "tests-below-alpha",
        f"Two-sided tests with p below {alpha}",
        len(below) / len(points),
        share,
        f"{said} From {significant(ends[0], 3)} ({least.label}) to "
        f"{significant(ends[1], 3)} ({most.label}).",
        "Steegen et al. (2016), Perspect Psychol Sci 11:702",
    )
    return RobustnessPart(
        "choice-of-test",
        "Choice of test",
        (line,),
        f"{share} tests below {alpha}",
    )
