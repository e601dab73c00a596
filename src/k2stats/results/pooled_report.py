"""Methods and results of a pooled estimate as a paragraph for a paper."""

from typing import TYPE_CHECKING

import numpy as np

from k2stats.results._references import Bibliography
from k2stats.results._words import (
    by_method,
    count,
    degrees,
    fixed,
    interval_words,
    p_text,
    percent,
    whole,
)
from k2stats.results.method import Step
from k2stats.results.pooled_printing import analysed, statistic_name, symbol

if TYPE_CHECKING:
    from k2stats.results.pooled import PooledEstimate


def report(fit: "PooledEstimate") -> str:
    """Return a paragraph of methods, one of results, and the references.

    Raises
    ------
    InvalidEvidenceError
        For a batch.
    """
    if fit.shape:
        from k2stats.errors import InvalidEvidenceError

        raise InvalidEvidenceError(
            field="fit", requirement="one meta-analysis, not a batch", given=fit.shape
        )
    papers = Bibliography()
    methods = " ".join(methods_sentences(fit, papers))
    results = " ".join(results_sentences(fit))
    return f"Methods. {methods}\n\nResults. {results}\n\nReferences\n{papers}"


def methods_sentences(fit: "PooledEstimate", papers: Bibliography) -> list[str]:
    """Return what was done, sentence by sentence; papers are added as cited."""
    m, es, cite = fit.method, fit.effects, papers.cite
    what = analysed(fit)
    lower = what if what.isupper() else what[0].lower() + what[1:]
    model = _indefinite(m.model.label[0].lower() + m.model.label[1:])
    parts = [
        f"Effects ({_kind(lower, symbol(fit), identity=es.scale.identity)}) were "
        f"pooled with {model}{cite(m.model.reference)}."
    ]
    if m.tau2.name == "fixed":
        parts.append("The variance between studies (tau2) was taken as given.")
    elif m.has_tau2 and fit.k == 1:
        parts.append("One study leaves no variance between studies to estimate.")
    elif m.has_tau2:
        parts.append(
            "The variance between studies (tau2) was estimated by "
            f"{estimator_words(m.tau2)}{cite(m.tau2.reference)}."
        )
    if m.weights != "inverse variance":
        parts.append(f"Studies had weights that were {m.weights}.")
    parts.append(
        f"The {percent(m.level)} confidence interval and the test of the mean were "
        f"computed {by_method(m.ci.label)}{cite(m.ci.reference)}."
    )
    if m.has_tau2 and fit.k > 1:
        parts.append(
            f"The {percent(m.level)} prediction interval was computed "
            f"{by_method(m.prediction.label)}{cite(m.prediction.reference)}."
        )
    basis = "tau2 and the typical sampling variance" if m.i2_basis == "tau2" else "Q"
    higgins = "Higgins and Thompson (2002) Stat Med 21:1539-1558"
    if fit.k > 1:
        parts.append(
            f"Heterogeneity is described by Cochran's Q and by I2 from {basis}"
            f"{cite(higgins)}."
        )
    if m.zero_cells and es.added is not None and np.any(es.added):
        touched = int((np.asarray(es.added) > 0.0).sum())
        parts.append(
            f"Zero cells: {m.zero_cells} ({count(touched, 'study', 'studies')})."
        )
    if m.dropped:
        parts.append(
            f"{count(m.dropped, 'study', 'studies')} without an effect or a variance "
            "had been left out."
        )
    profile = f" with the defaults of the profile {m.profile}" if m.profile else ""
    parts.append(f"The analysis was done in k2stats {m.version}{profile}.")
    return parts


def estimator_words(tau2: Step) -> str:
    """Return an estimator of tau2 for the middle of a sentence."""
    return f"{_lower(tau2.label)} ({tau2.name})"


def _kind(analysed_as: str, shown_as: str, *, identity: bool) -> str:
    if identity or analysed_as == shown_as:
        return analysed_as
    return f"{analysed_as}, shown as {shown_as}"


def results_sentences(fit: "PooledEstimate") -> list[str]:
    """Return what was found, sentence by sentence."""
    made = fit.natural()
    level = percent(made.level)
    limits = interval_words(made.level, made.low, made.high, 3)
    normal = bool(np.isinf(fit.df))
    name = statistic_name(fit) if normal else f"t({whole(fit.df)})"
    undefined = name == "statistic" or bool(np.isnan(fit.statistic))
    test = "" if undefined else f"{name} = {fixed(fit.statistic, 2)}, "
    parts = [
        f"Over {count(fit.k, 'study', 'studies')} the pooled {symbol(fit)} was "
        f"{fixed(made.estimate, 3)} ({limits}; {test}p {p_text(fit.p)})."
    ]
    if fit.k > 1:
        share = f"I2 was {fixed(fit.I2, 1)}%"
        if fit.method.has_tau2:
            share = f"tau2 was {fixed(fit.tau2, 4)} and {share}"
        parts.append(
            f"Q was {fixed(fit.Q, 2)} on {degrees(fit.Q_df)} "
            f"(p {p_text(fit.Q_p)}); {share}."
        )
    if fit.method.has_tau2 and fit.k > 1:
        ahead = fit.natural_prediction(rng=0)
        parts.append(
            f"The {level} prediction interval was {fixed(ahead.low, 3)} to "
            f"{fixed(ahead.high, 3)}."
        )
    return parts


def _lower(label: str) -> str:
    """Return a label for the middle of a sentence: names keep their capital."""
    common = ("Restricted", "Maximum", "Bayes modal", "Generalised", "Empirical")
    return label[0].lower() + label[1:] if label.startswith(common) else label


def _indefinite(name: str) -> str:
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
