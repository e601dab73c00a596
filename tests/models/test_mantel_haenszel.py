"""Mantel-Haenszel estimates against published figures, metafor's, and laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from k2stats.effectsizes import TwoRates, ZeroCells
from k2stats.errors import InvalidEvidenceError, UnknownMethodError
from k2stats.evidence import TwoByTwo
from k2stats.models.mantel_haenszel import mantel_haenszel
from k2stats.models.mantel_haenszel_estimators import MANTEL_HAENSZEL
from k2stats.results.counts import CountsFit
from models.count_tables import (
    ALCOHOL,
    BCG,
    BERKELEY,
    DOCTORS,
    RABBITS,
    SPARSE,
    TOLBUTAMIDE,
    cut,
    joined,
)

COUNTS = st.lists(
    st.tuples(*[st.integers(0, 40)] * 4).filter(
        lambda c: c[0] + c[1] > 0 and c[2] + c[3] > 0
    ),
    min_size=1,
    max_size=6,
)


def tables(cells: list[tuple[int, ...]]) -> TwoByTwo:
    a, b, c, d = (list(x) for x in zip(*cells, strict=True))
    return TwoByTwo.from_cells(a=a, b=b, c=c, d=d)


def natural(fit: CountsFit) -> tuple[float, float, float]:
    made = fit.natural()
    return float(made.estimate), float(made.low), float(made.high)


def same(left: CountsFit, right: CountsFit, sign: float = 1.0) -> None:
    np.testing.assert_allclose(
        left.estimate, sign * right.estimate, rtol=1e-10, atol=1e-12
    )
    np.testing.assert_allclose(left.se, right.se, rtol=1e-10, atol=1e-14)


def test_odds_ratio_of_the_alcohol_study() -> None:
    # Breslow & Day (1980), vol. 1, sections 4.3 and 4.4: 5.158; chi-squared 83.22
    # with, 85.01 without correction, homogeneity 9.32 on 5 degrees of freedom.
    fit = mantel_haenszel(ALCOHOL)
    assert abs(natural(fit)[0] - 5.158) < 0.0005
    assert abs(float(fit.test("CMH").statistic) - 83.22) < 0.01
    plain = mantel_haenszel(ALCOHOL, correction="none")
    assert abs(float(plain.test("CMH").statistic) - 85.01) < 0.005
    assert abs(float(fit.test("BD").statistic) - 9.32) < 0.005
    assert float(fit.test("BD").df) == 5.0


def test_admissions_to_berkeley() -> None:
    # R 4.2.2, mantelhaen.test(UCBAdmissions), as printed.
    fit = mantel_haenszel(BERKELEY)
    estimate, low, high = natural(fit)
    assert abs(estimate - 0.9046968283) < 5e-11
    assert abs(low - 0.7719073618) < 5e-11
    assert abs(high - 1.0603297644) < 5e-11
    assert abs(float(fit.test("CMH").statistic) - 1.4269462) < 5e-8
    assert abs(float(fit.test("CMH").p) - 0.2322635) < 5e-8


def test_rabbits() -> None:
    # R 4.2.2, mantelhaen.test(Rabbits), as printed.
    fit = mantel_haenszel(RABBITS)
    estimate, low, high = natural(fit)
    assert abs(estimate - 7.0) < 1e-12
    assert abs(low - 1.026712688) < 5e-10
    assert abs(high - 47.725133380) < 5e-9
    assert abs(float(fit.test("CMH").statistic) - 3.9285714) < 5e-8


def test_tolbutamide() -> None:
    # Rothman, Greenland & Lash (2008), chapter 15: 0.035, 1.33 and 1.40.
    assert abs(natural(mantel_haenszel(TOLBUTAMIDE, "RD"))[0] - 0.035) < 0.0005
    assert abs(natural(mantel_haenszel(TOLBUTAMIDE, "RR"))[0] - 1.33) < 0.005
    assert abs(natural(mantel_haenszel(TOLBUTAMIDE, "OR"))[0] - 1.40) < 0.005


def test_coronary_deaths_of_doctors() -> None:
    # Rothman, Greenland & Lash (2008), chapter 15: 1.42 (1.15 to 1.76).
    estimate, low, high = natural(mantel_haenszel(DOCTORS, "IRR"))
    assert abs(estimate - 1.42) < 0.005
    assert abs(low - 1.15) < 0.005
    assert abs(high - 1.76) < 0.005


@pytest.mark.parametrize(
    ("measure", "estimate", "se", "q", "q_p"),
    [
        # mh/bcg/RR, mh/bcg/OR, mh/bcg/RD.
        ("RR", -0.453709604683754, 0.0393373668712944, 152.567553586657, 1.7075876e-26),
        ("OR", -0.473410988388585, 0.0410077784042314, 163.942579569193, 8.2494526e-29),
        ("RD", -0.003288181832613, 0.000286656748527374, 386.77594183656, 2.382063e-75),
    ],
)
def test_bcg(measure: str, estimate: float, se: float, q: float, q_p: float) -> None:
    fit = mantel_haenszel(BCG, measure)
    np.testing.assert_allclose(fit.estimate, estimate, rtol=1e-12)
    np.testing.assert_allclose(fit.se, se, rtol=1e-12)
    np.testing.assert_allclose(fit.Q, q, rtol=1e-12)
    np.testing.assert_allclose(fit.Q_p, q_p, rtol=1e-6)


@pytest.mark.parametrize(
    ("measure", "estimate", "se", "q", "q_p"),
    [
        # metafor 3.8-1, rma.mh: a double zero, zeros in one arm, a study of events.
        ("OR", -0.4146087241544, 0.3783699356212, 6.1104708413879, 0.1910487442647),
        ("RR", -0.2265547323378, 0.2068617589712, 11.4877449618074, 0.0215961943156),
        ("RD", -0.0411907569463, 0.0374611778675, 10.3917478277490, 0.0343212583053),
    ],
)
def test_zero_cells_as_metafor(
    measure: str, estimate: float, se: float, q: float, q_p: float
) -> None:
    fit = mantel_haenszel(SPARSE, measure)
    assert abs(float(fit.estimate) - estimate) < 1e-12
    assert abs(float(fit.se) - se) < 1e-12
    assert abs(float(fit.Q) - q) < 1e-10
    assert abs(float(fit.Q_p) - q_p) < 1e-12
    assert fit.record["zero cells"] == "nothing added"


def test_rates_with_zeros_as_metafor() -> None:
    # metafor 3.8-1, rma.mh of IRR and IRD.
    rates = TwoRates.from_arrays(
        events1=[0, 3, 5, 0, 10],
        time1=[20, 30, 25.5, 15, 10],
        events2=[0, 0, 9, 3, 10],
        time2=[22, 30, 26, 14, 12],
    )
    ratio = mantel_haenszel(rates, "IRR", correction="half")
    assert abs(float(ratio.estimate) + 0.107396999529) < 1e-12
    assert abs(float(ratio.se) - 0.315499796172) < 1e-12
    assert abs(float(ratio.Q) - 4.539112341787) < 1e-11
    assert abs(float(ratio.test("CMH").statistic) - 0.0331658991516) < 1e-12
    plain = mantel_haenszel(rates, "IRR", correction="none")
    assert abs(float(plain.test("CMH").statistic) - 0.115985453191) < 1e-12
    difference = mantel_haenszel(rates, "IRD")
    assert abs(float(difference.estimate) + 0.0210530528226) < 1e-12
    assert abs(float(difference.se) - 0.0621811041735) < 1e-12
    assert abs(float(difference.Q) - 6.2033441430591) < 1e-12


def test_one_study_is_its_own_estimate() -> None:
    t = TwoByTwo.from_counts(events1=5, n1=10, events2=3, n2=11)
    fit = mantel_haenszel(t)
    assert abs(float(fit.estimate) - np.log(5 * 8 / (5 * 3))) < 1e-14
    assert abs(float(fit.se) - np.sqrt(1 / 5 + 1 / 5 + 1 / 3 + 1 / 8)) < 1e-14
    assert float(fit.Q_p) == 1.0  # as metafor prints it
    assert np.isnan(fit.test("BD").p)


def test_no_events_on_one_side_leaves_the_ratio_undefined_and_the_test_defined() -> (
    None
):
    t = TwoByTwo.from_counts(events1=[0, 0], n1=[10, 12], events2=[5, 6], n2=[10, 13])
    fit = mantel_haenszel(t, correction="half")
    assert np.isnan(fit.estimate)
    assert np.isnan(fit.Q)
    assert not fit.converged
    # metafor 3.8-1 prints 10.9620412633 for the test and NA for the rest.
    assert abs(float(fit.test("CMH").statistic) - 10.9620412633) < 1e-9
    assert "No finite estimate" in fit.summary()
    difference = mantel_haenszel(t, "RD")
    assert abs(float(difference.estimate) + 0.478647686833) < 1e-12
    assert bool(difference.converged)


def test_double_zeros_count_in_a_difference_only() -> None:
    without = cut(SPARSE, [1, 2, 3, 4, 5])
    for measure in ("OR", "RR"):
        same(mantel_haenszel(SPARSE, measure), mantel_haenszel(without, measure))
    assert int(mantel_haenszel(SPARSE, "OR").k) == 5
    far = TwoByTwo.from_counts(events1=0, n1=500, events2=0, n2=500)
    diluted = mantel_haenszel(joined(SPARSE, far), "RD")
    assert abs(float(diluted.estimate)) < abs(
        float(mantel_haenszel(SPARSE, "RD").estimate)
    )


def test_constants_are_added_when_asked_for() -> None:
    fit = mantel_haenszel(SPARSE, "OR", zero_cells=ZeroCells())
    adjusted = mantel_haenszel(SPARSE, "OR")
    assert abs(float(fit.estimate) - float(adjusted.estimate)) > 1e-3
    zero = (SPARSE.a * SPARSE.b * SPARSE.c * SPARSE.d == 0) * 0.5
    a, b, c, d = (x + zero for x in SPARSE.cells)
    n = a + b + c + d
    want = np.log((a * d / n).sum() / (b * c / n).sum())
    assert abs(float(fit.estimate) - want) < 1e-14


@given(COUNTS)
def test_swapping_groups_turns_the_sign(cells: list[tuple[int, ...]]) -> None:
    t = tables(cells)
    for measure in ("OR", "RR", "RD"):
        same(
            mantel_haenszel(t, measure), mantel_haenszel(t.swap_groups(), measure), -1.0
        )


@given(COUNTS)
def test_swapping_the_outcome_turns_odds_and_differences(
    cells: list[tuple[int, ...]],
) -> None:
    t = tables(cells)
    for measure in ("OR", "RD"):
        same(
            mantel_haenszel(t, measure),
            mantel_haenszel(t.swap_outcome(), measure),
            -1.0,
        )


@given(COUNTS)
def test_order_does_not_matter_and_equal_strata_merge(
    cells: list[tuple[int, ...]],
) -> None:
    t = tables(cells)
    merged = tables([tuple(2 * x for x in row) for row in cells])
    for name in MANTEL_HAENSZEL:
        measure, variance = name.split("/")
        if measure.startswith("I"):
            continue
        one = mantel_haenszel(t, measure, variance=variance)
        back = mantel_haenszel(t[::-1], measure, variance=variance)
        same(one, back)
        twice = mantel_haenszel(joined(t, t), measure, variance=variance)
        same(twice, mantel_haenszel(merged, measure, variance=variance))


def test_variances_of_the_risk_difference_agree_in_large_strata() -> None:
    sato = mantel_haenszel(TOLBUTAMIDE, "RD")
    plain = mantel_haenszel(TOLBUTAMIDE, "RD", variance="GR")
    np.testing.assert_allclose(sato.se, plain.se, rtol=2e-4)
    assert float(sato.se) != float(plain.se)


def test_variances_against_simulation_of_matched_pairs() -> None:
    # Strata of one pair each: the RBG variance of the log odds ratio is that of
    # McNemar's, 1/b + 1/c (Robins, Breslow & Greenland 1986).
    b, c = 17, 8
    ones = np.ones(b + c + 5)
    x1 = np.r_[np.ones(b), np.zeros(c), np.ones(5)]
    x2 = np.r_[np.zeros(b), np.ones(c), np.ones(5)]
    pairs = TwoByTwo.from_counts(events1=x1, n1=ones, events2=x2, n2=ones)
    fit = mantel_haenszel(pairs)
    assert abs(float(fit.estimate) - np.log(b / c)) < 1e-13
    assert abs(float(fit.se) ** 2 - (1 / b + 1 / c)) < 1e-13


def test_batch_equals_loop_and_masks_leave_out() -> None:
    rng = np.random.default_rng(4)
    n1, n2 = rng.integers(5, 60, (2, 3, 4, 6))
    t = TwoByTwo.from_counts(
        events1=rng.binomial(n1, 0.15), n1=n1, events2=rng.binomial(n2, 0.2), n2=n2
    )
    mask = rng.random((3, 4, 6)) < 0.7
    mask[..., 0] = True
    for measure in ("OR", "RR", "RD"):
        fit = mantel_haenszel(t, measure, mask=mask)
        assert fit.estimate.shape == (3, 4)
        for i in np.ndindex(3, 4):
            kept = mask[i]
            one = mantel_haenszel(
                TwoByTwo.from_counts(
                    events1=t.events1[i][kept],
                    n1=t.n1[i][kept],
                    events2=t.events2[i][kept],
                    n2=t.n2[i][kept],
                ),
                measure,
            )
            np.testing.assert_allclose(fit.estimate[i], one.estimate, rtol=1e-12)
            np.testing.assert_allclose(fit.se[i], one.se, rtol=1e-12)
            for name, test in one.tests.items():
                batch = fit.tests[name]
                np.testing.assert_allclose(
                    batch.statistic[i], test.statistic, rtol=1e-9, atol=1e-12
                )
                assert batch.df[i] == test.df
    assert fit.to_frame().shape[0] == 12


def test_errors_say_what_is_wrong() -> None:
    with pytest.raises(InvalidEvidenceError, match="measure must be one of OR, RR"):
        mantel_haenszel(BCG, "SMD")
    with pytest.raises(InvalidEvidenceError, match="TwoRates for IRR"):
        mantel_haenszel(BCG, "IRR")
    with pytest.raises(
        UnknownMethodError, match=r"variance of RD 'X'\. Known: Sato, GR"
    ):
        mantel_haenszel(BCG, "RD", variance="X")
    with pytest.raises(UnknownMethodError, match="continuity correction"):
        mantel_haenszel(BCG, correction="yes")
    with pytest.raises(InvalidEvidenceError, match="level must be between 0 and 1"):
        mantel_haenszel(BCG, level=95)
    with pytest.raises(InvalidEvidenceError, match="mask must be true or false"):
        mantel_haenszel(BCG, mask=[1] * 13)
    with pytest.raises(InvalidEvidenceError, match="at least one study of each set"):
        mantel_haenszel(BCG, mask=np.zeros(13, dtype=bool))


def test_no_heterogeneity_among_fewer_than_two_effects() -> None:
    # metafor 3.8-1, rma.mh: QE 0 and QEp 1, the ratio itself undefined (first) and
    # the difference pooled from other counts than the study's own effect (second).
    sparse = TwoByTwo.from_counts(
        events1=[0, 0, 1], n1=[20, 23, 29], events2=[0, 0, 0], n2=[69, 24, 82]
    )
    single = TwoByTwo.from_counts(events1=[0], n1=[14], events2=[2], n2=[12])
    for table in (sparse, single):
        for measure in ("RR", "OR", "RD"):
            fit = mantel_haenszel(table, measure)
            assert (float(fit.Q), float(fit.Q_p)) == (0.0, 1.0)
    difference = mantel_haenszel(sparse, "RD")
    assert abs(float(difference.estimate) - 0.0151773627443944) < 1e-15
    assert abs(float(difference.se) - 0.0146056085644688) < 1e-15
