"""The result of a location-scale model."""

from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

import numpy as np
import pandas as pd
from scipy import special

from k2stats._typing import Floats
from k2stats.effectsizes import EffectSizes
from k2stats.errors import InvalidEvidenceError
from k2stats.results._level import check_level
from k2stats.results._regression_text import wald_text
from k2stats.results._tables import (
    block_html,
    lines_html,
    number_html,
    number_table,
)
from k2stats.results._words import count, fixed, p_cell, p_text, percent
from k2stats.results.design_matrix import Columns, Design
from k2stats.results.linear_hypothesis import WaldTest

Part: TypeAlias = Literal["location", "scale"]


class Engine(Protocol):
    """What a result asks of the likelihood that made it."""

    def limits(self, level: float) -> tuple[Floats, Floats]:
        """Profile-likelihood limits of the scale coefficients."""


@dataclass(frozen=True, slots=True, eq=False)
class Coefficients:
    """Coefficients of one part of a model.

    Attributes
    ----------
    names, r_names : tuple of str
    estimate, se, statistic, df, p, ci_low, ci_high : ndarray, shape (p,)
        `df` is infinite for a normal reference; NaN where undefined.
    cov : ndarray, shape (p, p)
    """

    names: tuple[str, ...]
    r_names: tuple[str, ...]
    estimate: Floats
    se: Floats
    statistic: Floats
    df: Floats
    p: Floats
    ci_low: Floats
    ci_high: Floats
    cov: Floats

    def to_frame(self) -> pd.DataFrame:
        """One row a coefficient."""
        return pd.DataFrame(
            {
                "estimate": self.estimate,
                "se": self.se,
                "statistic": self.statistic,
                "df": self.df,
                "p": self.p,
                "low": self.ci_low,
                "high": self.ci_high,
            },
            index=list(self.names),
        )


