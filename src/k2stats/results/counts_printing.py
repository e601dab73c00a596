"""How an estimate from counts is shown: on the natural scale, with its tests."""

from html import escape
from typing import TYPE_CHECKING

import numpy as np

from k2stats.effectsizes import MEASURES
from k2stats.errors import InvalidEvidenceError
from k2stats.render import significant
from k2stats.results._references import Bibliography
from k2stats.results._tables import (
    Cells,
    block_html,
    lines_html,
    number_html,
    number_table,
)
from k2stats.results._words import (
    by_method,
    count,
    fixed,
    p_cell,
    p_text,
    percent,
    whole,
)

if TYPE_CHECKING:
    from k2stats.results.counts import CountsFit

_SAID = ("method", "measure", "reference", "version", "model", "interval", "test")
"""Entries of the record that a report says in sentences of its own."""


def short(fit: "CountsFit") -> str:
    """One line: the estimate and its limits; of a batch, what it is."""
    if fit.estimate.ndim:
        good = int(fit.converged.sum())
        return (
            f"{fit.method}, {fit.info.symbol}: {fit.estimate.size} sets of "
            f"shape {fit.estimate.shape}, {good} with an estimate"
        )
    return f"{fit.info.symbol} {_limits(fit)}, {fit.method}, {_studies(fit)}"


def _limits(fit: "CountsFit") -> str:
    made = fit.natural()
    estimate, low, high = (
        significant(float(x)) for x in (made.estimate, made.low, made.high)
    )
    return f"{estimate} ({percent(fit.level)} CI {low} to {high})"


def summary(fit: "CountsFit") -> str:
    """Text: effect, spread, tests and every choice that was made."""
    if fit.estimate.ndim:
        return short(fit)
    lines = [f"{_method(fit)}, {_studies(fit)}", "", number_table(_effect(fit))]
    lines += ["", *_spread(fit)] if _spread(fit) else []
    if fit.tests:
        lines += ["", number_table(_tests(fit))]
    return "\n".join([*lines, "", *_record(fit)])


def html(fit: "CountsFit") -> str:
    """Tables for a notebook."""
    if fit.estimate.ndim:
        return f"<p>{escape(short(fit))}</p>"
    return block_html(
        number_html(_effect(fit), caption=f"{_method(fit)}, {_studies(fit)}"),
        lines_html(_spread(fit)),
        number_html(_tests(fit)) if fit.tests else "",
        lines_html(_record(fit)),
    )


def report(fit: "CountsFit") -> str:
    """Return a paragraph of methods, one of results, and the references.

    Raises
    ------
    InvalidEvidenceError
        For a batch.
    """
    if fit.estimate.ndim:
        raise InvalidEvidenceError(
            field="fit",
            requirement="one meta-analysis, not a batch",
            given=fit.estimate.shape,
        )
    papers, record = Bibliography(), fit.record
    model = f" ({record['model'].lower()})" if "model" in record else ""
    what = MEASURES[fit.measure].label if fit.measure in MEASURES else fit.info.symbol
    lower = what if what.isupper() else what[0].lower() + what[1:]
    methods = [
        f"Effects ({lower}) were pooled {by_method(fit.method)}{model}"
        f"{papers.cite(record.get('reference', ''))}.",
        f"The test is {_test_words(fit)}; the {percent(fit.level)} confidence "
        f"interval is {fit.interval}.",
    ]
    choices = [f"{n}: {text}" for n, text in record.items() if n not in _SAID]
    if choices:
        joined = "; ".join(choices)
        methods.append(f"{joined[0].upper()}{joined[1:]}.")
    methods.append(f"The analysis was done in k2stats {record.get('version', '')}.")
    return (
        f"Methods. {' '.join(methods)}\n\nResults. {_results(fit)}"
        f"\n\nReferences\n{papers}"
    )


def _results(fit: "CountsFit") -> str:
    head = "" if not _wald(fit) else f"{_statistic(fit)} = {fixed(fit.statistic, 2)}, "
    said = _limits(fit).removesuffix(")")
    parts = [
        f"Over {_studies(fit)} the pooled {fit.info.symbol} was {said}; "
        f"{head}p {p_text(fit.p)})."
    ]
    if fit.tau2 is not None:
        parts.append(f"tau2 was {fixed(fit.tau2)}.")
    for test in fit.tests.values():
        parts.append(
            f"The test of {test.null} ({test.label}) gave "
            f"chi2({whole(test.df)}) = {fixed(test.statistic, 2)}, p {p_text(test.p)}."
        )
    return " ".join(parts)


def _method(fit: "CountsFit") -> str:
    model = fit.record.get("model", "")
    name = f"{fit.method[0].upper()}{fit.method[1:]}"
    return f"{name} ({model[0].lower()}{model[1:]})" if model else name


def _studies(fit: "CountsFit") -> str:
    k = int(fit.k)
    if k == fit.k_total:
        return count(k, "study", "studies")
    given = count(fit.k_total, "study", "studies")
    return f"{k} of {given}, the others carry no information"


def _wald(fit: "CountsFit") -> bool:
    return fit.interval == "Wald"


def _statistic(fit: "CountsFit") -> str:
    if not _wald(fit):
        return "statistic"
    return "z" if np.all(np.isinf(fit.df)) else "t"


def _test_words(fit: "CountsFit") -> str:
    if not _wald(fit):
        return fit.record.get("test", "of no effect")
    normal = bool(np.all(np.isinf(fit.df)))
    return "Wald's, with a normal reference" if normal else "Wald's, with a t reference"


def _effect(fit: "CountsFit") -> Cells:
    made = fit.natural()
    level = percent(fit.level)
    cells = {
        "": "pooled",
        fit.info.symbol: significant(float(made.estimate)),
        f"{level} low": significant(float(made.low)),
        f"{level} high": significant(float(made.high)),
        _statistic(fit): fixed(fit.statistic),
    }
    if _statistic(fit) == "t":
        cells["df"] = whole(np.asarray(fit.df))
    cells["p"] = p_cell(fit.p)
    return {head: [cell] for head, cell in cells.items()}


def _spread(fit: "CountsFit") -> list[str]:
    lines = []
    if not bool(fit.converged):
        lines.append("No finite estimate: an outcome is missing on one side.")
    if fit.tau2 is not None:
        tau2 = float(fit.tau2)
        se = np.nan if fit.se_tau2 is None else float(fit.se_tau2)
        shown = "" if np.isnan(se) else f" (SE {fixed(se)})"
        lines.append(f"tau2 {fixed(tau2)}{shown}, tau {fixed(tau2**0.5)}")
    return lines


def _tests(fit: "CountsFit") -> Cells:
    held = list(fit.tests.values())
    return {
        "Test": [f"{t.label}: {t.null}" for t in held],
        "chi2": [fixed(t.statistic, 2) for t in held],
        "df": [whole(t.df) for t in held],
        "p": [p_cell(t.p) for t in held],
    }


def _record(fit: "CountsFit") -> list[str]:
    skipped = ("method", "version")
    lines = [f"{n}: {text}" for n, text in fit.record.items() if n not in skipped]
    return [*lines, f"k2stats {fit.record.get('version', '')}."]
