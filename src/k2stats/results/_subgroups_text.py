"""How a subgroup analysis is shown: text, frame, HTML, sentences for a paper."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from k2stats._typing import Floats
from k2stats.errors import InvalidEvidenceError
from k2stats.render.html import safe_text
from k2stats.results._references import Bibliography
from k2stats.results._tables import (
    Cells,
    block_html,
    lines_html,
    number_html,
    number_table,
)
from k2stats.results._words import count, fixed, p_cell, p_text, percent, whole
from k2stats.results.difference_tests import DIFFERENCE_TESTS
from k2stats.results.linear_hypothesis import WaldTest
from k2stats.results.pooled import PooledEstimate
from k2stats.results.pooled_printing import notes, symbol
from k2stats.results.pooled_report import methods_sentences, results_sentences

if TYPE_CHECKING:
    from k2stats.results.subgroups import Subgroups

OVERALL = "Overall"
UNNAMED = "subgroup"
"""What studies are grouped by where that has no name."""
_WIDEST = 30
"""Characters of a subgroup's name in a table of text."""
_PARTING = "Borenstein et al. (2009) Introduction to Meta-Analysis, chapter 19"


def short(made: "Subgroups") -> str:
    """One line a subgroup, and the test; of a batch, what it is."""
    if made.shape:
        return (
            f"{symbol(made.overall)} in {count(len(made), 'subgroup')}: "
            f"batch of shape {made.shape}"
        )
    wide = max(len(str(g)) for g in (*made.groups, OVERALL))
    rows = zip((*made.groups, OVERALL), (*made.fits, made.overall), strict=True)
    lines = [f"{group!s:{wide}s}  {fit}" for group, fit in rows]
    return "\n".join([*lines, f"Subgroup differences: {wald_words(made.between)}"])


def wald_words(test: WaldTest) -> str:
    """Return a test of differences in words.

    Examples
    --------
    >>> wald_words(WaldTest("x", np.array(1.75), 2, None, np.array(0.41686)))
    'Q = 1.75 (df 2), p = 0.4169'
    """
    if test.ddf is None:
        head = f"Q = {fixed(test.statistic, 2)} (df {test.df})"
    else:
        head = f"F({test.df}, {whole(test.ddf)}) = {fixed(test.statistic, 2)}"
    return f"{head}, p {p_text(test.p)}"


def to_frame(made: "Subgroups", *, natural: bool) -> pd.DataFrame:
    """One row a subgroup and one for all; a block a subgroup where it is a batch."""
    frames = []
    groups = (*made.groups, OVERALL)
    for group, fit in zip(groups, (*made.fits, made.overall), strict=True):
        frame = fit.to_frame(natural=natural)
        at = list(frame.columns).index("ci_high") + 1
        if fit.method.has_tau2:
            low, high = _prediction(fit, natural=natural)
            frame.insert(at, "pi_low", np.ravel(low))
            frame.insert(at + 1, "pi_high", np.ravel(high))
        frame.insert(0, made.by, [group] * len(frame))
        frames.append(frame)
    whole_ = pd.concat(frames, ignore_index=True)
    return whole_ if made.shape else whole_.set_index(made.by)


def summary(made: "Subgroups", digits: int) -> str:
    """Text: means on the natural scale, heterogeneity, tests of differences."""
    if made.shape:
        return short(made)
    tables = (_means(made, digits), _spread(made, digits))
    lines = [_title(made), _model(made), ""]
    for columns in tables:
        lines += [number_table(_cut(columns)), ""]
    lines += [number_table(_tests(made)), "", *_notes(made)]
    return "\n".join(lines)


def html(made: "Subgroups") -> str:
    """Tables for a notebook."""
    if made.shape:
        return f"<p>{safe_text(short(made))}</p>"
    return block_html(
        number_html(_means(made, 4), caption=f"{_title(made)}. {_model(made)}"),
        number_html(_spread(made, 4)),
        number_html(_tests(made)),
        lines_html(_notes(made)),
    )


