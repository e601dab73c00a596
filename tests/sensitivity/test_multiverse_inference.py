"""Curves under no effect: against flips one at a time, exact counts, and a level."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy import special

import k2stats as k2
from k2stats.effectsizes import Proportion
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence import TwoByTwo
from k2stats.sensitivity import multiverse

ES = k2.EffectSizes.from_arrays(
    [0.42, 0.31, -0.05, 0.66, 0.18], [0.02, 0.05, 0.03, 0.04, 0.01], study=list("ABCDE")
)
TABLES = TwoByTwo.from_counts(
    events1=[0, 4, 7, 12],
    n1=[40, 52, 90, 150],
    events2=[3, 9, 11, 25],
    n2=[42, 50, 88, 149],
)


def statistics(m: k2.Multiverse) -> tuple[float, float, float]:
    """Compute the three statistics of a curve from its frame."""
    median = float(np.median(m.estimate))
    agrees = np.sign(m.estimate) == np.sign(median)
    z = np.sign(m.estimate) * -special.ndtri(m.p / 2.0)
    return median, float((m.significant & agrees).mean()), float(z.mean())


def test_all_patterns_equal_multiverses_of_flipped_effects() -> None:
    options = {"tau2": ["DL", "PM"], "ci": ["HK", "z"]}
    m = multiverse(ES, **options)  # type: ignore[arg-type]
    made = m.inference(rng=1)
    assert made.exact
    assert made.draws == 32
    found = []
    for signs in product([1.0, -1.0], repeat=5):
        flipped = k2.EffectSizes.from_arrays(ES.y * signs, ES.v)
        found.append(statistics(multiverse(flipped, **options)))  # type: ignore[arg-type]
    observed = np.array(found[0])
    everything = np.abs(np.array(found))
    p = (everything >= np.abs(observed) * (1 - 1e-9)).mean(axis=0)
    assert (made.median, made.share_significant, made.mean_z) == pytest.approx(
        tuple(observed), rel=1e-9
    )
    assert (made.p_median, made.p_share, made.p_mean_z) == pytest.approx(tuple(p))
    # of each mirrored pair one is kept
    np.testing.assert_allclose(
        np.sort(np.abs(made.null_median)), np.sort(everything[:, 0])[::2], rtol=1e-9
    )


def test_a_part_is_tested_as_if_it_were_all() -> None:
    whole = multiverse(ES, tau2=["DL", "PM"], ci=["HK", "z"])
    part = whole.where(tau2="DL", ci="z", exclude=["none", "B"])
    alone = multiverse(ES, tau2="DL", ci="z", models=["random", "IVhet"], exclude=["B"])
    assert len(part) == len(alone) == 4
    one, two = part.inference(rng=1), alone.inference(rng=1)
    np.testing.assert_allclose(one.null_median, two.null_median, rtol=1e-12)
    np.testing.assert_allclose(one.band, two.band, rtol=1e-12)
    assert one.p_mean_z == two.p_mean_z


def test_flipped_counts_are_exchanged_groups() -> None:
    names = ["random", "MH", "Peto", "SSW"]
    m = multiverse(TABLES, "OR", models=names, tau2="DL", ci="z")
    made = m.inference(rng=0)
    found = []
    for signs in product([False, True], repeat=4):
        swap = np.array(signs)
        t = TABLES
        turned = TwoByTwo.from_counts(
            events1=np.where(swap, t.events2, t.events1),
            n1=np.where(swap, t.n2, t.n1),
            events2=np.where(swap, t.events1, t.events2),
            n2=np.where(swap, t.n1, t.n2),
        )
        found.append(
            statistics(multiverse(turned, "OR", models=names, tau2="DL", ci="z"))
        )
    sizes = np.abs(np.array(found))
    p = (sizes >= sizes[0] * (1 - 1e-9)).mean(axis=0)
    assert (made.p_median, made.p_share, made.p_mean_z) == pytest.approx(tuple(p))


def test_random_patterns_repeat_and_count_the_observed_one() -> None:
    rng = np.random.default_rng(8)
    y = rng.normal(0.8, 0.2, 14)
    es = k2.EffectSizes.from_arrays(y, np.full(14, 0.04))
    m = multiverse(es, tau2="DL", ci="z", models=["random", "common"])
    one, two = (m.inference(rng=5, draws=199) for _ in range(2))
    assert one.p_median == two.p_median == pytest.approx(1 / 200)
    assert not one.exact
    assert one.null_median.size == one.draws == 199
    np.testing.assert_array_equal(one.null_mean_z, two.null_mean_z)
    assert one.band.shape == (3, len(m))
    assert (np.diff(one.band, axis=1) >= -1e-12).all()
    assert (np.diff(one.band, axis=0) >= 0).all()
    assert "199 draws" in repr(one)
    assert one.to_frame()["p"].tolist() == [one.p_median, one.p_share, one.p_mean_z]


@pytest.mark.long
def test_under_no_effect_the_level_is_kept() -> None:
    rng = np.random.default_rng(2)
    below = 0
    for _ in range(400):
        v = rng.uniform(0.02, 0.2, 6)
        es = k2.EffectSizes.from_arrays(rng.normal(0.0, np.sqrt(v + 0.03)), v)
        m = multiverse(es, tau2="DL", ci="z", models=["random", "common"])
        below += m.inference(rng=rng).p_mean_z <= 0.125
    # 64 patterns: the level of one eighth is attained exactly; four standard errors
    assert abs(below / 400 - 0.125) < 4 * np.sqrt(0.125 * 0.875 / 400)


def test_models_of_one_set_at_a_time_take_no_part() -> None:
    m = multiverse(TABLES, "OR", models=["MH", "exact"], exclude=None)
    assert m.inference(rng=1).specifications == 1
    alone = multiverse(TABLES, "OR", models="exact", exclude=None)
    with pytest.raises(InvalidEvidenceError, match="one or more is fitted in a batch"):
        alone.inference(rng=1)


def test_what_cannot_be_flipped_is_refused() -> None:
    shares = Proportion.from_arrays(events=[3, 4, 5], n=[20, 15, 60])
    with pytest.raises(InvalidEvidenceError, match="a value of no effect that effects"):
        multiverse(shares, "PLO").inference(rng=1)
    frame = pd.DataFrame({"r": [0.3, 0.5, 0.4], "n": [20, 30, 25]})
    correlations = multiverse(frame, "ZCOR", r="r", n="n", exclude=None)
    assert correlations.inference(rng=1).p_median == 0.25
    with pytest.raises(InvalidEvidenceError, match="draws must be a whole number"):
        multiverse(ES).inference(rng=1, draws=0)
    both = multiverse(TABLES, ["RR", "OR"], exclude=None)
    with pytest.raises(InvalidEvidenceError, match="scale must be one of RR, OR"):
        both.inference(rng=1)
    assert both.inference(rng=1, scale="OR").scale == "OR"
