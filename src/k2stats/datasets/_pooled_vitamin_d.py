"""Trials of vitamin D and fracture as sets that can be pooled."""

from k2stats.audit.pooled_sets import PooledPrint, PooledSet
from k2stats.audit.pooled_trials import PooledTrial
from k2stats.datasets import (
    meta_vitamin_d,
    record2005,
    retracted_trials,
    uspstf2013,
    vitd_fracture_trials,
    whi_cad,
)
from k2stats.datasets._pooled_counts import counts_of
from k2stats.evidence import Reported


def _sanders() -> PooledTrial:
    """Return Sanders 2010, whose summaries print '26% more' and a p-value."""
    return PooledTrial.from_p(
        "Sanders 2010",
        vitd_fracture_trials.SANDERS_2010,
        "RR",
        Reported("1.26"),
        vitd_fracture_trials.SANDERS_FRACTURE_P,
        printed="26% more fractures, P = 0.047",
        outcome="fractures, rate ratio",
    )


def _record() -> PooledTrial:
    """Return vitamin D3 alone against placebo in RECORD 2005."""
    cells = record2005.cells()
    return PooledTrial.from_counts(
        "RECORD 2005",
        record2005.SOURCE,
        (*cells["vitamin D3"], *cells["placebo"]),
        basis="counts; those of vitamin D3 alone by subtraction",
        outcome="low-trauma fracture",
    )


def vitamin_d_any_fracture() -> PooledSet:
    """Return trials of vitamin D alone and any fracture.

    Examples
    --------
    >>> from k2stats import pool
    >>> pool(vitamin_d_any_fracture().effect_sizes(), model="common")
    RR 1.044 (95% CI 0.962 to 1.133), 6 studies
    """
    t = vitd_fracture_trials
    of = PooledTrial.from_ratio
    return PooledSet(
        key="vitamin-d-any-fracture",
        title="Vitamin D alone, any fracture",
        outcome="any fracture, as each trial counts it",
        trials=(
            of("Trivedi 2003", t.TRIVEDI_2003, t.TRIVEDI_ANY_RR, outcome="any first"),
            _record(),
            of("Smith 2007", t.SMITH_2007, t.SMITH_ANY_HR, outcome="any first"),
            of("Lyons 2007", t.LYONS_2007, t.LYONS_HR, outcome="first fracture"),
            _sanders(),
            of("ViDA 2017", t.VIDA_2017, t.VIDA_FRACTURES_HR, outcome="non-vertebral"),
        ),
        prints=(
            PooledPrint(
                uspstf2013.VITAMIN_D_ALONE_RR,
                uspstf2013.SOURCE,
                same_trials=False,
                note="its list of trials is not printed",
            ),
        ),
        missing=("the trials behind the pooled relative risk of 1.03",),
        caution="Risk, rate and hazard ratios side by side: at these risks they differ "
        "little. Not a review: the trials whose figures could be read.",
    )


def vitamin_d_hip_fracture() -> PooledSet:
    """Return trials of vitamin D, with calcium or without, and hip fracture.

    Examples
    --------
    >>> [t.label for t in vitamin_d_hip_fracture().trials if t.flagged]
    ['Sato 2005, stroke']
    """
    t, gone = vitd_fracture_trials, retracted_trials
    of = PooledTrial.from_ratio
    stroke = gone.SATO_2005_STROKE_HIP.feasible()
    return PooledSet(
        key="vitamin-d-hip-fracture",
        title="Vitamin D with or without calcium, hip fracture",
        outcome="hip fracture",
        trials=(
            PooledTrial.from_counts(
                "Sato 2005, stroke", gone.SATO_2005_STROKE, counts_of(stroke)
            ),
            of("Porthouse 2005", t.PORTHOUSE_2005, t.PORTHOUSE_HIP_OR),
            of("WHI 2006", whi_cad.JACKSON_2006, whi_cad.HIP_2006_HR),
            of("Smith 2007", t.SMITH_2007, t.SMITH_HIP_HR),
        ),
        prints=(
            PooledPrint(
                meta_vitamin_d.LAI_HIP_RR,
                meta_vitamin_d.LAI_2010,
                same_trials=False,
                note="seven trials, 801 cases",
            ),
            PooledPrint(
                meta_vitamin_d.BISCHOFF_2009_HIP_RR,
                meta_vitamin_d.BISCHOFF_FERRARI_2009,
                same_trials=False,
                note="eight trials",
            ),
        ),
        missing=(
            "hip fractures by group in RECORD 2005 (183 in all)",
            "the other trials of the two reviews",
        ),
        caution="Odds, risk and hazard ratios side by side: hip fractures are rare. "
        "Not a review: the trials whose figures could be read.",
    )


def vitamin_d_calcium_by_dose() -> PooledSet:
    """Return the two dose groups of Manoj 2022, vitamin D3 with calcium."""
    m = meta_vitamin_d
    return PooledSet(
        key="vitamin-d-calcium-by-dose",
        title="Vitamin D3 with calcium, hip fracture by dose of calcium",
        outcome="hip fracture",
        trials=tuple(
            PooledTrial.from_ratio(dose, m.MANOJ_2022, odds_ratio)
            for dose, odds_ratio in m.MANOJ_HIP_OR_BY_DOSE.items()
        ),
        prints=(PooledPrint(m.MANOJ_HIP_OR, m.MANOJ_2022, same_trials=True),),
        member="subgroup",
        missing=("the seven trials and their counts",),
        caution="5676 and 6555 of the 12,620 participants of the review are in a dose "
        "group.",
    )
