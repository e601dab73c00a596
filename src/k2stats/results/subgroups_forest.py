"""Forest plots with a block for each subgroup."""

from typing import TYPE_CHECKING, Literal

import numpy as np

from k2stats.errors import InvalidEvidenceError
from k2stats.render.forest import decimals, forest_plot
from k2stats.render.forest_page import ForestRow
from k2stats.results._subgroups_text import OVERALL, wald_words
from k2stats.results._words import fixed, p_text, percent, whole
from k2stats.results.pooled_forest import (
    axis_of,
    estimates_of,
    heterogeneity_words,
    prediction_row,
    row,
)
from k2stats.results.pooled_printing import symbol

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from k2stats.results.pooled import PooledEstimate, Rng
    from k2stats.results.subgroups import Subgroups

_GAP = float("nan")


def subgroups_forest(
    made: "Subgroups",
    *,
    sort: Literal["", "effect", "weight"] = "",
    prediction: bool = True,
    heterogeneity: bool = True,
    title: str = "",
    places: int | None = None,
    rng: "Rng" = 0,
) -> "Figure":
    """Draw studies by subgroup, a diamond for each and one for all of them.

    Parameters
    ----------
    made : Subgroups
        Of one set of studies.
    sort : {"", "effect", "weight"}
        Order of the studies of each subgroup, that of the data when left out.
    prediction : bool
        Whether the prediction interval of all studies is drawn.
    heterogeneity : bool
        Whether each subgroup has a line on its heterogeneity.
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
    if made.shape:
        raise InvalidEvidenceError(
            field="subgroups", requirement="of one set of studies", given=made.shape
        )
    fit = made.overall
    es, level = fit.effects, fit.method.level
    values, scale = estimates_of(fit), axis_of(fit)
    weights = fit.weights
    present = np.ones(es.k, dtype=bool) if fit.mask is None else np.asarray(fit.mask)
    heaviest = float(weights[present].max())
    if places is None:
        places = decimals([*values[1][present], *values[2][present]])
    rows: list[ForestRow] = []
    for group, own, where in zip(made.groups, made.fits, made.positions, strict=True):
        order = where[present[where]]
        if sort:
            key = es.y if sort == "effect" else -weights
            order = order[np.argsort(key[order], kind="stable")]
        rows.append(ForestRow(str(group), _GAP, _GAP, _GAP, "heading"))
        rows += [
            row(
                f"  {es.labels[i]}",
                (values[0][i], values[1][i], values[2][i]),
                places,
                share=float(weights[i]) / heaviest,
                extra=(f"{weights[i]:.1f}%",),
                scale=scale,
            )
            for i in order
        ]
        whole_ = own.natural()
        rows.append(
            row(
                f"Subtotal, k = {whole(own.k)}",
                (whole_.estimate, whole_.low, whole_.high),
                places,
                "subtotal",
                extra=(f"{weights[order].sum():.1f}%",),
                scale=scale,
            )
        )
        if heterogeneity and own.k > 1:
            rows.append(ForestRow(_spread(own), _GAP, _GAP, _GAP, "note"))
    total = fit.natural()
    ends = (total.estimate, total.low, total.high)
    label = (
        f"{OVERALL}, {fit.method.model.label[0].lower()}{fit.method.model.label[1:]}"
    )
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
        notes=[
            f"Overall heterogeneity: {heterogeneity_words(fit)}",
            f"Subgroup differences: {wald_words(made.between)}",
        ],
    )


def _spread(fit: "PooledEstimate") -> str:
    """Heterogeneity of a subgroup, short enough for the column of the labels."""
    share = f"I2 = {fixed(fit.I2, 1)}%"
    if fit.method.has_tau2:
        share += f", tau2 = {fixed(fit.tau2, 4)}"
    return f"{share}, Q = {fixed(fit.Q, 2)}, p {p_text(fit.Q_p)}"
