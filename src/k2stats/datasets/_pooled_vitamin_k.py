"""Trials of vitamin K and fracture as sets that can be pooled."""

from functools import cache

from k2stats.audit.pooled_leave_outs import PrintedLeaveOut
from k2stats.audit.pooled_sets import PooledPrint, PooledSet
from k2stats.audit.pooled_trials import PooledTrial
from k2stats.datasets import (
    meta_vitamin_k,
    retracted_trials,
    vitk_fracture_trials,
    yops2004,
)
from k2stats.datasets._pooled_counts import counts_of


def vitamin_k_fracture() -> PooledSet:
    """Return trials of vitamin K and fracture, each with the outcome it prints.

    Examples
    --------
    >>> found = vitamin_k_fracture()
    >>> print(found.tables(flagged=False).events1)
    [18.  9.  2.]
    """
    t = vitk_fracture_trials
    counts = PooledTrial.from_counts
    return PooledSet(
        key="vitamin-k-fracture",
        title="Vitamin K, fractures as each trial counts them",
        outcome="fracture; the kind differs between trials",
        trials=(
            counts(
                "Shiraki 2000",
                t.SHIRAKI_2000,
                counts_of(t.SHIRAKI_FRACTURES_SECONDARY.feasible()),
                basis="counts that print 15% of 120 and 35% of 121, as Fusaro 2017 "
                "retells them",
                outcome="clinical",
            ),
            _sato_2002(),
            PooledTrial.from_ratio(
                "YOPS 2004", yops2004.SOURCE, yops2004.K2_RR, outcome="vertebral"
            ),
            _sato_2005(),
            counts(
                "ECKO 2008, K1",
                t.ECKO_2008,
                (9, 217, 20, 223),
                basis="9 and 20 fractures printed; of 440, the only sizes that print "
                "RR 0.46 (0.22 to 0.99)",
                outcome="clinical",
            ),
            counts(
                "Jiang 2014",
                t.JIANG_2014,
                counts_of(t.JIANG_FRACTURES.feasible()),
                outcome="new fracture, against alfacalcidol",
            ),
        ),
        missing=(
            "fractures by group in Inoue 2009 (4378 women, no significant difference)",
            "fractures in Sato 1998 (retracted)",
            "the other trials of the reviews",
        ),
        caution="Outcomes, vitamers and comparators differ, and the largest trial "
        "prints no counts: this shows what leaving trials out does; it does not "
        "estimate an effect.",
    )


def vitamin_k_hip_fracture() -> PooledSet:
    """Return the trials of vitamin K and hip fracture whose figures are printed."""
    return PooledSet(
        key="vitamin-k-hip-fracture",
        title="Vitamin K2 in neurological diseases, hip fracture",
        outcome="hip fracture",
        trials=(_sato_2002(), _sato_2005()),
        prints=(
            PooledPrint(
                meta_vitamin_k.IWAMOTO_2009_HIP_RR,
                meta_vitamin_k.IWAMOTO_2009,
                same_trials=False,
                note="these two and Sato 1998, whose hip fractures are not visible",
            ),
        ),
        missing=("hip fractures in Sato 1998 (retracted)",),
        caution="Every trial is flagged: without them nothing is left to pool.",
    )


def _sato_2002() -> PooledTrial:
    """Return the counts behind the printed ratio: the only ones of 60 and 60."""
    return PooledTrial.from_counts(
        "Sato 2002, Parkinson",
        retracted_trials.SATO_2002,
        (1, 60, 8, 60),
        basis="the only counts of 60 and 60 that print RR 0.13 (0.02 to 0.97)",
        outcome="hip",
    )


def _sato_2005() -> PooledTrial:
    """Return the printed ratio; no counts of 100 and 100 or of 178 print so."""
    return PooledTrial.from_ratio(
        "Sato 2005, Alzheimer",
        retracted_trials.SATO_2005_ALZHEIMER,
        retracted_trials.SATO_2005_ALZHEIMER_HIP_RR,
        outcome="hip",
    )


@cache
def printed_leave_outs() -> tuple[PrintedLeaveOut, ...]:
    """Return pools of vitamin K that were printed with and without doubted trials.

    Examples
    --------
    >>> for pair in printed_leave_outs():
    ...     print(pair.before, "->", pair.after)
    OR 0.23 (0.12 to 0.47) -> OR 0.30 (0.05 to 1.74)
    OR 0.72 (0.55 to 0.95) -> OR 0.74 (0.56 to 0.97)
    OR 0.96 (0.83 to 1.11) -> OR 0.98 (0.85 to 1.14)
    """
    m, gone = meta_vitamin_k, retracted_trials
    mott = [
        PrintedLeaveOut(
            key=f"mott-{outcome.split()[0]}-without-yops",
            title=f"Mott 2019, {outcome}",
            outcome=outcome,
            before=before,
            after=after,
            source_before=m.MOTT_2019,
            source_after=m.MOTT_CORRECTION,
            left_out="the Yamaguchi Osteoporosis Prevention Study",
            trials=(yops2004.SOURCE,),
            missing=("the trials of each pool and their counts",),
        )
        for outcome, before, after in (
            ("clinical fracture", m.MOTT_CLINICAL_OR, m.MOTT_CLINICAL_CORRECTED_OR),
            ("vertebral fracture", m.MOTT_VERTEBRAL_OR, m.MOTT_VERTEBRAL_CORRECTED_OR),
        )
    ]
    return (
        PrintedLeaveOut(
            key="cockayne-hip-without-three",
            title="Cockayne 2006, hip fracture",
            outcome="hip fracture",
            before=m.COCKAYNE_HIP_OR,
            after=m.COCKAYNE_HIP_CORRECTED_OR,
            source_before=m.COCKAYNE_2006,
            source_after=m.COCKAYNE_CORRECTION,
            left_out="three trials, of which two had been retracted by then",
            trials=(gone.SATO_1998, gone.SATO_2002, gone.SATO_2005_ALZHEIMER),
            missing=("the seven trials and their counts",),
        ),
        *mott,
    )
