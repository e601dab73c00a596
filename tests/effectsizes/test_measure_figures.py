"""Effects and variances against printed figures and reference cases."""

from statistics import NormalDist

import numpy as np
import pytest

from k2stats.effectsizes import (
    Alpha,
    ChangeMeans,
    CorrelationInput,
    Determination,
    Genotypes,
    MarginalPairs,
    PairedCounts,
    Proportion,
    Rate,
    RegressionTest,
    Superiority,
    TwoRates,
    ZeroCells,
)
from k2stats.effectsizes.compute import AnyEvidence, measures_of
from k2stats.errors import InvalidEvidenceError, UnknownMethodError
from k2stats.evidence import TwoByTwo, TwoMeans

TABLE = TwoByTwo.from_cells(a=135, b=15, c=40, d=10)
BCG = TwoByTwo.from_counts(
    events1=[4, 6], n1=[123, 306], events2=[11, 29], n2=[139, 303]
)


def close(value: object, want: object, rtol: float = 1e-8) -> None:
    np.testing.assert_allclose(np.asarray(value), np.asarray(want), rtol=rtol)


@pytest.mark.parametrize(
    ("measure", "y", "se"),
    [
        # Fleiss & Berlin (2009), Handbook of Research Synthesis, Table 13.4, p. 242.
        ("PHI", 0.1309, 0.0789),
        ("YUQ", 0.3846, 0.1901),
        ("YUY", 0.2000, 0.1071),
    ],
)
def test_handbook_of_research_synthesis(measure: str, y: float, se: float) -> None:
    es = measures_of(TABLE, measure)
    assert abs(float(es.y[0]) - y) < 0.00005
    assert abs(float(es.se[0]) - se) < 0.00005


def test_ratios_of_the_bcg_trials() -> None:
    # escalc/bcg/RR, first two trials.
    es = measures_of(BCG, "RR")
    close(es.y, [-0.889311333920205, -1.58538865720143])
    close(es.v, [0.325584765003961, 0.194581121398144])
    close(measures_of(BCG, "VE").y, es.y)
    close(measures_of(BCG, "DOR").y, measures_of(BCG, "OR").y)


def test_half_is_added_where_a_cell_is_zero() -> None:
    t = TwoByTwo.from_counts(
        events1=[3, 0, 10], n1=[20, 15, 30], events2=[7, 4, 0], n2=[22, 16, 30]
    )
    # Independent arithmetic on the adjusted cells.
    a, n1, c, n2 = (
        np.array([3, 0.5, 10.5]),
        np.array([20, 16, 31]),
        np.array([7, 4.5, 0.5]),
        np.array([22, 17, 31]),
    )
    es = measures_of(t, "RR")
    close(es.y, np.log((a / n1) / (c / n2)))
    close(es.v, 1 / a - 1 / n1 + 1 / c - 1 / n2)
    assert es.added is not None
    close(es.added, [0, 0.5, 0.5])
    b, d = n1 - a, n2 - c
    everywhere = measures_of(t, "OR", zero_cells=ZeroCells(0.5, "all"))
    fourfold = [x + np.array([0.5, 0, 0]) for x in (a, b, c, d)]
    close(everywhere.y, np.log(fourfold[0] * fourfold[3] / fourfold[1] / fourfold[2]))


CHANGE = ChangeMeans.from_arrays(mean1=10, sd1=3, mean2=8, sd2=2, n=12, r=0.3)
PAIRS = PairedCounts.from_arrays(a=10, b=4, c=2, d=15)
NO_BOTH = PairedCounts.from_arrays(a=0, b=3, c=5, d=10)
MEANS = TwoMeans.from_summary(mean1=10, sd1=3, n1=12, mean2=8, sd2=2, n2=15)


