"""Leave-one-out, cumulative, bootstrap, BLUPs and long tables against loops."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from k2stats.effectsizes import EffectSizes
from k2stats.errors import InvalidEvidenceError, MissingInputError
from k2stats.models import blup, bootstrap, cumulative, leave_one_out, pool, pool_long
from k2stats.models._leave_out import left_out
from models.pool_examples import bcg, expectancy, sets


@pytest.mark.parametrize("options", [{}, {"tau2": "DL", "ci": "z"}, {"model": "HC"}])
def test_leave_one_out_is_a_loop(options: dict[str, str]) -> None:
    es = bcg()
    made = leave_one_out(es, **options)
    assert made.labels == es.study
    for i in range(es.k):
        one = pool(es[np.arange(es.k) != i], **options)  # type: ignore[arg-type]
        for name in ("estimate", "se", "tau2", "ci_low", "Q", "I2", "p"):
            np.testing.assert_allclose(
                getattr(made.fits, name)[i], getattr(one, name), rtol=1e-8
            )


def test_leave_one_out_reference() -> None:
    # reference case leave1out/bcg/RR
    made = leave_one_out(bcg(), tau2="DL", ci="z").fits
    np.testing.assert_allclose(
        made.estimate[:2], [-0.705125198417451, -0.654515875087971]
    )
    np.testing.assert_allclose(made.tau2[:2], [0.312171499040679, 0.29997459082211])


def test_cumulative_by_year() -> None:
    es = bcg()
    year = np.array([int(str(s)[-4:]) for s in es.labels])
    made = cumulative(es, year, tau2="DL", ci="z")
    order = np.argsort(year, kind="stable")
    assert made.labels == tuple(es.labels[i] for i in order)
    for m in range(1, es.k + 1):
        one = pool(es[order[:m]], tau2="DL", ci="z")
        np.testing.assert_allclose(made.estimate[m - 1], one.estimate, rtol=1e-12)
        np.testing.assert_allclose(made.fits.se[m - 1], one.se, rtol=1e-12)
    assert made.fits.tau2[0] == 0.0
    assert made.fits.k.tolist() == list(range(1, 14))


def test_weights_go_with_their_studies() -> None:
    es, w = bcg(), np.arange(1.0, 14.0)
    made = leave_one_out(es, weights=w)
    rest = np.arange(13) != 4
    one = pool(es[rest], weights=w[rest])
    np.testing.assert_allclose(made.estimate[4], one.estimate, rtol=1e-12)
    added = cumulative(es, -np.arange(13), weights=w)
    last = pool(es[np.array([12, 11])], weights=w[[12, 11]])
    np.testing.assert_allclose(added.estimate[1], last.estimate, rtol=1e-12)


def test_series_frames() -> None:
    made = leave_one_out(bcg())
    frame = made.to_frame(natural=True)
    assert frame["left out"].tolist() == list(bcg().labels)
    np.testing.assert_allclose(frame["RR"], np.exp(made.estimate))
    assert "Aronson 1948" in made.summary()
    assert "<table" in made._repr_html_()


def test_resamples_and_predictions_print_on_the_natural_scale() -> None:
    fit = pool(bcg())
    made = bootstrap(bcg(), rng=3, draws=200)
    low, high = np.exp(made.interval())
    text = " ".join(str(made).split())
    assert "Bootstrap (parametric), 200 draws" in text
    assert f"RR 0.4894 {low:.4f} {high:.4f}" in text
    assert f"tau2 0.3132 {made.interval('tau2')[0]:.4f}" in text
    assert "<table" in made._repr_html_()
    with pytest.raises(InvalidEvidenceError, match="level must be between 0 and 1"):
        made.interval(level=95)
    shrunk = blup(fit, level=0.9)
    text = " ".join(shrunk.summary().split())
    first = np.exp([shrunk.pred[0], shrunk.pi_low[0], shrunk.pi_high[0]])
    assert "study RR 90% low 90% high shrinkage" in text
    assert f"Aronson 1948 {first[0]:.4f} {first[1]:.4f} {first[2]:.4f}" in text
    odd = EffectSizes.from_arrays([0.1, 0.2], [0.1, 0.1], study=["a<b", "c"])
    assert "a&lt;b" in blup(pool(odd))._repr_html_()
    y = np.stack([bcg().y, bcg().y])
    twice = EffectSizes.from_arrays(y, np.stack([bcg().v] * 2), measure="RR")
    assert str(blup(pool(twice))) == "Best linear unbiased predictions of shape (2, 13)"


def test_groups_of_a_long_table_are_given_and_of_any_kind() -> None:
    y, v = [0.1, 0.4, 0.2, 0.3], [0.1, 0.2, 0.1, 0.3]
    gaps: list[Any] = [[1.0, np.nan, 1.0, 1.0], ["a", None, "b", "b"]]
    for missing in gaps:
        with pytest.raises(InvalidEvidenceError, match=r"every study.*rows \[1\]"):
            pool_long(missing, y, v)
    for group in (["b", "a", "b", "a"], [2, 1, 2, 1], pd.Categorical(list("baba"))):
        made = pool_long(group, y, v, tau2="DL")
        assert list(made.groups) == [group[0], group[1]]
        one = pool(EffectSizes.from_arrays([0.1, 0.2], [0.1, 0.1]), tau2="DL")
        np.testing.assert_allclose(made.estimate[0], one.estimate, rtol=1e-12)


def test_messages_of_series() -> None:
    es = bcg()
    with pytest.raises(InvalidEvidenceError, match="at least 2 studies, got 1"):
        leave_one_out(es[0])
    with pytest.raises(InvalidEvidenceError, match="order must be of length 13"):
        cumulative(es, [1, 2])
    with pytest.raises(InvalidEvidenceError, match="mask must be left out"):
        leave_one_out(es, mask=np.ones(13, dtype=bool))
    with pytest.raises(InvalidEvidenceError, match="not a batch"):
        cumulative(EffectSizes.from_arrays(*sets(1, (2, 3))))


def test_blup_as_metafor_prints() -> None:
    # metafor 3.8: blup(rma(yi, vi, test = "knha")), threshold 1e-12
    made = blup(pool(bcg()))
    first = (-0.80023356, 0.41004584, -1.69364670, 0.09317957)
    got = (made.pred[0], made.se[0], made.pi_low[0], made.pi_high[0])
    for value, printed in zip(got, first, strict=True):
        assert abs(value - printed) < 0.5e-8
    # test = "z"
    made = blup(pool(bcg(), ci="z"))
    last = (-0.14674307, 0.24344030, -0.62387729, 0.33039115)
    got = (made.pred[12], made.se[12], made.pi_low[12], made.pi_high[12])
    for value, printed in zip(got, last, strict=True):
        assert abs(value - printed) < 0.5e-8


@given(st.integers(0, 500))
def test_blups_lie_between_effect_and_mean(seed: int) -> None:
    y, v = sets(seed, (6,))
    fit = pool(EffectSizes.from_arrays(y, v))
    made = blup(fit)
    mean = float(fit.estimate)
    low, high = np.minimum(y, mean), np.maximum(y, mean)
    assert (made.pred >= low - 1e-12).all()
    assert (made.pred <= high + 1e-12).all()
    np.testing.assert_allclose(made.pred - mean, (1 - made.shrinkage) * (y - mean))


def test_blups_of_masked_batches_and_frames() -> None:
    y, v = sets(3, (2, 4))
    mask = np.array([[True] * 4, [True, True, True, False]])
    made = blup(pool(EffectSizes.from_arrays(y, v), mask=mask))
    assert np.isnan(made.pred[1, 3])
    one = blup(pool(EffectSizes.from_arrays(y[1, :3], v[1, :3])))
    np.testing.assert_allclose(made.pred[1, :3], one.pred, rtol=1e-9)
    assert made.to_frame().shape == (8, 7)
    frame = blup(pool(bcg())).to_frame(natural=True)
    assert frame["study"][0] == "Aronson 1948"
    np.testing.assert_allclose(frame["pred"][0], np.exp(-0.80023356), rtol=1e-7)
    with pytest.raises(InvalidEvidenceError, match="variance between studies"):
        blup(pool(bcg(), model="common"))


class TestBootstrap:
    def test_parametric_draws_have_the_model_s_moments(self) -> None:
        es = expectancy()
        made = bootstrap(es, rng=1, draws=4000, tau2="DL", ci="z")
        mean, sd = made.estimate.mean(), made.estimate.std()
        fit = made.fit
        assert abs(mean - float(fit.estimate)) < 4.0 * sd / np.sqrt(4000)
        # tau2 is estimated again in every draw, so that weights vary a little
        assert abs(sd / float(fit.se) - 1.0) < 0.1

    def test_it_repeats_and_asks_for_a_seed(self) -> None:
        es = bcg()
        one, two = (bootstrap(es, rng=5, draws=50).estimate for _ in range(2))
        np.testing.assert_array_equal(one, two)
        with pytest.raises(MissingInputError, match="rng is needed for the bootstrap"):
            bootstrap(es, rng=None)
        with pytest.raises(InvalidEvidenceError, match="kind must be"):
            bootstrap(es, rng=1, kind="wild")  # type: ignore[arg-type]

    def test_drawn_studies_are_those_of_the_set(self) -> None:
        es = bcg()
        made = bootstrap(es, rng=2, kind="studies", draws=30, tau2="DL")
        rows = np.random.default_rng(2).integers(0, 13, (30, 13))
        for i in range(30):
            one = EffectSizes.from_arrays(es.y[rows[i]], es.v[rows[i]])
            np.testing.assert_allclose(
                made.tau2[i], pool(one, tau2="DL").tau2, rtol=1e-9
            )

    def test_intervals(self) -> None:
        made = bootstrap(bcg(), rng=3, draws=500, tau2="DL", kind="studies")
        low, high = made.interval()
        np.testing.assert_allclose(
            [low, high], np.quantile(made.estimate, [0.025, 0.975])
        )
        basic = made.interval(method="basic")
        centre = float(made.fit.estimate)
        np.testing.assert_allclose(basic, (2 * centre - high, 2 * centre - low))
        assert made.interval("tau2", method="basic")[0] >= 0.0
        corrected = made.interval(method="BCa")
        assert corrected[0] < centre < corrected[1]
        with pytest.raises(InvalidEvidenceError, match="method must be"):
            made.interval(method="normal")  # type: ignore[arg-type]

    def test_bca_of_a_symmetric_bootstrap_is_the_percentile(self) -> None:
        from dataclasses import replace

        made = bootstrap(bcg(), rng=3, draws=101, tau2="DL")
        centre = float(made.fit.estimate)
        even = centre + np.linspace(-1.0, 1.0, 101)
        flat = np.array([centre - 1.0, centre, centre + 1.0])
        made = replace(made, estimate=even, jackknife_estimate=flat)
        np.testing.assert_allclose(made.interval(method="BCa"), made.interval())


class TestLongTables:
    def test_groups_of_every_size(self) -> None:
        rng = np.random.default_rng(7)
        group = rng.integers(0, 12, 90)
        y, v = sets(7, (90,))
        made = pool_long(group, y, v)
        assert list(made.groups) == list(dict.fromkeys(group.tolist()))
        low, high = made.conf_int()
        ahead, _ = made.prediction_interval("V")
        for i, g in enumerate(made.groups):
            one = pool(EffectSizes.from_arrays(y[group == g], v[group == g]))
            np.testing.assert_allclose(made.estimate[i], one.estimate, rtol=1e-9)
            np.testing.assert_allclose(low[i], one.ci_low, rtol=1e-7)
            np.testing.assert_allclose(high[i], one.ci_high, rtol=1e-7)
            np.testing.assert_allclose(
                ahead[i], one.prediction_interval("V")[0], rtol=1e-7
            )
            np.testing.assert_allclose(made[g].tau2, one.tau2, rtol=1e-6, atol=1e-12)
        np.testing.assert_array_equal(made.k, [(group == g).sum() for g in made.groups])

    def test_frame_is_in_order_of_appearance(self) -> None:
        table = pd.DataFrame(
            {"g": ["b", "a", "b", "a", "c"], "y": [1.0, 2, 3, 4, 5], "v": [1.0] * 5}
        )
        made = pool_long(table["g"], table["y"], table["v"], ci="z", measure="OR")
        frame = made.to_frame(natural=True)
        assert frame["group"].tolist() == ["b", "a", "c"]
        np.testing.assert_allclose(frame["OR"], np.exp([2.0, 3.0, 5.0]))
        assert frame.index.tolist() == [0, 1, 2]
        assert len(made) == 3

    def test_messages(self) -> None:
        with pytest.raises(
            InvalidEvidenceError, match="group, y, v must be of one length"
        ):
            pool_long(["a"], [0.1, 0.2], [0.1, 0.1])
        with pytest.raises(
            InvalidEvidenceError, match=r"finite, with v above 0.*\[1\]"
        ):
            pool_long(["a", "a"], [0.1, 0.2], [0.1, 0.0])
        with pytest.raises(InvalidEvidenceError, match="non-empty"):
            pool_long([], [], [])
        with pytest.raises(InvalidEvidenceError, match="mask must be left out"):
            pool_long(["a"], [0.1], [0.1], mask=[True])
        with pytest.raises(InvalidEvidenceError, match="group must be one of a"):
            pool_long(["a", "a"], [0.1, 0.2], [0.1, 0.1])["b"]


class TestManyLeftOut:
    """The way for many studies gives what the general way gives."""

    @pytest.mark.parametrize("method", ["DL", "REML"])
    @pytest.mark.parametrize("tau2", [0.0, 0.001, 0.1, 20.0])
    @pytest.mark.parametrize("shift", [0.0, 1e6])
    def test_against_the_general_fit(
        self, method: str, tau2: float, shift: float
    ) -> None:
        rng = np.random.default_rng(int(1000 * tau2) + 3)
        v = rng.uniform(0.01, 0.3, 170)
        es = EffectSizes.from_arrays(shift + rng.normal(0.0, np.sqrt(v + tau2)), v)
        made = leave_one_out(es, tau2=method)
        assert made.fits.effects.y.shape == (170, 170)
        for i in (0, 7, 83, 169, int(np.argmax(np.abs(es.y - shift)))):
            one = pool(es[np.arange(170) != i], tau2=method)
            for name in ("estimate", "se", "ci_low", "ci_high", "Q", "I2", "tau2_se"):
                np.testing.assert_allclose(
                    getattr(made.fits, name)[i],
                    getattr(one, name),
                    rtol=1e-7,
                    atol=1e-9,
                    err_msg=name,
                )
            np.testing.assert_allclose(
                made.fits.tau2[i], one.tau2, rtol=1e-8, atol=1e-10
            )

    def test_a_far_outlier_is_left_to_the_general_fit(self) -> None:
        rng = np.random.default_rng(2)
        v = rng.uniform(0.01, 0.3, 160)
        y = rng.normal(0.0, np.sqrt(v))
        y[5] = 60.0
        es = EffectSizes.from_arrays(y, v, check_scale=False)
        assert not left_out(y, v, "REML").sure.all()  # type: ignore[union-attr]
        made = leave_one_out(es)
        rest = np.arange(160) != 5
        np.testing.assert_allclose(made.fits.tau2[5], pool(es[rest]).tau2, atol=1e-12)
        np.testing.assert_allclose(made.estimate[5], pool(es[rest]).estimate)

    def test_where_it_does_not_apply(self) -> None:
        rng = np.random.default_rng(2)
        v = rng.uniform(0.01, 0.3, 160)
        y = rng.normal(0.0, np.sqrt(v))
        assert left_out(y[:20], v[:20], "REML") is None
        assert left_out(y, v, "HE") is None
        v[0] = 1e-9
        assert left_out(y, v, "REML") is None

    def test_intervals_on_demand_are_of_the_same_studies(self) -> None:
        rng = np.random.default_rng(4)
        v = rng.uniform(0.01, 0.3, 155)
        es = EffectSizes.from_arrays(rng.normal(0.2, np.sqrt(v + 0.1)), v)
        fits = leave_one_out(es).fits
        low, _ = fits.prediction_interval("V")
        one = pool(es[np.arange(155) != 9]).prediction_interval("V")[0]
        np.testing.assert_allclose(low[9], one, rtol=1e-9)
        np.testing.assert_allclose(fits.k, 154.0)
