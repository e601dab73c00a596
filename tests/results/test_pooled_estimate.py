"""A pooled estimate: intervals on demand, frames, words, HTML, the method record."""

import copy
import json
import pickle
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from k2stats import __version__
from k2stats.effectsizes import EffectSizes
from k2stats.errors import InvalidEvidenceError, MissingInputError
from k2stats.models import MEAN_TESTS, pool
from models.pool_examples import bcg, expectancy, sets


def test_intervals_at_other_levels_and_by_other_methods() -> None:
    fit = pool(bcg())
    for level in (0.5, 0.9, 0.99):
        np.testing.assert_allclose(
            fit.conf_int(level), pool(bcg(), level=level).ci, rtol=1e-12
        )
    for name in ("z", "t", "HK-adhoc", "KR"):
        np.testing.assert_allclose(
            fit.conf_int(method=name), pool(bcg(), ci=name).ci, rtol=1e-12
        )
    assert fit.conf_int() == fit.ci
    with pytest.raises(InvalidEvidenceError, match="tau2 must be 'ML'"):
        fit.conf_int(method="PL")


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0])
def test_levels_are_checked(level: float) -> None:
    fit = pool(bcg())
    for ask in (fit.conf_int, fit.tau2_interval):
        with pytest.raises(InvalidEvidenceError, match="level must be between 0 and 1"):
            ask(level=level)
    with pytest.raises(InvalidEvidenceError, match="level must be between 0 and 1"):
        fit.prediction_interval(level=level)


def test_interval_of_tau2_as_printed() -> None:
    # Viechtbauer (2010) J Stat Softw 36(3), section 3.1: confint(res):
    # tau2 .3132 (.1197 to 1.1115), I2 92.22 (81.92 to 97.68), H2 12.86 (5.53 to 43.07)
    made = pool(bcg()).tau2_interval()
    assert abs(made.low - 0.1197) < 0.5e-4
    assert abs(made.high - 1.1115) < 0.5e-4
    for got, printed in zip(made.i2(), (92.22, 81.92, 97.68), strict=True):
        assert abs(float(got) - printed) < 0.005
    for got, printed in zip(made.h2(), (12.86, 5.53, 43.07), strict=True):
        assert abs(float(got) - printed) < 0.006
    with pytest.raises(InvalidEvidenceError, match="estimated for an interval"):
        pool(bcg(), model="common").tau2_interval()


def test_information_criteria() -> None:
    # reference case pool/bcg/RR/EE/z
    fit = pool(bcg(), model="common")
    np.testing.assert_allclose(fit.loglik, -70.2235699044309, rtol=1e-11)
    np.testing.assert_allclose(fit.aic, 142.447139808862, rtol=1e-11)
    np.testing.assert_allclose(fit.bic, 143.012089166323, rtol=1e-11)
    np.testing.assert_allclose(fit.aicc, 142.810776172498, rtol=1e-11)
    y, v = sets(2, (3, 5))
    many = pool(EffectSizes.from_arrays(y, v))
    np.testing.assert_allclose(many.aic[1], many[1].aic, rtol=1e-10)


def test_it_is_frozen() -> None:
    fit = pool(bcg())
    with pytest.raises(FrozenInstanceError):
        fit.estimate = np.array(0.0)  # type: ignore[misc]


def test_it_can_be_pickled_and_copied() -> None:
    fit = pool(bcg())
    for again in (pickle.loads(pickle.dumps(fit)), copy.deepcopy(fit)):
        np.testing.assert_array_equal(again.estimate, fit.estimate)
        np.testing.assert_array_equal(
            again.prediction_interval("V"), fit.prediction_interval("V")
        )


def test_method_record_is_complete() -> None:
    m = pool(bcg(), profile="meta8").method
    flat = m.to_dict()
    assert json.loads(json.dumps(flat)) == flat
    assert flat["tau2"] == "REML"
    assert flat["ci"] == "z"
    assert flat["version"] == __version__
    assert flat["measure"] == "RR"
    assert "bracketed" in m.tolerance
    assert len(m.references) == len(set(m.references)) >= 3


def test_natural_scale() -> None:
    made = pool(bcg()).natural(0.9)
    low, high = pool(bcg(), level=0.9).ci
    np.testing.assert_allclose((made.low, made.high), (np.exp(low), np.exp(high)))
    ve = EffectSizes.from_arrays([-0.9, -0.5], [0.1, 0.1], measure="VE")
    made = pool(ve, ci="z").natural()
    assert made.low < made.estimate < made.high
    np.testing.assert_allclose(made.estimate, 1.0 - np.exp(-0.7))