@pytest.mark.parametrize(
    ("evidence", "measure", "vtype", "y", "v"),
    [
        # metafor 3.8-1 where its formula is the one here, six and seven digits.
        (MEANS, "MD", "HO", 2, 0.93),
        (MEANS, "SMD", "LS", 0.778838, 0.1612331),
        (MEANS, "SMD", "LS2", 0.778838, 0.152265),
        (MEANS, "SMD", "UB", 0.778838, 0.1630404),
        (MEANS, "SMD1", "LS", 0.945288, 0.1797856),
        (MEANS, "SMD1", "LS2", 0.945288, 0.163821),
        (MEANS, "SMD1", "UB", 0.945288, 0.186426),
        # 2.25/11 + 1/14 + 0.945288^2/28 by hand.
        (MEANS, "SMD1H", "LS", 0.945288, 0.3078872),
        (MEANS, "VR", "LS", 0.415205, 0.0811688),
        (MEANS, "RPB", "ST", 0.383131, 0.0268233),
        (MEANS, "RPB", "CS", 0.383131, 0.0250324),
        (MEANS, "RBIS", "LS", 0.48189, 0.0405158),
        (CHANGE, "MC", "LS", 2, 0.7833333),
        (CHANGE, "SMCC", "LS", 0.606639, 0.0986671),
        (CHANGE, "SMCC", "LS2", 0.606639, 0.0874026),
        (CHANGE, "SMCR", "LS", 0.619973, 0.1326819),
        (CHANGE, "SMCR", "LS2", 0.619973, 0.1169116),
        (CHANGE, "VRC", "LS", 0.405465, 0.0827273),
        (CorrelationInput.from_arrays(r=0.3, n=20), "COR", "LS", 0.3, 0.0435842),
        (CorrelationInput.from_arrays(r=0.3, n=20), "UCOR", "LS", 0.308538, 0.0430879),
        (CorrelationInput.from_arrays(r=0.3, n=20), "UCOR", "UB", 0.308538, 0.0499939),
        (CorrelationInput.from_arrays(r=0.3, n=20), "ZCOR", "LS", 0.30952, 0.0588235),
        (
            RegressionTest.from_arrays(t=1.2, n=20, predictors=3),
            "PCOR",
            "LS",
            0.287348,
            0.052605,
        ),
        (Proportion.from_arrays(events=3, n=12), "PR", "UB", 0.25, 0.0170455),
        (Proportion.from_arrays(events=0, n=10), "PFT", "LS", 0.153139, 0.0238095),
        (Proportion.from_arrays(events=0, n=10), "PLO", "LS", -3.044522, 2.0952381),
        (Rate.from_arrays(events=0, time=10), "IRLN", "LS", -2.995732, 2),
        (Rate.from_arrays(events=0, time=10), "IRFT", "LS", 0.158114, 0.025),
        (
            TwoRates.from_arrays(events1=3, time1=12.5, events2=0, time2=8),
            "IRR",
            "LS",
            1.499623,
            2.2857143,
        ),
        (
            PAIRS,
            "MPRD",
            "LS",
            0.064516,
            0.0061092,
        ),
        (NO_BOTH, "MPRR", "LS", -0.405465, 0.375),
        (
            PAIRS,
            "MPOR",
            "LS",
            0.265376,
            0.1039732,
        ),
        (PairedCounts.from_arrays(a=5, b=0, c=0, d=4), "MPORC", "LS", 0, 4),
        (
            NO_BOTH,
            "MPPETO",
            "LS",
            -0.444444,
            0.4444444,
        ),
        (
            MarginalPairs.from_arrays(events1=3, events2=7, n=20, r=0.2),
            "MPORM",
            "LS",
            -1.115562,
            0.4945057,
        ),
        (
            Genotypes.from_arrays(
                homozygous_dominant=3, heterozygous=20, homozygous_recessive=7
            ),
            "REH",
            "LS",
            0.780324,
            0.1690476,
        ),
    ],
)
def test_single_figures(
    evidence: AnyEvidence, measure: str, vtype: str, y: float, v: float
) -> None:
    es = measures_of(evidence, measure, vtype=vtype)
    assert abs(float(es.y[0]) - y) < 0.6e-6
    assert abs(float(es.v[0]) - v) < 0.6e-7 * max(1.0, v)


def test_uncorrected_effect_is_cohens_d() -> None:
    es = measures_of(MEANS, "SMD", correct=False)
    pooled = np.sqrt((11 * 9 + 14 * 4) / 25)
    close(es.y, 2 / pooled)
    assert not es.corrected


def test_cohens_d_of_borenstein() -> None:
    # Borenstein (2009), Handbook of Research Synthesis, pp. 226-227: means 103 and
    # 100, SDs 5.5 and 4.5, 50 each; d = 0.5970, v = 0.0418; g = 0.5924, v = 0.0411.
    t = TwoMeans.from_summary(mean1=103, sd1=5.5, n1=50, mean2=100, sd2=4.5, n2=50)
    d = measures_of(t, "SMD", correct=False)
    g = measures_of(t, "SMD", vtype="LS2")
    assert (round(float(d.y[0]), 4), round(float(d.v[0]), 4)) == (0.5970, 0.0418)
    assert (round(float(g.y[0]), 4), round(float(g.v[0]), 4)) == (0.5924, 0.0411)


def test_alpha_scales() -> None:
    t = Alpha.from_arrays(alpha=0.8, items=10, n=50)
    close(measures_of(t, "ABT").y, np.log(5))
    close(measures_of(t, "AHW").y, 1 - 0.2 ** (1 / 3))
    for code in ("ARAW", "AHW", "ABT"):
        close(measures_of(t, code).natural().estimate, 0.8)


def test_r_squared_transforms_integrate_their_standard_deviation() -> None:
    # dz/du times the SD of R-squared is the SD of z, 1/sqrt(n).
    step = 1e-6
    for raw, z in (("R2", "ZR2"), ("R2F", "ZR2F")):
        u = np.array([0.1, 0.4, 0.8])

        def at(shift: float, z: str = z, u: np.ndarray = u) -> np.ndarray:
            made = Determination.from_arrays(r2=u + shift, n=100, predictors=3)
            return measures_of(made, z).y

        slope = (at(step) - at(-step)) / (2 * step)
        sd = measures_of(Determination.from_arrays(r2=u, n=100, predictors=3), raw).se
        close(slope * sd, np.full(3, 0.1), rtol=1e-7)


