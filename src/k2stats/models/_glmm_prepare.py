"""What the mixed models of counts check, and which studies they keep."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from k2stats._typing import Bools, Floats
from k2stats.effectsizes import Proportion, Rate, TwoRates
from k2stats.errors import ConvergenceError, InvalidEvidenceError, UnknownMethodError
from k2stats.evidence import TwoByTwo
from k2stats.models._glmm_models import GLMM_MODELS, BuiltModel, CountEvidence
from k2stats.models._glmm_search import GlmmFit, fit, greatest
from k2stats.models._strata import check_evidence
from k2stats.results.counts import CountsTest, check_level

MEASURES = ("OR", "IRR", "PLO", "IRLN")
DoubleZeros = Literal["drop", "keep"]
TestName = Literal["z", "t"]


@dataclass(frozen=True, slots=True)
class GlmmChoices:
    """Everything that is chosen besides the data; see :func:`~k2stats.models.glmm`."""

    measure: str
    model: str | None
    nagq: int | None
    tau2: float | None
    coding: float
    double_zeros: str
    test: str
    level: float

    @property
    def name(self) -> str:
        """The model, by default the one of the measure."""
        default = "UM.FS" if self.measure in ("OR", "IRR") else "one-group"
        return self.model or default

    @property
    def tau(self) -> float | None:
        """Standard deviation held fixed, None where it is estimated."""
        return None if self.tau2 is None else float(np.sqrt(self.tau2))

    def check(self, evidence: CountEvidence) -> None:
        """Refuse wrong names, values and evidence.

        Raises
        ------
        InvalidEvidenceError, UnknownMethodError
        """
        check_evidence(evidence, self.measure, MEASURES, "a GLMM")
        check_level(self.level)
        known = tuple(e.name for e in GLMM_MODELS.entries(having=self.measure))
        if self.name not in known:
            raise UnknownMethodError(
                kind=f"GLMM for {self.measure}", name=self.name, known=known
            )
        if self.nagq is not None and not 1 <= self.nagq <= 121:
            raise InvalidEvidenceError(
                field="nagq",
                requirement="a whole number from 1 to 121",
                given=self.nagq,
            )
        if self.tau2 is not None and not (np.isfinite(self.tau2) and self.tau2 >= 0):
            raise InvalidEvidenceError(
                field="tau2", requirement="0 or a positive number", given=self.tau2
            )
        for kind, name, names in (
            ("rule for double zeros", self.double_zeros, get_args(DoubleZeros)),
            ("test", self.test, get_args(TestName)),
        ):
            if name not in names:
                raise UnknownMethodError(kind=kind, name=name, known=names)
        if len(evidence.shape) != 1:
            raise InvalidEvidenceError(
                field="evidence",
                requirement="one data set of shape (K,), not a batch",
                given=evidence.shape,
            )

    def kept(self, evidence: CountEvidence) -> Bools:
        """Studies that are fitted.

        Raises
        ------
        InvalidEvidenceError
            Where there is none.
        """
        if self.double_zeros == "keep" and self.name == "UM.RS":
            return np.full(evidence.shape, True)
        kept = informative(evidence)
        if not kept.any():
            raise InvalidEvidenceError(
                field="evidence",
                requirement="with events and non-events in at least one study",
            )
        return kept

    def build(self, evidence: CountEvidence, x: Floats) -> BuiltModel:
        """The likelihood of the studies kept."""
        return GLMM_MODELS[self.name].function(evidence, self.coding, x)

    def fit(self, built: BuiltModel) -> GlmmFit:
        """The maximum of the likelihood."""
        return fit(built.model, nodes=self.nagq, tau=self.tau)

    def record(self, found: GlmmFit) -> dict[str, str]:
        """The choices, in words."""
        entry = GLMM_MODELS[self.name]
        held = "maximum likelihood" if self.tau2 is None else f"fixed at {self.tau2:g}"
        return {
            "model": entry.label,
            "reference": entry.reference,
            "tau2": held,
            "quadrature": f"adaptive Gauss-Hermite, {found.nodes} nodes an effect",
            "standard errors": "observed information",
            "zero cells": "nothing added",
        }

    def figures(self, built: BuiltModel, found: GlmmFit, k: int) -> dict[str, float]:
        """Likelihoods, criteria and what else the model estimates."""
        model = built.model
        own = k if model.has_own else 0
        parameters = len(model.names) - (self.tau2 is not None) + own
        figures = {
            "loglik": found.loglik,
            "loglik_at_modes": found.loglik_at_modes,
            "common_loglik": found.common_loglik,
            "saturated_loglik": self._saturated(built),
            "parameters": float(parameters),
            "aic": 2.0 * parameters - 2.0 * found.loglik,
            "bic": float(np.log(k * len(model.arms))) * parameters - 2.0 * found.loglik,
            "nodes": float(found.nodes),
            "quadrature_error": found.quadrature_error,
        }
        if "sigma" in model.names:
            at = model.names.index("sigma")
            figures["sigma2"] = float(found.psi[at] ** 2)
        return figures

    def _saturated(self, built: BuiltModel) -> float:
        if isinstance(built.saturated, float):
            return built.saturated
        return greatest(built.saturated, nodes=self.nagq)


def residual_test(
    figures: dict[str, float], df: float, null: str = "equal effects"
) -> CountsTest:
    """Likelihood ratio test of the model without tau against an effect a study."""
    gap = figures["saturated_loglik"] - figures["common_loglik"]
    return CountsTest.chi2(
        "LRT",
        "Likelihood ratio",
        np.asarray(max(2.0 * gap, 0.0)),
        np.asarray(df),
        null,
    )


def informative(evidence: CountEvidence) -> Bools:
    """Studies whose counts say something of the effect.

    Examples
    --------
    >>> informative(TwoByTwo.from_counts(events1=[0, 1], n1=[9, 9],
    ...                                  events2=[0, 0], n2=[9, 9]))
    array([False,  True])
    """
    if isinstance(evidence, TwoByTwo):
        m, total = evidence.events1 + evidence.events2, evidence.n1 + evidence.n2
        return np.asarray((m > 0) & (m < total))
    if isinstance(evidence, TwoRates):
        return np.asarray(evidence.events1 + evidence.events2 > 0)
    return np.full(evidence.shape, True)


def select(evidence: CountEvidence, kept: Bools) -> CountEvidence:
    """The studies kept."""
    if isinstance(evidence, TwoByTwo):
        return evidence[kept]
    if isinstance(evidence, TwoRates):
        return TwoRates(
            evidence.events1[kept],
            evidence.time1[kept],
            evidence.events2[kept],
            evidence.time2[kept],
        )
    if isinstance(evidence, Proportion):
        return Proportion(evidence.events[kept], evidence.n[kept])
    return Rate(evidence.events[kept], evidence.time[kept])


def refuse_infinite(evidence: CountEvidence, model: str) -> None:
    """Raise where the likelihood rises without end in the one effect.

    Raises
    ------
    ConvergenceError
    """
    if isinstance(evidence, Proportion | Rate):
        ends = [("no events in any study", bool(np.all(evidence.events == 0)))]
        if isinstance(evidence, Proportion):
            every = bool(np.all(evidence.events == evidence.n))
            ends.append(("no non-events in any study", every))
    else:
        ends = _ends(evidence, model)
    for why, true in ends:
        if true:
            raise ConvergenceError(
                f"The maximum likelihood estimate of the {what_is(evidence)} is "
                f"infinite: {why}. Tried: the sufficient statistics, before any "
                "search. firth() or exact_odds_ratio() has an answer for 2x2 tables."
            )


def what_is(evidence: CountEvidence) -> str:
    """The effect in words."""
    return {
        TwoByTwo: "log odds ratio",
        TwoRates: "log rate ratio",
        Proportion: "log odds",
        Rate: "log rate",
    }[type(evidence)]


def _ends(evidence: TwoByTwo | TwoRates, model: str) -> list[tuple[str, bool]]:
    x1, x2 = evidence.events1, evidence.events2
    ends = [
        ("no events in group 1", bool(np.all(x1 == 0))),
        ("no events in group 2", bool(np.all(x2 == 0))),
    ]
    if not isinstance(evidence, TwoByTwo) or model == "CM.AL":
        return ends
    if model == "UM.RS":
        return [
            *ends,
            ("no non-events in group 1", bool(np.all(evidence.b == 0))),
            ("no non-events in group 2", bool(np.all(evidence.d == 0))),
        ]
    least = (x1 == 0) | (evidence.d == 0)
    most = (x2 == 0) | (evidence.b == 0)
    return [
        (
            "group 1 has as few events as the margins allow in every study",
            bool(least.all()),
        ),
        (
            "group 1 has as many events as the margins allow in every study",
            bool(most.all()),
        ),
    ]
