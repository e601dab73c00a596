"""Sets of defaults that other software uses, by name."""

from dataclasses import dataclass

from k2stats.errors import UnknownMethodError
from k2stats.results.method import I2Basis


@dataclass(frozen=True, slots=True)
class Profile:
    """Every default of :func:`k2stats.pool` at once.

    Attributes
    ----------
    name : str
        Empty for the library's own.
    tau2, ci, prediction : str
        Names in the tables of estimators, tests of the mean and prediction intervals.
    i2_basis : {"tau2", "Q"}
    tau2_interval : str
        ``"QP"`` Q-profile, ``"PL"`` profile likelihood.
    note : str
        Where these defaults come from.
    """

    name: str
    tau2: str
    ci: str
    prediction: str
    i2_basis: I2Basis
    tau2_interval: str
    note: str


DEFAULT = Profile(
    "",
    tau2="REML",
    ci="HK",
    prediction="metafor",
    i2_basis="tau2",
    tau2_interval="QP",
    note="REML with Hartung-Knapp, and a prediction interval with the same reference",
)
"""What :func:`k2stats.pool` does when nothing is named."""

PROFILES: dict[str, Profile] = {
    p.name: p
    for p in (
        Profile(
            "RevMan2025",
            tau2="REML",
            ci="HK",
            prediction="HK",
            i2_basis="tau2",
            tau2_interval="QP",
            note=(
                "Cochrane Methods, random-effects methods for intervention reviews: "
                "REML, HKSJ, Q-profile, I2 from tau2 (May 2024)"
            ),
        ),
        Profile(
            "metafor",
            tau2="REML",
            ci="z",
            prediction="metafor",
            i2_basis="tau2",
            tau2_interval="QP",
            note="rma.uni, predict and confint of metafor 5",
        ),
        Profile(
            "meta8",
            tau2="REML",
            ci="z",
            prediction="V",
            i2_basis="Q",
            tau2_interval="QP",
            note="metagen of meta 8: classic interval, prediction interval V",
        ),
        Profile(
            "Stata",
            tau2="REML",
            ci="z",
            prediction="HTS",
            i2_basis="tau2",
            tau2_interval="QP",
            note="meta summarize of Stata 16 and later, with predinterval",
        ),
        Profile(
            "Cochrane-classic",
            tau2="DL",
            ci="z",
            prediction="HTS",
            i2_basis="Q",
            tau2_interval="QP",
            note="Review Manager 5: DerSimonian-Laird, inverse variance",
        ),
    )
}
"""Profiles by name."""


def find_profile(name: str | None) -> Profile:
    """Profile of that name, the library's own where none is named.

    Raises
    ------
    UnknownMethodError

    Examples
    --------
    >>> find_profile("Cochrane-classic").tau2, find_profile(None).ci
    ('DL', 'HK')
    """
    if name is None:
        return DEFAULT
    try:
        return PROFILES[name]
    except KeyError:
        raise UnknownMethodError(
            kind="profile", name=name, known=tuple(PROFILES)
        ) from None