def test_area_of_half_without_difference() -> None:
    # Mann & Whitney (1947): var U = n1 n2 (n1 + n2 + 1) / 12.
    es = measures_of(Superiority.from_arrays(auc=0.5, n1=10, n2=20), "CLES", vtype="H0")
    close(es.v * 200**2, 10 * 20 * 31 / 12)


def test_average_variance_needs_every_study() -> None:
    t = TwoMeans.from_summary(mean1=[1, 2], sd1=[1, 0], n1=5, mean2=0, sd2=[1, 0], n2=5)
    es = measures_of(t, "SMD", vtype="AV")
    assert np.isnan(es.v).all()
    # escalc/poole2003/SMD/vtype=AV: no effects either.
    assert np.isnan(es.y).all()


def test_variance_type_by_study() -> None:
    mixed = measures_of(BCG, "PHI", vtype=["ST", "CS"])
    close(mixed.v[0], measures_of(BCG, "PHI", vtype="ST").v[0])
    close(mixed.v[1], measures_of(BCG, "PHI", vtype="CS").v[1])
    with pytest.raises(InvalidEvidenceError, match="vtype must be one for each of 2"):
        measures_of(BCG, "PHI", vtype=["ST"])


def test_unknown_names_list_what_exists() -> None:
    with pytest.raises(UnknownMethodError, match=r"measure 'QQ'\. Known: RR, OR"):
        measures_of(BCG, "QQ")
    with pytest.raises(
        UnknownMethodError,
        match=r"Unknown type of variance of PHI 'UB'\. Known: LS, CS, ST",
    ):
        measures_of(BCG, "PHI", vtype="UB")
    with pytest.raises(InvalidEvidenceError, match="TwoMeans for SMD, got 'TwoByTwo'"):
        measures_of(BCG, "SMD")


@pytest.mark.parametrize("measure", ["AUC", "CLES"])
@pytest.mark.parametrize(
    ("n1", "n2", "se"),
    [(20, 200, 0.0649828274), (110, 110, 0.0328204841), (20, 20, 0.0778907202)],
)
def test_standard_error_of_hanley_and_mcneil(
    measure: str, n1: int, n2: int, se: float
) -> None:
    # Reference values of the R package auctestr 1.0.0, as the tests of the package
    # ck37r print them: area 0.75, n1 with the condition and n2 without. LS2 has the
    # mean of the sizes in place of each and so the same where they are equal.
    given = Superiority.from_arrays(auc=0.75, n1=n1, n2=n2)
    found = float(measures_of(given, measure).se[0])
    assert abs(found - se) <= 5e-11
    same = float(measures_of(given, measure, vtype="LS2").se[0])
    assert (abs(same - se) <= 5e-11) == (n1 == n2)


def test_variance_of_no_difference_as_ruscio_writes_it() -> None:
    # Ruscio (2008), Psychological Methods 13:19, as the manual of the R package
    # psychmeta (var_error_A) writes it: [1/n1 + 1/n2 + 1/(n1 n2)] / 12, and
    # [1/n + 1/n^2] / 3 of n in two halves.
    n1, n2 = np.array([30.0, 10.0, 30.0]), np.array([30.0, 45.0, 30.0])
    given = Superiority.from_arrays(auc=[0.9, 0.6, 0.5], n1=n1, n2=n2)
    found = measures_of(given, "CLES", vtype="H0").v
    close(found, (1 / n1 + 1 / n2 + 1 / (n1 * n2)) / 12)
    close(found[0], (1 / 60 + 1 / 60**2) / 3)


@pytest.mark.parametrize("measure", ["AUC", "CLES"])
@pytest.mark.parametrize(
    ("level", "limits"),
    [
        (0.95, (0.5973193600384168, 0.9859976893703788)),
        (0.90, (0.6591091902344411, 0.9822247870934007)),
    ],
)
def test_limits_of_newcombe_are_where_his_variance_is_a_quantile_away(
    measure: str, level: float, limits: tuple[float, float]
) -> None:
    # Newcombe (2006), Statistics in Medicine 25:559, the interval of all areas theta
    # with (A - theta)^2 <= z^2 v(theta), v as LS2. Nonoverlap of 20 20 26 25 22 23
    # and 28 25 24 27 30 30 29, the example of the R package SingleCaseES: A is
    # 38.5/42, limits as printed to ten digits by a program checked against it.
    before, after = [20, 20, 26, 25, 22, 23], [28, 25, 24, 27, 30, 30, 29]
    gaps = np.subtract.outer(after, before)
    area = float((gaps > 0).mean() + 0.5 * (gaps == 0).mean())
    assert area == 38.5 / 42
    z = NormalDist().inv_cdf(0.5 + 0.5 * level)
    for theta, sign in zip(limits, (1, -1), strict=True):
        given = Superiority.from_arrays(auc=theta, n1=7, n2=6)
        error = float(measures_of(given, measure, vtype="LS2").se[0])
        assert abs((area - theta) / error - sign * z) < 1e-9
