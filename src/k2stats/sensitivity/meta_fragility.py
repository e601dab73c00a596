r"""Fragility of a meta-analysis: how few changed outcomes, in any trial, change it.

Two searches. The greedy one, as published, takes the single change that brings the
confidence limit nearest to the null again and again; its count is an upper bound. The
exhaustive one looks at *every* set of changes at levels 1, 2, ... up to a stated depth
and so proves that nothing smaller does.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from k2stats._typing import Ints
from k2stats.errors import InvalidEvidenceError, require_kind
from k2stats.evidence import TwoByTwo
from k2stats.evidence._coerce import is_count
from k2stats.sensitivity._change_search import ChangeSearch
from k2stats.sensitivity.pooled_analyses import PooledAnalysis

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True, eq=False)
class MetaFragility:
    """How many outcomes must change for a pooled conclusion to change.

    Attributes
    ----------
    table : TwoByTwo
        The K trials as observed.
    analysis : PooledAnalysis
    significant : bool
        As observed: whether the interval excludes the null.
    index : int or None
        Fewest changed outcomes found; None where none was found.
    greedy : int or None
        What the greedy search found.
    proved : bool
        Whether every smaller set of changes was looked at.
    depth : int
        Level up to which every set of changes was looked at.
    examined : int
        Meta-analyses run at those levels.
    change1, change2 : ndarray of int, shape (K,)
        Changes in events of the two groups that do it.
    before, after : tuple of float
        Estimate and limits, on the natural scale.
    """

    table: TwoByTwo
    analysis: PooledAnalysis
    significant: bool
    index: int | None
    greedy: int | None
    proved: bool
    depth: int
    examined: int
    change1: Ints
    change2: Ints
    before: tuple[float, float, float]
    after: tuple[float, float, float]

    @property
    def quotient(self) -> float:
        """The index over the number of participants in all trials."""
        if self.index is None:
            return float("nan")
        return self.index / float((self.table.n1 + self.table.n2).sum())

    @property
    def meaning(self) -> str:
        """One line for a reader."""
        now, then = ("significant", "not significant")[:: 1 if self.significant else -1]
        if self.index is None:
            return f"{now.capitalize()} now; no changes were found that make it {then}."
        what = "outcome" if self.index == 1 else "outcomes"
        text = (
            f"{now.capitalize()} now; {self.index} {what} otherwise and it would be "
            f"{then}."
        )
        if self.proved:
            return f"{text} No smaller number does, in whatever trials."
        if self.depth == 0:
            return f"{text} Whether fewer do is not known."
        return f"{text} No number up to {self.depth} does; between is not known."

    def to_frame(self) -> pd.DataFrame:
        """The trials whose outcomes are changed, one row each."""
        where = np.flatnonzero((self.change1 != 0) | (self.change2 != 0))
        t = self.table
        return pd.DataFrame(
            {
                "trial": where + 1,
                "events1": t.events1[where],
                "n1": t.n1[where],
                "events2": t.events2[where],
                "n2": t.n2[where],
                "change1": self.change1[where],
                "change2": self.change2[where],
            }
        )

    def path(self) -> pd.DataFrame:
        """The pooled estimate and its interval as one outcome after another changes.

        The changes are those of `change1` and `change2`; of what is left the one that
        brings the confidence limit nearest to the null (a reverse index: furthest
        from it) comes next.

        Returns
        -------
        DataFrame
            Columns changed (how many), change (in words), estimate, low, high (natural
            scale) and significant; the first row is as observed.
        """
        search = ChangeSearch(self.table, self.analysis)
        left = np.concatenate([self.change1, self.change2]).astype(np.int64)
        now = np.zeros_like(left)
        states, words = [now], ["as observed"]
        while left.any():
            places = np.flatnonzero(left)
            steps = now + np.sign(left)[places][:, None] * np.eye(left.size)[
                places
            ].astype(np.int64)
            gap = search.gaps(steps)
            best = int(np.argmin(gap) if self.significant else np.argmax(gap))
            place = int(places[best])
            now = steps[best]
            left[place] -= np.sign(left[place])
            states.append(now)
            group, trial = divmod(place, search.k)
            events = int(search.events[place]) + int(now[place])
            words.append(
                f"trial {trial + 1}, group {group + 1}: {events} of "
                f"{int(search.n[place])}"
            )
        every = np.stack(states)
        figures = search.estimates(every)
        frame = pd.DataFrame(figures, columns=["estimate", "low", "high"])
        frame.insert(0, "changed", np.arange(len(frame)))
        frame.insert(1, "change", words)
        frame["significant"] = search.gaps(every) > 0.0
        return frame

    def plot(self, *, title: str = "") -> "Figure":
        """The pooled estimate and its interval as outcomes are changed.

        Parameters
        ----------
        title : str
        """
        from k2stats.sensitivity._judgement_figures import meta_fragility_plot

        return meta_fragility_plot(self, title)

    def __str__(self) -> str:
        return self.meaning


def meta_fragility(
    table: TwoByTwo,
    analysis: PooledAnalysis | None = None,
    *,
    depth: int = 2,
    greedy_limit: int = 200,
    most: int = 1_000_000,
) -> MetaFragility:
    r"""Fragility index of a meta-analysis of 2x2 tables.

    .. math:: FI = \min\Bigl\{\sum_k |f_{1k}| + |f_{2k}|\Bigr\}

    over changes in the events of any group of any trial after which the interval of
    the pooled effect no longer excludes its null, or, where it did not, excludes it.

    Parameters
    ----------
    table : TwoByTwo
        K trials, shape (K,).
    analysis : PooledAnalysis, optional
        Risk ratio, random effects by REML with Hartung-Knapp by default.
    depth : int
        Level up to which every set of changes is looked at; 0 for the greedy search
        alone. There are about :math:`(4K)^L / L!` sets at level L.
    greedy_limit : int
        Steps after which the greedy search gives up.
    most : int
        A level with more sets than this is not begun; the result states the depth
        that was reached.

    Returns
    -------
    MetaFragility

    Raises
    ------
    InvalidEvidenceError
        For a batch of sets, or negative limits.
    UnknownMethodError
        For a method of the analysis that is not known.

    References
    ----------
    Atal et al. (2019). Journal of Clinical Epidemiology 111:32-40 (greedy search).

    Examples
    --------
    >>> trials = TwoByTwo.from_counts(events1=[3, 1, 0], n1=[30, 17, 12],
    ...                               events2=[7, 1, 2], n2=[30, 16, 13])
    >>> how = PooledAnalysis("OR", tau2="DL", ci="z")
    >>> found = meta_fragility(trials, how)
    >>> found.index, found.proved
    (2, True)
    """
    require_kind(
        table,
        TwoByTwo,
        field="table",
        requirement="a TwoByTwo, as TwoByTwo.from_counts() makes it",
    )
    how = PooledAnalysis() if analysis is None else analysis
    require_kind(
        how,
        PooledAnalysis,
        field="analysis",
        requirement="a PooledAnalysis, such as PooledAnalysis('RR', tau2='DL')",
    )
    if table.events1.ndim != 1:
        raise InvalidEvidenceError(
            field="table", requirement="one set of trials", given=table.shape
        )
    for name, value in (
        ("depth", depth),
        ("greedy_limit", greedy_limit),
        ("most", most),
    ):
        if not is_count(value, least=0):
            raise InvalidEvidenceError(
                field=name, requirement="a whole number of at least 0", given=value
            )
    search = ChangeSearch(table, how)
    nothing = np.zeros((1, 2 * search.k), dtype=np.int64)
    significant = bool(search.gaps(nothing)[0] > 0.0)
    path = search.greedy(significant, greedy_limit)
    greedy = None if path is None else int(np.abs(path).sum())
    found, reached, examined = path, 0, 0
    for level in range(1, depth + 1):
        if greedy is not None and level >= greedy:
            break
        if search.size(level) > most:
            break
        hit, looked = search.level(level, significant)
        examined += looked
        if hit is not None:
            found = hit
            break
        reached = level
    index = None if found is None else int(np.abs(found).sum())
    change = nothing[0] if found is None else found
    estimates = search.estimates(np.stack([nothing[0], change]))
    return MetaFragility(
        table=table,
        analysis=how,
        significant=significant,
        index=index,
        greedy=greedy,
        proved=index is not None and index <= reached + 1,
        depth=reached,
        examined=examined,
        change1=change[: search.k],
        change2=change[search.k :],
        before=estimates[0],
        after=estimates[1],
    )