def test_double_arcsine_comes_back_with_the_harmonic_mean() -> None:
    # Miller (1978) Am Stat 32:138, worked example: 3/11, 6/17, 5/21, 1/6;
    # pooled back-transform .2805
    import pandas as pd

    from k2stats.effectsizes import effect_sizes
    from k2stats.evidence import TwoByTwo  # noqa: F401

    table = pd.DataFrame({"x": [3, 6, 5, 1], "n": [11, 17, 21, 6]})
    es = effect_sizes(table, "PFT", events="x", n="n")
    made = pool(es, model="fixed", weights=1.0 / es.v).natural()
    size = 4.0 / (1 / 11 + 1 / 17 + 1 / 21 + 1 / 6)
    back = es.scale.to_natural(pool(es, model="common").estimate, np.asarray(size))
    np.testing.assert_allclose(made.estimate, back, rtol=1e-12)
    mask = np.array([True, True, True, False])
    part = pool(es, model="common", mask=mask).natural()
    np.testing.assert_allclose(
        part.estimate, pool(es[:3], model="common").natural().estimate
    )


def test_frames() -> None:
    fit = pool(bcg())
    row = fit.to_frame().iloc[0]
    assert row["estimate"] == fit.estimate
    assert row["k"] == 13
    assert bool(row["converged"])
    np.testing.assert_allclose(fit.to_frame(natural=True)["RR"][0], 0.4894, atol=5e-5)
    y, v = sets(1, (2, 3, 4))
    frame = pool(EffectSizes.from_arrays(y, v)).to_frame()
    assert frame[["set0", "set1"]].to_numpy().tolist()[4] == [1, 1]
    assert len(frame) == 6


def test_elements_of_a_batch() -> None:
    y, v = sets(1, (2, 3, 4))
    many = pool(EffectSizes.from_arrays(y, v))
    one = pool(EffectSizes.from_arrays(y[1, 2], v[1, 2]))
    np.testing.assert_allclose(many[1, 2].ci, one.ci, rtol=1e-8)
    np.testing.assert_allclose(many[1].estimate, many.estimate[1])
    np.testing.assert_allclose(
        many[1, 2].prediction_interval("V"), one.prediction_interval("V"), rtol=1e-8
    )
    with pytest.raises(InvalidEvidenceError, match="this is one meta-analysis"):
        one[0]


def test_summary_as_a_reader_of_metafor_expects() -> None:
    text = pool(bcg()).summary()
    for part in (
        "Random-effects model, 13 studies",
        "0.4894 (95% CI 0.3301 to 0.7257), p = 0.0019",
        "0.1359 to 1.7629",
        "-0.7145 0.1808 -3.9522 12 0.0019 -1.1084 -0.3206",
        "0.3132 (SE 0.1664), 95% CI 0.1197 to 1.1115 (QP)",
        "92.22%",
        "12.86",
        "152.2330, p < 0.0001",
        "Interval of the mean: Hartung-Knapp.",
    ):
        assert part in " ".join(text.split())
    assert str(pool(bcg())) == "RR 0.489 (95% CI 0.330 to 0.726), 13 studies"


def test_report_says_what_was_done_and_cites_it() -> None:
    text = pool(bcg()).report()
    for part in (
        "Effects (log risk ratio, shown as RR) were pooled with a random-effects model",
        "restricted maximum likelihood (REML) [2,3].",
        "by the Hartung-Knapp method [4,5].",
        "the pooled RR was 0.489 (95% CI 0.330 to 0.726; t(12) = -3.95, p = 0.0019)",
        "The 95% prediction interval was 0.136 to 1.763.",
        "1. DerSimonian and Laird (1986)",
    ):
        assert part in text
    numbers = text.split("References\n")[1].splitlines()
    assert [line.split(".")[0] for line in numbers] == [
        str(i) for i in range(1, len(numbers) + 1)
    ]
    common = pool(bcg(), model="common").report()
    assert "with a common-effect model" in common
    assert "prediction interval" not in common
    given = pool(bcg(), tau2_value=0.1, weights=np.ones(13)).report()
    assert "taken as given" in given
    assert "Studies had weights that were given." in given
    y, v = sets(1, (2, 3))
    with pytest.raises(InvalidEvidenceError, match="not a batch"):
        pool(EffectSizes.from_arrays(y, v)).report()


def test_an_interval_that_was_drawn_prints_as_it_was_drawn() -> None:
    fit = pool(bcg(), ci="permutation", rng=1)
    again = pool(bcg(), ci="permutation", rng=1)
    assert fit.conf_int(0.95) == (fit.ci_low, fit.ci_high)
    text = f"{fit}\n{fit.summary()}\n{fit.report()}\n{fit._repr_html_()}"
    low, high = np.exp([float(again.ci_low), float(again.ci_high)])
    assert f"(95% CI {low:.3f} to {high:.3f})" in text
    assert "z = " not in fit.report()  # its p is not that of a normal statistic
    assert " z " not in fit.summary()
    with pytest.raises(MissingInputError, match="rng is needed for permutation"):
        fit.conf_int(0.9)


