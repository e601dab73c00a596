"""Two means, paired means, medians and correlations, as numbers and as printed."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from k2stats._typing import Floats
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence._coerce import all_hold, is_count, require, rows_of, together
from k2stats.evidence.reported import Reported

Spread: TypeAlias = Literal["sd", "se", "unknown"]


@dataclass(frozen=True, slots=True, eq=False)
class TwoMeans:
    """Means, standard deviations and sizes of two independent groups.

    Attributes
    ----------
    mean1, sd1, n1, mean2, sd2, n2 : ndarray, shape (..., K)
        Group 1 is the treated one. Standard deviations, not standard errors.

    Examples
    --------
    >>> TwoMeans.from_summary(mean1=812, sd1=154, n1=29,
    ...                       mean2=235, sd2=100, n2=45).mean1
    array([812.])
    """

    mean1: Floats
    sd1: Floats
    n1: Floats
    mean2: Floats
    sd2: Floats
    n2: Floats

    @classmethod
    def from_summary(
        cls,
        *,
        mean1: ArrayLike,
        sd1: ArrayLike,
        n1: ArrayLike,
        mean2: ArrayLike,
        sd2: ArrayLike,
        n2: ArrayLike,
    ) -> "TwoMeans":
        """Validate and freeze; n of at least 2 and SDs of at least 0."""
        rows = rows_of((mean1, sd1, n1, mean2, sd2, n2))
        quick = None if rows is None else cls.of_rows(rows)
        if quick is not None:
            return quick
        arrays = together(
            {"mean1": mean1, "sd1": sd1, "n1": n1, "mean2": mean2, "sd2": sd2, "n2": n2}
        )
        for name, values in arrays.items():
            require(name, "finite", np.isfinite(values), values)
        for arm in "12":
            n, sd = arrays[f"n{arm}"], arrays[f"sd{arm}"]
            require(
                f"n{arm}", "a whole number of at least 2", (n >= 2) & (n % 1 == 0), n
            )
            require(f"sd{arm}", "at least 0", sd >= 0, sd)
        return cls(**arrays)

    @classmethod
    def of_rows(cls, rows: Floats) -> "TwoMeans | None":
        """Build from rows in the order of the fields; None if any is impossible.

        The rows are kept as they are, not copied; nothing is said of what is wrong,
        as :meth:`from_summary` does.
        """
        n = rows[2::3]
        possible = (n >= 2) & (n == np.floor(n)) & (rows[1::3] >= 0)
        if all_hold(possible) and all_hold(np.isfinite(rows)):
            return cls(*rows)
        return None

    def __str__(self) -> str:
        if self.mean1.size != 1:
            return f"{self.mean1.size} pairs of means"
        first, second = (
            f"{mean.item():g} (SD {sd.item():g}, n = {n.item():g})"
            for mean, sd, n in (
                (self.mean1, self.sd1, self.n1),
                (self.mean2, self.sd2, self.n2),
            )
        )
        return f"{first} v {second}"


@dataclass(frozen=True, slots=True)
class PrintedTwoMeans:
    """Two means as printed, "235 +/- 100 (n = 45)", each with its spread.

    Parameters
    ----------
    mean1, spread1, mean2, spread2 : Reported
    n1, n2 : int
    spread : {"sd", "se", "unknown"}
        What the number after the mean is; many abstracts do not say.
    outcome, group1, group2 : str

    Examples
    --------
    >>> vk2 = PrintedTwoMeans(Reported("812"), Reported("154"), 29,
    ...                       Reported("235"), Reported("100"), 45)
    >>> print(vk2)
    812 +/- 154 (n = 29) v 235 +/- 100 (n = 45)
    """

    mean1: Reported
    spread1: Reported
    n1: int
    mean2: Reported
    spread2: Reported
    n2: int
    spread: Spread = "unknown"
    outcome: str = ""
    group1: str = ""
    group2: str = ""

    def __post_init__(self) -> None:
        for name in ("n1", "n2"):
            n = getattr(self, name)
            if not is_count(n, least=2):
                raise InvalidEvidenceError(
                    field=name, requirement="a whole number of at least 2", given=n
                )
        for name in ("mean1", "spread1", "mean2", "spread2"):
            number: Reported = getattr(self, name)
            if number.is_bound:
                raise InvalidEvidenceError(
                    field=name, requirement="a number, not a bound", given=number.text
                )
        for name in ("spread1", "spread2"):
            if getattr(self, name).interval.high < 0:
                raise InvalidEvidenceError(
                    field=name, requirement="at least 0", given=getattr(self, name).text
                )

    def __str__(self) -> str:
        return (
            f"{self.mean1.text} +/- {self.spread1.text} (n = {self.n1}) v "
            f"{self.mean2.text} +/- {self.spread2.text} (n = {self.n2})"
        )


@dataclass(frozen=True, slots=True, eq=False)
class PairedMeans:
    """Mean and standard deviation of within-pair differences.

    Attributes
    ----------
    mean_difference, sd_difference, n : ndarray, shape (..., K)
        After minus before; n counts pairs.
    """

    mean_difference: Floats
    sd_difference: Floats
    n: Floats

    @classmethod
    def from_summary(
        cls, *, mean_difference: ArrayLike, sd_difference: ArrayLike, n: ArrayLike
    ) -> "PairedMeans":
        """Validate and freeze.

        Examples
        --------
        >>> PairedMeans.from_summary(mean_difference=.02, sd_difference=.0216, n=4).n
        array([4.])
        """
        arrays = together(
            {
                "mean_difference": mean_difference,
                "sd_difference": sd_difference,
                "n": n,
            }
        )
        for name, values in arrays.items():
            require(name, "finite", np.isfinite(values), values)
        size, sd = arrays["n"], arrays["sd_difference"]
        require(
            "n", "a whole number of at least 2", (size >= 2) & (size % 1 == 0), size
        )
        require("sd_difference", "at least 0", sd >= 0, sd)
        return cls(**arrays)

    def __str__(self) -> str:
        if self.n.size != 1:
            return f"{self.n.size} mean differences"
        mean, sd, n = (
            x.item() for x in (self.mean_difference, self.sd_difference, self.n)
        )
        return f"mean difference {mean:g} (SD {sd:g}, n = {n:g})"


@dataclass(frozen=True, slots=True)
class PairedRows:
    """Raw pairs as printed, one before and one after value a person.

    Parameters
    ----------
    before, after : tuple of Reported
        In the same order; the same unit throughout.
    labels : tuple of str
        Who each pair is.
    outcome : str
    """

    before: tuple[Reported, ...]
    after: tuple[Reported, ...]
    labels: tuple[str, ...] = ()
    outcome: str = ""

    def __post_init__(self) -> None:
        if len(self.before) != len(self.after) or not self.before:
            raise InvalidEvidenceError(
                field="before, after",
                requirement="of one length and not empty",
                given=f"{len(self.before)} and {len(self.after)}",
            )
        if self.labels and len(self.labels) != len(self.before):
            raise InvalidEvidenceError(
                field="labels", requirement=f"{len(self.before)} names"
            )
        units = {r.unit for r in (*self.before, *self.after)}
        if len(units) > 1:
            raise InvalidEvidenceError(
                field="before, after",
                requirement="in one unit",
                given=", ".join(sorted(units)),
            )

    @property
    def differences(self) -> Floats:
        """After minus before, of the printed values, shape ``(n,)``."""
        pairs = zip(self.after, self.before, strict=True)
        return np.array([float(a.value - b.value) for a, b in pairs])

    def __str__(self) -> str:
        pairs = zip(self.before, self.after, strict=True)
        return "; ".join(f"{b.text} to {a.text}" for b, a in pairs)


@dataclass(frozen=True, slots=True)
class MediansWithP:
    """Two medians with group sizes and the p-value printed of their comparison.

    Parameters
    ----------
    median1, median2 : Reported
    n1, n2 : int
    p : Reported
        A value or a bound.
    outcome, group1, group2 : str
    """

    median1: Reported
    n1: int
    median2: Reported
    n2: int
    p: Reported | None = None
    outcome: str = ""
    group1: str = ""
    group2: str = ""

    def __post_init__(self) -> None:
        for name in ("n1", "n2"):
            n = getattr(self, name)
            if not is_count(n, least=1):
                raise InvalidEvidenceError(
                    field=name, requirement="a whole number of at least 1", given=n
                )

    def __str__(self) -> str:
        return f"median {self.median1} (n = {self.n1}) v {self.median2} (n = {self.n2})"


@dataclass(frozen=True, slots=True)
class Correlation:
    """A correlation coefficient as printed.

    Parameters
    ----------
    r : Reported
        Between -1 and 1.
    n : int
        At least 4 pairs, so that Fisher's z has a variance.
    """

    r: Reported
    n: int
    outcome: str = ""

    def __post_init__(self) -> None:
        if abs(self.r.value) > 1:
            raise InvalidEvidenceError(
                field="r", requirement="between -1 and 1", given=self.r.text
            )
        if not is_count(self.n, least=4):
            raise InvalidEvidenceError(
                field="n", requirement="a whole number of at least 4", given=self.n
            )

    def __str__(self) -> str:
        return f"r = {self.r.text} (n = {self.n})"
