r"""Peto's one-step odds ratio."""

import numpy as np
from numpy.typing import ArrayLike

from k2stats._typing import Floats
from k2stats.evidence import TwoByTwo
from k2stats.models._count_registry import COUNT_METHODS
from k2stats.models._strata import (
    HOMOGENEITY,
    Strata,
    check_evidence,
    read_mask,
    strata_of,
)
from k2stats.results.counts import CountsFit, CountsTest

REFERENCE = "Yusuf et al. (1985), Prog Cardiovasc Dis 27:335"


def score_and_variance(s: Strata) -> tuple[Floats, Floats]:
    r"""Observed less expected events in group 1, and its variance, of each stratum.

    .. math:: O - E = a - \frac{n_1 m}{N}, \qquad
        V = \frac{n_1 n_2 m (N - m)}{N^2 (N - 1)}

    Strata without events, or without non-events, have a variance of 0.
    """
    share1, share2 = s.n1 / s.total, s.n2 / s.total
    people = s.n1 + s.n2
    with np.errstate(divide="ignore", invalid="ignore"):
        v = share1 * share2 * s.m * ((people - s.m) / (people - 1.0))
    return s.x1 * share2 - s.x2 * share1, np.where(people > 1, v, 0.0)


@COUNT_METHODS.register(
    "Peto",
    label="Peto's one-step odds ratio",
    reference=REFERENCE,
    equation="sum(O - E) / sum(V)",
    traits=("OR", "batch"),
)
def peto(
    evidence: TwoByTwo,
    measure: str = "OR",
    *,
    level: float = 0.95,
    mask: ArrayLike | None = None,
) -> CountsFit:
    r"""Pool odds ratios by Peto's one-step method.

    .. math:: \hat\theta = \frac{\sum (O - E)}{\sum V}, \qquad
        \operatorname{se} = \frac{1}{\sqrt{\sum V}}, \qquad
        Q = \sum \frac{(O - E)^2}{V} - \frac{\{\sum (O - E)\}^2}{\sum V}

    One step of the score from no effect: good where events are rare, the groups of
    like size and the effect small; biased where the effect is large. No constant is
    added to zero cells, and studies without events carry no information.

    Parameters
    ----------
    evidence : TwoByTwo
        Counts of shape ``(..., K)``.
    measure : {"OR"}
    level : float
        Confidence level.
    mask : array_like of bool, optional
        True where a study is present.

    Returns
    -------
    CountsFit
        Log odds ratio; NaN where an outcome occurred in no table.

    Raises
    ------
    InvalidEvidenceError
        For counts of another kind, a wrong mask or level.

    References
    ----------
    Yusuf, S., Peto, R., Lewis, J., Collins, R., & Sleight, P. (1985). Beta blockade
    during and after myocardial infarction. Progress in Cardiovascular Diseases, 27,
    335-371.

    Examples
    --------
    >>> tables = TwoByTwo.from_counts(events1=[4, 6, 3], n1=[123, 306, 231],
    ...                               events2=[11, 29, 11], n2=[139, 303, 220])
    >>> print(peto(tables))
    OR 0.2902 (95% CI 0.1755 to 0.4797), Peto, 3 studies
    """
    check_evidence(evidence, measure, ("OR",), "Peto's method")
    s = strata_of(evidence, read_mask(mask, evidence.shape))
    score, v = score_and_variance(s)
    total, information = score.sum(axis=-1), v.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate, se = total / information, 1.0 / np.sqrt(information)
        y = score / v
        # About the estimate, so that nothing cancels.
        terms = np.where(
            v > 0, v * (y - np.asarray(estimate)[..., np.newaxis]) ** 2, 0.0
        )
    k = np.asarray((v > 0).sum(axis=-1), float)
    q = CountsTest.chi2(
        "Q", "Peto's Q", terms.sum(axis=-1), np.maximum(k - 1.0, 0.0), HOMOGENEITY
    )
    return CountsFit.wald(
        estimate,
        se,
        level=level,
        measure="OR",
        method="Peto",
        k=k,
        k_total=evidence.shape[-1],
        tests={"Q": q},
        record={
            "reference": REFERENCE,
            "zero cells": "nothing added",
        },
    )
