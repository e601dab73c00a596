"""Shares of a variance: against analysis of variance, brute force, and laws."""

from itertools import combinations, permutations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import k2stats as k2
from k2stats._typing import Floats, Ints
from k2stats.datasets import bcg
from k2stats.errors import UnknownMethodError
from k2stats.sensitivity import multiverse
from k2stats.sensitivity.multiverse_decomposition import decompose


def factorial(*levels: int) -> dict[str, Ints]:
    rows = np.array(list(product(*(range(n) for n in levels))))
    return {"abcdefgh"[i]: rows[:, i] for i in range(len(levels))}


def explained(y: Floats, codes: dict[str, Ints], names: tuple[str, ...]) -> float:
    """Variance of group means, by pandas."""
    if not names:
        return 0.0
    frame = pd.DataFrame({n: codes[n] for n in names})
    means = pd.Series(y).groupby([frame[n] for n in names]).transform("mean")
    return float(((means - y.mean()) ** 2).mean())


def brute(
    y: Floats, codes: dict[str, Ints], after: dict[str, tuple[str, ...]]
) -> dict[str, float]:
    """Mean gain over every order that is possible, one after the other."""
    gains: dict[str, list[float]] = {n: [] for n in codes}
    known = {
        frozenset(names): explained(y, codes, names)
        for size in range(len(codes) + 1)
        for names in combinations(codes, size)
    }
    for order in permutations(codes):
        if any(order.index(b) > order.index(a) for a, bs in after.items() for b in bs):
            continue
        for i, name in enumerate(order):
            told = frozenset(order[:i])
            gains[name].append(known[told | {name}] - known[told])
    return {n: float(np.mean(g)) / y.var() for n, g in gains.items()}


def test_a_full_factorial_is_the_analysis_of_variance() -> None:
    codes = factorial(3, 2, 4)
    y = np.random.default_rng(5).normal(size=24)
    made = decompose(y, codes)
    total = ((y - y.mean()) ** 2).sum()
    for i, name in enumerate(made.choices):
        level_means = pd.Series(y).groupby(codes[name]).transform("mean")
        between = ((level_means - y.mean()) ** 2).sum()
        assert made.main[i] == pytest.approx(between / total, rel=1e-12)
    # statsmodels gives the same sums of squares, interactions of two among them
    from statsmodels.formula.api import ols
    from statsmodels.stats.anova import anova_lm

    data = pd.DataFrame({**codes, "y": y})
    table = anova_lm(ols("y ~ (C(a) + C(b) + C(c)) ** 2", data=data).fit())
    squares = table["sum_sq"] / total
    assert made.main[0] == pytest.approx(squares["C(a)"], rel=1e-10)
    assert made.pairs[0, 1] == pytest.approx(squares["C(a):C(b)"], rel=1e-9)
    assert made.pairs[1, 2] == pytest.approx(squares["C(b):C(c)"], rel=1e-9)
    # each two-way interaction is shared by two, the three-way one by three
    rest = squares["Residual"]
    share = squares["C(a)"] + 0.5 * squares["C(a):C(b)"] + 0.5 * squares["C(a):C(c)"]
    assert made.share[0] == pytest.approx(share + rest / 3.0, rel=1e-9)
    whole = share + 0.5 * (squares["C(a):C(b)"] + squares["C(a):C(c)"]) + rest
    assert made.total[0] == pytest.approx(whole, rel=1e-9)


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), gone=st.floats(0.0, 0.6))
def test_laws_of_any_design(seed: int, gone: float) -> None:
    rng = np.random.default_rng(seed)
    codes = factorial(3, 2, 3, 2)
    keep = rng.random(36) >= gone
    keep[:3] = True
    codes = {n: c[keep] for n, c in codes.items()}
    y = rng.normal(size=int(keep.sum()))
    made = decompose(y, codes)
    assert made.share.sum() == pytest.approx(1.0, abs=1e-12)
    assert (made.share >= -1e-12).all()
    assert ((made.main >= -1e-12) & (made.main <= 1.0 + 1e-12)).all()
    assert ((made.total >= -1e-12) & (made.total <= 1.0 + 1e-12)).all()
    assert made.variance == pytest.approx(y.var(), rel=1e-10)
    # neither the names of levels nor the units of the outcome matter
    other = decompose(3.0 - 7.0 * y, {n: 9 - 2 * c for n, c in codes.items()})
    np.testing.assert_allclose(other.share, made.share, atol=1e-10)
    np.testing.assert_allclose(other.total, made.total, atol=1e-10)
    brutal = brute(y, {n: codes[n] for n in made.choices}, {})
    np.testing.assert_allclose(made.share, list(brutal.values()), atol=1e-10)


