"""The front door: published analyses, models, one study, messages."""

import numpy as np
import pytest

from k2stats.effectsizes import EffectSizes
from k2stats.errors import (
    ConvergenceError,
    InvalidEvidenceError,
    MissingInputError,
    UnknownMethodError,
)
from k2stats.models import MODELS, fit_arrays, meta_regression, pool, robust
from models.pool_examples import bcg, expectancy

HALF = 0.5e-4
"""Half a unit of the fourth decimal."""


def test_bcg_by_reml_as_printed() -> None:
    # Viechtbauer (2010) J Stat Softw 36(3), section 3.1: rma(yi, vi, data = dat)
    fit = pool(bcg(), profile="metafor")
    assert abs(fit.estimate - -0.7145) < HALF
    assert abs(fit.se - 0.1798) < HALF
    assert abs(fit.statistic - -3.9744) < HALF
    assert fit.p < 0.0001
    assert abs(fit.ci_low - -1.0669) < HALF
    assert abs(fit.ci_high - -0.3622) < HALF
    assert abs(fit.tau2 - 0.3132) < HALF
    assert abs(fit.tau2_se - 0.1664) < HALF
    assert abs(fit.tau - 0.5597) < HALF
    assert abs(fit.I2 - 92.22) < 0.005
    assert abs(fit.H2 - 12.86) < 0.005
    assert abs(fit.Q - 152.2330) < HALF
    assert fit.Q_df == 12.0


def test_bcg_on_the_natural_scale_as_printed() -> None:
    # Viechtbauer (2010) J Stat Softw 36(3), section 3.1: predict(res, transf = exp)
    fit = pool(bcg(), profile="metafor")
    made, ahead = fit.natural(), fit.natural_prediction()
    assert abs(made.estimate - 0.4894) < HALF
    assert abs(made.low - 0.3441) < HALF
    assert abs(made.high - 0.6962) < HALF
    assert abs(ahead.low - 0.1546) < HALF
    assert abs(ahead.high - 1.5490) < HALF


def test_expectancy_as_printed() -> None:
    # Raudenbush (2009), Handbook of Research Synthesis, chapter 16, table 16.2:
    # fixed effects .060 (.036); random effects by REML .084 (.052), tau2 .019
    es = expectancy()
    fixed, fit = pool(es, model="common"), pool(es, ci="z")
    assert abs(fixed.estimate - 0.060) < 0.0005
    assert abs(fixed.se - 0.036) < 0.0005
    assert abs(fit.estimate - 0.084) < 0.0005
    assert abs(fit.se - 0.052) < 0.0005
    assert abs(fit.tau2 - 0.019) < 0.0005
    assert abs(fit.Q - 35.83) < 0.005


def test_weights_of_the_user() -> None:
    # metafor 3.8: rma(yi, vi, weights = w), threshold 1e-12, test "z" and "knha"
    w = [1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 4]
    fit = pool(bcg(), weights=w, ci="z")
    np.testing.assert_allclose(fit.estimate, -0.575933044257, rtol=1e-9)
    np.testing.assert_allclose(fit.se, 0.209735040215, rtol=1e-9)
    np.testing.assert_allclose(fit.tau2, 0.313243258136, rtol=1e-9)
    np.testing.assert_allclose(pool(bcg(), weights=w).se, 0.210913582994, rtol=1e-9)
    fixed = pool(bcg(), model="fixed", weights=w)
    np.testing.assert_allclose(fixed.se, 0.123375642255, rtol=1e-9)
    genq = pool(bcg(), tau2="GENQ", weights=w, ci="z")
    np.testing.assert_allclose(genq.tau2, 0.312524204600, rtol=1e-9)
    np.testing.assert_allclose(genq.estimate, -0.575933044257, rtol=1e-9)
    np.testing.assert_allclose(genq.se, 0.209577555012, rtol=1e-9)


def test_unweighted_mean() -> None:
    # metafor 3.8: rma(yi, vi, weighted = FALSE), threshold 1e-12
    fit = pool(bcg(), model="unweighted", ci="z")
    np.testing.assert_allclose(fit.estimate, -0.740650381211, rtol=1e-9)
    np.testing.assert_allclose(fit.se, 0.1893399088, rtol=1e-9)
    np.testing.assert_allclose(pool(bcg(), model="unweighted").se, 0.190403847291)


