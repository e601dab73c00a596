"""Which changes of a 2x2 table a fragility index counts, and what each costs.

A move changes the outcome of a participant; the sizes of the groups stay as they are.
Every set of moves lists, for a level L, all changes (f1, f2) in the events of the two
groups that cost exactly L.
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from k2stats._registry import Registry
from k2stats._typing import Bools, Ints
from k2stats.evidence import TwoByTwo

MoveSet: TypeAlias = Callable[[TwoByTwo, Bools, int], tuple[Ints, Ints]]
"""Takes tables of shape (T,), whether each is significant, and the level; returns the
changes in events of group 1 and 2, each of shape (T, M) or (1, M)."""

MOVE_SETS: Registry[MoveSet] = Registry("move set")
"""Sets of moves. Trait ``by-margin``: a search over the margin of events covers it."""

_LIN = "Lin (2021), J Eval Clin Pract, doi 10.1111/jep.13428"


@MOVE_SETS.register(
    "both-arms",
    label="any changes of outcome in either or both groups",
    reference=_LIN,
    equation="|f1| + |f2| = L",
    traits=("by-margin",),
)
def both_arms(table: TwoByTwo, significant: Bools, level: int) -> tuple[Ints, Ints]:
    """All changes with |f1| + |f2| = level, in order of f1, then f2.

    Examples
    --------
    >>> t = TwoByTwo.from_counts(events1=5, n1=9, events2=1, n2=9)
    >>> [f.tolist() for f in both_arms(t, np.array([True]), 1)]
    [[[-1, 0, 0, 1]], [[0, -1, 1, 0]]]
    """
    first = np.arange(-level, level + 1)
    rest = level - np.abs(first)
    f1 = np.repeat(first, np.where(rest > 0, 2, 1))
    size = level - np.abs(f1)
    again = np.concatenate([[False], f1[1:] == f1[:-1]])
    return f1[None, :], np.where(again, size, -size)[None, :]


@MOVE_SETS.register(
    "one-arm",
    label="events added to (for the reverse index, taken from) the group with fewer",
    reference="Walsh et al. (2014), J Clin Epidemiol 67:622; reverse: Khan et al. "
    "(2020), JAMA Netw Open 3:e2012469",
    equation="f = +L (reverse: -L) in the group with fewer events, 0 in the other",
)
def one_arm(table: TwoByTwo, significant: Bools, level: int) -> tuple[Ints, Ints]:
    """Return the classical index's single change, in the group with fewer events.

    Of groups with equally many events the one with the lower risk is changed, and
    group 1 where the risks are equal too.
    """
    fewer1 = (table.events1 < table.events2) | (
        (table.events1 == table.events2) & (table.n1 >= table.n2)
    )
    step = np.where(significant, level, -level)
    f1, f2 = np.where(fewer1, step, 0), np.where(fewer1, 0, step)
    return f1[:, None], f2[:, None]


@MOVE_SETS.register(
    "either-arm",
    label="changes of outcome in one group, whichever it is",
    reference=_LIN,
    equation="|f1| = L and f2 = 0, or f1 = 0 and |f2| = L",
)
def either_arm(table: TwoByTwo, significant: Bools, level: int) -> tuple[Ints, Ints]:
    """Changes of one group alone, in either direction."""
    f1, f2 = np.array([-level, 0, 0, level]), np.array([0, -level, level, 0])
    return f1[None, :], f2[None, :]


@MOVE_SETS.register(
    "transfer",
    label="an event moved from one group to the other, the total kept",
    reference="As the reverse index of the R package fragilityindex 0.1.0",
    equation="f1 = -f2, |f1| = L: each move changes one outcome in each group",
)
def transfer(table: TwoByTwo, significant: Bools, level: int) -> tuple[Ints, Ints]:
    """Events moved between the groups; one move changes two outcomes."""
    f1 = np.array([-level, level])
    return f1[None, :], -f1[None, :]
