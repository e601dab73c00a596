"""What the methods that pool counts return."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from k2stats._typing import Bools, Floats
from k2stats._version import __version__
from k2stats.effectsizes import Interval, Measure, find_measure
from k2stats.errors import MissingInputError, UnknownMethodError
from k2stats.numerics import tails
from k2stats.results import counts_printing
from k2stats.results._level import check_level as check_level  # noqa: PLC0414
from k2stats.results.counts_tests import CountsTest

WALD = "Wald"
_ARRAYS = (
    "estimate",
    "se",
    "statistic",
    "p",
    "log_p",
    "ci_low",
    "ci_high",
    "k",
    "converged",
)
_OPTIONAL_ARRAYS = ("tau2", "se_tau2")
__all__ = ["CountsFit", "CountsTest", "check_level"]
_NONE: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class CountsFit:
    """A pooled effect of counts, or one for each set of a batch.

    Attributes
    ----------
    estimate, se : ndarray, shape (...)
        On the measure's scale of analysis: logs for ratios. NaN where undefined.
    statistic, p, log_p : ndarray, shape (...)
        Of no effect; `statistic` is named in the record.
    ci_low, ci_high : ndarray, shape (...)
        On the scale of analysis; infinite where there is no finite limit.
    level : float
    measure : str
        Code in the registry of measures.
    method : str
        What the method is called.
    interval : str
        ``"Wald"``, or what the limits were found by.
    k : ndarray, shape (...)
        Studies that carry information on the estimate.
    k_total : int
        Studies given.
    converged : ndarray of bool, shape (...)
        Whether the estimate is finite and, where it was searched for, was found.
    tau2, se_tau2 : ndarray or None
        Variance of the effects between studies, where the model has one.
    tests : mapping of str to CountsTest
    figures : mapping of str to ndarray
        Whatever else the method estimates.
    record : mapping of str to str
        Every choice that was made, version included.
    df : ndarray or float
        Degrees of freedom of the Wald test and interval; infinite for z.
    """

    estimate: Floats
    se: Floats
    statistic: Floats
    p: Floats
    log_p: Floats
    ci_low: Floats
    ci_high: Floats
    level: float
    measure: str
    method: str
    interval: str
    k: Floats
    k_total: int
    converged: Bools
    tau2: Floats | None = None
    se_tau2: Floats | None = None
    tests: Mapping[str, CountsTest] = field(default_factory=dict)
    figures: Mapping[str, Floats] = field(default_factory=dict)
    record: Mapping[str, str] = field(default_factory=dict)
    df: Floats | float = np.inf

    @classmethod
    def wald(
        cls,
        estimate: Floats,
        se: Floats,
        *,
        level: float,
        measure: str,
        method: str,
        k: Floats,
        k_total: int,
        df: Floats | float = np.inf,
        record: Mapping[str, str] = _NONE,
        **more: Any,
    ) -> "CountsFit":
        """Build from an estimate and its standard error; normal, or t with `df`."""
        check_level(level)
        estimate, se = np.asarray(estimate, float), np.asarray(se, float)
        undefined = ~np.isfinite(estimate) | ~(se > 0)
        estimate = np.where(np.isfinite(estimate), estimate, np.nan)
        se = np.where(undefined, np.nan, se)
        normal = bool(np.all(np.isinf(df)))
        with np.errstate(invalid="ignore", divide="ignore"):
            statistic = estimate / se
            p = tails.normal_p(statistic) if normal else tails.student_p(statistic, df)
            log_p = (
                tails.log_normal_p(statistic)
                if normal
                else tails.log_student_p(statistic, df)
            )
            half = wald_quantile(level, df) * se
        made = {"test": "z" if normal else "t", "interval": WALD, **record}
        return cls(
            estimate=estimate,
            se=se,
            statistic=statistic,
            p=p,
            log_p=log_p,
            ci_low=estimate - half,
            ci_high=estimate + half,
            level=level,
            measure=measure,
            method=method,
            interval=WALD,
            k=np.asarray(k, float),
            k_total=k_total,
            converged=np.asarray(~undefined),
            record=made,
            df=df,
            **more,
        )

    def __post_init__(self) -> None:
        for name in (*_ARRAYS, *_OPTIONAL_ARRAYS):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, frozen_array(getattr(self, name)))
        figures = {n: frozen_array(x) for n, x in self.figures.items()}
        object.__setattr__(self, "figures", MappingProxyType(figures))
        object.__setattr__(self, "tests", MappingProxyType(dict(self.tests)))
        record = {"method": self.method, "measure": self.measure, **self.record}
        record["version"] = __version__
        object.__setattr__(self, "record", MappingProxyType(record))

    @property
    def info(self) -> Measure[Any]:
        """The measure's entry: scale, symbol, bounds."""
        return find_measure(self.measure)

    def test(self, name: str) -> CountsTest:
        """One of the tests that came with the estimate.

        Raises
        ------
        UnknownMethodError
            Where this method has no such test.
        """
        if name not in self.tests:
            raise UnknownMethodError(
                kind=f"test of {self.method}", name=name, known=tuple(self.tests)
            )
        return self.tests[name]

    @property
    def Q(self) -> Floats:  # noqa: N802 - the field's own letter
        """Statistic of heterogeneity, NaN where the method has none."""
        held = self.tests.get("Q")
        return np.full_like(self.estimate, np.nan) if held is None else held.statistic

    @property
    def Q_p(self) -> Floats:  # noqa: N802
        """P-value of :attr:`Q`; 1 where there is a single study."""
        held = self.tests.get("Q")
        if held is None:
            return np.full_like(self.estimate, np.nan)
        return np.where(held.df == 0, 1.0, held.p)

    def conf_int(self, level: float | None = None) -> tuple[Floats, Floats]:
        """Limits on the scale of analysis.

        Raises
        ------
        InvalidEvidenceError
            For a level outside (0, 1).
        MissingInputError
            For another level where the limits are not Wald's: fit again.
        """
        if level is None or level == self.level:
            return self.ci_low, self.ci_high
        check_level(level)
        if self.interval != WALD:
            raise MissingInputError(
                field="the data",
                needed_for=f"limits of {self.interval} at another level",
                hint=f"fit again with level={level:g}",
            )
        half = wald_quantile(level, self.df) * self.se
        return self.estimate - half, self.estimate + half

    def natural(self, level: float | None = None) -> Interval:
        """Estimate and limits read back to the natural scale."""
        low, high = self.conf_int(level)
        back = [self.info.scale.to_natural(x) for x in (self.estimate, low, high)]
        if self.info.scale.decreasing:
            back[1], back[2] = back[2], back[1]
        least, most = self.info.bounds
        return Interval(
            back[0],
            np.asarray(np.clip(back[1], least, most)),
            np.asarray(np.clip(back[2], least, most)),
            self.level if level is None else level,
        )

    def to_frame(self) -> pd.DataFrame:
        """One row for each set: both scales, spread, tests and flags."""
        natural = self.natural()
        columns: dict[str, Floats] = {
            "estimate": self.estimate,
            "se": self.se,
            "statistic": self.statistic,
            "p": self.p,
            "ci_low": self.ci_low,
            "ci_high": self.ci_high,
        }
        if not self.info.scale.identity:
            columns |= {
                self.info.symbol: natural.estimate,
                f"{self.info.symbol}_low": natural.low,
                f"{self.info.symbol}_high": natural.high,
            }
        if self.tau2 is not None:
            columns["tau2"] = self.tau2
        for name, test in self.tests.items():
            columns |= {
                name: test.statistic,
                f"{name}_df": test.df,
                f"{name}_p": test.p,
            }
        columns |= {"k": self.k, "converged": self.converged.astype(float)}
        shape = self.estimate.shape
        frame = pd.DataFrame(
            {name: np.broadcast_to(x, shape).ravel() for name, x in columns.items()}
        )
        frame["converged"] = frame["converged"].astype(bool)
        return frame

    def summary(self) -> str:
        """Text on the natural scale, as one reads it in a review."""
        return counts_printing.summary(self)

    def report(self) -> str:
        """Methods and results as a paragraph for a paper, with references."""
        return counts_printing.report(self)

    def __str__(self) -> str:
        return counts_printing.short(self)

    def __repr__(self) -> str:
        return counts_printing.short(self)

    def _repr_html_(self) -> str:
        return counts_printing.html(self)


def frozen_array(x: object) -> Any:
    """Own read-only array."""
    array = np.array(x)
    array.flags.writeable = False
    return array


def wald_quantile(level: float, df: Floats | float) -> Floats:
    """Two-sided critical value, of the normal where `df` is infinite."""
    upper = 0.5 + 0.5 * level
    finite = np.where(np.isinf(df), 1.0, df)
    with np.errstate(invalid="ignore"):
        t = special.stdtrit(finite, upper)
    return np.where(np.isinf(df), special.ndtri(upper), t)
