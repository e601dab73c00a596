"""Graphical display of heterogeneity: the meta-analyses of all subsets of studies."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.cluster import vq

from k2stats._typing import Bools, Floats, Ints
from k2stats.diagnostics._gosh_kernel import Sums, fit_by_masks
from k2stats.diagnostics._shown import Shown
from k2stats.diagnostics._studies import (
    Effects,
    Sample,
    frozen,
    labels_of,
    one_sample,
    with_estimator,
)
from k2stats.errors import InvalidEvidenceError
from k2stats.heterogeneity.tau2 import COMMON

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_ALL = 22
"""Studies up to which every subset can be asked for."""
_SUMS = ("DL", *COMMON)
_CHUNK = 1 << 14
_LEAST = 2
_APART = 0.5
"""Least difference between two clusters in the share of subsets with a study."""


@dataclass(frozen=True, slots=True, eq=False)
class Gosh:
    """Fits of many subsets of one set of studies.

    Attributes
    ----------
    study : tuple
        Labels.
    subset : ndarray of int64, shape (S,)
        Which studies each has, study i as bit i.
    size : ndarray, shape (S,)
        Number of studies.
    estimate, tau2, Q, I2 : ndarray, shape (S,)
        I2 in percent. NaN where no fit was found.
    every : bool
        Whether these are all subsets of two or more studies.
    tau2_method : str
    shown : Shown
        What an axis of effects says.
    """

    study: tuple[Hashable, ...]
    subset: Ints
    size: Ints
    estimate: Floats
    tau2: Floats
    Q: Floats
    I2: Floats
    every: bool
    tau2_method: str
    shown: Shown

    def has(self, study: Hashable) -> Bools:
        """Whether each subset has a study.

        Raises
        ------
        InvalidEvidenceError
            For an unknown label.
        """
        if study not in self.study:
            raise InvalidEvidenceError(
                field="study",
                requirement=f"one of {', '.join(map(str, self.study[:10]))}",
                given=study,
            )
        return np.asarray((self.subset >> self.study.index(study)) & 1, dtype=bool)

    def by_study(self) -> pd.DataFrame:
        """Mean estimate and I2 of the subsets with and without each study."""
        rows = []
        for label in self.study:
            there = self.has(label)
            rows.append(
                {
                    "with": np.nanmean(self.estimate[there]),
                    "without": np.nanmean(self.estimate[~there]),
                    "I2 with": np.nanmean(self.I2[there]),
                    "I2 without": np.nanmean(self.I2[~there]),
                }
            )
        frame = pd.DataFrame(rows, index=pd.Index(self.study, name="study"))
        frame["shift"] = frame["with"] - frame["without"]
        return frame

    def clusters(
        self,
        groups: int = 2,
        *,
        rng: int | np.random.Generator,
        most: int = 20_000,
        share: float = 0.7,
    ) -> "GoshClusters":
        """Cluster the subsets by estimate and I2, and name the studies behind it.

        Subsets fall into clouds where a study (or several) shifts them. The clouds
        are found by k-means on the standardised estimate and I2 of a sample. A study
        makes a cluster where the shares of subsets that have it differ by at least
        one half between two clusters, and by twice what is usual of the studies; and
        at least `share` of the subsets in one have it, or lack it.

        Parameters
        ----------
        groups : int
        rng : int or Generator
        most : int
            Subsets that are clustered.
        share : float
            Between 0.5 and 1.

        Raises
        ------
        InvalidEvidenceError
        """
        if groups < 2:
            raise InvalidEvidenceError(
                field="groups", requirement="at least 2", given=groups
            )
        if not 0.5 < share <= 1.0:
            raise InvalidEvidenceError(
                field="share", requirement="above 0.5 and at most 1", given=share
            )
        random = np.random.default_rng(rng)
        usable = np.flatnonzero(np.isfinite(self.estimate) & np.isfinite(self.I2))
        if usable.size > most:
            usable = np.sort(random.choice(usable, most, replace=False))
        points = np.stack([self.estimate[usable], self.I2[usable]], axis=-1)
        spread = points.std(axis=0)
        centred = (points - points.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
        centres, label = vq.kmeans2(centred, groups, minit="++", rng=random)
        bits = (self.subset[usable, np.newaxis] >> np.arange(len(self.study))) & 1
        inside = np.stack(
            [
                bits[label == g].mean(axis=0)
                if (label == g).any()
                else np.full(len(self.study), np.nan)
                for g in range(groups)
            ]
        )
        low, high = np.nanmin(inside, axis=0), np.nanmax(inside, axis=0)
        apart = high - low
        # One of r studies that shift together is in 2**(r - 1) of the 2**r - 1
        # subsets that have any of them: over half, and in none of the others.
        made = (apart >= _APART) & (apart >= 2.0 * np.median(apart))
        made &= (high >= share) | (low <= 1.0 - share)
        return GoshClusters(
            subset=self.subset[usable],
            label=label,
            centre=frozen(centres * spread + points.mean(axis=0)),
            size=np.bincount(label, minlength=groups),
            share=frozen(inside),
            study=self.study,
            outliers=tuple(s for s, m in zip(self.study, made, strict=True) if m),
        )

    def to_frame(self) -> pd.DataFrame:
        """One row a subset."""
        return pd.DataFrame(
            {
                "subset": self.subset,
                "size": self.size,
                "estimate": self.estimate,
                "tau2": self.tau2,
                "Q": self.Q,
                "I2": self.I2,
            }
        )

    def plot(
        self,
        *,
        study: Hashable | None = None,
        rng: int | np.random.Generator = 0,
        most: int = 20_000,
        title: str = "",
    ) -> "Figure":
        """I2 against the estimate, a point a subset, with both distributions.

        Parameters
        ----------
        study : hashable, optional
            A label: subsets with that study and without it are told apart.
        rng : int or Generator
            For the sample that is drawn as points.
        most : int
            Points; the distributions are of all subsets.
        title : str
        """
        from k2stats.diagnostics.gosh_plot import gosh_plot

        return gosh_plot(self, study, np.random.default_rng(rng), most, title)

    def __repr__(self) -> str:
        what = "all" if self.every else "drawn"
        low, high = np.nanmin(self.estimate), np.nanmax(self.estimate)
        return (
            f"GOSH ({self.tau2_method}): {self.subset.size} subsets ({what}) of "
            f"{len(self.study)} studies, estimates {low:.4f} to {high:.4f}"
        )


@dataclass(frozen=True, slots=True, eq=False)
class GoshClusters:
    """Clusters of subsets, and the studies that make them.

    Attributes
    ----------
    subset : ndarray of int64, shape (M,)
    label : ndarray of int, shape (M,)
        Cluster of each.
    centre : ndarray, shape (G, 2)
        Mean estimate and I2.
    size : ndarray of int, shape (G,)
    share : ndarray, shape (G, K)
        Of each cluster's subsets, the share that has each study.
    study : tuple
    outliers : tuple
        Studies that nearly all subsets of one cluster have, or lack, and those of
        another do not.
    """

    subset: Ints
    label: Ints
    centre: Floats
    size: Ints
    share: Floats
    study: tuple[Hashable, ...]
    outliers: tuple[Hashable, ...]

    def __repr__(self) -> str:
        named = ", ".join(map(str, self.outliers)) or "none"
        return f"{self.size.size} clusters of subsets; studies behind them: {named}"


def gosh(
    effects: Effects,
    *,
    tau2: str | None = None,
    subsets: int | None = None,
    rng: int | np.random.Generator | None = None,
) -> Gosh:
    r"""Pool every subset of two or more studies, or many drawn at random.

    With a common effect and DerSimonian-Laird the sums
    :math:`\sum w, \sum w y, \sum w y^2, \sum w^2` of all subsets come from those of
    their halves; other estimators go through the batch kernels with masks.

    Parameters
    ----------
    effects : EffectSizes or PooledEstimate, shape (K,)
    tau2 : str, optional
        Estimator, or ``"EE"``; that of the fit, or DerSimonian-Laird for effects, when
        left out. Others than ``"DL"`` and ``"EE"`` take longer.
    subsets : int, optional
        Number of subsets to draw, each study being in with probability one half;
        all of them when left out, to K = 22.
    rng : int or Generator, optional
        Needed where subsets are drawn.

    Raises
    ------
    InvalidEvidenceError
        For more than 22 studies without `subsets`, or `subsets` without `rng`.
    UnknownMethodError

    References
    ----------
    Olkin, Dahabreh & Trikalinos (2012). Research Synthesis Methods 3:214-223.

    Examples
    --------
    >>> from k2stats.effectsizes import EffectSizes
    >>> es = EffectSizes.from_arrays([0.1, 0.2, 0.3, 1.9], [0.02, 0.03, 0.02, 0.03])
    >>> gosh(es)
    GOSH (DL): 11 subsets (all) of 4 studies, estimates 0.1400 to 1.0969
    """
    effects, tau2 = with_estimator(effects, tau2, "DL")
    given = one_sample(effects, least=3, need="GOSH")
    chosen = _subsets(given, subsets, rng)
    kernel = Sums(given.y, given.v, tau2) if tau2 in _SUMS else None
    parts = [
        kernel.fit(part)
        if kernel is not None
        else fit_by_masks(given.y, given.v, tau2, part)
        for part in _chunks(chosen)
    ]
    estimate, value, q, i2 = (
        frozen(np.concatenate(column)) for column in zip(*parts, strict=True)
    )
    return Gosh(
        study=labels_of(effects),
        subset=chosen,
        size=np.bitwise_count(chosen).astype(np.int64),
        estimate=estimate,
        tau2=value,
        Q=q,
        I2=i2,
        every=subsets is None,
        tau2_method=tau2,
        shown=Shown.of(effects),
    )


def _subsets(
    given: Sample, subsets: int | None, rng: int | np.random.Generator | None
) -> Ints:
    """Return subsets of two or more studies as bits."""
    k = given.k
    if subsets is None:
        if k > MOST_ALL:
            raise InvalidEvidenceError(
                field="subsets",
                requirement=f"given (with rng) for more than {MOST_ALL} studies",
                given=k,
            )
        every = np.arange(1 << k, dtype=np.int64)
        return every[np.bitwise_count(every) >= _LEAST]
    if subsets < 1:
        raise InvalidEvidenceError(
            field="subsets", requirement="at least 1", given=subsets
        )
    if k > 62:
        raise InvalidEvidenceError(
            field="effects", requirement="of at most 62 studies for GOSH", given=k
        )
    if rng is None:
        raise InvalidEvidenceError(
            field="rng", requirement="given where subsets are drawn"
        )
    random = np.random.default_rng(rng)
    found: list[Ints] = []
    total = 0
    while total < subsets:
        drawn = random.integers(0, 1 << k, size=subsets, dtype=np.int64)
        drawn = drawn[np.bitwise_count(drawn) >= _LEAST]
        found.append(drawn)
        total += drawn.size
    return np.concatenate(found)[:subsets]


def _chunks(chosen: Ints) -> Iterator[Ints]:
    return (chosen[i : i + _CHUNK] for i in range(0, chosen.size, _CHUNK))
