"""Pooled sets as the page shows them: a forest, what it says, and what is missing."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from k2stats.audit.pooled_findings import (
    ALL,
    UNFLAGGED,
    Implied,
    ModelRange,
    PooledFinding,
    PooledFit,
    PrintCheck,
    implied,
)
from k2stats.audit.pooled_sets import PooledSet, PooledTrial, PrintedLeaveOut
from k2stats.audit.words import listed
from k2stats.evidence import RatioWithCI, Source
from k2stats.render import Bar, ForestLine, forest_rows, interval_bars, significant
from k2stats.report.pictures import Figure

PLURAL = {"trial": "trials", "stratum": "strata", "subgroup": "subgroups"}
_MOVES = {
    "subset": "whether the flagged trials are in",
    "model": "the model",
    "tau2": "the estimator of tau2",
    "ci": "the interval",
}


@dataclass(frozen=True, slots=True)
class TrialRow:
    """A trial in the table below the forest."""

    label: str
    flag: str
    printed: str
    basis: str
    outcome: str
    source: Source


@dataclass(frozen=True, slots=True)
class FitRow:
    """A pooled ratio in the table of models."""

    model: str
    members: str
    k: int
    ratio: str
    p: str
    tau2: str
    i2: str


@dataclass(frozen=True, slots=True)
class PooledView:
    """One set, ready to be set."""

    of: PooledSet
    anchor: str
    figure: Figure
    sentences: tuple[str, ...]
    fits: tuple[FitRow, ...]
    trials: tuple[TrialRow, ...]
    flagged: int

    @property
    def members(self) -> str:
        """What is pooled, in the plural."""
        return PLURAL[self.of.member]


@dataclass(frozen=True, slots=True)
class PairView:
    """One pool that was printed twice, ready to be set."""

    pair: PrintedLeaveOut
    anchor: str
    figure: Figure
    sentences: tuple[str, ...]


def pooled_view(
    found: PooledFinding, anchor: str, *, style: bool = False
) -> PooledView:
    """Return one pooled set for a page."""
    of = found.of
    fits = tuple(map(_fit_row, (*found.fits, *found.one_out)))
    return PooledView(
        of=of,
        anchor=anchor,
        figure=_forest(found, style),
        sentences=tuple(_sentences(found)),
        fits=fits,
        trials=tuple(map(_trial_row, of.trials)),
        flagged=int(of.flagged.sum()),
    )


def pair_view(pair: PrintedLeaveOut, anchor: str, *, style: bool = False) -> PairView:
    """Return one pool that was printed with and without some trials."""
    out = implied(pair)
    bars = [
        _bar("As first printed", pair.before),
        _bar("Without them, as printed", pair.after),
    ]
    about = (
        f"{pair.outcome.capitalize()}: {pair.before} with, {pair.after} without "
        f"{pair.left_out}."
    )
    svg = interval_bars(
        bars,
        title=pair.title,
        description=about,
        axis_label=f"{pair.before.kind}, logarithmic",
        scale="log",
        null=1.0,
        style=style,
    )
    sentences = (_moved(pair.before, pair.after), _left_out(out))
    return PairView(pair, anchor, Figure(svg, about), sentences)


def _bar(label: str, ratio: RatioWithCI) -> Bar:
    estimate, low, high = _numbers(ratio)
    return Bar(label, estimate, low, high, text=str(ratio))


def _numbers(ratio: RatioWithCI) -> tuple[float, float, float]:
    """Return a printed ratio and its limits as they stand."""
    estimate, low, high = ratio.estimate.value, ratio.low.value, ratio.high.value
    return float(estimate), float(low), float(high)


def _moved(before: RatioWithCI, after: RatioWithCI) -> str:
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


def _left_out(out: Implied) -> str:
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


def _forest(found: PooledFinding, style: bool) -> Figure:
    """Return the forest: members, then the pools with and without the flagged."""
    of = found.of
    weight = 1.0 / of.v
    lines = [
        _study(trial, float(w))
        for trial, w in zip(of.trials, weight / weight.max(), strict=True)
    ]
    for members in dict.fromkeys(f.members for f in found.fits):
        lines += [_summary(f, of) for f in found.fits if f.members == members]
    for p in of.prints:
        estimate, low, high = _numbers(p.ratio)
        told = "; ".join(t for t in (str(p.ratio), p.note) if t)
        name = f"Printed: {p.source.key}"
        lines.append(ForestLine(name, estimate, low, high, share=0.0, detail=told))
    about = f"Squares: {PLURAL[of.member]}, their areas the weights; diamonds: pools"
    about += "; crossed and hollow: flagged" if of.flagged.any() else ""
    some = of.flagged.any() and not of.flagged.all()
    about += ", and not in what is left." if some else "."
    if of.prints:
        about += " Small squares at the foot: pools that are printed."
    svg = forest_rows(
        lines,
        title=f"Forest: {of.title}",
        description=about,
        axis_label=f"{of.symbol}, logarithmic",
        scale="log",
        null=1.0,
        style=style,
    )
    return Figure(svg, about)


def _study(trial: PooledTrial, share: float) -> ForestLine:
    half = 1.959963984540054 * math.sqrt(trial.v)
    return ForestLine(
        trial.label,
        math.exp(trial.y),
        math.exp(trial.y - half),
        math.exp(trial.y + half),
        flag=trial.source.status if trial.flagged else "",
        share=share,
        detail="; ".join(t for t in (trial.printed, trial.outcome) if t),
    )


def _summary(fit: PooledFit, of: PooledSet) -> ForestLine:
    """Return a diamond; its name is short, so that a telephone shows the numbers."""
    which = f"All {fit.k}" if fit.members == ALL else f"{fit.k} left"
    if not of.flagged.any():
        which = "Pool"
    model = fit.model.removeprefix("random effects, ").removesuffix(", counts")
    model = model.replace("Hartung-Knapp", "HK")
    return ForestLine(
        f"{which}: {model}", fit.estimate, fit.low, fit.high, kind="summary"
    )


def _sentences(found: PooledFinding) -> list[str]:
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
            parts.append(f"{model} from {_ratio(first)} to {_ratio(second)}")
    names = listed([t.label for t in found.of.trials if t.flagged])
    one = int(found.of.flagged.sum()) == 1
    return (
        f"Without the flagged trial{'' if one else 's'} ({names}): {'; '.join(parts)}."
    )


def _range(of: ModelRange, pooled: PooledSet) -> str:
    """Say how much the choice of model matters."""
    which = "" if not pooled.flagged.any() else f" of {_members(of.members)}"
    ends = significant(of.low, 3), significant(of.high, 3)
    ratio = ends[0] if ends[0] == ends[1] else f"from {ends[0]} to {ends[1]}"
    return (
        f"Choice of model: of {of.tried} pools{which}, {of.significant} have p below "
        f"0.05; the ratio is {ratio}."
    )


def _members(members: str) -> str:
    return {ALL: "all trials", UNFLAGGED: "the trials not flagged"}.get(
        members, members
    )


def _ratio(fit: PooledFit) -> str:
    est, low, high = (significant(x, 3) for x in (fit.estimate, fit.low, fit.high))
    return f"{est} ({low} to {high})"


def _fit_row(fit: PooledFit) -> FitRow:
    return FitRow(
        model=fit.model,
        members=_members(fit.members),
        k=fit.k,
        ratio=_ratio(fit),
        p=significant(fit.p, 3),
        tau2=significant(fit.tau2, 3),
        i2=f"{fit.i2:.0%}",
    )


def _trial_row(trial: PooledTrial) -> TrialRow:
    return TrialRow(
        label=trial.label,
        flag=trial.source.status if trial.flagged else "",
        printed=trial.printed,
        basis=trial.basis,
        outcome=trial.outcome,
        source=trial.source,
    )


def sources_of(views: Sequence[PooledView]) -> tuple[Source, ...]:
    """Return the sources of all trials, each once."""
    return tuple(dict.fromkeys(t.source for v in views for t in v.trials))
