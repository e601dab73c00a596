"""Putting groups together, taking them apart, and sharing a control group."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from k2stats._typing import Floats
from k2stats.effectsizes.conversions._shared import (
    at_least,
    coerce,
    conversion,
    finite,
    nonnegative,
    rule,
)
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence._coerce import frozen, is_count

_HANDBOOK = "Higgins et al., Cochrane Handbook, section 6.5.2.10"


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Size, mean and SD of groups; one value for each that was asked for.

    Attributes
    ----------
    n, mean, sd : ndarray
        The SD with divisor n - 1, in the units of the mean.
    """

    n: Floats
    mean: Floats
    sd: Floats


def _checked(n: ArrayLike, mean: ArrayLike, sd: ArrayLike) -> tuple[Floats, ...]:
    size, centre, spread = coerce(n=n, mean=mean, sd=sd)
    at_least(1.0, n=size)
    finite(mean=centre)
    nonnegative(sd=spread)
    return size, centre, spread


@conversion(
    "combine",
    label="Groups combined into one",
    reference=_HANDBOOK,
    equation="(N - 1) s^2 = sum (n_i - 1) s_i^2 + sum n_i (m_i - m)^2",
)
def combine_groups(
    n: ArrayLike, mean: ArrayLike, sd: ArrayLike, *, axis: int = -1
) -> Group:
    r"""Size, mean and SD of several groups taken as one.

    .. math::
        N = \sum n_i, \quad m = \frac{\sum n_i m_i}{N}, \quad
        s^2 = \frac{\sum (n_i - 1) s_i^2 + \sum n_i (m_i - m)^2}{N - 1}

    Exact, for any number of groups: the same as from all the single values. With
    two groups this is the Cochrane Handbook's formula.

    Parameters
    ----------
    n, mean, sd : array_like
        Groups along `axis`; a group with a missing value in all three is left out,
        so that rows may have different numbers of groups.
    axis : int
        Axis of the groups, the last by default.

    Returns
    -------
    Group
        Shape without `axis`; NaN where a group is missing in part.

    Raises
    ------
    InvalidEvidenceError
        For n below 1 or negative SDs.

    References
    ----------
    Higgins JPT et al. Cochrane Handbook, section 6.5.2.10 and table 6.5.a.

    Examples
    --------
    >>> g = combine_groups([10, 20, 15], [5.0, 6.5, 4.0], [1.2, 1.5, 0.9])
    >>> float(g.n), float(g.mean.round(4)), float(g.sd.round(4))
    (45.0, 5.3333, 1.6655)
    """
    size, centre, spread = _checked(n, mean, sd)
    if size.ndim == 0:
        raise InvalidEvidenceError(
            field="n, mean, sd", requirement="arrays with an axis of groups"
        )
    weight, place = size, centre
    # A group of one has no SD; whatever is printed for it counts nothing.
    nothing = size == 1.0
    absent = np.isnan(size)
    if np.count_nonzero(absent):
        absent &= np.isnan(centre) & np.isnan(spread)
        weight, place = np.where(absent, 0.0, size), np.where(absent, 0.0, centre)
        nothing |= absent
    within = (size - 1.0) * spread * spread
    if np.count_nonzero(nothing):
        within = np.where(nothing, 0.0, within)
    total = np.asarray(np.add.reduce(weight, axis=axis))
    with np.errstate(divide="ignore", invalid="ignore"):
        middle = np.asarray(np.add.reduce(weight * place, axis=axis) / total)
        off = place - np.expand_dims(middle, axis)
        squares = np.add.reduce(within + weight * off * off, axis=axis)
        sd_all = np.where(total > 1, np.sqrt(squares / (total - 1.0)), np.nan)
    total = np.where(total > 0, total, np.nan)
    return Group(frozen(total), frozen(middle), frozen(sd_all))


