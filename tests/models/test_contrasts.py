"""Contrasts, terms, inflation, nested models, all subsets, permutation, bootstrap."""

from itertools import permutations

import numpy as np
import pytest
from scipy import stats

from k2stats.datasets import bcg
from k2stats.effectsizes import EffectSizes, effect_sizes
from k2stats.errors import InvalidEvidenceError, UnknownMethodError
from k2stats.models.collinearity import vif
from k2stats.models.comparison import likelihood_ratio_test
from k2stats.models.contrasts import contrast, pairwise, term_test, wald_anova
from k2stats.models.meta_regression import meta_regression
from k2stats.models.multimodel import multimodel
from k2stats.models.regression_bootstrap import r2_interval
from k2stats.models.regression_permutation import regression_permutation
from k2stats.results.regression import MetaRegression

ES = effect_sizes(bcg.BCG, "RR")
DATA = bcg.frame()


def fit_bcg(formula: str, rows: int = 13, **options: str) -> MetaRegression:
    return meta_regression(ES[:rows], formula, data=DATA.iloc[:rows], **options)  # type: ignore[arg-type]


FULL = fit_bcg("~ ablat + year + factor(alloc)", ci="HK")


def test_terms_agree_with_metafor() -> None:
    # anova(rma(..., mods = ~ ablat + year + factor(alloc), test = "knha"), btt = 4:5)
    # of metafor 3.8
    test = term_test(FULL, "factor(alloc)")
    np.testing.assert_allclose([test.statistic, test.p], [0.6503, 0.5474], atol=5e-5)
    frame = wald_anova(FULL)
    assert list(frame.index) == ["ablat", "year", "factor(alloc)"]
    np.testing.assert_allclose(frame["F"].iloc[0], FULL.statistic[1] ** 2)
    np.testing.assert_allclose(frame["p"].iloc[0], FULL.p[1])


def test_inflation_agrees_with_metafor() -> None:
    # vif(fit) and vif(fit, btt = 4:5) of metafor 3.8
    frame = vif(FULL)
    np.testing.assert_allclose(frame["gvif"], [1.7697, 1.9148, 1.2339], atol=5e-5)
    np.testing.assert_allclose(frame["gsif"].iloc[2], 1.0540, atol=5e-5)
    single = vif(FULL, by="coefficient")
    np.testing.assert_allclose(
        single["gvif"], [1.7697, 1.9148, 2.0858, 2.0193], atol=5e-5
    )


def test_text_contrasts_agree_with_metafor() -> None:
    # anova(fit, X = rbind(c(0,10,-1,0,0), c(0,0,0,1,0)), rhs = c(1,0)) of metafor 3.8
    made = contrast(FULL, ["10*ablat - year = 1", "factor(alloc)random"])
    np.testing.assert_allclose(made.statistic, [-10.0677, -0.7984], atol=5e-5)
    np.testing.assert_allclose(made.se, [0.1235, 0.4284], atol=5e-5)
    assert made.joint is not None
    np.testing.assert_allclose(made.joint.statistic, 58.4926, atol=5e-5)
    assert made.labels == ("10*ablat - year", "factor(alloc)random")


@pytest.mark.parametrize(
    ("text", "row", "rhs"),
    [
        ("ablat", [0, 1, 0, 0, 0], 0.0),
        ("ablat = year + 2", [0, 1, -1, 0, 0], 2.0),
        ("-2 * ablat + year", [0, -2, 1, 0, 0], 0.0),
        ("intrcpt - -3*year = -1", [1, 0, 3, 0, 0], -1.0),
        ("factor(alloc)[T.random] - factor(alloc)systematic", [0, 0, 0, 1, -1], 0.0),
        ("1e1*ablat - 4", [0, 10, 0, 0, 0], 4.0),
    ],
)
def test_text_is_read_as_algebra(text: str, row: list[float], rhs: float) -> None:
    made = contrast(FULL, text)
    np.testing.assert_array_equal(made.L[0], row)
    assert float(made.rhs[0]) == rhs
    by_row = contrast(FULL, [row], rhs=rhs)
    np.testing.assert_array_equal(made.statistic, by_row.statistic)


def test_mappings_and_dependent_rows() -> None:
    made = contrast(FULL, [{"ablat": 2.0}, {"ablat": 1.0}, {"year": -1.0}])
    assert made.joint is None
    assert made.labels == ("2*ablat", "ablat", "-year")
    np.testing.assert_allclose(made.p[:2], FULL.p[1])