def test_multiplicative_is_weighted_least_squares() -> None:
    # R 4.2.2: lm(yi ~ 1, weights = 1 / vi)
    fit = pool(bcg(), model="multiplicative")
    np.testing.assert_allclose(fit.se, 0.144246548, rtol=1e-8)
    np.testing.assert_allclose(fit.p, 0.01142223504, rtol=1e-8)
    np.testing.assert_allclose(fit.ci, (-0.744571393, -0.1159989343), rtol=1e-8)


def test_birge_never_narrows() -> None:
    es = EffectSizes.from_arrays([0.1, 0.11, 0.12], [0.1, 0.1, 0.2])
    plain, scaled = pool(es, model="common"), pool(es, model="Birge")
    assert scaled.se == plain.se
    assert pool(es, model="multiplicative").se < plain.se
    ratio = pool(bcg(), model="Birge").se / pool(bcg(), model="common").se
    np.testing.assert_allclose(ratio**2, pool(bcg(), model="common").Q / 12.0)


def test_ivhet_by_its_formula() -> None:
    es = bcg()
    w = 1.0 / es.v
    tau2 = float(pool(es, tau2="DL").tau2)
    variance = (w**2 * (es.v + tau2)).sum() / w.sum() ** 2
    fit = pool(es, model="IVhet")
    np.testing.assert_allclose(fit.se, np.sqrt(variance), rtol=1e-12)
    np.testing.assert_allclose(fit.estimate, pool(es, model="common").estimate)
    assert fit.method.tau2.name == "DL"


def test_tau2_of_the_user() -> None:
    fit = pool(bcg(), tau2_value=0.5, ci="z")
    w = 1.0 / (bcg().v + 0.5)
    np.testing.assert_allclose(fit.se, w.sum() ** -0.5, rtol=1e-13)
    assert fit.method.tau2.name == "fixed"
    assert np.isnan(fit.tau2_se)


@pytest.mark.parametrize("name", ["EE", "FE", "CE"])
def test_metafor_names_of_the_common_effect(name: str) -> None:
    fit, same = pool(bcg(), tau2=name), pool(bcg(), model="common")
    assert fit.method.model.name == "common"
    assert fit.estimate == same.estimate
    assert fit.ci == same.ci


def test_every_model_answers_for_one_set_and_a_batch() -> None:
    es = bcg()
    batch = EffectSizes.from_arrays(
        np.stack([es.y, 2.0 * es.y]), np.stack([es.v, es.v])
    )
    for name in MODELS:
        one, many = pool(es, model=name), pool(batch, model=name)
        np.testing.assert_allclose(many.estimate[0], one.estimate, rtol=1e-12)
        np.testing.assert_allclose(many.ci_low[0], one.ci_low, rtol=1e-8)


def test_one_study_is_itself() -> None:
    es = EffectSizes.from_arrays([0.3], [0.04])
    fit = pool(es, ci="z")
    assert float(fit.estimate) == 0.3
    assert float(fit.tau2) == 0.0
    assert float(fit.k) == 1.0
    np.testing.assert_allclose(fit.se, 0.2)
    assert "One study: tau2 cannot be estimated and is taken as 0." in fit.summary()
    assert fit.converged
    hk = pool(es)
    assert np.isnan([hk.ci_low, hk.ci_high, hk.p]).all()
    low, high = hk.prediction_interval()
    assert np.isnan([low, high]).all()


def test_two_studies() -> None:
    fit = pool(EffectSizes.from_arrays([0.1, 0.5], [0.01, 0.02]))
    assert fit.df == 1.0
    assert np.isfinite([fit.ci_low, fit.ci_high]).all()
    assert np.isnan(fit.prediction_interval("HTS")).all()


def test_mask_leaves_studies_out() -> None:
    es = bcg()
    mask = np.arange(13) % 3 > 0
    np.testing.assert_allclose(pool(es, mask=mask).ci, pool(es[mask]).ci, rtol=1e-11)
    assert pool(es, mask=mask).k == mask.sum()
    np.testing.assert_allclose(
        pool(es, mask=mask).weights[mask], pool(es[mask]).weights, rtol=1e-9
    )


