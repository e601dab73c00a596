"""Forest plots of meta-regressions: studies, and what their moderators predict."""

from typing import TYPE_CHECKING, Literal

import numpy as np

from k2stats._typing import Floats
from k2stats.errors import InvalidEvidenceError
from k2stats.render.forest import Scale, decimals, forest_plot, interval_text
from k2stats.render.forest_page import ForestRow
from k2stats.results._regression_text import wald_text
from k2stats.results._words import fixed, p_text, percent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from k2stats.results.regression import MetaRegression


def regression_forest(
    fit: "MetaRegression",
    *,
    sort: Literal["", "effect", "weight", "fitted"] = "",
    title: str = "",
    places: int | None = None,
) -> "Figure":
    """Draw the studies, and behind each the mean effect that its moderators predict.

    Parameters
    ----------
    fit : MetaRegression
        Of one data set.
    sort : {"", "effect", "weight", "fitted"}
        Order of the studies, that of the data when left out.
    title : str
    places : int, optional
        Decimals of the printed effects.

    Raises
    ------
    InvalidEvidenceError
        For a batch, or another order.
    """
    if fit.beta.ndim != 1:
        raise InvalidEvidenceError(
            field="fit", requirement="of one data set", given=fit.beta.shape
        )
    es, level = fit.effects, fit.method.level
    made = fit.predict()
    weights = 1.0 / (es.v + float(fit.tau2))
    if fit.given_weights is not None:
        weights = fit.given_weights
    share = 100.0 * weights / weights.sum()
    keys = {"effect": es.y, "weight": -weights, "fitted": made.estimate}
    if sort and sort not in keys:
        raise InvalidEvidenceError(
            field="sort", requirement="'', 'effect', 'weight' or 'fitted'", given=sort
        )
    order = np.argsort(keys[sort], kind="stable") if sort else np.arange(es.k)
    studies, fitted = (es.y, *es.conf_int(level)), (made.estimate, made.low, made.high)
    name, linear = es.info.symbol, es.scale.name != "log"
    if es.scale.back_with_size is None:
        studies, fitted = (_natural(fit, ends) for ends in (studies, fitted))
    elif not es.scale.identity:
        name = f"{es.measure} ({es.scale.name} scale)"
    if places is None:
        places = decimals([*studies[1], *studies[2]])
    scale: Scale = "linear" if linear else "log"
    rows = []
    for i in order:
        estimate, low, high = (float(x[i]) for x in studies)
        middle, least, most = (float(x[i]) for x in fitted)
        rows.append(
            ForestRow(
                str(es.labels[i]),
                estimate,
                low,
                high,
                share=float(weights[i] / weights.max()),
                columns=(
                    interval_text(low, high, places, estimate, scale=scale),
                    interval_text(least, most, places, middle, scale=scale),
                    f"{share[i]:.1f}%",
                ),
                fitted=(middle, least, most),
            )
        )
    limits = f"[{percent(level)} CI]"
    return forest_plot(
        rows,
        heads=("Study", f"{name} {limits}", f"Predicted {limits}", "Weight"),
        axis_label=name,
        scale=scale,
        null=es.info.null,
        title=title,
        notes=_notes(fit),
    )


def _natural(
    fit: "MetaRegression", ends: tuple[Floats, Floats, Floats]
) -> tuple[Floats, Floats, Floats]:
    """Estimates and limits on the natural scale."""
    scale, (least, most) = fit.effects.scale, fit.effects.info.bounds
    middle, low, high = (np.clip(scale.to_natural(x), least, most) for x in ends)
    return (middle, high, low) if scale.decreasing else (middle, low, high)


def _notes(fit: "MetaRegression") -> list[str]:
    rest = f"Q = {fixed(fit.Q, 2)}, df = {float(fit.Q_df):.0f}, p {p_text(fit.Q_p)}"
    if fit.method.tau2.name != "EE":
        rest += f"; tau2 = {fixed(fit.tau2, 4)} ({fit.method.tau2.name})"
    lines = [f"Residual heterogeneity: {rest}, I2 = {fixed(fit.I2, 1)}%"]
    if fit.design.tested:
        lines.insert(0, f"Test of moderators: {wald_text(fit.omnibus)}")
    if fit.method.formula:
        lines.insert(0, f"Diamonds: means predicted by {fit.method.formula}")
    return lines
