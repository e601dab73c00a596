"""How a pooled estimate is shown: text, frame, HTML."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from k2stats._typing import Bools, Floats
from k2stats.effectsizes import MEASURES
from k2stats.numerics import tails
from k2stats.results._tables import (
    Cells,
    block_html,
    facts_html,
    lines_html,
    number_html,
    number_table,
)
from k2stats.results._words import (
    count,
    fixed,
    interval_words,
    p_cell,
    p_text,
    percent,
    whole,
)

if TYPE_CHECKING:
    from k2stats.results.pooled import PooledEstimate

STAR_ROWS = 20
"""Elements of a batch that :func:`summary` lists."""


def symbol(fit: "PooledEstimate") -> str:
    """Return what the natural value is called."""
    es = fit.effects
    if es.scale.back_with_size is not None and es.n is None:
        return f"{es.measure} ({es.scale.name} scale)"
    return es.info.symbol


def analysed(fit: "PooledEstimate") -> str:
    """Return what the number analysed is called: the log RR behind an RR."""
    es = fit.effects
    return es.info.symbol if es.scale.identity else MEASURES[es.measure].label


def short(fit: "PooledEstimate") -> str:
    """One line: the mean with its limits on the natural scale."""
    if fit.shape:
        return f"{symbol(fit)}: pooled estimates of shape {fit.shape}"
    made = fit.natural()
    return (
        f"{symbol(fit)} {fixed(made.estimate, 3)} "
        f"({interval_words(made.level, made.low, made.high, 3)}), "
        f"{count(fit.k, 'study', 'studies')}"
    )


def summary(fit: "PooledEstimate", digits: int = 4) -> str:
    """Text: the natural scale first, then the table on the scale of analysis."""
    if fit.shape:
        return _batch_summary(fit, digits)
    lines = [f"{fit.method.model.label}, {count(fit.k, 'study', 'studies')}", ""]
    lines += [f"{name:24s}{text}" for name, text in headline(fit, digits)]
    lines += ["", number_table(coefficient_cells(fit, digits)), ""]
    lines += [f"{name:24s}{text}" for name, text in heterogeneity(fit, digits)]
    lines += ["", *notes(fit)]
    return "\n".join(lines).rstrip()


def headline(fit: "PooledEstimate", digits: int) -> list[tuple[str, str]]:
    """Return the pooled value and the prediction interval on the natural scale."""
    made = fit.natural()
    limits = interval_words(made.level, made.low, made.high, digits)
    rows = [
        (
            symbol(fit),
            f"{fixed(made.estimate, digits)} ({limits}), p {p_text(fit.p)}",
        )
    ]
    if fit.method.has_tau2 and fit.k > 1:
        ahead = fit.natural_prediction(rng=0)
        rows.append(
            (
                "Prediction interval",
                f"{fixed(ahead.low, digits)} to {fixed(ahead.high, digits)}",
            )
        )
    return rows


def statistic_name(fit: "PooledEstimate") -> str:
    """Return what the statistic is called: z or t where p comes from that law."""
    if not bool(np.isinf(fit.df)):
        return "t"
    if fit.own_log_p is None:
        return "z"
    return "z" if np.isclose(fit.p, tails.normal_p(fit.statistic)) else "statistic"


def coefficient_cells(fit: "PooledEstimate", digits: int) -> dict[str, list[str]]:
    """Return the row of estimate, standard error, statistic, p and limits."""
    normal = bool(np.isinf(fit.df))
    level = percent(fit.method.level)
    cells = {
        analysed(fit): "mean",
        "estimate": fixed(fit.estimate, digits),
        "SE": fixed(fit.se, digits),
        statistic_name(fit): fixed(fit.statistic, digits),
    }
    if not normal:
        cells["df"] = whole(fit.df)
    cells |= {
        "p": p_cell(fit.p),
        f"{level} low": fixed(fit.ci_low, digits),
        f"{level} high": fixed(fit.ci_high, digits),
    }
    return {head: [cell] for head, cell in cells.items()}


def heterogeneity(fit: "PooledEstimate", digits: int) -> list[tuple[str, str]]:
    """Return tau2, I2, H2 and Q in words."""
    if fit.k == 1 and fit.method.tau2.name not in ("fixed", "common"):
        return [("Heterogeneity", "not defined for one study")]
    rows = []
    if fit.method.has_tau2:
        se = "" if np.isnan(fit.tau2_se) else f" (SE {fixed(fit.tau2_se, digits)})"
        rows += [
            ("tau2", f"{fixed(fit.tau2, digits)}{se}{_tau2_limits(fit, digits)}"),
            ("tau", fixed(fit.tau, digits)),
        ]
    basis = "tau2" if fit.method.i2_basis == "tau2" else "Q"
    rows += [
        (f"I2, from {basis}", f"{fixed(fit.I2, 2)}%"),
        (f"H2, from {basis}", fixed(fit.H2, 2)),
        (
            f"Q, df = {whole(fit.Q_df)}",
            f"{fixed(fit.Q, digits)}, p {p_text(fit.Q_p)}",
        ),
    ]
    return rows


def _tau2_limits(fit: "PooledEstimate", digits: int) -> str:
    """Return the interval of tau2 in words, where there is one without drawing."""
    if fit.method.tau2.name in ("fixed", "common") or fit.k < 2:
        return ""
    made = fit.tau2_interval()
    level = percent(made.level)
    if bool(made.empty):
        return f", {level} CI empty ({made.type})"
    low, high = fixed(made.low, digits), fixed(made.high, digits)
    return f", {level} CI {low} to {high} ({made.type})"


def notes(fit: "PooledEstimate") -> list[str]:
    """Return the methods, and what a reader must know."""
    m = fit.method
    out = []
    if m.has_tau2:
        out.append(f"Variance between studies: {m.tau2.label}.")
    out.append(f"Interval of the mean: {m.ci.label}.")
    if m.has_tau2 and bool((fit.k > 1).any()):
        out.append(f"Prediction interval: {m.prediction.label}.")
    lone = bool((fit.k == 1).any()) and m.tau2.name != "common"
    if lone and m.has_tau2:
        out.append("One study: tau2 cannot be estimated and is taken as 0.")
        if m.ci.name != "z":
            out.append("One study: ci='z' gives its own interval.")
    if m.weights != "inverse variance":
        out.append(f"Weights: {m.weights}.")
    if m.zero_cells and fit.effects.added is not None and np.any(fit.effects.added):
        out.append(f"Zero cells: {m.zero_cells}.")
    if m.dropped:
        out.append(f"Left out for missing values: {m.dropped}.")
    profile = f", profile {m.profile}" if m.profile else ""
    return [*out, f"k2stats {m.version}{profile}."]


def _batch_summary(fit: "PooledEstimate", digits: int) -> str:
    cells, below = _batch(fit, digits)
    size = int(np.prod(fit.shape))
    head = f"{fit.method.model.label}, {size} meta-analyses of shape {fit.shape}"
    return "\n".join([head, "", number_table(cells), *below, "", *notes(fit)])


def to_frame(fit: "PooledEstimate", *, natural: bool) -> pd.DataFrame:
    """One row an element of the batch."""
    low, high = fit.ci
    estimate = fit.estimate
    if natural:
        made = fit.natural()
        estimate, low, high = made.estimate, made.low, made.high
    columns: dict[str, Floats | Bools] = {
        symbol(fit) if natural else "estimate": estimate,
        "se": fit.se,
        "statistic": fit.statistic,
        "df": fit.df,
        "p": fit.p,
        "log_p": fit.log_p,
        "ci_low": low,
        "ci_high": high,
        "tau2": fit.tau2,
        "tau2_se": fit.tau2_se,
        "I2": fit.I2,
        "H2": fit.H2,
        "Q": fit.Q,
        "Q_p": fit.Q_p,
        "k": fit.k,
        "converged": fit.converged,
    }
    data: dict[str, object] = {}
    if fit.shape:
        which = np.indices(fit.shape).reshape(len(fit.shape), -1)
        data |= {f"set{j}": which[j] for j in range(len(fit.shape))}
    data |= {name: np.ravel(value) for name, value in columns.items()}
    frame = pd.DataFrame(data)
    return frame.astype({"k": int})


def html(fit: "PooledEstimate") -> str:
    """Tables for a notebook."""
    if fit.shape:
        cells, below = _batch(fit, 4)
        return block_html(number_html(cells, caption=short(fit)), lines_html(below))
    title = f"{fit.method.model.label}, {count(fit.k, 'study', 'studies')}"
    return block_html(
        facts_html(headline(fit, 4), caption=title),
        number_html(coefficient_cells(fit, 4)),
        facts_html(heterogeneity(fit, 4)),
        lines_html(notes(fit)),
    )


def frame_cells(
    frame: pd.DataFrame, fit: "PooledEstimate", names: dict[str, list[str]], digits: int
) -> dict[str, list[str]]:
    """Columns of a frame on the natural scale that a reader looks for, printed.

    Parameters
    ----------
    frame : DataFrame
        As :func:`to_frame` makes it.
    fit : PooledEstimate
    names : dict
        The first columns, which say what each row is.
    digits : int
    """
    level = percent(fit.method.level)
    shown = {
        symbol(fit): symbol(fit),
        "ci_low": f"{level} low",
        "ci_high": f"{level} high",
    }
    cells = dict(names)
    cells |= {h: [fixed(x, digits) for x in frame[c]] for c, h in shown.items()}
    cells["p"] = [p_cell(x) for x in frame["p"]]
    if fit.method.has_tau2:
        cells["tau2"] = [fixed(x, digits) for x in frame["tau2"]]
    cells["I2"] = [f"{x:.1f}%" if np.isfinite(x) else "-" for x in frame["I2"]]
    cells["Q"] = [fixed(x, 2) for x in frame["Q"]]
    cells["k"] = [whole(x) for x in frame["k"]]
    return cells


def _batch(fit: "PooledEstimate", digits: int) -> tuple[Cells, list[str]]:
    """Cells of the first elements of a batch, and what is said of the others."""
    frame = to_frame(fit, natural=True).head(STAR_ROWS)
    sets = [c for c in frame.columns if c.startswith("set")]
    where = [", ".join(map(str, row)) for row in frame[sets].to_numpy()]
    cells = frame_cells(frame, fit, {"set": where}, digits)
    size = int(np.prod(fit.shape))
    below = [f"... {size - STAR_ROWS} more"] if size > STAR_ROWS else []
    failed = int((~fit.converged).sum())
    if failed:
        below.append(f"Without an estimate: {failed}.")
    return cells, below
