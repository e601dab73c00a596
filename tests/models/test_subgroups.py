"""Subgroup analyses: published figures, other ways to the same numbers, laws."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats
from statsmodels.stats.oneway import anova_oneway

from k2stats._typing import Floats
from k2stats.datasets.published import published
from k2stats.effectsizes import EffectSizes
from k2stats.errors import InvalidEvidenceError, MissingInputError, UnknownMethodError
from k2stats.models import meta_regression, pool
from k2stats.models.subgroups import subgroups
from k2stats.results.difference_tests import DIFFERENCE_TESTS
from models.pool_examples import bcg, sets

TUTORING = EffectSizes.from_arrays(
    [0.110, 0.224, 0.338, 0.451, 0.480, 0.440, 0.492, 0.651, 0.710, 0.740],
    [0.010, 0.030, 0.020, 0.015, 0.010, 0.015, 0.020, 0.015, 0.025, 0.012],
    measure="SMD",
    by=list("AAAAABBBBB"),
)
"""Ten studies of two kinds of tutoring: Borenstein, Hedges, Higgins and Rothstein
(2009), Introduction to Meta-Analysis, chapter 19, pp. 149-186.

The pages themselves were not at hand when these citations were last checked. A second
print was found of the effects, the variances and the figures of all ten studies (a
teaching script on the example: Q 26.4371, T2 0.0299, means 0.4581 and 0.4638), none of
the figures by subgroup, which add up to them.
"""
ALLOC = published("bcg").frame()["alloc"]
SIX = np.array([0, 0, 1, 0, 1, 1, 2, 0, 2, 1, 2, 0, 1])


def thirteen(seed: int = 1, shape: tuple[int, ...] = (), **more: Any) -> EffectSizes:
    y, v = sets(seed, (*shape, 13))
    return EffectSizes.from_arrays(y, v, measure="SMD", check_scale=False, **more)


def test_q_is_parted_as_in_the_book() -> None:
    # Borenstein et al. (2009), chapter 19, common effects: Q of A 8.4316, of B 4.5429,
    # of all 26.4371; within 12.9745, between 13.4626; means 0.3241 and 0.6111.
    made = subgroups(TUTORING, model="common")
    assert [round(float(f.Q), 4) for f in made] == [8.4316, 4.5429]
    assert round(float(made.overall.Q), 4) == 26.4371
    assert round(float(made.within_common.statistic), 4) == 12.9745
    assert round(float(made.between_common.statistic), 4) == 13.4626
    assert (made.within_common.df, made.between_common.df) == (8, 1)
    assert made.estimate.round(4).tolist() == [0.3241, 0.6111]
    assert round(float(made.overall.estimate), 4) == 0.4581
    both = pool(TUTORING, tau2="DL", ci="z")
    assert round(float(both.tau2), 4) == 0.0299
    assert round(float(both.estimate), 4) == 0.4638
    np.testing.assert_allclose(
        float(made.between.statistic), float(made.between_common.statistic), rtol=1e-12
    )


def test_tau2_separate_and_pooled_within_subgroups_as_in_the_book() -> None:
    # The same chapter, DerSimonian-Laird: T2 is 0.0164 in A, 0.0022 in B, 0.0097
    # within both; the mean of A is 0.3245 and that of B 0.6100 with T2 separate.
    own = subgroups(TUTORING, tau2="DL", ci="z")
    assert own.tau2.round(4).tolist() == [0.0164, 0.0022]
    assert own.estimate.round(4).tolist() == [0.3245, 0.6100]
    one = subgroups(TUTORING, tau2="DL", ci="z", common_tau2=True)
    assert one.tau2.round(4).tolist() == [0.0097, 0.0097]
    w = 1.0 / TUTORING.v
    c = sum(w[at].sum() - (w[at] ** 2).sum() / w[at].sum() for at in one.positions)
    np.testing.assert_allclose(one.tau2[0], (12.97450127 - 8.0) / c, rtol=1e-7)


def test_bcg_random_against_other_allocation() -> None:
    # metafor-project.org, "Comparing Estimates of Independent Meta-Analyses or
    # Subgroups": REML -0.971 (SE 0.276, tau2 0.393) and -0.481 (0.217, 0.212), z of
    # the difference -1.395; with one tau2 the difference is -0.490 (0.362), tau2 0.318.
    by = np.where(ALLOC == "random", "random", "other")
    own = subgroups(bcg(), by.tolist(), ci="z")
    assert own.groups == ("random", "other")
    assert own.estimate.round(3).tolist() == [-0.971, -0.481]
    assert own.se.round(3).tolist() == [0.276, 0.217]
    assert own.tau2.round(3).tolist() == [0.393, 0.212]
    assert round(float(own.between.statistic), 2) == round(1.395**2, 2)
    assert own.differences().loc["other - random", "statistic"] == pytest.approx(
        1.395, abs=0.0005
    )
    one = subgroups(bcg(), by.tolist(), ci="z", common_tau2=True)
    row = one.differences().loc["other - random"].to_numpy()
    assert row[:2].round(3).tolist() == [0.490, 0.362]
    assert one.tau2.round(3).tolist() == [0.318, 0.318]


def test_bcg_by_allocation_as_stata_prints_it() -> None:
    # Stata's Meta-Analysis Reference Manual, entry "meta forestplot", the BCG data by
    # alloc: "Test of group differences: Qb(2) = 1.86, p = 0.39". The entry is at
    # docslib.org/doc/12384863; this line of it was not found again in text.
    made = subgroups(bcg(), ALLOC, profile="Stata")
    assert made.by == "alloc"
    assert round(float(made.between.statistic), 2) == 1.86
    assert round(float(made.between.p), 2) == 0.39


@pytest.mark.parametrize("ci", ["z", "t", "HK", "HK-adhoc", "KR"])
def test_a_common_tau2_is_the_meta_regression_on_the_groups(ci: str) -> None:
    data = {"by": [f"g{i}" for i in SIX]}
    es = thirteen(4, by=data["by"])
    made = subgroups(es, ci=ci, common_tau2=True)
    fit = meta_regression(es, "~ C(by)", data=data, ci=ci)
    np.testing.assert_allclose(made.tau2, float(fit.tau2), rtol=1e-9)
    assert made.between.df == fit.omnibus.df
    assert made.between.kind == fit.omnibus.kind
    np.testing.assert_allclose(made.between.p, fit.omnibus.p, rtol=1e-8)
    at = fit.predict({"by": list(made.groups)})
    low, high = made.conf_int()
    ahead = made.prediction_interval()
    for ours, theirs in (
        (made.estimate, at.estimate),
        (made.se, at.se),
        (low, at.low),
        (high, at.high),
        (ahead[0], at.pi_low),
        (ahead[1], at.pi_high),
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-8)
    np.testing.assert_allclose(made.R2, fit.R2, rtol=1e-8, atol=1e-8)
    other = made.conf_int(0.8)
    np.testing.assert_allclose(
        other[0], fit.predict({"by": list(made.groups)}, level=0.8).low, rtol=1e-8
    )


def test_common_reml_tau2_is_where_the_restricted_likelihood_is_highest() -> None:
    es = thirteen(9, by=SIX.tolist())
    X = np.eye(3)[SIX]

    def deviance(log_tau2: float) -> float:
        V = np.diag(es.v + np.exp(log_tau2))
        W = np.linalg.inv(V)
        inner = X.T @ W @ X
        r = es.y - X @ np.linalg.solve(inner, X.T @ W @ es.y)
        return float(np.linalg.slogdet(V)[1] + np.linalg.slogdet(inner)[1] + r @ W @ r)

    grid = np.linspace(-14.0, 4.0, 400)
    start = grid[int(np.argmin([deviance(x) for x in grid]))]
    found = optimize.minimize_scalar(
        deviance,
        bounds=(start - 0.1, start + 0.1),
        method="bounded",
        options={"xatol": 1e-10},
    )
    made = subgroups(es, common_tau2=True)
    np.testing.assert_allclose(made.tau2[0], np.exp(found.x), rtol=1e-5)


def test_equal_variances_give_the_analyses_of_variance_of_the_effects() -> None:
    # With one variance for all studies Hartung and Knapp's standard error is that of a
    # plain mean: the tests are Welch's, and the F, of an analysis of variance.
    rng = np.random.default_rng(5)
    y = rng.normal([0.0] * 4 + [0.5] * 5 + [0.2] * 7, 0.7)
    by = ["a"] * 4 + ["b"] * 5 + ["c"] * 7
    es = EffectSizes.from_arrays(y, np.full(16, 0.02), measure="MD", by=by)
    parts = [y[:4], y[4:9], y[9:]]
    own = subgroups(es)
    welch = own.difference_test("Welch")
    known = anova_oneway(parts, use_var="unequal", welch_correction=True)
    np.testing.assert_allclose(welch.statistic, known.statistic, rtol=1e-8)
    assert welch.ddf is not None
    np.testing.assert_allclose(welch.ddf, known.df_denom, rtol=1e-8)
    np.testing.assert_allclose(welch.p, known.pvalue, rtol=1e-8)
    one = subgroups(es, common_tau2=True)
    f = stats.f_oneway(*parts)
    np.testing.assert_allclose(one.between.statistic, f.statistic, rtol=1e-8)
    np.testing.assert_allclose(one.between.p, f.pvalue, rtol=1e-8)
    np.testing.assert_allclose(one.difference_test("F").p, f.pvalue, rtol=1e-8)
    t = stats.ttest_ind(parts[1], parts[0], equal_var=False)
    row = own.differences().iloc[0]
    np.testing.assert_allclose(row["statistic"], t.statistic, rtol=1e-8)
    np.testing.assert_allclose(row["df"], t.df, rtol=1e-8)
    np.testing.assert_allclose(row["p"], t.pvalue, rtol=1e-8)
    ends = t.confidence_interval(0.95)
    np.testing.assert_allclose(
        [row["ci_low"], row["ci_high"]], [ends.low, ends.high], rtol=1e-8
    )


def test_two_subgroups_by_welch_are_their_difference() -> None:
    made = subgroups(TUTORING)
    row = made.differences().iloc[0]
    test = made.difference_test("Welch")
    np.testing.assert_allclose(test.statistic, row["statistic"] ** 2, rtol=1e-12)
    assert test.ddf is not None
    np.testing.assert_allclose(test.ddf, row["df"], rtol=1e-12)
    np.testing.assert_allclose(test.p, row["p"], rtol=1e-10)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.permutations(range(13)), st.booleans())
def test_order_and_names_of_subgroups_do_not_matter(
    seed: int, order: list[int], common: bool
) -> None:
    es = thirteen(seed)
    names = np.array(["x", "y", "z"])
    made = subgroups(es, SIX.tolist(), common_tau2=common)
    moved = subgroups(es[order], names[SIX][order].tolist(), common_tau2=common)
    where = [moved.groups.index(names[g]) for g in made.groups]  # type: ignore[call-overload]
    np.testing.assert_allclose(
        moved.estimate[where], made.estimate, rtol=1e-6, atol=1e-9
    )
    np.testing.assert_allclose(moved.between.p, made.between.p, rtol=1e-5, atol=1e-12)
    np.testing.assert_allclose(
        made.overall.Q,
        made.within_common.statistic + made.between_common.statistic,
        rtol=1e-9,
    )


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["Q", "Welch"]))
def test_shift_and_scale_leave_the_test_alone(seed: int, test: str) -> None:
    es = thirteen(seed)
    moved = EffectSizes.from_arrays(
        3.0 + 2.0 * es.y, 4.0 * es.v, measure="SMD", check_scale=False
    )
    a, b = (subgroups(e, SIX.tolist(), test=test) for e in (es, moved))
    np.testing.assert_allclose(a.between.p, b.between.p, rtol=1e-6, atol=1e-12)
    assert a.test.name == b.test.name == test


@pytest.mark.parametrize("common", [False, True])
def test_a_batch_is_its_elements(common: bool) -> None:
    es = thirteen(2, shape=(2, 3))
    made = subgroups(es, SIX.tolist(), common_tau2=common)
    assert made.shape == (2, 3)
    assert made.estimate.shape == (2, 3, 3)
    one = subgroups(
        EffectSizes.from_arrays(es.y[1, 2], es.v[1, 2], check_scale=False),
        SIX.tolist(),
        common_tau2=common,
    )
    for name in ("estimate", "se", "tau2", "p", "R2"):
        np.testing.assert_allclose(
            getattr(made, name)[1, 2], getattr(one, name), rtol=1e-9, equal_nan=True
        )
    for ours, theirs in (
        (made.between, one.between),
        (made.between_common, one.between_common),
        (made.within_common, one.within_common),
    ):
        np.testing.assert_allclose(ours.p[1, 2], theirs.p, rtol=1e-8)
    for ours_, theirs_ in zip(
        (*made.conf_int(0.9), *made.prediction_interval()),
        (*one.conf_int(0.9), *one.prediction_interval()),
        strict=True,
    ):
        np.testing.assert_allclose(ours_[1, 2], theirs_, rtol=1e-8)


@pytest.mark.parametrize("common", [False, True])
def test_absent_studies_are_as_if_they_were_not_there(common: bool) -> None:
    es = thirteen(3)
    mask = np.arange(13) != 7
    kept = subgroups(es[mask], SIX[mask].tolist(), common_tau2=common)
    made = subgroups(es, SIX.tolist(), common_tau2=common, mask=mask)
    np.testing.assert_allclose(made.estimate, kept.estimate, rtol=1e-9)
    np.testing.assert_allclose(made.se, kept.se, rtol=1e-9)
    np.testing.assert_allclose(made.k, kept.k)
    np.testing.assert_allclose(made.between.p, kept.between.p, rtol=1e-9)
    np.testing.assert_allclose(
        made.within_common.statistic, kept.within_common.statistic, rtol=1e-9
    )
    assert made.within_common.df == kept.within_common.df


def test_separate_subgroups_are_meta_analyses_of_their_own() -> None:
    es, w = thirteen(6), np.linspace(1.0, 2.0, 13)
    made = subgroups(es, SIX.tolist(), weights=w, tau2="GENQ", ci="t", level=0.9)
    for group, fit, at in zip(made.groups, made.fits, made.positions, strict=True):
        alone = pool(es[at], weights=w[at], tau2="GENQ", ci="t", level=0.9)
        assert made[group] is fit
        for name in ("estimate", "se", "tau2", "Q", "I2", "ci_low", "p"):
            assert float(getattr(fit, name)) == float(getattr(alone, name))
        assert fit.tau2_interval().high == alone.tau2_interval().high


def test_a_subgroup_of_one_study() -> None:
    by = ["a"] * 12 + ["b"]
    es = thirteen(1)
    own = subgroups(es, by)
    half = stats.norm.ppf(0.975) * np.sqrt(es.v[12])
    np.testing.assert_allclose(own["b"].ci_high - own["b"].estimate, half, rtol=1e-12)
    assert float(own["b"].tau2) == 0.0
    assert np.isfinite(own.between.p)
    one = subgroups(es, by, common_tau2=True)
    # with HK factor 1 or not, the variance is that of the study and of tau2
    made = subgroups(es, by, common_tau2=True, ci="z")
    np.testing.assert_allclose(made["b"].se ** 2, es.v[12] + made.tau2[1], rtol=1e-10)
    assert np.isfinite(one.prediction_interval()[0]).all()


def test_a_given_tau2_holds_in_every_subgroup() -> None:
    es = thirteen(1)
    own = subgroups(es, SIX.tolist(), tau2_value=0.2, ci="z")
    one = subgroups(es, SIX.tolist(), tau2_value=0.2, ci="z", common_tau2=True)
    np.testing.assert_allclose(own.se, one.se, rtol=1e-12)
    np.testing.assert_allclose(own.between.p, one.between.p, rtol=1e-10)
    with pytest.raises(InvalidEvidenceError, match="estimated and common"):
        one.tau2_interval()


def test_interval_of_the_common_tau2_by_q_profile() -> None:
    es = thirteen(9)
    made = subgroups(es, SIX.tolist(), common_tau2=True)
    ends = made.tau2_interval()

    def q(tau2: float) -> float:
        total = 0.0
        for at in made.positions:
            w = 1.0 / (es.v[at] + tau2)
            m = (w * es.y[at]).sum() / w.sum()
            total += float((w * (es.y[at] - m) ** 2).sum())
        return total

    assert q(float(ends.low)) == pytest.approx(stats.chi2.ppf(0.975, 10), rel=1e-7)
    assert q(float(ends.high)) == pytest.approx(stats.chi2.ppf(0.025, 10), rel=1e-7)
    with pytest.raises(InvalidEvidenceError, match="estimated for an interval"):
        made.fits[0].tau2_interval()


def test_a_member_of_a_common_model_answers_from_it() -> None:
    es = thirteen(8)
    made = subgroups(es, SIX.tolist(), common_tau2=True)
    fit = made.fits[1]
    w = 1.0 / (es.v[made.positions[1]] + made.tau2[1])
    np.testing.assert_allclose(fit.weights, 100.0 * w / w.sum(), rtol=1e-10)
    low, high = fit.prediction_interval(level=0.9)
    np.testing.assert_allclose(fit.probability_above(high), 0.05, rtol=1e-8)
    np.testing.assert_allclose(fit.probability_above(low), 0.95, rtol=1e-8)
    z = subgroups(es, SIX.tolist(), common_tau2=True, ci="z").fits[1]
    np.testing.assert_allclose(fit.conf_int(method="z"), z.conf_int(), rtol=1e-10)
    assert np.isfinite(fit.loglik)


def test_where_the_subgroups_come_from() -> None:
    es = bcg()
    frame = pd.DataFrame(
        {"arm": pd.Categorical(ALLOC, ["systematic", "random", "x", "alternate"])}
    )
    by_name = subgroups(es, "arm", data=frame)
    assert by_name.groups == ("systematic", "random", "alternate")
    assert by_name.by == "arm"
    carried = EffectSizes.from_arrays(es.y, es.v, measure="RR", by=list(ALLOC))
    assert subgroups(carried).groups == ("random", "alternate", "systematic")
    numbers = subgroups(es, SIX.tolist())
    assert numbers.groups == (0, 1, 2)
    assert float(numbers[2].k) == 3.0


def test_errors_name_what_is_wrong() -> None:
    es = bcg()
    with pytest.raises(MissingInputError, match="by is needed for subgroups"):
        subgroups(es)
    with pytest.raises(MissingInputError, match="data is needed for the subgroups by"):
        subgroups(es, "alloc")
    with pytest.raises(UnknownMethodError, match=r"Unknown column 'arm'\. Known: a"):
        subgroups(es, "arm", data={"a": list(range(13))})
    with pytest.raises(InvalidEvidenceError, match="of length 13, one for each"):
        subgroups(es, ["a"] * 12)
    with pytest.raises(InvalidEvidenceError, match=r"given for every study .*\[2\]"):
        subgroups(es, ["a", "b", None, *(["b"] * 10)])
    with pytest.raises(InvalidEvidenceError, match="two subgroups at least, got 1"):
        subgroups(es, ["a"] * 13)
    with pytest.raises(InvalidEvidenceError, match="'Q' or 'Welch' where each"):
        subgroups(es, ALLOC, test="F")
    with pytest.raises(UnknownMethodError, match="test of differences 'chi'"):
        subgroups(es, ALLOC, test="chi")
    with pytest.raises(InvalidEvidenceError, match="'random' where tau2 is common"):
        subgroups(es, ALLOC, common_tau2=True, model="IVhet")
    with pytest.raises(InvalidEvidenceError, match="at least 14 studies"):
        subgroups(es, list(range(13)), common_tau2=True)
    with pytest.raises(InvalidEvidenceError, match="for models with moderators"):
        subgroups(es, ALLOC, common_tau2=True, ci="permutation", rng=1)
    with pytest.raises(InvalidEvidenceError, match="es must be EffectSizes"):
        subgroups([0.1, 0.2], ["a", "b"])  # type: ignore[arg-type]
    with pytest.raises(InvalidEvidenceError, match="one of random, alternate"):
        subgroups(es, ALLOC)["no such"]


def test_every_test_of_differences_has_a_paper_and_an_equation() -> None:
    for entry in DIFFERENCE_TESTS.entries():
        assert entry.label
        assert "(" in entry.reference
        assert entry.equation


@pytest.mark.long
def test_sizes_of_the_tests_of_differences() -> None:
    # What the docstring says: 20,000 sets, p below 0.05, in percent.
    rng = np.random.default_rng(7)
    for each, q, welch, f in ((3, 13.6, 4.3, 6.1), (10, 7.9, 5.9, 6.1)):
        by = [0] * each + [1] * each
        v = rng.uniform(0.02, 0.3, (20_000, 2 * each))
        y = rng.normal(0.0, np.sqrt(v + 0.1))
        es = EffectSizes.from_arrays(y, v, check_scale=False)
        own = subgroups(es, by)
        one = subgroups(es, by, common_tau2=True)
        found = [own.between, own.difference_test("Welch"), one.between]
        for test, printed in zip(found, (q, welch, f), strict=True):
            share: Floats = np.asarray(100.0 * (test.p < 0.05).mean())
            assert abs(float(share) - printed) < 4.0 * np.sqrt(printed * 100 / 20_000)
