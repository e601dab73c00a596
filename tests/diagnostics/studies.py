"""Studies that the tests of this room use, with where they come from."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from k2stats._typing import Floats
from k2stats.datasets.bcg import ABLAT, BCG
from k2stats.effectsizes import EffectSizes
from k2stats.effectsizes.compute import measures_of
from k2stats.evidence import TwoByTwo

BCG_RR = measures_of(BCG, "RR")
BCG_X = np.stack([np.ones(13), ABLAT], axis=-1)

# Hackshaw (1998), passive smoking and lung cancer: log odds ratios and variances of
# the 37 studies, as in the R package metadat, dat.hackshaw1998.
HACKSHAW = EffectSizes.from_arrays(
    [
        0.1655144385,
        0.3715635564,
        0.7030975114,
        0.1823215568,
        -0.2876820725,
        0.7275486073,
        0.7561219797,
        -0.2231435513,
        -0.2357223335,
        0.6981347221,
        0.2070141694,
        0.1823215568,
        0.4187103349,
        0.02955880224,
        0.4382549309,
        0.02955880224,
        0.8501509294,
        0.5007752879,
        0.1739533071,
        0.4187103349,
        0.7701082217,
        0.07696104114,
        0.9360933592,
        0.4824261492,
        0.05826890812,
        -0.2357223335,
        -0.3011050928,
        0.8197798315,
        -0.03045920748,
        0.4700036292,
        0.1739533071,
        0.5068176024,
        0.231111721,
        0.0953101798,
        0.5068176024,
        0.1484200051,
        0.1043600153,
    ],
    [
        0.01877688549,
        0.03304403891,
        0.5401958653,
        0.03126761449,
        0.0796556541,
        0.2273205917,
        0.08892156271,
        0.1926796031,
        0.3390163475,
        0.09806620244,
        0.04555554858,
        0.2317499696,
        0.07964292202,
        0.2173950247,
        0.07695797404,
        0.07150176353,
        0.2925657721,
        0.03243750743,
        0.03627334664,
        0.4838512418,
        0.1238162019,
        0.07108519172,
        0.3981954334,
        0.08962312407,
        0.03371988833,
        0.01612949092,
        0.1802334734,
        0.3171477229,
        0.01254684515,
        0.1136962924,
        0.08933678042,
        0.1759855948,
        0.01002904743,
        0.08621435589,
        0.03987496754,
        0.03639975557,
        0.06641950662,
    ],
    measure="OR",
)

# Dorn et al. (2007), complementary medicine for irritable bowel syndrome: responders
# on placebo-like treatment, as in the R package metadat, dat.dorn2007.
DORN = TwoByTwo.from_counts(
    events1=[29, 20, 14, 17, 11, 24, 26, 17, 4, 21, 15, 37, 13, 19, 29, 13, 25, 37, 55],
    n1=[38, 31, 23, 30, 27, 29, 32, 18, 12, 60, 17, 51, 33, 20, 50, 16, 33, 57, 90],
    events2=[11, 21, 30, 5, 6, 5, 9, 13, 5, 26, 8, 20, 17, 3, 30, 5, 8, 17, 37],
    n2=[32, 30, 46, 13, 23, 29, 22, 18, 13, 59, 17, 52, 33, 20, 46, 16, 26, 50, 90],
)


def plain(y: Floats, v: Floats) -> EffectSizes:
    """Effects as drawn, however unlikely for real studies."""
    return EffectSizes.from_arrays(y, v, check_scale=False)


def effect_sets(least: int = 5, most: int = 9) -> st.SearchStrategy[EffectSizes]:
    """Sets of effects of ordinary size, no two variances alike."""

    def build(pair: tuple[Floats, Floats]) -> EffectSizes:
        y, v = pair
        # Rounding keeps the laws away from subnormal differences.
        return plain(y.round(3), v.round(4) + 1e-5 * np.arange(y.size))

    return (
        st.integers(least, most)
        .flatmap(
            lambda k: st.tuples(
                arrays(float, k, elements=st.floats(-2.0, 2.0)),
                arrays(float, k, elements=st.floats(0.01, 1.0)),
            )
        )
        .map(build)
        # A law of statistics of the spread needs some.
        .filter(lambda es: float(np.std(es.y)) > 0.05)
    )
