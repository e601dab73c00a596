"""Confidence intervals of the between-study variance."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from k2stats._registry import Registry
from k2stats._typing import Bools, Floats
from k2stats.errors import ConvergenceError, InvalidEvidenceError
from k2stats.heterogeneity._base import TAU2
from k2stats.heterogeneity._fast import batch
from k2stats.heterogeneity._studies import Studies, prepare, slices
from k2stats.heterogeneity._validate import validate
from k2stats.heterogeneity.measures import h2_of_tau2, i2_of_tau2
from k2stats.heterogeneity.statistics import typical_variance_of
from k2stats.heterogeneity.tau2 import tau2_of
from k2stats.render.tables import text_table


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """What an interval is asked for, beside the studies.

    Attributes
    ----------
    level : float
        Coverage, between 0 and 1.
    method : str
        Estimator of tau2 that the interval goes with.
    tau2, se : ndarray, shape (...)
        Its estimate and standard error, scaled as the studies are.
    rng : numpy.random.Generator
    draws : int
        Resamples of the bootstrap.
    """

    level: float
    method: str
    tau2: Floats
    se: Floats
    rng: np.random.Generator
    draws: int


@dataclass(frozen=True, slots=True, eq=False)
class Bounds:
    """Ends of an interval, arrays of batch shape, scaled as the studies are.

    Attributes
    ----------
    low, high : ndarray
    empty : ndarray of bool
        True where no tau2 from zero on is in the set; both ends are zero there.
    converged : ndarray of bool
    """

    low: Floats
    high: Floats
    empty: Bools
    converged: Bools


Tau2IntervalMethod: TypeAlias = Callable[[Studies, Request], Bounds]
TAU2_INTERVALS: Registry[Tau2IntervalMethod] = Registry("tau2 interval")
"""Every interval of the between-study variance."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Tau2Interval:
    r"""Interval of tau2, and of what follows from it.

    Attributes
    ----------
    tau2 : ndarray, shape (...)
        The estimate; it may lie outside where it is not the one that the interval
        inverts.
    low, high : ndarray, shape (...)
    empty : ndarray of bool, shape (...)
        True where no tau2 from zero on is compatible with the data; low and high are
        zero there.
    converged : ndarray of bool, shape (...)
    typical_variance : ndarray, shape (...)
    type, method : str
    level : float
    """

    tau2: Floats
    low: Floats
    high: Floats
    empty: Bools
    converged: Bools
    typical_variance: Floats
    type: str
    method: str
    level: float

    def tau(self) -> tuple[Floats, Floats, Floats]:
        """Return estimate, low and high of tau."""
        return np.sqrt(self.tau2), np.sqrt(self.low), np.sqrt(self.high)

    def i2(self) -> tuple[Floats, Floats, Floats]:
        """Return estimate, low and high of I2 in per cent, from tau2."""
        ends = (self.tau2, self.low, self.high)
        one, two, three = (i2_of_tau2(t, self.typical_variance) for t in ends)
        return one, two, three

    def h2(self) -> tuple[Floats, Floats, Floats]:
        """Return estimate, low and high of H2, from tau2."""
        ends = (self.tau2, self.low, self.high)
        one, two, three = (h2_of_tau2(t, self.typical_variance) for t in ends)
        return one, two, three

    def to_frame(self) -> pd.DataFrame:
        """Estimates and limits of tau2, tau, I2 (per cent) and H2, a row each.

        Raises
        ------
        InvalidEvidenceError
            For a batch.
        """
        if self.tau2.ndim:
            raise InvalidEvidenceError(
                field="interval",
                requirement="of one data set for a frame",
                given=self.tau2.shape,
            )
        rows = {
            "tau2": (self.tau2, self.low, self.high),
            "tau": self.tau(),
            "I2": self.i2(),
            "H2": self.h2(),
        }
        return pd.DataFrame(
            [[float(x) for x in row] for row in rows.values()],
            index=list(rows),
            columns=["estimate", "low", "high"],
        )

    def summary(self) -> str:
        """Text table; of a batch, what it is."""
        level = f"{100.0 * self.level:g}%"
        made = f"{level} intervals, {self.type}, of the {self.method} estimate"
        if self.tau2.ndim:
            return f"{made}, of shape {self.tau2.shape}"
        frame = self.to_frame()
        columns = {"": list(frame.index)} | {str(c): list(frame[c]) for c in frame}
        note = "\n\nNo tau2 is compatible with the data." if self.empty else ""
        return f"{made}\n\n{text_table(columns)}{note}"

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        return self.summary()


