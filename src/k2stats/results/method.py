"""The record of how a pooled estimate was made."""

from dataclasses import dataclass, fields
from typing import Literal

I2Basis = Literal["tau2", "Q"]


@dataclass(frozen=True, slots=True)
class Step:
    """One named method: its name, what a reader calls it, and its paper.

    Attributes
    ----------
    name, label, reference : str
    version : int
        Raised when the method's figures change.
    """

    name: str
    label: str
    reference: str = ""
    version: int = 1


@dataclass(frozen=True, slots=True)
class PoolingMethod:
    """Every choice behind a pooled estimate.

    Attributes
    ----------
    model, tau2, ci, prediction : Step
        The model, the estimator of tau2, the test and interval of the mean, and the
        prediction interval that is shown when none is named.
    i2_basis : {"tau2", "Q"}
        What I2 and H2 come from.
    tau2_interval : str
        Interval of tau2 that is shown when none is named.
    level : float
        Confidence level.
    weights : str
        Of the mean: ``"inverse variance"``, ``"equal"``, ``"given"``.
    profile : str
        Profile whose defaults were taken, empty where none was named.
    measure, vtype : str
        Of the effect sizes.
    zero_cells : str
        The rule that was applied to zero cells, empty where there is none.
    dropped : int
        Studies left out for missing values, on request.
    tolerance : str
        How exactly tau2 was found.
    version : str
        Of k2stats.
    """

    model: Step
    tau2: Step
    ci: Step
    prediction: Step
    i2_basis: I2Basis
    tau2_interval: str
    level: float
    weights: str
    profile: str
    measure: str
    vtype: str
    zero_cells: str
    dropped: int
    tolerance: str
    version: str

    @property
    def has_tau2(self) -> bool:
        """Whether the model has a variance between studies."""
        return self.tau2.name != "EE"

    def to_dict(self) -> dict[str, object]:
        """One flat entry for each choice, ready for JSON."""
        flat: dict[str, object] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, Step):
                flat[field.name] = value.name
                flat[f"{field.name}_reference"] = value.reference
                flat[f"{field.name}_version"] = value.version
            else:
                flat[field.name] = value
        return flat

    @property
    def references(self) -> tuple[str, ...]:
        """Papers of the methods, each once, in order of mention."""
        steps = (self.model, self.tau2, self.ci, self.prediction)
        return tuple(dict.fromkeys(s.reference for s in steps if s.reference))
