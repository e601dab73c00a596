r"""Tests of stratified 2x2 tables: association, and homogeneity of the odds ratio."""

from typing import get_args

import numpy as np

from k2stats._typing import Floats
from k2stats.effectsizes import TwoRates
from k2stats.errors import UnknownMethodError, require_kind
from k2stats.evidence import TwoByTwo
from k2stats.models._strata import Strata, strata_of
from k2stats.models._stratified_registry import (
    STRATIFIED_TESTS,
    Correction,
    Stratified,
)
from k2stats.results.counts import CountsTest

NO_ASSOCIATION = "no association"
HOMOGENEOUS_ODDS = "equal odds ratios"


def cochran_mantel_haenszel(
    evidence: TwoByTwo | TwoRates | Strata,
    *,
    correction: Correction = "bounded",
    rates: bool = False,
) -> CountsTest:
    r"""Test of no association across strata.

    .. math:: \chi^2_1 = \frac{(|\sum_k x_{1k} - E_k| - c)^2}{\sum_k V_k},
        \quad E = \frac{n_1 m}{N}, \quad
        V = \frac{n_1 n_2 m (N - m)}{N^2 (N - 1)},

    for events per person-time :math:`V = m t_1 t_2 / T^2`.

    Parameters
    ----------
    evidence : TwoByTwo, TwoRates or Strata
        Counts of shape ``(..., K)``.
    correction : {"bounded", "half", "none"}
        ``"half"``: c is one half, as Mantel and Haenszel (1959) print it; the
        statistic then grows again as the difference falls below one half.
        ``"bounded"``: at most the difference itself. ``"none"``: 0.
    rates : bool
        Whether strata given as arrays hold person-time.

    Raises
    ------
    InvalidEvidenceError
        For evidence of another kind.
    UnknownMethodError
        For another correction.

    References
    ----------
    Mantel, N., & Haenszel, W. (1959). Statistical aspects of the analysis of data
    from retrospective studies of disease. Journal of the National Cancer Institute,
    22, 719-748.

    Examples
    --------
    >>> tables = TwoByTwo.from_counts(events1=[4, 6, 3], n1=[123, 306, 231],
    ...                               events2=[11, 29, 11], n2=[139, 303, 220])
    >>> test = cochran_mantel_haenszel(tables)
    >>> round(float(test.statistic), 4), f"{float(test.p):.1e}"
    (22.0398, '2.7e-06')
    """
    require_kind(
        evidence,
        (TwoByTwo, TwoRates, Strata),
        field="evidence",
        requirement="TwoByTwo or TwoRates",
    )
    s = evidence
    if not isinstance(s, Strata):
        s, rates = strata_of(s, None), isinstance(s, TwoRates)
    c = _amount(correction)
    difference, variance = _score(s, rates=rates)
    size = np.abs(difference)
    excess = np.maximum(size - c, 0.0) if correction == "bounded" else size - c
    return _one_df(
        "CMH",
        f"Mantel-Haenszel ({_WORDS[correction]})",
        excess**2,
        variance,
    )


def cochran(s: Strata, *, correction: Correction = "bounded") -> CountsTest:
    r"""Cochran's test of no association across strata.

    As :func:`cochran_mantel_haenszel` with the binomial variance
    :math:`V = n_1 n_2 m (N - m) / N^3`.

    References
    ----------
    Cochran, W. G. (1954). Some methods for strengthening the common chi-squared
    tests. Biometrics, 10, 417-451.
    """
    c = _amount(correction)
    difference, _ = _score(s, rates=False)
    total = s.total
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = s.n1 / total * (s.n2 / total) * (s.m / total) * (s.n1 + s.n2 - s.m)
    size = np.abs(difference)
    excess = np.maximum(size - c, 0.0) if correction == "bounded" else size - c
    return _one_df(
        "Cochran",
        f"Cochran ({_WORDS[correction]})",
        excess**2,
        np.asarray(terms.sum(axis=-1)),
    )


def breslow_day(s: Strata, log_odds_ratio: Floats) -> tuple[CountsTest, CountsTest]:
    r"""Tests of a common odds ratio: Breslow and Day's, and Tarone's correction.

    With :math:`A_k` the events in group 1 expected under the common odds ratio and
    the stratum's margins, :math:`V_k = (1/A + 1/B + 1/C + 1/D)^{-1}`,

    .. math:: X_{BD} = \sum_k \frac{(x_{1k} - A_k)^2}{V_k}, \qquad
        X_T = X_{BD} - \frac{\{\sum_k (x_{1k} - A_k)\}^2}{\sum_k V_k},

    on as many degrees of freedom as there are strata with events and non-events,
    less one.

    Parameters
    ----------
    s : Strata
    log_odds_ratio : ndarray, shape (...)
        Mantel and Haenszel's.

    References
    ----------
    Breslow, N. E., & Day, N. E. (1980). Statistical methods in cancer research,
    vol. 1. IARC, section 4.4. Tarone, R. E. (1985). On heterogeneity tests based on
    efficient scores. Biometrika, 72, 91-95.
    """
    psi = np.exp(np.asarray(log_odds_ratio))[..., np.newaxis]
    expected = expected_events(s, psi)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = 1.0 / (
            1.0 / expected
            + 1.0 / (s.n1 - expected)
            + 1.0 / (s.m - expected)
            + 1.0 / (s.n2 - s.m + expected)
        )
        informative = (s.m > 0) & (s.m < s.n1 + s.n2)
        difference = np.where(informative, s.x1 - expected, 0.0)
        terms = np.where(informative, difference**2 / variance, 0.0)
        plain = terms.sum(axis=-1)
        spread = np.where(informative, variance, 0.0).sum(axis=-1)
        corrected = plain - difference.sum(axis=-1) ** 2 / spread
    df = np.maximum(informative.sum(axis=-1) - 1.0, 0.0)
    return (
        CountsTest.chi2("BD", "Breslow-Day", plain, df, HOMOGENEOUS_ODDS),
        CountsTest.chi2(
            "Tarone",
            "Breslow-Day, Tarone's correction",
            np.maximum(corrected, 0.0),
            df,
            HOMOGENEOUS_ODDS,
        ),
    )


