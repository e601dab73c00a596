"""Every conversion on 13 rows, beside its formula written out in numpy.

Where a conversion takes printed text, which is read in rational arithmetic, the bare
work reads the same text; where it finds a derivative, the bare work finds it too.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special

from benchmarks._timing_pairs import side_by_side, verdict
from k2stats.effectsizes import conversions as conv
from k2stats.effectsizes.conversions.delta import differentiate
from k2stats.evidence.reported import reported
from k2stats.evidence.two_by_two import counts_that_print

Work = Callable[[], object]
ROWS = 13
LONG = 1_000.0
"""Microseconds of bare work beyond which a difference of two runs says little."""
Z = 1.959963984540054
LOGISTIC = np.pi / np.sqrt(3.0)


def exact_j(m: Any) -> Any:
    """Hedges' correction by log gammas, the plain way."""
    return np.exp(special.gammaln(m / 2) - special.gammaln((m - 1) / 2)) / np.sqrt(
        m / 2
    )


def tail_t(p: Any, df: Any) -> Any:
    return -special.stdtrit(df, p / 2)


def smd(t: Any, n1: Any, n2: Any) -> object:
    base, total = 1 / n1 + 1 / n2, n1 + n2
    g = t * np.sqrt(base) * exact_j(total - 2)
    return g, base + g * g / (2 * total)


def r_of_t(t: Any, df: Any, spare: float) -> object:
    square = t * t + df
    return t / np.sqrt(square), (df / square) ** 2 / (df + spare)


def table(a: Any, n1: Any, n2: Any, m: Any) -> object:
    a = np.floor(a + 0.5)
    cells = np.stack([a, n1 - a, m - a, n2 - m + a], axis=-1)
    return np.where(np.all(cells >= 0, axis=-1, keepdims=True), cells, np.nan)


def or_cell(psi: Any, n1: Any, n2: Any, m: Any) -> Any:
    b = psi * (n1 + m) + n2 - m
    return 2 * psi * n1 * m / (b + np.sqrt(b * b - 4 * (psi - 1) * psi * n1 * m))


def xi(n: Any) -> Any:
    return 2 * special.ndtri((n - 0.375) / (n + 0.25))


def eta(n: Any) -> Any:
    return 2 * special.ndtri((0.75 * n - 0.125) / (n + 0.25))


def luo_mean_shi_sd(a: Any, q1: Any, m: Any, q3: Any, b: Any, n: Any) -> object:
    w, u = 2.2 / (2.2 + n**0.75), 0.7 - 0.72 / n**0.55
    mean = w * (a + b) / 2 + u * (q1 + q3) / 2 + (1 - w - u) * m
    odds = 0.07 * n**0.6
    return mean, ((b - a) / xi(n) + odds * (q3 - q1) / eta(n)) / (1 + odds)


def skewness(a: Any, q1: Any, m: Any, q3: Any, b: Any, n: Any) -> object:
    t1 = np.abs(a + b - 2 * m) / (b - a)
    t2 = np.abs(q1 + q3 - 2 * m) / (q3 - q1)
    t3 = np.maximum(2.65 * np.log(0.6 * n) / np.sqrt(n) * t1, t2)
    c3 = 3 / np.sqrt(n) - 40 / n**3
    return t3, c3, t3 > c3


def rr_of_or(x: Any, p0: Any) -> Any:
    return x / (1 - p0 + p0 * x)


def log_rr_of_log_or(y: Any, v: Any, p0: Any) -> object:
    x = np.exp(y)
    p1 = x * p0 / (1 - p0 + x * p0)
    return np.log(p1 / p0), v * (1 - p1) ** 2


def combined(n: Any, mean: Any, sd: Any) -> object:
    total = n.sum()
    middle = (n * mean).sum() / total
    squares = ((n - 1) * sd**2 + n * (mean - middle) ** 2).sum()
    return total, middle, np.sqrt(squares / (total - 1))


