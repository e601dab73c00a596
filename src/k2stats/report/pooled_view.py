"""Pooled sets as the page shows them: a forest, what it says, and what is missing."""

import math
from dataclasses import dataclass

from k2stats.audit.pooled_findings import PooledFinding, PooledFit
from k2stats.audit.pooled_leave_outs import PrintedLeaveOut, implied
from k2stats.audit.pooled_models import ALL
from k2stats.audit.pooled_sets import PooledSet
from k2stats.audit.pooled_trials import PooledTrial
from k2stats.evidence import RatioWithCI, Source
from k2stats.render import Bar, ForestLine, forest_rows, interval_bars, significant
from k2stats.report.pictures import Figure
from k2stats.report.pooled_words import (
    PLURAL,
    members_words,
    moved,
    ratio_text,
    sentences,
    what_was_left_out,
)


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
        sentences=tuple(sentences(found)),
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
    said = (moved(pair.before, pair.after), what_was_left_out(out))
    return PairView(pair, anchor, Figure(svg, about), said)


def _bar(label: str, ratio: RatioWithCI) -> Bar:
    estimate, low, high = _numbers(ratio)
    return Bar(label, estimate, low, high, text=str(ratio))


def _numbers(ratio: RatioWithCI) -> tuple[float, float, float]:
    """Return a printed ratio and its limits as they stand."""
    estimate, low, high = ratio.estimate.value, ratio.low.value, ratio.high.value
    return float(estimate), float(low), float(high)


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
        name, text = f"Printed: {p.source.key}", str(p.ratio).partition(" ")[2]
        lines.append(
            ForestLine(name, estimate, low, high, share=0.0, text=text, detail=told)
        )
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
        text=trial.printed.partition(" ")[2] if trial.prints_interval else "",
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


def _fit_row(fit: PooledFit) -> FitRow:
    return FitRow(
        model=fit.model,
        members=members_words(fit.members),
        k=fit.k,
        ratio=ratio_text(fit),
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
