"""Q, I2, H2, R_b, their intervals, and the likelihood."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from heterogeneity.tau2_examples import (
    BCG_LATITUDE,
    BCG_RR,
    BCG_YEAR,
    EXPECTANCY,
    HOMOGENEOUS,
    STAY,
    TWO_MODES,
    Example,
)
from k2stats._typing import Floats
from k2stats.errors import InvalidEvidenceError, UnknownMethodError
from k2stats.heterogeneity import (
    H2_INTERVALS,
    _studies,
    cochran_q,
    cv_of_tau,
    estimate_tau2,
    fit_statistics,
    heterogeneity,
    heterogeneity_interval,
    q_exact_p,
    r_b_of_tau2,
    tau2_interval,
    typical_variance,
)
from k2stats.numerics.quadratic_forms import chi2_mixture_p

# Cases pool/<data>/<measure>/<method>/z of the reference figures: I2, H2 and where
# printed the log-likelihood.
REFERENCE = [
    (BCG_RR, "EE", 92.1173468545621, 12.6860840068644, -70.2235699044309),
    (BCG_RR, "REML", 92.2213845212691, 12.8557582353094, -12.2023714154936),
    (EXPECTANCY, "REML", 41.846670248086, 1.71959198942875, -3.73603906434215),
    (EXPECTANCY, "ML", 32.4311335272736, 1.47997154932833, -3.12257031248824),
    (STAY, "REML", 98.9161533284201, 92.2639729605172, -37.9113197897019),
    (STAY, "ML", 98.7560468303889, 80.3888783299292, -42.087298566487),
    (STAY, "DL", 96.6813105228693, 30.1323762554789, None),
    (HOMOGENEOUS, "REML", 0.0, 1.0, -13.4758839753578),
    (HOMOGENEOUS, "ML", 0.0, 1.0, -13.603865266611),
]


@pytest.mark.parametrize(("example", "method", "i2", "h2", "ll"), REFERENCE)
def test_reference_figures(
    example: Example, method: str, i2: float, h2: float, ll: float | None
) -> None:
    tau2 = estimate_tau2(*example, method=method).tau2
    h = heterogeneity(*example, tau2=tau2, basis="Q" if method == "EE" else "tau2")
    assert h.i2 == pytest.approx(i2, rel=1e-9, abs=1e-9)
    assert h.h2 == pytest.approx(h2, rel=1e-9)
    if ll is not None:
        fit = fit_statistics(
            *example,
            tau2=tau2,
            restricted=method == "REML",
            estimated=method != "EE",
        )
        assert fit.log_likelihood == pytest.approx(ll, rel=1e-10)


# The cases pool/bcg/RR/REML/z and pool/bcg/RR/EE/z; criteria with moderators from
# metareg/bcg.ablat/REML/z.
def test_information_criteria() -> None:
    y, v = BCG_RR
    reml = fit_statistics(y, v, tau2=estimate_tau2(y, v).tau2, restricted=True)
    got = [reml.aic, reml.bic, reml.aicc]
    np.testing.assert_allclose(
        got, [28.4047428309871, 29.3745561305631, 29.7380761643205], rtol=1e-10
    )
    ee = fit_statistics(y, v, tau2=0.0, estimated=False)
    got = [ee.aic, ee.bic, ee.aicc]
    np.testing.assert_allclose(
        got, [142.447139808862, 143.012089166323, 142.810776172498], rtol=1e-10
    )
    X = np.column_stack([np.ones(13), BCG_LATITUDE])
    tau2 = estimate_tau2(y, v, X).tau2
    with_x = fit_statistics(y, v, X, tau2=tau2, restricted=True)
    got = [with_x.log_likelihood, with_x.aic, with_x.bic, with_x.aicc]
    np.testing.assert_allclose(
        got,
        [-8.08732005827573, 22.1746401165515, 23.3683259349466, 25.6032115451229],
        rtol=1e-10,
    )
    assert with_x.parameters == 3
    assert float(with_x.observations) == 11.0


def test_viechtbauer_2010() -> None:
    # Journal of Statistical Software 36(3), sections 3.1 and 3.2: Q(df = 12) =
    # 152.2330; with latitude and year QE(df = 10) = 28.3251, I^2 = 71.98, H^2 = 3.57.
    y, v = BCG_RR
    test = cochran_q(y, v)
    assert abs(float(test.q) - 152.2330) <= 0.5e-4
    assert float(test.df) == 12.0
    X = np.column_stack([np.ones(13), BCG_LATITUDE, BCG_YEAR])
    h = heterogeneity(y, v, X, tau2=estimate_tau2(y, v, X).tau2)
    assert abs(float(h.test.q) - 28.3251) <= 0.5e-4
    assert abs(float(h.i2) - 71.98) <= 0.5e-2
    assert abs(float(h.h2) - 3.57) <= 0.5e-2


def test_likelihoods_are_normal_densities() -> None:
    y, v = TWO_MODES
    t = 0.3
    w = 1.0 / (v + t)
    mean = (w * y).sum() / w.sum()
    full = fit_statistics(y, v, tau2=t)
    density = float(np.sum(stats.norm.logpdf(y, mean, np.sqrt(v + t))))
    assert full.log_likelihood == pytest.approx(density, rel=1e-12)
    # The restricted likelihood: the mean integrated out over a flat prior, and the
    # determinant of X'X put back (Harville 1974).
    area, _ = integrate.quad(
        lambda m: float(
            np.exp(np.sum(stats.norm.logpdf(y, m, np.sqrt(v + t))) - density)
        ),
        mean - 10.0,
        mean + 10.0,
        epsabs=0.0,
        epsrel=1e-11,
        points=[mean],
    )
    integrated = density + np.log(area) + 0.5 * np.log(5.0)
    restricted = fit_statistics(y, v, tau2=t, restricted=True)
    assert restricted.log_likelihood == pytest.approx(integrated, rel=1e-9)


def test_the_two_bases_agree_for_dersimonian_laird() -> None:
    for example in (BCG_RR, EXPECTANCY, STAY, HOMOGENEOUS):
        tau2 = estimate_tau2(*example, method="DL").tau2
        one = heterogeneity(*example, tau2=tau2)
        two = heterogeneity(*example, tau2=tau2, basis="Q")
        assert one.i2 == pytest.approx(float(two.i2), rel=1e-10, abs=1e-10)


def test_typical_variance_is_equation_9() -> None:
    # Higgins & Thompson (2002): sum(w) (k - 1) / (sum(w)^2 - sum(w^2)).
    w = 1.0 / BCG_RR.v
    expected = w.sum() * 12.0 / (w.sum() ** 2 - (w**2).sum())
    assert typical_variance(BCG_RR.v) == pytest.approx(float(expected), rel=1e-12)


def test_r_b_is_the_mean_share() -> None:
    y, v = STAY
    mask = np.arange(9) != 4
    expected = 100.0 * np.mean(20.0 / (20.0 + v[mask]))
    got = heterogeneity(y, v, tau2=20.0, mask=mask)
    assert got.r_b == pytest.approx(float(expected), rel=1e-12)
    assert r_b_of_tau2(v, 20.0, mask=mask) == pytest.approx(float(expected), rel=1e-12)
    assert got.tau == pytest.approx(20.0**0.5)


def test_with_one_variance_r_b_is_i2() -> None:
    h = heterogeneity([0.1, 0.9, 0.4], [0.2, 0.2, 0.2], tau2=0.3)
    assert h.r_b == pytest.approx(float(h.i2), rel=1e-13)


def test_cv_of_tau() -> None:
    np.testing.assert_allclose(cv_of_tau([0.04, 0.0], [-0.4, 2.0]), [0.5, 0.0])
    assert np.isinf(cv_of_tau(0.04, 0.0))


def test_q_far_in_its_tail() -> None:
    test = cochran_q([0.0, 1000.0], [1.0, 1.0])
    assert test.p == 0.0
    # scipy's logarithm of this tail has underflown too; that of the normal has not.
    expected = np.log(2.0) + float(stats.norm.logsf(5e5**0.5))
    assert test.log_p == pytest.approx(float(expected), rel=1e-12)


def test_one_study_has_no_q() -> None:
    test = cochran_q([0.3], [0.1])
    assert (float(test.q), float(test.df), float(test.p)) == (0.0, 0.0, 1.0)


def eigenvalues(v: Floats, a: Floats, tau2: float, X: Floats) -> Floats:
    A = np.diag(a) - np.diag(a) @ X @ np.linalg.inv(X.T @ np.diag(a) @ X) @ X.T * a
    root = np.sqrt(v + tau2)
    return np.asarray(
        np.linalg.eigvalsh(root[:, np.newaxis] * A * root)[X.shape[1] :], dtype=float
    )


@pytest.mark.parametrize("moderators", [0, 1, 2])
@pytest.mark.parametrize("tau2", [0.0, 0.05, 2.0])
def test_the_exact_distribution_of_q_by_its_eigenvalues(
    moderators: int, tau2: float
) -> None:
    y, v = BCG_RR
    X = np.column_stack([np.ones(13), BCG_LATITUDE, BCG_YEAR - 1970.0])
    X = X[:, : moderators + 1]
    for a in (1.0 / v, 1.0 / np.sqrt(v), np.linspace(1.0, 3.0, 13)):
        A = np.diag(a) - np.diag(a) @ X @ np.linalg.inv(X.T @ np.diag(a) @ X) @ X.T * a
        lam = eigenvalues(v, a, tau2, X)
        x = X if moderators else None
        for lower in (False, True):
            expected = float(chi2_mixture_p(np.array(y @ A @ y), lam, lower=lower))
            got = q_exact_p(y, v, x, tau2=tau2, weights=a, lower=lower)
            assert got == pytest.approx(expected, rel=1e-8)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), decades=st.floats(0.0, 4.0))
def test_without_heterogeneity_q_is_chi_squared(seed: int, decades: float) -> None:
    rng = np.random.default_rng(seed)
    v = 10.0 ** rng.uniform(-decades / 2.0, decades / 2.0, 6)
    y = rng.normal(size=6) * np.sqrt(v)
    test = cochran_q(y, v)
    assert q_exact_p(y, v) == pytest.approx(float(test.p), rel=1e-10)
    assert q_exact_p(y, v, log=True) == pytest.approx(float(test.log_p), rel=1e-9)


def test_test_based_interval_of_the_bcg_data() -> None:
    # meta 8.4-0 prints I^2 = 92.1% [88.3%; 94.7%], H = 3.56 [2.93; 4.34] from
    # Higgins and Thompson's test-based interval.
    ci = heterogeneity_interval(*BCG_RR, type="test-based")
    printed = [(ci.i2, (88.3, 94.7), 0.05), (ci.h2, (2.93, 4.34), 0.005)]
    for got, figures, half in printed:
        ends = np.sqrt(got) if half < 0.01 else np.array(got)
        assert (np.abs(ends - figures) <= half).all()


def test_test_based_interval_when_q_is_small() -> None:
    ci = heterogeneity_interval(*HOMOGENEOUS, type="test-based")
    se = np.sqrt(0.5 / 19.0 * (1.0 - 1.0 / (3.0 * 19.0**2)))
    assert float(ci.h2[0]) == 1.0
    expected = float(np.exp(2.0 * stats.norm.isf(0.025) * se))
    assert ci.h2[1] == pytest.approx(expected, rel=1e-10)


def test_noncentral_interval_inverts_the_noncentral_distribution() -> None:
    ci = heterogeneity_interval(*BCG_RR, type="noncentral", level=0.9)
    q = float(cochran_q(*BCG_RR).q)
    for end, p in zip(ci.h2, (0.05, 0.95), strict=True):
        got = stats.ncx2.sf(q, 12, (float(end) - 1.0) * 12.0)
        assert got == pytest.approx(p, rel=1e-8)
    low = heterogeneity_interval(*HOMOGENEOUS, type="noncentral")
    assert (float(low.i2[0]), float(low.h2[0])) == (0.0, 1.0)


def test_ends_of_tau2_are_carried_over() -> None:
    y, v = BCG_RR
    ci = heterogeneity_interval(y, v, type="PL", method="ML")
    tau2 = tau2_interval(y, v, type="PL", method="ML")
    for i, end in enumerate((tau2.low, tau2.high)):
        h = heterogeneity(y, v, tau2=end)
        assert ci.i2[i] == pytest.approx(float(h.i2), rel=1e-12)
        assert ci.h2[i] == pytest.approx(float(h.h2), rel=1e-12)
        assert ci.r_b[i] == pytest.approx(float(h.r_b), rel=1e-12)


@pytest.mark.parametrize("type_", H2_INTERVALS)
def test_a_batch_is_its_elements_one_by_one(type_: str) -> None:
    rng = np.random.default_rng(0)
    y, v = rng.normal(size=(5, 6)), rng.uniform(0.1, 1.0, (5, 6))
    batch = heterogeneity_interval(y, v, type=type_)
    for i in range(5):
        one = heterogeneity_interval(y[i], v[i], type=type_)
        assert batch.h2[1][i] == pytest.approx(float(one.h2[1]), rel=1e-10)
    whole = heterogeneity(y, v, tau2=0.2)
    fit = fit_statistics(y, v, tau2=0.2, restricted=True)
    for i in range(5):
        one_h = heterogeneity(y[i], v[i], tau2=0.2)
        assert whole.i2[i] == pytest.approx(float(one_h.i2), rel=1e-12)
        assert whole.test.q[i] == pytest.approx(float(one_h.test.q), rel=1e-12)
        ll = fit_statistics(y[i], v[i], tau2=0.2, restricted=True).log_likelihood
        assert fit.log_likelihood[i] == pytest.approx(float(ll), rel=1e-12)


def test_refusals() -> None:
    y, v = [0.1, 0.4, 0.3], [0.1, 0.1, 0.2]
    with pytest.raises(UnknownMethodError, match=r"Known: .*QP.*test-based"):
        heterogeneity_interval(y, v, type="HT")
    with pytest.raises(InvalidEvidenceError, match=r"level must be between 0 and 1"):
        heterogeneity_interval(y, v, type="test-based", level=95.0)
    with pytest.raises(InvalidEvidenceError, match="at least 2 studies"):
        heterogeneity_interval([0.1], [0.1], type="test-based")


def test_a_batch_in_parts_is_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    y, v = rng.normal(size=(7, 3, 6)), rng.uniform(0.1, 1.0, (7, 3, 6))
    X = np.stack([np.ones((7, 3, 6)), rng.normal(size=(7, 3, 6))], axis=-1)
    mask = rng.uniform(size=(7, 3, 6)) < 0.7
    mask[..., :4] = True
    tau2 = rng.uniform(0.0, 1.0, (7, 3))

    def everything(x: Floats | None) -> list[Floats]:
        h = heterogeneity(y, v, x, tau2=tau2, mask=mask)
        fit = fit_statistics(y, v, x, tau2=tau2, restricted=True, mask=mask)
        reml = estimate_tau2(y, v, x, mask=mask)
        ci = tau2_interval(y, v, x, mask=mask)
        ends = [reml.tau2, reml.se, ci.low, ci.high]
        return [h.i2, h.r_b, h.test.q, fit.log_likelihood, *ends]

    for x in (None, X[0, 0], X):
        whole = everything(x)
        with monkeypatch.context() as patch:
            patch.setattr(_studies, "CHUNK", 30)
            parts = everything(x)
        for a, b in zip(whole, parts, strict=True):
            assert a.shape == (7, 3)
            np.testing.assert_allclose(b, a, rtol=1e-9, atol=1e-11)
