"""Henmi and Copas (2010), Stat Med 29:2969-2983: acupuncture point P6 and nausea.

Figures of p. 2978, read in the metafor package's reproduction of the paper (analysis
example henmi2010). Log odds ratios.
"""

from k2stats.datasets.published import published
from k2stats.models import fit_arrays
from published.printed import assert_prints

NAUSEA = published("lee2004").effect_sizes("OR")


def test_dersimonian_laird() -> None:
    fit = fit_arrays(NAUSEA.y, NAUSEA.v, tau2="DL", ci="z")
    assert_prints(fit.tau2, "0.3325")
    assert_prints([fit.beta, fit.low, fit.high], "-0.6787", "-1.0664", "-0.2911")


def test_the_interval_of_the_paper() -> None:
    fit = fit_arrays(NAUSEA.y, NAUSEA.v, model="HC")
    assert_prints([fit.beta, fit.low, fit.high], "-0.5145", "-0.9994", "-0.0295")
