"""The variance each measure states against the variance its estimates have.

Data are drawn from the model of each measure; the variance of y over draws is put
beside the mean of v. Both are subject to simulation error, the square root of 2 over
the number of draws, and to terms of order 1/n that large-sample formulas leave out.
"""

from collections.abc import Callable

import numpy as np
import pytest

from k2stats._typing import Floats
from k2stats.effectsizes import (
    MEASURES,
    Alpha,
    AsGiven,
    ChangeMeans,
    CorrelationInput,
    Determination,
    Genotypes,
    MarginalPairs,
    OneMean,
    OneSpread,
    PairedCounts,
    Proportion,
    Rate,
    RegressionTest,
    RegressionTestR2,
    Superiority,
    TwoRates,
)
from k2stats.effectsizes.compute import AnyEvidence, measures_of
from k2stats.evidence import TwoByTwo, TwoMeans

Draw = Callable[[np.random.Generator, int], AnyEvidence]
DRAWS = 20_000
CHANGE = np.array([[1.0, 0.6 * 1.3], [0.6 * 1.3, 1.69]])


def stratified(rng: np.random.Generator, k: int) -> TwoByTwo:
    n1, n2 = 300, 400
    return TwoByTwo.from_counts(
        events1=rng.binomial(n1, 0.3, k), n1=n1, events2=rng.binomial(n2, 0.2, k), n2=n2
    )


def near_null(rng: np.random.Generator, k: int) -> TwoByTwo:
    n1, n2 = 400, 300
    return TwoByTwo.from_counts(
        events1=rng.binomial(n1, 0.3, k), n1=n1, events2=rng.binomial(n2, 0.3, k), n2=n2
    )


def cross_sectional(rng: np.random.Generator, k: int) -> TwoByTwo:
    """Both variables are cuts of a bivariate normal with correlation 0.4."""
    # P(X < 0.3, Y < -0.2) etc. at r = 0.4, from the tetrachoric model itself.
    from k2stats.effectsizes._bivariate_normal import bvn_cdf

    p = float(bvn_cdf(np.array([0.3]), np.array([-0.2]), np.array([0.4]))[0])
    row, column = 0.6179114221889526, 0.42074029056089696
    shares = [p, row - p, column - p, 1 - row - column + p]
    a, b, c, d = rng.multinomial(500, shares, k).T
    return TwoByTwo.from_cells(a=a, b=b, c=c, d=d)


def pairs(rng: np.random.Generator, k: int) -> PairedCounts:
    a, b, c, d = rng.multinomial(400, [0.25, 0.2, 0.15, 0.4], k).T
    return PairedCounts.from_arrays(a=a, b=b, c=c, d=d)


def even_pairs(rng: np.random.Generator, k: int) -> PairedCounts:
    a, b, c, d = rng.multinomial(400, [0.25, 0.2, 0.2, 0.35], k).T
    return PairedCounts.from_arrays(a=a, b=b, c=c, d=d)


def margins(rng: np.random.Generator, k: int) -> MarginalPairs:
    shares = np.array([0.25, 0.2, 0.15, 0.4])
    a, b, c, d = shares
    r = (a * d - b * c) / np.sqrt((a + b) * (c + d) * (a + c) * (b + d))
    cells = rng.multinomial(400, shares, k).T
    return MarginalPairs.from_arrays(
        events1=cells[0] + cells[1], events2=cells[0] + cells[2], n=400, r=r
    )


def two_rates(rng: np.random.Generator, k: int) -> TwoRates:
    return TwoRates.from_arrays(
        events1=rng.poisson(150, k),
        time1=100.0,
        events2=rng.poisson(120, k),
        time2=150.0,
    )


def one_rate(rng: np.random.Generator, k: int) -> Rate:
    return Rate.from_arrays(events=rng.poisson(120, k), time=50.0)


