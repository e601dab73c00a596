"""What a multiverse is: every specification, its answer, and what was ruled out."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from k2stats._typing import Bools, Floats, Ints
from k2stats.effectsizes import Measure, find_measure
from k2stats.errors import InvalidEvidenceError, UnknownMethodError
from k2stats.sensitivity import _multiverse_shares as shares
from k2stats.sensitivity import _multiverse_text as text
from k2stats.sensitivity._multiverse_parts import CHOICES, Plan
from k2stats.sensitivity.multiverse_decomposition import Decomposition, decompose

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from k2stats.sensitivity.multiverse_inference import CurveInference

EQUAL = 1e-12
"""A p-value this close to alpha, relatively, is alpha: rounding decides nothing."""
AFTER = {
    "zero_cells": ("measure", "model"),
    "model": ("measure",),
    "tau2": ("measure", "model"),
    "ci": ("measure", "model", "tau2"),
    "exclude": ("subset",),
}
"""Choices that exist only after others are made."""
OUTCOMES = ("estimate", "log_p", "significant", "width")


@dataclass(frozen=True, slots=True, eq=False)
class Multiverse:
    """Every analysis that the choices allow, one specification each.

    Effects of different measures are not on one scale: a risk ratio and an odds ratio
    of the same trials are different quantities. What compares estimates is therefore
    given by scale; p-values and decisions are compared across all.

    Attributes
    ----------
    levels_of : mapping of str to tuple of str
        The names of each choice, in the order asked for.
    codes : mapping of str to ndarray of int, shape (S,)
        Which of them each specification has.
    level : ndarray, shape (S,)
        Confidence level.
    estimate, se, ci_low, ci_high : ndarray, shape (S,)
        On the scale of analysis: logs for ratios.
    natural, natural_low, natural_high : ndarray, shape (S,)
        Read back to the natural scale.
    p, log_p : ndarray, shape (S,)
        Of no effect, by the test that goes with the interval.
    tau2, I2, Q, k : ndarray, shape (S,)
        I2 in percent; NaN where the model has none.
    converged : ndarray of bool, shape (S,)
        Where False there is no answer, and NaN in its place.
    invalid : DataFrame
        Combinations that make no sense: a name or ``"any"`` for each choice, and the
        reason.
    reference : mapping of str to int
        Scale to the position of its reference specification.
    study : tuple
    notes : tuple of str
        What a reader must know: studies without an effect, fits without an answer.
    version : str
    plan : Plan
        What was fitted; `position` says which of its specifications these are.
    position : ndarray of int, shape (S,)
    """

    levels_of: Mapping[str, tuple[str, ...]]
    codes: Mapping[str, Ints]
    level: Floats
    estimate: Floats
    se: Floats
    ci_low: Floats
    ci_high: Floats
    natural: Floats
    natural_low: Floats
    natural_high: Floats
    p: Floats
    log_p: Floats
    tau2: Floats
    I2: Floats
    Q: Floats
    k: Ints
    converged: Bools
    invalid: pd.DataFrame
    reference: Mapping[str, int]
    study: tuple[object, ...]
    notes: tuple[str, ...]
    version: str
    plan: Plan
    position: Ints
    typical_size: Floats | None = None

    def __len__(self) -> int:
        return int(self.estimate.size)

    @property
    def varied(self) -> tuple[str, ...]:
        """Choices that have two levels or more among these specifications."""
        return tuple(c for c in CHOICES if np.unique(self.codes[c]).size > 1)

    @property
    def panels(self) -> dict[str, Ints]:
        """Positions of the specifications on each scale."""
        found: dict[str, list[int]] = {}
        for i, code in enumerate(self.levels_of["measure"]):
            found.setdefault(scale_name(code), []).append(i)
        made = {
            name: np.flatnonzero(np.isin(self.codes["measure"], which))
            for name, which in found.items()
        }
        return {name: rows for name, rows in made.items() if rows.size}

    def info_of(self, scale: str) -> Measure[Any]:
        """Entry of the first measure on a scale."""
        for code in self.levels_of["measure"]:
            if scale_name(code) == scale:
                return find_measure(code)
        raise UnknownMethodError(kind="scale", name=scale, known=tuple(self.panels))

    @property
    def side(self) -> Floats:
        """1 above no effect on the natural scale, -1 below, 0 at it; shape (S,)."""
        falling = np.array(
            [find_measure(c).scale.decreasing for c in self.levels_of["measure"]]
        )
        sign = np.where(falling[self.codes["measure"]], -1.0, 1.0)
        with np.errstate(invalid="ignore"):
            return np.asarray(np.nan_to_num(np.sign(self.estimate) * sign))

    @property
    def significant(self) -> Bools:
        """Where p is below one less the level of the specification, shape (S,)."""
        with np.errstate(invalid="ignore"):
            return np.asarray(self.p < (1.0 - self.level) * (1.0 - EQUAL))

    def to_natural(self, rows: Ints, values: Floats) -> Floats:
        """Read values of specifications on one scale back to the natural scale."""
        code = self.levels_of["measure"][int(self.codes["measure"][rows[0]])]
        scale = find_measure(code).scale
        if scale.back_with_size is None:
            return scale.to_natural(values)
        if self.typical_size is None:
            return values
        return scale.to_natural(values, self.typical_size[rows])

    def to_frame(self) -> pd.DataFrame:
        """One row a specification: its choices and its answer.

        ``tau2`` is the name of the estimator, ``tau2_estimate`` what it gave.
        """
        columns: dict[str, object] = {
            name: np.array(self.levels_of[name], dtype=object)[self.codes[name]]
            for name in CHOICES
        }
        columns["level"] = self.level
        columns |= {
            "estimate": self.estimate,
            "se": self.se,
            "ci_low": self.ci_low,
            "ci_high": self.ci_high,
            "natural": self.natural,
            "natural_low": self.natural_low,
            "natural_high": self.natural_high,
            "p": self.p,
            "log_p": self.log_p,
            "significant": self.significant,
            "tau2_estimate": self.tau2,
            "I2": self.I2,
            "Q": self.Q,
            "k": self.k,
            "converged": self.converged,
        }
        return pd.DataFrame(columns)

    def where(self, **choices: object) -> "Multiverse":
        """Only the specifications with these choices.

        Parameters
        ----------
        **choices
            A name, or several, of a choice: ``where(model="random", ci=["HK", "z"])``.

        Raises
        ------
        UnknownMethodError
            For a choice or a name that does not exist; lists those that do.
        InvalidEvidenceError
            Where nothing is left.
        """
        keep = np.ones(len(self), dtype=bool)
        for choice, given in choices.items():
            keep &= np.isin(self.codes[choice_of(choice)], self._levels(choice, given))
        rows = np.flatnonzero(keep)
        if not rows.size:
            raise InvalidEvidenceError(
                field="choices", requirement="those of one specification or more"
            )
        arrays: dict[str, Any] = {
            name: frozen(getattr(self, name)[rows]) for name in ARRAYS
        }
        size = self.typical_size
        part = replace(
            self,
            **arrays,
            codes={name: frozen(code[rows]) for name, code in self.codes.items()},
            typical_size=None if size is None else size[rows],
        )
        wanted = {
            name: self._choices_of(index) for name, index in self.reference.items()
        }
        nearest = {
            name: nearest_to(part, panel, wanted[name])
            for name, panel in part.panels.items()
        }
        return replace(part, reference=nearest)

    def _levels(self, choice: str, given: object) -> list[int]:
        several = given if isinstance(given, list | tuple | set) else [given]
        known = self.levels_of[choice]
        found = []
        for value in several:
            name = text.level_name(value) if isinstance(value, float) else str(value)
            if name not in known:
                raise UnknownMethodError(kind=choice, name=name, known=known)
            found.append(known.index(name))
        return found

    def _choices_of(self, index: int) -> dict[str, str]:
        return {n: self.levels_of[n][int(self.codes[n][index])] for n in CHOICES}

    def describe(self, index: int) -> str:
        """Choices of one specification in words, those that never vary left out."""
        held = self._choices_of(index)
        return ", ".join(text.in_words(n, held[n]) for n in self.varied)

    def by_scale(self) -> pd.DataFrame:
        """One row a scale: range, median, shares significant in each direction.

        ``significant_above`` and ``significant_below`` are shares of the specifications
        that are significant with an estimate above and below no effect;
        ``other_side_than_reference`` of those whose estimate lies on the other side.
        """
        return shares.by_scale(self)

    def by_choice(self) -> pd.DataFrame:
        """One row a level of each choice that varies, and a scale."""
        return shares.by_choice(self)

    def vibration(self) -> pd.DataFrame:
        r"""Vibration of effects, one row a scale.

        ``relative`` is the ratio of the 99th to the 1st percentile of the estimates,
        for ratios; ``difference`` their difference on the scale of analysis;
        ``p_range`` the difference of the same percentiles of :math:`-\log_{10} p`;
        ``janus`` whether the two percentiles lie on opposite sides of no effect.

        References
        ----------
        Patel, C. J., Burford, B., & Ioannidis, J. P. A. (2015). Assessment of vibration
        of effects due to model specification can demonstrate the instability of
        observational associations. Journal of Clinical Epidemiology, 68, 1046-1058.
        """
        return shares.vibration(self)

    def decomposition(
        self, of: str = "estimate", scale: str | None = None
    ) -> Decomposition:
        """Share the variance of an outcome out among the choices.

        Parameters
        ----------
        of : {"estimate", "log_p", "significant", "width"}
            The estimate on the scale of analysis; minus the decimal logarithm of p;
            whether it is significant; the width of the interval on the scale of
            analysis, infinite ones left out.
        scale : str, optional
            Needed for the estimate and the width where there are several scales.

        Returns
        -------
        Decomposition

        Raises
        ------
        UnknownMethodError, InvalidEvidenceError

        Notes
        -----
        See :mod:`k2stats.sensitivity.multiverse_decomposition` for the equations. A
        choice that exists only after another, as the estimator of tau2 after the model,
        is credited with what it adds once the other is known.
        """
        if of not in OUTCOMES:
            raise UnknownMethodError(kind="outcome", name=of, known=OUTCOMES)
        rows = np.arange(len(self))
        if scale is not None or of in ("estimate", "width"):
            rows = self._panel(scale)
        outcome = {
            "estimate": self.estimate,
            "log_p": self.log_p / -np.log(10.0),
            "significant": self.significant.astype(float),
            "width": self.ci_high - self.ci_low,
        }[of][rows]
        outcome = np.where(self.converged[rows], outcome, np.nan)
        codes = {name: self.codes[name][rows] for name in CHOICES}
        return decompose(outcome, codes, after=AFTER, name=of)

    def _panel(self, scale: str | None) -> Ints:
        panels = self.panels
        if scale is None and len(panels) > 1:
            raise InvalidEvidenceError(
                field="scale",
                requirement=f"one of {', '.join(panels)}: they are not one scale",
            )
        name = next(iter(panels)) if scale is None else scale
        if name not in panels:
            raise UnknownMethodError(kind="scale", name=name, known=tuple(panels))
        return panels[name]

    def inference(
        self, *, rng: int | np.random.Generator, draws: int = 500, **options: Any
    ) -> "CurveInference":
        """Test the curve as a whole.

        See :func:`k2stats.sensitivity.multiverse_inference.curve_inference`.
        """
        from k2stats.sensitivity.multiverse_inference import curve_inference

        return curve_inference(self, rng=rng, draws=draws, **options)

    def plot(self, **options: Any) -> "Figure":
        """Draw the specification curve, the choices below it.

        See :func:`k2stats.sensitivity.multiverse_plot.specification_curve`.
        """
        from k2stats.sensitivity.multiverse_plot import specification_curve

        return specification_curve(self, **options)

    def summary(self) -> str:
        """Text: how many, their range, how many are significant, what moves them."""
        return text.summary(self)

    def __str__(self) -> str:
        return text.short(self)

    def __repr__(self) -> str:
        return text.short(self)

    def _repr_html_(self) -> str:
        return text.html(self)


ARRAYS = (
    *("level", "estimate", "se", "ci_low", "ci_high"),
    *("natural", "natural_low", "natural_high", "p", "log_p"),
    *("tau2", "I2", "Q", "k", "converged", "position"),
)
"""Columns with one entry a specification."""


def scale_name(measure: str) -> str:
    """What is compared: measures of one symbol and scale are one quantity.

    Examples
    --------
    >>> scale_name("PETO"), scale_name("OR"), scale_name("RR")
    ('OR', 'OR', 'RR')
    """
    info = find_measure(measure)
    return info.symbol if info.scale.name == "log" else measure


def choice_of(name: str) -> str:
    """Name of a choice, checked.

    Raises
    ------
    UnknownMethodError
    """
    if name not in CHOICES:
        raise UnknownMethodError(kind="choice", name=name, known=CHOICES)
    return name


def nearest_to(
    m: Multiverse,
    panel: Ints,
    wanted: Mapping[str, str],
    first: Collection[str] = (),
) -> int:
    """Position of the specification with the most of these choices, the first such.

    Choices named in `first` go before all others.
    """
    score = np.zeros(panel.size)
    for name, level in wanted.items():
        if name != "measure" and level in m.levels_of[name]:
            same = m.codes[name][panel] == m.levels_of[name].index(level)
            score += same * (len(CHOICES) if name in first else 1)
    return int(panel[int(np.argmax(score))])


def frozen(x: Any) -> Any:
    """The array, read-only."""
    x.flags.writeable = False
    return x