class TestMessages:
    def test_not_effect_sizes(self) -> None:
        with pytest.raises(
            InvalidEvidenceError, match=r"es must be EffectSizes .*got 'ndarray'"
        ):
            pool(np.array([0.1, 0.2]))  # type: ignore[arg-type]

    def test_missing_effects_name_the_rows(self) -> None:
        es = EffectSizes(
            y=np.array([0.1, np.nan, 0.2]),
            v=np.array([0.1, 0.1, np.inf]),
            measure="GEN",
        )
        with pytest.raises(
            InvalidEvidenceError, match=r"drop_incomplete.*violated in rows \[1, 2\]"
        ):
            pool(es)
        assert pool(es, mask=[True, False, False], ci="z").estimate == 0.1

    def test_missing_effects_of_a_batch_name_the_sets(self) -> None:
        y = np.zeros((3, 2))
        y[1, 0] = np.nan
        es = EffectSizes(y=y, v=np.ones((3, 2)), measure="GEN")
        with pytest.raises(InvalidEvidenceError, match=r"violated in rows \[1\]"):
            pool(es)

    def test_negative_variances_never_arrive(self) -> None:
        with pytest.raises(InvalidEvidenceError, match=r"v must be above 0.*\[1\]"):
            EffectSizes.from_arrays([0.1, 0.2], [0.1, -0.1])
        es = EffectSizes(y=np.zeros(2), v=np.array([0.1, -0.1]), measure="GEN")
        with pytest.raises(InvalidEvidenceError, match=r"positive, finite.*\[1\]"):
            pool(es)

    def test_duplicate_studies_never_arrive(self) -> None:
        with pytest.raises(InvalidEvidenceError, match="study"):
            EffectSizes.from_arrays([0.1, 0.2], [0.1, 0.1], study=["A", "A"])

    def test_measures_are_not_mixed(self) -> None:
        a = EffectSizes.from_arrays([0.1], [0.2], measure="RR")
        b = EffectSizes.from_arrays([0.1], [0.2], measure="OR")
        with pytest.raises(InvalidEvidenceError, match="measure must be the same"):
            pool(EffectSizes.concat([a, b]))

    def test_no_studies(self) -> None:
        es = EffectSizes(y=np.zeros(0), v=np.zeros(0), measure="GEN")
        with pytest.raises(InvalidEvidenceError, match="at least one study"):
            pool(es)

    @pytest.mark.parametrize("level", [0.0, 1.0, 95.0, float("nan"), "0.9", True, None])
    def test_level(self, level: float) -> None:
        said = "level must be between 0 and 1"
        with pytest.raises(InvalidEvidenceError, match=said):
            pool(bcg(), level=level)
        fit = meta_regression(bcg(), np.ones((13, 1)))
        if level is not None:  # which is that of the fit
            with pytest.raises(InvalidEvidenceError, match=said):
                pool(bcg()).conf_int(level=level)
            with pytest.raises(InvalidEvidenceError, match=said):
                fit.conf_int(level)
            with pytest.raises(InvalidEvidenceError, match=said):
                robust(fit, level=level)

    def test_unknown_names_list_the_known(self) -> None:
        with pytest.raises(UnknownMethodError, match="Known: z, t, HK, HK-adhoc"):
            pool(bcg(), ci="hk")
        with pytest.raises(UnknownMethodError, match=r"'REMLX'. Known: .*REML"):
            pool(bcg(), tau2="REMLX")
        with pytest.raises(UnknownMethodError, match=r"model 'mixed'. Known: random"):
            pool(bcg(), model="mixed")
        with pytest.raises(UnknownMethodError, match="Known: RevMan2025, metafor"):
            pool(bcg(), profile="revman")
        with pytest.raises(UnknownMethodError, match="Known: V, HTS"):
            pool(bcg(), prediction="hts")

    def test_methods_that_do_not_go_together(self) -> None:
        with pytest.raises(InvalidEvidenceError, match="one that needs no"):
            pool(bcg(), model="common", ci="KR")
        with pytest.raises(InvalidEvidenceError, match="tau2 must be 'REML'"):
            pool(bcg(), tau2="DL", ci="KR")
        with pytest.raises(InvalidEvidenceError, match="tau2 must be 'ML'"):
            pool(bcg(), tau2="DL", ci="PL")
        with pytest.raises(InvalidEvidenceError, match="model must be 'HC'"):
            pool(bcg(), ci="HC")
        with pytest.raises(MissingInputError, match="those that take weights: random"):
            pool(bcg(), model="common", weights=np.ones(13))
        with pytest.raises(MissingInputError, match="weights is needed"):
            pool(bcg(), tau2="GENQ")
        with pytest.raises(InvalidEvidenceError, match="i2 must be 'tau2' or 'Q'"):
            pool(bcg(), i2="H2")  # type: ignore[arg-type]

    def test_tau2_value(self) -> None:
        with pytest.raises(InvalidEvidenceError, match="tau2_value must be finite"):
            pool(bcg(), tau2_value=-0.1)

    def test_mask(self) -> None:
        with pytest.raises(InvalidEvidenceError, match="mask must be true or false"):
            pool(bcg(), mask=np.ones(13))
        with pytest.raises(InvalidEvidenceError, match="of length 13"):
            pool(bcg(), mask=[True, False])
        with pytest.raises(InvalidEvidenceError, match="true for one study at least"):
            pool(bcg(), mask=[False] * 13)

    @pytest.mark.parametrize("model", [m for m in MODELS if m != "fixed"])
    def test_a_set_without_studies_is_undefined(self, model: str) -> None:
        rng = np.random.default_rng(2)
        y, v = rng.normal(size=(3, 5)), rng.uniform(0.1, 0.5, (3, 5))
        mask = np.ones((3, 5), dtype=bool)
        mask[1] = False
        fit = pool(EffectSizes.from_arrays(y, v), mask=mask, model=model)
        assert fit.converged.tolist() == [True, False, True]
        assert fit.k.tolist() == [5.0, 0.0, 5.0]
        names = ("estimate", "se", "ci_low", "ci_high", "p", "tau2", "Q", "Q_p", "I2")
        alone = pool(EffectSizes.from_arrays(y[::2], v[::2]), model=model)
        for name in names:
            found = getattr(fit, name)
            assert np.isnan(found[1]), name
            np.testing.assert_allclose(found[::2], getattr(alone, name), rtol=1e-12)
        assert "Without an estimate: 1" in fit.summary()
        if model == "random":
            low, _ = fit.prediction_interval("HTS")
            assert np.isnan(low).tolist() == [False, True, False]

    def test_weights(self) -> None:
        with pytest.raises(InvalidEvidenceError, match="weights must be finite"):
            pool(bcg(), weights=[-1.0] * 13)
        for short in ([1.0, 2.0], np.ones((2, 13)), 1.0):
            with pytest.raises(InvalidEvidenceError, match="weights must be of length"):
                pool(bcg(), weights=short)
        y = np.stack([bcg().y, 2.0 * bcg().y])
        twice = EffectSizes.from_arrays(y, np.stack([bcg().v] * 2), measure="RR")
        weights = np.arange(1.0, 14.0)
        one = pool(bcg(), weights=weights)
        np.testing.assert_allclose(
            pool(twice, weights=weights).estimate[0], one.estimate, rtol=1e-12
        )


