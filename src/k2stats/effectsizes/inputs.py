"""What the measures other than 2x2 tables and two means are computed from."""

from dataclasses import dataclass

import numpy as np

from k2stats._typing import Floats
from k2stats.effectsizes._summaries import Summaries
from k2stats.evidence._coerce import require


@dataclass(frozen=True, slots=True, eq=False)
class PairedCounts(Summaries):
    """Pairs by outcome under treatment 1 (rows) and treatment 2 (columns).

    Attributes
    ----------
    a : both had the event; b : under treatment 1 only; c : under treatment 2
        only; d : neither. Whole numbers, shape ``(..., K)``.

    Examples
    --------
    >>> PairedCounts.from_arrays(a=10, b=4, c=2, d=15).n
    array([31.])
    """

    a: Floats
    b: Floats
    c: Floats
    d: Floats

    def check(self) -> None:
        """Counts are whole and not negative, and there is at least one pair."""
        self.at_least(0, "a", "b", "c", "d", whole=True)
        require("a, b, c, d", "not all 0", self.n > 0, self.n)

    @property
    def n(self) -> Floats:
        """Number of pairs."""
        return self.a + self.b + self.c + self.d


@dataclass(frozen=True, slots=True, eq=False)
class MarginalPairs(Summaries):
    """Marginal table of paired data, and the correlation between the pairs.

    Attributes
    ----------
    events1, events2 : events under treatment 1 and 2; n : pairs; r : phi
        coefficient of the paired table, -1 to 1.
    """

    events1: Floats
    events2: Floats
    n: Floats
    r: Floats

    def check(self) -> None:
        """Events are whole, at most n; r lies between -1 and 1."""
        self.at_least(1, "n", whole=True)
        self.at_least(0, "events1", "events2", whole=True)
        require("events1", "at most n", self.events1 <= self.n, self.events1)
        require("events2", "at most n", self.events2 <= self.n, self.events2)
        self.within(-1, 1, "r")


@dataclass(frozen=True, slots=True, eq=False)
class TwoRates(Summaries):
    """Events and person-time of two groups; group 1 is the treated one."""

    events1: Floats
    time1: Floats
    events2: Floats
    time2: Floats

    def check(self) -> None:
        """Events are whole, person-times positive."""
        self.at_least(0, "events1", "events2", whole=True)
        self.positive("time1", "time2")


@dataclass(frozen=True, slots=True, eq=False)
class Rate(Summaries):
    """Events and person-time (or expected events) of one group."""

    events: Floats
    time: Floats

    def check(self) -> None:
        """Events are whole, person-time positive."""
        self.at_least(0, "events", whole=True)
        self.positive("time")


@dataclass(frozen=True, slots=True, eq=False)
class Proportion(Summaries):
    """Events out of n in one group.

    Examples
    --------
    >>> Proportion.from_arrays(events=[5], n=[3])
    Traceback (most recent call last):
    k2stats.errors.InvalidEvidenceError: events must be at most n, got 5.0; \
violated in rows [0].
    """

    events: Floats
    n: Floats

    def check(self) -> None:
        """Events are whole and at most n."""
        self.at_least(1, "n", whole=True)
        self.at_least(0, "events", whole=True)
        require("events", "at most n", self.events <= self.n, self.events)


@dataclass(frozen=True, slots=True, eq=False)
class OneMean(Summaries):
    """Mean, standard deviation (not standard error) and size of one group."""

    mean: Floats
    sd: Floats
    n: Floats

    def check(self) -> None:
        """N is whole and at least 2, the SD not negative."""
        self.at_least(2, "n", whole=True)
        self.at_least(0, "sd")


@dataclass(frozen=True, slots=True, eq=False)
class OneSpread(Summaries):
    """Standard deviation and size of one group."""

    sd: Floats
    n: Floats

    def check(self) -> None:
        """N is whole and at least 2, the SD not negative."""
        self.at_least(2, "n", whole=True)
        self.at_least(0, "sd")


