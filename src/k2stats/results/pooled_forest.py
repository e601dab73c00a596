"""Forest plots of pooled estimates."""

from typing import TYPE_CHECKING, Literal

import numpy as np

from k2stats._typing import Floats
from k2stats.errors import InvalidEvidenceError
from k2stats.render.forest import Scale, decimals, forest_plot, interval_text
from k2stats.render.forest_page import ForestRow
from k2stats.results._words import fixed, p_cell, p_text, percent
from k2stats.results.pooled_printing import symbol

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from k2stats.results.pooled import PooledEstimate, Rng
    from k2stats.results.series import PooledSeries


def forest(
    fit: "PooledEstimate",
    *,
    sort: Literal["", "effect", "weight"] = "",
    prediction: bool = True,
    title: str = "",
    places: int | None = None,
    rng: "Rng" = 0,
) -> "Figure":
    """Draw the studies, the pooled effect and the prediction interval.

    Parameters
    ----------
    fit : PooledEstimate
        One meta-analysis.
    sort : {"", "effect", "weight"}
        Order of the studies, that of the data when left out.
    prediction : bool
        Whether the prediction interval is drawn, where the model has one.
    title : str
    places : int, optional
        Decimals of the printed effects.
    rng : int or Generator
        For prediction intervals that draw.

    Raises
    ------
    InvalidEvidenceError
        For a batch.
    """
    if fit.shape:
        raise InvalidEvidenceError(
            field="fit", requirement="one meta-analysis, not a batch", given=fit.shape
        )
    es, level = fit.effects, fit.method.level
    made, scale = estimates_of(fit), axis_of(fit)
    weights = fit.weights
    present = np.ones(es.k, dtype=bool) if fit.mask is None else np.asarray(fit.mask)
    order = np.flatnonzero(present)
    if sort:
        key = es.y if sort == "effect" else -weights
        order = order[np.argsort(key[order], kind="stable")]
    heaviest = float(weights[present].max())
    if places is None:
        places = decimals([*made[1][present], *made[2][present]])
    rows = [
        row(
            str(es.labels[i]),
            (made[0][i], made[1][i], made[2][i]),
            places,
            share=float(weights[i]) / heaviest,
            extra=(f"{weights[i]:.1f}%",),
            scale=scale,
        )
        for i in order
    ]
    whole = fit.natural()
    ends = (whole.estimate, whole.low, whole.high)
    label = fit.method.model.label
    rows.append(row(label, ends, places, "summary", extra=("100%",), scale=scale))
    if prediction and fit.method.has_tau2 and fit.k > 1:
        rows.append(prediction_row(fit, places, rng))
    return forest_plot(
        rows,
        heads=("Study", f"{symbol(fit)} [{percent(level)} CI]", "Weight"),
        axis_label=symbol(fit),
        scale=scale,
        null=es.info.null,
        title=title,
        notes=_notes(fit),
    )


def series_forest(
    series: "PooledSeries", *, title: str = "", places: int | None = None
) -> "Figure":
    """Draw the pooled effect of each step of a leave-one-out or cumulative analysis."""
    fits = series.fits
    made, scale = series.natural, axis_of(fits)
    prefix = "Without " if series.kind == "left out" else "+ "
    if places is None:
        places = decimals([*made.low, *made.high])
    rows = [
        row(
            f"{prefix}{label}",
            (made.estimate[i], made.low[i], made.high[i]),
            places,
            share=0.4,
            extra=(p_cell(fits.p[i]),),
            scale=scale,
        )
        for i, label in enumerate(series.labels)
    ]
    return forest_plot(
        rows,
        heads=("", f"{symbol(fits)} [{percent(made.level)} CI]", "p"),
        axis_label=symbol(fits),
        scale=scale,
        null=fits.effects.info.null,
        title=title,
    )


def axis_of(fit: "PooledEstimate") -> Scale:
    """Scale of the axis that natural values are drawn on."""
    es = fit.effects
    plain = es.scale.back_with_size is not None and es.n is None
    return "log" if es.scale.name == "log" and not plain else "linear"


def estimates_of(fit: "PooledEstimate") -> tuple[Floats, Floats, Floats]:
    """Effects of the studies with their limits, as a plot shows them."""
    es, level = fit.effects, fit.method.level
    if es.scale.back_with_size is not None and es.n is None:
        return (es.y, *es.conf_int(level))
    made = es.natural(level)
    return made.estimate, made.low, made.high


def prediction_row(fit: "PooledEstimate", places: int, rng: "Rng") -> ForestRow:
    """Row of the prediction interval."""
    ahead = fit.natural_prediction(rng=rng)
    low, high = float(ahead.low), float(ahead.high)
    columns = (interval_text(low, high, places, None, scale=axis_of(fit)),)
    label = "Prediction interval"
    return ForestRow(
        label, float(ahead.estimate), low, high, "prediction", columns=columns
    )


def row(
    label: str,
    ends: tuple[Floats, Floats, Floats],
    places: int,
    kind: Literal["study", "summary", "subtotal"] = "study",
    *,
    share: float = 1.0,
    extra: tuple[str, ...] = (),
    scale: Scale = "log",
) -> ForestRow:
    """Row with its estimate and limits printed to the right."""
    estimate, low, high = map(float, ends)
    columns = (interval_text(low, high, places, estimate, scale=scale), *extra)
    return ForestRow(label, estimate, low, high, kind, share, columns)


def _notes(fit: "PooledEstimate") -> list[str]:
    if fit.k == 1:
        return ["One study: heterogeneity cannot be assessed"]
    return [f"Heterogeneity: {heterogeneity_words(fit)}"]


def heterogeneity_words(fit: "PooledEstimate") -> str:
    """Return Q, tau2 and I2 in one line."""
    spread = f"Q = {fixed(fit.Q, 2)}, df = {float(fit.Q_df):.0f}, p {p_text(fit.Q_p)}"
    share = f"I2 = {fixed(fit.I2, 1)}%"
    if fit.method.has_tau2:
        share = f"tau2 = {fixed(fit.tau2, 4)} ({fit.method.tau2.name}), {share}"
    return f"{spread}; {share}"
