"""Every named test of one 2x2 table: how many call it significant."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from k2stats._typing import Alternative
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence import TwoByTwo
from k2stats.significance import p_values

_EQUAL = 1e-12
"""A p-value this close to alpha, relatively, is alpha: rounding decides nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class MultiverseOfTests:
    """P-values of one table by every test.

    Attributes
    ----------
    table : TwoByTwo
    alpha : float
    frame : DataFrame
        One row a test that is defined: name, label, p, significant.
    undefined : tuple of str
        Tests that have no p for this table.
    """

    table: TwoByTwo
    alpha: float
    frame: pd.DataFrame
    undefined: tuple[str, ...]

    @property
    def tests(self) -> int:
        """Number of tests with a p-value."""
        return len(self.frame)

    @property
    def significant(self) -> int:
        """Number of tests with p below alpha."""
        return int(self.frame["significant"].sum())

    @property
    def share(self) -> float:
        """Share of the tests with p below alpha; NaN where none is defined."""
        return self.significant / self.tests if self.tests else float("nan")

    @property
    def p_range(self) -> tuple[float, float]:
        """Least and greatest p."""
        p = self.frame["p"]
        return (float(p.min()), float(p.max())) if self.tests else (np.nan, np.nan)

    @property
    def agree(self) -> bool:
        """Whether all tests decide alike."""
        return self.significant in (0, self.tests)

    def to_frame(self) -> pd.DataFrame:
        """One row a test, the smallest p first."""
        return self.frame.copy()

    def __str__(self) -> str:
        low, high = self.p_range
        return (
            f"{self.significant} of {self.tests} tests below {self.alpha:g}; "
            f"p from {low:.3g} to {high:.3g}"
        )

    def __repr__(self) -> str:
        return f"{self.table}: {self}"


def multiverse_of_tests(
    table: TwoByTwo, *, alpha: float = 0.05, sided: Alternative = "two-sided"
) -> MultiverseOfTests:
    """Run every named test on one 2x2 table.

    Parameters
    ----------
    table : TwoByTwo
        Of one study.
    alpha : float
        Level of the decision; p equal to it is not below it.
    sided : {"two-sided", "greater", "less"}
        Which tests; one-sided ones answer another question.

    Returns
    -------
    MultiverseOfTests

    Raises
    ------
    InvalidEvidenceError
        For more than one table, or an alpha outside (0, 1).

    Examples
    --------
    >>> table = TwoByTwo.from_counts(events1=33, n1=36, events2=26, n2=35)
    >>> found = multiverse_of_tests(table)
    >>> found.agree, 0.0 < found.share < 1.0
    (False, True)
    """
    given: object = table
    one = isinstance(given, TwoByTwo) and given.events1.size == 1
    if not one:
        shape = getattr(given, "shape", None)
        raise InvalidEvidenceError(
            field="table",
            requirement="a TwoByTwo of one study (multiverse takes many)",
            given=type(given).__name__ if shape is None else shape,
        )
    if isinstance(alpha, bool) or not 0.0 < alpha < 1.0:
        raise InvalidEvidenceError(
            field="alpha", requirement="between 0 and 1", given=alpha
        )
    known = ("two-sided", "greater", "less")
    if sided not in known:
        raise InvalidEvidenceError(
            field="sided", requirement=f"one of {', '.join(known)}", given=sided
        )
    every = p_values(table)
    chosen = every[every["sided"] == sided]
    undefined = chosen["p"].isna()
    frame = chosen.loc[~undefined, ["name", "label", "p"]].sort_values(
        "p", kind="stable"
    )
    frame["significant"] = frame["p"] < alpha * (1.0 - _EQUAL)
    return MultiverseOfTests(
        table=table,
        alpha=float(alpha),
        frame=frame.reset_index(drop=True),
        undefined=tuple(chosen.loc[undefined, "name"]),
    )
