"""Funnel plots: effects against their standard errors, with what helps to read them."""

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

import numpy as np
from scipy import special

from k2stats._typing import Floats
from k2stats.diagnostics._influence_kernel import fit_sets
from k2stats.diagnostics._shown import Shown
from k2stats.diagnostics._studies import (
    Effects,
    labels_of,
    one_sample,
    with_estimator,
)
from k2stats.diagnostics.small_study import AsymmetryTest, egger_test
from k2stats.diagnostics.trim_fill import TrimFill, trim_fill
from k2stats.errors import InvalidEvidenceError
from k2stats.render.sheet import (
    BLUE,
    GOLD,
    INK,
    RED,
    SOFT,
    key,
    name_points,
    sheet,
    tidy,
)
from k2stats.results._words import fixed, p_text, percent
from k2stats.results.pooled import PooledEstimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Vertical: TypeAlias = Literal["se", "precision"]
Named: TypeAlias = Literal["outside", "all", "none"]
CONTOURS = (0.9, 0.95, 0.99)
_SHADES = ("#c9d3de", "#dde4eb", "#eff2f5")
_GRID = 200


class _Curves(NamedTuple):
    """Standard errors from the narrow to the wide end, and where they are drawn."""

    se: Floats
    height: Floats


def funnel(
    data: Effects | TrimFill,
    *,
    contours: bool | Sequence[float] = False,
    pseudo: float | None = 0.95,
    egger: bool = False,
    filled: bool | TrimFill = False,
    vertical: Vertical = "se",
    names: Named = "outside",
    tau2: str | None = None,
    title: str = "",
) -> "Figure":
    r"""Draw effects against their standard errors.

    The dashed limits are :math:`\hat\mu \pm z\,s`: they hold the stated share of the
    studies where sampling error is all that makes them differ. Contours are of the
    significance of single studies, :math:`\pm z_\alpha s` about no effect: studies that
    are missing where results are not significant point to selection, those missing
    where they are significant to something else.

    Parameters
    ----------
    data : EffectSizes, PooledEstimate or TrimFill
        One set of studies.
    contours : bool or sequence of float
        Shade by significance, at two-sided p of 0.1, 0.05 and 0.01, or at one minus
        the levels given.
    pseudo : float, optional
        Level of the dashed limits; None for no limits.
    egger : bool
        Whether the line of Egger's meta-regression on the standard error is drawn.
    filled : bool or TrimFill
        Whether the studies of trim and fill are drawn, by L0 or as given.
    vertical : {"se", "precision"}
        Standard errors, zero at the top; or one over them.
    names : {"outside", "all", "none"}
        Which studies are named: those outside the dashed limits, where there is room.
    tau2 : str, optional
        Estimator for the mean; that of the fit, or REML for effects, when left out.
    title : str

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InvalidEvidenceError
        For a batch, fewer than two studies (three for Egger's line and for trim and
        fill), or a wrong level.
    UnknownMethodError

    References
    ----------
    Sterne & Egger (2001). Journal of Clinical Epidemiology 54:1046-1055. Axes.
    Peters, Sutton, Jones, Abrams & Rushton (2008). Journal of Clinical Epidemiology
    61:991-996. Contours.

    Examples
    --------
    >>> from k2stats.effectsizes import EffectSizes
    >>> es = EffectSizes.from_arrays([0.1, 0.2, 0.4, 0.9], [0.01, 0.02, 0.05, 0.09])
    >>> figure = funnel(es, contours=True, egger=True)
    >>> figure.axes[0].get_ylabel()
    'Standard error'
    """
    levels = _levels(contours, pseudo)
    if vertical not in ("se", "precision"):
        raise InvalidEvidenceError(
            field="vertical", requirement="'se' or 'precision'", given=vertical
        )
    if names not in ("outside", "all", "none"):
        raise InvalidEvidenceError(
            field="names", requirement="'outside', 'all' or 'none'", given=names
        )
    if isinstance(data, TrimFill):
        filled, data = data, data.studies
    effects, estimator = with_estimator(data, tau2)
    y, v = one_sample(effects, least=2, need="a funnel plot")
    mean = _centre(data, y, v, estimator, given=tau2 is not None)
    fill = trim_fill(effects, tau2=estimator) if filled is True else filled or None
    test = egger_test(effects, tau2=estimator) if egger else None
    figure, (axes,) = sheet(
        width=6.4, height=4.8, title=title, notes=_notes(test, fill)
    )
    shown = Shown.of(effects)
    curves = _curves(np.sqrt(v), vertical)
    reach = _reach(y, mean, curves, pseudo, fill, shown.null if levels else np.nan)
    axes.set_xlim(*reach)
    top, bottom = float(curves.height[0]), float(curves.height[-1])
    axes.set_ylim(min(top, bottom), max(top, bottom))
    if vertical == "se":
        axes.invert_yaxis()
    if levels and np.isfinite(shown.null):
        _shade(axes, curves, shown.null, levels)
    if np.isfinite(shown.null):
        axes.axvline(shown.null, color=SOFT, lw=0.8, ls=":", zorder=1.5)
    axes.axvline(mean, color=INK, lw=1.0, zorder=2, label=f"mean ({estimator})")
    if pseudo is not None:
        _limits(axes, curves, mean, pseudo)
    if test is not None:
        _regression(axes, curves, test, vertical)
    at = np.sqrt(v) if vertical == "se" else 1.0 / np.sqrt(v)
    size = 5.0 if y.size <= 60 else 3.5
    axes.plot(y, at, "o", ms=size, mfc=BLUE, mec="white", mew=0.5, zorder=4)
    if fill is not None:
        _fill(axes, fill, vertical, size)
    tidy(axes, y="Standard error" if vertical == "se" else "1 / standard error")
    shown.ticks(axes)
    key(axes, outside=True)
    out = _deviation(y, v, mean, pseudo, names)
    _name(axes, labels_of(effects), (y, at, out), _filled_at(fill, vertical))
    return figure


