"""What the diagnostics take: effects, or a fit with its effects and estimator."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from diagnostics.studies import BCG_RR
from k2stats.diagnostics import (
    asymmetry_test,
    asymmetry_tests,
    baujat,
    copas,
    corrected_mean,
    egger_test,
    excess_significance,
    fail_safe_n,
    gosh,
    influence,
    limit_meta_analysis,
    p_curve,
    p_uniform,
    p_uniform_star,
    pet_peese,
    publication_bias_s_value,
    qq,
    r_index,
    radial,
    reporting_bound,
    selection_model,
    tiva,
    trim_fill,
    waap_wls,
    z_curve,
)
from k2stats.effectsizes import EffectSizes
from k2stats.errors import InvalidEvidenceError
from k2stats.models import pool

Door = Callable[[Any], object]

WITHOUT_ESTIMATOR: dict[str, Door] = {
    "asymmetry_test": lambda x: asymmetry_test(x).p,
    "copas": lambda x: copas(x, publish_small=[0.5]).estimate,
    "excess_significance": lambda x: excess_significance(x).p,
    "fail_safe_n": lambda x: fail_safe_n(x).n,
    "p_curve": lambda x: p_curve(x).full.z,
    "p_uniform": lambda x: p_uniform(x, side="left").estimate,
    "p_uniform_star": lambda x: p_uniform_star(x, side="left").estimate,
    "pet_peese": lambda x: pet_peese(x).estimate,
    "r_index": lambda x: r_index(x).r_index,
    "selection_model": lambda x: selection_model(x, alternative="less").estimate,
    "tiva": lambda x: tiva(x).p,
    "waap_wls": lambda x: waap_wls(x).estimate,
    "z_curve": lambda x: z_curve(x).err,
}
WITH_ESTIMATOR: dict[str, Callable[..., Any]] = {
    "baujat": lambda x, **o: baujat(x, **o).influence,
    "corrected_mean": lambda x, **o: (
        corrected_mean(x, 3.0, favours="negative", **o).estimate
    ),
    "egger_test": lambda x, **o: egger_test(x, **o).p,
    "gosh": lambda x, **o: gosh(x, **o).estimate[:50],
    "influence": lambda x, **o: influence(x, **o).cook_d,
    "limit_meta_analysis": lambda x, **o: limit_meta_analysis(x, **o).estimate,
    "publication_bias_s_value": lambda x, **o: (
        publication_bias_s_value(x, favours="negative", **o).interval
    ),
    "qq": lambda x, **o: qq(x, rng=1, draws=10, **o).residual,
    "radial": lambda x, **o: radial(x, **o).z,
    "reporting_bound": lambda x, **o: reporting_bound(x, [3], **o).max_bias,
    "trim_fill": lambda x, **o: trim_fill(x, **o).estimate,
}


@pytest.mark.parametrize("name", WITHOUT_ESTIMATOR)
def test_a_fit_stands_for_its_effects(name: str) -> None:
    door = WITHOUT_ESTIMATOR[name]
    np.testing.assert_array_equal(door(pool(BCG_RR)), door(BCG_RR))


@pytest.mark.parametrize("name", WITH_ESTIMATOR)
def test_a_fit_brings_its_estimator(name: str) -> None:
    door = WITH_ESTIMATOR[name]
    own = door(pool(BCG_RR, tau2="DL"))
    np.testing.assert_allclose(own, door(BCG_RR, tau2="DL"), rtol=1e-12)
    assert not np.allclose(own, door(BCG_RR, tau2="EE"), rtol=1e-6)


@pytest.mark.parametrize("name", [*WITHOUT_ESTIMATOR, *WITH_ESTIMATOR])
def test_other_things_are_refused(name: str) -> None:
    door = (WITHOUT_ESTIMATOR | WITH_ESTIMATOR)[name]
    with pytest.raises(InvalidEvidenceError, match=r"EffectSizes|p must be|field"):
        door({"yi": [1.0]})


def test_only_pooled_studies_count() -> None:
    mask = np.arange(13) != 3
    fit = pool(BCG_RR, mask=mask)
    assert gosh(fit).study == BCG_RR[mask].labels
    np.testing.assert_array_equal(
        limit_meta_analysis(fit).Q, limit_meta_analysis(BCG_RR[mask]).Q
    )


def test_a_number_for_tau2_is_no_estimator() -> None:
    fit = pool(BCG_RR, tau2_value=0.2)
    with pytest.raises(InvalidEvidenceError, match="took tau2 as a number"):
        trim_fill(fit)
    assert trim_fill(fit, tau2="DL").tau2_method == "DL"


EQUAL = EffectSizes.from_arrays([0.1, 0.2, 0.3, 0.5], [0.04] * 4)


@pytest.mark.parametrize(
    "door",
    [
        asymmetry_test,
        asymmetry_tests,
        egger_test,
        limit_meta_analysis,
        pet_peese,
        copas,
    ],
)
def test_equal_standard_errors_leave_nothing_to_regress_on(door: Door) -> None:
    # Begg's ranks are all tied, too: nothing is left of asymmetry_tests but those.
    if door is asymmetry_tests:
        names = asymmetry_tests(EQUAL).index.tolist()
        assert names == ["begg", "begg-exact"]
        return
    with pytest.raises(InvalidEvidenceError, match="of unequal standard errors"):
        door(EQUAL)


def test_trim_and_fill_of_equal_standard_errors_needs_its_side() -> None:
    with pytest.raises(InvalidEvidenceError, match="name the side instead"):
        trim_fill(EQUAL)
    assert trim_fill(EQUAL, side="left").k == 4


def test_a_radial_plot_of_one_study_is_refused() -> None:
    with pytest.raises(InvalidEvidenceError, match="at least 2 studies for a radial"):
        radial(EQUAL[:1])
