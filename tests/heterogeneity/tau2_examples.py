"""Data sets that several tests of heterogeneity share."""

from typing import NamedTuple

import numpy as np

from k2stats._typing import Floats


class Example(NamedTuple):
    y: Floats
    v: Floats


# BCG vaccine and tuberculosis, events and non-events in the vaccinated and control
# groups: Colditz et al. (1994), JAMA 271:698-702.
BCG_COUNTS = np.array(
    [
        [4, 119, 11, 128],
        [6, 300, 29, 274],
        [3, 228, 11, 209],
        [62, 13536, 248, 12619],
        [33, 5036, 47, 5761],
        [180, 1361, 372, 1079],
        [8, 2537, 10, 619],
        [505, 87886, 499, 87892],
        [29, 7470, 45, 7232],
        [17, 1699, 65, 1600],
        [186, 50448, 141, 27197],
        [5, 2493, 3, 2338],
        [27, 16886, 29, 17825],
    ],
    dtype=float,
)
_A, _B, _C, _D = BCG_COUNTS.T
BCG_RR = Example(
    np.log(_A / (_A + _B)) - np.log(_C / (_C + _D)),
    1.0 / _A - 1.0 / (_A + _B) + 1.0 / _C - 1.0 / (_C + _D),
)
BCG_OR = Example(np.log(_A * _D / (_B * _C)), 1 / _A + 1 / _B + 1 / _C + 1 / _D)
BCG_LATITUDE = np.array(
    [44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33], dtype=float
)
BCG_YEAR = np.array(
    [48, 49, 60, 77, 73, 53, 73, 80, 68, 61, 74, 69, 76], dtype=float
) + np.array(1900.0)

# Teacher expectancy and pupils' IQ: Raudenbush (1984), J Educ Psychol 76:85-97.
EXPECTANCY = Example(
    np.array(
        [
            *(0.03, 0.12, -0.14, 1.18, 0.26, -0.06, -0.02, -0.32, 0.27, 0.80),
            *(0.54, 0.18, -0.02, 0.23, -0.18, -0.06, 0.30, 0.07, -0.07),
        ]
    ),
    np.array(
        [
            *(0.0156, 0.0216, 0.0279, 0.1391, 0.1362, 0.0106, 0.0106, 0.0484),
            *(0.0269, 0.0630, 0.0912, 0.0497, 0.0835, 0.0841, 0.0253, 0.0279),
            *(0.0193, 0.0088, 0.0303),
        ]
    ),
)

# Length of stay after stroke, mean difference: Normand (1999), Stat Med 18:321-359.
STAY = Example(
    np.array([-20.0, -2, -55, -71, -4, 1, 11, -10, 7]),
    np.array(
        [
            *(40.58631541754, 2.04683368588049, 15.2808763693271, 150.222222222222),
            *(20.1923076923077, 1.22352970852725, 95.3755518990813, 8.0320743346939),
            20.6935664335664,
        ]
    ),
)

# Antiarrhythmic drugs after infarction: Yusuf et al. (1985), Prog Cardiovasc Dis
# 27:335-371, table 6; homogeneous beyond chance.
HOMOGENEOUS = Example(
    np.array(
        [
            *(-0.0322051984275029, -0.0829490829807507, 0.164339054243522),
            *(-0.273444289789009, -0.121848196344227, -0.816864951736143),
            *(-0.336472236621213, 0.105276724966923, 0.56165151922005),
            *(0.117978979617038, -0.105360515657826, -0.348090407904228),
            *(0.0202027073175191, -0.194156014440958, 0.088947486016496),
            *(-1.94591014905531, -0.0356467528167119, 0.0, -0.567984037605939),
            *(0.374033949318582, 0.074669612157253),
        ]
    ),
    np.array(
        [
            *(0.0989886340821417, 0.0750261168171616, 0.124198472266581),
            *(0.13553683737646, 0.0785558558669024, 0.382669413919414),
            *(0.59047619047619, 0.0881052849743552, 0.151737840360558),
            *(0.370926008857043, 3.78888888888889, 0.189328393995496),
            *(0.531020408163265, 3.86974789915966, 1.28880092363516),
            *(2.20879120879121, 0.124610329542059, 3.83333333333333),
            *(0.239441930618401, 0.363449953968225, 0.672797038113203),
        ]
    ),
)

# A likelihood with two maxima, the one at zero the lower.
TWO_MODES = Example(
    np.array([-0.43574906, -0.46927725, 1.47104851, -0.0194273, 2.38788923]),
    np.array([0.00366251, 0.00240008, 0.27416627, 0.05845775, 1.97200187]),
)


def random_sets(rng: np.random.Generator, n: int, k: int, decades: float) -> Example:
    """Draw data sets with variances over so many decades, half of them homogeneous."""
    v = 10.0 ** rng.uniform(-decades / 2.0, decades / 2.0, (n, k))
    tau2 = 10.0 ** rng.uniform(-2.0, 1.5, (n, 1)) * rng.integers(0, 2, (n, 1))
    return Example(rng.normal(size=(n, k)) * np.sqrt(v + tau2), v)