@settings(max_examples=15)
@given(seed=st.integers(0, 10_000))
def test_full_factorials_order_main_share_and_total(seed: int) -> None:
    codes = factorial(2, 3, 2, 2)
    made = decompose(np.random.default_rng(seed).normal(size=24), codes)
    assert (made.main <= made.share + 1e-12).all()
    assert (made.share <= made.total + 1e-12).all()
    assert (made.pairs >= -1e-12).all()


def test_a_choice_that_hangs_on_another_is_not_credited_with_it() -> None:
    # model 0 has one way, model 1 three; only the model matters
    model = np.array([0, 1, 1, 1])
    way = np.array([0, 1, 2, 3])
    y = np.array([0.0, 1.0, 1.0, 1.0])
    plain = decompose(y, {"model": model, "way": way})
    assert plain.share.tolist() == pytest.approx([0.5, 0.5])
    nested = decompose(y, {"model": model, "way": way}, after={"way": ("model",)})
    assert nested.share.tolist() == pytest.approx([1.0, 0.0])
    assert nested.leading == "model"
    # where every level goes with every other there is nothing to hang on
    codes = factorial(2, 2)
    z = np.array([0.0, 1.0, 1.0, 4.0])
    free = decompose(z, codes)
    same = decompose(z, codes, after={"b": ("a",)})
    np.testing.assert_allclose(same.share, free.share)


def test_orders_are_counted_as_if_one_by_one() -> None:
    rng = np.random.default_rng(3)
    codes = {
        "a": np.array([0, 0, 1, 1, 2, 2, 2, 0, 1]),
        "b": np.array([0, 0, 1, 1, 1, 2, 2, 0, 2]),
        "c": np.array([0, 1, 2, 2, 3, 3, 4, 1, 4]),
        "d": np.array([0, 1, 0, 1, 0, 1, 0, 0, 1]),
    }
    y = rng.normal(size=9)
    after = {"c": ("a", "b"), "b": ("a",)}
    made = decompose(y, codes, after=after)
    brutal = brute(y, codes, after)
    np.testing.assert_allclose(
        made.share, [brutal[n] for n in made.choices], atol=1e-12
    )


def test_nothing_varies_and_nothing_is_known() -> None:
    codes = factorial(2, 2)
    flat = decompose(np.full(4, 0.3), codes)
    assert np.isnan(flat.share).all()
    assert flat.leading == ""
    none = decompose(np.full(4, np.nan), codes)
    assert none.choices == ()
    assert none.specifications == 0
    some = decompose(np.array([1.0, np.nan, 2.0, np.nan]), codes)
    assert some.choices == ("a",)
    assert some.share.tolist() == [1.0]


def test_of_a_multiverse() -> None:
    m = multiverse(bcg.BCG, "RR", study=bcg.LABELS, tau2=["DL", "REML"], ci=["HK", "z"])
    made = m.decomposition()
    assert made.share.sum() == pytest.approx(1.0, abs=1e-12)
    assert made.variance == pytest.approx(m.estimate.var(), rel=1e-10)
    # an interval moves no estimate
    assert made.share[made.choices.index("ci")] == pytest.approx(0.0, abs=1e-12)
    frame = made.to_frame()
    assert frame["share"].is_monotonic_decreasing
    assert made.leading == frame["choice"].iloc[0] == "model"
    decision = m.decomposition("significant")
    assert decision.variance == pytest.approx(m.significant.astype(float).var())
    width = m.decomposition("width")
    assert width.variance == pytest.approx((m.ci_high - m.ci_low).var(), rel=1e-9)
    p = m.decomposition("log_p")
    assert p.variance == pytest.approx(np.log10(m.p).var(), rel=1e-6)
    with pytest.raises(UnknownMethodError, match="Unknown outcome 'tau2'"):
        m.decomposition("tau2")
    with pytest.raises(UnknownMethodError, match=r"Unknown scale 'OR'\. Known: RR"):
        m.decomposition(scale="OR")


def test_leaving_out_is_all_that_moves_where_nothing_else_varies() -> None:
    es = k2.EffectSizes.from_arrays([0.1, 0.5, 0.9, 0.4], [0.02, 0.03, 0.05, 0.01])
    m = multiverse(es, models="random", tau2="DL", ci="z")
    assert m.varied == ("exclude",)
    assert m.decomposition().to_frame()["share"].tolist() == [1.0]
