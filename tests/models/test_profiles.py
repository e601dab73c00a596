"""Profiles set every default, and what is named beside them wins."""

import numpy as np
import pytest

from k2stats.errors import UnknownMethodError
from k2stats.models import MEAN_TESTS, PREDICTIONS, PROFILES, meta_regression, pool
from models.pool_examples import bcg


@pytest.mark.parametrize("name", PROFILES)
def test_every_default_is_taken(name: str) -> None:
    profile, fit = PROFILES[name], pool(bcg(), profile=name)
    m = fit.method
    assert (m.tau2.name, m.ci.name) == (profile.tau2, profile.ci)
    assert (m.prediction.name, m.i2_basis) == (profile.prediction, profile.i2_basis)
    assert m.tau2_interval == profile.tau2_interval
    assert m.profile == name
    assert f"profile {name}" in fit.summary()
    assert profile.ci in MEAN_TESTS
    assert profile.prediction in PREDICTIONS


def test_the_table_of_the_docstring_is_the_profiles() -> None:
    table = pool.__doc__ or ""
    for name, p in PROFILES.items():
        row = next(x for x in table.splitlines() if x.split()[:1] == [name])
        want = [name, p.tau2, p.ci, p.prediction, p.i2_basis, p.tau2_interval]
        assert row.split() == want


def test_revman_figures() -> None:
    # reference case pi/bcg/RR/HK (meta 8.4-0) and metafor 3.8's knha interval
    fit = pool(bcg(), profile="RevMan2025")
    assert abs(fit.ci_low - -1.1084) < 0.5e-4
    np.testing.assert_allclose(fit.prediction_interval()[0], -1.9960168341962)


def test_meta_takes_i2_from_q() -> None:
    fit = pool(bcg(), profile="meta8")
    np.testing.assert_allclose(fit.I2, 100 * (1 - 12 / float(fit.Q)))
    np.testing.assert_allclose(fit.H2, float(fit.Q) / 12)


def test_cochrane_classic_is_dersimonian_laird() -> None:
    # reference case pool/bcg/RR/DL/z
    fit = pool(bcg(), profile="Cochrane-classic")
    np.testing.assert_allclose(fit.tau2, 0.308760262862376, rtol=1e-9)
    np.testing.assert_allclose(fit.I2, 92.1173468545621, rtol=1e-9)


def test_what_is_named_wins() -> None:
    fit = pool(bcg(), profile="meta8", tau2="PM", ci="HK", prediction="S", i2="tau2")
    m = fit.method
    assert (m.tau2.name, m.ci.name, m.prediction.name) == ("PM", "HK", "S")
    assert m.i2_basis == "tau2"


@pytest.mark.parametrize("name", PROFILES)
def test_a_meta_regression_takes_them_too(name: str) -> None:
    data, profile = {"x": np.arange(13.0)}, PROFILES[name]
    fit = meta_regression(bcg(), "~ x", data=data, profile=name)
    m = fit.method
    assert (m.tau2.name, m.ci.name, m.profile) == (profile.tau2, profile.ci, name)
    assert f"profile {name}." in fit.summary()
    assert f"the profile {name}." in fit.report()
    named = meta_regression(bcg(), "~ x", data=data, profile=name, tau2="PM", ci="t")
    assert (named.method.tau2.name, named.method.ci.name) == ("PM", "t")
    none = meta_regression(bcg(), "~ x", data=data, profile=name, tau2="EE")
    assert none.method.ci.name == "z"


def test_a_meta_regression_without_a_profile() -> None:
    fit = meta_regression(bcg(), "~ 1")
    assert (fit.method.tau2.name, fit.method.ci.name) == ("REML", "HK")
    assert fit.method.profile == ""
    with pytest.raises(UnknownMethodError, match="Unknown profile 'SAS'"):
        meta_regression(bcg(), "~ 1", profile="SAS")
