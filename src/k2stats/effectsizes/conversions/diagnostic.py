"""2x2 tables of a diagnostic test from sensitivity, specificity and margins."""

import numpy as np

from k2stats._typing import Ints
from k2stats.effectsizes.conversions._shared import conversion
from k2stats.effectsizes.conversions.tables import FeasibleTables, Printed
from k2stats.errors import (
    InfeasibleEvidenceError,
    InvalidEvidenceError,
    MissingInputError,
)
from k2stats.evidence import Reported
from k2stats.evidence._coerce import is_count
from k2stats.evidence.reported import reported
from k2stats.evidence.two_by_two import counts_that_print


def _counts(name: str, share: Printed, n: int) -> range:
    """Return the counts out of n behind a share: by rounding, or the nearest."""
    if isinstance(share, Reported | str):
        return counts_that_print(reported(share), n)
    if not 0.0 <= share <= 1.0:
        raise InvalidEvidenceError(
            field=name, requirement="between 0 and 1", given=share
        )
    count = share * n
    first, last = np.ceil(count - 0.5 - 1e-9), np.floor(count + 0.5 + 1e-9)
    return range(max(int(first), 0), min(int(last), n) + 1)


def _fits(
    part: Ints, whole: Ints, share: Printed
) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Whether part / whole prints as the share, exactly."""
    window = reported(share if isinstance(share, Reported) else str(share)).interval
    return np.array(
        [
            w > 0 and p in (window * type(window).point(w))
            for p, w in zip(part.tolist(), whole.tolist(), strict=True)
        ],
        dtype=bool,
    )


@conversion(
    "cells",
    label="Diagnostic 2x2 tables from sensitivity and specificity",
    reference="Deeks JJ et al., Cochrane Handbook for Diagnostic Test Accuracy",
    equation="TP = Se D, TN = Sp H, over all D and H that the margins allow",
)
def diagnostic_tables(
    *,
    sensitivity: Printed,
    specificity: Printed,
    n_diseased: int | None = None,
    n_healthy: int | None = None,
    n_total: int | None = None,
    n_positive: int | None = None,
    ppv: Reported | str | None = None,
    npv: Reported | str | None = None,
    prevalence: Reported | str | None = None,
) -> FeasibleTables:
    r"""All tables of a diagnostic study that fit its printed accuracy.

    .. math:: TP / D \approx Se, \quad TN / H \approx Sp, \quad D + H = N

    Every number of diseased D that the margins allow is tried; the printed shares
    decide by exact windows, floats by the nearest count.

    Parameters
    ----------
    sensitivity, specificity : Reported, str or float
        As printed, e.g. ``"91.7%"``; a float gives the nearest counts.
    n_diseased, n_healthy, n_total : int, optional
        Participants with the disease, without it, together: two of them, or
        `n_total` alone.
    n_positive : int, optional
        Participants with a positive test.
    ppv, npv, prevalence : Reported or str, optional
        Further printed shares that must fit.

    Returns
    -------
    FeasibleTables
        Cells TP, FN, FP, TN: positives and negatives of the diseased, then of the
        healthy.

    Raises
    ------
    MissingInputError
        If the margins leave the group sizes open, or a float is given where they
        do.
    InfeasibleEvidenceError
        If no table fits.
    InvalidEvidenceError
        For margins that are not whole numbers or do not add up.

    References
    ----------
    Deeks JJ et al. Cochrane Handbook for Systematic Reviews of Diagnostic Test
    Accuracy.

    Examples
    --------
    >>> diagnostic_tables(sensitivity="91.7%", specificity="80%",
    ...                   n_diseased=36, n_healthy=35).only()
    (33, 3, 7, 28)
    >>> found = diagnostic_tables(sensitivity="0.80", specificity="0.90",
    ...                           n_total=100, n_positive=31)
    >>> list(found)
    [(24, 6, 7, 63)]
    """
    sizes = _sizes(n_diseased, n_healthy, n_total)
    if len(sizes) > 1 and not all(
        isinstance(x, Reported | str) for x in (sensitivity, specificity)
    ):
        raise MissingInputError(
            field="n_diseased and n_healthy",
            needed_for="the counts nearest to a float",
            hint="or give the shares as printed text",
        )
    found: list[Ints] = []
    for diseased, healthy in sizes:
        tp = _counts("sensitivity", sensitivity, diseased)
        tn = _counts("specificity", specificity, healthy)
        first, second = np.arange(tp.start, tp.stop), np.arange(tn.start, tn.stop)
        pairs = np.empty((len(tp), len(tn), 4), dtype=np.int64)
        pairs[..., 0], pairs[..., 1] = first[:, None], diseased - first[:, None]
        pairs[..., 2], pairs[..., 3] = healthy - second, second
        found.append(pairs.reshape(-1, 4))
    cells = np.concatenate(found)
    if n_positive is not None:
        cells = cells[cells[:, 0] + cells[:, 2] == n_positive]
    for share, part, rest in ((ppv, 0, 2), (npv, 3, 1)):
        if share is not None:
            whole = cells[:, part] + cells[:, rest]
            cells = cells[_fits(cells[:, part], whole, share)]
    if prevalence is not None:
        some = cells[:, 0] + cells[:, 1]
        cells = cells[_fits(some, cells.sum(axis=1), prevalence)]
    if len(cells) == 0:
        raise InfeasibleEvidenceError(
            f"No table has sensitivity {sensitivity} and specificity {specificity} "
            "with these margins."
        )
    cells.flags.writeable = False
    return FeasibleTables(cells)


def _sizes(
    n_diseased: int | None, n_healthy: int | None, n_total: int | None
) -> list[tuple[int, int]]:
    """Return every pair of group sizes the margins allow."""
    given = {"n_diseased": n_diseased, "n_healthy": n_healthy, "n_total": n_total}
    for name, value in given.items():
        if value is not None and not is_count(value, least=1):
            raise InvalidEvidenceError(
                field=name, requirement="a whole number of at least 1", given=value
            )
    if n_diseased is not None and n_healthy is not None:
        if n_total not in (None, n_diseased + n_healthy):
            raise InvalidEvidenceError(
                field="n_total",
                requirement=f"n_diseased + n_healthy = {n_diseased + n_healthy}",
                given=n_total,
            )
        return [(n_diseased, n_healthy)]
    if n_total is None:
        raise MissingInputError(field="n_total", needed_for="the sizes of both groups")
    known = n_diseased if n_diseased is not None else n_healthy
    if known is not None and known >= n_total:
        raise InvalidEvidenceError(
            field="n_total", requirement="above the size of either group", given=n_total
        )
    if n_diseased is not None:
        return [(n_diseased, n_total - n_diseased)]
    if n_healthy is not None:
        return [(n_total - n_healthy, n_healthy)]
    return [(d, n_total - d) for d in range(1, n_total)]
