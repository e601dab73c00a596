"""Likelihood-ratio tests of nested regressions of counts, and what is refused."""

import numpy as np
import pytest
from scipy import stats

from k2stats.datasets import bcg
from k2stats.effectsizes import EffectSizes, Proportion, effect_sizes
from k2stats.errors import InvalidEvidenceError
from k2stats.evidence import TwoByTwo
from k2stats.models._nested import Fit
from k2stats.models.comparison import likelihood_ratio_test
from k2stats.models.glmm import glmm
from k2stats.models.glmm_regression import glmm_regression
from k2stats.models.meta_regression import meta_regression
from k2stats.results.counts_regression import CountsRegression
from models.count_tables import BCG

# Colditz et al. (1994), Table 1: absolute latitude, allocation and year.
FRAME = bcg.frame()
DATA = {name: FRAME[name].tolist() for name in ("ablat", "alloc", "year")}
AL: dict[str, object] = {"data": DATA, "model": "CM.AL"}


def fitted(formula: str, evidence: TwoByTwo = BCG, **more: object) -> CountsRegression:
    return glmm_regression(evidence, formula, **(AL | more))  # type: ignore[arg-type]


def test_two_regressions_of_counts_agree_with_lme4() -> None:
    # lme4 1.1-31, glmer(cbind(tpos, cpos) ~ ablat (+ alloc) + (1 | study), binomial,
    # offset = log(n1 / n2), nAGQ = 25), twice the difference of the log-likelihoods.
    reduced, full = fitted("~ ablat"), fitted("~ ablat + C(alloc)")
    for pair in ((reduced, full), (full, reduced)):
        test = likelihood_ratio_test(*pair)
        np.testing.assert_allclose(test.statistic, 1.2885710824, atol=1e-8)
        assert test.df == 2
        np.testing.assert_allclose(test.p, stats.chi2.sf(1.2885710824, 2), rtol=1e-8)
        np.testing.assert_allclose(np.exp(test.log_p), test.p, rtol=1e-12)
        assert test.reduced is reduced
        assert not test.boundary
        np.testing.assert_allclose(test.R2, 100 * (1 - full.tau2 / reduced.tau2))


@pytest.mark.parametrize("model", ["UM.FS", "UM.RS", "CM.AL", "CM.EL"])
def test_against_the_model_that_pools_it_is_the_fit_s_own_test(model: str) -> None:
    # Six studies, for speed.
    data = {name: values[:6] for name, values in DATA.items()}
    both = [fitted(f, BCG[:6], model=model, data=data) for f in ("~ 1", "~ ablat")]
    test = likelihood_ratio_test(*both)
    own = both[1].test("moderators")
    np.testing.assert_allclose(test.statistic, own.statistic, atol=1e-7)
    assert test.df == own.df == 1


def test_tau2_of_counts_is_tested_at_the_boundary() -> None:
    full, none = fitted("~ ablat"), fitted("~ ablat", tau2=0.0)
    test = likelihood_ratio_test(full, none)
    assert test.boundary
    # The likelihood without tau is a binomial one: 2 (l(tau) - l(0)) by its parts.
    gap = 2.0 * (full.figures["loglik"] - full.figures["common_loglik"])
    np.testing.assert_allclose(test.statistic, gap, atol=1e-7)
    np.testing.assert_allclose(test.p, 0.5 * stats.chi2.sf(gap, 1), atol=1e-8)
    assert np.isnan(test.R2)
    assert "Half chi-squared" in test.summary()
    # Held at another value it is no boundary.
    held = likelihood_ratio_test(full, fitted("~ ablat", tau2=0.1))
    assert not held.boundary
    np.testing.assert_allclose(held.p, stats.chi2.sf(held.statistic, 1), rtol=1e-10)
    assert np.isnan(held.R2)


def test_effects_whose_tau2_is_zero_have_no_share_to_explain() -> None:
    data = {"x": [0.0, 1.0, 2.0, 3.0]}
    es = EffectSizes.from_arrays([0.1, 0.12, 0.1, 0.15], [0.02, 0.01, 0.02, 0.03])
    fits = [meta_regression(es, f, data=data, tau2="ML") for f in ("~ 1", "~ x")]
    assert float(fits[0].tau2) == 0.0
    assert np.isnan(likelihood_ratio_test(*fits).R2)


def test_frame_and_text_of_counts() -> None:
    test = likelihood_ratio_test(fitted("~ 1"), fitted("~ ablat"))
    frame = test.to_frame()
    assert list(frame.columns) == [
        *["parameters", "AIC", "BIC", "loglik", "LRT", "df", "p", "tau2", "R2"]
    ]
    assert frame["parameters"].tolist() == [3, 2]
    for name, fit in (("full", test.full), ("reduced", test.reduced)):
        row = frame.loc[name]
        np.testing.assert_allclose(row["AIC"], 2 * row["parameters"] - 2 * fit.loglik)
    text = test.summary()
    assert "Likelihood-ratio test: LRT(1) = 10.2372, p = 0.0014" in text
    assert "reduced: ~ 1" in text
    assert "larger model accounts for: 89.0%" in text
    assert "<table" in test._repr_html_()


def test_other_counts_models_and_kinds_are_refused() -> None:
    one = fitted("~ ablat")
    eleven = {name: values[:11] for name, values in DATA.items()}
    gaps = DATA | {"year": [None, *DATA["year"][1:]]}
    refused: dict[str, Fit] = {
        "same counts": fitted("~ ablat + year", BCG[:11], data=eleven),
        r"same counts.*'k = 13', 'k = 12'": fitted(
            "~ ablat + year", data=gaps, drop_missing=True
        ),
        "^model must be the same in both": fitted("~ ablat + year", model="CM.EL"),
        "nested: every column": fitted("~ year + C(alloc)"),
        "one with more parameters": fitted("~ year"),
        "^tau2 must be the same in both": fitted("~ ablat + C(alloc)", tau2=0.01),
        "of one kind": meta_regression(
            effect_sizes(BCG, "OR"), "~ ablat", data=DATA, tau2="ML"
        ),
    }
    for words, other in refused.items():
        with pytest.raises(InvalidEvidenceError, match=words):
            likelihood_ratio_test(one, other)
    with pytest.raises(InvalidEvidenceError, match="second must be a result of meta_r"):
        likelihood_ratio_test(one, glmm(BCG, "OR"))  # type: ignore[arg-type]
    shares = Proportion(BCG.events1, BCG.n1)
    alone = glmm_regression(shares, "~ ablat + year", "PLO", data=DATA)
    with pytest.raises(InvalidEvidenceError, match="same counts"):
        likelihood_ratio_test(one, alone)


def test_codings_and_rough_quadrature_are_refused() -> None:
    data = {name: values[:6] for name, values in DATA.items()}

    def six(formula: str, **more: object) -> CountsRegression:
        return fitted(formula, BCG[:6], data=data, **more)

    with pytest.raises(InvalidEvidenceError, match="coding must be the same"):
        likelihood_ratio_test(
            six("~ 1", model="UM.FS"), six("~ ablat", model="UM.FS", coding=1.0)
        )
    rough, fine = six("~ 1", nagq=1), six("~ ablat", nagq=31)
    with pytest.raises(InvalidEvidenceError, match="nagq must be the same in both"):
        likelihood_ratio_test(rough, fine)
    assert likelihood_ratio_test(rough, six("~ ablat", nagq=1)).df == 1
    # Where both have settled, the numbers of nodes do not matter.
    assert likelihood_ratio_test(six("~ 1", nagq=61), fine).df == 1