def share(rng: np.random.Generator, k: int) -> Proportion:
    return Proportion.from_arrays(events=rng.binomial(400, 0.3, k), n=400)


def normal_summary(
    rng: np.random.Generator, k: int, n: int, mean: float, sd: float
) -> tuple[Floats, Floats]:
    """Mean and SD of k normal samples, from their exact distributions."""
    return (
        rng.normal(mean, sd / np.sqrt(n), k),
        sd * np.sqrt(rng.chisquare(n - 1, k) / (n - 1)),
    )


def two_means(sd1: float, sd2: float) -> Draw:
    def draw(rng: np.random.Generator, k: int) -> TwoMeans:
        mean1, s1 = normal_summary(rng, k, 120, 11.0, sd1)
        mean2, s2 = normal_summary(rng, k, 160, 10.0, sd2)
        return TwoMeans.from_summary(
            mean1=mean1, sd1=s1, n1=120, mean2=mean2, sd2=s2, n2=160
        )

    return draw


def cut_normal(rng: np.random.Generator, k: int) -> TwoMeans:
    """Return two groups made by cutting a normal that correlates 0.4 with y."""
    n = 300
    x = rng.standard_normal((k, n))
    y = 0.4 * x + np.sqrt(1 - 0.16) * rng.standard_normal((k, n))
    group1 = x > 0.3
    n1 = group1.sum(axis=1)
    n2 = n - n1
    mean1 = np.where(group1, y, 0).sum(axis=1) / n1
    mean2 = np.where(group1, 0, y).sum(axis=1) / n2
    ss1 = np.where(group1, (y - mean1[:, None]) ** 2, 0).sum(axis=1)
    ss2 = np.where(group1, 0, (y - mean2[:, None]) ** 2).sum(axis=1)
    return TwoMeans.from_summary(
        mean1=mean1,
        sd1=np.sqrt(ss1 / (n1 - 1)),
        n1=n1,
        mean2=mean2,
        sd2=np.sqrt(ss2 / (n2 - 1)),
        n2=n2,
    )


def mixture(rng: np.random.Generator, k: int) -> TwoMeans:
    """Return random group sizes and y normal in each group, as Tate assumed."""
    n = 300
    x = rng.random((k, n)) < 0.4
    y = 0.8 * x + rng.standard_normal((k, n))
    n1 = x.sum(axis=1)
    n2 = n - n1
    mean1 = np.where(x, y, 0).sum(axis=1) / n1
    mean2 = np.where(x, 0, y).sum(axis=1) / n2
    ss1 = np.where(x, (y - mean1[:, None]) ** 2, 0).sum(axis=1)
    ss2 = np.where(x, 0, (y - mean2[:, None]) ** 2).sum(axis=1)
    return TwoMeans.from_summary(
        mean1=mean1,
        sd1=np.sqrt(ss1 / (n1 - 1)),
        n1=n1,
        mean2=mean2,
        sd2=np.sqrt(ss2 / (n2 - 1)),
        n2=n2,
    )


def superiority(kind: str) -> Draw:
    def draw(rng: np.random.Generator, k: int) -> Superiority:
        n1, n2 = 40, 50
        if kind == "exponential":
            x, y = rng.exponential(2.0, (k, n1)), rng.exponential(1.0, (k, n2))
        else:
            shift = {"normal": 0.8, "null": 0.0}[kind]
            x, y = rng.normal(shift, 1, (k, n1)), rng.normal(0, 1, (k, n2))
        ranks = np.concatenate([x, y], axis=1).argsort(axis=1).argsort(axis=1) + 1
        u = ranks[:, :n1].sum(axis=1) - n1 * (n1 + 1) / 2
        return Superiority.from_arrays(auc=u / (n1 * n2), n1=n1, n2=n2)

    return draw