def test_pairs_of_levels_do_not_depend_on_the_reference_level() -> None:
    made = pairwise(FULL, "alloc")
    frame = made.to_frame()
    np.testing.assert_allclose(
        frame["estimate"].loc["random - alternate"], FULL.beta[3], rtol=1e-12
    )
    np.testing.assert_allclose(
        frame["estimate"].loc["systematic - random"], FULL.beta[4] - FULL.beta[3]
    )
    sums = fit_bcg("~ ablat + year + C(alloc, contr.sum)", ci="HK")
    other = pairwise(sums, "alloc")
    np.testing.assert_allclose(other.estimate, made.estimate, rtol=1e-8)
    np.testing.assert_allclose(other.p, made.p, rtol=1e-8)


def test_unknown_coefficients_terms_and_moderators() -> None:
    with pytest.raises(UnknownMethodError, match="Unknown coefficient 'ablt'"):
        contrast(FULL, "ablt")
    with pytest.raises(UnknownMethodError, match="Unknown term 'alloc'"):
        term_test(FULL, "alloc")
    with pytest.raises(UnknownMethodError, match="Unknown moderator 'x'"):
        pairwise(FULL, "x")
    with pytest.raises(InvalidEvidenceError, match="of 5 columns"):
        contrast(FULL, [[1.0, 2.0]])
    with pytest.raises(InvalidEvidenceError, match="combination of coefficients"):
        contrast(FULL, "3 = 3")


def test_likelihood_ratio_agrees_with_metafor() -> None:
    # anova(full, reduced) of metafor 3.8, both by ML at a threshold of 1e-12
    reduced = fit_bcg("~ ablat", tau2="ML")
    full = fit_bcg("~ ablat + factor(alloc)", tau2="ML")
    made = likelihood_ratio_test(full, reduced)
    np.testing.assert_allclose(made.statistic, 1.34440740, atol=1e-7)
    np.testing.assert_allclose(made.p, 0.51058217, atol=1e-8)
    np.testing.assert_allclose(made.R2, 14.44356535, atol=1e-6)
    frame = made.to_frame()
    assert frame.loc["full", "parameters"] == 5
    np.testing.assert_allclose(frame["AICc"].loc["reduced"], 24.03799772, atol=1e-7)


def test_tau2_alone_is_tested_at_the_boundary() -> None:
    common, mixed = (fit_bcg("~ ablat", tau2=t, ci="z") for t in ("EE", "ML"))
    made = likelihood_ratio_test(mixed, common)
    assert made.boundary
    np.testing.assert_allclose(made.p, 0.5 * stats.chi2.sf(made.statistic, 1))


def test_likelihoods_that_cannot_be_compared() -> None:
    one, two = fit_bcg("~ ablat"), fit_bcg("~ ablat + year")
    with pytest.raises(
        InvalidEvidenceError, match="restricted likelihoods of different"
    ):
        likelihood_ratio_test(one, two)
    one, two = fit_bcg("~ ablat", tau2="DL"), fit_bcg("~ ablat + year", tau2="DL")
    with pytest.raises(InvalidEvidenceError, match="comparison of likelihoods"):
        likelihood_ratio_test(one, two)
    one = fit_bcg("~ ablat", tau2="ML")
    two = fit_bcg("~ year + C(alloc)", tau2="ML")
    with pytest.raises(InvalidEvidenceError, match="nested: every column"):
        likelihood_ratio_test(one, two)
    with pytest.raises(InvalidEvidenceError, match="one with more parameters"):
        likelihood_ratio_test(one, fit_bcg("~ year", tau2="ML"))
    with pytest.raises(InvalidEvidenceError, match="fits of the same effects"):
        likelihood_ratio_test(one, fit_bcg("~ ablat + year", rows=12, tau2="ML"))


def test_all_subsets_agree_with_single_fits() -> None:
    made = multimodel(ES, "~ ablat + year + C(alloc)", data=DATA)
    assert made.included.shape == (8, 3)
    assert made.failed == 0
    np.testing.assert_allclose(made.weight.sum(), 1.0)
    for value, row, beta in zip(made.value, made.included, made.beta, strict=True):
        names = [t for t, here in zip(made.terms, row, strict=True) if here]
        fit = fit_bcg("~ " + " + ".join(["1", *names]), tau2="ML", ci="z")
        np.testing.assert_allclose(value, fit.aicc, rtol=1e-9)
        inside = [made.full.names.index(n) for n in fit.names]
        np.testing.assert_allclose(beta[inside], fit.beta, rtol=1e-6)
    delta = made.value - made.value[0]
    expected = np.exp(-delta / 2) / np.exp(-delta / 2).sum()
    np.testing.assert_allclose(made.weight, expected)
    importance = made.importance
    assert importance.index[0] == "ablat"
    np.testing.assert_allclose(
        importance["ablat"], made.weight[made.included[:, 0]].sum()
    )
    averaged = made.averaged()
    np.testing.assert_allclose(averaged["estimate"], made.weight @ made.beta)
    assert made.to_frame(3)["terms"].iloc[0] == "ablat"


