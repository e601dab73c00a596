"""How a meta-regression is shown: text, HTML, and sentences for a paper."""

import re
from typing import TYPE_CHECKING

import numpy as np

from k2stats.effectsizes import MEASURES
from k2stats.errors import InvalidEvidenceError
from k2stats.render import safe_text
from k2stats.results._references import Bibliography
from k2stats.results._tables import (
    block_html,
    facts_html,
    lines_html,
    number_html,
    number_table,
)
from k2stats.results._words import (
    by_method,
    count,
    degrees,
    fixed,
    p_cell,
    p_text,
    percent,
    whole,
)
from k2stats.results.linear_hypothesis import WaldTest
from k2stats.results.pooled_report import estimator_words

if TYPE_CHECKING:
    from k2stats.results.regression import MetaRegression

_RAUDENBUSH = "Raudenbush (2009), in The Handbook of Research Synthesis, ch. 16"


def summary(fit: "MetaRegression", level: float | None = None) -> str:
    """Text of the whole fit."""
    if fit.beta.ndim != 1:
        return short(fit)
    wide = 27
    lines = [_title(fit), ""]
    lines += [f"{name:{wide}s}{text}" for name, text in _head(fit)]
    lines += ["", number_table(_columns(fit, level)), ""]
    lines += [f"{name:{wide}s}{text}" for name, text in _heterogeneity(fit)]
    return "\n".join([*lines, "", *_notes(fit)])


def short(fit: "MetaRegression") -> str:
    """One line for a batch."""
    return (
        f"Meta-regressions of shape {fit.beta.shape[:-1]}, "
        f"coefficients {', '.join(fit.names)}"
    )


def html(fit: "MetaRegression") -> str:
    """Markup for a notebook."""
    if fit.beta.ndim != 1:
        return f"<p>{safe_text(short(fit))}</p>"
    return block_html(
        facts_html(_head(fit), caption=_title(fit)),
        number_html(_columns(fit, None)),
        facts_html(_heterogeneity(fit)),
        lines_html(_notes(fit)),
    )


def report(fit: "MetaRegression") -> str:
    """Paragraphs of methods and results, and their references.

    Raises
    ------
    InvalidEvidenceError
        For a batch.
    """
    if fit.beta.ndim != 1:
        raise InvalidEvidenceError(
            field="fit",
            requirement="one meta-regression, not a batch",
            given=fit.beta.shape,
        )
    papers = Bibliography()
    methods = _methods(fit, papers)
    return f"Methods. {methods}\n\nResults. {_results(fit)}\n\nReferences\n{papers}"


def wald_text(test: WaldTest, name: str = "QM") -> str:
    """Return a Wald test in words."""
    if test.ddf is None or np.isinf(float(test.ddf)):
        factor = 1.0 if test.ddf is None else float(test.df)
        value = fixed(factor * float(test.statistic))
        return f"{name}({test.df}) = {value}, p {p_text(test.p)}"
    return (
        f"F({test.df}, {whole(test.ddf)}) = {fixed(test.statistic)}, p {p_text(test.p)}"
    )


def _title(fit: "MetaRegression") -> str:
    kind = "Mixed-effects" if fit.method.has_tau2 else "Fixed-effects"
    return f"{kind} meta-regression, {count(float(fit.k), 'study', 'studies')}"


def _head(fit: "MetaRegression") -> list[tuple[str, str]]:
    return [
        ("Effect", MEASURES[fit.method.measure].label),
        ("Moderators", fit.method.formula or ", ".join(fit.names)),
        ("Test of moderators", wald_text(fit.omnibus)),
    ]


def _heterogeneity(fit: "MetaRegression") -> list[tuple[str, str]]:
    rows = []
    if fit.method.has_tau2:
        se = "" if np.isnan(fit.tau2_se) else f" (SE {fixed(fit.tau2_se)})"
        rows += [
            ("Residual tau2", f"{fixed(fit.tau2)}{se}"),
            ("Residual tau", fixed(fit.tau)),
        ]
    basis = fit.method.i2_basis
    rows += [
        (f"I2, from {basis}", f"{fixed(fit.I2, 2)}%"),
        (f"H2, from {basis}", fixed(fit.H2, 2)),
    ]
    if not np.isnan(fit.R2):
        rows.append((f"R2, {_r2_basis(fit)}", f"{fixed(fit.R2, 2)}%"))
    rows.append((f"Q, df = {whole(fit.Q_df)}", f"{fixed(fit.Q)}, p {p_text(fit.Q_p)}"))
    if not np.isnan(fit.loglik):
        restricted = "restricted " if fit.method.tau2.name == "REML" else ""
        rows += [
            (f"{restricted}log-likelihood".capitalize(), fixed(fit.loglik)),
            ("AIC, BIC, AICc", ", ".join(map(fixed, (fit.aic, fit.bic, fit.aicc)))),
        ]
    return rows


