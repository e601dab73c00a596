"""Confidence intervals by name: one front door to every registered method."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from k2stats._registry import Registry
from k2stats.errors import (
    AmbiguousEvidenceError,
    InvalidEvidenceError,
    UnknownMethodError,
    require_kind,
)
from k2stats.evidence import PrintedTwoByTwo, TwoByTwo
from k2stats.evidence._coerce import frozen, require, together
from k2stats.significance import (
    or_intervals,
    proportion_intervals,
    rd_intervals,
    rr_intervals,
)
from k2stats.significance._intervals import (
    OR_INTERVALS,
    PROPORTION_INTERVALS,
    RD_INTERVALS,
    RR_INTERVALS,
    IntervalResult,
    TwoByTwoInterval,
)

# Importing a module files its methods; naming them keeps the import from looking idle.
_FILED = (rd_intervals, rr_intervals, or_intervals, proportion_intervals)

INTERVALS: Mapping[str, Registry[TwoByTwoInterval]] = MappingProxyType(
    {"RD": RD_INTERVALS, "RR": RR_INTERVALS, "OR": OR_INTERVALS}
)
"""Measure of a 2x2 table -> its interval methods."""


def confidence_interval(
    table: TwoByTwo | PrintedTwoByTwo,
    measure: str,
    method: str,
    level: float = 0.95,
) -> IntervalResult:
    r"""Confidence interval of a risk difference, risk ratio or odds ratio.

    Parameters
    ----------
    table : TwoByTwo or PrintedTwoByTwo
        Counts of shape (..., K), or a print that one table alone fits.
    measure : {"RD", "RR", "OR"}
        :math:`p_1 - p_2`, :math:`p_1 / p_2` or
        :math:`p_1 q_2 / (q_1 p_2)`; group 1 is the treated one.
    method : str
        Name in the measure's registry, e.g. ``"newcombe"``, ``"koopman"``,
        ``"woolf"``; the registry holds each method's equation and paper.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    IntervalResult
        Estimate and limits of shape (..., K) on the natural scale (not
        logarithms). A limit that the data do not set is 0 or infinity, or NaN where
        the method does not exist; each method's module says which.

    Raises
    ------
    UnknownMethodError
        If the measure or the method is not registered; names those that are.
    InvalidEvidenceError
        If `level` is not between 0 and 1.
    AmbiguousEvidenceError
        If several tables fit the print.

    References
    ----------
    Newcombe (1998). Statistics in Medicine 17:873-890.

    Examples
    --------
    >>> fusion = TwoByTwo.from_counts(events1=33, n1=36, events2=26, n2=35)
    >>> ci = confidence_interval(fusion, "RD", "newcombe")
    >>> ci.estimate.round(4), ci.low.round(4), ci.high.round(4)
    (array([0.1738]), array([-0.0038]), array([0.3462]))
    """
    registry = _registry(measure)
    entry = registry[method]
    return _frozen(entry.function(one_table(table), checked_level(level)))


def confidence_intervals(
    table: TwoByTwo | PrintedTwoByTwo,
    measure: str | None = None,
    level: float = 0.95,
    *,
    lacking: str = "",
) -> pd.DataFrame:
    """Every registered interval of one table, a row a method.

    Parameters
    ----------
    table : TwoByTwo or PrintedTwoByTwo
        One table.
    measure : {"RD", "RR", "OR"}, optional
        One measure; all of them by default.
    level : float
        Confidence level, between 0 and 1.
    lacking : str
        Leave out methods of this trait, e.g. ``"unconditional"``, whose cost grows
        quickly with n.

    Returns
    -------
    DataFrame
        Columns measure, method, label, estimate, low, high, reference.

    Raises
    ------
    UnknownMethodError
        If the measure is none of those registered.
    InvalidEvidenceError
        If `level` is not between 0 and 1, or there is more than one table.

    Examples
    --------
    >>> fusion = TwoByTwo.from_counts(events1=33, n1=36, events2=26, n2=35)
    >>> frame = confidence_intervals(fusion, "RR").set_index("method")
    >>> frame.loc["katz", ["estimate", "low", "high"]].astype(float).round(3).tolist()
    [1.234, 0.992, 1.535]
    """
    counts, chosen = one_table(table), checked_level(level)
    if counts.events1.size != 1:
        raise InvalidEvidenceError(
            field="table", requirement="one table", given=f"{counts.events1.size}"
        )
    registries = INTERVALS if measure is None else {measure: _registry(measure)}
    rows = []
    for name, registry in registries.items():
        for entry in registry.entries(lacking=lacking):
            found = entry.function(counts, chosen)
            rows.append(
                {
                    "measure": name,
                    "method": entry.name,
                    "label": entry.label,
                    "estimate": found.estimate.item(),
                    "low": found.low.item(),
                    "high": found.high.item(),
                    "reference": entry.reference,
                }
            )
    return pd.DataFrame(rows)


def proportion_interval(
    events: ArrayLike, n: ArrayLike, method: str = "wilson", level: float = 0.95
) -> IntervalResult:
    r"""Confidence interval of one proportion.

    Parameters
    ----------
    events, n : array_like
        Whole numbers, broadcast together; scalars give one proportion.
    method : str
        Name in the registry, by default Wilson's score interval

        .. math:: \frac{x + z^2/2 \pm z\sqrt{x (n - x)/n + z^2/4}}{n + z^2}.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    IntervalResult
        Shares of one, not percentages.

    Raises
    ------
    UnknownMethodError
        If the method is not registered; names those that are.
    InvalidEvidenceError
        If n is below 1, events are negative, fractional or above n, or `level` is
        not between 0 and 1.

    References
    ----------
    Wilson (1927). Journal of the American Statistical Association 22:209-212.
    Newcombe (1998). Statistics in Medicine 17:857-872.

    Examples
    --------
    >>> ci = proportion_interval(81, 263)
    >>> ci.low.round(4), ci.high.round(4)
    (array([0.2553]), array([0.3662]))
    """
    entry = PROPORTION_INTERVALS[method]
    arrays = together({"events": events, "n": n})
    for name, least in (("n", 1.0), ("events", 0.0)):
        values = arrays[name]
        with np.errstate(invalid="ignore"):
            whole = np.isfinite(values) & (values == np.floor(values))
        require(name, "a whole number", whole, values)
        require(name, f"at least {least:.0f}", values >= least, values)
    require("events", "at most n", arrays["events"] <= arrays["n"], arrays["events"])
    return _frozen(entry.function(arrays["events"], arrays["n"], checked_level(level)))


def one_table(table: TwoByTwo | PrintedTwoByTwo) -> TwoByTwo:
    """Counts of a table, or of a print that fits one table only.

    Raises
    ------
    AmbiguousEvidenceError
        If several tables fit the print.

    Examples
    --------
    >>> print(one_table(PrintedTwoByTwo(events1=33, n1=36, events2=26, n2=35)))
    33/36 v 26/35
    """
    if isinstance(table, TwoByTwo):
        return table
    require_kind(
        table,
        PrintedTwoByTwo,
        field="table",
        requirement="a TwoByTwo (TwoByTwo.from_counts()) or a PrintedTwoByTwo",
    )
    fits = table.feasible()
    if fits.events1.size > 1:
        raise AmbiguousEvidenceError(
            f"{fits.events1.size} tables print as {table}: use feasible() and take "
            "the interval of each.",
            candidates=fits.events1.size,
        )
    return fits


def checked_level(level: float) -> float:
    """Return a confidence level between 0 and 1, as a float.

    Examples
    --------
    >>> checked_level(95)
    Traceback (most recent call last):
    k2stats.errors.InvalidEvidenceError: level must be between 0 and 1, got 95.
    """
    if isinstance(level, bool) or not 0.0 < level < 1.0:
        raise InvalidEvidenceError(
            field="level", requirement="between 0 and 1", given=level
        )
    return float(level)


def _registry(measure: str) -> Registry[TwoByTwoInterval]:
    """Interval methods of a measure."""
    if measure not in INTERVALS:
        raise UnknownMethodError(kind="measure", name=measure, known=tuple(INTERVALS))
    return INTERVALS[measure]


def _frozen(found: IntervalResult) -> IntervalResult:
    """Return the result with its arrays read-only."""
    return IntervalResult(
        *(frozen(np.array(x)) for x in (found.estimate, found.low, found.high))
    )
