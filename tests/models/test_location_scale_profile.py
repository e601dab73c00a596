"""Profile-likelihood limits of scale coefficients: dense grids, one tau2, edges."""

import numpy as np
import pytest
from scipy import stats

from k2stats._typing import Floats
from k2stats.datasets import bcg
from k2stats.effectsizes import EffectSizes, effect_sizes
from k2stats.errors import InvalidEvidenceError
from k2stats.heterogeneity import tau2_interval
from k2stats.models import location_scale
from models.pool_examples import sets

BCG = effect_sizes(bcg.BCG, "RR")
TWELVE = EffectSizes.from_arrays(*sets(21, (12,)), check_scale=False)
GROUP: dict[str, Floats | list[float]] = {
    "g": [0.0, 1.0] * 6,
    "x": np.linspace(-1.0, 1.5, 12),
}
CUT = 0.5 * stats.chi2.ppf(0.95, 1)


def loglik(es: EffectSizes, tau2: Floats, *, restricted: bool) -> Floats:
    """Log-likelihood of one mean for variances of shape (..., K), by its definition."""
    total = es.v + tau2
    w = 1.0 / total
    mean = (w * es.y).sum(-1) / w.sum(-1)
    square = (w * (es.y - mean[..., np.newaxis]) ** 2).sum(-1)
    out = np.log(total).sum(-1) + square + es.k * np.log(2 * np.pi)
    if restricted:
        out += np.log(w.sum(-1)) - np.log(2 * np.pi) - np.log(es.k)
    return np.asarray(-0.5 * out)


def profile(
    es: EffectSizes, Z: Floats, j: int, values: Floats, link: str, *, restricted: bool
) -> Floats:
    """Highest likelihood over a dense grid of the other of two coefficients."""
    span = 60.0 if link == "log" else 12.0 * float(es.y.var())
    other = np.linspace(-span, span, 2001)
    best = []
    for value in values:
        at, wide = other, span
        for _ in range(7):  # ever finer about the highest
            eta = value * Z[:, j] + at[:, np.newaxis] * Z[:, 1 - j]
            tau2 = np.exp(np.minimum(eta, 300.0)) if link == "log" else eta
            fine = (tau2 >= 0.0).all(axis=-1)
            found = np.full(at.size, -np.inf)
            if fine.any():
                found[fine] = loglik(es, tau2[fine], restricted=restricted)
            top = at[int(np.argmax(found))]
            wide /= 50.0
            at = np.linspace(top - wide, top + wide, 401)
        best.append(float(found.max()))
    return np.array(best)


@pytest.mark.parametrize(
    ("link", "tau2"),
    [
        ("log", "REML"),
        ("identity", "ML"),
        pytest.param("log", "ML", marks=pytest.mark.long),
        pytest.param("identity", "REML", marks=pytest.mark.long),
    ],
)
def test_limits_are_where_the_profile_on_a_dense_grid_passes_the_cut(
    link: str, tau2: str
) -> None:
    fit = location_scale(TWELVE, scale="~ x", data=GROUP, link=link, tau2=tau2)  # type: ignore[arg-type]
    low, high = fit.conf_int("scale", method="profile")
    Z = fit.scale_design.X
    for j in range(2):
        ends = np.array([low[j], high[j]])
        inner = ends + np.array([1.0, -1.0]) * 1e-3 * (high[j] - low[j])
        outer = ends + np.array([-1.0, 1.0]) * 1e-3 * (high[j] - low[j])
        for points, sign in ((inner, 1.0), (outer, -1.0)):
            held = profile(TWELVE, Z, j, points, link, restricted=tau2 == "REML")
            assert (sign * (held - (fit.loglik - CUT)) > 0.0).all()
        at = profile(TWELVE, Z, j, ends, link, restricted=tau2 == "REML")
        np.testing.assert_allclose(at, fit.loglik - CUT, atol=1e-6)


@pytest.mark.parametrize("tau2", ["REML", "ML"])
@pytest.mark.parametrize("link", ["log", "identity"])
def test_one_tau2_has_the_limits_of_its_profile_likelihood(
    link: str, tau2: str
) -> None:
    fit = location_scale(BCG, link=link, tau2=tau2)  # type: ignore[arg-type]
    known = tau2_interval(BCG.y, BCG.v, type="PL", method=tau2)
    for ours, theirs in zip(
        fit.conf_int("scale", method="profile"), (known.low, known.high), strict=True
    ):
        shown = np.exp(ours[0]) if link == "log" else ours[0]
        np.testing.assert_allclose(shown, float(theirs), rtol=1e-6)


def test_a_variance_that_may_be_zero_has_no_lower_limit_of_its_logarithm() -> None:
    # Half of the studies agree as closely as their errors let them.
    y = [0.1, 0.9, -0.6, 0.6, 0.3, 0.31, 0.28, 0.33]
    es = EffectSizes.from_arrays(y, [0.02] * 4 + [0.01] * 4)
    g = {"a": [1.0] * 4 + [0.0] * 4, "b": [0.0] * 4 + [1.0] * 4}
    identity = location_scale(es, scale="~ 0 + a + b", data=g, link="identity")
    assert identity.at_bound
    assert np.isnan(identity.scale.se).all()
    low, high = identity.conf_int("scale", method="profile")
    assert low[1] == 0.0
    assert 0.0 < low[0] < identity.scale.estimate[0] < high[0]
    assert 0.0 < high[1] < high[0]
    slope = location_scale(BCG, "~ ablat", "~ C(alloc)", data=bcg.frame())
    low, high = slope.conf_int("scale", method="profile")
    assert np.isneginf(low).all()
    assert np.isposinf(high[1:]).all()
    assert np.isfinite(high[0])


def test_other_levels_and_units() -> None:
    fit = location_scale(TWELVE, scale="~ x", data=GROUP)
    wide = fit.conf_int("scale", level=0.95, method="profile")
    slim = fit.conf_int("scale", level=0.8, method="profile")
    assert (wide[0] < slim[0]).all()
    assert (slim[1] < wide[1]).all()
    hundred = {"x": [100.0 * x for x in GROUP["x"]]}
    other = location_scale(TWELVE, scale="~ x", data=hundred)
    for a, b in zip(
        slim, other.conf_int("scale", level=0.8, method="profile"), strict=True
    ):
        np.testing.assert_allclose(a, b * [1.0, 100.0], rtol=1e-5)


def test_wald_limits_at_another_level() -> None:
    for ci, df in (("z", np.inf), ("t", 10.0)):
        fit = location_scale(TWELVE, scale="~ g", data=GROUP, ci=ci)  # type: ignore[arg-type]
        low, high = fit.conf_int("scale", level=0.9)
        t = stats.t.ppf(0.95, df) if np.isfinite(df) else stats.norm.ppf(0.95)
        np.testing.assert_allclose(high - low, 2 * t * fit.scale.se, rtol=1e-10)
        assert fit.conf_int("scale") == (fit.scale.ci_low, fit.scale.ci_high)


def test_errors() -> None:
    fit = location_scale(TWELVE, scale="~ g", data=GROUP)
    with pytest.raises(InvalidEvidenceError, match="'scale' for profile-likelihood"):
        fit.conf_int("location", method="profile")
    with pytest.raises(InvalidEvidenceError, match="'location' or 'scale'"):
        fit.conf_int("tau2")  # type: ignore[arg-type]
    with pytest.raises(InvalidEvidenceError, match="'Wald' or 'profile'"):
        fit.conf_int("scale", method="score")  # type: ignore[arg-type]
    with pytest.raises(InvalidEvidenceError, match="between 0 and 1"):
        fit.conf_int("scale", level=95)
