"""Laws that every registered conversion obeys: row by row, there and back.

A conversion that is registered must have an example here; it is then tried on scalars,
arrays, a batch and missing values. It must also come back, by its inverse, by the
statistic it undoes, or by the data it summarizes, or be named as one that cannot.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest
from scipy import special, stats

from k2stats.effectsizes import conversions, effect_sizes
from k2stats.effectsizes.conversions import CONVERSIONS

cv: Any = conversions  # arguments are unpacked from tables
K = 6
RNG = np.random.default_rng(8)
N1, N2 = RNG.integers(60, 90, (2, K)).astype(float)
A = RNG.integers(5, 15, K).astype(float)
C = A + 18  # far enough apart for a correction of chi-squared that is not all of it
M = A + C
T = RNG.uniform(-3, 3, K)
SIGN = np.sign(T)
P = RNG.uniform(0.001, 0.9, K)
Y, V = RNG.uniform(-0.8, 0.8, K), RNG.uniform(0.01, 0.2, K)
SD1, SD2 = RNG.uniform(1, 3, (2, K))
R = RNG.uniform(-0.7, 0.8, K)
FIVE = np.sort(RNG.normal(10, 2, (5, K)), axis=0)
RISK = RNG.uniform(0.1, 0.3, K)
MARGINS: dict[str, Any] = {"n1": N1, "n2": N2, "events": M}
SIZES: dict[str, Any] = {"n1": N1, "n2": N2}
EVENTS: dict[str, Any] = {"events1": A, "events2": C}
TABLE: dict[str, Any] = {"events1": A, "n1": N1, "events2": C, "n2": N2}


def of_tables(code: str) -> np.ndarray:
    """A measure of the tables A of N1 against C of N2, nothing added."""
    return effect_sizes(None, code, **TABLE).y


def chi2(yates: bool) -> np.ndarray:
    """Pearson's statistic of the same tables, by scipy."""
    cells = np.array([[A, N1 - A], [C, N2 - C]]).transpose(2, 0, 1)
    return np.array([stats.chi2_contingency(t, correction=yates)[0] for t in cells])


CHI2, YATES = chi2(yates=False), chi2(yates=True)
TABLE_SIGN = np.sign(A / N1 - C / N2)