def _levels(
    contours: bool | Sequence[float], pseudo: float | None
) -> tuple[float, ...]:
    """Check the levels of contours and of the limits."""
    if isinstance(contours, bool):
        levels: tuple[float, ...] = CONTOURS if contours else ()
    else:
        levels = tuple(sorted(float(c) for c in contours))
    given = [*levels, *([] if pseudo is None else [pseudo])]
    if not all(0.0 < level < 1.0 for level in given):
        raise InvalidEvidenceError(
            field="contours, pseudo", requirement="between 0 and 1", given=given
        )
    if len(levels) > len(_SHADES):
        raise InvalidEvidenceError(
            field="contours", requirement="three levels at most", given=levels
        )
    return levels


def _centre(
    data: Effects, y: Floats, v: Floats, estimator: str, *, given: bool
) -> float:
    """Mean that the funnel stands on: that of the fit where no other is asked for."""
    if isinstance(data, PooledEstimate) and not given:
        return float(data.estimate)
    return float(fit_sets(y, v, None, estimator).beta[0])


def _curves(se: Floats, vertical: Vertical) -> _Curves:
    if vertical == "se":
        at = np.linspace(0.0, 1.06 * float(se.max()), _GRID)
        return _Curves(at, at)
    precision = np.linspace(1.06 / se.min(), 0.94 / se.max(), _GRID)
    return _Curves(1.0 / precision, precision)


def _reach(
    y: Floats,
    mean: float,
    curves: _Curves,
    pseudo: float | None,
    fill: TrimFill | None,
    null: float,
) -> tuple[float, float]:
    """Ends of the axis of effects: all studies, and the limits at its wide end."""
    places = [*y.tolist(), mean]
    wide = float(curves.se.max())
    if pseudo is not None:
        half = float(special.ndtri(0.5 + 0.5 * pseudo)) * wide
        places += [mean - half, mean + half]
    if fill is not None:
        places += fill.filled_y.tolist()
    if np.isfinite(null):
        places.append(null)
    low, high = min(places), max(places)
    room = 0.05 * (high - low) or 0.5
    return low - room, high + room


