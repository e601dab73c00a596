"""Strata of the Women's Health Initiative as sets that can be pooled."""

from collections.abc import Mapping
from typing import Final

from k2stats.audit.pooled_sets import PooledPrint, PooledSet
from k2stats.audit.pooled_trials import PooledTrial
from k2stats.datasets import whi_cad
from k2stats.evidence import RatioWithCI

STRATA: Final[Mapping[whi_cad.StrataBy, tuple[str, str]]] = {
    "vitamin_d_intake": ("vitamin-d-intake", "vitamin D intake"),
    "personal_calcium": ("personal-calcium", "personal calcium use"),
}
OUTCOMES: Final[Mapping[str, tuple[str, RatioWithCI | None]]] = {
    "Hip fracture": ("hip", whi_cad.HIP_OVERALL_HR),
    "Vertebral fracture": ("vertebral", whi_cad.VERTEBRAL_OVERALL_HR),
    "Total fracture": ("total", None),
}


def whi_strata(by: whi_cad.StrataBy, outcome: str) -> PooledSet:
    """Return the strata of one outcome of the Women's Health Initiative as a set.

    Parameters
    ----------
    by : {"vitamin_d_intake", "personal_calcium"}
    outcome : str
        ``"Hip fracture"``, ``"Vertebral fracture"`` or ``"Total fracture"``.

    Raises
    ------
    UnknownMethodError
        For another outcome; names those there are.

    Examples
    --------
    >>> strata = whi_strata("vitamin_d_intake", "Hip fracture")
    >>> strata.key, strata.k, bool(strata.flagged.any())
    ('whi-hip-by-vitamin-d-intake', 4, False)
    """
    printed = whi_cad.strata(by, outcome)
    labels = whi_cad.strata_labels(by, outcome)
    key, words = STRATA[by]
    short, overall = OUTCOMES[outcome]
    unit = " IU/day" if by == "vitamin_d_intake" else ""
    prints = (
        ()
        if overall is None
        else (PooledPrint(overall, whi_cad.CAULEY_2013, same_trials=True),)
    )
    events = whi_cad.strata_events(by, outcome)
    return PooledSet(
        key=f"whi-{short}-by-{key}",
        title=f"WHI, {outcome.lower()} by {words}",
        outcome=outcome.lower(),
        trials=tuple(
            PooledTrial.from_ratio(
                f"{label}{unit}",
                whi_cad.CAULEY_2013,
                hr,
                outcome=f"{cad} v {placebo} women",
            )
            for label, hr, (cad, placebo) in zip(labels, printed, events, strict=True)
        ),
        prints=prints,
        interaction_p=whi_cad.interaction_p(by, outcome),
        member="stratum",
        ordered=by == "vitamin_d_intake",
        missing=("the women in each stratum",),
        caution="Strata of one trial: their pool stands for the trial as a whole where "
        "every woman is in a stratum. No stratum is flagged.",
    )
