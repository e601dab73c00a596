"""Estimates of tau2 against printed and reference figures."""

import numpy as np
import pytest

from heterogeneity.tau2_examples import (
    BCG_LATITUDE,
    BCG_OR,
    BCG_RR,
    BCG_YEAR,
    EXPECTANCY,
    HOMOGENEOUS,
    STAY,
    TWO_MODES,
    Example,
)
from k2stats.heterogeneity import estimate_tau2

NAN = float("nan")

# Cases pool/<data>/<measure>/<method>/z of the reference figures (metafor 5.1-12,
# convergence at 1e-12): tau2 and its standard error; NaN where none is given.
REFERENCE = {
    "expectancy": (
        EXPECTANCY,
        {
            "DL": (0.0259036722998061, 0.018547927758505),
            "HE": (0.0803701754385965, 0.0448013531279088),
            "HS": (0.0223816691896635, 0.0156894822880775),
            "HSk": (0.0250288829083205, NAN),
            "SJ": (0.0771409967298081, 0.029567204867865),
            "ML": (0.0125518947507162, 0.0122923051215665),
            "REML": (0.0188182881410531, 0.0155240113869232),
            "EB": (0.0517733101031641, 0.0294650993061903),
            "PM": (0.0517733101030224, 0.0294650993061385),
            "PMM": (0.0562284229102938, NAN),
        },
    ),
    "stay": (
        STAY,
        {
            "DL": (218.721600813892, 195.471465710963),
            "HE": (771.316302470761, 405.92136520819),
            "HS": (141.894137885618, 83.1222321833371),
            "HSk": (160.318794400393, NAN),
            "SJ": (727.40057067543, 363.5335314431),
            "ML": (596.040034732002, 297.269000470626),
            "REML": (685.19650053627, 360.373347143794),
            "EB": (728.141491447996, 382.346934015532),
            "PM": (728.141491447996, 382.346934015532),
            "PMM": (800.159848917795, NAN),
        },
    ),
    "homogeneous": (
        HOMOGENEOUS,
        {
            "DL": (0.0, 0.0675770890344918),
            "HE": (0.0, 0.490502603663777),
            "HS": (0.0, 0.0619147280541647),
            "HSk": (0.0, NAN),
            "SJ": (0.0600532262740769, 0.0543098897639577),
            "ML": (0.0, 0.0478277483674872),
            "REML": (0.0, 0.0508836454951391),
            "EB": (0.0, 0.0650104644568729),
            "PM": (0.0, 0.0650104644568729),
            "PMM": (0.0, NAN),
        },
    ),
    # metafor 3.8-1 at the same settings, run on these data.
    "bcg": (
        BCG_RR,
        {
            "SJIT": (0.318068452205024, 0.173663027462756),
            "DLIT": (0.1575744202867, 0.1684502460513),
        },
    ),
}


@pytest.mark.parametrize(
    ("example", "method", "tau2", "se"),
    [
        pytest.param(example, method, tau2, se, id=f"{name}-{method}")
        for name, (example, figures) in REFERENCE.items()
        for method, (tau2, se) in figures.items()
    ],
)
def test_reference_figures(
    example: Example, method: str, tau2: float, se: float
) -> None:
    fit = estimate_tau2(example.y, example.v, method=method)
    assert fit.tau2 == pytest.approx(tau2, rel=1e-9, abs=1e-12)
    if not np.isnan(se):
        assert fit.se == pytest.approx(se, rel=1e-9)
    assert bool(fit.converged)
    assert fit.method == method


# metafor 3.8-1, convergence at 1e-12, `mods = ~ ablat` on the BCG data.
WITH_LATITUDE = {
    "DL": (0.0633005024264152, 0.0548251478566262),
    "HE": (0.209048026358876, 0.170711964616081),
    "HS": (0.0290849078998511, 0.0162884567731663),
    "HSk": (0.0382497885310598, 0.0228937088024365),
    "SJ": (0.231843716118979, 0.119533780646106),
    "ML": (0.0343514424818792, 0.0280141801210045),
    "REML": (0.0763479639559193, 0.0590472289048375),
    "EB": (0.142131941472850, 0.097498563515761),
    "PM": (0.1421319414727628, 0.0974985635157168),
    "PMM": (0.161555108764081, 0.107194640294147),
    "DLIT": (0.0576717065695, 0.0824983434462),
    "GENQ": (0.1315150124424969, 0.0935044600969793),
}


