"""Tests of stratified counts by name: one, or all of them."""

import pandas as pd
from numpy.typing import ArrayLike

from k2stats.effectsizes import TwoRates
from k2stats.errors import InvalidEvidenceError, UnknownMethodError
from k2stats.evidence import TwoByTwo
from k2stats.models._strata import read_mask, strata_of
from k2stats.models._stratified_registry import (
    STRATIFIED_TESTS,
    Correction,
    Stratified,
)
from k2stats.results.counts import CountsTest


def stratified_test(
    evidence: TwoByTwo | TwoRates,
    name: str = "CMH",
    *,
    correction: Correction = "bounded",
    mask: ArrayLike | None = None,
) -> CountsTest:
    """Test stratified 2x2 tables, or rates, by a test's name.

    Parameters
    ----------
    evidence : TwoByTwo or TwoRates
        Counts of shape ``(..., K)``; every leading element is tested by itself.
    name : str
        In :data:`STRATIFIED_TESTS`: ``"CMH"`` and ``"Cochran"`` of no association,
        ``"BD"`` and ``"Tarone"`` of one odds ratio in all strata, ...
    correction : {"bounded", "half", "none"}
        Of the tests of association, see
        :func:`~k2stats.models.cochran_mantel_haenszel`.
    mask : array_like of bool, optional
        True where a stratum is present.

    Raises
    ------
    UnknownMethodError
        For a test that is not registered, or not for rates; another correction.
    InvalidEvidenceError
        For evidence of another kind, or a wrong mask.

    Examples
    --------
    >>> tables = TwoByTwo.from_counts(events1=[4, 6, 3], n1=[123, 306, 231],
    ...                               events2=[11, 29, 11], n2=[139, 303, 220])
    >>> test = stratified_test(tables, "Tarone")
    >>> print(test.label, float(test.statistic).__round__(4), float(test.df))
    Breslow-Day, Tarone's correction 0.9519 2.0
    """
    if not isinstance(evidence, TwoByTwo | TwoRates):
        raise InvalidEvidenceError(
            field="evidence",
            requirement="TwoByTwo or TwoRates",
            given=type(evidence).__name__,
        )
    entry = STRATIFIED_TESTS[name]
    rates = isinstance(evidence, TwoRates)
    if rates and "TwoRates" not in entry.traits:
        known = tuple(e.name for e in STRATIFIED_TESTS.entries(having="TwoRates"))
        raise UnknownMethodError(
            kind="stratified test of rates", name=name, known=known
        )
    strata = strata_of(evidence, read_mask(mask, evidence.shape))
    return entry.function(Stratified(strata, correction, rates))


def all_stratified_tests(
    evidence: TwoByTwo | TwoRates,
    *,
    correction: Correction = "bounded",
    mask: ArrayLike | None = None,
) -> pd.DataFrame:
    """Every registered test of one set of stratified counts, a row each.

    Parameters
    ----------
    evidence, correction, mask
        As of :func:`stratified_test`; one data set, shape ``(K,)``.

    Raises
    ------
    InvalidEvidenceError
        For a batch, and as :func:`stratified_test`.

    Examples
    --------
    >>> tables = TwoByTwo.from_counts(events1=[4, 6, 3], n1=[123, 306, 231],
    ...                               events2=[11, 29, 11], n2=[139, 303, 220])
    >>> all_stratified_tests(tables)["statistic"].round(3).to_dict()
    {'CMH': 22.04, 'Cochran': 22.09, 'BD': 0.952, 'Tarone': 0.952}
    """
    if len(evidence.shape) != 1:
        raise InvalidEvidenceError(
            field="evidence",
            requirement="one data set of shape (K,) for a table; a batch has "
            "stratified_test()",
            given=evidence.shape,
        )
    kind = "TwoRates" if isinstance(evidence, TwoRates) else ""
    rows = []
    for entry in STRATIFIED_TESTS.entries(having=kind):
        test = stratified_test(evidence, entry.name, correction=correction, mask=mask)
        rows.append(
            {
                "name": entry.name,
                "label": test.label,
                "null": test.null,
                "statistic": float(test.statistic),
                "df": float(test.df),
                "p": float(test.p),
            }
        )
    return pd.DataFrame(rows).set_index("name")