def remaining(n: Any, mean: Any, sd: Any, n1: Any, mean1: Any, sd1: Any) -> object:
    rest = n - n1
    other = mean + n1 * (mean - mean1) / rest
    squares = (n - 1) * sd**2 - (n1 - 1) * sd1**2
    squares = squares - n1 * (mean1 - mean) ** 2 - rest * (other - mean) ** 2
    return rest, other, np.sqrt(squares / (rest - 1))


def semipartial(t: Any, n: Any, m: Any, r2: Any) -> object:
    y = t * np.sqrt((1 - r2) / (n - m - 1))
    without = r2 - y * y
    return y, (r2**2 - 2 * r2 + without + 1 - without**2) / n


def peto_of_chi2(chi2: Any, n1: Any, n2: Any, m: Any) -> object:
    total = n1 + n2
    product = n1 * n2 * m * (total - m)
    v = product / (total * total * (total - 1))
    return np.sqrt(chi2 * product / total**3) / v, 1 / v


def yates(chi2: Any, n1: Any, n2: Any, m: Any, sign: float) -> Any:
    total = n1 + n2
    product = n1 * n2 * m * (total - m)
    cross = np.maximum(np.sqrt(chi2 * product / total) + sign * total / 2, 0)
    return total * cross * cross / product


def turning_checked(low: Any, high: Any) -> object:
    path = np.exp(low[:, None] + (high - low)[:, None] * np.linspace(0, 1, 32))
    steps = np.diff(path, axis=-1)
    return np.exp(low), np.exp(high), (steps > 0).any(-1) & (steps < 0).any(-1)


def tables_in_window(n1: int, n2: int, m: int, low: float, high: float) -> object:
    a = np.arange(max(0, m - n2), min(n1, m) + 1)
    c = m - a
    cells = np.stack([a, n1 - a, c, n2 - c], axis=-1)
    with np.errstate(all="ignore"):
        ratio = a * (n2 - c) / ((n1 - a) * c)
    return cells[(ratio >= low) & (ratio < high)]


def windows(text: str) -> tuple[float, float]:
    """Values that print so, in rational arithmetic, as doubles."""
    return reported(text).interval.floats()


def overlap(y: Any, low: Any, high: Any) -> bool:
    return bool(y[1] ** 2 >= low[0] * high[0] and y[0] ** 2 <= low[1] * high[1])


