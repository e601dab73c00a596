r"""Fragility indices of trials: how few changed outcomes would change the conclusion.

.. math:: FI = \min\{ L : \text{a table at cost } L \text{ is called otherwise} \}

The search goes through the levels L = 1, 2, ... and looks at *every* table that the
moves allow at a level before it goes to the next. What it finds is therefore minimal,
and :attr:`FragilityIndex.checked` says how many tables were looked at in vain.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from k2stats._registry import Entry
from k2stats._typing import Bools, Floats
from k2stats.errors import InvalidEvidenceError, require_kind
from k2stats.evidence import TwoByTwo
from k2stats.evidence._coerce import is_count
from k2stats.sensitivity._level_search import (
    ByCriterion,
    count_below,
    nearest_by_levels,
)
from k2stats.sensitivity._margin_decisions import ByMargins
from k2stats.sensitivity._margin_search import count_within, nearest_by_margin
from k2stats.sensitivity._margin_walk import CONDITIONAL, LARGEST_ALPHA
from k2stats.sensitivity.criteria import EQUAL, Criterion, criterion
from k2stats.sensitivity.moves import MOVE_SETS, MoveSet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_AT_ONCE = 50_000
"""Trials searched together."""


@dataclass(frozen=True, slots=True, eq=False)
class FragilityIndex:
    """How many outcomes must change for each trial's conclusion to change.

    Arrays have the shape ``(..., K)`` of the tables.

    Attributes
    ----------
    table : TwoByTwo
        As observed.
    criterion : Criterion
    moves : str
        Name in :data:`k2stats.sensitivity.MOVE_SETS`.
    significant : ndarray of bool
        As observed. Where True `index` is the fragility index, where False the
        reverse fragility index.
    index : ndarray
        Least number of moves; NaN where none up to `depth` changes the conclusion.
    change1, change2 : ndarray
        Changes in events of one table that does it; NaN where there is none.
    checked : ndarray
        Tables at lower levels, every one of which leaves the conclusion as it is:
        the proof that `index` is minimal.
    exhausted : ndarray of bool
        True where every table that the moves can reach was looked at and none
        changes the conclusion: there is no index.
    depth : int or None
        Highest level looked at, if one was set.
    """

    table: TwoByTwo
    criterion: Criterion
    moves: str
    significant: Bools
    index: Floats
    change1: Floats
    change2: Floats
    checked: Floats
    exhausted: Bools
    depth: int | None

    @property
    def quotient(self) -> Floats:
        """Fragility quotient: the index over the number of participants.

        Ahmed, Fowler & McCredie (2016), Crit Care Med 44:e1142.
        """
        return np.asarray(self.index / (self.table.n1 + self.table.n2))

    @property
    def signed(self) -> Floats:
        """The index, negative where it is a reverse one."""
        return np.where(self.significant, self.index, -self.index)

    @property
    def after(self) -> TwoByTwo:
        """Tables after the change; as observed where there is none."""
        f1, f2 = (np.nan_to_num(f, nan=0.0) for f in (self.change1, self.change2))
        t = self.table
        return TwoByTwo(t.events1 + f1, t.n1, t.events2 + f2, t.n2)

    @property
    def p_before(self) -> Floats:
        """P-values as observed; NaN where the criterion is an interval."""
        return self.criterion.p(self.table)

    @property
    def p_after(self) -> Floats:
        """P-values after the change."""
        return np.where(np.isnan(self.index), np.nan, self.criterion.p(self.after))

    @property
    def meaning(self) -> list[str]:
        """One line for a reader, for each trial."""
        lines = []
        for i, s, e in zip(
            self.index.ravel(),
            self.significant.ravel(),
            self.exhausted.ravel(),
            strict=True,
        ):
            now, then = ("significant", "not significant")[:: 1 if s else -1]
            if np.isnan(i):
                reach = "at all" if e else f"up to {self.depth}"
                lines.append(f"No number of changes {reach} makes it {then}.")
            else:
                what = "outcome" if i == 1 else "outcomes"
                if self.moves == "transfer":
                    what = "event moved" if i == 1 else "events moved"
                lines.append(
                    f"{now.capitalize()} now; {i:.0f} {what} otherwise and it would "
                    f"be {then}. No smaller number does."
                )
        return lines

    def to_frame(self) -> pd.DataFrame:
        """One row a trial."""
        t, new = self.table, self.after
        columns = {
            "events1": t.events1,
            "n1": t.n1,
            "events2": t.events2,
            "n2": t.n2,
            "significant": self.significant,
            "index": self.index,
            "quotient": self.quotient,
            "events1_after": new.events1,
            "events2_after": new.events2,
            "p_before": self.p_before,
            "p_after": self.p_after,
            "checked": self.checked,
        }
        return pd.DataFrame({name: np.ravel(x) for name, x in columns.items()})

    def plot(self, trial: int = 0, *, title: str = "") -> "Figure":
        """Tables near that of a trial, by their significance, with the nearest change.

        Parameters
        ----------
        trial : int
            Position among the tables.
        title : str

        Raises
        ------
        InvalidEvidenceError
            For a position that is not there.
        """
        from k2stats.sensitivity._grid_figures import fragility_plot

        return fragility_plot(self, trial, title)

    def __str__(self) -> str:
        if self.index.size == 1:
            return self.meaning[0]
        return f"{self.index.size} trials, median index {np.nanmedian(self.index):g}"


def fragility_index(
    table: TwoByTwo,
    test: str = "fisher",
    *,
    moves: str = "both-arms",
    alpha: float = 0.05,
    depth: int | None = None,
) -> FragilityIndex:
    r"""Fragility index of each significant trial, reverse index of each other one.

    .. math:: FI = \min\{|f_1| + |f_2| :
        \text{significant}(x_1 + f_1, x_2 + f_2) \ne
        \text{significant}(x_1, x_2)\}

    for the moves ``"both-arms"``; other sets of moves are in
    :data:`k2stats.sensitivity.MOVE_SETS`. All trials of a batch are searched together.

    Parameters
    ----------
    table : TwoByTwo
        Of any shape ``(..., K)``.
    test : str
        Name of a test such as ``"fisher"``, or measure and method of an interval such
        as ``"RR/katz"``; see :func:`k2stats.sensitivity.criterion`.
    moves : {"both-arms", "one-arm", "either-arm", "transfer"}
        ``"one-arm"`` is the classical index of Walsh et al.: events are added to the
        group with fewer events.
    alpha : float
        A result is significant where p is below alpha (an interval of level
        1 - alpha excludes its null).
    depth : int, optional
        Highest level to look at; as far as the moves go by default.

    Returns
    -------
    FragilityIndex

    Raises
    ------
    UnknownMethodError
        For an unknown test, interval or set of moves.
    InvalidEvidenceError
        If `alpha` is not between 0 and 1 or `depth` is below 1.

    References
    ----------
    Walsh et al. (2014). Journal of Clinical Epidemiology 67:622-628.
    Khan et al. (2020). JAMA Network Open 3:e2012469 (reverse index).
    Ahmed, Fowler & McCredie (2016). Critical Care Medicine 44:e1142 (quotient).

    Examples
    --------
    >>> trial = TwoByTwo.from_counts(events1=36, n1=167, events2=16, n2=165)
    >>> fi = fragility_index(trial)
    >>> fi.index, fi.quotient.round(4), fi.checked
    (array([6.]), array([0.0181]), array([60.]))
    >>> fi.after.events1, fi.after.events2
    (array([34.]), array([20.]))
    """
    require_kind(
        table,
        TwoByTwo,
        field="table",
        requirement="a TwoByTwo, as TwoByTwo.from_counts() makes it",
    )
    rule = criterion(test, alpha)
    entry = MOVE_SETS[moves]
    if depth is not None and not is_count(depth, least=1):
        raise InvalidEvidenceError(
            field="depth", requirement="a whole number of at least 1", given=depth
        )
    flat = TwoByTwo(
        *(np.ravel(x) for x in (table.events1, table.n1, table.events2, table.n2))
    )
    parts = [
        _nearest(flat[at : at + _AT_ONCE], rule, entry, depth)
        for at in range(0, max(flat.events1.size, 1), _AT_ONCE)
    ]
    significant = np.concatenate([now for now, _ in parts])
    index, change1, change2 = (
        np.concatenate([found[j] for _, found in parts]) for j in range(3)
    )
    exhausted = np.concatenate([found[3] for _, found in parts])
    looked = np.where(np.isnan(index), np.inf if depth is None else depth + 1.0, index)
    if "by-margin" in entry.traits:
        checked = count_within(flat, looked - 1.0)
    else:
        checked = count_below(flat, significant, entry.function, looked)
    shape = table.shape
    flags, figures = (significant, exhausted), (index, change1, change2, checked)
    for array in (*flags, *figures):
        array.flags.writeable = False
    return FragilityIndex(
        table=table,
        criterion=rule,
        moves=moves,
        significant=significant.reshape(shape),
        index=index.reshape(shape),
        change1=change1.reshape(shape),
        change2=change2.reshape(shape),
        checked=checked.reshape(shape),
        exhausted=exhausted.reshape(shape),
        depth=depth,
    )


def _nearest(
    table: TwoByTwo, rule: Criterion, moves: Entry[MoveSet], depth: int | None
) -> tuple[Bools, tuple[Floats, Floats, Floats, Bools]]:
    """Whether each trial is significant, and the nearest table called otherwise.

    Tests given both margins are followed from margin to margin, all others asked
    about every table.
    """
    alpha = rule.alpha * (1.0 - EQUAL)
    if rule.name not in CONDITIONAL or alpha > LARGEST_ALPHA:
        now = rule.rejects(table)
        ask = ByCriterion(rule)
        return now, nearest_by_levels(table, now, ask, moves.function, depth)
    margins = ByMargins(rule.name, alpha, table)
    now = margins.rejects(table, np.arange(table.events1.size))
    if "by-margin" in moves.traits:
        return now, nearest_by_margin(table, now, margins.walks, depth)
    return now, nearest_by_levels(table, now, margins, moves.function, depth)