def test_references_end_in_one_period_and_come_once() -> None:
    for options in (
        {},
        {"tau2": "ML", "ci": "profile-likelihood"},
        {"tau2": "EB"},
        {"tau2": "DLIT"},
        {"model": "multiplicative"},
    ):
        listed = pool(bcg(), **options).report().split("References\n")[1]  # type: ignore[arg-type]
        assert ".." not in listed
        assert " & " not in listed
        papers = [line.split(". ", 1)[1] for line in listed.splitlines()]
        assert all(p.endswith(".") and "). " not in p for p in papers)
        assert len(papers) == len(
            {p.split(",")[0].split(" and ")[0] + p[-12:] for p in papers}
        )
    # Hardy and Thompson (1996): both the estimator and the interval
    likelihood = pool(bcg(), tau2="ML", ci="profile-likelihood").report()
    assert likelihood.count("Hardy and Thompson (1996)") == 1


def test_dropped_studies_and_zero_cells_are_said() -> None:
    import pandas as pd

    from k2stats.effectsizes import effect_sizes

    table = pd.DataFrame(
        {"a": [0, 3, 4], "n": [10, 20, 30], "c": [2, 5, 6], "m": [10, 20, 30]}
    )
    es = effect_sizes(table, "OR", events1="a", n1="n", events2="c", n2="m")
    es = replace(es, dropped=2)
    text = pool(es).report()
    assert "Zero cells: " in text
    assert "(1 study)" in text
    assert "2 studies without an effect or a variance had been left out" in text
    assert "Left out for missing values: 2." in pool(es).summary()


def test_html_escapes_and_shows() -> None:
    html = pool(bcg())._repr_html_()
    assert html.startswith('<div style="overflow-x:auto"><table ')
    assert "0.4894 (95% CI 0.3301 to 0.7257)" in html
    y, v = sets(1, (30, 3))
    assert (
        "pooled estimates of shape (30,)"
        in pool(EffectSizes.from_arrays(y, v))._repr_html_()
    )


def test_batch_summary_lists_the_first() -> None:
    y, v = sets(1, (30, 3))
    text = pool(EffectSizes.from_arrays(y, v)).summary()
    assert "30 meta-analyses of shape (30,)" in text
    assert "... 10 more" in text


def test_every_interval_prints() -> None:
    for name in MEAN_TESTS:
        if name in ("permutation", "HC"):
            continue
        text = pool(expectancy(), ci=name).summary()
        assert MEAN_TESTS[name].label in text


def test_one_study_says_what_is_not_defined() -> None:
    es = EffectSizes.from_arrays([0.3], [0.04], measure="OR")
    text = " ".join(pool(es).summary().split())
    assert "1.3499 (95% CI undefined), p undefined" in text
    assert "Heterogeneity not defined for one study" in text
    assert "-%" not in text
    report = pool(es, ci="z").report()
    assert "One study leaves no variance between studies to estimate." in report
    assert "REML" not in report
    assert "Cochran" not in report
    assert "1.350 (95% CI 0.912 to 1.998; z = 1.50, p = 0.1336)" in report
    given = pool(es, ci="z", tau2_value=0.1).summary()
    assert "not defined for one study" not in given
    assert "0.1000" in given


def test_the_interval_of_tau2_prints_as_confint_does() -> None:
    # metafor, confint(rma(yi, vi, data = dat)) of the BCG trials: tau^2 0.3132 (0.1197,
    # 1.1115), tau 0.5597 (0.3460, 1.0543), I^2 92.22 (81.92, 97.68), H^2 12.86 (5.53,
    # 43.07)
    made = pool(bcg()).tau2_interval()
    frame = made.to_frame()
    np.testing.assert_allclose(
        frame.loc[["tau2", "tau"]],
        [[0.3132, 0.1197, 1.1115], [0.5597, 0.3460, 1.0543]],
        atol=0.5e-4,
    )
    np.testing.assert_allclose(
        frame.loc[["I2", "H2"]],
        [[92.22, 81.92, 97.68], [12.86, 5.53, 43.07]],
        atol=0.5e-2,
    )
    assert "95% intervals, QP, of the REML estimate" in repr(made)
    assert " ".join(str(made).split()).endswith("H2 12.86 5.531 43.07")
    y, v = sets(1, (2, 5))
    batch = pool(EffectSizes.from_arrays(y, v)).tau2_interval()
    assert str(batch).endswith("of shape (2,)")
    with pytest.raises(InvalidEvidenceError, match="of one data set for a frame"):
        batch.to_frame()
    same = pool(EffectSizes.from_arrays([0.1, 0.1, 0.1], [1.0, 1.0, 1.0]))
    assert "No tau2 is compatible with the data." in same.tau2_interval().summary()
