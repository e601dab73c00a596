"""The result of a regression of counts on moderators."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from k2stats._typing import Floats
from k2stats._version import __version__
from k2stats.effectsizes import Measure, Proportion, Rate, TwoRates, find_measure
from k2stats.errors import InvalidEvidenceError, UnknownMethodError
from k2stats.evidence import TwoByTwo
from k2stats.evidence._coerce import as_floats
from k2stats.numerics import tails
from k2stats.results import counts_regression_text
from k2stats.results.counts import check_level, frozen_array, wald_quantile
from k2stats.results.counts_tests import CountsTest
from k2stats.results.design_matrix import Columns, Design
from k2stats.results.linear_hypothesis import Reference, WaldTest, wald_test

_ARRAYS = ("beta", "se", "statistic", "p", "log_p", "ci_low", "ci_high", "cov")


@dataclass(frozen=True, slots=True, eq=False)
class CountsRegression:
    r"""Coefficients of moderators of an effect, from the counts themselves.

    Attributes
    ----------
    evidence : TwoByTwo, TwoRates, Proportion or Rate
        Counts of the studies in the model.
    design : Design
        Of the same studies.
    beta, se, statistic, p, log_p, ci_low, ci_high : ndarray, shape (p,)
        On the measure's scale of analysis.
    cov : ndarray, shape (p, p)
    df : float
        Infinite for a normal reference.
    omnibus : WaldTest
        Of all coefficients but the intercept.
    tau2, se_tau2 : float
        Residual variance of the effects between studies.
    tests : mapping of str to CountsTest
        ``"LRT"``: residual heterogeneity; ``"moderators"``, where there is a smaller
        model.
    figures : mapping of str to float
        Likelihoods, criteria, and what else the model estimates.
    k, k_total : int
        Studies in the model, and given.
    missing : mapping of str to tuple of int
        Rows left out on request, by the column that was missing there.
    measure, model : str
    level : float
    record : mapping of str to str
    """

    evidence: TwoByTwo | TwoRates | Proportion | Rate
    design: Design
    beta: Floats
    se: Floats
    statistic: Floats
    p: Floats
    log_p: Floats
    ci_low: Floats
    ci_high: Floats
    cov: Floats
    df: float
    omnibus: WaldTest
    tau2: float
    se_tau2: float
    tests: Mapping[str, CountsTest]
    figures: Mapping[str, float]
    k: int
    k_total: int
    missing: Mapping[str, tuple[int, ...]]
    measure: str
    model: str
    level: float
    record: Mapping[str, str]

    @classmethod
    def wald(
        cls,
        beta: Floats,
        cov: Floats,
        *,
        design: Design,
        df: float,
        level: float,
        **more: Any,
    ) -> "CountsRegression":
        """Build from coefficients and their covariance; normal, or t and F."""
        check_level(level)
        se = np.sqrt(np.diagonal(cov))
        normal = bool(np.isinf(df))
        with np.errstate(invalid="ignore", divide="ignore"):
            statistic = beta / se
        if normal:
            p, log_p = tails.normal_p(statistic), tails.log_normal_p(statistic)
        else:
            p = tails.student_p(statistic, df)
            log_p = tails.log_student_p(statistic, df)
        half = wald_quantile(level, df) * se
        tested = np.eye(beta.size)[list(design.tested)]
        reference = Reference(None if normal else np.asarray(df))
        return cls(
            design=design,
            beta=beta,
            se=se,
            statistic=statistic,
            p=p,
            log_p=log_p,
            ci_low=beta - half,
            ci_high=beta + half,
            cov=cov,
            df=df,
            omnibus=wald_test(beta, cov, tested, reference, name="moderators"),
            level=level,
            **more,
        )

    def __post_init__(self) -> None:
        for name in _ARRAYS:
            object.__setattr__(self, name, frozen_array(getattr(self, name)))
        record = {"method": f"GLMM {self.model}", "measure": self.measure}
        record |= {**self.record, "version": __version__}
        for name, held in (
            ("tests", self.tests),
            ("figures", self.figures),
            ("missing", self.missing),
            ("record", record),
        ):
            object.__setattr__(self, name, MappingProxyType(dict(held)))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the coefficients."""
        return self.design.names

    @property
    def info(self) -> Measure[Any]:
        """The measure's entry: scale, symbol, bounds."""
        return find_measure(self.measure)

    @property
    def tau(self) -> float:
        """Standard deviation of the effects about the regression."""
        return float(np.sqrt(self.tau2))

    @property
    def loglik(self) -> float:
        """Marginal log-likelihood."""
        return self.figures["loglik"]

    @property
    def aic(self) -> float:
        """Akaike's criterion of the marginal likelihood."""
        return self.figures["aic"]

    @property
    def bic(self) -> float:
        """Schwarz's criterion of the marginal likelihood."""
        return self.figures["bic"]

    @property
    def QM(self) -> float:  # noqa: N802
        """Omnibus statistic: a chi-squared, or an F where the reference is a t."""
        return float(self.omnibus.statistic)

    @property
    def QM_p(self) -> float:  # noqa: N802
        """The p-value of :attr:`QM`."""
        return float(self.omnibus.p)

    @property
    def R2(self) -> float:  # noqa: N802
        """Share of tau2 that the moderators explain, percent, at least 0.

        NaN where there is no smaller model, or tau2 is zero in it or was given.
        """
        null = self.figures.get("null_tau2", np.nan)
        if not null > 0 or self.record["tau2"] != "maximum likelihood":
            return float("nan")
        return 100.0 * max(0.0, 1.0 - self.tau2 / null)

    def test(self, name: str) -> CountsTest:
        """One of the tests.

        Raises
        ------
        UnknownMethodError
            Where there is none of that name.
        """
        if name not in self.tests:
            raise UnknownMethodError(
                kind=f"test of GLMM {self.model}", name=name, known=tuple(self.tests)
            )
        return self.tests[name]

    def conf_int(self, level: float | None = None) -> tuple[Floats, Floats]:
        """Limits of the coefficients.

        Raises
        ------
        InvalidEvidenceError
            For a level outside (0, 1).
        """
        if level is None or level == self.level:
            return self.ci_low, self.ci_high
        check_level(level)
        half = wald_quantile(level, self.df) * self.se
        return self.beta - half, self.beta + half

    def to_frame(
        self, *, natural: bool = False, level: float | None = None
    ) -> pd.DataFrame:
        """One row a coefficient.

        Parameters
        ----------
        natural : bool
            Exponentiated estimates and limits: the factor by which a ratio, or the
            odds or rate of one group, is multiplied for each unit of the moderator.
        level : float, optional
            Of the limits.
        """
        low, high = self.conf_int(level)
        if natural:
            with np.errstate(over="ignore"):
                data = {
                    "estimate": np.exp(self.beta),
                    "low": np.exp(low),
                    "high": np.exp(high),
                    "p": self.p,
                }
            return pd.DataFrame(data, index=list(self.names))
        columns = {"estimate": self.beta, "se": self.se, "statistic": self.statistic}
        columns |= {"p": self.p, "low": low, "high": high}
        return pd.DataFrame(columns, index=list(self.names))

    def predict(
        self,
        data: Columns | None = None,
        *,
        x: Any = None,
        natural: bool = False,
        level: float | None = None,
    ) -> pd.DataFrame:
        r"""Mean effects at given moderators, with intervals of new effects.

        .. math:: x^\top\hat\beta \pm t\sqrt{x^\top C x}, \qquad
            x^\top\hat\beta \pm t\sqrt{x^\top C x + \hat\tau^2}

        Parameters
        ----------
        data : DataFrame or mapping, optional
            Moderators; scalars are repeated. The studies in the model when left out.
        x : array-like, shape (p,) or (M, p), optional
            Rows of the design, in place of `data`.
        natural : bool
            Read back to the natural scale, without standard errors.
        level : float, optional

        Raises
        ------
        InvalidEvidenceError, UnknownMethodError
        """
        rows = self._rows(data, x)
        estimate = rows @ self.beta
        variance = np.einsum("mp,pq,mq->m", rows, self.cov, rows)
        at = self.level if level is None else level
        check_level(at)
        t = wald_quantile(at, self.df)
        half, wide = t * np.sqrt(variance), t * np.sqrt(variance + self.tau2)
        columns = {
            "estimate": estimate,
            "se": np.sqrt(variance),
            "low": estimate - half,
            "high": estimate + half,
            "pi_low": estimate - wide,
            "pi_high": estimate + wide,
        }
        if natural:
            del columns["se"]
            back = self.info.scale.to_natural
            columns = {name: np.asarray(back(c)) for name, c in columns.items()}
        return pd.DataFrame(columns)

    def summary(self) -> str:
        """Text: coefficients, tests, residual heterogeneity, choices."""
        return counts_regression_text.summary(self)

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        return counts_regression_text.html(self)

    def _rows(self, data: Columns | None, x: Any) -> Floats:
        if x is not None:
            rows = np.atleast_2d(as_floats("x", x))
            if rows.shape[-1] != len(self.names) or rows.ndim != 2:
                raise InvalidEvidenceError(
                    field="x",
                    requirement="of as many columns as there are coefficients, "
                    f"{len(self.names)}",
                    given=rows.shape,
                )
            return rows
        if data is None or self.design.encode is None:
            return self.design.X
        return self.design.encode(data)