def _shade(
    axes: "Axes", curves: _Curves, null: float, levels: tuple[float, ...]
) -> None:
    """Shade the regions of p, from the least level outwards."""
    low, high = axes.get_xlim()
    z = [float(special.ndtri(0.5 + 0.5 * level)) for level in levels]
    for i, level in enumerate(levels):
        near = z[i] * curves.se
        far = z[i + 1] * curves.se if i + 1 < len(z) else np.full(_GRID, np.inf)
        p = f"{1.0 - level:.3g}"
        label = f"p < {p}"
        if i + 1 < len(levels):
            label = f"{1.0 - levels[i + 1]:.3g} < p < {p}"
        for side in (-1.0, 1.0):
            axes.fill_betweenx(
                curves.height,
                np.clip(null + side * near, low, high),
                np.clip(null + side * far, low, high),
                color=_SHADES[i],
                lw=0.0,
                zorder=0.5,
                label=label if side > 0.0 else None,
            )


def _limits(axes: "Axes", curves: _Curves, mean: float, level: float) -> None:
    half = float(special.ndtri(0.5 + 0.5 * level)) * curves.se
    for side, label in ((-1.0, f"{percent(level)} of sampling error"), (1.0, None)):
        axes.plot(
            mean + side * half,
            curves.height,
            color=INK,
            lw=0.9,
            ls=(0, (5, 3)),
            zorder=2,
            label=label,
        )


def _regression(
    axes: "Axes", curves: _Curves, test: AsymmetryTest, vertical: Vertical
) -> None:
    """Line of the regression, and its limits where the standard error is zero."""
    line = float(test.limit) + float(test.estimate) * curves.se
    axes.plot(line, curves.height, color=RED, lw=1.4, zorder=3, label="Egger's line")
    if vertical == "se":
        ends = np.clip(
            [float(test.limit_low), float(test.limit_high)], *axes.get_xlim()
        )
        axes.plot(ends, [0.0, 0.0], color=RED, lw=3.5, zorder=3, clip_on=False)


def _fill(axes: "Axes", fill: TrimFill, vertical: Vertical, size: float) -> None:
    points = _filled_at(fill, vertical)
    if points:
        axes.plot(
            *zip(*points, strict=True),
            "o",
            ms=size,
            mfc="white",
            mec=RED,
            mew=1.1,
            zorder=4,
            label=f"filled in ({fill.estimator})",
        )
    axes.axvline(
        fill.estimate,
        color=GOLD,
        lw=1.4,
        ls="-.",
        zorder=2,
        label="mean with those filled in",
    )


def _deviation(
    y: Floats, v: Floats, mean: float, pseudo: float | None, names: Named
) -> Floats:
    """How far each study lies out, in standard errors; NaN for no name."""
    out = np.abs(y - mean) / np.sqrt(v)
    if names == "none" or (names == "outside" and pseudo is None):
        return np.full(y.size, np.nan)
    if names == "outside" and pseudo is not None:
        return np.where(out > special.ndtri(0.5 + 0.5 * pseudo), out, np.nan)
    return out


def _filled_at(fill: TrimFill | None, vertical: Vertical) -> list[tuple[float, float]]:
    if fill is None:
        return []
    se = np.sqrt(fill.filled_v)
    at = se if vertical == "se" else 1.0 / se
    return list(zip(fill.filled_y.tolist(), at.tolist(), strict=True))


def _name(
    axes: "Axes",
    labels: Sequence[Hashable],
    points: tuple[Floats, Floats, Floats],
    clear: Sequence[tuple[float, float]],
) -> None:
    """Name studies, the farthest out first; all points are kept clear."""
    y, at, out = points
    order = np.argsort(np.where(np.isnan(out), np.inf, -out), kind="stable")
    name_points(
        axes,
        y[order].tolist(),
        at[order].tolist(),
        [str(labels[i]) for i in order],
        most=min(int(np.isfinite(out).sum()), 25),
        clear=clear,
    )


def _notes(test: AsymmetryTest | None, fill: TrimFill | None) -> list[str]:
    """What was tested, and what it is worth."""
    notes = []
    if test is not None:
        said = test.note or f"{int(test.k)} studies."
        notes.append(
            "Egger's regression on the standard error: z = "
            f"{fixed(test.statistic, 2)}, p {p_text(test.p)}. {said}"
        )
    if fill is not None:
        what = "study" if fill.k0 == 1 else "studies"
        notes.append(
            f"Trim and fill ({fill.estimator}): {fill.k0} {what} filled in on the "
            f"{fill.side}. {fill.note}".rstrip()
        )
    return notes
