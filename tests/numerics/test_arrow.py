"""Maximisation with a parameter for each study, against closed forms."""

import numpy as np
from scipy import special

from k2stats._typing import Floats
from k2stats.numerics.arrow import maximise

X1 = np.array([3.0, 10.0, 4.0])
N1 = np.array([30.0, 50.0, 40.0])
X2 = np.array([8.0, 12.0, 9.0])
N2 = np.array([30.0, 52.0, 45.0])


def loglik(psi: Floats, alpha: Floats) -> Floats:
    """Two binomials a study, intercepts free."""
    up = alpha + psi[:, :1]
    return np.asarray(
        X1 * up - N1 * np.logaddexp(0, up) + X2 * alpha - N2 * np.logaddexp(0, alpha)
    )


def test_arrow_equals_the_dense_fit() -> None:
    found = maximise(
        loglik, np.array([[0.0], [1.5]]), np.full((2, 3), -1.0), free=(0,), own=True
    )
    assert found.converged.all()
    # Fisher scoring on the dense design, to the end.
    design = np.vstack([np.c_[np.eye(3), np.ones(3)], np.c_[np.eye(3), np.zeros(3)]])
    x, n, beta = np.r_[X1, X2], np.r_[N1, N2], np.zeros(4)
    for _ in range(50):
        p = special.expit(design @ beta)
        information = design.T @ ((n * p * (1 - p))[:, None] * design)
        beta = beta + np.linalg.solve(information, design.T @ (x - n * p))
    for row in (0, 1):
        np.testing.assert_allclose(found.psi[row, 0], beta[3], atol=1e-9)
        np.testing.assert_allclose(found.alpha[row], beta[:3], atol=1e-8)
    want = np.linalg.inv(information)[3, 3]
    np.testing.assert_allclose(found.cov[:, 0, 0], want, rtol=1e-7)


def test_given_derivatives_lead_to_the_same_place() -> None:
    def derivatives(psi: Floats, alpha: Floats) -> tuple[Floats, Floats, Floats]:
        p1, p2 = special.expit(alpha + psi[:, :1]), special.expit(alpha)
        s1, s2 = X1 - N1 * p1, X2 - N2 * p2
        h1, h2 = -N1 * p1 * (1 - p1), -N2 * p2 * (1 - p2)
        slopes = np.stack([s1 + s2, s1], axis=-1)
        curves = np.stack(
            [np.stack([h1 + h2, h1], axis=-1), np.stack([h1, h1], axis=-1)], axis=-1
        )
        return loglik(psi, alpha), slopes, curves

    start, own = np.zeros((1, 1)), np.full((1, 3), -1.0)
    exact = maximise(loglik, start, own, free=(0,), own=True, derivatives=derivatives)
    plain = maximise(loglik, start, own, free=(0,), own=True)
    np.testing.assert_allclose(exact.psi, plain.psi, atol=1e-9)
    np.testing.assert_allclose(exact.cov, plain.cov, rtol=1e-7)


def test_only_free_elements_move() -> None:
    found = maximise(
        lambda psi, _: -((psi[:, :1] - 1) ** 2 + (psi[:, 1:] - 2) ** 2) * np.ones(2),
        np.array([[0.0, 5.0]]),
        np.zeros((1, 2)),
        free=(0,),
        own=False,
    )
    np.testing.assert_allclose(found.psi, [[1.0, 5.0]], atol=1e-9)
    np.testing.assert_allclose(found.information, [[[4.0]]], rtol=1e-8)


def test_differences_are_of_fourth_order() -> None:
    # exp(x): every derivative is known, so the error of the Hessian is seen.
    def f(psi: Floats, alpha: Floats) -> Floats:
        return np.asarray(
            psi[:, :1] + 0.5 * psi[:, 1:] - np.exp(psi[:, :1] + psi[:, 1:] ** 2)
        )

    found = maximise(
        f, np.array([[0.2, 0.1]]), np.zeros((1, 1)), free=(0, 1), own=False
    )
    a, b = found.psi[0]
    top = np.exp(a + b * b)
    # The slope's error is h^4 / 30 with steps of 0.02.
    np.testing.assert_allclose(top, 1.0, rtol=1e-8)
    np.testing.assert_allclose(b, 0.25, rtol=1e-7)
    want = np.array([[top, 2 * b * top], [2 * b * top, (2 + 4 * b * b) * top]])
    np.testing.assert_allclose(found.information[0], want, rtol=1e-6)


def test_a_likelihood_without_maximum_is_flagged() -> None:
    found = maximise(
        lambda psi, _: -np.logaddexp(0, -psi) * np.ones(2),
        np.zeros((1, 1)),
        np.zeros((1, 2)),
        free=(0,),
        own=False,
    )
    assert float(found.psi[0, 0]) > 15.0


def test_covariance_is_missing_where_it_is_not_defined() -> None:
    flat = maximise(
        lambda psi, _: np.zeros((psi.shape[0], 2)),
        np.zeros((1, 1)),
        np.zeros((1, 2)),
        free=(0,),
        own=False,
    )
    assert np.isnan(flat.cov).all()
