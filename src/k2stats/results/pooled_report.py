"""Methods and results of a pooled estimate as a paragraph for a paper."""

from typing import TYPE_CHECKING

import numpy as np

from k2stats.results._words import count, fixed, p_text, percent, whole
from k2stats.results.pooled_printing import analysed, symbol

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
    methods, cited = _methods(fit)
    listed = "\n".join(f"{i}. {paper.rstrip('.')}." for i, paper in enumerate(cited, 1))
    return f"Methods. {methods}\n\nResults. {_results(fit)}\n\nReferences\n{listed}"


def _methods(fit: "PooledEstimate") -> tuple[str, list[str]]:
    m, es = fit.method, fit.effects
    cited: list[str] = []

    def cite(paper: str) -> str:
        marks = []
        for one in paper.split("; "):
            if one and one not in cited:
                cited.append(one)
            if one:
                marks.append(str(cited.index(one) + 1))
        return f" [{','.join(marks)}]" if marks else ""

    what = analysed(fit)
    lower = what if what.isupper() else what[0].lower() + what[1:]
    model = _indefinite(m.model.label[0].lower() + m.model.label[1:])
    parts = [
        f"Effects ({_kind(lower, symbol(fit), identity=es.scale.identity)}) were "
        f"pooled with {model}{cite(m.model.reference)}."
    ]
    if m.tau2.name == "fixed":
        parts.append("The variance between studies (tau2) was taken as given.")
    elif m.has_tau2:
        parts.append(
            "The variance between studies (tau2) was estimated by "
            f"{_lower(m.tau2.label)} ({m.tau2.name}){cite(m.tau2.reference)}."
        )
    if m.weights != "inverse variance":
        parts.append(f"Studies had weights that were {m.weights}.")
    parts.append(
        f"The {percent(m.level)} confidence interval and the test of the mean: "
        f"{m.ci.label}{cite(m.ci.reference)}."
    )
    if m.has_tau2 and fit.k > 1:
        parts.append(
            f"The {percent(m.level)} prediction interval: "
            f"{m.prediction.label}{cite(m.prediction.reference)}."
        )
    basis = "tau2 and the typical sampling variance" if m.i2_basis == "tau2" else "Q"
    higgins = "Higgins and Thompson (2002) Stat Med 21:1539-1558"
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
    profile = f", profile {m.profile}" if m.profile else ""
    parts.append(f"Computed with k2stats {m.version}{profile}.")
    return " ".join(parts), cited


def _kind(analysed_as: str, shown_as: str, *, identity: bool) -> str:
    if identity or analysed_as == shown_as:
        return analysed_as
    return f"{analysed_as}, shown as {shown_as}"


def _results(fit: "PooledEstimate") -> str:
    made = fit.natural()
    level = percent(made.level)
    normal = bool(np.isinf(fit.df))
    test = (
        f"z = {fixed(fit.statistic, 2)}"
        if normal
        else f"t({whole(fit.df)}) = {fixed(fit.statistic, 2)}"
    )
    parts = [
        f"Over {count(fit.k, 'study', 'studies')} the pooled {symbol(fit)} was "
        f"{fixed(made.estimate, 3)} ({level} CI {fixed(made.low, 3)} to "
        f"{fixed(made.high, 3)}; {test}, p {p_text(fit.p)})."
    ]
    if fit.k > 1:
        share = f"I2 was {fixed(fit.I2, 1)}%"
        if fit.method.has_tau2:
            share = f"tau2 was {fixed(fit.tau2, 4)} and {share}"
        parts.append(
            f"Q was {fixed(fit.Q, 2)} on {whole(fit.Q_df)} degrees of freedom "
            f"(p {p_text(fit.Q_p)}); {share}."
        )
    if fit.method.has_tau2 and fit.k > 1:
        ahead = fit.natural_prediction(rng=0)
        parts.append(
            f"The {level} prediction interval was {fixed(ahead.low, 3)} to "
            f"{fixed(ahead.high, 3)}."
        )
    return " ".join(parts)


def _lower(label: str) -> str:
    """Return a label for the middle of a sentence: names keep their capital."""
    common = ("Restricted", "Maximum", "Bayes modal", "Generalised", "Empirical")
    return label[0].lower() + label[1:] if label.startswith(common) else label


def _indefinite(name: str) -> str:
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
