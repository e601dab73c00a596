"""Which estimators and intervals go with a model, and why others do not."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from k2stats.effectsizes import find_measure
from k2stats.errors import InvalidEvidenceError, UnknownMethodError
from k2stats.heterogeneity import TAU2
from k2stats.models import MEAN_TESTS, MODELS
from k2stats.models.fitting import make_spec
from k2stats.sensitivity._multiverse_models import COUNT_MODELS, listed

USUAL_TAU2 = ("REML", "PM", "DL", "ML", "HE", "SJ")
USUAL_CI = ("HK", "HK-adhoc", "z", "KR", "profile-likelihood")
USUAL_MODELS = ("random", "common", "multiplicative", "IVhet", "HC")
USUAL_COUNT_MODELS = ("MH", "Peto")
NO_TAU2 = "none"
PLAIN = ("z", "t")
"""Intervals that take any estimate with its standard error."""


class Method(NamedTuple):
    """A model with its estimator of tau2 and its interval."""

    model: str
    tau2: str
    ci: str


class Refused(NamedTuple):
    """A combination that makes no sense; empty where any choice is meant."""

    model: str
    tau2: str
    ci: str
    reason: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Estimators and intervals asked for; None where nothing was said."""

    tau2: tuple[str, ...] | None
    ci: tuple[str, ...] | None


def read_models(
    given: Sequence[str] | None, evidence: type | None, measures: Sequence[str]
) -> tuple[str, ...]:
    """Names of models, checked; the usual ones where none is named.

    Raises
    ------
    UnknownMethodError, InvalidEvidenceError

    Examples
    --------
    >>> read_models(None, None, ["RR"])
    ('random', 'common', 'multiplicative', 'IVhet', 'HC')
    """
    able = models_of(evidence, measures)
    if given is None:
        wanted = (*USUAL_MODELS, *USUAL_COUNT_MODELS)
        return tuple(name for name in wanted if name in able)
    if tuple(given) == ("all",):
        return able
    if not given:
        raise InvalidEvidenceError(field="models", requirement="one choice or more")
    for name in given:
        if name not in MODELS and name not in COUNT_MODELS:
            known = ("all", *MODELS, *COUNT_MODELS)
            raise UnknownMethodError(kind="model", name=name, known=known)
    return tuple(given)


def models_of(evidence: type | None, measures: Sequence[str]) -> tuple[str, ...]:
    """Every model that takes these data."""
    of_effects = [name for name in MODELS if name != "fixed"]
    of_counts = [
        name
        for name in COUNT_MODELS
        if any(not unfit(name, evidence, code) for code in measures)
    ]
    return (*of_effects, *of_counts)


def unfit(model: str, evidence: type | None, measure: str) -> str:
    """Say why a model cannot pool a measure of this evidence; empty where it can.

    Examples
    --------
    >>> unfit("MH", None, "OR")
    'it pools counts, and effect sizes were given'
    """
    if model in MODELS:
        return ""
    if evidence is None:
        return "it pools counts, and effect sizes were given"
    traits = COUNT_MODELS[model].traits
    of = listed(traits, "of")
    if evidence.__name__ not in of:
        return f"it pools {' or '.join(of)}, not {evidence.__name__}"
    codes = listed(traits, "measure")
    if codes and measure not in codes:
        return f"it pools {', '.join(codes)}"
    if not codes and not issubclass(evidence, find_measure(measure).evidence):
        return f"it does not pool {measure}"
    return ""


def methods_of(model: str, asked: Asked) -> tuple[list[Method], list[Refused]]:
    """Return the methods of one model, and the combinations that make no sense.

    A model that has no use for an estimator of tau2 has one method whichever are asked
    for. One with intervals of its own takes those asked for that suit it, and its own
    where none does or none is asked for.
    """
    if model in COUNT_MODELS:
        return _count_methods(model, asked)
    return _effect_methods(model, asked)


def _count_methods(model: str, asked: Asked) -> tuple[list[Method], list[Refused]]:
    traits = COUNT_MODELS[model].traits
    have = listed(traits, "ci")
    own = next(iter(listed(traits, "own")), have[0])
    wanted = [ci for ci in asked.ci or () if ci in have] or [own]
    refused = [
        Refused(model, "", ci, f"its intervals are {', '.join(have)}")
        for ci in asked.ci or ()
        if ci not in have
    ]
    spreads: Sequence[str] = listed(traits, "tau2") or (NO_TAU2,)
    if "tau2" in traits:
        spreads, more = _estimators(model, asked)
        refused += more
    return [Method(model, t, ci) for t in spreads for ci in wanted], refused


def _effect_methods(model: str, asked: Asked) -> tuple[list[Method], list[Refused]]:
    if model == "fixed":
        why = "without weights of your own it is the model 'common'"
        return [], [Refused(model, "", "", why)]
    traits = MODELS[model].traits
    own = next(iter(listed(traits, "ci")), None)
    refused: list[Refused] = []
    if "random" in traits:
        spreads, refused = _estimators(model, asked)
    else:
        spreads = ["DL" if "DL" in traits else NO_TAU2]
    wanted = list(asked.ci or USUAL_CI)
    if own is not None:
        suits = [ci for ci in wanted if not misplaced(model, spreads[0], ci)]
        refused += [
            Refused(model, "", ci, misplaced(model, spreads[0], ci))
            for ci in (asked.ci or ())
            if ci not in suits
        ]
        wanted = suits if asked.ci and suits else [own]
    found = []
    for tau2 in spreads:
        for ci in wanted:
            why = misplaced(model, tau2, ci)
            if why:
                refused.append(Refused(model, tau2, ci, why))
            else:
                found.append(Method(model, tau2, ci))
    return found, refused


def _estimators(model: str, asked: Asked) -> tuple[list[str], list[Refused]]:
    wanted = asked.tau2 or USUAL_TAU2
    heavy = [name for name in wanted if "weighted" in TAU2[name].traits]
    why = "it needs weights of your own"
    return (
        [name for name in wanted if name not in heavy],
        [Refused(model, name, "", why) for name in heavy],
    )


def misplaced(model: str, tau2: str, ci: str) -> str:
    """Say why an interval does not go with a model of effects; empty if it does.

    Examples
    --------
    >>> misplaced("random", "DL", "KR")
    "tau2 must be 'REML' where ci is 'KR'"
    >>> misplaced("common", "none", "HK")
    'it is made for weights one over v + tau2'
    """
    if ci not in MEAN_TESTS:
        return "it belongs to a model of counts"
    traits = MODELS[model].traits
    own = listed(traits, "ci")
    if own and own[0] not in PLAIN and ci not in own:
        return f"the model is there for its own interval, {own[0]}"
    flips = model == "common" and "resampling" in MEAN_TESTS[ci].traits
    if model != "random" and not (ci in PLAIN or flips or ci in own):
        return "it is made for weights one over v + tau2"
    try:
        make_spec(model, "REML" if tau2 == NO_TAU2 else tau2, ci, 0.95)
    except InvalidEvidenceError as error:
        return f"{error.field} must be {error.requirement}"
    return ""
