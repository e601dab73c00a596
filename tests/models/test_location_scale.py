"""Location-scale models: reference figures, densities, derivatives, dense grids."""

import numpy as np
import pytest
from scipy import stats

from k2stats._typing import Floats
from k2stats.datasets import bcg
from k2stats.effectsizes import EffectSizes, effect_sizes
from k2stats.errors import ConvergenceError, InvalidEvidenceError
from k2stats.models._location_scale_likelihood import Surface
from k2stats.models.location_scale import location_scale
from k2stats.models.meta_regression import meta_regression

ES = effect_sizes(bcg.BCG, "RR")
DATA = bcg.frame()

# Bangert-Drowns, Hurley and Wilkinson (2004), 48 effects, as in the reference case
# locscale/bangertdrowns2004; ni in hundreds
YI = """
.65 -.75 -.21 -.04 .23 .03 .26 .06 .06 .12 .77 0 .52 .54 .2 .2 -.16 .42 .6 .51
.58 .54 .09 .37 -.01 -.13 .18 .27 -.02 .33 .59 .84 -.32 .12 1.12 -.12 -.44 -.07
.7 .49 .2 .58 .15 .63 .04 1.46 .04 .25
"""
VI = """
.07 .126 .042 .019 .022 .009 .106 .007 .04 .052 .107 .021 .037 .083 .086 .091
.167 .052 .091 .065 .073 .061 .1 .06 .083 .037 .069 .018 .009 .053 .017 .112 .06
.044 .129 .023 .205 .033 .265 .039 .021 .067 .014 .168 .016 .099 .087 .072
"""
NI = """
.6 .34 .95 2.09 1.82 4.62 .38 5.42 .99 .77 .4 1.9 1.13 .5 .47 .44 .24 .78 .46
.64 .57 .68 .4 .68 .48 1.07 .58 2.25 4.46 .77 2.43 .39 .67 .91 .36 1.77 .2 1.2
.16 1.05 1.95 .62 2.89 .25 2.5 .51 .46 .56
"""


def numbers(text: str) -> Floats:
    return np.array([float(x) for x in text.split()])


def test_reference_case() -> None:
    # reference case locscale/bangertdrowns2004, metafor 5.1-12
    es = EffectSizes.from_arrays(numbers(YI), numbers(VI))
    fit = location_scale(es, scale="~ ni", data={"ni": numbers(NI)})
    np.testing.assert_allclose(
        fit.scale.estimate, [-1.96123653, -0.69365341], rtol=1e-6
    )
    np.testing.assert_allclose(fit.scale.se, [0.89893307, 0.70449253], rtol=1e-6)
    np.testing.assert_allclose(fit.location.estimate, 0.156040026499887, rtol=1e-6)
    np.testing.assert_allclose(fit.location.se, 0.0396332214086939, rtol=1e-6)
    np.testing.assert_allclose(fit.loglik, -17.4824856083592, rtol=1e-10)


