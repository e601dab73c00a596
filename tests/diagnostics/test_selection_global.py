"""Selection models on simulated sets: every fit ends, and nothing finds higher."""

import csv
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from scipy import special, stats

from diagnostics.selected_sets import PUBLISHED, selected_set
from k2stats._typing import Floats
from k2stats.diagnostics import SelectionModel, selection_model

SETS = 100
DELTAS: dict[str, list[list[float]]] = {
    "step": [[0.01, 0.03, 0.1, 0.2, 0.4, 0.7, 1.0, 2.0, 5.0, 20.0, 99.0]],
    "truncated": [[0.01, 0.03, 0.1, 0.2, 0.4, 0.7, 1.0, 2.0, 5.0, 20.0, 99.0]],
    "beta": [[0.3, 0.8, 1.0, 1.5, 4.0], [0.3, 0.8, 1.0, 1.5, 4.0]],
    "half-normal": [[0.0, 0.3, 1.0, 3.0, 8.0, 25.0, 90.0]],
    "negative-exponential": [[0.0, 0.3, 1.0, 3.0, 8.0, 25.0, 90.0]],
    "logistic": [[0.0, 0.3, 1.0, 3.0, 8.0, 25.0, 90.0]],
    "power": [[0.0, 0.1, 0.3, 1.0, 3.0, 10.0, 50.0]],
}


def fitted(weights: str, seed: int) -> SelectionModel:
    return selection_model(selected_set(weights, seed), weights)


@cache
def smallest(weights: str) -> tuple[int, ...]:
    """Seeds of the sets with the fewest studies."""
    sizes = [selected_set(weights, seed).y.size for seed in range(SETS)]
    return tuple(np.argsort(sizes, kind="stable").tolist())


def best_of_grid(found: SelectionModel) -> float:
    """Highest log-likelihood over a grid around the fit and around the studies."""
    y, spread = found.problem.data.y, found.problem.spread
    moves = np.array([-6.0, -3.0, -1.5, -0.7, 0.0, 0.7, 1.5])
    shares = np.array([0.0, 0.02, 0.1, 0.4, 1.0, 3.0])
    points = np.array(
        [
            (mu, tau2, *delta)
            for mu, tau2, *delta in product(
                y.mean() + moves * spread,
                shares * spread**2,
                *DELTAS[found.method],
            )
        ]
    )
    values: list[Floats] = [
        found.problem.value(points[at : at + 100])[0]
        for at in range(0, len(points), 100)
    ]
    return float(np.concatenate(values).max())


@pytest.mark.long
@pytest.mark.parametrize("weights", list(PUBLISHED))
def test_every_fit_ends_above_its_grid(weights: str) -> None:
    endless = 0
    for seed in range(SETS):
        found = fitted(weights, seed)
        assert found.loglik >= found.loglik_without - 1e-9, seed
        assert found.loglik >= best_of_grid(found) - 1e-9, seed
        if np.isnan(found.estimate):
            endless += 1
            assert "The likelihood has no maximum" in found.note
    assert endless < 0.1 * SETS


@pytest.mark.parametrize("weights", ["step", "truncated", "beta", "power"])
def test_small_sets_end_above_their_grids(weights: str) -> None:
    smooth = weights in ("beta", "power")
    for seed in smallest(weights)[2:3] if smooth else smallest(weights)[:4]:
        found = fitted(weights, seed)
        assert found.loglik >= best_of_grid(found) - 1e-9, seed


PRINTED = Path(__file__).with_name("selmodel_metafor.csv")
"""What metafor 3.8-1 printed of sets on which its selmodel() converged: log-likelihoods
without and with selection, mean, tau2 and the deltas; ML, steps at 0.025."""


def printed() -> list[dict[str, str]]:
    with PRINTED.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def log_weight(weights: str, delta: Floats, log_p: Floats, log_q: Floats) -> Floats:
    """Weight functions written out."""
    d, p = delta[0], np.exp(log_p)
    if weights == "step":
        return np.where(p <= 0.025, 0.0, np.log(d))
    if weights == "beta":
        return np.asarray((d - 1.0) * log_p + (delta[1] - 1.0) * log_q)
    if weights == "power":
        return np.asarray(d * log_q)
    if weights == "logistic":
        return np.asarray(np.log(2.0) - np.logaddexp(0.0, d * p))
    return np.asarray(-d * p ** (2.0 if weights == "half-normal" else 1.0))


