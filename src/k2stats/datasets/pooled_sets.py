"""Sets of trials and strata that are pooled, each trial with its status as printed.

Every figure is one that a source prints; what a set lacks is named in it. A trial whose
source is retracted or has a published integrity concern is flagged, and a pool is to be
shown with the flagged trials and without them.
"""

from collections.abc import Mapping
from functools import cache
from typing import Final

from k2stats.audit.pooled_sets import (
    Counts,
    PooledPrint,
    PooledSet,
    PooledTrial,
    PrintedLeaveOut,
)
from k2stats.datasets import (
    meta_vitamin_d,
    meta_vitamin_k,
    record2005,
    retracted_trials,
    uspstf2013,
    vitd_fracture_trials,
    vitk_fracture_trials,
    whi_cad,
    yops2004,
)
from k2stats.errors import InvalidEvidenceError, UnknownMethodError
from k2stats.evidence import Claim, RatioWithCI, Reported, Source, TwoByTwo

SOURCES: Final[tuple[Source, ...]] = ()
CLAIMS: Final[tuple[Claim, ...]] = ()
"""None of their own: the sources stand in the modules of the trials."""

_STRATA: Final[Mapping[whi_cad.StrataBy, tuple[str, str]]] = {
    "vitamin_d_intake": ("vitamin-d-intake", "vitamin D intake"),
    "personal_calcium": ("personal-calcium", "personal calcium use"),
}
_OUTCOMES: Final[Mapping[str, tuple[str, RatioWithCI | None]]] = {
    "Hip fracture": ("hip", whi_cad.HIP_OVERALL_HR),
    "Vertebral fracture": ("vertebral", whi_cad.VERTEBRAL_OVERALL_HR),
    "Total fracture": ("total", None),
}
_FIELDS: Final = ("events1", "n1", "events2", "n2")


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
    key, words = _STRATA[by]
    short, overall = _OUTCOMES[outcome]
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


def _counts(tables: TwoByTwo) -> Counts:
    """Return the counts of the one table that prints so."""
    if tables.shape != (1,):
        raise InvalidEvidenceError(
            field="counts", requirement="the only ones that print so", given=str(tables)
        )
    e1, n1, e2, n2 = (int(getattr(tables, name)[0]) for name in _FIELDS)
    return e1, n1, e2, n2


def _sanders() -> PooledTrial:
    """Return Sanders 2010, whose summaries print '26% more' and a p-value."""
    return PooledTrial.from_p(
        "Sanders 2010",
        vitd_fracture_trials.SANDERS_2010,
        "RR",
        Reported("1.26"),
        vitd_fracture_trials.SANDERS_FRACTURE_P,
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
                "Sato 2005, stroke", gone.SATO_2005_STROKE, _counts(stroke)
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
                _counts(t.SHIRAKI_FRACTURES_SECONDARY.feasible()),
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
                _counts(t.JIANG_FRACTURES.feasible()),
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
def pooled_sets() -> tuple[PooledSet, ...]:
    """Return every set, WHI's strata first.

    Examples
    --------
    >>> [s.key for s in pooled_sets()][-3:]
    ['vitamin-d-calcium-by-dose', 'vitamin-k-fracture', 'vitamin-k-hip-fracture']
    """
    strata = [whi_strata(by, outcome) for by in _STRATA for outcome in _OUTCOMES]
    return (
        *strata,
        vitamin_d_any_fracture(),
        vitamin_d_hip_fracture(),
        vitamin_d_calcium_by_dose(),
        vitamin_k_fracture(),
        vitamin_k_hip_fracture(),
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


def find_pooled_set(key: str) -> PooledSet:
    """Return the set of one key.

    Raises
    ------
    UnknownMethodError
        If there is none; names those there are.

    Examples
    --------
    >>> find_pooled_set("vitamin-k-fracture").labels[:2]
    ('Shiraki 2000', 'Sato 2002, Parkinson')
    """
    by_key = {s.key: s for s in pooled_sets()}
    if key not in by_key:
        raise UnknownMethodError(kind="pooled set", name=key, known=tuple(by_key))
    return by_key[key]