@STRATIFIED_TESTS.register(
    "CMH",
    label="Mantel-Haenszel",
    reference="Mantel & Haenszel (1959), J Natl Cancer Inst 22:719",
    equation="(|sum(x1 - n1 m / N)| - c)^2 / sum(n1 n2 m (N - m) / (N^2 (N - 1)))",
    traits=("OR", "RR", "RD", "IRR", "IRD", "association", "TwoRates"),
)
def _mantel_haenszel(given: Stratified) -> CountsTest:
    return cochran_mantel_haenszel(
        given.strata, correction=given.correction, rates=given.rates
    )


@STRATIFIED_TESTS.register(
    "Cochran",
    label="Cochran",
    reference="Cochran (1954), Biometrics 10:417",
    equation="(|sum(x1 - n1 m / N)| - c)^2 / sum(n1 n2 m (N - m) / N^3)",
    traits=("OR", "RR", "RD", "association"),
)
def _cochran(given: Stratified) -> CountsTest:
    return cochran(given.strata, correction=given.correction)


@STRATIFIED_TESTS.register(
    "BD",
    label="Breslow-Day",
    reference="Breslow & Day (1980), Statistical methods in cancer research, vol. 1",
    equation="sum((x1 - A)^2 / V)",
    traits=("OR", "homogeneity"),
)
def _breslow_day(given: Stratified) -> CountsTest:
    return breslow_day(given.strata, given.common_log_odds_ratio)[0]


@STRATIFIED_TESTS.register(
    "Tarone",
    label="Breslow-Day, Tarone's correction",
    reference="Tarone (1985), Biometrika 72:91",
    equation="sum((x1 - A)^2 / V) - (sum(x1 - A))^2 / sum(V)",
    traits=("OR", "homogeneity"),
)
def _tarone(given: Stratified) -> CountsTest:
    return breslow_day(given.strata, given.common_log_odds_ratio)[1]


def expected_events(s: Strata, odds_ratio: Floats) -> Floats:
    r"""Events in group 1 that give the odds ratio exactly, the margins fixed.

    The root in the support of

    .. math:: (1 - \psi) A^2 + \{n_2 - m + \psi (n_1 + m)\} A - \psi n_1 m = 0,

    in whichever of its two forms does not cancel.

    Examples
    --------
    >>> from k2stats.evidence import TwoByTwo
    >>> from k2stats.models._strata import strata_of
    >>> s = strata_of(TwoByTwo.from_counts(events1=8, n1=20, events2=4, n2=20), None)
    >>> expected_events(s, np.array([[1.0], [8 * 16 / (12 * 4)]])).round(12).tolist()
    [[6.0], [8.0]]
    """
    a, c = 1.0 - odds_ratio, odds_ratio * s.n1 * s.m
    b = s.n2 - s.m + odds_ratio * (s.n1 + s.m)
    with np.errstate(divide="ignore", invalid="ignore"):
        root = np.sqrt(np.maximum(b * b + 4.0 * a * c, 0.0))
        return np.where(b >= 0, 2.0 * c / (b + root), (root - b) / (2.0 * a))


_WORDS = {
    "none": "no continuity correction",
    "bounded": "continuity correction",
    "half": "continuity correction of one half throughout",
}


def _amount(correction: str) -> float:
    if correction not in get_args(Correction):
        raise UnknownMethodError(
            kind="continuity correction", name=correction, known=get_args(Correction)
        )
    return 0.0 if correction == "none" else 0.5


def _score(s: Strata, *, rates: bool) -> tuple[Floats, Floats]:
    """Events in group 1 beyond expectation, and the variance, over all strata."""
    share1, share2 = s.n1 / s.total, s.n2 / s.total
    # x1 - n1 m / N without the difference of two large numbers.
    difference = (s.x1 * share2 - s.x2 * share1).sum(axis=-1)
    if rates:
        return difference, np.asarray((s.m * share1 * share2).sum(axis=-1))
    people = s.n1 + s.n2
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = share1 * share2 * s.m * ((people - s.m) / (people - 1.0))
    return difference, np.asarray(np.where(people > 1, terms, 0.0).sum(axis=-1))


def _one_df(name: str, label: str, above: Floats, below: Floats) -> CountsTest:
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.where(below > 0, above / below, np.nan)
    return CountsTest.chi2(
        name, label, statistic, np.ones_like(statistic), NO_ASSOCIATION
    )
