"""Mean and SD from medians, quartiles and ranges: one call, any method, any rows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import EllipsisType
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from k2stats._registry import Registry
from k2stats._typing import Bools, Floats
from k2stats.effectsizes.conversions._shared import at_least, coerce, finite, rule
from k2stats.errors import InvalidEvidenceError, MissingInputError
from k2stats.evidence._coerce import all_hold, frozen

SCENARIOS = ("S1", "S2", "S3")
"""S1: minimum, median, maximum. S2: quartiles. S3: all five."""

FiveNumberMethod: TypeAlias = Callable[[str, Floats, Floats], tuple[Floats, Floats]]
"""Takes the scenario, quantiles of shape (m, 3) or (m, 5) in ascending order, and
sizes (m,); returns mean and SD, each (m,)."""

FIVE_NUMBER_METHODS: Registry[FiveNumberMethod] = Registry("five-number method")
"""Estimators of mean and SD from quantiles. Traits: the scenarios they cover;
``closed-form`` or ``iterative``; ``positive`` where the data must be above 0."""

_PLACES = {"S1": [0, 2, 4], "S2": [1, 2, 3], "S3": [0, 1, 2, 3, 4]}
_NAMES = ("minimum", "q1", "median", "q3", "maximum")
Words: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.str_]]


@dataclass(frozen=True, slots=True, eq=False)
class MeanSD:
    """Estimated mean and SD, and what each row was estimated from.

    Unpacks as ``mean, sd = result``.

    Attributes
    ----------
    mean, sd : ndarray
        In the units of the data; NaN where the method found no answer.
    scenario : ndarray of str
        ``"S1"``, ``"S2"``, ``"S3"``, or ``""`` where the row was missing.
    method : str
    """

    mean: Floats
    sd: Floats
    scenario: Words
    method: str

    def __iter__(self) -> Iterator[Floats]:
        return iter((self.mean, self.sd))


class Summarised(NamedTuple):
    """Quantiles, sorted by what is known of a row.

    Attributes
    ----------
    size : ndarray
        Sample sizes, which have the shape of all.
    scenario : ndarray of str
        Of each row; ``""`` where nothing is known of it.
    parts : dict
        For each scenario where its rows are (``...`` for all), their quantiles with
        the quantiles on the first axis, in ascending order, and their sizes.
    """

    size: Floats
    scenario: Words
    parts: "dict[str, tuple[Bools | EllipsisType, Floats, Floats]]"


def quantiles_of(
    minimum: ArrayLike | None,
    q1: ArrayLike | None,
    median: ArrayLike | None,
    q3: ArrayLike | None,
    maximum: ArrayLike | None,
    n: ArrayLike,
) -> Summarised:
    """Validate quantiles and find each row's scenario.

    Raises
    ------
    InvalidEvidenceError
        For quantiles out of order, all equal, incomplete, or n below 3.
    MissingInputError
        Without the median, or without both quartiles or both extremes.
    """
    given = dict(zip(_NAMES, (minimum, q1, median, q3, maximum), strict=True))
    _check_given(given)
    named = {name: x for name, x in given.items() if x is not None}
    *arrays, size = coerce(**named, n=n)
    at_least(3.0, n=size)
    values = np.array(arrays)
    whole = all_hold(np.isfinite(values))
    if not whole:
        finite(**dict(zip(named, arrays, strict=True)))
    _check_order(tuple(named), values)
    if whole and not np.count_nonzero(np.isnan(size)):
        word = "S3" if len(named) == len(_NAMES) else "S2" if q1 is not None else "S1"
        return Summarised(size, np.full(size.shape, word), {word: (..., values, size)})
    full = np.full((len(_NAMES), *size.shape), np.nan)
    full[[_NAMES.index(name) for name in named]] = values
    scenario = _scenarios(full, size)
    rows = {word: np.asarray(scenario == word) for word in SCENARIOS}
    return Summarised(
        size,
        scenario,
        {
            word: (where, full[_PLACES[word]][:, where], size[where])
            for word, where in rows.items()
            if np.any(where)
        },
    )


def _scenarios(values: Floats, size: Floats) -> Words:
    """Scenario of each row, by what is there of minimum to maximum."""
    have = ~np.isnan(values)
    lowest, first, middle, third, highest = have
    extremes, quartiles = lowest & highest, first & third
    with_n = middle & ~np.isnan(size)
    lone = with_n & ~lowest & ~highest & quartiles
    ends = with_n & extremes & ~first & ~third
    others = np.where(lone, "S2", np.where(ends, "S1", ""))
    scenario = np.where(with_n & extremes & quartiles, "S3", others)
    partial = (scenario == "") & ~(np.isnan(size) | ~middle)
    if np.any(partial):
        raise InvalidEvidenceError(
            field="minimum, q1, q3, maximum",
            requirement="given in pairs: both quartiles, both extremes, or all four",
            rows=np.flatnonzero(partial).tolist(),
        )
    return scenario


def _check_given(given: dict[str, ArrayLike | None]) -> None:
    """Refuse what leaves every row without a scenario."""
    if given["median"] is None:
        raise MissingInputError(field="median", needed_for="mean and SD from quantiles")
    for one, other in (("minimum", "maximum"), ("q1", "q3")):
        if (given[one] is None) != (given[other] is None):
            lacking = one if given[one] is None else other
            raise MissingInputError(field=lacking, needed_for="mean and SD")
    if given["minimum"] is None and given["q1"] is None:
        raise MissingInputError(
            field="q1 and q3, or minimum and maximum",
            needed_for="mean and SD from quantiles",
        )


def _check_order(names: tuple[str, ...], values: Floats) -> None:
    """Refuse quantiles that are out of order or leave no spread."""
    if all_hold(values[1:] >= values[:-1]) and all_hold(values[-1] > values[0]):
        return
    below = values[0]
    for name, row in zip(names[1:], values[1:], strict=True):
        rule(name, "at least every lower quantile", ~(row < below), row)
        below = np.fmax(below, row)
    low, high = np.fmin.reduce(values, axis=0), np.fmax.reduce(values, axis=0)
    rule(
        "maximum or q3", "above minimum or q1; there is no spread", ~(high == low), high
    )


def mean_sd_from_quantiles(
    n: ArrayLike,
    *,
    minimum: ArrayLike | None = None,
    q1: ArrayLike | None = None,
    median: ArrayLike | None = None,
    q3: ArrayLike | None = None,
    maximum: ArrayLike | None = None,
    method: str | tuple[str, str] = "luo_wan_shi",
) -> MeanSD:
    r"""Mean and SD of a sample from its median, quartiles and range.

    Each row may know another scenario: the median with the range (S1), with the
    quartiles (S2) or with both (S3); missing numbers are NaN. The methods, each
    an entry of ``FIVE_NUMBER_METHODS`` with its equation, are

    ``"luo_wan_shi"`` (default): mean of Luo (2018), SD of Wan (2014) for S1 and S2
    and of Shi (2020) for S3, the best for normal data. ``"wan2014"``,
    ``"hozo2005"`` (S1), ``"bland2015"`` (S3): earlier rules. ``"qe"``, ``"bc"``
    (McGrath 2020), ``"mln"`` (Cai 2021): for skewed data.

    Parameters
    ----------
    n : array_like
        Sample sizes, at least 3.
    minimum, q1, median, q3, maximum : array_like, optional
        Quantiles, in ascending order.
    method : str or pair of str
        Name of a method, or one for the mean and one for the SD.

    Returns
    -------
    MeanSD
        In the units of the input.

    Raises
    ------
    InvalidEvidenceError
        For quantiles out of order, without spread or given by halves, n below 3,
        a method that does not cover a row's scenario, data that are not above 0
        where the method needs it; names the rows.
    MissingInputError
        Without a median or any pair of quantiles.
    UnknownMethodError
        For a method that is not registered.

    References
    ----------
    Luo D, Wan X, Liu J, Tong T (2018). Statistical Methods in Medical Research
    27:1785. Wan X, Wang W, Liu J, Tong T (2014). BMC Medical Research Methodology
    14:135. Shi J et al. (2020). Research Synthesis Methods 11:641.

    Examples
    --------
    >>> mean, sd = mean_sd_from_quantiles(120, q1=12, median=18, q3=30)
    >>> float(mean.round(5)), float(sd.round(5))
    (20.10975, 13.50674)
    >>> mean_sd_from_quantiles([20, 20], minimum=[2, None], median=6, q1=[None, 4],
    ...                        q3=[None, 10], maximum=[14, None]).scenario.tolist()
    ['S1', 'S2']
    """
    found = quantiles_of(minimum, q1, median, q3, maximum, n)
    for_mean, for_sd = (method, method) if isinstance(method, str) else method
    mean, sd = _run(for_mean, found)
    if for_sd != for_mean:
        sd = _run(for_sd, found)[1]
    label = for_mean if for_sd == for_mean else f"{for_mean} (mean), {for_sd} (SD)"
    return MeanSD(frozen(mean), frozen(sd), found.scenario, label)


def _run(name: str, found: Summarised) -> tuple[Floats, Floats]:
    """Send the rows of each scenario to one method."""
    entry = FIVE_NUMBER_METHODS[name]
    shape = found.size.shape
    mean, sd = np.full(shape, np.nan), np.full(shape, np.nan)
    for word, (where, values, n) in found.parts.items():
        if word not in entry.traits:
            covered = " or ".join(s for s in SCENARIOS if s in entry.traits)
            raise InvalidEvidenceError(
                field="method",
                requirement=f"one that covers {word}; {name} covers {covered}",
                given=name,
                rows=np.flatnonzero(found.scenario == word).tolist(),
            )
        quantiles = values.reshape(len(values), -1).T
        if "positive" in entry.traits:
            _check_positive(name, quantiles, np.asarray(found.scenario == word))
        with np.errstate(all="ignore"):
            made = entry.function(word, quantiles, n.reshape(-1))
        for target, x in zip((mean, sd), made, strict=True):
            target[where] = x.reshape(n.shape)
    return mean, sd


def _check_positive(name: str, quantiles: Floats, rows: Bools) -> None:
    """Refuse data that a power transformation cannot take."""
    bad = ~(quantiles[:, 0] > 0)
    if np.any(bad):
        raise InvalidEvidenceError(
            field="minimum or q1",
            requirement=f"above 0 for method {name}",
            given=quantiles[bad][0, 0].item(),
            rows=np.flatnonzero(rows)[bad].tolist(),
        )