def report(made: "Subgroups") -> str:
    """Return a paragraph of methods, one of results, and the references.

    Raises
    ------
    InvalidEvidenceError
        For a batch.
    """
    if made.shape:
        raise InvalidEvidenceError(
            field="subgroups", requirement="of one set of studies", given=made.shape
        )
    papers = Bibliography()
    methods = methods_sentences(made.overall, papers)
    shared = "one tau2 for all subgroups" if made.common_tau2 else "a tau2 of its own"
    own = f", with {shared}" if made.overall.method.has_tau2 else ""
    at = len(methods) - 1
    tested = f"with {made.test.label}{papers.cite(made.test.reference)}"
    if _beside(made):
        entry = DIFFERENCE_TESTS["Welch"]
        tested += f", with {entry.label}{papers.cite(entry.reference)}"
    if made.overall.method.model.name != "common":
        tested += (
            ", and with the part of Cochran's Q that is between subgroups under "
            f"common effects{papers.cite(_PARTING)}"
        )
    methods[at:at] = [
        f"Studies were grouped{_by(made)}; each subgroup was pooled in the same "
        f"way{own}.",
        f"Subgroup differences were tested {tested}.",
    ]
    text = " ".join(methods)
    results = " ".join([*results_sentences(made.overall), *_found(made)])
    return f"Methods. {text}\n\nResults. {results}\n\nReferences\n{papers}"


def _found(made: "Subgroups") -> list[str]:
    level = percent(made.overall.method.level)
    parts = []
    for group, fit in zip(made.groups, made.fits, strict=True):
        value = fit.natural()
        parts.append(
            f"{fixed(value.estimate, 3)} ({level} CI {fixed(value.low, 3)} to "
            f"{fixed(value.high, 3)}; {count(fit.k, 'study', 'studies')}) in {group}"
        )
    listed = f"{', '.join(parts[:-1])} and {parts[-1]}"
    tests = [f"test of subgroup differences: {wald_words(made.between)}"]
    if _beside(made):
        tests.append(f"by Welch's test {wald_words(made.difference_test('Welch'))}")
    if made.overall.method.model.name != "common":
        tests.append(f"under common effects {wald_words(made.between_common)}")
    where = "In the subgroups" if made.by == UNNAMED else f"By {made.by}"
    return [
        f"{where}, the pooled {symbol(made.overall)} was {listed} ({'; '.join(tests)})."
    ]


def _title(made: "Subgroups") -> str:
    studies = count(made.overall.k, "study", "studies")
    return f"Subgroup analysis{_by(made)}: {studies} in {count(len(made), 'subgroup')}"


def _by(made: "Subgroups") -> str:
    return "" if made.by == UNNAMED else f" by {made.by}"


def _model(made: "Subgroups") -> str:
    label = made.overall.method.model.label
    if not made.overall.method.has_tau2:
        return label
    return (
        f"{label}, tau2 {'common to' if made.common_tau2 else 'separate in'} subgroups"
    )


def _rows(made: "Subgroups") -> list[tuple[str, PooledEstimate]]:
    named = [(str(g), f) for g, f in zip(made.groups, made.fits, strict=True)]
    return [*named, (OVERALL, made.overall)]


def _means(made: "Subgroups", digits: int) -> Cells:
    level = percent(made.overall.method.level)
    heads = [made.by, "k", symbol(made.overall), f"{level} low", f"{level} high", "p"]
    has_tau2 = made.overall.method.has_tau2
    heads += ["PI low", "PI high"] if has_tau2 else []
    cells = []
    for name, fit in _rows(made):
        value = fit.natural()
        ends = [value.estimate, value.low, value.high]
        row = [name, whole(fit.k), *(fixed(x, digits) for x in ends), p_cell(fit.p)]
        if has_tau2:
            row += [fixed(x, digits) for x in _prediction(fit, natural=True)]
        cells.append(row)
    return {h: [row[j] for row in cells] for j, h in enumerate(heads)}