def conversion_calls() -> list[tuple[str, Work, Work]]:
    """Each conversion with its bare arithmetic on the same arrays."""
    rng = np.random.default_rng(5)

    def some(low: float, high: float) -> Any:
        return rng.uniform(low, high, ROWS)

    def whole(low: int, high: int) -> Any:
        return rng.integers(low, high, ROWS).astype(float)

    n1, n2, n = whole(40, 200), whole(40, 200), whole(60, 300)
    m = np.floor(0.4 * (n1 + n2))
    y, v, p, t = some(-1, 1), some(0.05, 0.2), some(0.01, 0.9), some(-3, 3)
    se, sd1, sd2, mean = some(0.5, 2), some(1, 3), some(1, 3), some(8, 12)
    ratio, p0, r, r2 = some(0.5, 2), some(0.1, 0.3), some(-0.8, 0.8), some(0.3, 0.6)
    chi2, f, k = some(1, 6), some(0.5, 8), whole(1, 4)
    low, high, o1, o2 = ratio * 0.7, ratio / 0.7, whole(10, 60), whole(10, 60)
    total = (o1 + o2) * 1.0
    e1 = total / 2.0
    s1, s2 = some(0.4, 0.6), some(0.6, 0.8)
    five = [np.sort(x) for x in rng.lognormal(2, 0.5, (ROWS, 5))]
    a, q1, med, q3, b = np.array(five).T.copy()
    quantiles = {"minimum": a, "q1": q1, "median": med, "q3": q3, "maximum": b}
    d = y
    v_or = 1 / o1 + 1 / o2
    lr = np.log
    return [
        (
            "convert_at_risk",
            lambda: conv.convert_at_risk(ratio, "OR", "RR", baseline_risk=p0),
            lambda: rr_of_or(ratio, p0),
        ),
        (
            "convert_interval_at_risk",
            lambda: conv.convert_interval_at_risk(
                ratio, low, high, "OR", "RR", baseline_risk=p0
            ),
            lambda: [rr_of_or(x, p0) for x in (ratio, low, high)],
        ),
        (
            "convert_estimate_at_risk",
            lambda: conv.convert_estimate_at_risk(y, v, "OR", "RR", baseline_risk=p0),
            lambda: log_rr_of_log_or(y, v, p0),
        ),
        (
            "cells_from_odds_ratio",
            lambda: conv.cells_from_odds_ratio(ratio, n1, n2, m),
            lambda: table(or_cell(ratio, n1, n2, m), n1, n2, m),
        ),
        (
            "cells_from_risk_ratio",
            lambda: conv.cells_from_risk_ratio(ratio, n1, n2, m),
            lambda: table(ratio * n1 * m / (n2 + ratio * n1), n1, n2, m),
        ),
        (
            "cells_from_phi",
            lambda: conv.cells_from_phi(r, n1, n2, m),
            lambda: table(
                (n1 * m + r * np.sqrt(n1 * n2 * m * (n1 + n2 - m))) / (n1 + n2),
                n1,
                n2,
                m,
            ),
        ),
        (
            "cells_from_chi2",
            lambda: conv.cells_from_chi2(chi2, n1, n2, m),
            lambda: table(
                (n1 * m + np.sqrt(chi2 * n1 * n2 * m * (n1 + n2 - m) / (n1 + n2)))
                / (n1 + n2),
                n1,
                n2,
                m,
            ),
        ),
        ("z_from_p", lambda: conv.z_from_p(p), lambda: -special.ndtri(p / 2)),
        (
            "z_from_log_p",
            lambda: conv.z_from_log_p(-f),
            lambda: -special.ndtri_exp(-f - np.log(2)),
        ),
        ("t_from_p", lambda: conv.t_from_p(p, n), lambda: tail_t(p, n)),
        ("chi2_from_p", lambda: conv.chi2_from_p(p, k), lambda: special.chdtri(k, p)),
        (
            "f_from_p",
            lambda: conv.f_from_p(p, k, n),
            lambda: special.fdtri(k, n, 1 - p),
        ),
        ("t_from_f", lambda: conv.t_from_f(f), lambda: np.sqrt(f)),
        ("z_from_chi2", lambda: conv.z_from_chi2(chi2), lambda: np.sqrt(chi2)),
        (
            "change_sd",
            lambda: conv.change_sd(sd1, sd2, r),
            lambda: np.sqrt(sd1**2 + sd2**2 - 2 * r * sd1 * sd2),
        ),
        (
            "correlation_from_sds",
            lambda: conv.correlation_from_sds(sd1, sd2, (sd1 + sd2) * 0.8),
            lambda: (sd1**2 + sd2**2 - ((sd1 + sd2) * 0.8) ** 2) / (2 * sd1 * sd2),
        ),
        (
            "change_sd_from_t",
            lambda: conv.change_sd_from_t(y, t, n),
            lambda: np.sqrt(n) * np.abs(y / t),
        ),
        (
            "change_sd_from_p",
            lambda: conv.change_sd_from_p(y, p, n),
            lambda: np.sqrt(n) * np.abs(y / tail_t(p, n - 1)),
        ),
        (
            "combine_groups",
            lambda: conv.combine_groups(n, mean, sd1),
            lambda: combined(n, mean, sd1),
        ),
        (
            "remaining_group",
            lambda: conv.remaining_group(3 * n, mean, 3 * sd1, n, mean + 0.1, sd1),
            lambda: remaining(3 * n, mean, 3 * sd1, n, mean + 0.1, sd1),
        ),
        (
            "split_control",
            lambda: conv.split_control(n, 3),
            lambda: n[:, None] * (np.ones(3) / 3),
        ),
        (
            "or_to_rr_common",
            lambda: conv.or_to_rr_common(ratio),
            lambda: np.sqrt(ratio),
        ),
        (
            "hr_to_rr_common",
            lambda: conv.hr_to_rr_common(ratio),
            lambda: (1 - 0.5 ** np.sqrt(ratio)) / (1 - 0.5 ** np.sqrt(1 / ratio)),
        ),
        (
            "correlation_from_t",
            lambda: conv.correlation_from_t(t, n),
            lambda: r_of_t(t, n - 2, 1),
        ),
        (
            "correlation_from_f",
            lambda: conv.correlation_from_f(f, n),
            lambda: r_of_t(np.sqrt(f), n - 2, 1),
        ),
        (
            "correlation_from_p",
            lambda: conv.correlation_from_p(p, n),
            lambda: r_of_t(tail_t(p, n - 2), n - 2, 1),
        ),
        (
            "correlation_from_z",
            lambda: conv.correlation_from_z(t, n),
            lambda: (t / np.sqrt(n), (1 - t * t / n) ** 2 / (n - 1)),
        ),
        (
            "phi_from_chi2",
            lambda: conv.phi_from_chi2(chi2, n),
            lambda: np.sqrt(chi2 / n),
        ),
        (
            "partial_correlation_from_t",
            lambda: conv.partial_correlation_from_t(t, n, k),
            lambda: r_of_t(t, n - k - 1, 0),
        ),
        (
            "semipartial_correlation_from_t",
            lambda: conv.semipartial_correlation_from_t(t, n, k, r2),
            lambda: semipartial(t, n, k, r2),
        ),
        (
            "transform",
            lambda: conv.transform(y, v, np.exp, np.exp),
            lambda: (np.exp(y), np.exp(y) ** 2 * v),
        ),
        (
            "transform, derivative found",
            lambda: conv.transform(y, v, np.exp),
            lambda: (np.exp(y), differentiate(np.exp, y) ** 2 * v),
        ),
        (
            "transform_interval",
            lambda: conv.transform_interval(y, y + 1, np.exp),
            lambda: turning_checked(y, y + 1),
        ),
        (
            "tables_from",
            lambda: conv.tables_from(n1=50, n2=50, events=40, odds_ratio="2.8"),
            lambda: tables_in_window(50, 50, 40, *reported("2.8").interval.floats()),
        ),
        (
            "diagnostic_tables",
            lambda: conv.diagnostic_tables(
                sensitivity="91.7%", specificity="80%", n_diseased=36, n_healthy=35
            ),
            lambda: np.array(
                [
                    (x, 36 - x, 35 - y, y)
                    for x in counts_that_print(reported("91.7%"), 36)
                    for y in counts_that_print(reported("80%"), 35)
                ]
            ),
        ),
        (
            "r_to_z",
            lambda: conv.r_to_z(r, v),
            lambda: (np.arctanh(r), v / (1 - r * r) ** 2),
        ),
        (
            "z_to_r",
            lambda: conv.z_to_r(y, v),
            lambda: (np.tanh(y), v * (1 - np.tanh(y) ** 2) ** 2),
        ),
        (
            "chi2_from_yates",
            lambda: conv.chi2_from_yates(chi2, n1, n2, m),
            lambda: yates(chi2, n1, n2, m, 1),
        ),
        (
            "yates_from_chi2",
            lambda: conv.yates_from_chi2(chi2, n1, n2, m),
            lambda: yates(chi2, n1, n2, m, -1),
        ),
        (
            "peto_from_chi2",
            lambda: conv.peto_from_chi2(chi2, n1, n2, m),
            lambda: peto_of_chi2(chi2, n1, n2, m),
        ),
        ("smd_from_t", lambda: conv.smd_from_t(t, n1, n2), lambda: smd(t, n1, n2)),
        (
            "smd_from_p",
            lambda: conv.smd_from_p(p, n1, n2),
            lambda: smd(tail_t(p, n1 + n2 - 2), n1, n2),
        ),
        (
            "smd_from_f",
            lambda: conv.smd_from_f(f, n1, n2),
            lambda: smd(np.sqrt(f), n1, n2),
        ),
        (
            "smcc_from_t",
            lambda: conv.smcc_from_t(t, n),
            lambda: (exact_j(n - 1) * t / np.sqrt(n), (1 + t * t / n / 2) / n),
        ),
        (
            "variance_from_statistic",
            lambda: conv.variance_from_statistic(y, 2.5 * y),
            lambda: (y / (2.5 * y)) ** 2,
        ),
        (
            "mean_sd_from_quantiles",
            lambda: conv.mean_sd_from_quantiles(n, **quantiles),
            lambda: luo_mean_shi_sd(a, q1, med, q3, b, n),
        ),
        (
            "mean_sd_from_quantiles, quartiles",
            lambda: conv.mean_sd_from_quantiles(n, q1=q1, median=med, q3=q3),
            lambda: (
                (0.7 + 0.39 / n) * (q1 + q3) / 2 + (0.3 - 0.39 / n) * med,
                (q3 - q1) / eta(n),
            ),
        ),
        (
            "skewness_test",
            lambda: conv.skewness_test(n, **quantiles),
            lambda: skewness(a, q1, med, q3, b, n),
        ),
        ("sd_from_se", lambda: conv.sd_from_se(se, n), lambda: se * np.sqrt(n)),
        (
            "sd_from_ci",
            lambda: conv.sd_from_ci(mean, mean + se, n),
            lambda: np.sqrt(n) * se / (2 * tail_t(0.05, n - 1)),
        ),
        (
            "sd_from_iqr",
            lambda: conv.sd_from_iqr(q1, q3, n),
            lambda: (q3 - q1) / eta(n),
        ),
        (
            "sd_from_range",
            lambda: conv.sd_from_range(a, b, n),
            lambda: (b - a) / xi(n),
        ),
        (
            "sd_from_se_difference",
            lambda: conv.sd_from_se_difference(se, n1, n2),
            lambda: se / np.sqrt(1 / n1 + 1 / n2),
        ),
        (
            "sd_from_t",
            lambda: conv.sd_from_t(y, t, n1, n2),
            lambda: np.abs(y / t) / np.sqrt(1 / n1 + 1 / n2),
        ),
        (
            "sd_from_p",
            lambda: conv.sd_from_p(y, p, n1, n2),
            lambda: np.abs(y / tail_t(p, n1 + n2 - 2)) / np.sqrt(1 / n1 + 1 / n2),
        ),
        (
            "sd_from_other_group",
            lambda: conv.sd_from_other_group(se, sd2, n1, n2),
            lambda: np.sqrt(n1 * (se**2 - sd2**2 / n2)),
        ),
        (
            "d_to_log_or",
            lambda: conv.d_to_log_or(d, v),
            lambda: (LOGISTIC * d, LOGISTIC**2 * v),
        ),
        (
            "log_or_to_d",
            lambda: conv.log_or_to_d(d, v),
            lambda: (d / LOGISTIC, v / LOGISTIC**2),
        ),
        (
            "d_to_r",
            lambda: conv.d_to_r(d, v),
            lambda: (d / np.sqrt(d * d + 4), 16 * v / (d * d + 4) ** 3),
        ),
        (
            "r_to_d",
            lambda: conv.r_to_d(r, v),
            lambda: (2 * r / np.sqrt(1 - r * r), 4 * v / (1 - r * r) ** 3),
        ),
        (
            "log_or_to_r",
            lambda: conv.log_or_to_r(d, v),
            lambda: (
                d / np.sqrt(d * d + 4 * LOGISTIC**2),
                16 * v * LOGISTIC**4 / (d * d + 4 * LOGISTIC**2) ** 3,
            ),
        ),
        (
            "r_to_log_or",
            lambda: conv.r_to_log_or(r, v),
            lambda: (
                LOGISTIC * 2 * r / np.sqrt(1 - r * r),
                LOGISTIC**2 * 4 * v / (1 - r * r) ** 3,
            ),
        ),
        ("log_hr_from_oe", lambda: conv.log_hr_from_oe(y, f), lambda: (y / f, 1 / f)),
        ("oe_from_log_hr", lambda: conv.oe_from_log_hr(y, v), lambda: (y / v, 1 / v)),
        (
            "log_hr_from_expected",
            lambda: conv.log_hr_from_expected(o1, e1, o2, total - e1),
            lambda: (
                np.log(o1 / e1 / (o2 / (total - e1))),
                1 / e1 + 1 / (total - e1),
            ),
        ),
        (
            "logrank_variance",
            lambda: conv.logrank_variance(events1=o1, events2=o2),
            lambda: o1 * o2 / (o1 + o2),
        ),
        (
            "log_hr_from_logrank_p",
            lambda: conv.log_hr_from_logrank_p(p, events1=o1, events2=o2),
            lambda: (-special.ndtri(p / 2) * np.sqrt(1 / o1 + 1 / o2), v_or),
        ),
        (
            "log_hr_from_logrank_chi2",
            lambda: conv.log_hr_from_logrank_chi2(chi2, events1=o1, events2=o2),
            lambda: (np.sqrt(chi2) * np.sqrt(1 / o1 + 1 / o2), v_or),
        ),
        (
            "log_hr_from_events",
            lambda: conv.log_hr_from_events(ratio, events1=o1, events2=o2),
            lambda: (np.log(ratio), 1 / o1 + 1 / o2),
        ),
        (
            "log_hr_from_medians",
            lambda: conv.log_hr_from_medians(sd1, sd2, o1, o2),
            lambda: (np.log(sd2 / sd1), 1 / o1 + 1 / o2),
        ),
        (
            "log_hr_from_survival",
            lambda: conv.log_hr_from_survival(s1, s2, n1=n1, n2=n2),
            lambda: (
                np.log(lr(s1) / lr(s2)),
                (1 - s1) / (n1 * s1 * lr(s1) ** 2) + (1 - s2) / (n2 * s2 * lr(s2) ** 2),
            ),
        ),
        (
            "interval_asymmetry",
            lambda: conv.interval_asymmetry(ratio, low, high, log=True),
            lambda: (lr(low) + lr(high) - 2 * lr(ratio)) / (lr(high) - lr(low)),
        ),
        (
            "variance_from_ci",
            lambda: conv.variance_from_ci(low, high, log=True),
            lambda: ((lr(high) - lr(low)) / (2 * Z)) ** 2,
        ),
        (
            "variance_from_p",
            lambda: conv.variance_from_p(ratio, p, log=True),
            lambda: (lr(ratio) / special.ndtri(p / 2)) ** 2,
        ),
        (
            "from_wald",
            lambda: conv.from_wald(ratio, low=low, high=high, log=True),
            lambda: (lr(ratio), ((lr(high) - lr(low)) / (2 * Z)) ** 2),
        ),
        (
            "from_wald, p",
            lambda: conv.from_wald(ratio, p=p, log=True),
            lambda: (lr(ratio), (lr(ratio) / special.ndtri(p / 2)) ** 2),
        ),
        (
            "se_enclosure",
            lambda: conv.se_enclosure("0.70", "0.94", log=True),
            lambda: np.subtract(*np.log([windows("0.94"), windows("0.70")])) / (2 * Z),
        ),
        (
            "symmetric_within_rounding",
            lambda: conv.symmetric_within_rounding("0.81", "0.70", "0.94", log=True),
            lambda: overlap(*(windows(x) for x in ("0.81", "0.70", "0.94"))),
        ),
    ]


def conversions_of_13() -> list[str]:
    """Microseconds of each conversion, its bare arithmetic and the difference."""
    lines = [f"{'Conversions, 13 rows':46}{'bare':>7}{'over':>8}"]
    worst = 0.0
    calls = conversion_calls()
    times = side_by_side([row[1:] for row in calls])
    for (label, *_), (all_of_it, least) in zip(calls, times, strict=True):
        over = all_of_it - least
        long = least > LONG
        worst = worst if long else max(worst, over)
        note = ", though its own time varies by as much" if long else ""
        lines.append(f"  {label:44}{least:7.1f}{over:8.1f}  {verdict(over)}{note}")
    listed = {label.split(",")[0] for label, _, _ in calls}
    left_out = sorted(set(conv.CONVERSIONS) - listed)
    lines.append(f"{'Largest':53}{worst:8.1f}  {verdict(worst)}")
    lines += [f"not timed: {name}" for name in left_out]
    return lines