@dataclass(frozen=True, slots=True, eq=False)
class ChangeMeans(Summaries):
    """Two measurements of the same people, or of matched pairs.

    Attributes
    ----------
    mean1, sd1, mean2, sd2 : of the first and second measurement
    n : people or pairs
    r : correlation between the two measurements
    """

    mean1: Floats
    sd1: Floats
    mean2: Floats
    sd2: Floats
    n: Floats
    r: Floats

    def check(self) -> None:
        """N is whole and at least 2, SDs not negative, r between -1 and 1."""
        self.at_least(2, "n", whole=True)
        self.at_least(0, "sd1", "sd2")
        self.within(-1, 1, "r")

    @property
    def sd_change(self) -> Floats:
        """Standard deviation of the change scores."""
        s1, s2 = self.sd1, self.sd2
        return np.asarray(np.sqrt(s1 * s1 + s2 * s2 - 2.0 * self.r * s1 * s2))


@dataclass(frozen=True, slots=True, eq=False)
class CorrelationInput(Summaries):
    """Pearson correlations and numbers of pairs."""

    r: Floats
    n: Floats

    def check(self) -> None:
        """R lies between -1 and 1; n is whole and at least 4."""
        self.within(-1, 1, "r")
        self.at_least(4, "n", whole=True)


@dataclass(frozen=True, slots=True, eq=False)
class RegressionTest(Summaries):
    """One coefficient's t test in a linear regression.

    Attributes
    ----------
    t : t statistic of the coefficient; n : sample size; predictors : number of
        predictors in the model, this one counted, the intercept not.
    """

    t: Floats
    n: Floats
    predictors: Floats

    def check(self) -> None:
        """There are residual degrees of freedom."""
        self.at_least(1, "predictors", whole=True)
        require("n", "above predictors + 1", self.n > self.predictors + 1, self.n)


@dataclass(frozen=True, slots=True, eq=False)
class RegressionTestR2(Summaries):
    """As :class:`RegressionTest`, with the R-squared of the whole model."""

    t: Floats
    n: Floats
    predictors: Floats
    r2: Floats

    def check(self) -> None:
        """There are residual degrees of freedom; r2 is a share."""
        self.at_least(1, "predictors", whole=True)
        require("n", "above predictors + 1", self.n > self.predictors + 1, self.n)
        self.within(0, 1, "r2")


@dataclass(frozen=True, slots=True, eq=False)
class Determination(Summaries):
    """R-squared of a linear regression, sample size, number of predictors."""

    r2: Floats
    n: Floats
    predictors: Floats

    def check(self) -> None:
        """r2 is a share; there are residual degrees of freedom."""
        self.within(0, 1, "r2")
        self.at_least(1, "predictors", whole=True)
        require("n", "above predictors + 1", self.n > self.predictors + 1, self.n)


@dataclass(frozen=True, slots=True, eq=False)
class Alpha(Summaries):
    """Cronbach's alpha, number of items, sample size."""

    alpha: Floats
    items: Floats
    n: Floats

    def check(self) -> None:
        """Alpha is at most 1; items at least 2; n at least 3."""
        require("alpha", "at most 1", self.alpha <= 1, self.alpha)
        self.at_least(2, "items", whole=True)
        self.at_least(3, "n", whole=True)


@dataclass(frozen=True, slots=True, eq=False)
class Genotypes(Summaries):
    """Numbers of people by genotype."""

    homozygous_dominant: Floats
    heterozygous: Floats
    homozygous_recessive: Floats

    @property
    def n(self) -> Floats:
        """Number of people."""
        return self.homozygous_dominant + self.heterozygous + self.homozygous_recessive

    def check(self) -> None:
        """Counts are whole and not negative."""
        self.at_least(
            0,
            "homozygous_dominant",
            "heterozygous",
            "homozygous_recessive",
            whole=True,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Superiority(Summaries):
    """Area under the curve, or U / (n1 n2), with the two group sizes."""

    auc: Floats
    n1: Floats
    n2: Floats

    def check(self) -> None:
        """The area is a probability."""
        self.within(0, 1, "auc")
        self.at_least(1, "n1", "n2", whole=True)


@dataclass(frozen=True, slots=True, eq=False)
class AsGiven(Summaries):
    """An effect and its sampling variance, already on the scale of analysis."""

    y: Floats
    v: Floats

    def check(self) -> None:
        """Variances are positive."""
        self.positive("v")
