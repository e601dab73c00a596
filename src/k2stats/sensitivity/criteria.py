"""What makes a 2x2 table significant: a named test, or an interval without its null."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from scipy import special

from k2stats._typing import Bools, Floats
from k2stats.errors import UnknownMethodError, require_kind
from k2stats.evidence import TwoByTwo
from k2stats.sensitivity._arguments import share
from k2stats.sensitivity._fisher_decisions import fisher_rejects
from k2stats.significance import INTERVALS, TWO_BY_TWO_TESTS, TestResult

EQUAL = 1e-12
"""A p-value this close to alpha, relatively, is alpha: rounding decides nothing."""
_CLOSE = 1e-8
"""Statistics this close to their critical value are read as p-values."""

NULLS = {"RD": 0.0, "RR": 1.0, "OR": 1.0}
Rejects: TypeAlias = Callable[[TwoByTwo], Bools]


@dataclass(frozen=True, slots=True)
class Criterion:
    """A rule that calls tables significant or not.

    Attributes
    ----------
    name : str
        A test's name, or ``"RR/katz"``: measure and method of an interval.
    label : str
    reference : str
        Paper of the test or interval.
    alpha : float
        Significance level; intervals are of level one less alpha.
    """

    name: str
    label: str
    reference: str
    alpha: float

    def rejects(self, table: TwoByTwo) -> Bools:
        """Whether each table is significant.

        A test that is undefined (NaN) or an interval without limits does not reject.

        Examples
        --------
        >>> t = TwoByTwo.from_counts(events1=[15, 15], n1=40, events2=[6, 7], n2=40)
        >>> criterion("fisher").rejects(t)
        array([ True, False])
        """
        measure, _, method = self.name.partition("/")
        with np.errstate(all="ignore"):
            if not method:
                if measure == "fisher":
                    return fisher_rejects(table, self.alpha * (1.0 - EQUAL))
                test = TWO_BY_TWO_TESTS[measure].function(table)
                return _is_below(test, self.alpha * (1.0 - EQUAL))
            found = INTERVALS[measure][method].function(table, 1.0 - self.alpha)
            null = NULLS[measure]
            return np.asarray((found.low > null) | (found.high < null))

    def p(self, table: TwoByTwo) -> Floats:
        """P-value of each table; NaN where the criterion is an interval."""
        if "/" in self.name:
            return np.full(table.shape, np.nan)
        with np.errstate(all="ignore"):
            return TWO_BY_TWO_TESTS[self.name].function(table).p


def criterion(name: str, alpha: float = 0.05) -> Criterion:
    """Find a criterion by name.

    Parameters
    ----------
    name : str
        A name in :data:`k2stats.significance.TWO_BY_TWO_TESTS` such as ``"fisher"``:
        significant where p is below alpha. Or measure and method of an interval such
        as ``"RR/katz"`` or ``"RD/wald"``: significant where the interval excludes 1
        (0 for RD).
    alpha : float

    Returns
    -------
    Criterion

    Raises
    ------
    UnknownMethodError
        If there is no such test, measure or interval; names those there are.
    InvalidEvidenceError
        If `alpha` is not between 0 and 1.

    Examples
    --------
    >>> criterion("RR/katz").label
    'Katz log interval of the RR excludes 1'
    """
    alpha = share("alpha", alpha)
    require_kind(
        name, str, field="test", requirement="the name of a test or of an interval"
    )
    measure, _, method = name.partition("/")
    if not method:
        if name not in TWO_BY_TWO_TESTS:
            known = (*TWO_BY_TWO_TESTS, *interval_names())
            raise UnknownMethodError(kind="criterion", name=name, known=known)
        test = TWO_BY_TWO_TESTS[name]
        return Criterion(name, test.label, test.reference, alpha)
    if measure not in INTERVALS:
        known = tuple(INTERVALS)
        raise UnknownMethodError(kind="measure", name=measure, known=known)
    interval = INTERVALS[measure][method]
    label = f"{interval.label} interval of the {measure} excludes {NULLS[measure]:g}"
    return Criterion(name, label, interval.reference, alpha)


def _is_below(test: TestResult, alpha: float) -> Bools:
    """Whether p is below alpha: by the statistic, by p itself where that is close."""
    value = test.statistic
    if test.null == "normal":
        sides = 2.0 if test.alternative == "two-sided" else 1.0
        critical = float(-special.ndtri(alpha / sides))
        if test.alternative == "two-sided":
            value = np.abs(value)
        elif test.alternative == "less":
            value = -value
    elif test.null == "chi2" and np.ndim(test.df) == 0:
        critical = float(special.chdtri(float(test.df), alpha))
    else:
        return np.asarray(test.p < alpha)
    found: Bools = np.asarray(value > critical)
    close = np.abs(value - critical) <= _CLOSE * (1.0 + abs(critical))
    if close.any():
        near = replace(test, statistic=test.statistic[close])
        found[close] = near.p < alpha
    return found


def interval_names() -> tuple[str, ...]:
    """Names of the criteria that are intervals.

    Examples
    --------
    >>> "RD/newcombe" in interval_names()
    True
    """
    return tuple(
        f"{measure}/{method}"
        for measure, registry in INTERVALS.items()
        for method in registry
    )