def _r2_basis(fit: "MetaRegression") -> str:
    return "of tau2" if fit.method.r2_basis == "tau2" else "adjusted"


def _columns(fit: "MetaRegression", level: float | None) -> dict[str, list[str]]:
    frame = fit.to_frame(level=level)
    at = percent(fit.method.level if level is None else level)
    heads = {
        "estimate": "estimate",
        "se": "SE",
        "statistic": "t" if "df" in frame else "z",
        "df": "df",
        "p": "p",
        "low": f"{at} low",
        "high": f"{at} high",
    }
    shown: dict[str, list[str]] = {"": list(fit.names)}
    for name in frame.columns:
        values = [float(x) for x in frame[name]]
        if name == "p":
            shown["p"] = [p_cell(x) for x in values]
        elif name == "df":
            shown["df"] = [whole(x) for x in values]
        else:
            shown[heads[name]] = [fixed(x) for x in values]
    return shown


def _notes(fit: "MetaRegression") -> list[str]:
    m = fit.method
    notes = []
    if m.has_tau2:
        notes.append(f"Residual variance between studies: {m.tau2.label}.")
    notes.append(f"Tests and intervals: {m.ci.label}.")
    if m.weights != "inverse variance":
        notes.append(f"Weights: {m.weights}.")
    for name, rows in fit.missing.items():
        shown = ", ".join(map(str, rows[:10])) + (", ..." if len(rows) > 10 else "")
        noun = count(len(rows), "study", "studies")
        notes.append(f"Left out, {name} missing: {noun} (rows {shown}).")
    profile = f", profile {m.profile}" if m.profile else ""
    return [*notes, f"k2stats {m.version}{profile}."]


def _methods(fit: "MetaRegression", papers: Bibliography) -> str:
    m, cite = fit.method, papers.cite
    kind = "a mixed-effects" if m.has_tau2 else "a fixed-effects"
    what = MEASURES[m.measure].label
    what = what if what.isupper() else what[0].lower() + what[1:]
    moderators = m.formula.lstrip("~ ").strip() or ", ".join(fit.names)
    parts = [
        f"Effects ({what}) were related to moderators ({moderators}) in {kind} "
        f"meta-regression{cite(_RAUDENBUSH)}."
    ]
    if m.tau2.name == "fixed":
        parts.append("The residual variance between studies (tau2) was taken as given.")
    elif m.has_tau2:
        parts.append(
            "The residual variance between studies (tau2) was estimated by "
            f"{estimator_words(m.tau2)}{cite(m.tau2.reference)}."
        )
    parts.append(
        f"Tests and {percent(m.level)} confidence intervals of the coefficients were "
        f"computed {by_method(m.ci.label)}{cite(m.ci.reference)}."
    )
    if m.weights != "inverse variance":
        parts.append(f"Studies had weights that were {m.weights}.")
    if fit.dropped:
        parts.append(
            f"{count(fit.dropped, 'study', 'studies')} with missing values had been "
            "left out."
        )
    profile = f" with the defaults of the profile {m.profile}" if m.profile else ""
    parts.append(f"The analysis was done in k2stats {m.version}{profile}.")
    return " ".join(parts)


def _results(fit: "MetaRegression") -> str:
    frame, level = fit.to_frame(), percent(fit.method.level)
    parts = [
        f"Over {count(float(fit.k), 'study', 'studies')} the test of all moderators "
        f"gave {wald_text(fit.omnibus)}."
    ]
    for j, name in enumerate(fit.names):
        if j == fit.design.intercept and len(fit.names) > 1:
            continue
        row = frame.iloc[j]
        parts.append(
            f"The coefficient of {_spoken(name)} was {fixed(row['estimate'])} "
            f"({level} CI {fixed(row['low'])} to {fixed(row['high'])}; "
            f"p {p_text(row['p'])})."
        )
    share = f"I2 was {fixed(fit.I2, 1)}%"
    if fit.method.has_tau2:
        share = f"residual tau2 was {fixed(fit.tau2)} and {share}"
    if not np.isnan(fit.R2):
        of = (
            "variance between studies"
            if fit.method.r2_basis == "tau2"
            else "weighted variance of the effects (adjusted R2)"
        )
        parts.append(f"The moderators accounted for {fixed(fit.R2, 1)}% of the {of}.")
    parts.append(
        f"Residual Q was {fixed(fit.Q, 2)} on {degrees(fit.Q_df)} "
        f"(p {p_text(fit.Q_p)}); {share}."
    )
    return " ".join(parts)


def _spoken(name: str) -> str:
    """Return the name of a coefficient as a sentence has it: C(alloc)[T.random]."""
    level = re.fullmatch(r"(?:C|factor)?\(?([\w. ]+)\)?\[T\.(.+)\]", name)
    return f"{level[1]} {level[2]}" if level else name
