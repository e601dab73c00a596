"""What a subgroup analysis returns."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import special

from k2stats._typing import Floats
from k2stats.errors import InvalidEvidenceError
from k2stats.heterogeneity import Tau2Interval, tau2_interval
from k2stats.numerics import tails
from k2stats.results import _subgroups_text
from k2stats.results.difference_tests import DIFFERENCE_TESTS, GroupMeans
from k2stats.results.linear_hypothesis import WaldTest
from k2stats.results.method import Step
from k2stats.results.pooled import PooledEstimate, Rng
from k2stats.results.regression import MetaRegression

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True, eq=False)
class Subgroups:
    """A pooled estimate for each subgroup, and whether they differ.

    Arrays have the batch shape (...), ``()`` for one set of studies.

    Attributes
    ----------
    by : str
        What the studies are grouped by.
    groups : tuple
        Names of the G subgroups.
    fits : tuple of PooledEstimate
        One a subgroup.
    overall : PooledEstimate
        All studies together.
    test : Step
        How differences are tested.
    between : WaldTest
        Test of subgroup differences in the model.
    between_common, within_common : WaldTest
        Cochran's Q of all studies, parted into that of the common effects of the
        subgroups and that within them.
    regression : MetaRegression or None
        The model with one tau2 for all subgroups; None where each has its own.
    positions : tuple of ndarray of int
        Studies of each subgroup.
    """

    by: str
    groups: tuple[Hashable, ...]
    fits: tuple[PooledEstimate, ...]
    overall: PooledEstimate
    test: Step
    between: WaldTest
    between_common: WaldTest
    within_common: WaldTest
    regression: MetaRegression | None
    positions: tuple["np.ndarray[Any, np.dtype[np.int64]]", ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """Batch shape."""
        return self.overall.shape

    @property
    def common_tau2(self) -> bool:
        """Whether the subgroups share one tau2."""
        return self.regression is not None

    @property
    def estimate(self) -> Floats:
        """Means on the scale of analysis, shape (..., G)."""
        return self._stack([fit.estimate for fit in self.fits])

    @property
    def se(self) -> Floats:
        """Standard errors of the means, shape (..., G)."""
        return self._stack([fit.se for fit in self.fits])

    @property
    def p(self) -> Floats:
        """Two-sided p-values of the means, shape (..., G)."""
        return self._stack([fit.p for fit in self.fits])

    @property
    def tau2(self) -> Floats:
        """Variances between studies, shape (..., G)."""
        return self._stack([fit.tau2 for fit in self.fits])

    @property
    def k(self) -> Floats:
        """Numbers of studies, shape (..., G)."""
        return self._stack([fit.k for fit in self.fits])

    @property
    def R2(self) -> Floats:  # noqa: N802
        """Percent of tau2 that the subgroups account for; NaN without a common one."""
        gap = np.full(self.shape, np.nan)
        if self.regression is None or not self.overall.method.has_tau2:
            return gap
        with np.errstate(divide="ignore", invalid="ignore"):
            share = 1.0 - self.regression.tau2 / self.overall.tau2
        return np.where(self.overall.tau2 > 0.0, 100.0 * np.maximum(share, 0.0), 0.0)

    def difference_test(self, name: str | None = None) -> WaldTest:
        """Test of equal means by another method.

        Parameters
        ----------
        name : str, optional
            In :data:`k2stats.results.difference_tests.DIFFERENCE_TESTS`: ``"Q"``,
            ``"Welch"``, or ``"F"`` where tau2 is common.

        Raises
        ------
        UnknownMethodError
        InvalidEvidenceError
            For ``"F"`` where each subgroup has a tau2 of its own.
        """
        if name is None or name == self.test.name:
            return self.between
        return difference(self.fits, name, common_tau2=self.common_tau2)

    def differences(
        self, *, natural: bool = False, level: float | None = None
    ) -> pd.DataFrame:
        r"""Differences in mean between all pairs of subgroups.

        .. math:: \hat\mu_b - \hat\mu_a, \qquad
            \operatorname{SE}^2 = \operatorname{SE}_a^2 + \operatorname{SE}_b^2

        with the degrees of freedom of Welch and Satterthwaite, or of the model where
        tau2 is common.

        Parameters
        ----------
        natural : bool
            For effects on a log scale, ratios: of two RRs.
        level : float, optional

        Raises
        ------
        InvalidEvidenceError
            For a batch; for `natural` where effects are not logarithms.
        """
        self._require_single("a frame")
        scale = self.overall.effects.scale
        if natural and scale.name != "log":
            raise InvalidEvidenceError(
                field="natural",
                requirement="false where the effects are not logarithms",
                given=self.overall.effects.measure,
            )
        at = self.overall.method.level if level is None else level
        back = np.exp if natural else np.asarray
        rows, names = [], []
        for a, b in combinations(range(len(self.groups)), 2):
            gap = float(self.estimate[b] - self.estimate[a])
            se = float(np.hypot(self.se[a], self.se[b]))
            df = self._pair_df(a, b)
            upper = 0.5 + 0.5 * at
            t0 = special.ndtri(upper) if np.isinf(df) else special.stdtrit(df, upper)
            half = float(t0) * se
            t = np.asarray(gap / se)
            p = tails.normal_p(t) if np.isinf(df) else tails.student_p(t, df)
            names.append(f"{self.groups[b]} - {self.groups[a]}")
            rows.append(
                {
                    "ratio" if natural else "difference": float(back(gap)),
                    "se": se,
                    "statistic": float(t),
                    "df": df,
                    "p": float(p),
                    "ci_low": float(back(gap - half)),
                    "ci_high": float(back(gap + half)),
                }
            )
        frame = pd.DataFrame(rows, index=names)
        return frame.drop(columns="se") if natural else frame

    def _pair_df(self, a: int, b: int) -> float:
        if self.regression is not None:
            row = np.zeros(len(self.groups))
            row[[a, b]] = -1.0, 1.0
            found = self.regression.reference.of_row(row, self.regression.cov)
            return np.inf if found is None else float(found)
        squares = np.array([float(self.fits[g].se) ** 2 for g in (a, b)])
        free = np.array([float(self.fits[g].df) for g in (a, b)])
        with np.errstate(divide="ignore", invalid="ignore"):
            return float(squares.sum() ** 2 / (squares**2 / free).sum())

    def conf_int(
        self, level: float | None = None, method: str | None = None, rng: Rng = None
    ) -> tuple[Floats, Floats]:
        """Confidence limits of the means, each of shape (..., G)."""
        return self._pair([fit.conf_int(level, method, rng) for fit in self.fits])

    def prediction_interval(
        self, method: str | None = None, level: float | None = None, rng: Rng = None
    ) -> tuple[Floats, Floats]:
        """Limits for the effect of a new study of each subgroup, of shape (..., G)."""
        return self._pair(
            [fit.prediction_interval(method, level, rng) for fit in self.fits]
        )

    def tau2_interval(
        self, type: str | None = None, level: float | None = None, rng: Rng = None
    ) -> Tau2Interval:
        """Confidence interval of the tau2 that the subgroups share.

        Raises
        ------
        InvalidEvidenceError
            Where each subgroup has its own: ask ``fits[g].tau2_interval()``.
        """
        reg = self.regression
        if reg is None or not reg.method.has_tau2 or reg.method.tau2.name == "fixed":
            raise InvalidEvidenceError(
                field="tau2",
                requirement="estimated and common to the subgroups for an interval of "
                "it (each subgroup answers for its own)",
            )
        es, m = self.overall.effects, self.overall.method
        return tau2_interval(
            es.y,
            es.v,
            reg.design.X,
            type=m.tau2_interval if type is None else type,
            method=reg.method.tau2.name,
            level=m.level if level is None else level,
            mask=self.overall.mask,
            rng=rng,
        )

    def __getitem__(self, group: Hashable) -> PooledEstimate:
        """Return the meta-analysis of one subgroup, by its name."""
        if group not in self.groups:
            known = ", ".join(map(str, self.groups[:10]))
            raise InvalidEvidenceError(
                field="group", requirement=f"one of {known}", given=group
            )
        return self.fits[self.groups.index(group)]

    def __len__(self) -> int:
        return len(self.groups)

    def __iter__(self) -> Iterator[PooledEstimate]:
        return iter(self.fits)

    def to_frame(self, *, natural: bool = False) -> pd.DataFrame:
        """One row a subgroup and one for all studies; of a batch, of every set.

        Parameters
        ----------
        natural : bool
            Means and limits on the natural scale.
        """
        return _subgroups_text.to_frame(self, natural=natural)

    def summary(self, digits: int = 4) -> str:
        """Text: subgroups on the natural scale, heterogeneity, tests."""
        return _subgroups_text.summary(self, digits)

    def report(self) -> str:
        """Methods and results as a paragraph for a paper, with references."""
        return _subgroups_text.report(self)

    def forest(self, **options: Any) -> "Figure":
        """Forest plot with a block for each subgroup.

        See :func:`k2stats.results.subgroups_forest.subgroups_forest`.
        """
        from k2stats.results.subgroups_forest import subgroups_forest

        return subgroups_forest(self, **options)

    def __str__(self) -> str:
        return _subgroups_text.short(self)

    def __repr__(self) -> str:
        return _subgroups_text.short(self)

    def _repr_html_(self) -> str:
        return _subgroups_text.html(self)

    def _stack(self, parts: list[Floats]) -> Floats:
        return np.stack([np.broadcast_to(p, self.shape) for p in parts], axis=-1)

    def _pair(self, parts: list[tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
        return self._stack([p[0] for p in parts]), self._stack([p[1] for p in parts])

    def _require_single(self, what: str) -> None:
        if self.shape:
            raise InvalidEvidenceError(
                field="subgroups",
                requirement=f"of one set of studies for {what}",
                given=self.shape,
            )


def difference(
    fits: tuple[PooledEstimate, ...], name: str, *, common_tau2: bool
) -> WaldTest:
    """Test whether the means of independent fits differ, by a named test."""
    entry = DIFFERENCE_TESTS[name]
    if "common" in entry.traits and not common_tau2:
        raise InvalidEvidenceError(
            field="test",
            requirement="'Q' or 'Welch' where each subgroup has a tau2 of its own",
            given=name,
        )
    shape = fits[0].shape

    def stack(parts: list[Floats]) -> Floats:
        return np.stack([np.broadcast_to(p, shape) for p in parts], axis=-1)

    return entry.function(
        GroupMeans(
            stack([f.estimate for f in fits]),
            stack([f.se for f in fits]),
            stack([f.df for f in fits]),
            np.asarray(sum(f.k - 1.0 for f in fits)),
        )
    )