EXAMPLES: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "convert_at_risk": ((np.exp(Y), "OR", "RR"), {"baseline_risk": RISK}),
    "convert_interval_at_risk": (
        (np.exp(Y), np.exp(Y - 0.3), np.exp(Y + 0.3), "OR", "RD"),
        {"baseline_risk": RISK},
    ),
    "convert_estimate_at_risk": ((Y, V, "OR", "RR"), {"baseline_risk": RISK}),
    "cells_from_odds_ratio": ((np.exp(of_tables("OR")),), MARGINS),
    "cells_from_risk_ratio": ((np.exp(of_tables("RR")),), MARGINS),
    "cells_from_phi": ((of_tables("PHI"),), MARGINS),
    "cells_from_chi2": ((CHI2,), {**MARGINS, "sign": TABLE_SIGN}),
    "z_from_p": ((P,), {"sign": SIGN}),
    "z_from_log_p": ((np.log(P),), {"sign": SIGN}),
    "t_from_p": ((P, N1), {"sign": SIGN}),
    "chi2_from_p": ((P, A), {}),
    "f_from_p": ((P, A, N2), {}),
    "t_from_f": ((T**2,), {"sign": SIGN}),
    "z_from_chi2": ((T**2,), {"sign": SIGN}),
    "change_sd": ((SD1, SD2, R), {}),
    "correlation_from_sds": ((SD1, SD2, cv.change_sd(SD1, SD2, R)), {}),
    "change_sd_from_t": ((Y, SIGN * Y, N1), {}),
    "change_sd_from_p": ((Y, P, N1), {}),
    "remaining_group": ((N1 + N2, 0.4 + 0 * Y, 5 + 0 * Y, N1, Y, SD1), {}),
    "or_to_rr_common": ((np.exp(Y),), {}),
    "hr_to_rr_common": ((np.exp(Y),), {}),
    "correlation_from_t": ((T, N1), {}),
    "correlation_from_f": ((T**2, N1), {"sign": SIGN}),
    "correlation_from_p": ((P, N1), {"sign": SIGN}),
    "correlation_from_z": ((T, N1), {}),
    "phi_from_chi2": ((CHI2, N1 + N2), {"sign": TABLE_SIGN}),
    "partial_correlation_from_t": ((T, N1, A), {}),
    "semipartial_correlation_from_t": ((T, N1 + 40, 0 * A + 3, 0.5 + 0 * A), {}),
    "transform": ((Y, V, np.exp), {}),
    "transform_interval": ((Y - 0.3, Y + 0.3, np.exp), {}),
    "r_to_z": ((R, V), {}),
    "z_to_r": ((Y, V), {}),
    "chi2_from_yates": ((YATES,), MARGINS),
    "yates_from_chi2": ((CHI2,), MARGINS),
    "peto_from_chi2": ((CHI2,), {**MARGINS, "sign": TABLE_SIGN}),
    "smd_from_t": ((T,), SIZES),
    "smd_from_p": ((P,), {**SIZES, "sign": SIGN}),
    "smd_from_f": ((T**2,), {**SIZES, "sign": SIGN}),
    "smcc_from_t": ((T, N1), {}),
    "variance_from_statistic": ((Y, Y / np.sqrt(V)), {}),
    "skewness_test": (
        (N1,),
        dict(zip(("minimum", "q1", "median", "q3", "maximum"), FIVE, strict=True)),
    ),
    "sd_from_se": ((SD1, N1), {}),
    "sd_from_ci": ((Y - 0.3, Y + 0.3, N1), {}),
    "sd_from_iqr": ((FIVE[1], FIVE[3], N1), {}),
    "sd_from_range": ((FIVE[0], FIVE[4], N1), {}),
    "sd_from_se_difference": ((SD1,), SIZES),
    "sd_from_t": ((Y, T, N1, N2), {}),
    "sd_from_p": ((Y, P, N1, N2), {}),
    "sd_from_other_group": ((SD1, SD2, N1, N2), {}),
    "d_to_log_or": ((Y, V), {}),
    "log_or_to_d": ((Y, V), {}),
    "d_to_r": ((Y, V), SIZES),
    "r_to_d": ((R, V), SIZES),
    "log_or_to_r": ((Y, V), SIZES),
    "r_to_log_or": ((R, V), SIZES),
    "log_hr_from_oe": ((Y, V), {}),
    "oe_from_log_hr": ((Y, V), {}),
    "log_hr_from_expected": ((A, A + 1.5, C, C - 1.5), {}),
    "logrank_variance": ((), EVENTS),
    "log_hr_from_logrank_p": ((P,), {**EVENTS, "sign": SIGN}),
    "log_hr_from_logrank_chi2": ((T**2,), {**EVENTS, "sign": SIGN}),
    "log_hr_from_events": ((np.exp(Y),), EVENTS),
    "log_hr_from_medians": ((SD1, SD2, A, C), {}),
    "log_hr_from_survival": ((P, RISK), {"se1": V / 9, "se2": V / 8}),
    "interval_asymmetry": ((Y, Y - 0.3, Y + 0.4), {}),
    "variance_from_ci": ((Y - 0.3, Y + 0.4), {}),
    "variance_from_p": ((Y, P), {}),
    "from_wald": ((Y,), {"low": Y - 0.3, "high": Y + 0.3}),
}
SPECIAL = {
    "combine_groups": "reduces an axis",
    "split_control": "a group of counts or of a mean, and a number of parts",
    "tables_from": "prints of one table",
    "diagnostic_tables": "prints of one table",
    "se_enclosure": "prints of one interval",
    "symmetric_within_rounding": "prints of one interval",
}
"""Conversions that do not work row by row; their modules' tests try them."""


def flat(result: Any) -> Iterator[np.ndarray]:
    """The arrays of numbers of a result, in order."""
    if isinstance(result, np.ndarray):
        if result.dtype.kind in "fb":
            yield result.astype(float)
    elif hasattr(result, "__dataclass_fields__"):
        for name in result.__dataclass_fields__:
            yield from flat(getattr(result, name))
    elif isinstance(result, tuple | list):
        for part in result:
            yield from flat(part)
    elif isinstance(result, float | np.floating):
        yield np.asarray(result, dtype=float)


