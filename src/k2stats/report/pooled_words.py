"""What pools come to, in sentences."""

import math

from k2stats.audit.pooled_findings import PooledFinding, PooledFit
from k2stats.audit.pooled_leave_outs import Implied
from k2stats.audit.pooled_models import ALL, UNFLAGGED, ModelRange, PrintCheck
from k2stats.audit.pooled_sets import PooledSet
from k2stats.audit.words import listed
from k2stats.evidence import RatioWithCI
from k2stats.render import significant

PLURAL = {"trial": "trials", "stratum": "strata", "subgroup": "subgroups"}
_MOVES = {
    "subset": "whether the flagged trials are in",
    "model": "the model",
    "tau2": "the estimator of tau2",
    "ci": "the interval",
}


def moved(before: RatioWithCI, after: RatioWithCI) -> str:
    """Say how the printed ratio moved and whether its interval still excludes 1."""
    first, second = (
        float(r.low.value) > 1.0 or float(r.high.value) < 1.0 for r in (before, after)
    )
    text = f"The printed {before.kind} goes from {before.estimate} to {after.estimate}"
    if first and second:
        return f"{text}; both intervals leave out no effect."
    if first:
        return f"{text}; the first interval leaves out no effect, the second does not."
    if second:
        return f"{text}; the second interval leaves out no effect, the first does not."
    return f"{text}; neither interval leaves out no effect."


def what_was_left_out(out: Implied) -> str:
    """Say what the trials left out must have been, by the common effect."""
    share = f"{out.share:.0%} ({out.share_low:.0%} to {out.share_high:.0%})"
    if math.isinf(out.high):
        ratio = (
            f"a ratio of {significant(out.estimate, 2)} at the printed digits; their "
            "rounding leaves it open"
        )
    else:
        ratio = (
            f"a ratio of {significant(out.estimate, 2)} ({significant(out.low, 2)} to "
            f"{significant(out.high, 2)})"
        )
    return (
        f"If both are common-effect pools, what was left out carried {share} of the "
        f"weight and had {ratio}. In brackets: over the rounding of all six numbers."
    )


def sentences(found: PooledFinding) -> list[str]:
    """Return what the pools come to, in words."""
    said = [_agreement(check) for check in found.checks]
    said += _strata(found)
    if found.of.flagged.all():
        said.append("Every trial is flagged; without them nothing is left to pool.")
    elif found.of.flagged.any():
        said.append(_without_flagged(found))
    said += [_range(r, found.of) for r in found.ranges]
    if found.of.flagged.any() and found.moves_most in _MOVES:
        said.append(
            f"What moves the ratio most over all of them is {_MOVES[found.moves_most]}."
        )
    if found.one_out:
        ends = sorted((f.estimate, f.members) for f in found.one_out)
        (low, first), (high, last) = ends[0], ends[-1]
        said.append(
            f"Leaving out one {found.of.member} at a time, the ratio under random "
            f"effects goes from {significant(low, 3)} ({first}) to "
            f"{significant(high, 3)} ({last})."
        )
    return said


def _agreement(check: PrintCheck) -> str:
    """Say which models give a printed pool."""
    printed = f"{check.print.ratio} ({check.print.source.key})"
    if not check.matching:
        return f"{printed} is not reproduced by the {check.tried} models tried."
    names = listed(list(check.matching), most=2)
    return (
        f"{printed} is reproduced by {len(check.matching)} of the {check.tried} models "
        f"tried: {names}."
    )


def _strata(found: PooledFinding) -> list[str]:
    """Say whether the effect differs between strata, and what is printed of it."""
    if math.isnan(found.interaction):
        return []
    text = (
        f"Between {PLURAL[found.of.member]} the ratios differ with p "
        f"{significant(found.interaction, 2)} (Cochran\u2019s Q)"
    )
    if not math.isnan(found.trend):
        text += f", in a straight trend with p {significant(found.trend, 2)}"
    if found.of.interaction_p is not None:
        text += f"; printed for the interaction: {found.of.interaction_p}"
    return [f"{text}."]


def _without_flagged(found: PooledFinding) -> str:
    """Say how the pool moves when the flagged trials are left out."""
    parts = []
    for model in dict.fromkeys(f.model for f in found.fits):
        first, second = found.fit(model), found.fit(model, UNFLAGGED)
        if first and second:
            parts.append(f"{model} from {ratio_text(first)} to {ratio_text(second)}")
    names = listed([t.label for t in found.of.trials if t.flagged])
    one = int(found.of.flagged.sum()) == 1
    return (
        f"Without the flagged trial{'' if one else 's'} ({names}): {'; '.join(parts)}."
    )


def _range(of: ModelRange, pooled: PooledSet) -> str:
    """Say how much the choice of model matters."""
    which = "" if not pooled.flagged.any() else f" of {members_words(of.members)}"
    ends = significant(of.low, 3), significant(of.high, 3)
    ratio = ends[0] if ends[0] == ends[1] else f"from {ends[0]} to {ends[1]}"
    return (
        f"Choice of model: of {of.tried} pools{which}, {of.significant} have p below "
        f"0.05; the ratio is {ratio}."
    )


def members_words(members: str) -> str:
    """Return a choice of trials in words."""
    return {ALL: "all trials", UNFLAGGED: "the trials not flagged"}.get(
        members, members
    )


def ratio_text(fit: PooledFit) -> str:
    """Return a pooled ratio with its interval."""
    est, low, high = (significant(x, 3) for x in (fit.estimate, fit.low, fit.high))
    return f"{est} ({low} to {high})"