@pytest.mark.parametrize("method", WITH_LATITUDE)
def test_reference_figures_with_a_moderator(method: str) -> None:
    X = np.column_stack([np.ones(13), BCG_LATITUDE])
    weights = 1.0 / (BCG_RR.v + 0.1) if method == "GENQ" else None
    fit = estimate_tau2(BCG_RR.y, BCG_RR.v, X, method=method, weights=weights)
    tau2, se = WITH_LATITUDE[method]
    assert fit.tau2 == pytest.approx(tau2, rel=5e-10)
    assert fit.se == pytest.approx(se, rel=5e-10)


def test_viechtbauer_2010() -> None:
    # Journal of Statistical Software 36(3), the output of sections 3.1 and 3.2:
    # tau^2 = 0.3132 (SE = 0.1664) without and 0.1108 (SE = 0.0845) with latitude and
    # year as moderators.
    y, v = BCG_RR
    fit = estimate_tau2(y, v)
    assert abs(float(fit.tau2) - 0.3132) <= 0.5e-4
    assert abs(float(fit.se) - 0.1664) <= 0.5e-4
    X = np.column_stack([np.ones(13), BCG_LATITUDE, BCG_YEAR])
    both = estimate_tau2(y, v, X)
    assert abs(float(both.tau2) - 0.1108) <= 0.5e-4
    assert abs(float(both.se) - 0.0845) <= 0.5e-4


def test_van_houwelingen_2002() -> None:
    # Statistics in Medicine 21:589-624: the maximum likelihood estimate of the
    # variance of the log odds ratios of BCG between trials is 0.302.
    fit = estimate_tau2(BCG_OR.y, BCG_OR.v, method="ML")
    assert abs(float(fit.tau2) - 0.302) <= 0.5e-3


def test_raudenbush_2009() -> None:
    # The Handbook of Research Synthesis, chapter 16: the restricted maximum likelihood
    # estimate for the teacher expectancy data is 0.019.
    fit = estimate_tau2(EXPECTANCY.y, EXPECTANCY.v)
    assert abs(float(fit.tau2) - 0.019) <= 0.5e-3


def test_a_likelihood_with_two_maxima() -> None:
    fit = estimate_tau2(TWO_MODES.y, TWO_MODES.v)
    assert fit.tau2 == pytest.approx(0.6597375, abs=5e-8)


def test_generalised_q_with_weights_one_over_v_is_dersimonian_laird() -> None:
    for example in (BCG_RR, STAY, HOMOGENEOUS):
        y, v = example
        genq = estimate_tau2(y, v, method="GENQ", weights=1.0 / v)
        dl = estimate_tau2(y, v, method="DL")
        assert genq.tau2 == pytest.approx(float(dl.tau2), rel=1e-12)
        assert genq.se == pytest.approx(float(dl.se), rel=1e-12)


def test_generalised_q_with_equal_weights_is_hedges() -> None:
    y, v = STAY
    X = np.column_stack([np.ones(9), np.arange(9.0)])
    for x in (None, X):
        genq = estimate_tau2(y, v, x, method="GENQ", weights=np.ones(9))
        he = estimate_tau2(y, v, x, method="HE")
        assert genq.tau2 == pytest.approx(float(he.tau2), rel=1e-12)
        assert genq.se == pytest.approx(float(he.se), rel=1e-12)


def test_a_given_value_and_a_common_effect() -> None:
    y, v = STAY
    given = estimate_tau2(y, v, tau2=3.0)
    assert (float(given.tau2), given.method) == (3.0, "fixed")
    assert np.isnan(given.se)
    for name in ("EE", "FE", "CE"):
        assert float(estimate_tau2(y, v, method=name).tau2) == 0.0