def test_profile_likelihood_chooses_ml() -> None:
    assert pool(bcg(), ci="PL").method.tau2.name == "ML"


def test_single_that_fails_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    from k2stats.models import weightings

    def nothing(studies: object, method: str) -> object:
        from k2stats.heterogeneity import Estimate

        shape = studies.k.shape  # type: ignore[attr-defined]
        nan = np.full(shape, np.nan)
        return Estimate(nan, nan, np.zeros(shape, dtype=bool))

    monkeypatch.setattr(weightings, "tau2_of", nothing)
    with pytest.raises(ConvergenceError, match="REML found no estimate of tau2 for 13"):
        pool(bcg())
    es = bcg()
    batch = EffectSizes.from_arrays(np.stack([es.y, es.y]), np.stack([es.v, es.v]))
    fit = pool(batch)
    assert not fit.converged.any()
    assert np.isnan(fit.estimate).all()
    assert "Without an estimate: 2." in fit.summary()


def test_fit_arrays_with_columns_is_weighted_least_squares() -> None:
    es = bcg()
    x = np.column_stack([np.ones(13), np.linspace(-1.0, 1.0, 13)])
    fit = fit_arrays(es.y, es.v, x, tau2_value=0.2, ci="t")
    w = 1.0 / (es.v + 0.2)
    cov = np.linalg.inv(x.T @ (w[:, np.newaxis] * x))
    np.testing.assert_allclose(fit.beta, cov @ x.T @ (w * es.y), rtol=1e-12)
    np.testing.assert_allclose(fit.se, np.sqrt(np.diag(cov)), rtol=1e-12)
    assert (fit.df == 11.0).all()
