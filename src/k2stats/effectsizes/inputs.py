"""What the measures other than 2x2 tables and two means are computed from."""

from dataclasses import dataclass, field

import numpy as np

from k2stats._typing import Floats
from k2stats.effectsizes._summaries import Summaries, limits
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

    a: Floats = field(metadata=limits(0, whole=True))
    b: Floats = field(metadata=limits(0, whole=True))
    c: Floats = field(metadata=limits(0, whole=True))
    d: Floats = field(metadata=limits(0, whole=True))

    def agree(self) -> None:
        """There is at least one pair."""
        if np.count_nonzero(self.a) < self.a.size:
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

    events1: Floats = field(metadata=limits(0, whole=True))
    events2: Floats = field(metadata=limits(0, whole=True))
    n: Floats = field(metadata=limits(1, whole=True))
    r: Floats = field(metadata=limits(-1, 1))

    def agree(self) -> None:
        """No group has more events than pairs."""
        require("events1", "at most n", self.events1 <= self.n, self.events1)
        require("events2", "at most n", self.events2 <= self.n, self.events2)


@dataclass(frozen=True, slots=True, eq=False)
class TwoRates(Summaries):
    """Events and person-time of two groups; group 1 is the treated one."""

    events1: Floats = field(metadata=limits(0, whole=True))
    time1: Floats = field(metadata=limits(0, above=True))
    events2: Floats = field(metadata=limits(0, whole=True))
    time2: Floats = field(metadata=limits(0, above=True))


@dataclass(frozen=True, slots=True, eq=False)
class Rate(Summaries):
    """Events and person-time (or expected events) of one group."""

    events: Floats = field(metadata=limits(0, whole=True))
    time: Floats = field(metadata=limits(0, above=True))


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

    events: Floats = field(metadata=limits(0, whole=True))
    n: Floats = field(metadata=limits(1, whole=True))

    def agree(self) -> None:
        """There are no more events than people."""
        require("events", "at most n", self.events <= self.n, self.events)


@dataclass(frozen=True, slots=True, eq=False)
class OneMean(Summaries):
    """Mean, standard deviation (not standard error) and size of one group."""

    mean: Floats
    sd: Floats = field(metadata=limits(0))
    n: Floats = field(metadata=limits(2, whole=True))


@dataclass(frozen=True, slots=True, eq=False)
class OneSpread(Summaries):
    """Standard deviation and size of one group."""

    sd: Floats = field(metadata=limits(0))
    n: Floats = field(metadata=limits(2, whole=True))


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
    sd1: Floats = field(metadata=limits(0))
    mean2: Floats
    sd2: Floats = field(metadata=limits(0))
    n: Floats = field(metadata=limits(2, whole=True))
    r: Floats = field(metadata=limits(-1, 1))

    @property
    def sd_change(self) -> Floats:
        """Standard deviation of the change scores."""
        s1, s2 = self.sd1, self.sd2
        return np.asarray(np.sqrt(s1 * s1 + s2 * s2 - 2.0 * self.r * s1 * s2))


@dataclass(frozen=True, slots=True, eq=False)
class CorrelationInput(Summaries):
    """Pearson correlations and numbers of pairs."""

    r: Floats = field(metadata=limits(-1, 1))
    n: Floats = field(metadata=limits(4, whole=True))


@dataclass(frozen=True, slots=True, eq=False)
class RegressionTest(Summaries):
    """One coefficient's t test in a linear regression.

    Attributes
    ----------
    t : t statistic of the coefficient; n : sample size; predictors : number of
        predictors in the model, this one counted, the intercept not.
    """

    t: Floats
    n: Floats = field(metadata=limits(1, whole=True))
    predictors: Floats = field(metadata=limits(1, whole=True))

    def agree(self) -> None:
        """There are residual degrees of freedom."""
        require("n", "above predictors + 1", self.n > self.predictors + 1, self.n)


@dataclass(frozen=True, slots=True, eq=False)
class RegressionTestR2(Summaries):
    """As :class:`RegressionTest`, with the R-squared of the whole model."""

    t: Floats
    n: Floats = field(metadata=limits(1, whole=True))
    predictors: Floats = field(metadata=limits(1, whole=True))
    r2: Floats = field(metadata=limits(0, 1))

    def agree(self) -> None:
        """There are residual degrees of freedom."""
        require("n", "above predictors + 1", self.n > self.predictors + 1, self.n)


@dataclass(frozen=True, slots=True, eq=False)
class Determination(Summaries):
    """R-squared of a linear regression, sample size, number of predictors."""

    r2: Floats = field(metadata=limits(0, 1))
    n: Floats = field(metadata=limits(1, whole=True))
    predictors: Floats = field(metadata=limits(1, whole=True))

    def agree(self) -> None:
        """There are residual degrees of freedom."""
        require("n", "above predictors + 1", self.n > self.predictors + 1, self.n)


@dataclass(frozen=True, slots=True, eq=False)
class Alpha(Summaries):
    """Cronbach's alpha, number of items, sample size."""

    alpha: Floats = field(metadata=limits(high=1))
    items: Floats = field(metadata=limits(2, whole=True))
    n: Floats = field(metadata=limits(3, whole=True))


@dataclass(frozen=True, slots=True, eq=False)
class Genotypes(Summaries):
    """Numbers of people by genotype."""

    homozygous_dominant: Floats = field(metadata=limits(0, whole=True))
    heterozygous: Floats = field(metadata=limits(0, whole=True))
    homozygous_recessive: Floats = field(metadata=limits(0, whole=True))

    @property
    def n(self) -> Floats:
        """Number of people."""
        return self.homozygous_dominant + self.heterozygous + self.homozygous_recessive


@dataclass(frozen=True, slots=True, eq=False)
class Superiority(Summaries):
    """Area under the curve, or U / (n1 n2), with the two group sizes."""

    auc: Floats = field(metadata=limits(0, 1))
    n1: Floats = field(metadata=limits(1, whole=True))
    n2: Floats = field(metadata=limits(1, whole=True))


@dataclass(frozen=True, slots=True, eq=False)
class AsGiven(Summaries):
    """An effect and its sampling variance, already on the scale of analysis."""

    y: Floats
    v: Floats = field(metadata=limits(0, above=True))