def by_trapezoids(
    found: SelectionModel, mu: float, tau2: float, delta: Floats
) -> float:
    """Log-likelihood by a fine grid of each study's results."""
    total = 0.0
    data = found.problem.data
    for y, v in zip(data.y.tolist(), data.v.tolist(), strict=True):
        s, sd = np.sqrt(v), np.sqrt(v + tau2)

        def f(x: Floats, s: float = s, sd: float = sd) -> Floats:
            logs = special.log_ndtr(-x / s), special.log_ndtr(x / s)
            weight = log_weight(found.method, delta, *logs)
            return np.asarray(weight + stats.norm.logpdf(x, mu, sd))

        x = np.linspace(mu - 40.0 * sd, mu + 40.0 * sd, 40_001)
        total += float(f(np.array([y]))[0] - np.log(np.trapezoid(np.exp(f(x)), x)))
    return total


@pytest.mark.long
@pytest.mark.parametrize(
    "row", printed(), ids=lambda row: f"{row['weights']}-{row['seed']}"
)
def test_no_printed_optimum_is_higher(row: dict[str, str]) -> None:
    found = fitted(row["weights"], int(row["seed"]))
    # the sets are those that were printed of
    assert found.loglik_without == pytest.approx(float(row["loglik0"]), abs=1e-5)
    there = [row["delta1"], row["delta2"]][: len(found.delta_names)]
    mu, tau2 = float(row["mean"]), float(row["tau2"])
    delta = np.array([float(x) for x in there])
    here = float(found.problem.value(np.array([mu, tau2, *delta]))[0])
    assert found.loglik >= here - 1e-6
    least = tau2 / (float(found.problem.data.v.min()) + tau2)
    if row["weights"] == "beta" and delta.min() < least:
        # the weights printed have an infinite integral: there is no such model
        assert here == -np.inf
    elif row["weights"] != "step":
        assert here == pytest.approx(by_trapezoids(found, mu, tau2, delta), abs=1e-5)
    # What is printed for the log-likelihood is no higher, but for the package's own
    # quadrature: where it is, the trapezoids say that less is right.
    if float(row["loglik"]) > found.loglik + 1e-6:
        assert here < float(row["loglik"]) - 1e-6


def test_a_delta_at_the_least_that_can_be_normalised() -> None:
    # 23 studies; the weight of large p would have to grow faster than any density
    # with this tau2 falls
    es = selected_set("beta", 1)
    found = selection_model(es, "beta")
    least = found.tau2 / (float(es.v.min()) + found.tau2)
    assert found.delta[1] == pytest.approx(least, abs=1e-8)
    assert found.at_bound.tolist() == [False, True]
    assert np.isnan(found.delta_se).tolist() == [False, True]
    assert np.isfinite(found.se[0])
    assert "least value that gives the results a distribution" in found.note
    # beyond it there is no distribution, and inside the likelihood is lower
    x = np.array([found.estimate, found.tau2, *found.delta])
    step = np.array([0.0, 0.0, 0.0, 1e-4])
    beyond = found.problem.value(x - step)[0]
    assert beyond == -np.inf
    inside = found.problem.value(x + step)[0]
    assert inside < found.loglik
    # its integrals, whose tails fall like an exponential only, by trapezoids
    delta = np.array([found.delta[0], least + 1e-6])
    here = found.problem.value(np.array([found.estimate, found.tau2, *delta]))[0]
    by_hand = by_trapezoids(found, found.estimate, found.tau2, delta)
    assert float(here) == pytest.approx(by_hand, abs=2e-5)


def test_the_covariance_at_that_bound_is_of_moves_along_it() -> None:
    found = selection_model(selected_set("beta", 1), "beta")
    v = float(found.problem.data.v.min())

    def along(mu: float, tau2: float, first: float) -> float:
        delta = (first, tau2 / (v + tau2) + 1e-9)
        return float(found.problem.value(np.array([mu, tau2, *delta]))[0])

    x = np.array([found.estimate, found.tau2, found.delta[0]])
    h = 1e-4 * np.abs(x)
    second = np.empty((3, 3))
    for i, j in product(range(3), range(3)):
        value = 0.0
        for a, b in product((1.0, -1.0), (1.0, -1.0)):
            step = a * h * (np.arange(3) == i) + b * h * (np.arange(3) == j)
            value += a * b * along(*(x + step))
        second[i, j] = value / (4.0 * h[i] * h[j])
    se = np.sqrt(np.diag(np.linalg.inv(-second)))
    got = [float(found.se[0]), found.tau2_se, float(found.delta_se[0])]
    np.testing.assert_allclose(got, se, rtol=1e-3)


def test_a_likelihood_without_a_maximum_says_so() -> None:
    found = selection_model(selected_set("power", 27), "power")
    assert "The likelihood has no maximum" in found.note
    assert np.isnan(found.estimate)
    assert np.isnan(found.tau2)
    assert np.isnan(found.delta).all()
    assert "The likelihood has no maximum" in found.summary()
    # it is above every fit with the mean held within reach of the results
    assert found.loglik > best_of_grid(found)
    found.plot().draw_without_rendering()