def changed(
    name: str, how: Callable[[np.ndarray], Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Arguments of an example, each array changed."""
    args, kwargs = EXAMPLES[name]

    def one(value: Any) -> Any:
        return how(value) if isinstance(value, np.ndarray) else value

    return tuple(map(one, args)), {k: one(v) for k, v in kwargs.items()}


def number_at(i: int, x: np.ndarray) -> float:
    return float(x[i])


def run(name: str, how: Callable[[np.ndarray], Any]) -> list[np.ndarray]:
    args, kwargs = changed(name, how)
    return list(flat(CONVERSIONS[name].function(*args, **kwargs)))


def test_every_conversion_has_its_example() -> None:
    assert set(CONVERSIONS) == EXAMPLES.keys() | SPECIAL.keys()
    assert not EXAMPLES.keys() & SPECIAL.keys()


@pytest.mark.parametrize("name", EXAMPLES)
def test_rows_do_not_touch_one_another(name: str) -> None:
    whole = run(name, lambda x: x)
    assert whole
    assert np.isfinite(whole[0]).all()
    for i in range(K):
        # single numbers, which give results without the axis of studies
        alone = run(name, partial(number_at, i))
        for part, full in zip(alone, whole, strict=True):
            assert part.ndim == full.ndim - 1
            np.testing.assert_allclose(part, full[i], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", EXAMPLES)
def test_batches_are_their_sets(name: str) -> None:
    whole = run(name, lambda x: x)
    batch = run(name, lambda x: np.array([x, x[::-1]]))
    for many, one in zip(batch, whole, strict=True):
        assert many.shape == (2, *one.shape)
        np.testing.assert_allclose(many[0], one, rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(many[1], one[::-1], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", EXAMPLES)
def test_lists_and_objects_are_read_as_arrays_are(name: str) -> None:
    whole = run(name, lambda x: x)
    for how in (np.ndarray.tolist, lambda x: x.astype(object)):
        for other, one in zip(run(name, how), whole, strict=True):
            np.testing.assert_array_equal(other, one)


@pytest.mark.parametrize("name", EXAMPLES)
def test_missing_values_stay_in_their_row(name: str) -> None:
    whole = run(name, lambda x: x)

    def without_second(x: np.ndarray) -> np.ndarray:
        return np.where(np.arange(K) == 1, np.nan, x)

    holed = run(name, without_second)
    rest = np.arange(K) != 1
    for part, full in zip(holed, whole, strict=True):
        np.testing.assert_allclose(part[rest], full[rest], rtol=1e-12, atol=1e-14)
    # of what the function gives first, nothing is left in that row
    assert np.isnan(holed[0][1]).all()


def two(estimates: Any) -> np.ndarray:
    return np.array([estimates.y, estimates.v])


def d_of(t: np.ndarray) -> np.ndarray:
    return np.asarray(t * np.sqrt(1 / N1 + 1 / N2))


LOG_HR = cv.log_hr_from_oe(T * np.sqrt(A), A)


def together_and_apart() -> tuple[Any, Any]:
    """Two groups made one, and the second taken out again."""
    both = cv.combine_groups(
        np.stack([N1, N2], -1), np.stack([Y, T], -1), np.stack([SD1, SD2], -1)
    )
    rest = cv.remaining_group(both.n, both.mean, both.sd, N1, Y, SD1)
    return [rest.n, rest.mean, rest.sd], [N2, T, SD2]


def cells_again(name: str) -> tuple[Any, Any]:
    """The cells that the statistic was computed from."""
    args, kwargs = EXAMPLES[name]
    want = np.stack([A, N1 - A, C, N2 - C], axis=-1)
    return CONVERSIONS[name].function(*args, **kwargs), want


BACK: dict[str, Callable[[], tuple[Any, Any]]] = {
    "convert_at_risk": lambda: (
        cv.convert_at_risk(
            cv.convert_at_risk(np.exp(Y), "OR", "HR", baseline_risk=RISK),
            "HR",
            "OR",
            baseline_risk=RISK,
        ),
        np.exp(Y),
    ),
    "convert_interval_at_risk": lambda: (
        cv.convert_interval_at_risk(
            *(
                getattr(
                    cv.convert_interval_at_risk(
                        np.exp(Y),
                        np.exp(Y - 0.3),
                        np.exp(Y + 0.3),
                        "OR",
                        "RD",
                        baseline_risk=RISK,
                    ),
                    part,
                )
                for part in ("estimate", "low", "high")
            ),
            "RD",
            "OR",
            baseline_risk=RISK,
        ).high,
        np.exp(Y + 0.3),
    ),
    "convert_estimate_at_risk": lambda: (
        two(
            cv.convert_estimate_at_risk(
                *cv.convert_estimate_at_risk(Y, V, "OR", "RD", baseline_risk=RISK),
                "RD",
                "OR",
                baseline_risk=RISK,
            )
        ),
        [Y, V],
    ),
    **{
        name: partial(cells_again, name)
        for name in CONVERSIONS
        if name.startswith("cells_from_")
    },
    "z_from_p": lambda: (2 * stats.norm.sf(np.abs(cv.z_from_p(P))), P),
    "z_from_log_p": lambda: (cv.z_from_log_p(np.log(P)), cv.z_from_p(P)),
    "t_from_p": lambda: (2 * stats.t.sf(cv.t_from_p(P, N1), N1), P),
    "chi2_from_p": lambda: (stats.chi2.sf(cv.chi2_from_p(P, A), A), P),
    "f_from_p": lambda: (stats.f.sf(cv.f_from_p(P, A, N2), A, N2), P),
    "t_from_f": lambda: (cv.t_from_f(T**2, sign=SIGN), T),
    "z_from_chi2": lambda: (cv.z_from_chi2(T**2, sign=SIGN), T),
    "change_sd": lambda: (
        cv.correlation_from_sds(SD1, SD2, cv.change_sd(SD1, SD2, R)),
        R,
    ),
    "correlation_from_sds": lambda: (
        cv.change_sd(SD1, SD2, cv.correlation_from_sds(SD1, SD2, np.maximum(SD1, SD2))),
        np.maximum(SD1, SD2),
    ),
    "change_sd_from_t": lambda: (
        cv.change_sd_from_t(Y, Y / (SD1 / np.sqrt(N1)), N1),
        SD1,
    ),
    "change_sd_from_p": lambda: (
        cv.change_sd_from_p(
            Y, 2 * stats.t.sf(np.abs(Y) / (SD1 / np.sqrt(N1)), N1 - 1), N1
        ),
        SD1,
    ),
    "combine_groups": together_and_apart,
    "remaining_group": together_and_apart,
    "correlation_from_t": lambda: (
        cv.correlation_from_t(R * np.sqrt((N1 - 2) / (1 - R * R)), N1).y,
        R,
    ),
    "correlation_from_f": lambda: (
        cv.correlation_from_f(T**2, N1, sign=SIGN).y,
        cv.correlation_from_t(T, N1).y,
    ),
    "correlation_from_p": lambda: (
        cv.correlation_from_p(2 * stats.t.sf(np.abs(T), N1 - 2), N1, sign=SIGN).y,
        cv.correlation_from_t(T, N1).y,
    ),
    "correlation_from_z": lambda: (
        cv.correlation_from_z(R * np.sqrt(N1), N1).y,
        R,
    ),
    "phi_from_chi2": lambda: (
        cv.phi_from_chi2(CHI2, N1 + N2, sign=TABLE_SIGN),
        of_tables("PHI"),
    ),
    "partial_correlation_from_t": lambda: (
        two(cv.partial_correlation_from_t(T, N1, A)),
        pair_of(effect_sizes(None, "PCOR", t=T, n=N1, predictors=A)),
    ),
    "semipartial_correlation_from_t": lambda: (
        two(cv.semipartial_correlation_from_t(T, N1 + 40, 3, 0.5)),
        pair_of(effect_sizes(None, "SPCOR", t=T, n=N1 + 40, predictors=3, r2=0.5)),
    ),
    "transform": lambda: (
        two(cv.transform(*two(cv.transform(Y, V, np.exp)), np.log)),
        [Y, V],
    ),
    "transform_interval": lambda: (
        cv.transform_interval(*cv.transform_interval(Y, Y + 0.3, np.exp), np.log),
        [Y, Y + 0.3],
    ),
    "r_to_z": lambda: (two(cv.z_to_r(*cv.r_to_z(R, V))), [R, V]),
    "z_to_r": lambda: (two(cv.r_to_z(*cv.z_to_r(Y, V))), [Y, V]),
    "chi2_from_yates": lambda: (cv.chi2_from_yates(YATES, **MARGINS), CHI2),
    "yates_from_chi2": lambda: (cv.yates_from_chi2(CHI2, **MARGINS), YATES),
    "peto_from_chi2": lambda: (
        two(cv.peto_from_chi2(CHI2, **MARGINS, sign=TABLE_SIGN)),
        pair_of(effect_sizes(None, "PETO", **TABLE)),
    ),
    "smd_from_t": lambda: (two(cv.smd_from_t(T, N1, N2)), smd_of(T)),
    "smd_from_p": lambda: (
        two(cv.smd_from_p(2 * stats.t.sf(np.abs(T), N1 + N2 - 2), N1, N2, sign=SIGN)),
        smd_of(T),
    ),
    "smd_from_f": lambda: (two(cv.smd_from_f(T**2, N1, N2, sign=SIGN)), smd_of(T)),
    "smcc_from_t": lambda: (
        two(cv.smcc_from_t(T, N1)),
        pair_of(
            effect_sizes(
                None,
                "SMCC",
                mean1=T / np.sqrt(N1),
                sd1=1,
                mean2=0,
                sd2=0,
                n=N1,
                r=0,
            )
        ),
    ),
    "variance_from_statistic": lambda: (
        cv.variance_from_statistic(Y, Y / np.sqrt(V)),
        V,
    ),
    "sd_from_se": lambda: (cv.sd_from_se(SD1 / np.sqrt(N1), N1), SD1),
    "sd_from_ci": lambda: (
        cv.sd_from_ci(
            *stats.t.interval(0.95, N1 - 1, loc=Y, scale=SD1 / np.sqrt(N1)), N1
        ),
        SD1,
    ),
    "sd_from_se_difference": lambda: (
        cv.sd_from_se_difference(d_of(SD1), N1, N2),
        SD1,
    ),
    "sd_from_t": lambda: (cv.sd_from_t(Y, Y / d_of(SD1), N1, N2), SD1),
    "sd_from_p": lambda: (
        cv.sd_from_p(Y, 2 * stats.t.sf(np.abs(Y) / d_of(SD1), N1 + N2 - 2), N1, N2),
        SD1,
    ),
    "sd_from_other_group": lambda: (
        cv.sd_from_other_group(np.sqrt(SD1**2 / N1 + SD2**2 / N2), SD2, N1, N2),
        SD1,
    ),
    "d_to_log_or": lambda: (two(cv.log_or_to_d(*cv.d_to_log_or(Y, V))), [Y, V]),
    "log_or_to_d": lambda: (two(cv.d_to_log_or(*cv.log_or_to_d(Y, V))), [Y, V]),
    "d_to_r": lambda: (two(cv.r_to_d(*cv.d_to_r(Y, V, **SIZES), **SIZES)), [Y, V]),
    "r_to_d": lambda: (two(cv.d_to_r(*cv.r_to_d(R, V, **SIZES), **SIZES)), [R, V]),
    "log_or_to_r": lambda: (
        two(cv.r_to_log_or(*cv.log_or_to_r(Y, V, **SIZES), **SIZES)),
        [Y, V],
    ),
    "r_to_log_or": lambda: (
        two(cv.log_or_to_r(*cv.r_to_log_or(R, V, **SIZES), **SIZES)),
        [R, V],
    ),
    "log_hr_from_oe": lambda: (
        two(cv.log_hr_from_oe(*cv.oe_from_log_hr(Y, V))),
        [Y, V],
    ),
    "oe_from_log_hr": lambda: (
        cv.oe_from_log_hr(*cv.log_hr_from_oe(T, A)),
        [T, A],
    ),
    "logrank_variance": lambda: (
        # with groups of one size and as many events in each all three agree
        cv.logrank_variance(events1=A, events2=A),
        cv.logrank_variance(events=2 * A, n1=N1, n2=N1),
    ),
    "log_hr_from_logrank_p": lambda: (
        two(
            cv.log_hr_from_logrank_p(
                2 * stats.norm.sf(np.abs(T)), sign=SIGN, events=4 * A
            )
        ),
        two(LOG_HR),
    ),
    "log_hr_from_logrank_chi2": lambda: (
        two(cv.log_hr_from_logrank_chi2(T**2, sign=SIGN, events=4 * A)),
        two(LOG_HR),
    ),
    "log_hr_from_events": lambda: (
        two(cv.log_hr_from_events(np.exp(LOG_HR.y), events=4 * A)),
        two(LOG_HR),
    ),
    "log_hr_from_medians": lambda: (
        # exponential survival: the hazard is log 2 over the median
        cv.log_hr_from_medians(np.log(2) / SD1, np.log(2) / SD2, A, C).y,
        np.log(SD1 / SD2),
    ),
    "log_hr_from_survival": lambda: (
        cv.log_hr_from_survival(
            np.exp(-0.3 * SD1), np.exp(-0.3 * SD2), se1=V / 9, se2=V / 8
        ).y,
        np.log(SD1 / SD2),
    ),
    "interval_asymmetry": lambda: (
        # y = middle - asymmetry times half-width
        Y + 0.05 - 0.35 * cv.interval_asymmetry(Y, Y - 0.3, Y + 0.4),
        Y,
    ),
    "variance_from_ci": lambda: (
        cv.variance_from_ci(*stats.norm.interval(0.95, loc=Y, scale=np.sqrt(V))),
        V,
    ),
    "variance_from_p": lambda: (
        cv.variance_from_p(Y, 2 * special.ndtr(-np.abs(Y) / np.sqrt(V))),
        V,
    ),
    "from_wald": lambda: (
        cv.from_wald(
            np.exp(Y),
            low=np.exp(Y - 1.959963984540054 * np.sqrt(V)),
            high=np.exp(Y + 1.959963984540054 * np.sqrt(V)),
            log=True,
        ).v,
        V,
    ),
}
ONE_WAY = {
    "or_to_rr_common": "a rule for common outcomes, with no baseline to come back by",
    "hr_to_rr_common": "a rule for common outcomes, with no baseline to come back by",
    "log_hr_from_expected": "two ratios become one",
    "skewness_test": "a test",
    "sd_from_iqr": "an estimate from order statistics",
    "sd_from_range": "an estimate from order statistics",
    "split_control": "sums are checked in test_conv_combine",
    "tables_from": "all tables, against brute force in test_conv_tables",
    "diagnostic_tables": "all tables, against brute force in test_conv_tables",
    "se_enclosure": "an enclosure, checked in test_conv_wald",
    "symmetric_within_rounding": "a truth value, checked in test_conv_wald",
}
"""What cannot come back, and why."""


def pair_of(es: Any) -> np.ndarray:
    return np.array([es.y, es.v])


def smd_of(t: np.ndarray) -> np.ndarray:
    """The measure on two groups with unit SDs whose t is as given."""
    return pair_of(
        effect_sizes(None, "SMD", mean1=d_of(t), sd1=1, n1=N1, mean2=0, sd2=1, n2=N2)
    )


def test_every_conversion_comes_back_or_is_said_not_to() -> None:
    assert set(CONVERSIONS) == BACK.keys() | ONE_WAY.keys()
    assert not BACK.keys() & ONE_WAY.keys()


@pytest.mark.parametrize("name", BACK)
def test_there_and_back(name: str) -> None:
    got, want = BACK[name]()
    np.testing.assert_allclose(np.asarray(got), np.asarray(want), rtol=1e-9, atol=1e-11)
