"""Every row of a multiverse is the analysis that it names, done alone."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import k2stats as k2
from k2stats.datasets import bcg
from k2stats.effectsizes import NOTHING, Proportion, TwoRates, ZeroCells
from k2stats.evidence import TwoByTwo, TwoMeans
from k2stats.heterogeneity import TAU2
from k2stats.models import MEAN_TESTS, MODELS
from k2stats.sensitivity import COUNT_MODELS, Multiverse, multiverse

SPARSE = TwoByTwo.from_counts(
    events1=[0, 4, 1, 0, 7, 3, 12, 2],
    n1=[40, 52, 33, 25, 90, 61, 150, 47],
    events2=[3, 9, 0, 0, 11, 3, 25, 6],
    n2=[42, 50, 30, 26, 88, 63, 149, 45],
)
"""Eight trials: one without events in either group, two more with a zero cell."""
NAMES = tuple("ABCDEFGH")
RULES = {
    str(rule): rule
    for rule in (ZeroCells(), ZeroCells(to="all"), ZeroCells(drop_double_zero=True))
} | {str(NOTHING): NOTHING}
ESTIMATORS = [e.name for e in TAU2.entries(lacking="weighted")]
INTERVALS = [e.name for e in MEAN_TESTS.entries(lacking="resampling")]


def alone(evidence: Any, row: pd.Series, keep: np.ndarray) -> dict[str, float]:
    """Do the analysis of one row by itself, from the studies that it keeps."""
    level = float(row["level"])
    if row["model"] in MODELS:
        rule = RULES[row["zero_cells"]]
        es = k2.effect_sizes(evidence, row["measure"], zero_cells=rule)
        own = row["model"] not in ("random", "unweighted")
        fit = k2.pool(
            es[keep & es.complete],
            model=row["model"],
            tau2=None if own else row["tau2"],
            ci=row["ci"],
            level=level,
        )
        return {
            "estimate": float(fit.estimate),
            "se": float(fit.se),
            "ci_low": float(fit.ci_low),
            "ci_high": float(fit.ci_high),
            "p": float(fit.p),
            "log_p": float(fit.log_p),
            "tau2_estimate": float(fit.tau2),
            "I2": float(fit.I2),
            "Q": float(fit.Q),
            "k": float(fit.k),
            "natural": float(fit.natural().estimate),
            "natural_low": float(fit.natural().low),
            "natural_high": float(fit.natural().high),
        }
    made = counts_alone(evidence[keep], row, level)
    natural = made.natural()
    return {
        "estimate": float(made.estimate),
        "se": float(made.se),
        "ci_low": float(made.ci_low),
        "ci_high": float(made.ci_high),
        "p": float(made.p),
        "log_p": float(made.log_p),
        "tau2_estimate": 0.0 if made.tau2 is None else float(made.tau2),
        "Q": float(made.Q),
        "k": float(made.k),
        "natural": float(natural.estimate),
        "natural_low": float(natural.low),
        "natural_high": float(natural.high),
    }


def counts_alone(evidence: TwoByTwo, row: pd.Series, level: float) -> Any:
    model, measure, ci = row["model"], row["measure"], row["ci"]
    if model.startswith("GLMM"):
        return k2.glmm(evidence, measure, model=model[5:], test=ci, level=level)
    calls: dict[str, Any] = {
        "MH": lambda: k2.mantel_haenszel(evidence, measure, level=level),
        "Peto": lambda: k2.peto(evidence, level=level),
        "SSW": lambda: k2.models.ssw(
            evidence,
            measure,
            tau2=row["tau2"],
            zero_cells=RULES[row["zero_cells"]],
            level=level,
        ),
        "beta-binomial": lambda: k2.beta_binomial(evidence, measure, level=level),
        "Firth": lambda: k2.firth(evidence, interval=ci, level=level),
        "exact": lambda: k2.exact_odds_ratio(evidence, interval=ci, level=level),
    }
    return calls[model]()


def kept(row: pd.Series, subsets: dict[str, Any] | None = None) -> np.ndarray:
    mask = np.ones(len(NAMES), dtype=bool)
    if row["subset"] != "all studies":
        mask = np.array((subsets or {})[row["subset"]])
    if row["exclude"] != "none":
        gone = row["exclude"].split(" + ")
        mask = mask & ~np.isin(NAMES, gone)
    return mask


def compare(row: pd.Series, single: dict[str, float], rtol: float = 1e-12) -> None:
    for name, value in single.items():
        np.testing.assert_allclose(
            row[name], value, rtol=rtol, atol=1e-13, err_msg=f"{name}: {dict(row)}"
        )


def test_every_method_of_effects_equals_the_analysis_alone() -> None:
    m = multiverse(
        SPARSE,
        ["RR", "OR", "RD"],
        study=NAMES,
        tau2=ESTIMATORS,
        ci=INTERVALS,
        models=[name for name in MODELS if name != "fixed"],
        zero_cells=["only0", "all", "drop00", "none"],
        exclude=["B", ("G", "H")],
        levels=[0.95, 0.9],
    )
    frame = m.to_frame()
    assert set(frame["model"]) == set(MODELS) - {"fixed"}
    assert set(frame["ci"]) == set(INTERVALS)
    assert set(frame["tau2"]) == {*ESTIMATORS, "none"}
    methods = frame.groupby(["model", "tau2", "ci"], sort=False)
    rng = np.random.default_rng(7)
    for _, rows in methods:
        row = rows.iloc[int(rng.integers(len(rows)))]
        compare(row, alone(SPARSE, row, kept(row)))


def test_every_model_of_counts_equals_the_analysis_alone() -> None:
    names = [n for n in COUNT_MODELS if n not in ("GLMM", "GLMM UM.RS")]
    m = multiverse(
        SPARSE,
        ["OR", "RR", "RD"],
        study=NAMES,
        models=names,
        ci=["z", "t", "exact", "mid-p", "profile", "Wald"],
        tau2=["REML", "DL"],
        exclude=["G"],
    )
    frame = m.to_frame()
    assert set(frame["model"]) == set(names)
    for _, row in frame.iterrows():
        compare(row, alone(SPARSE, row, kept(row)))


def test_a_random_sample_of_specifications() -> None:
    subsets = {"large": np.array([x > 45 for x in SPARSE.n1])}
    m = multiverse(SPARSE, study=NAMES, subsets=subsets)
    frame = m.to_frame()
    assert set(frame["subset"]) == {"all studies", "large"}
    assert (frame["exclude"] != "none").any()
    for i in np.random.default_rng(11).choice(len(m), 60, replace=False):
        row = frame.iloc[int(i)]
        compare(row, alone(SPARSE, row, kept(row, subsets)))


def test_means_and_rates() -> None:
    means = TwoMeans.from_summary(
        mean1=[5.1, 4.8, 6.0, 5.5],
        sd1=[1.1, 0.9, 1.4, 1.2],
        n1=[20, 31, 18, 44],
        mean2=[4.2, 4.6, 5.1, 5.3],
        sd2=[1.0, 1.1, 1.3, 1.0],
        n2=[22, 29, 19, 40],
    )
    m = multiverse(means, exclude=None, models=["random", "SSW"], tau2="DL", ci="z")
    frame = m.to_frame().set_index(["measure", "model"])
    assert set(frame.index.get_level_values("measure")) == {"MD", "SMD"}
    assert set(frame["zero_cells"]) == {"not counts"}
    for measure in ("MD", "SMD"):
        fit = k2.pool(k2.effect_sizes(means, measure), tau2="DL", ci="z")
        assert frame.loc[(measure, "random"), "estimate"] == pytest.approx(
            float(fit.estimate), rel=1e-13
        )
        other = k2.models.ssw(means, measure, tau2="DL")
        assert frame.loc[(measure, "SSW"), "p"] == pytest.approx(
            float(other.p), rel=1e-12
        )
    rates = TwoRates.from_arrays(
        events1=[3, 6, 9], time1=[100, 80, 120], events2=[8, 9, 10], time2=[90, 85, 110]
    )
    m = multiverse(rates, "IRR", exclude=None, models=["MH", "exact", "GLMM CM.EL"])
    frame = m.to_frame().set_index("model")
    assert frame.loc["MH", "estimate"] == pytest.approx(
        float(k2.mantel_haenszel(rates, "IRR").estimate), rel=1e-13
    )
    assert frame.loc["GLMM CM.EL", "p"] == pytest.approx(
        float(k2.glmm(rates, "IRR", model="CM.EL").p), rel=1e-10
    )


def test_double_arcsines_are_read_back_with_the_sizes_of_the_studies_kept() -> None:
    shares = Proportion.from_arrays(events=[3, 0, 12, 7], n=[20, 15, 60, 33])
    m = multiverse(shares, "PFT", tau2="DL", ci="z", models="random")
    frame = m.to_frame()
    es = k2.effect_sizes(shares, "PFT")
    for i in range(4):
        fit = k2.pool(es[np.arange(4) != i], tau2="DL", ci="z").natural()
        row = frame[frame["exclude"] == str(i + 1)].iloc[0]
        assert row["natural"] == pytest.approx(float(fit.estimate), rel=1e-12)
        assert row["natural_high"] == pytest.approx(float(fit.high), rel=1e-12)


def test_a_frame_with_columns_is_the_same_as_its_evidence() -> None:
    named: dict[str, Any] = {"a": "tpos", "b": "tneg", "c": "cpos", "d": "cneg"}
    by_frame = multiverse(bcg.frame(), "RR", subsets="alloc", **named)
    by_evidence = multiverse(bcg.BCG, "RR", subsets=bcg.ALLOC, study=bcg.LABELS)
    pd.testing.assert_frame_equal(by_frame.to_frame(), by_evidence.to_frame())
    levels = ("all studies", "random", "alternate", "systematic")
    assert set(by_frame.levels_of["subset"]) == set(levels)


def test_published_bcg_estimates_are_among_them() -> None:
    # van Houwelingen et al. (2002), Stat Med 21:589-624, table I: ML, log OR -0.742
    # with tau2 0.302; metafor, dat.bcg, RR by REML: -0.7145 with tau2 0.3132.
    m = multiverse(bcg.BCG, ["OR", "RR"], study=bcg.LABELS)
    frame = m.where(exclude="none", model="random").to_frame()
    row = frame[(frame.measure == "OR") & (frame.tau2 == "ML") & (frame.ci == "z")]
    assert row["estimate"].item() == pytest.approx(-0.742, abs=0.5e-3)
    assert row["tau2_estimate"].item() == pytest.approx(0.302, abs=1e-3)
    row = frame[(frame.measure == "RR") & (frame.tau2 == "REML") & (frame.ci == "z")]
    assert row["estimate"].item() == pytest.approx(-0.7145, abs=0.5e-4)


def effects(k: int, seed: int) -> k2.EffectSizes:
    rng = np.random.default_rng(seed)
    v = rng.uniform(0.01, 0.4, k)
    return k2.EffectSizes.from_arrays(rng.normal(0.2, np.sqrt(v + 0.05)), v)


@settings(max_examples=12)
@given(k=st.integers(3, 9), seed=st.integers(0, 10_000))
def test_laws(k: int, seed: int) -> None:
    es = effects(k, seed)
    m = multiverse(es, tau2=["DL", "PM"], ci=["HK", "z"])
    frame = m.to_frame()
    # no specification twice, and each set of studies has every method
    choices = frame[list(m.levels_of)]
    assert not choices.duplicated().any()
    assert len(frame) == (k + 1) * len(frame[frame["exclude"] == "none"])
    assert (frame["k"] == k - (frame["exclude"] != "none")).all()
    # an interval lies about its estimate, and excludes no effect where p is small
    assert (frame["ci_low"] <= frame["estimate"]).all()
    assert (frame["ci_high"] >= frame["estimate"]).all()
    plain = frame[frame["ci"].isin(["z", "HK", "t"])]
    away = (plain["ci_low"] > 0) | (plain["ci_high"] < 0)
    assert (away == plain["significant"]).all()
    # turned round, everything is turned round
    turned = k2.EffectSizes.from_arrays(-es.y, es.v)
    other = multiverse(turned, tau2=["DL", "PM"], ci=["HK", "z"]).to_frame()
    np.testing.assert_allclose(other["estimate"], -frame["estimate"], rtol=1e-9)
    np.testing.assert_allclose(other["p"], frame["p"], rtol=1e-8)
    np.testing.assert_allclose(other["ci_low"], -frame["ci_high"], rtol=1e-8)


@settings(max_examples=10)
@given(seed=st.integers(0, 10_000))
def test_the_order_of_studies_does_not_matter(seed: int) -> None:
    es = effects(6, seed)
    order = np.random.default_rng(seed).permutation(6)
    labels = tuple("abcdef")
    one = k2.EffectSizes.from_arrays(es.y, es.v, study=labels)
    other = k2.EffectSizes.from_arrays(
        es.y[order], es.v[order], study=[labels[i] for i in order]
    )
    keys = ["model", "tau2", "ci", "exclude"]
    first, second = (
        multiverse(x, tau2="REML").to_frame().sort_values(keys) for x in (one, other)
    )
    np.testing.assert_allclose(first["estimate"], second["estimate"], rtol=1e-9)


@settings(max_examples=8)
@given(seed=st.integers(0, 10_000))
def test_groups_exchanged_turn_every_model_of_counts_round(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n1, n2 = rng.integers(20, 90, (2, 5))
    table = TwoByTwo.from_counts(
        events1=rng.binomial(n1, 0.15), n1=n1, events2=rng.binomial(n2, 0.25), n2=n2
    )
    names = ["random", "common", "MH", "Peto", "SSW"]
    one, other = (
        multiverse(t, models=names, tau2=["DL", "REML"], ci=["HK", "z"]).to_frame()
        for t in (table, table.swap_groups())
    )
    np.testing.assert_allclose(other["estimate"], -one["estimate"], atol=1e-9)
    np.testing.assert_allclose(other["ci_low"], -one["ci_high"], rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(other["p"], one["p"], rtol=1e-6, atol=1e-12)


def test_choices_that_do_not_arise_are_one_specification() -> None:
    m = multiverse(bcg.BCG, "OR", tau2=["DL", "PM", "REML"], ci=["HK", "z"])
    frame = m.where(exclude="none").to_frame()
    assert (frame["model"] == "common").sum() == 1
    assert (frame["model"] == "MH").sum() == 1
    assert (frame["model"] == "random").sum() == 6
    common = frame[frame["model"] == "common"].iloc[0]
    assert (common["tau2"], common["ci"]) == ("none", "z")
    # nothing is added anywhere, since no cell is zero
    assert set(frame["zero_cells"]) == {"nothing added"}


def test_what_is_ruled_out_is_named_with_the_reason() -> None:
    m = multiverse(
        SPARSE,
        ["RR", "OR"],
        study=NAMES,
        tau2=["DL", "GENQ", "REML"],
        ci=["KR", "HK", "exact"],
        models=["random", "common", "fixed", "MH", "Peto", "exact"],
        subsets={"AB": ["A", "B"]},
        exclude=["A", "C"],
    )
    rows = m.invalid.set_index("reason")
    assert "tau2 must be 'REML' where ci is 'KR'" in rows.index
    assert rows.loc["it needs weights of your own", "tau2"] == "GENQ"
    assert rows.loc[
        "without weights of your own it is the model 'common'", "model"
    ] == ("fixed")
    why = m.invalid["reason"] == "it belongs to a model of counts"
    assert m.invalid.loc[why, "ci"].tolist() == ["exact"] * 3
    peto = m.invalid[m.invalid["reason"] == "it pools OR"]
    assert list(zip(peto["model"], peto["measure"], strict=True)) == [("Peto", "RR")]
    one_left = m.invalid[m.invalid["reason"].str.startswith("one study is left")]
    assert list(zip(one_left["subset"], one_left["exclude"], strict=True)) == [
        ("AB", "A")
    ]
    absent = m.invalid[m.invalid["reason"].str.startswith("none of these")]
    assert list(zip(absent["subset"], absent["exclude"], strict=True)) == [("AB", "C")]


def test_sets_of_studies_that_are_the_same_come_once() -> None:
    m = multiverse(
        SPARSE,
        "RR",
        study=NAMES,
        subsets={"first": list("ABCDEF"), "again": list("FEDCBA")},
        exclude={"last two": ["G", "H"], "last": ["H"]},
    )
    same = m.invalid[m.invalid["reason"].str.startswith("the same studies as")]
    assert ("again", "none") in set(zip(same["subset"], same["exclude"], strict=True))
    frame = m.to_frame()
    pairs = set(zip(frame["subset"], frame["exclude"], strict=True))
    assert pairs == {
        ("all studies", "none"),
        ("all studies", "last two"),
        ("all studies", "last"),
    }


def test_rules_that_change_nothing_are_one() -> None:
    m = multiverse(bcg.BCG, "RR", zero_cells=["only0", "none", "all"], exclude=None)
    assert set(m.levels_of["zero_cells"]) == {
        "nothing added",
        "0.5 added to every table",
    }
    reasons = m.invalid[m.invalid["zero_cells"] != "any"]["reason"]
    assert reasons.tolist() == ["the same effects as under 'nothing added'"]


def test_studies_without_an_effect_are_named() -> None:
    m = multiverse(SPARSE, "OR", study=NAMES, zero_cells=["none", "drop00"])
    assert any("nothing added" in n and "A, C, D" in n for n in m.notes)
    frame = m.where(exclude="none", model="common").to_frame()
    assert dict(zip(frame["zero_cells"], frame["k"], strict=True)) == {
        "nothing added": 5,
        "0.5 added to tables with a zero cell; double zeros left out": 7,
    }


def test_a_fit_without_an_answer_is_flagged_and_explained() -> None:
    none = TwoByTwo.from_counts(
        events1=[0, 0, 0], n1=[30, 40, 50], events2=[2, 1, 3], n2=[30, 40, 50]
    )
    m = multiverse(none, "OR", models=["GLMM CM.EL", "MH", "random"], exclude=None)
    frame = m.to_frame().set_index("model")
    lacking = frame[~frame["converged"]]
    assert set(lacking.index) == {"GLMM CM.EL", "MH"}
    assert lacking["estimate"].isna().all()
    assert frame["converged"].sum() == len(frame) - 2
    assert any("GLMM CM.EL" in n and "no estimate" in n for n in m.notes)
    assert not m.significant[~m.converged].any()
    row = m.by_scale().iloc[0]
    assert row["without_estimate"] == 2


def test_reference_is_what_pool_does_unless_named() -> None:
    m = multiverse(bcg.BCG, ["RR", "OR"], study=bcg.LABELS)
    es = k2.effect_sizes(bcg.BCG, "RR")
    at = m.reference["RR"]
    assert m.estimate[at] == pytest.approx(float(k2.pool(es).estimate), rel=1e-12)
    assert m.p[at] == pytest.approx(float(k2.pool(es).p), rel=1e-11)
    named = multiverse(bcg.BCG, "OR", reference={"model": "MH"})
    frame = named.to_frame()
    assert frame.loc[named.reference["OR"], "model"] == "MH"
    assert frame.loc[named.reference["OR"], "exclude"] == "none"


def test_levels_change_the_interval_and_the_decision_alone() -> None:
    es = k2.EffectSizes.from_arrays([0.3, 0.1, 0.5, 0.2], [0.02, 0.03, 0.05, 0.02])
    m = multiverse(es, levels=[0.8, 0.99], exclude=None)
    low, high = (m.where(level=x).to_frame() for x in (0.8, 0.99))
    for name in ("estimate", "se", "p", "tau2_estimate"):
        np.testing.assert_array_equal(low[name], high[name])
    assert (low["ci_low"] > high["ci_low"]).all()
    assert (low["significant"] >= high["significant"]).all()
    assert low["significant"].sum() > high["significant"].sum()


def test_permutation_intervals_draw_and_need_a_generator() -> None:
    es = effects(5, 1)
    with pytest.raises(k2.errors.MissingInputError, match="rng is needed for perm"):
        multiverse(es, ci="permutation", models="random", exclude=None)
    m = multiverse(
        es,
        ci="permutation",
        models=["random", "common"],
        tau2="DL",
        exclude=None,
        rng=1,
    )
    fit = k2.pool(es, ci="permutation", tau2="DL", rng=1)
    frame = m.to_frame().set_index("model")
    assert frame.loc["random", "p"] == pytest.approx(float(fit.p), rel=1e-12)
    assert frame.loc["random", "ci_low"] == pytest.approx(float(fit.ci_low), rel=1e-9)


def test_where_keeps_what_is_asked_for() -> None:
    m = multiverse(bcg.BCG, ["RR", "RD"], study=bcg.LABELS)
    part = m.where(measure="RD", ci=["HK", "z"], level=0.95)
    frame = part.to_frame()
    assert set(frame["measure"]) == {"RD"}
    assert set(frame["ci"]) == {"HK", "z"}
    assert list(part.panels) == ["RD"]
    assert part.natural[part.reference["RD"]] == m.natural[m.reference["RD"]]
    with pytest.raises(
        k2.errors.UnknownMethodError, match=r"Unknown ci 'KH'\. Known: HK"
    ):
        m.where(ci="KH")
    with pytest.raises(k2.errors.UnknownMethodError, match="Unknown choice 'test'"):
        m.where(test="z")
    with pytest.raises(k2.errors.InvalidEvidenceError, match="choices must be those"):
        m.where(model="common", ci="HK")


def test_scales_are_kept_apart() -> None:
    m = multiverse(SPARSE, ["RR", "OR", "PETO"], exclude=None, study=NAMES)
    assert list(m.panels) == ["RR", "OR"]  # Peto's is an odds ratio too
    assert set(m.by_scale()["scale"]) == {"RR", "OR"}
    text = m.summary()
    assert "RR and OR are different quantities" in text
    with pytest.raises(k2.errors.InvalidEvidenceError, match="they are not one scale"):
        m.decomposition()
    assert set(m.decomposition(scale="OR").choices) >= {"measure", "model"}


def test_vaccine_efficacy_is_read_the_right_way_round() -> None:
    m = multiverse(bcg.BCG, ["VE"], exclude=None, tau2="DL", ci="z", models="random")
    fit = k2.pool(k2.effect_sizes(bcg.BCG, "VE"), tau2="DL", ci="z").natural()
    assert m.natural[0] == pytest.approx(float(fit.estimate), rel=1e-12)
    assert m.natural_low[0] == pytest.approx(float(fit.low), rel=1e-12)
    assert m.side[0] == 1.0


def test_by_scale_counts_what_the_frame_holds() -> None:
    m = multiverse(SPARSE, "OR", study=NAMES)
    frame, row = m.to_frame(), m.by_scale().iloc[0]
    below = frame["significant"] & (frame["estimate"] < 0)
    assert row["significant_below"] == pytest.approx(below.mean())
    total = row["significant_below"] + row["significant_above"] + row["not_significant"]
    assert total == pytest.approx(1.0)
    assert row["least"] == frame["natural"].min()
    assert row["median"] == pytest.approx(np.exp(np.median(frame["estimate"])))
    choice = m.by_choice()
    one = choice[(choice["choice"] == "model") & (choice["level"] == "MH")].iloc[0]
    assert one["specifications"] == (frame["model"] == "MH").sum()


def test_vibration_and_janus() -> None:
    es = k2.EffectSizes.from_arrays(
        np.log([0.5, 0.9, 1.2, 2.4]), [0.02, 0.02, 0.03, 0.05], measure="OR"
    )
    m = multiverse(es)
    row = m.vibration().iloc[0]
    first, last = np.percentile(m.estimate, [1, 99])
    assert row["relative"] == pytest.approx(np.exp(last) / np.exp(first))
    assert row["janus"] == (first < 0 < last)
    assert row["janus"]
    low, high = np.percentile(-np.log10(m.p), [1, 99])
    assert row["p_range"] == pytest.approx(high - low, rel=1e-9)


def test_the_result_is_frozen_and_says_what_it_is() -> None:
    m = multiverse(SPARSE, "RR", study=NAMES)
    assert isinstance(m, Multiverse)
    assert k2.Multiverse is Multiverse
    with pytest.raises(ValueError, match="read-only"):
        m.estimate[0] = 1.0
    with pytest.raises(AttributeError):
        m.version = "2"  # type: ignore[misc]
    assert str(m) == f"{len(m)} specifications of 8 studies (RR)"
    html = m._repr_html_()
    assert html.count("<table>") == 2
    assert "Estimator of tau2" in html
    text = m.summary()
    assert "Reference" in text
    assert "Significant, below 1" in text
    assert m.describe(m.reference["RR"]).startswith("0.5 added to tables")