@dataclass(frozen=True, slots=True, eq=False)
class LocationScale:
    r"""A model of the mean effect and of the variance between studies.

    Attributes
    ----------
    effects : EffectSizes
    location, scale : Coefficients
        Of the mean, and of :math:`\log\tau^2` or :math:`\tau^2`.
    location_design, scale_design : Design
    link : {"log", "identity"}
    estimator : {"REML", "ML"}
    tau2 : ndarray, shape (K,)
        Variance between studies at each study's scale moderators.
    location_test, scale_test : WaldTest
        Omnibus tests of all coefficients but the intercepts.
    Q, Q_df, Q_p : float
        Residual heterogeneity about the common-effect regression.
    loglik, aic, bic, aicc : float
    homogeneous_loglik, lrt, lrt_df, lrt_p : float
        The model with one tau2, and the likelihood-ratio test of the scale moderators.
    at_bound : bool
        Identity link: some study's tau2 is held at zero, and the scale part has no
        standard errors.
    level : float
    k : int
    missing : dict
        Rows left out on request, by the column that was missing there.
    engine : Engine
        The likelihood, which answers for profile intervals.
    """

    effects: EffectSizes
    location: Coefficients
    scale: Coefficients
    location_design: Design
    scale_design: Design
    link: str
    estimator: str
    tau2: Floats
    location_test: WaldTest
    scale_test: WaldTest
    Q: float
    Q_df: float
    Q_p: float
    loglik: float
    aic: float
    bic: float
    aicc: float
    homogeneous_loglik: float
    lrt: float
    lrt_df: int
    lrt_p: float
    at_bound: bool
    level: float
    k: int
    missing: dict[str, tuple[int, ...]]
    engine: Engine

    def to_frame(self) -> pd.DataFrame:
        """One row a coefficient, of both parts."""
        parts = {"location": self.location, "scale": self.scale}
        return pd.concat({name: part.to_frame() for name, part in parts.items()})

    def conf_int(
        self,
        part: Part = "location",
        *,
        level: float | None = None,
        method: Literal["Wald", "profile"] = "Wald",
    ) -> tuple[Floats, Floats]:
        """Confidence limits of the coefficients of a part.

        Parameters
        ----------
        part : {"location", "scale"}
        level : float, optional
            That of the fit when left out.
        method : {"Wald", "profile"}
            Profile-likelihood limits are for the scale part. They need no standard
            errors, are infinite where the likelihood does not fall far enough, and
            hold where some tau2 is held at zero.

        Raises
        ------
        InvalidEvidenceError

        References
        ----------
        Hardy & Thompson (1996). Statistics in Medicine 15:619-629.
        """
        at = self.level if level is None else level
        check_level(at)
        for field, given, known in (
            ("part", part, ("location", "scale")),
            ("method", method, ("Wald", "profile")),
        ):
            if given not in known:
                raise InvalidEvidenceError(
                    field=field, requirement=" or ".join(map(repr, known)), given=given
                )
        if method == "profile":
            if part != "scale":
                raise InvalidEvidenceError(
                    field="part",
                    requirement="'scale' for profile-likelihood limits",
                    given=part,
                )
            return self.engine.limits(at)
        chosen = self.location if part == "location" else self.scale
        if at == self.level:
            return chosen.ci_low, chosen.ci_high
        upper = 0.5 + 0.5 * at
        normal = bool(np.isinf(chosen.df).all())
        t = special.ndtri(upper) if normal else special.stdtrit(chosen.df, upper)
        return chosen.estimate - t * chosen.se, chosen.estimate + t * chosen.se

    def predict_tau2(self, data: Columns | None = None) -> pd.DataFrame:
        """Variance between studies at given scale moderators, with limits.

        Limits are Wald's on the scale of the link; with the identity link they are cut
        at zero.

        Parameters
        ----------
        data : DataFrame or mapping, optional
            The studies in the model when left out.
        """
        encode = self.scale_design.encode
        rows = self.scale_design.X
        if data is not None and encode is not None:
            rows = encode(data)
        eta = rows @ self.scale.estimate
        with np.errstate(invalid="ignore"):
            se = np.sqrt(np.einsum("mq,qr,mr->m", rows, self.scale.cov, rows))
        gap = self.scale.ci_high - self.scale.estimate
        with np.errstate(invalid="ignore"):
            half = (gap / self.scale.se)[0] * se
        back = np.exp if self.link == "log" else np.asarray
        low = eta - half if self.link == "log" else np.maximum(eta - half, 0.0)
        return pd.DataFrame(
            {"tau2": back(eta), "low": back(low), "high": back(eta + half)}
        )

    def summary(self) -> str:
        """Text of both parts."""
        lines = [self._title(), ""]
        for name, part, test in self._parts():
            lines += [name, number_table(_columns(part, self.level)), test, ""]
        return "\n".join([*lines, *self._criteria(), *self._notes()])

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        parts = [lines_html([self._title()])]
        for name, part, test in self._parts():
            parts.append(number_html(_columns(part, self.level), caption=name))
            parts.append(lines_html([test]))
        return block_html(*parts, lines_html([*self._criteria(), *self._notes()]))

    def _title(self) -> str:
        return (
            f"Location-scale model, {count(self.k, 'study', 'studies')}, "
            f"{self.estimator}, {self.link} link"
        )

    def _parts(self) -> list[tuple[str, Coefficients, str]]:
        what = "log tau2" if self.link == "log" else "tau2"
        return [
            (
                f"Location ({self.location_design.formula})",
                self.location,
                f"Test of moderators: {wald_text(self.location_test)}",
            ),
            (
                f"Scale, {what} ({self.scale_design.formula})",
                self.scale,
                f"Test of moderators: {wald_text(self.scale_test)}",
            ),
        ]

    def _criteria(self) -> list[str]:
        lines = [
            f"Residual heterogeneity: Q({self.Q_df:.0f}) = {fixed(self.Q)}, "
            f"p {p_text(self.Q_p)}",
            f"Log-likelihood {fixed(self.loglik)}, AIC {fixed(self.aic)}, "
            f"BIC {fixed(self.bic)}, AICc {fixed(self.aicc)}",
        ]
        if np.isnan(self.lrt):
            return lines
        return [
            f"Scale moderators against one tau2: LRT({self.lrt_df}) = "
            f"{fixed(self.lrt)}, p {p_text(self.lrt_p)}",
            *lines,
        ]

    def _notes(self) -> list[str]:
        notes = []
        if self.at_bound:
            notes.append(
                "Some tau2 is held at zero: the scale part has no standard errors."
            )
        for name, rows in self.missing.items():
            notes.append(f"Left out, {name} missing: {len(rows)}.")
        return notes


def _columns(part: Coefficients, level: float) -> dict[str, list[str]]:
    normal = bool(np.isinf(part.df).all())
    return {
        "": list(part.names),
        "estimate": [fixed(x) for x in part.estimate],
        "SE": [fixed(x) for x in part.se],
        "z" if normal else "t": [fixed(x) for x in part.statistic],
        "p": [p_cell(x) for x in part.p],
        f"{percent(level)} low": [fixed(x) for x in part.ci_low],
        f"{percent(level)} high": [fixed(x) for x in part.ci_high],
    }