def bivariate(rng: np.random.Generator, k: int, n: int, cov: Floats) -> Floats:
    """Return covariance matrices of k bivariate normal samples: Wishart draws."""
    root = np.linalg.cholesky(cov)
    low = np.zeros((k, 2, 2))
    low[:, 0, 0] = np.sqrt(rng.chisquare(n - 1, k))
    low[:, 1, 1] = np.sqrt(rng.chisquare(n - 2, k))
    low[:, 1, 0] = rng.standard_normal(k)
    half = root @ low
    return np.asarray(half @ half.transpose(0, 2, 1) / (n - 1))


def correlation(rng: np.random.Generator, k: int) -> CorrelationInput:
    s = bivariate(rng, k, 200, np.array([[1.0, 0.5], [0.5, 1.0]]))
    r = s[:, 0, 1] / np.sqrt(s[:, 0, 0] * s[:, 1, 1])
    return CorrelationInput.from_arrays(r=r, n=200)


def change(cov: Floats) -> Draw:
    def draw(rng: np.random.Generator, k: int) -> ChangeMeans:
        n = 200
        s = bivariate(rng, k, n, cov)
        means = rng.multivariate_normal([10.6, 10.0], cov / n, k)
        sd1, sd2 = np.sqrt(s[:, 0, 0]), np.sqrt(s[:, 1, 1])
        return ChangeMeans.from_arrays(
            mean1=means[:, 0],
            sd1=sd1,
            mean2=means[:, 1],
            sd2=sd2,
            n=n,
            r=s[:, 0, 1] / (sd1 * sd2),
        )

    return draw


def regression(rng: np.random.Generator, k: int, *, fixed: bool) -> tuple[Floats, ...]:
    """t of the first of three predictors and R-squared of k regressions."""
    n, beta = 200, np.array([0.3, 0.4, 0.2])
    x = rng.standard_normal((1 if fixed else k, n, 3))
    if fixed:
        x = x - x.mean(axis=1, keepdims=True)
        root = np.linalg.cholesky(x[0].T @ x[0] / n)
        x = np.asarray(x @ np.linalg.inv(root).T)
    y = x @ beta + rng.standard_normal((k, n))
    x = x - x.mean(axis=1, keepdims=True)
    y = y - y.mean(axis=1, keepdims=True)
    cross = np.linalg.inv(x.transpose(0, 2, 1) @ x)
    b = (cross @ (x.transpose(0, 2, 1) @ y[..., None]))[..., 0]
    rest = y - (x @ b[..., None])[..., 0]
    sse = (rest**2).sum(axis=1)
    t = b[:, 0] / np.sqrt(sse / (n - 4) * cross[:, 0, 0])
    return t, 1 - sse / (y**2).sum(axis=1)


def regressed(rng: np.random.Generator, k: int) -> RegressionTest:
    t, _ = regression(rng, k, fixed=False)
    return RegressionTest.from_arrays(t=t, n=200, predictors=3)


def regressed_r2(rng: np.random.Generator, k: int) -> RegressionTestR2:
    t, r2 = regression(rng, k, fixed=False)
    return RegressionTestR2.from_arrays(t=t, n=200, predictors=3, r2=r2)


def determination(rng: np.random.Generator, k: int) -> Determination:
    _, r2 = regression(rng, k, fixed=False)
    return Determination.from_arrays(r2=r2, n=200, predictors=3)


def determination_fixed(rng: np.random.Generator, k: int) -> Determination:
    _, r2 = regression(rng, k, fixed=True)
    return Determination.from_arrays(r2=r2, n=200, predictors=3)


def alphas(rng: np.random.Generator, k: int) -> Alpha:
    """Return alphas of parallel items: a common part and equal noise."""
    n, items = 150, 5
    x = rng.standard_normal((k, n, 1)) + 1.2 * rng.standard_normal((k, n, items))
    single = x.var(axis=1, ddof=1).sum(axis=1)
    total = x.sum(axis=2).var(axis=1, ddof=1)
    return Alpha.from_arrays(
        alpha=items / (items - 1) * (1 - single / total), items=items, n=n
    )


