"""Meta-regression: published and reference figures, independent algebra, laws."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from k2stats._typing import Floats
from k2stats.datasets import bcg
from k2stats.datasets.published import published
from k2stats.effectsizes import EffectSizes, effect_sizes
from k2stats.models.meta_regression import meta_regression
from k2stats.models.regression_kernel import fit_columns
from k2stats.results.regression import MetaRegression

ES = effect_sizes(bcg.BCG, "RR")
DATA = bcg.frame()


def printed(values: object, *figures: float, places: int = 4) -> None:
    """Assert agreement within half a unit of the last printed place."""
    np.testing.assert_allclose(
        np.ravel(np.asarray(values)), figures, rtol=0, atol=0.51 * 10.0**-places
    )


def fit_bcg(formula: str, **options: str | float) -> MetaRegression:
    return meta_regression(ES, formula, data=DATA, **options)  # type: ignore[arg-type]


def test_latitude_and_year_as_published() -> None:
    # Viechtbauer (2010), J Stat Softw 36(3), section 3.2: REML, latitude and year
    fit = fit_bcg("~ ablat + year", ci="z")
    assert fit.r_names == ("intrcpt", "ablat", "year")
    # the intercept is printed as -3.5455, from a tau2 of fewer digits
    printed(fit.beta[1:], -0.0280, 0.0019)
    printed(fit.se[1:], 0.0102, 0.0147)
    printed(fit.p, 0.9030, 0.0062, 0.8966)
    printed([fit.tau2, fit.tau2_se], 0.1108, 0.0845)
    printed([fit.I2, fit.H2, fit.R2], 71.98, 3.57, 64.63, places=2)
    printed([fit.Q, fit.Q_p], 28.3251, 0.0016)
    assert float(fit.Q_df) == 10.0


def test_predictions_as_published() -> None:
    # Viechtbauer (2010), section 3.2: risk ratios at latitudes 10 to 40 in 1970
    fit = fit_bcg("~ ablat + year", ci="z")
    frame = fit.predict({"ablat": [10, 20, 30, 40], "year": 1970}).to_frame(
        natural=True
    )
    printed(frame["estimate"], 0.9345, 0.7062, 0.5337, 0.4033)
    printed(frame["low"], 0.5833, 0.5149, 0.4196, 0.2956)
    printed(frame["high"], 1.4973, 0.9686, 0.6789, 0.5502)
    printed(frame["pi_low"], 0.4179, 0.3421, 0.2663, 0.1958)
    printed(frame["pi_high"], 2.0899, 1.4579, 1.0697, 0.8306)


def test_knapp_hartung_as_published() -> None:
    # Viechtbauer (2010), section 3.3: allocation and latitude, Knapp and Hartung
    fit = fit_bcg("~ factor(alloc) + ablat", ci="knha")
    printed([fit.QM, fit.QM_p], 3.4471, 0.0650)
    assert (fit.omnibus.df, float(np.asarray(fit.omnibus.ddf))) == (3, 9.0)
    printed([fit.beta[3], fit.se[3], fit.statistic[3]], -0.0273, 0.0095, -2.8669)
    printed(fit.p[3], 0.0186)


def test_interaction_reference_figures() -> None:
    # reference case metareg/bcg.int/REML/knha, metafor 5.1-12
    fit = fit_bcg("~ ablat * year", ci="HK")
    assert fit.r_names == ("intrcpt", "ablat", "year", "ablat:year")
    np.testing.assert_allclose(fit.se[0], 140.039926659624, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(fit.beta[3], -0.000285524205603486, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(fit.p[3], 0.856922223006725, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(
        [fit.QM, fit.QM_p, fit.R2, fit.aicc],
        [2.73335481707052, 0.105842141008955, 54.2721911272537, 45.8602956605016],
        rtol=1e-6,
        atol=1e-8,
    )


def test_common_effect_reference_figures() -> None:
    # reference case metareg/bcg.alloc/EE/z, metafor 5.1-12
    fit = fit_bcg("~ factor(alloc)", tau2="EE", ci="z")
    assert fit.r_names == (
        "intrcpt",
        "factor(alloc)random",
        "factor(alloc)systematic",
    )
    np.testing.assert_allclose(
        [fit.I2, fit.H2, fit.R2, fit.bic, fit.QM],
        [92.4452833553219, 13.2367638262708, 0.0, 128.276618061581, 19.8653698196656],
        rtol=1e-6,
    )
    assert np.isnan(fit.tau2_se)
    assert (fit.method.i2_basis, fit.method.r2_basis) == ("Q", "adjusted")


def test_weeks_of_contact_reference_figures() -> None:
    # reference case metareg/raudenbush1985.weeks/REML/z, metafor 5.1-12
    studies = published("raudenbush1985")
    es, weeks = studies.effect_sizes(), np.minimum(studies.moderators["weeks"], 3.0)
    fit = meta_regression(es, "~ weeks", data={"weeks": weeks}, ci="z")
    printed(fit.beta, 0.407, -0.157, places=3)  # Raudenbush (2009), table 16.2
    printed(fit.se, 0.087, 0.036, places=3)
    assert float(fit.tau2) == 0.0
    assert float(fit.R2) == 100.0


def test_a_factor_in_a_common_effect_model_gives_the_subgroup_means() -> None:
    fit = fit_bcg("~ 0 + C(alloc)", tau2="EE", ci="z")
    groups = [np.array(bcg.ALLOC) == g for g in ("alternate", "random", "systematic")]
    w = 1.0 / ES.v
    means = [np.average(ES.y[g], weights=w[g]) for g in groups]
    np.testing.assert_allclose(fit.beta, means, rtol=1e-13)
    np.testing.assert_allclose(fit.se, [w[g].sum() ** -0.5 for g in groups], rtol=1e-13)
    assert fit.r_names[0] == "C(alloc)alternate"
    assert np.isnan(fit.R2)


@pytest.mark.parametrize("formula", ["~ ablat", "~ ablat + year", "~ ablat + C(alloc)"])
def test_weighted_least_squares_agrees_with_statsmodels(formula: str) -> None:
    fit = fit_bcg(formula, tau2="DL", ci="HK")
    other = sm.WLS(ES.y, fit.design.X, weights=1.0 / (ES.v + float(fit.tau2))).fit()
    np.testing.assert_allclose(fit.beta, other.params, rtol=1e-9)
    np.testing.assert_allclose(fit.se, other.bse, rtol=1e-9)
    np.testing.assert_allclose(fit.p, other.pvalues, rtol=1e-8)
    np.testing.assert_allclose(fit.QM, other.fvalue, rtol=1e-8)
    np.testing.assert_allclose(fit.QM_p, other.f_pvalue, rtol=1e-7)


@pytest.mark.parametrize("tau2", ["ML", "REML"])
def test_the_likelihood_agrees_with_dense_normal_densities(tau2: str) -> None:
    fit = fit_bcg("~ ablat + C(alloc)", tau2=tau2)
    X, t = fit.design.X, float(fit.tau2)
    if tau2 == "ML":
        mean, cov, y = X @ fit.beta, np.diag(ES.v + t), ES.y
    else:  # contrasts orthogonal to the columns
        basis = np.linalg.svd(X)[0][:, X.shape[1] :]
        mean, cov, y = np.zeros(9), basis.T @ np.diag(ES.v + t) @ basis, basis.T @ ES.y
    expected = stats.multivariate_normal(mean, cov).logpdf(y)
    np.testing.assert_allclose(fit.loglik, expected, rtol=1e-10)


def kenward_roger(fit: MetaRegression, L: Floats) -> tuple[float, float]:
    """F and its df from full matrices, with the adjusted covariance throughout."""
    X, w = fit.design.X, 1.0 / (ES.v + float(fit.tau2))
    W = np.diag(w)
    P = W - W @ X @ np.linalg.inv(X.T @ W @ X) @ X.T @ W
    variance = 2.0 / np.trace(P @ P)
    C, m = fit.cov, len(L)
    theta = L.T @ np.linalg.inv(L @ C @ L.T) @ L
    core = theta @ C @ (X.T @ W @ W @ X) @ C
    a1, a2 = variance * np.trace(core) ** 2, variance * np.trace(core @ core)
    b = (a1 + 6 * a2) / (2 * m)
    g = ((m + 1) * a1 - (m + 4) * a2) / ((m + 2) * a2)
    d = 3 * m + 2 * (1 - g)
    e = 1 / (1 - a2 / m)
    v = (1 + g / d * b) / ((1 - (m - g) / d * b) ** 2 * (1 - (m + 2 - g) / d * b))
    rho = 2 / m * v / (2 * e**2)
    ddf = 4 + (m + 2) / (m * rho - 1)
    chi2 = fit.beta @ theta @ fit.beta
    return float(ddf / (e * (ddf - 2)) * chi2 / m), float(ddf)


def test_kenward_roger_omnibus_agrees_with_full_matrices() -> None:
    fit = fit_bcg("~ ablat + C(alloc)", ci="KR")
    f, ddf = kenward_roger(fit, np.eye(4)[1:])
    np.testing.assert_allclose(fit.QM, f, rtol=1e-9)
    np.testing.assert_allclose(np.asarray(fit.omnibus.ddf), ddf, rtol=1e-9)


def test_with_one_moderator_the_kenward_roger_f_is_the_square_of_t() -> None:
    fit = fit_bcg("~ ablat", ci="KR")
    np.testing.assert_allclose(fit.QM, fit.statistic[1] ** 2, rtol=1e-12)
    np.testing.assert_allclose(fit.QM_p, fit.p[1], rtol=1e-10)


@pytest.mark.parametrize("ci", ["z", "t", "HK", "HK-adhoc", "HK-ci", "KR"])
def test_a_batch_gives_what_its_elements_give(ci: str) -> None:
    rng = np.random.default_rng(5)
    y = ES.y + 0.2 * rng.standard_normal((3, 1, 13))
    many = EffectSizes.from_arrays(y, np.broadcast_to(ES.v, y.shape), measure="RR")
    batch = meta_regression(many, "~ ablat + C(alloc)", data=DATA, ci=ci)
    assert batch.beta.shape == (3, 1, 4)
    new = {"ablat": [10, 30], "alloc": ["random", "alternate"]}
    ahead = batch.predict(new)
    for i, j in np.ndindex(3, 1):
        one = EffectSizes.from_arrays(y[i, j], ES.v, measure="RR")
        fit = meta_regression(one, "~ ablat + C(alloc)", data=DATA, ci=ci)
        for name in ("beta", "se", "p", "df", "ci_low", "tau2", "tau2_se", "Q", "Q_p"):
            np.testing.assert_allclose(
                getattr(batch, name)[i, j], getattr(fit, name), rtol=1e-7, atol=1e-12
            )
        for name in ("I2", "H2", "R2", "loglik", "aicc", "QM", "QM_p"):
            np.testing.assert_allclose(
                getattr(batch, name)[i, j], getattr(fit, name), rtol=1e-6, atol=1e-9
            )
        single = fit.predict(new)
        for name in ("estimate", "se", "low", "high", "pi_low", "pi_high"):
            np.testing.assert_allclose(
                getattr(ahead, name)[i, j], getattr(single, name), rtol=1e-6, atol=1e-9
            )


def test_prediction_methods_differ_in_degrees_of_freedom() -> None:
    fit = fit_bcg("~ ablat", ci="z")
    x = np.array([1.0, 30.0])
    se = np.sqrt(x @ fit.cov @ x)
    wide = np.sqrt(se**2 + float(fit.tau2))
    for method, q in (
        ("metafor", stats.norm.ppf(0.975)),
        ("V", stats.t.ppf(0.975, 11)),
        ("HTS", stats.t.ppf(0.975, 10)),
    ):
        made = fit.predict({"ablat": 30}, prediction=method)
        np.testing.assert_allclose(made.pi_high - made.estimate, q * wide, rtol=1e-9)
        np.testing.assert_allclose(made.se, se, rtol=1e-10)


def test_predictions_need_not_have_the_units_of_the_coefficients() -> None:
    # a row of the design is the same as the moderators that give it
    fit = fit_bcg("~ ablat * C(alloc)")
    by_data = fit.predict({"ablat": 20, "alloc": "systematic"})
    by_row = fit.predict(x=by_data.x)
    np.testing.assert_array_equal(by_data.estimate, by_row.estimate)
    np.testing.assert_allclose(
        fit.predict().estimate, fit.design.X @ fit.beta, rtol=1e-12
    )


def test_centring_and_splines_are_remembered_for_new_data() -> None:
    plain, centred = fit_bcg("~ ablat"), fit_bcg("~ center(ablat)")
    np.testing.assert_allclose(
        plain.predict({"ablat": [3, 50]}).estimate,
        centred.predict({"ablat": [3, 50]}).estimate,
        rtol=1e-10,
    )
    spline = fit_bcg("~ bs(ablat, df=4)")
    old = spline.predict()
    new = spline.predict({"ablat": bcg.ABLAT[[4, 1]]})
    np.testing.assert_allclose(new.estimate, old.estimate[[4, 1]], rtol=1e-10)


@settings(max_examples=40)
@given(
    shift=st.floats(-100, 100),
    slope=st.floats(-3, 3),
    unit=st.sampled_from([1e-6, 0.1, 7.0, 1e5]),
    seed=st.integers(0, 2**31),
)
def test_laws_of_shift_slope_units_and_order(
    shift: float, slope: float, unit: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    k = 9
    x, y, v = rng.normal(size=k), rng.normal(size=k), rng.uniform(0.05, 1.0, k)
    X = np.column_stack([np.ones(k), x])
    base = fit_columns(y, v, X, tau2="DL")
    # effects on another line, moderators in another unit, effects doubled
    moved = fit_columns(y + shift + slope * x, v, X, tau2="DL")
    np.testing.assert_allclose(
        moved.inference.beta - base.inference.beta, [shift, slope], rtol=1e-7, atol=1e-8
    )
    np.testing.assert_allclose(moved.inference.se, base.inference.se, rtol=1e-6)
    scaled = fit_columns(y, v, X * [1.0, unit], tau2="DL")
    np.testing.assert_allclose(scaled.inference.p, base.inference.p, rtol=1e-7)
    np.testing.assert_allclose(
        scaled.inference.beta[1] * unit, base.inference.beta[1], rtol=1e-7
    )
    order = rng.permutation(k)
    turned = fit_columns(2.0 * y[order], 4.0 * v[order], X[order], tau2="DL")
    np.testing.assert_allclose(
        turned.inference.beta, 2.0 * base.inference.beta, rtol=1e-8, atol=1e-12
    )
    np.testing.assert_allclose(
        turned.tau2.tau2, 4.0 * base.tau2.tau2, rtol=1e-8, atol=1e-12
    )


def test_a_given_tau2_is_taken() -> None:
    fit = fit_bcg("~ ablat", tau2=0.2, ci="z")
    w = 1.0 / (ES.v + 0.2)
    expected = np.linalg.inv(fit.design.X.T @ (w[:, None] * fit.design.X))
    np.testing.assert_allclose(fit.cov, expected, rtol=1e-10)
    assert fit.method.tau2.name == "fixed"
    assert np.isnan(fit.R2)


def test_an_intercept_alone_is_the_pooled_mean() -> None:
    # reference case pool/bcg/RR/REML/knha: estimate, standard error
    fit = meta_regression(ES, "~ 1")
    printed([fit.beta[0], fit.se[0], fit.tau2], -0.7145, 0.1808, 0.3132)


def test_effects_offer_their_own_columns() -> None:
    # reference case regtest/bcg/RR/rma/sei: z of the standard error, limit estimate
    fit = meta_regression(ES, "~ se", ci="z")
    np.testing.assert_allclose(fit.statistic[1], -0.803329193090804, rtol=1e-5)
    np.testing.assert_allclose(fit.beta[0], -0.510431874103037, rtol=1e-5)


def test_rows_join_by_label() -> None:
    es = effect_sizes(bcg.BCG, "RR", study=bcg.LABELS)
    shuffled = DATA.assign(label=bcg.LABELS).iloc[::-1]
    by_key = meta_regression(es, "~ ablat", data=shuffled, key="label")
    np.testing.assert_array_equal(by_key.beta, fit_bcg("~ ablat").beta)


def test_missing_moderators_are_dropped_on_request_and_named() -> None:
    data = DATA.copy()
    data["ablat"] = data["ablat"].astype(float)
    data.loc[data.index[4], "ablat"] = np.nan
    data.loc[data.index[[2, 4]], "alloc"] = None
    fit = meta_regression(ES, "~ ablat + C(alloc)", data=data, drop_missing=True)
    assert fit.missing == {"ablat": (4,), "alloc": (2, 4)}
    assert (float(fit.k), fit.dropped) == (11.0, 2)
    keep = [i for i in range(13) if i not in (2, 4)]
    direct = meta_regression(ES[keep], "~ ablat + C(alloc)", data=DATA.iloc[keep])
    np.testing.assert_array_equal(fit.beta, direct.beta)
    assert "Left out, alloc missing: 2 studies (rows 2, 4)." in fit.summary()


def test_a_matrix_stands_for_a_formula() -> None:
    X = np.column_stack([np.ones(13), bcg.ABLAT])
    fit = meta_regression(ES, X)
    assert fit.names == ("Intercept", "x2")
    np.testing.assert_array_equal(fit.beta, fit_bcg("~ ablat").beta)
    np.testing.assert_allclose(fit.R2, fit_bcg("~ ablat").R2, rtol=1e-12)


def test_small_p_values_keep_their_digits() -> None:
    x = np.arange(12.0)
    es = EffectSizes.from_arrays(3.0 * x, np.full(12, 1e-3), check_scale=False)
    fit = meta_regression(es, "~ x", data={"x": x}, tau2="EE", ci="z")
    z = float(fit.statistic[1])
    assert z > 1000.0
    np.testing.assert_allclose(
        fit.log_p[1], -0.5 * z * z - np.log(z) - 0.5 * np.log(np.pi / 2), rtol=1e-9
    )


def test_frames_hold_the_arrays() -> None:
    fit = fit_bcg("~ ablat", ci="z")
    frame = fit.coefficients
    assert list(frame.index) == ["Intercept", "ablat"]
    np.testing.assert_array_equal(frame["estimate"], fit.beta)
    ratios = fit.to_frame(natural=True, level=0.9)
    low, high = fit.conf_int(0.9)
    np.testing.assert_allclose(ratios["low"], np.exp(low))
    np.testing.assert_allclose(ratios["high"], np.exp(high))
    ratio = stats.norm.ppf(0.95) / stats.norm.ppf(0.975)
    np.testing.assert_allclose((high - low) / (fit.ci_high - fit.ci_low), ratio)
    assert isinstance(fit.predict().to_frame(), pd.DataFrame)
