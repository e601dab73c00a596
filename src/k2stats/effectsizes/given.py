"""Genotype counts, and effects that are given with their variance."""

import numpy as np

from k2stats.effectsizes._measures import Estimate, Options, measure
from k2stats.effectsizes.inputs import AsGiven, Genotypes
from k2stats.effectsizes.zero_cells import NOTHING

_POSITIVE = (0.0, float("inf"))


@measure(
    "REH",
    evidence=Genotypes,
    label="Log relative excess heterozygosity",
    reference="Ziegler et al. (2011)",
    equation="log(b / (2 sqrt(a c)))",
    variance="1/b + 1/(4 a) + 1/(4 c)",
    group="Genotypes",
    on="log",
    null=1.0,
    bounds=_POSITIVE,
    zero_cells=NOTHING,
)
def relative_excess_heterozygosity(t: Genotypes, options: Options) -> Estimate:
    r"""Log relative excess heterozygosity; 0 in Hardy-Weinberg equilibrium.

    .. math:: y = \log\frac{b}{2\sqrt{ac}}, \quad
        v = \frac1b + \frac1{4a} + \frac1{4c}

    for a and c homozygous and b heterozygous people (multinomial counts).

    References
    ----------
    Ziegler, A., Steen, K. V., & Wellek, S. (2011). Investigating Hardy-Weinberg
    equilibrium in case-control or cohort studies or meta-analysis. Breast Cancer
    Research and Treatment, 128, 197-201.
    """
    a, b, c = t.homozygous_dominant, t.heterozygous, t.homozygous_recessive
    return np.log(b / (2 * np.sqrt(a * c))), 1 / b + 0.25 / a + 0.25 / c


@measure(
    "HR",
    evidence=AsGiven,
    label="Log hazard ratio, as given",
    reference="Parmar et al. (1998)",
    equation="y",
    variance="as given",
    group="As given",
    on="log",
    null=1.0,
    bounds=_POSITIVE,
)
def hazard_ratio(t: AsGiven, options: Options) -> Estimate:
    """Log hazard ratio and its variance, from a model or a conversion.

    References
    ----------
    Parmar, M. K. B., Torri, V., & Stewart, L. (1998). Extracting summary statistics
    to perform meta-analyses of the published literature for survival endpoints.
    Statistics in Medicine, 17, 2815-2834.
    """
    return t.y, t.v


@measure(
    "GEN",
    evidence=AsGiven,
    label="Any effect, as given",
    reference="none",
    equation="y",
    variance="as given",
    group="As given",
    symbol="effect",
)
def given(t: AsGiven, options: Options) -> Estimate:
    """Any effect with its variance, on its own scale."""
    return t.y, t.v