def genotypes(rng: np.random.Generator, k: int) -> Genotypes:
    a, b, c = rng.multinomial(600, [0.36, 0.48, 0.16], k).T
    return Genotypes.from_arrays(
        homozygous_dominant=a, heterozygous=b, homozygous_recessive=c
    )


def one_mean(rng: np.random.Generator, k: int) -> OneMean:
    mean, sd = normal_summary(rng, k, 200, 10.0, 3.0)
    return OneMean.from_arrays(mean=mean, sd=sd, n=200)


def one_spread(rng: np.random.Generator, k: int) -> OneSpread:
    _, sd = normal_summary(rng, k, 200, 10.0, 3.0)
    return OneSpread.from_arrays(sd=sd, n=200)


def given(rng: np.random.Generator, k: int) -> AsGiven:
    return AsGiven.from_arrays(y=rng.normal(0.3, 0.2, k), v=0.04)


EQUAL, UNEQUAL = two_means(2.0, 2.0), two_means(2.5, 1.5)
SAME_CV = two_means(2.2, 2.0)  # of means of 11 and 10
SAME_SPREAD = np.array([[1.0, 0.6], [0.6, 1.0]])


def names(text: str) -> list[str]:
    """Codes set apart by blanks."""
    return text.split()


MODELS: list[tuple[str, str, Draw]] = [
    *((m, "LS", stratified) for m in names("RR OR RD AS VE DOR YUQ YUY PBIT")),
    *((m, "LS", stratified) for m in ("OR2D", "OR2DL", "OR2DN")),
    ("RD", "UB", stratified),
    ("RD", "AV", stratified),
    ("PETO", "LS", near_null),
    *((m, v, cross_sectional) for m in ("PHI", "ZPHI") for v in ("LS", "CS")),
    *((m, "ST", stratified) for m in ("PHI", "ZPHI")),
    *((m, "LS", pairs) for m in names("MPRD MPRR MPOR MPORC")),
    ("MPPETO", "LS", even_pairs),
    ("MPORM", "LS", margins),
    *((m, "LS", two_rates) for m in names("IRR IRD IRSD")),
    *((m, "LS", one_rate) for m in names("IR IRLN IRS IRFT")),
    *((m, "LS", share) for m in names("PR PLN PLO PRZ PAS PFT")),
    *((m, "AV", share) for m in names("PR PLN PLO")),
    ("PR", "UB", share),
    *((m, "LS", EQUAL) for m in names("MD SMD SMD1 SMDH SMD1H D2OR D2ORL D2ORN")),
    *((m, v, EQUAL) for m in ("SMD", "SMD1") for v in ("LS2", "UB", "AV")),
    *((m, "HO", EQUAL) for m in ("MD", "ROM", "CLESN")),
    ("MD", "UB", UNEQUAL),
    *((m, "LS", UNEQUAL) for m in names("MD SMDH SMD1H ROM VR CVR CLESN")),
    ("SMDH", "LS2", UNEQUAL),
    ("ROM", "AV", UNEQUAL),
    ("ROM", "AVHO", SAME_CV),
    *((m, v, EQUAL) for m in ("RPB", "ZPB") for v in ("LS", "ST")),
    *((m, "CS", mixture) for m in ("RPB", "ZPB")),
    *((m, "LS", cut_normal) for m in ("RBIS", "ZBIS")),
    *((m, "LS", superiority("exponential")) for m in ("CLES", "AUC")),
    *((m, "LS2", superiority("exponential")) for m in ("CLES", "AUC")),
    *((m, "LS3", superiority("normal")) for m in ("CLES", "AUC")),
    *((m, "H0", superiority("null")) for m in ("CLES", "AUC")),
    *((m, "LS", correlation) for m in names("COR UCOR ZCOR")),
    *((m, "AV", correlation) for m in names("COR UCOR")),
    ("UCOR", "UB", correlation),
    *((m, v, regressed) for m, v in (("PCOR", "LS"), ("PCOR", "AV"), ("ZPCOR", "LS"))),
    *((m, v, regressed_r2) for m in ("SPCOR", "ZSPCOR") for v in ("LS", "AV")),
    *(("R2", v, determination) for v in ("LS", "LS2", "AV", "AV2")),
    ("ZR2", "LS", determination),
    *((m, v, determination_fixed) for m, v in (("R2F", "LS"), ("R2F", "AV"))),
    ("ZR2F", "LS", determination_fixed),
    *((m, "LS", change(SAME_SPREAD)) for m in names("MC SMCC SMCR SMCRP")),
    *((m, "LS2", change(SAME_SPREAD)) for m in ("SMCC", "SMCR")),
    *((m, "LS", change(CHANGE)) for m in names("MC SMCC SMCRH SMCRPH CLESCN AUCCN")),
    *((m, "LS", change(CHANGE)) for m in names("ROMC VRC CVRC")),
    *((m, "LS", alphas) for m in names("ARAW AHW ABT")),
    ("REH", "LS", genotypes),
    *((m, "LS", one_mean) for m in names("MN SMN MNLN CVLN")),
    ("SDLN", "LS", one_spread),
    *((m, "LS", given) for m in ("HR", "GEN")),
]
HEAVY = {cut_normal, mixture, regressed, regressed_r2, determination, alphas}
# Bounds, checked in test_variance_derivations, and what test_tetrachoric checks.
ELSEWHERE = {
    ("CLES", "MAX"),
    ("AUC", "MAX"),
    ("RTET", "LS"),
    ("RTET", "FD"),
    ("ZTET", "LS"),
    ("ZTET", "FD"),
}
# Relative error of the large-sample variance itself at these sample sizes.
MODEL_ERROR = 0.03


