"""Answers of the room `absolute_effects`: numbers needed to treat or harm."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from k2stats.absolute_effects import nnt_from_ratio, nnt_from_risk_difference

Given: TypeAlias = Mapping[str, Any]
Answer: TypeAlias = Any


def nnt(given: Given) -> Answer:
    """Number needed from a risk difference, or a risk ratio and a control risk."""
    if "rd" in given:
        number = nnt_from_risk_difference(given["rd"], events="harmful")
    else:
        number = nnt_from_ratio(
            "RR", given["rr"], baseline_risk=given["pc"], events="harmful"
        )
    return number.value.round(4)


def nnt_ci(given: Given) -> Answer:
    """Number needed with its limits; in words where these pass through infinity."""
    number = nnt_from_risk_difference(given["arr"], *given["ci"])
    if number.through_infinity[0]:
        return number.texts("difference")[0]
    figures = (number.value, abs(number.near), abs(number.far))
    return [float(f"{x.round(2)[0]:.4g}") for x in figures]


def nnt_hr(given: Given) -> Answer:
    """Number needed from a hazard ratio and the survival of the controls.

    The cases do not name the time of that survival, on which the number depends
    only through the survival itself; any horizon gives it.
    """
    low, high = given["ci"]
    number = nnt_from_ratio(
        "HR",
        given["hr"],
        low,
        high,
        baseline_survival=given["S_c"],
        horizon="1 y",
        events="harmful",
    )
    return [abs(x).round(3) for x in (number.value, number.near, number.far)]


CHECKS: dict[str, Callable[[Any], Answer]] = {
    "nnt": nnt,
    "nnt_ci": nnt_ci,
    "nnt_hr": nnt_hr,
}
