"""Pooled estimates of many sets of studies of unequal size."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from k2stats._typing import Floats
from k2stats.errors import InvalidEvidenceError
from k2stats.results._shown import Sheet, Shown
from k2stats.results._words import fixed, p_cell, percent, whole
from k2stats.results.pooled import PooledEstimate, Rng
from k2stats.results.pooled_printing import STAR_ROWS, notes, symbol


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PooledGroups(Shown):
    """One pooled estimate a group of a long table.

    Attributes
    ----------
    groups : ndarray, shape (G,)
        Names of the groups, in order of first appearance.
    parts : tuple of PooledEstimate
        Batches of groups of one size.
    where : tuple of ndarray of int
        Positions in `groups` of the elements of each part.
    """

    groups: "np.ndarray[tuple[int], np.dtype[np.object_]]"
    parts: tuple[PooledEstimate, ...]
    where: tuple["np.ndarray[tuple[int], np.dtype[np.int64]]", ...]

    def __len__(self) -> int:
        return int(self.groups.size)

    def collect(self, pick: Callable[[PooledEstimate], Floats]) -> Floats:
        """Gather an array of every part into the order of `groups`, shape (G,).

        Parameters
        ----------
        pick : callable
            From a batch to an array of one value an element.
        """
        values = [np.asarray(pick(part)) for part in self.parts]
        out = np.empty(len(self), dtype=np.result_type(*values))
        for positions, value in zip(self.where, values, strict=True):
            out[positions] = value
        return out

    @property
    def estimate(self) -> Floats:
        """Means, shape (G,)."""
        return self.collect(lambda fit: fit.estimate)

    @property
    def se(self) -> Floats:
        """Standard errors of the means, shape (G,)."""
        return self.collect(lambda fit: fit.se)

    @property
    def p(self) -> Floats:
        """Two-sided p-values, shape (G,)."""
        return self.collect(lambda fit: fit.p)

    @property
    def tau2(self) -> Floats:
        """Variances between studies, shape (G,)."""
        return self.collect(lambda fit: fit.tau2)

    @property
    def k(self) -> Floats:
        """Numbers of studies, shape (G,)."""
        return self.collect(lambda fit: fit.k)

    def conf_int(
        self, level: float | None = None, method: str | None = None, rng: Rng = None
    ) -> tuple[Floats, Floats]:
        """Confidence limits, each of shape (G,)."""
        made = [part.conf_int(level, method, rng) for part in self.parts]
        return self._scatter([m[0] for m in made]), self._scatter([m[1] for m in made])

    def prediction_interval(
        self, method: str | None = None, level: float | None = None, rng: Rng = None
    ) -> tuple[Floats, Floats]:
        """Limits for the effect of a new study, each of shape (G,)."""
        made = [part.prediction_interval(method, level, rng) for part in self.parts]
        return self._scatter([m[0] for m in made]), self._scatter([m[1] for m in made])

    def _scatter(self, values: list[Floats]) -> Floats:
        out = np.full(len(self), np.nan)
        for positions, value in zip(self.where, values, strict=True):
            out[positions] = value
        return out

    def __getitem__(self, group: object) -> PooledEstimate:
        """Return the meta-analysis of one group."""
        found = np.flatnonzero(self.groups == group)
        if found.size == 0:
            known = ", ".join(map(str, self.groups[:10]))
            raise InvalidEvidenceError(
                field="group", requirement=f"one of {known}", given=group
            )
        for positions, part in zip(self.where, self.parts, strict=True):
            at = np.flatnonzero(positions == found[0])
            if at.size:
                return part[int(at[0])]
        raise AssertionError(group)  # pragma: no cover

    def to_frame(self, *, natural: bool = False) -> pd.DataFrame:
        """One row a group, in order of first appearance."""
        frames = []
        for positions, part in zip(self.where, self.parts, strict=True):
            frame = part.to_frame(natural=natural).drop(columns="set0")
            frame.insert(0, "group", self.groups[positions])
            frame.index = pd.Index(positions)
            frames.append(frame)
        return pd.concat(frames).sort_index()

    def _sheet(self) -> Sheet:
        frame = self.to_frame(natural=True).head(STAR_ROWS)
        first = self.parts[0]
        level, name = percent(first.method.level), symbol(first)
        cells = {
            "group": list(map(str, frame["group"])),
            "k": [whole(x) for x in frame["k"]],
            name: [fixed(x) for x in frame[name]],
            f"{level} low": [fixed(x) for x in frame["ci_low"]],
            f"{level} high": [fixed(x) for x in frame["ci_high"]],
            "p": [p_cell(x) for x in frame["p"]],
        }
        if first.method.has_tau2:
            cells["tau2"] = [fixed(x) for x in frame["tau2"]]
        cells["I2"] = [f"{x:.1f}%" if np.isfinite(x) else "-" for x in frame["I2"]]
        more = len(self) - len(frame)
        below = [f"... and {more} more."] if more > 0 else []
        failed = sum(int((~part.converged).sum()) for part in self.parts)
        if failed:
            below.append(f"Without an estimate: {failed}.")
        title = f"{first.method.model.label}, {len(self)} groups"
        return Sheet(title, cells, (*below, *notes(first)))