def _cut(columns: Cells) -> Cells:
    """Columns with long names cut short."""
    (head, names), *rest = columns.items()
    short_ = [n if len(n) <= _WIDEST else f"{n[: _WIDEST - 1]}\u2026" for n in names]
    return {head: short_, **dict(rest)}


def _prediction(fit: PooledEstimate, *, natural: bool) -> tuple[Floats, Floats]:
    """Limits of a new effect; undefined where a lone study has no tau2."""
    if fit.method.tau2.name != "common" and not fit.shape and fit.k == 1:
        return np.asarray(np.nan), np.asarray(np.nan)
    if natural:
        value = fit.natural_prediction(rng=0)
        return value.low, value.high
    return fit.prediction_interval(rng=0)


def _spread(made: "Subgroups", digits: int) -> Cells:
    basis = made.overall.method.i2_basis
    columns: dict[str, list[str]] = {"Heterogeneity": [n for n, _ in _rows(made)]}
    fits = [f for _, f in _rows(made)]
    if made.overall.method.has_tau2:
        columns["tau2"] = [fixed(f.tau2, digits) for f in fits]
        columns["tau"] = [fixed(f.tau, digits) for f in fits]
    columns[f"I2, from {basis}"] = [
        f"{fixed(f.I2, 1)}%" if np.isfinite(f.I2) else "-" for f in fits
    ]
    columns["Q"] = [fixed(f.Q, 2) for f in fits]
    columns["df"] = [whole(f.Q_df) for f in fits]
    columns["p"] = [p_cell(f.Q_p) for f in fits]
    return columns


def _tests(made: "Subgroups") -> Cells:
    model = made.overall.method.model.label
    label = f"Between, {model[0].lower()}{model[1:]}"
    rows = [(label, made.between)]
    if _beside(made):
        rows.append((f"{label}, Welch", made.difference_test("Welch")))
    rows += [
        ("Between, common effects", made.between_common),
        ("Within, common effects", made.within_common),
    ]
    rows = rows[1:] if made.overall.method.model.name == "common" else rows
    return {
        "Subgroup differences": [name for name, _ in rows],
        "test": ["Q" if t.ddf is None else "F" for _, t in rows],
        "statistic": [fixed(t.statistic, 2) for _, t in rows],
        "df": [_df(t) for _, t in rows],
        "p": [p_cell(t.p) for _, t in rows],
    }


def _beside(made: "Subgroups") -> bool:
    """Whether Welch's test is shown beside Q: where standard errors are of few."""
    few = any(bool(np.isfinite(fit.df)) for fit in made.fits)
    return made.test.name == "Q" and few and not made.common_tau2


def _df(test: WaldTest) -> str:
    if test.ddf is None:
        return str(test.df)
    return f"{test.df}, {whole(test.ddf)}"


def _notes(made: "Subgroups") -> list[str]:
    out = [f"Subgroup differences: {made.test.label}."]
    if _beside(made):
        out.append("Q takes standard errors as known, too liberal in small subgroups.")
    if made.common_tau2 and made.fits[0].method.tau2.name == "common":
        ends = made.tau2_interval()
        tau2, level = made.fits[0].tau2, percent(ends.level)
        limits = f"{fixed(ends.low)} to {fixed(ends.high)} ({ends.type})"
        shown = "empty" if bool(ends.empty) else limits
        out.append(f"tau2 within subgroups: {fixed(tau2)}, {level} CI {shown}.")
    if not np.isnan(made.R2):
        out.append(f"R2, share of tau2 that the subgroups account for: {made.R2:.1f}%.")
    alone = [str(g) for g, f in zip(made.groups, made.fits, strict=True) if f.k == 1]
    if alone and not made.common_tau2:
        out.append(
            f"One study in {', '.join(alone)}: its own Wald interval, and no tau2."
        )
    return [*out, *notes(made.overall)]