def tau2_interval(
    y: ArrayLike,
    v: ArrayLike,
    X: ArrayLike | None = None,
    *,
    type: str = "QP",
    method: str = "REML",
    level: float = 0.95,
    mask: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    rng: np.random.Generator | int | None = None,
    draws: int = 10_000,
) -> Tau2Interval:
    """Confidence interval of the between-study variance.

    Parameters
    ----------
    y, v, X, mask
        As :func:`k2stats.heterogeneity.estimate_tau2` takes them.
    type : str
        A name in :data:`TAU2_INTERVALS`: ``"QP"`` Q-profile, ``"PL"`` profile
        likelihood, ``"GENQ"`` generalised Q, ``"BJ"`` Biggerstaff and Jackson,
        ``"Wald"``, ``"bootstrap"``.
    method : str
        Estimator of tau2. It decides on the estimate, on the likelihood of ``"PL"``,
        on ``"Wald"`` and on ``"bootstrap"``; the others do not depend on it.
    level : float
        Coverage.
    weights : array-like, shape (..., K), optional
        For ``"GENQ"``; one over the standard errors when left out.
    rng : Generator or int, optional
        Needed for ``"bootstrap"``.
    draws : int
        Resamples of the bootstrap.

    Returns
    -------
    Tau2Interval

    Raises
    ------
    InvalidEvidenceError
        As :func:`k2stats.heterogeneity.estimate_tau2` does, and where `level` is not
        between 0 and 1, or an interval does not go with the estimator.
    UnknownMethodError
        Where `type` or `method` is not in its table.
    ConvergenceError
        Where an end of a single interval is not found.

    References
    ----------
    Viechtbauer (2007). Statistics in Medicine 26:37-52.

    Examples
    --------
    >>> y = [0.028, 0.158, -0.137, 1.178, 0.263]
    >>> v = [0.016, 0.022, 0.028, 0.139, 0.136]
    >>> ci = tau2_interval(y, v, type="QP", method="DL")
    >>> float(ci.low.round(4)), float(ci.high.round(4))
    (0.0, 2.0746)
    """
    if not 0.0 < level < 1.0:
        raise InvalidEvidenceError(
            field="level", requirement="between 0 and 1", given=level
        )
    entry, _ = TAU2_INTERVALS[type], TAU2[method]
    if rng is None and "random" in entry.traits:
        raise InvalidEvidenceError(
            field="rng", requirement=f"a seed or a Generator for type {type!r}"
        )
    generator = np.random.default_rng(0 if rng is None else rng)
    ys, vs, columns, present, user = validate(y, v, X, mask, weights, least=1)
    shape = ys.shape[:-1]
    parts = []
    single = ys.ndim == 1
    given = ys, vs, columns, present, user
    cut = [given] if single else slices(int(np.prod(shape)), *given)
    with batch(0 if single else ys.size):
        for part in cut:
            s = prepare(*part)
            square = s.scale * s.scale
            with np.errstate(all="ignore"):
                fit = tau2_of(s, method)
                request = Request(
                    level, method, fit.tau2 / square, fit.se / square, generator, draws
                )
                b = entry.function(s, request)
                parts.append(
                    (
                        fit.tau2,
                        np.where(s.df > 0, b.low * square, np.nan),
                        np.where(s.df > 0, b.high * square, np.nan),
                        b.empty,
                        b.converged & fit.converged & (s.df > 0),
                        typical_variance_of(s),
                    )
                )
    joined = [
        np.concatenate([np.ravel(x) for x in p]).reshape(shape)
        for p in zip(*parts, strict=True)
    ]
    tau2, low, high, empty, converged, typical = joined
    if single and not converged:
        raise ConvergenceError(
            f"The {type} interval of tau2 ({method}) was not found: no end was "
            "bracketed after the search had been widened to the range of floats."
        )
    return Tau2Interval(
        tau2=tau2,
        low=low,
        high=high,
        empty=empty.astype(bool),
        converged=converged.astype(bool),
        typical_variance=typical,
        type=type,
        method=method,
        level=level,
    )
