"""Laws: swapped groups, units, batches, intervals, scales, small-sample bias."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from k2stats.effectsizes import (
    MEASURES,
    SCALES,
    Alpha,
    AsGiven,
    ChangeMeans,
    CorrelationInput,
    Determination,
    Genotypes,
    MarginalPairs,
    OneMean,
    OneSpread,
    PairedCounts,
    Proportion,
    Rate,
    RegressionTest,
    RegressionTestR2,
    Superiority,
    TwoRates,
    harmonic_mean,
    measures_table,
)
from k2stats.effectsizes.compute import AnyEvidence, measures_of
from k2stats.effectsizes.scales import double_root_back, miller_back, scale
from k2stats.errors import InvalidEvidenceError, UnknownMethodError
from k2stats.evidence import TwoByTwo, TwoMeans

FAST = settings(max_examples=40, deadline=None)
COUNTS = hnp.arrays(np.int64, (4, 3), elements=st.integers(1, 60))


def means(rng: np.random.Generator, shape: tuple[int, ...]) -> TwoMeans:
    return TwoMeans.from_summary(
        mean1=rng.uniform(5, 9, shape),
        sd1=rng.uniform(1, 3, shape),
        n1=rng.integers(5, 60, shape),
        mean2=rng.uniform(5, 9, shape),
        sd2=rng.uniform(1, 3, shape),
        n2=rng.integers(5, 60, shape),
    )


def changes(rng: np.random.Generator, shape: tuple[int, ...]) -> ChangeMeans:
    return ChangeMeans.from_arrays(
        mean1=rng.uniform(5, 9, shape),
        sd1=rng.uniform(1, 3, shape),
        mean2=rng.uniform(5, 9, shape),
        sd2=rng.uniform(1, 3, shape),
        n=rng.integers(5, 60, shape),
        r=rng.uniform(-0.8, 0.9, shape),
    )


def example(kind: type, shape: tuple[int, ...], seed: int = 0) -> AnyEvidence:
    """Possible evidence of any kind."""
    rng = np.random.default_rng(seed)
    a, b, c, d = rng.integers(0, 40, (4, *shape))
    n = rng.integers(30, 90, shape)
    share = rng.uniform(0.05, 0.9, shape)
    few: dict[type, Callable[[], AnyEvidence]] = {
        TwoByTwo: lambda: TwoByTwo.from_cells(a=a, b=b + 1, c=c, d=d + 1),
        TwoMeans: lambda: means(rng, shape),
        ChangeMeans: lambda: changes(rng, shape),
        PairedCounts: lambda: PairedCounts.from_arrays(a=a, b=b, c=c, d=d + 1),
        MarginalPairs: lambda: MarginalPairs.from_arrays(
            events1=a, events2=c, n=a + c + 9, r=0.02
        ),
        TwoRates: lambda: TwoRates.from_arrays(
            events1=a, time1=n, events2=c, time2=n + 0.5
        ),
        Rate: lambda: Rate.from_arrays(events=a, time=n),
        Proportion: lambda: Proportion.from_arrays(events=np.minimum(a, n), n=n),
        OneMean: lambda: OneMean.from_arrays(mean=n, sd=share, n=b + 3),
        OneSpread: lambda: OneSpread.from_arrays(sd=share, n=b + 3),
        CorrelationInput: lambda: CorrelationInput.from_arrays(r=share, n=n),
        RegressionTest: lambda: RegressionTest.from_arrays(
            t=4 * share, n=n, predictors=3
        ),
        RegressionTestR2: lambda: RegressionTestR2.from_arrays(
            t=4 * share, n=n, predictors=3, r2=0.6
        ),
        Determination: lambda: Determination.from_arrays(r2=share, n=n, predictors=3),
        Superiority: lambda: Superiority.from_arrays(auc=share, n1=n, n2=b + 3),
        Alpha: lambda: Alpha.from_arrays(alpha=share, items=5, n=n),
        Genotypes: lambda: Genotypes.from_arrays(
            homozygous_dominant=a + 1, heterozygous=b + 1, homozygous_recessive=c + 1
        ),
        AsGiven: lambda: AsGiven.from_arrays(y=share, v=share),
    }
    return few[kind]()


def rows(evidence: Any, index: Any) -> AnyEvidence:
    """Select along the first axis of every field."""
    names = evidence.__dataclass_fields__
    made: AnyEvidence = type(evidence)(*(getattr(evidence, f)[index] for f in names))
    return made


@pytest.mark.parametrize("code", list(MEASURES))
def test_a_batch_is_its_sets_one_by_one(code: str) -> None:
    found = MEASURES[code].function
    batch = example(found.evidence, (3, 5))
    for vtype in found.variances:
        if vtype == "FD":
            continue  # checked against figures; it works one table at a time
        whole = measures_of(batch, code, vtype=vtype)
        assert whole.shape == (3, 5)
        for i in range(3):
            part = measures_of(rows(batch, i), code, vtype=vtype)
            np.testing.assert_allclose(part.y, whole.y[i], rtol=1e-13)
            np.testing.assert_allclose(part.v, whole.v[i], rtol=1e-12)


@pytest.mark.parametrize("code", list(MEASURES))
def test_variances_are_positive_and_rows_are_kept(code: str) -> None:
    es = measures_of(example(MEASURES[code].function.evidence, (40,), 3), code)
    finite = np.isfinite(es.v)
    assert np.all(es.v[finite] > 0)
    assert es.k == 40
    assert finite.mean() > 0.5


@pytest.mark.parametrize("code", list(MEASURES))
def test_the_natural_interval_holds_the_estimate_and_grows(code: str) -> None:
    es = measures_of(example(MEASURES[code].function.evidence, (40,), 5), code)
    es = es.drop_incomplete()
    narrow, wide = es.natural(0.8), es.natural(0.99)
    least, most = es.info.bounds
    inside = (narrow.estimate >= least) & (narrow.estimate <= most)
    for made in (narrow, wide):
        assert np.all(made.low <= made.high)
        ok = inside & (made.low > least) & (made.high < most)
        assert np.all(made.low[ok] <= made.estimate[ok] + 1e-12)
        assert np.all(made.estimate[ok] <= made.high[ok] + 1e-12)
    assert np.all(wide.low <= narrow.low)
    assert np.all(wide.high >= narrow.high)


ODD_2X2 = "RR OR PETO RD AS PHI ZPHI YUQ YUY RTET ZTET PBIT OR2D OR2DN OR2DL"


@given(COUNTS)
@FAST
def test_swapped_groups_change_the_sign(cells: np.ndarray) -> None:
    t = TwoByTwo.from_cells(a=cells[0], b=cells[1], c=cells[2], d=cells[3])
    for code in ODD_2X2.split():
        es, other = measures_of(t, code), measures_of(t.swap_groups(), code)
        np.testing.assert_allclose(es.y, -other.y, rtol=1e-9, atol=1e-11)
        np.testing.assert_allclose(es.v, other.v, rtol=1e-6)


@given(COUNTS)
@FAST
def test_swapped_outcomes_change_the_sign_but_for_ratios_of_risks(
    cells: np.ndarray,
) -> None:
    t = TwoByTwo.from_cells(a=cells[0], b=cells[1], c=cells[2], d=cells[3])
    for code in ODD_2X2.split()[1:]:
        es, other = measures_of(t, code), measures_of(t.swap_outcome(), code)
        np.testing.assert_allclose(es.y, -other.y, rtol=1e-9, atol=1e-11)
        np.testing.assert_allclose(es.v, other.v, rtol=1e-6)


def swapped(t: TwoMeans) -> TwoMeans:
    return TwoMeans(t.mean2, t.sd2, t.n2, t.mean1, t.sd1, t.n1)


@pytest.mark.parametrize("seed", range(5))
def test_swapped_means(seed: int) -> None:
    t = means(np.random.default_rng(seed), (6,))
    odd = "MD SMD SMDH ROM VR CVR D2OR D2ORN D2ORL RPB ZPB RBIS"
    for code in odd.split():
        es, other = measures_of(t, code), measures_of(swapped(t), code)
        np.testing.assert_allclose(es.y, -other.y, rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(es.v, other.v, rtol=1e-12)
    es, other = measures_of(t, "CLESN"), measures_of(swapped(t), "CLESN")
    np.testing.assert_allclose(es.y, 1 - other.y, rtol=1e-12)
    np.testing.assert_allclose(es.v, other.v, rtol=1e-12)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("unit", [0.01, 2.54, 1000.0])
def test_units(seed: int, unit: float) -> None:
    rng = np.random.default_rng(seed)
    t, c = means(rng, (6,)), changes(rng, (6,))
    t2 = TwoMeans(
        t.mean1 * unit, t.sd1 * unit, t.n1, t.mean2 * unit, t.sd2 * unit, t.n2
    )
    c2 = ChangeMeans(
        c.mean1 * unit, c.sd1 * unit, c.mean2 * unit, c.sd2 * unit, c.n, c.r
    )
    for before, after, codes in (
        (t, t2, "SMD SMDH SMD1 SMD1H ROM VR CVR D2OR RPB RBIS CLESN"),
        (c, c2, "SMCC SMCR SMCRH SMCRP SMCRPH ROMC VRC CVRC CLESCN AUCCN"),
    ):
        for code in codes.split():
            es, other = measures_of(before, code), measures_of(after, code)
            np.testing.assert_allclose(es.y, other.y, rtol=1e-11, atol=1e-14)
            np.testing.assert_allclose(es.v, other.v, rtol=1e-11)
    for before, after, code in ((t, t2, "MD"), (c, c2, "MC")):
        es, other = measures_of(before, code), measures_of(after, code)
        np.testing.assert_allclose(es.y * unit, other.y, rtol=1e-11)
        np.testing.assert_allclose(es.v * unit**2, other.v, rtol=1e-11)


def test_person_time_units() -> None:
    t = TwoRates.from_arrays(events1=12, time1=100, events2=7, time2=90)
    months = TwoRates.from_arrays(events1=12, time1=1200, events2=7, time2=1080)
    es, other = measures_of(t, "IRR"), measures_of(months, "IRR")
    np.testing.assert_allclose(es.y, other.y, rtol=1e-14)
    np.testing.assert_allclose(es.v, other.v, rtol=1e-14)
    es, other = measures_of(t, "IRD"), measures_of(months, "IRD")
    np.testing.assert_allclose(es.y, 12 * other.y, rtol=1e-13)


@given(st.integers(1, 400), st.floats(0, 1))
@FAST
def test_double_arcsine_returns_the_proportion(n: int, share: float) -> None:
    x = np.array([float(round(n * share))])
    es = measures_of(Proportion.from_arrays(events=x, n=n), "PFT")
    np.testing.assert_allclose(es.natural().estimate, x / n, atol=1e-9)


def test_miller_with_the_harmonic_mean() -> None:
    # Miller (1978): the harmonic mean of the sizes stands in for n.
    t = np.array([0.5])
    n = harmonic_mean(np.array([10.0, 40.0]))
    assert float(n) == 16.0
    u = 2 * 0.5
    inner = np.sin(u) + (np.sin(u) - 1 / np.sin(u)) / 16
    want = 0.5 * (1 - np.sign(np.cos(u)) * np.sqrt(1 - inner**2))
    np.testing.assert_allclose(miller_back(t, n), want, rtol=1e-14)
    np.testing.assert_array_equal(miller_back(np.array([0.0, 1.57]), n), [0.0, 1.0])


@given(st.integers(0, 5000), st.floats(0.1, 1e4))
@FAST
def test_freeman_tukey_rate_returns_the_rate(events: int, time: float) -> None:
    es = measures_of(Rate.from_arrays(events=events, time=time), "IRFT")
    np.testing.assert_allclose(
        es.natural().estimate, events / time, rtol=1e-9, atol=1e-9 / time
    )
    assert double_root_back(np.array([0.0]), np.array([time]))[0] == 0.0


FORWARD: dict[str, tuple[str, Callable[[np.ndarray], np.ndarray]]] = {
    "log": ("IRLN", np.log),
    "logit": ("PLO", lambda p: np.log(p / (1 - p))),
    "arcsine": ("PAS", lambda p: np.arcsin(np.sqrt(p))),
    "square-root": ("IRS", np.sqrt),
    "fisher-z": ("ZCOR", np.arctanh),
    "fisher-z-r2": ("ZR2", lambda u: np.arctanh(np.sqrt(u))),
    "fixed-z-r2": ("ZR2F", lambda u: np.sqrt(2) * np.arctanh(np.sqrt(u / (2 - u)))),
    "cube-root alpha": ("AHW", lambda a: 1 - np.cbrt(1 - a)),
    "log alpha": ("ABT", lambda a: -np.log1p(-a)),
    "efficacy": ("VE", lambda x: np.log1p(-x)),
    "raw": ("MD", lambda x: x),
    "arcsine difference": ("AS", lambda x: x),
    "square-root difference": ("IRSD", lambda x: x),
}


@given(st.floats(0.001, 0.999))
@FAST
def test_scales_there_and_back(x: float) -> None:
    for name, (code, forward) in FORWARD.items():
        made = scale(name)
        back = made.to_natural(np.asarray(forward(np.array([x]))))
        np.testing.assert_allclose(back, [x], rtol=1e-10)
        assert MEASURES[code].function.scale is made
    probit = scale("probit").to_natural(np.array([1.959963984540054]))
    np.testing.assert_allclose(probit, [0.975], rtol=1e-14)


def test_every_scale_is_used_and_known() -> None:
    used = {MEASURES[c].function.scale.name for c in MEASURES}
    assert used == set(SCALES)
    with pytest.raises(UnknownMethodError, match="Unknown scale 'cubic'"):
        scale("cubic")


@pytest.mark.parametrize(
    ("code", "kind", "truth"),
    [
        ("SMD", "two", 0.5),
        ("SMD1", "two", 0.5),
        ("VR", "unequal", 0.0),
        ("ROM", "skewed", np.log(2 / 3)),
        ("SMCC", "paired", 0.5),
    ],
)
def test_small_sample_correction_takes_bias_away(
    code: str, kind: str, truth: float
) -> None:
    rng, k = np.random.default_rng(11), 200_000
    n1, n2 = (4, 12) if kind in ("unequal", "skewed") else (8, 8)
    m1, m2, s = (2.0, 3.0, 0.8) if kind == "skewed" else (0.5, 0.0, 1.0)
    sd1 = s * np.sqrt(rng.chisquare(n1 - 1, k) / (n1 - 1))
    sd2 = s * np.sqrt(rng.chisquare(n2 - 1, k) / (n2 - 1))
    mean1, mean2 = (
        rng.normal(m1, s / np.sqrt(n1), k),
        rng.normal(m2, s / np.sqrt(n2), k),
    )
    if kind == "paired":
        # A second measurement without spread: the change has the SD of the first.
        t: AnyEvidence = ChangeMeans.from_arrays(
            mean1=mean1, sd1=sd1, mean2=0, sd2=0, n=n1, r=0
        )
    else:
        t = TwoMeans.from_summary(
            mean1=mean1, sd1=sd1, n1=n1, mean2=mean2, sd2=sd2, n2=n2
        )
    with_it = measures_of(t, code).y.mean() - truth
    without = measures_of(t, code, correct=False).y.mean() - truth
    noise = 4 * float(measures_of(t, code).y.std()) / np.sqrt(k)
    assert abs(with_it) < 0.25 * abs(without) + noise
    assert abs(without) > 2 * noise


def test_an_infeasible_correlation_of_pairs_has_no_variance() -> None:
    t = MarginalPairs.from_arrays(events1=2, events2=18, n=20, r=[0.9, -0.1])
    es = measures_of(t, "MPORM")
    assert np.isnan(es.v[0])
    assert np.isfinite(es.v[1])


def test_margins_give_what_the_paired_table_gives() -> None:
    pairs = PairedCounts.from_arrays(a=10, b=4, c=2, d=15)
    a, b, c, d = 10, 4, 2, 15
    r = (a * d - b * c) / np.sqrt((a + b) * (c + d) * (a + c) * (b + d))
    t = MarginalPairs.from_arrays(events1=a + b, events2=a + c, n=31, r=r)
    full, margins = measures_of(pairs, "MPOR"), measures_of(t, "MPORM")
    np.testing.assert_allclose(margins.y, full.y, rtol=1e-14)
    np.testing.assert_allclose(margins.v, full.v, rtol=1e-13)


def test_means_of_opposite_sign_have_no_ratio() -> None:
    t = TwoMeans.from_summary(mean1=[1, -2], sd1=1, n1=9, mean2=[-1, -1], sd2=1, n2=9)
    es = measures_of(t, "ROM", correct=False)
    np.testing.assert_allclose(es.y, [np.nan, np.log(2)])


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Rate.from_arrays(events=-1, time=1), "events must be at least 0"),
        (lambda: Rate.from_arrays(events=1, time=0), "time must be above 0"),
        (lambda: Rate.from_arrays(events=1), "Rate must be built from events, time"),
        (lambda: OneMean.from_arrays(mean=1, sd=-1, n=5), "sd must be at least 0"),
        (lambda: OneMean.from_arrays(mean=1, sd=1, n=1), "n must be at least 2"),
        (
            lambda: CorrelationInput.from_arrays(r=1.1, n=9),
            "r must be between -1 and 1",
        ),
        (lambda: Alpha.from_arrays(alpha=1.5, items=5, n=9), "alpha must be at most 1"),
        (lambda: AsGiven.from_arrays(y=1, v=0), "v must be above 0"),
        (
            lambda: Determination.from_arrays(r2=0.1, n=4, predictors=3),
            r"n must be above predictors \+ 1",
        ),
        (
            lambda: PairedCounts.from_arrays(a=0, b=0, c=0, d=0),
            "a, b, c, d must be not all 0",
        ),
        (lambda: Proportion.from_arrays(events=[], n=[]), "there are no rows"),
        (
            lambda: Proportion.from_arrays(events=[np.nan], n=[3]),
            "events must be finite",
        ),
    ],
)
def test_impossible_inputs(build: Any, message: str) -> None:
    with pytest.raises(InvalidEvidenceError, match=message):
        build()


def test_the_table_of_measures_lists_each_once() -> None:
    lines = measures_table().splitlines()
    codes = [line.split("|")[1].strip() for line in lines[2:]]
    listed = [c for c in codes if c]
    assert sorted(listed) == sorted(MEASURES)
    assert all(line.count("|") == lines[0].count("|") for line in lines)


def test_every_entry_is_complete() -> None:
    for code in MEASURES:
        entry = MEASURES[code]
        assert entry.label
        assert entry.equation
        assert entry.reference
        assert entry.function.kernel.__doc__
        assert all(entry.function.variances.values())