# rma(yi, vi, mods, scale, link, method, control = list(optimizer = "nlminb")) of
# metafor 3.8: log-likelihood, scale coefficients and their standard errors
METAFOR = [
    ("REML", "log", "~ ablat", "~ factor(alloc)", -7.8273372,
     [-3.02875132, -0.0469888569, 1.19026583], [2.10317088, 5.1593567, 2.48461299]),
    ("REML", "log", "~ 1", "~ factor(alloc)", -11.7549787,
     [-2.64513514, 1.69733811, 1.48022558], [1.68842461, 1.82500019, 1.8949229]),
    ("ML", "log", "~ 1", "~ ablat", -12.663829,
     [-1.42686842, 0.00465275777], [3.15003873, 0.0934748148]),
    ("ML", "log", "~ ablat", "~ year", -7.66034859,
     [99.2522193, -0.0524209351], [486.174802, 0.248552017]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("tau2", "link", "mean", "scale", "ll", "alpha", "se"), METAFOR
)
def test_figures_of_metafor(
    tau2: str,
    link: str,
    mean: str,
    scale: str,
    ll: float,
    alpha: list[float],
    se: list[float],
) -> None:
    fit = location_scale(ES, mean, scale, data=DATA, link=link, tau2=tau2)  # type: ignore[arg-type]
    np.testing.assert_allclose(fit.loglik, ll, atol=5e-8)
    np.testing.assert_allclose(fit.scale.estimate, alpha, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(fit.scale.se, se, rtol=1e-4)


@pytest.mark.parametrize("link", ["log", "identity"])
@pytest.mark.parametrize("tau2", ["REML", "ML"])
def test_one_tau2_is_the_usual_model(link: str, tau2: str) -> None:
    fit = location_scale(ES, "~ ablat", data=DATA, link=link, tau2=tau2)  # type: ignore[arg-type]
    usual = meta_regression(ES, "~ ablat", data=DATA, tau2=tau2, ci="z")
    np.testing.assert_allclose(fit.tau2, float(usual.tau2), rtol=1e-7)
    np.testing.assert_allclose(fit.location.estimate, usual.beta, rtol=1e-7)
    np.testing.assert_allclose(
        [fit.loglik, fit.aic, fit.bic, fit.aicc],
        [usual.loglik, usual.aic, usual.bic, usual.aicc],
        rtol=1e-10,
    )
    assert np.isnan(fit.lrt)


def test_a_scale_factor_with_one_mean_each_is_separate_models() -> None:
    group = np.array(bcg.ALLOC) == "random"
    data = {"g": np.where(group, "a", "b")}
    fit = location_scale(ES, "~ 0 + g", "~ 0 + g", data=data, tau2="ML")
    for j, rows in enumerate((group, ~group)):
        own = meta_regression(ES[rows], "~ 1", tau2="ML", ci="z")
        np.testing.assert_allclose(np.exp(fit.scale.estimate[j]), own.tau2, rtol=1e-6)
        np.testing.assert_allclose(fit.location.estimate[j], own.beta[0], rtol=1e-7)


@pytest.mark.parametrize("restricted", [True, False])
def test_the_likelihood_is_a_normal_density(restricted: bool) -> None:
    X = np.column_stack([np.ones(13), bcg.ABLAT])
    Z = np.column_stack([np.ones(13), bcg.ABLAT / 10.0])
    alpha = np.array([-1.0, -0.2])
    surface = Surface(ES.y, ES.v, X, Z, True, restricted)
    V = np.diag(ES.v + np.exp(Z @ alpha))
    if restricted:
        basis = np.linalg.svd(X)[0][:, 2:]
        expected = stats.multivariate_normal(np.zeros(11), basis.T @ V @ basis)
        at = basis.T @ ES.y
    else:
        W = np.linalg.inv(V)
        beta = np.linalg.solve(X.T @ W @ X, X.T @ W @ ES.y)
        expected, at = stats.multivariate_normal(X @ beta, V), ES.y
    np.testing.assert_allclose(surface.loglik(alpha), expected.logpdf(at), rtol=1e-10)


@pytest.mark.parametrize("log_link", [True, False])
@pytest.mark.parametrize("restricted", [True, False])
def test_derivatives_agree_with_differences(log_link: bool, restricted: bool) -> None:
    X = np.column_stack([np.ones(13), bcg.ABLAT])
    Z = np.column_stack([np.ones(13), bcg.ABLAT / 30.0, np.sin(np.arange(13.0))])
    surface = Surface(ES.y, ES.v, X, Z, log_link, restricted)
    alpha = np.array([-1.0, -0.2, 0.3]) if log_link else np.array([0.3, 0.1, 0.05])
    gradient, hessian = surface.slope(alpha)
    h = 1e-5
    for j, step in enumerate(h * np.eye(3)):
        up, down = surface.loglik(alpha + step), surface.loglik(alpha - step)
        np.testing.assert_allclose(
            gradient[j], (up - down) / (2 * h), rtol=1e-6, atol=1e-8
        )
        after, before = surface.slope(alpha + step)[0], surface.slope(alpha - step)[0]
        np.testing.assert_allclose(
            hessian[j], (after - before) / (2 * h), rtol=1e-6, atol=1e-7
        )


@pytest.mark.parametrize("tau2", ["REML", "ML"])
@pytest.mark.parametrize("seed", range(3))
def test_no_point_of_a_dense_grid_is_higher(tau2: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    z = rng.normal(size=25)
    v = rng.uniform(0.02, 0.2, 25)
    y = rng.normal(0.3, np.sqrt(v + np.exp(-2.0 + z)))
    es = EffectSizes.from_arrays(y, v)
    fit = location_scale(es, scale="~ z", data={"z": z}, tau2=tau2)  # type: ignore[arg-type]
    Z = np.column_stack([np.ones(25), z])
    surface = Surface(y, v, np.ones((25, 1)), Z, True, tau2 == "REML")
    grid = [
        surface.loglik(np.array([a, b]))
        for a in np.linspace(-8, 3, 34)
        for b in np.linspace(-5, 5, 31)
    ]
    assert fit.loglik >= max(grid) - 1e-8


def test_identity_link_stays_at_zero_where_it_must() -> None:
    # the constrained maximum, from a grid over the edge of the parameter space
    fit = location_scale(ES, "~ ablat", "~ year", data=DATA, link="identity", tau2="ML")
    assert fit.at_bound
    assert np.isnan(fit.scale.se).all()
    assert fit.tau2.min() < 1e-8
    X = np.column_stack([np.ones(13), bcg.ABLAT])
    Z = np.column_stack([np.ones(13), bcg.YEAR])
    surface = Surface(ES.y, ES.v, X, Z, False, False)
    year = bcg.YEAR.max()  # the line falls to zero at the last year
    edge = max(
        surface.loglik(np.array([s * year + 1e-12, -s]))
        for s in np.linspace(1e-5, 0.01, 2001)
    )
    np.testing.assert_allclose(fit.loglik, edge, atol=1e-6)


def test_predicted_variances() -> None:
    es = EffectSizes.from_arrays(numbers(YI), numbers(VI))
    fit = location_scale(es, scale="~ ni", data={"ni": numbers(NI)})
    frame = fit.predict_tau2({"ni": [0.5, 4.0]})
    a, b = fit.scale.estimate
    np.testing.assert_allclose(frame["tau2"], np.exp([a + 0.5 * b, a + 4.0 * b]))
    assert (frame["low"] < frame["tau2"]).all()
    row = np.array([1.0, 4.0])
    half = 1.959963984540054 * np.sqrt(row @ fit.scale.cov @ row)
    np.testing.assert_allclose(frame["high"].iloc[1], np.exp(a + 4.0 * b + half))
    np.testing.assert_allclose(fit.predict_tau2()["tau2"], fit.tau2)


def test_units_of_scale_moderators_do_not_matter() -> None:
    es = EffectSizes.from_arrays(numbers(YI), numbers(VI))
    one = location_scale(es, scale="~ ni", data={"ni": numbers(NI)})
    far = location_scale(es, scale="~ ni", data={"ni": 1e6 + 1e4 * numbers(NI)})
    np.testing.assert_allclose(far.loglik, one.loglik, rtol=1e-10)
    np.testing.assert_allclose(
        far.scale.statistic[1], one.scale.statistic[1], rtol=1e-5
    )


def test_both_parts_are_shown() -> None:
    es = EffectSizes.from_arrays(numbers(YI), numbers(VI))
    fit = location_scale(es, scale="~ ni", data={"ni": numbers(NI)}, ci="t", level=0.9)
    text = fit.summary()
    assert "Scale, log tau2 (~ ni)" in text
    assert "90% low" in text
    frame = fit.to_frame()
    assert frame.loc[("scale", "ni"), "df"] == 46.0
    assert frame.loc[("location", "Intercept"), "df"] == 47.0
    assert "<table" in fit._repr_html_()
    low, high = fit.conf_int("scale")
    half = stats.t.ppf(0.95, 46) * fit.scale.se
    np.testing.assert_allclose(
        [low, high], [fit.scale.estimate - half, fit.scale.estimate + half]
    )


def test_a_likelihood_without_a_maximum_is_said_to_have_none() -> None:
    with pytest.raises(ConvergenceError, match=r"has no maximum.*starts were tried"):
        location_scale(ES, "~ ablat", "~ factor(alloc)", data=DATA, tau2="ML")


def test_refusals() -> None:
    with pytest.raises(InvalidEvidenceError, match="link must be 'log' or 'identity'"):
        location_scale(ES, link="logit")  # type: ignore[arg-type]
    with pytest.raises(InvalidEvidenceError, match="at least 4 studies"):
        location_scale(ES[:3], "~ ablat", "~ year", data=DATA.iloc[:3])
    gap = DATA.copy()
    gap["year"] = gap["year"].astype(float)
    gap.loc[gap.index[5], "year"] = np.nan
    with pytest.raises(InvalidEvidenceError, match=r"year must be given.*\[5\]"):
        location_scale(ES, "~ ablat", "~ year", data=gap)
    fit = location_scale(ES, "~ ablat", "~ year", data=gap, drop_missing=True)
    assert (fit.k, fit.missing) == (12, {"year": (5,)})