@conversion(
    "combine",
    label="One group taken out of a whole",
    reference=_HANDBOOK,
    equation="(n2-1) s2^2 = (N-1) s^2 - (n1-1) s1^2 - n1 (m1-m)^2 - n2 (m2-m)^2",
)
def remaining_group(
    n: ArrayLike,
    mean: ArrayLike,
    sd: ArrayLike,
    n1: ArrayLike,
    mean1: ArrayLike,
    sd1: ArrayLike,
) -> Group:
    r"""The rest of a whole when one of its groups is known.

    .. math::
        n_2 = N - n_1, \quad m_2 = \frac{N m - n_1 m_1}{n_2}, \quad
        s_2^2 = \frac{(N - 1) s^2 - (n_1 - 1) s_1^2 - n_1 (m_1 - m)^2
        - n_2 (m_2 - m)^2}{n_2 - 1}

    The inverse of :func:`combine_groups` with two groups.

    Parameters
    ----------
    n, mean, sd : array_like
        The whole.
    n1, mean1, sd1 : array_like
        The known group.

    Returns
    -------
    Group
        SD NaN where a single participant remains.

    Raises
    ------
    InvalidEvidenceError
        Where nothing remains, or the whole varies less than its part demands.

    References
    ----------
    Higgins JPT et al. Cochrane Handbook, section 6.5.2.10.

    Examples
    --------
    >>> g = remaining_group(30, 6.0, 1.5702, 10, 5.0, 1.2)
    >>> float(g.n), float(g.mean), float(g.sd.round(3))
    (20.0, 6.5, 1.514)
    """
    size, centre, spread, part, part_mean, part_sd = coerce(
        n=n, mean=mean, sd=sd, n1=n1, mean1=mean1, sd1=sd1
    )
    at_least(1.0, n=size, n1=part)
    finite(mean=centre, mean1=part_mean)
    nonnegative(sd=spread, sd1=part_sd)
    rest = size - part
    rule("n1", "below n", rest >= 1, part)
    rest_mean = centre + part * (centre - part_mean) / rest
    whole, inner = spread * spread, (part - 1.0) * part_sd * part_sd
    single = part == 1.0
    if np.count_nonzero(single):  # whatever is printed as its SD
        inner = np.where(single, 0.0, inner)
    off, other = part_mean - centre, rest_mean - centre
    squares = (size - 1.0) * whole - inner - part * off * off - rest * other * other
    # Sums of squares of printed or computed means carry their rounding.
    if np.count_nonzero(squares < 0):
        slack = size * (1e-9 * whole + 1e-13 * (centre**2 + part_mean**2))
        rule("sd", "large enough to hold the known group", squares >= -slack, spread)
        squares = np.maximum(squares, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        rest_sd = np.where(rest > 1, np.sqrt(squares / (rest - 1.0)), np.nan)
    return Group(
        frozen(np.asarray(rest)), frozen(np.asarray(rest_mean)), frozen(rest_sd)
    )


@conversion(
    "combine",
    label="A shared control group split between comparisons",
    reference="Higgins et al., Cochrane Handbook, section 23.3.4",
    equation="n_j = n w_j, events_j = events w_j, w_j = 1/k or as given",
    approximate=True,
)
def split_control(
    total: ArrayLike, comparisons: int, *, weights: ArrayLike | None = None
) -> Floats:
    r"""Participants or events of a shared control, split between comparisons.

    .. math:: n_j = n\,w_j, \qquad w_j = 1/k

    Split the size, and for dichotomous outcomes the events alike; means and SDs
    stay as they are. The parts need not be whole numbers: what is kept is the
    total, so that nobody is counted twice.

    Parameters
    ----------
    total : array_like
        Participants or events of the control group, at least 0.
    comparisons : int
        Number k of comparisons that share it.
    weights : array_like, shape (k,), optional
        Shares in proportion, such as the sizes of the treated groups; equal
        without them.

    Returns
    -------
    ndarray, shape (..., k)

    Raises
    ------
    InvalidEvidenceError
        For a negative total, k below 1, or weights that are not k positive numbers.

    References
    ----------
    Higgins JPT et al. Cochrane Handbook, section 23.3.4. The split removes the
    double counting, not all of the correlation between the comparisons.

    Examples
    --------
    >>> split_control(60, 3), split_control(60, 2, weights=[20, 40])
    (array([20., 20., 20.]), array([20., 40.]))
    """
    if not is_count(comparisons, least=1):
        raise InvalidEvidenceError(
            field="comparisons",
            requirement="a whole number of at least 1",
            given=comparisons,
        )
    (amount,) = coerce(total=total)
    nonnegative(total=amount)
    (share,) = coerce(weights=np.ones(comparisons) if weights is None else weights)
    rule("weights", "above 0", share > 0, share)
    if share.shape != (comparisons,) or bool(np.any(np.isnan(share))):
        raise InvalidEvidenceError(
            field="weights", requirement=f"{comparisons} numbers, one a comparison"
        )
    return np.asarray(amount[..., None] * (share / share.sum()))
