"""The generalised linear mixed models of meta-analysis, as choices of constants."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from k2stats._registry import Registry
from k2stats._typing import Floats
from k2stats.effectsizes import Proportion, Rate, TwoRates
from k2stats.evidence import TwoByTwo
from k2stats.models._count_families import Binomial, Conditional, Family, Poisson
from k2stats.models._glmm_likelihood import Arm, StudyModel

CountEvidence: TypeAlias = TwoByTwo | TwoRates | Proportion | Rate


@dataclass(frozen=True, slots=True, eq=False)
class BuiltModel:
    """A model of given counts, and what heterogeneity is tested against.

    Attributes
    ----------
    model : StudyModel
        The last element of psi is tau.
    effects : slice
        The elements of psi that are the coefficients of the effect.
    saturated : float or StudyModel
        Greatest log-likelihood with an effect for each study, or the model that has
        to be maximised for it.
    """

    model: StudyModel
    effects: slice
    saturated: float | StudyModel


ModelBuilder: TypeAlias = Callable[[CountEvidence, float, Floats], BuiltModel]
"""Takes the counts of the studies that carry information, shape (K,), the weight of
the random effect in group 1 (group 2 has that less one), and what each coefficient of
the effect is multiplied by in each study, shape (K, p): a column of ones to pool."""

GLMM_MODELS: Registry[ModelBuilder] = Registry("GLMM")
"""Traits: the measures each model is for; ``exact`` for exact likelihoods."""

_STIJNEN = "Stijnen, Hamza & Ozdemir (2010), Stat Med 29:3046"
_JACKSON = "Jackson, Law, Stijnen, Viechtbauer & White (2018), Stat Med 37:1059"
_SPREAD = 0.5


def _families(evidence: CountEvidence) -> tuple[Family, Family, Floats, Floats, float]:
    """Both arms, crude log odds (or rates) of each study, and the crude effect."""
    if isinstance(evidence, TwoByTwo):
        a, b, c, d = evidence.cells
        level = np.log((a + c + 0.5) / (b + d + 0.5))
        crude = np.log((a.sum() + 0.5) * (d.sum() + 0.5)) - np.log(
            (b.sum() + 0.5) * (c.sum() + 0.5)
        )
        one, two = Binomial(a, evidence.n1), Binomial(c, evidence.n2)
        return one, two, level, one.saturated + two.saturated, float(crude)
    if isinstance(evidence, TwoRates):
        x1, x2, t1, t2 = (
            evidence.events1,
            evidence.events2,
            evidence.time1,
            evidence.time2,
        )
        level = np.log((x1 + x2 + 0.5) / (t1 + t2))
        crude = np.log((x1.sum() + 0.5) / t1.sum()) - np.log(
            (x2.sum() + 0.5) / t2.sum()
        )
        first, second = Poisson(x1, t1), Poisson(x2, t2)
        saturated = first.saturated + second.saturated
        return first, second, level, saturated, float(crude)
    raise TypeError(type(evidence).__name__)


@GLMM_MODELS.register(
    "UM.FS",
    label="Unconditional, fixed study effects",
    reference=f"{_JACKSON}, model 4; {_STIJNEN}",
    equation="g(p_kj) = alpha_k + z_j x_k'beta + c_j tau u_k, alpha_k free",
    traits=("OR", "IRR"),
)
def unconditional_fixed(
    evidence: CountEvidence, coding: float, x: Floats
) -> BuiltModel:
    """Both arms, a free intercept for each study."""
    one, two, level, saturated, crude = _families(evidence)
    p = x.shape[1]
    load = np.zeros((2, 1, p + 1))
    load[:, 0, -1] = coding, coding - 1.0
    arms = (
        _arm(one, _columns(0.5 * x, zeros=1), load[0], own=1.0),
        _arm(two, _columns(-0.5 * x, zeros=1), load[1], own=1.0),
    )
    start = np.array([*_start(x, crude), _SPREAD])
    model = StudyModel(arms, (*_names(p), "tau"), (p,), start, level)
    return BuiltModel(model, slice(0, p), float(saturated.sum()))


@GLMM_MODELS.register(
    "UM.RS",
    label="Unconditional, random study effects",
    reference=f"{_JACKSON}, model 5; Turner et al. (2000), Stat Med 19:3417",
    equation="g(p_kj) = alpha + sigma s_k + z_j x_k'beta + c_j tau u_k",
    traits=("OR", "IRR"),
)
def unconditional_random(
    evidence: CountEvidence, coding: float, x: Floats
) -> BuiltModel:
    """Both arms, intercepts from a normal distribution, independent of the effects.

    The intercept is that of group 2, z is 1 in group 1 and 0 in group 2: moderators
    of the effect do not move group 2. What heterogeneity is tested against has an
    effect of its own in group 1 of every study and the intercepts random as before.
    """
    one, two, level, _, crude = _families(evidence)
    p = x.shape[1]
    load = np.zeros((2, 2, p + 3))
    load[:, 0, -2] = 1.0
    load[:, 1, -1] = coding, coding - 1.0
    arms = (
        _arm(one, _columns(x, ones=1, zeros=2), load[0]),
        _arm(two, _columns(0.0 * x, ones=1, zeros=2), load[1]),
    )
    spread = max(float(np.std(level)), 0.2)
    base = float(np.mean(level)) - 0.5 * crude
    start = np.array([base, *_start(x, crude), spread, _SPREAD])
    names = ("intercept", *_names(p), "sigma", "tau")
    alone, load_alone = np.zeros((level.size, 0)), np.array([[0.0, 1.0]])
    free = (
        _arm(
            _own_effects(evidence),
            _columns(alone, ones=1, zeros=1),
            load_alone,
            own=1.0,
        ),
        _arm(two, _columns(alone, ones=1, zeros=1), load_alone),
    )
    saturated = StudyModel(
        free,
        ("intercept", "sigma"),
        (1,),
        np.array([float(np.mean(level)), spread]),
        np.full(level.shape, crude),
    )
    model = StudyModel(arms, names, (p + 1, p + 2), start, np.zeros_like(level))
    return BuiltModel(model, slice(1, p + 1), saturated)


def _own_effects(evidence: CountEvidence) -> Family:
    """Group 1 where each study has its own effect.

    Without events, or without non-events, that effect is infinite and the count
    certain: it is left out.
    """
    if isinstance(evidence, TwoRates):
        there = evidence.events1 > 0
        return Poisson(evidence.events1, np.where(there, evidence.time1, 0.0))
    if not isinstance(evidence, TwoByTwo):
        raise TypeError(type(evidence).__name__)
    there = (evidence.a > 0) & (evidence.b > 0)
    return Binomial(
        np.where(there, evidence.events1, 0.0), np.where(there, evidence.n1, 0.0)
    )


@GLMM_MODELS.register(
    "CM.AL",
    label="Conditional, approximate likelihood",
    reference=_STIJNEN,
    equation="a_k | m_k ~ Bin(m_k, expit(theta + tau u_k + log(n1_k / n2_k)))",
    traits=("OR",),
)
def conditional_approximate(
    evidence: CountEvidence, coding: float, x: Floats
) -> BuiltModel:
    """Events in group 1 given the total, events rare."""
    if not isinstance(evidence, TwoByTwo):
        raise TypeError(type(evidence).__name__)
    m = evidence.events1 + evidence.events2
    offset = np.log(evidence.n1 / evidence.n2)
    return _one_count(Binomial(evidence.events1, m), offset, x, _crude(evidence))


@GLMM_MODELS.register(
    "CM.EL",
    label="Conditional, exact likelihood",
    reference=f"{_STIJNEN}; van Houwelingen, Zwinderman & Stijnen (1993), "
    "Stat Med 12:2273",
    equation="a_k | m_k ~ noncentral hypergeometric(theta + tau u_k); rates: binomial",
    traits=("OR", "IRR", "exact"),
)
def conditional_exact(evidence: CountEvidence, coding: float, x: Floats) -> BuiltModel:
    """Events in group 1 given both margins; of two rates, given the total."""
    crude = _crude(evidence)
    if isinstance(evidence, TwoByTwo):
        m = evidence.events1 + evidence.events2
        family = Conditional(evidence.events1, evidence.n1, evidence.n2, m)
        return _one_count(family, np.zeros(m.shape), x, crude)
    if not isinstance(evidence, TwoRates):
        raise TypeError(type(evidence).__name__)
    m = evidence.events1 + evidence.events2
    offset = np.log(evidence.time1 / evidence.time2)
    return _one_count(Binomial(evidence.events1, m), offset, x, crude)


@GLMM_MODELS.register(
    "one-group",
    label="Random intercept",
    reference=_STIJNEN,
    equation="g(p_k) = theta + tau u_k; logit of a proportion or log of a rate",
    traits=("PLO", "IRLN"),
)
def one_group(evidence: CountEvidence, coding: float, x: Floats) -> BuiltModel:
    """A proportion or a rate of one group, normal on the scale of analysis."""
    if isinstance(evidence, Proportion):
        events, n = evidence.events, evidence.n
        crude = float(np.log((events.sum() + 0.5) / ((n - events).sum() + 0.5)))
        return _one_count(Binomial(events, n), np.zeros(n.shape), x, crude)
    if not isinstance(evidence, Rate):
        raise TypeError(type(evidence).__name__)
    events, t = evidence.events, evidence.time
    crude = float(np.log((events.sum() + 0.5) / t.sum()))
    return _one_count(Poisson(events, t), np.zeros(t.shape), x, crude)


def _crude(evidence: CountEvidence) -> float:
    return _families(evidence)[4]


def _one_count(
    family: Binomial | Poisson | Conditional, offset: Floats, x: Floats, crude: float
) -> BuiltModel:
    p = x.shape[1]
    load = np.zeros((1, p + 1))
    load[0, -1] = 1.0
    arm = _arm(family, _columns(x, zeros=1), load, offset=offset)
    start = np.array([*_start(x, crude), _SPREAD])
    model = StudyModel((arm,), (*_names(p), "tau"), (p,), start, np.zeros(offset.shape))
    return BuiltModel(model, slice(0, p), float(family.saturated.sum()))


def _names(p: int) -> tuple[str, ...]:
    return ("effect",) if p == 1 else tuple(f"effect{j}" for j in range(p))


def _start(x: Floats, crude: float) -> Floats:
    """Coefficients whose fitted effects are as near to the crude one as can be."""
    ones = np.full(x.shape[0], crude)
    return np.asarray(np.linalg.lstsq(x, ones, rcond=None)[0])


def _columns(x: Floats, *, ones: int = 0, zeros: int = 0) -> Floats:
    """Columns of ones before, and of zeros after."""
    k = x.shape[0]
    return np.column_stack([np.ones((k, ones)), x, np.zeros((k, zeros))])


def _arm(
    family: Family,
    fixed: Floats,
    loads: Floats,
    *,
    own: float = 0.0,
    offset: Floats | None = None,
) -> Arm:
    still = np.zeros(fixed.shape[0]) if offset is None else offset
    return Arm(family, fixed, own, loads, still)
