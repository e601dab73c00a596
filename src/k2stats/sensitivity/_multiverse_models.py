"""Models that pool counts, as a multiverse asks for them: one registry.

Models of effects with their variances are those of :data:`k2stats.models.MODELS`;
they need no entry here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from k2stats._registry import Registry
from k2stats._typing import Bools
from k2stats.effectsizes import TwoRates, ZeroCells
from k2stats.models import (
    beta_binomial,
    exact_odds_ratio,
    exact_rate_ratio,
    firth,
    glmm,
    mantel_haenszel,
    peto,
    ssw,
)
from k2stats.results.counts import CountsFit


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """Counts to pool, and how.

    Attributes
    ----------
    evidence : evidence
        Shape ``(B, K)`` for models that take a batch, else ``(K,)``, studies that are
        left out taken away.
    mask : ndarray of bool, shape (B, K), or None
        Studies present, for models that take a batch.
    measure : str
    zero_cells : ZeroCells
    tau2, ci : str
    level : float
    """

    evidence: Any
    mask: Bools | None
    measure: str
    zero_cells: ZeroCells
    tau2: str
    ci: str
    level: float


CountModel: TypeAlias = Callable[[Task], CountsFit]
COUNT_MODELS: Registry[CountModel] = Registry("model")
"""Models of counts. Traits: ``of=TwoByTwo`` evidence they take; ``measure=OR``, none
for all measures of that evidence; ``ci=NAME`` their intervals, ``own=NAME`` the one
taken where none of several is asked for; ``tau2=NAME`` a tau2 that comes with the
model, ``tau2`` one that is asked for; ``zero-cells`` where a rule for zero cells is
used; ``batch`` where many data sets are one call."""


@COUNT_MODELS.register(
    "MH",
    label="Mantel-Haenszel",
    reference="Mantel and Haenszel (1959) J Natl Cancer Inst 22:719-748",
    equation="sums of stratum products over stratum sizes",
    traits=(
        *("of=TwoByTwo", "of=TwoRates", "ci=z", "batch"),
        *(f"measure={m}" for m in ("OR", "RR", "RD", "IRR", "IRD")),
    ),
)
def by_mantel_haenszel(task: Task) -> CountsFit:
    """Mantel-Haenszel weights; nothing is added to zero cells."""
    return mantel_haenszel(
        task.evidence, task.measure, level=task.level, mask=task.mask
    )


@COUNT_MODELS.register(
    "Peto",
    label="Peto's one-step odds ratio",
    reference="Yusuf et al. (1985) Prog Cardiovasc Dis 27:335-371",
    equation="sum(O - E) / sum(V)",
    traits=("of=TwoByTwo", "measure=OR", "ci=z", "batch"),
)
def by_peto(task: Task) -> CountsFit:
    """Peto's method; nothing is added to zero cells."""
    return peto(task.evidence, level=task.level, mask=task.mask)


@COUNT_MODELS.register(
    "SSW",
    label="Sample-size weights",
    reference="Bakbergenuly, Hoaglin and Kulinskaya (2020) Res Synth Methods 11:426",
    equation="a = n1 n2 / (n1 + n2)",
    traits=(
        *("of=TwoByTwo", "of=TwoMeans", "of=TwoRates", "ci=z"),
        *("tau2", "zero-cells", "batch"),
    ),
)
def by_sample_sizes(task: Task) -> CountsFit:
    """Weights from the sizes of the groups alone; tau2 enters the variance."""
    return ssw(
        task.evidence,
        task.measure,
        tau2=task.tau2,
        zero_cells=task.zero_cells,
        mask=task.mask,
        level=task.level,
    )


def _glmm(name: str, label: str, *traits: str) -> None:
    def fit(task: Task) -> CountsFit:
        return glmm(
            task.evidence,
            task.measure,
            model=name,
            test="t" if task.ci == "t" else "z",
            level=task.level,
        )

    fit.__qualname__ = f"glmm_{name}"
    COUNT_MODELS.register(
        f"GLMM {name}" if name != "one-group" else "GLMM",
        label=label,
        reference="Stijnen, Hamza and Ozdemir (2010) Stat Med 29:3046-3067",
        equation="marginal likelihood of the counts",
        traits=(*traits, "ci=z", "ci=t", "own=z", "tau2=ML"),
    )(fit)


_TABLES, _RATES = "of=TwoByTwo", "of=TwoRates"
_OR, _IRR = "measure=OR", "measure=IRR"
_glmm("UM.FS", "GLMM, fixed study effects", _TABLES, _RATES, _OR, _IRR)
_glmm("UM.RS", "GLMM, random study effects", _TABLES, _RATES, _OR, _IRR)
_glmm("CM.AL", "GLMM, conditional, approximate likelihood", _TABLES, _OR)
_glmm("CM.EL", "GLMM, conditional, exact likelihood", _TABLES, _RATES, _OR, _IRR)
_glmm(
    "one-group",
    "GLMM, random intercept",
    *("of=Proportion", "of=Rate", "measure=PLO", "measure=IRLN"),
)


@COUNT_MODELS.register(
    "beta-binomial",
    label="Beta-binomial",
    reference="Kuss (2015) Stat Med 34:1097-1116",
    equation="x ~ BetaBin(n, p, rho)",
    traits=(
        *("of=TwoByTwo", "of=Proportion", "ci=z"),
        *(f"measure={m}" for m in ("OR", "RR", "RD", "PLO", "PLN", "PR")),
    ),
)
def by_beta_binomial(task: Task) -> CountsFit:
    """Risks that vary between studies by a beta distribution."""
    return beta_binomial(task.evidence, task.measure, level=task.level)


@COUNT_MODELS.register(
    "Firth",
    label="Firth-penalised logistic regression",
    reference="Firth (1993) Biometrika 80:27-38",
    equation="l + log|I| / 2",
    traits=("of=TwoByTwo", "measure=OR", "ci=profile", "ci=Wald", "own=profile"),
)
def by_firth(task: Task) -> CountsFit:
    """Penalised likelihood of a common odds ratio."""
    interval: Any = task.ci
    return firth(task.evidence, interval=interval, level=task.level)


@COUNT_MODELS.register(
    "exact",
    label="Exact conditional",
    reference="Gart (1970) Biometrika 57:471-475",
    equation="conditional likelihood given the margins",
    traits=(
        *("of=TwoByTwo", "of=TwoRates", "measure=OR", "measure=IRR"),
        *("ci=exact", "ci=mid-p", "own=exact"),
    ),
)
def by_exact(task: Task) -> CountsFit:
    """Common ratio by exact conditional likelihood."""
    interval: Any = task.ci
    if isinstance(task.evidence, TwoRates):
        return exact_rate_ratio(task.evidence, interval=interval, level=task.level)
    return exact_odds_ratio(task.evidence, interval=interval, level=task.level)


def listed(traits: frozenset[str], kind: str) -> tuple[str, ...]:
    """Values of the traits ``kind=value``, in alphabetical order.

    Examples
    --------
    >>> listed(frozenset({"ci=z", "ci=t", "of=TwoByTwo"}), "ci")
    ('t', 'z')
    """
    mark = f"{kind}="
    return tuple(sorted(t[len(mark) :] for t in traits if t.startswith(mark)))
