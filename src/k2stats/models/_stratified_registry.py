"""The table of tests of stratified counts, which each test enters by itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from k2stats._registry import Registry
from k2stats._typing import Floats
from k2stats.models._strata import Strata
from k2stats.models.mantel_haenszel_estimators import odds_ratio
from k2stats.results.counts import CountsTest

Correction: TypeAlias = Literal["none", "bounded", "half"]


@dataclass(frozen=True, slots=True, eq=False)
class Stratified:
    """What a test of stratified counts is given.

    Attributes
    ----------
    strata : Strata
    correction : {"bounded", "half", "none"}
    rates : bool
        Whether the counts are events in person-time.
    log_odds_ratio : ndarray of shape (...), or None
        Mantel and Haenszel's, where it is at hand.
    """

    strata: Strata
    correction: Correction = "bounded"
    rates: bool = False
    log_odds_ratio: Floats | None = None

    @property
    def common_log_odds_ratio(self) -> Floats:
        """Mantel and Haenszel's log odds ratio."""
        if self.log_odds_ratio is not None:
            return self.log_odds_ratio
        with np.errstate(all="ignore"):
            return odds_ratio(self.strata)[0]


StratifiedTest: TypeAlias = Callable[[Stratified], CountsTest]
STRATIFIED_TESTS: Registry[StratifiedTest] = Registry("stratified test")
"""Tests of stratified counts. Traits: the measures beside whose pooled estimate the
test is shown, ``association`` or ``homogeneity``, and ``TwoRates`` for those that
person-time has too."""