def ratio(measure: str, vtype: str, draw: Draw, draws: int) -> float:
    """Mean stated variance over the variance of the estimates."""
    rng = np.random.default_rng(20260101)
    es = measures_of(draw(rng, draws), measure, vtype=vtype)
    return float(np.mean(es.v) / np.var(es.y))


@pytest.mark.parametrize(("measure", "vtype", "draw"), MODELS)
def test_stated_variance_is_that_of_the_estimates(
    measure: str, vtype: str, draw: Draw
) -> None:
    draws = 8_000 if draw in HEAVY or measure in ("CLES", "AUC") else DRAWS
    error = 4 * np.sqrt(2 / draws) + MODEL_ERROR
    assert abs(ratio(measure, vtype, draw, draws) - 1) < error


@pytest.mark.long
@pytest.mark.parametrize(("measure", "vtype", "draw"), MODELS)
def test_stated_variance_closely(measure: str, vtype: str, draw: Draw) -> None:
    heavy = draw in HEAVY or measure in ("CLES", "AUC")
    draws = 20_000 if heavy else 400_000
    error = 4 * np.sqrt(2 / draws) + MODEL_ERROR
    assert abs(ratio(measure, vtype, draw, draws) - 1) < error


def test_every_measure_and_variance_is_simulated() -> None:
    have = {(m, v) for m, v, _ in MODELS} | ELSEWHERE
    want = {
        (code, vtype)
        for code in MEASURES
        for vtype in MEASURES[code].function.variances
    }
    assert have == want


@pytest.mark.parametrize("area", [0.5, 0.7, 0.95])
def test_maximum_variance_of_the_area_is_not_exceeded(area: float) -> None:
    # Bamber (1975): no pair of distributions has a larger variance.
    given = Superiority.from_arrays(auc=area, n1=[30, 60], n2=[50, 20])
    most = measures_of(given, "AUC", vtype="MAX").v
    for vtype in ("LS", "LS2", "LS3"):
        assert np.all(measures_of(given, "AUC", vtype=vtype).v <= most)