def test_interactions_come_with_their_parts() -> None:
    made = multimodel(ES, "~ ablat * year", data=DATA, criterion="AIC")
    assert made.terms == ("ablat", "year", "ablat:year")
    assert sorted(map(tuple, made.included.tolist())) == [
        (False, False, False),
        (False, True, False),
        (True, False, False),
        (True, True, False),
        (True, True, True),
    ]
    kept = multimodel(ES, "~ ablat * year", data=DATA, always=["ablat"])
    assert kept.terms == ("year", "ablat:year")
    assert len(kept.value) == 3


def test_all_subsets_refuse_restricted_likelihoods() -> None:
    with pytest.raises(InvalidEvidenceError, match="'ML' or 'EE'"):
        multimodel(ES, "~ ablat", data=DATA, tau2="REML")
    with pytest.raises(InvalidEvidenceError, match="AICc, AIC, BIC"):
        multimodel(ES, "~ ablat", data=DATA, criterion="Cp")
    with pytest.raises(UnknownMethodError, match="Unknown term 'x'"):
        multimodel(ES, "~ ablat", data=DATA, always=["x"])


def test_exact_permutation_agrees_with_metafor() -> None:
    # permutest(..., exact = TRUE) of metafor 3.8 on the first 7 and 9 trials
    slope = regression_permutation(fit_bcg("~ ablat", rows=7, ci="z"))
    assert (slope.exact, slope.permutations) == (True, 2520)
    np.testing.assert_allclose(slope.p, [0.9170634921, 0.1841269841], atol=1e-10)
    factor = regression_permutation(fit_bcg("~ factor(alloc)", rows=9, ci="HK"))
    assert factor.permutations == 36
    np.testing.assert_allclose(factor.p, [0.7777777778, 0.3888888889], atol=1e-10)
    np.testing.assert_allclose(factor.omnibus_p, 0.3888888889, atol=1e-10)


def test_exact_permutation_agrees_with_every_order() -> None:
    fit = fit_bcg("~ ablat + year", rows=5, tau2="DL", ci="z")
    count = np.zeros(3)
    for order in permutations(range(5)):
        es = EffectSizes.from_arrays(ES.y[list(order)], ES.v[list(order)])
        other = meta_regression(es, fit.design.X, tau2="DL", ci="z")
        count += np.abs(other.statistic) >= np.abs(fit.statistic) * (1 - 1e-8)
    made = regression_permutation(fit)
    np.testing.assert_allclose(made.p, count / 120.0, rtol=1e-12)


def test_drawn_permutations_repeat_and_approach_the_exact_p() -> None:
    fit = fit_bcg("~ ablat", rows=7, ci="z")
    draws = {"permutations": 4000, "exact": False}
    first = regression_permutation(fit, rng=3, **draws)  # type: ignore[arg-type]
    again = regression_permutation(fit, rng=3, **draws)  # type: ignore[arg-type]
    np.testing.assert_array_equal(first.p, again.p)
    np.testing.assert_allclose(
        first.p, [0.9170634921, 0.1841269841], atol=4 * first.standard_error.max()
    )
    with pytest.raises(InvalidEvidenceError, match="rng must be given"):
        regression_permutation(fit, exact=False)
    with pytest.raises(InvalidEvidenceError, match="a fit with moderators"):
        regression_permutation(meta_regression(ES, "~ 1"))


def test_bootstrap_of_r2_by_hand() -> None:
    fit = fit_bcg("~ ablat", tau2="DL")
    made = r2_interval(fit, draws=20, kind="parametric", rng=7)
    z = np.random.default_rng(7).standard_normal((20, 13))
    expected = []
    for row in z:
        y = fit.fitted() + np.sqrt(ES.v + float(fit.tau2)) * row
        es = EffectSizes.from_arrays(y, ES.v)
        expected.append(
            float(meta_regression(es, "~ x", data={"x": bcg.ABLAT}, tau2="DL").R2)
        )
    np.testing.assert_allclose(made.draws, expected, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(
        [made.low, made.high], np.quantile(expected, [0.025, 0.975]), atol=1e-9
    )


def test_cases_without_a_slope_are_counted_and_left_out() -> None:
    es = EffectSizes.from_arrays([0.1, 0.5, 0.9, 0.4], [0.02] * 4)
    fit = meta_regression(es, "~ x", data={"x": [0, 0, 0, 1]}, tau2="DL")
    made = r2_interval(fit, draws=400, rng=1)
    # the one study that differs is not drawn in (3/4)^4 of the draws, nor may it be all
    share = (3 / 4) ** 4 + (1 / 4) ** 4
    assert abs(made.failed - 400 * share) < 4 * np.sqrt(400 * share * (1 - share))
    assert made.draws.size == 400 - made.failed
    with pytest.raises(InvalidEvidenceError, match="that has an R2"):
        r2_interval(meta_regression(es, "~ 1"), rng=1)
