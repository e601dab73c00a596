"""DerSimonian and Kacker (2007), Contemp Clin Trials 28:105-114: the CLASP example.

Tables 3 and 4, pp. 111-112, read in the metafor package's reproduction of the paper
(analysis example dersimonian2007), which holds all of these beside the two tables:
tau, mean log odds ratio and standard error by estimator.
"""

import pytest

from k2stats.datasets.published import published
from k2stats.heterogeneity import estimate_tau2, fit_statistics
from k2stats.models import fit_arrays
from published.printed import assert_prints

CLASP = published("dersimonian2007").effect_sizes("OR")

ONE_STEP = {
    "PM": ("0.3681", "-0.3811", "0.2060"),
    "HE": ("0.4410", "-0.4035", "0.2327"),
    "DL": ("0.2323", "-0.3240", "0.1540"),
    "EB": ("0.3681", "-0.3811", "0.2060"),
    "REML": ("0.1843", "-0.2980", "0.1343"),
    "HS": ("0.1330", "-0.2666", "0.1125"),
    "SJ": ("0.4572", "-0.4079", "0.2386"),
}
"""The paper calls the estimator of Hedges that of Cochran's ANOVA."""


@pytest.mark.parametrize("method", ONE_STEP)
def test_one_step(method: str) -> None:
    fit = fit_arrays(CLASP.y, CLASP.v, tau2=method, ci="z")
    assert_prints([fit.tau2**0.5, fit.beta[0], fit.se[0]], *ONE_STEP[method])


@pytest.mark.parametrize(
    ("first", "printed"),
    [
        ("HE", ("0.3831", "-0.3861", "0.2115")),
        ("DL", ("0.3254", "-0.3655", "0.1901")),
    ],
)
def test_two_steps(first: str, printed: tuple[str, str, str]) -> None:
    """A moment estimator whose weights hold the tau2 of the first step."""
    start = estimate_tau2(CLASP.y, CLASP.v, method=first).tau2
    weights = 1.0 / (CLASP.v + start)
    tau2 = estimate_tau2(CLASP.y, CLASP.v, method="GENQ", weights=weights).tau2
    fit = fit_arrays(CLASP.y, CLASP.v, tau2_value=tau2, ci="z")
    assert_prints([tau2**0.5, fit.beta[0], fit.se[0]], *printed)


def test_maximum_likelihood() -> None:
    """Mean and error as printed at the printed tau, 0.0023; not the maximum, 0.

    An iteration of few digits stops there; the likelihood is higher at 0.
    """
    there = fit_arrays(CLASP.y, CLASP.v, tau2_value=0.0023**2, ci="z")
    assert_prints([there.beta[0], there.se[0]], "-0.1974", "0.0694")
    assert estimate_tau2(CLASP.y, CLASP.v, method="ML").tau2 == 0.0
    likelihoods = [
        fit_statistics(CLASP.y, CLASP.v, tau2=tau2).log_likelihood
        for tau2 in (0.0, 1e-8, 0.0023**2)
    ]
    assert likelihoods == sorted(likelihoods, reverse=True)
