"""The record of how a meta-regression was made, and the fit behind it."""

from dataclasses import dataclass
from typing import Literal, Protocol

from k2stats._typing import Floats
from k2stats.results.method import I2Basis, Step


class Engine(Protocol):
    """The fit behind a result: what can be asked of it again."""

    def limits(self, level: float) -> tuple[Floats, Floats]:
        """Confidence limits of the coefficients, each of shape (..., p)."""
        ...

    def predict(self, x: Floats, level: float, method: str) -> tuple[Floats, ...]:
        """Estimate, SE, confidence and prediction limits, each of shape (..., M)."""
        ...


@dataclass(frozen=True, slots=True)
class RegressionMethod:
    """The whole record of how the figures came about.

    Attributes
    ----------
    tau2, ci : Step
        The estimator of tau2, and the test and interval of the coefficients.
    level : float
    formula : str
    i2_basis : {"tau2", "Q"}
    r2_basis : {"tau2", "adjusted"}
        The share of tau2 that the moderators account for; or, where there is no tau2,
        the adjusted R2 of the weighted regression.
    measure, vtype : str
        Of the effect sizes.
    zero_cells : str
        The rule that was applied to zero cells, empty where there is none.
    version : str
        Of k2stats.
    weights : str
        Of the coefficients: ``"inverse variance"`` or ``"given"``.
    profile : str
        Profile whose defaults were taken, empty where none was named.
    """

    tau2: Step
    ci: Step
    level: float
    formula: str
    i2_basis: I2Basis
    r2_basis: Literal["tau2", "adjusted"]
    measure: str
    vtype: str
    zero_cells: str
    version: str
    weights: str = "inverse variance"
    profile: str = ""

    @property
    def has_tau2(self) -> bool:
        """Whether the model has a variance between studies."""
        return self.tau2.name != "EE"

    @property
    def references(self) -> tuple[str, ...]:
        """Papers of the methods, each once."""
        steps = (self.tau2, self.ci)
        papers = [r for s in steps for r in s.reference.split("; ") if r]
        return tuple(dict.fromkeys(papers))
