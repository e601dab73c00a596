"""Closed-form estimators of mean and SD from quantiles."""

import numpy as np
from scipy import special

from k2stats._typing import Floats
from k2stats.effectsizes.conversions.five_number import FIVE_NUMBER_METHODS


def xi(n: Floats) -> Floats:
    """Expected range of n normal values in SDs, Blom's approximation (Wan 2014)."""
    return np.asarray(2.0 * special.ndtri((n - 0.375) / (n + 0.25)))


def eta(n: Floats) -> Floats:
    """Expected interquartile range of n normal values in SDs (Wan 2014)."""
    return np.asarray(2.0 * special.ndtri((0.75 * n - 0.125) / (n + 0.25)))


@FIVE_NUMBER_METHODS.register(
    "luo_wan_shi",
    label="Luo's mean with Wan's (S1, S2) or Shi's (S3) SD",
    reference="Luo et al. Stat Methods Med Res 2018;27:1785; Wan et al. BMC Med Res "
    "Methodol 2014;14:135; Shi et al. Res Synth Methods 2020;11:641",
    equation="mean = w (a+b)/2 + u (q1+q3)/2 + (1-w-u) m, weights by n; "
    "SD = range and IQR over their expectations, weighted by n in S3",
    traits=("S1", "S2", "S3", "closed-form"),
)
def luo_wan_shi(scenario: str, q: Floats, n: Floats) -> tuple[Floats, Floats]:
    r"""Optimally weighted mean and SD for normal data.

    .. math::
        \bar x_{S1} = w \tfrac{a + b}{2} + (1 - w) m, \quad w = \frac{4}{4 + n^{0.75}}
        \\
        \bar x_{S2} = (0.7 + 0.39/n) \tfrac{q_1 + q_3}{2} + (0.3 - 0.39/n) m
        \\
        \bar x_{S3} = w \tfrac{a + b}{2} + u \tfrac{q_1 + q_3}{2} + (1 - w - u) m,
        \quad w = \frac{2.2}{2.2 + n^{0.75}},\ u = 0.7 - \frac{0.72}{n^{0.55}}

    and, with the SDs :math:`(b - a)/\xi` and :math:`(q_3 - q_1)/\eta` of Wan,

    .. math::
        s_{S3} = \frac{1}{1 + 0.07 n^{0.6}} \frac{b - a}{\xi}
               + \frac{0.07 n^{0.6}}{1 + 0.07 n^{0.6}} \frac{q_3 - q_1}{\eta}

    Luo et al. (2018); Wan et al. (2014); Shi et al. (2020).
    """
    m, middle = q[:, q.shape[1] // 2], (q[:, 0] + q[:, -1]) / 2.0
    if scenario == "S1":
        w = 4.0 / (4.0 + n**0.75)
        return w * middle + (1.0 - w) * m, (q[:, 2] - q[:, 0]) / xi(n)
    if scenario == "S2":
        w = 0.7 + 0.39 / n
        return w * middle + (1.0 - w) * m, (q[:, 2] - q[:, 0]) / eta(n)
    w, u = 2.2 / (2.2 + n**0.75), 0.7 - 0.72 / n**0.55
    mean = w * middle + u * (q[:, 1] + q[:, 3]) / 2.0 + (1.0 - w - u) * m
    odds = 0.07 * n**0.6
    sd = (q[:, 4] - q[:, 0]) / xi(n) + odds * (q[:, 3] - q[:, 1]) / eta(n)
    return mean, sd / (1.0 + odds)


@FIVE_NUMBER_METHODS.register(
    "wan2014",
    label="Wan 2014",
    reference="Wan et al. BMC Med Res Methodol 2014;14:135",
    equation="mean = (a+2m+b)/4, (q1+m+q3)/3, (a+2q1+2m+2q3+b)/8; "
    "SD = (b-a)/xi, (q3-q1)/eta, their mean",
    traits=("S1", "S2", "S3", "closed-form"),
)
def wan2014(scenario: str, q: Floats, n: Floats) -> tuple[Floats, Floats]:
    r"""Fixed weights for the mean, expected order statistics for the SD.

    .. math::
        \xi = 2 \Phi^{-1}\left(\frac{n - 0.375}{n + 0.25}\right), \qquad
        \eta = 2 \Phi^{-1}\left(\frac{0.75 n - 0.125}{n + 0.25}\right)

    Wan et al. (2014).
    """
    if scenario == "S1":
        return (q[:, 0] + 2.0 * q[:, 1] + q[:, 2]) / 4.0, (q[:, 2] - q[:, 0]) / xi(n)
    if scenario == "S2":
        return q.mean(axis=1), (q[:, 2] - q[:, 0]) / eta(n)
    mean = (q[:, 0] + q[:, 4] + 2.0 * q[:, 1:4].sum(axis=1)) / 8.0
    sd = ((q[:, 4] - q[:, 0]) / xi(n) + (q[:, 3] - q[:, 1]) / eta(n)) / 2.0
    return mean, sd


@FIVE_NUMBER_METHODS.register(
    "hozo2005",
    label="Hozo 2005",
    reference="Hozo et al. BMC Med Res Methodol 2005;5:13",
    equation="mean = (a+2m+b)/4 (n <= 25), m above; SD = "
    "sqrt(((a-2m+b)^2/4 + (b-a)^2)/12) (n <= 15), (b-a)/4 (n <= 70), (b-a)/6",
    traits=("S1", "closed-form"),
)
def hozo2005(scenario: str, q: Floats, n: Floats) -> tuple[Floats, Floats]:
    r"""Rules of thumb by sample size.

    .. math::
        \bar x = \begin{cases} (a + 2m + b)/4 & n \le 25 \\ m & n > 25 \end{cases}
        \qquad
        s = \begin{cases}
          \sqrt{\frac{1}{12}\left(\frac{(a - 2m + b)^2}{4} + (b - a)^2\right)}
              & n \le 15 \\
          (b - a)/4 & 15 < n \le 70 \\ (b - a)/6 & n > 70 \end{cases}

    Hozo, Djulbegovic & Hozo (2005), their recommendations by n.
    """
    a, m, b = q.T
    mean = np.where(n <= 25, (a + 2.0 * m + b) / 4.0, m)
    small = np.sqrt(((a - 2.0 * m + b) ** 2 / 4.0 + (b - a) ** 2) / 12.0)
    sd = np.where(n <= 15, small, (b - a) / np.where(n <= 70, 4.0, 6.0))
    return mean, sd


@FIVE_NUMBER_METHODS.register(
    "bland2015",
    label="Bland 2015",
    reference="Bland M. Int J Stat Med Res 2015;4:57",
    equation="mean = (a+2q1+2m+2q3+b)/8; var = (a^2+2q1^2+2m^2+2q3^2+b^2)/16 + "
    "(a q1+q1 m+m q3+q3 b)/8 - (a+2q1+2m+2q3+b)^2/64",
    traits=("S3", "closed-form"),
)
def bland2015(scenario: str, q: Floats, n: Floats) -> tuple[Floats, Floats]:
    r"""Mean and SD as if the data were spread evenly between the quantiles.

    .. math::
        \bar x = \tfrac18 (a + 2 q_1 + 2 m + 2 q_3 + b), \quad
        s^2 = \tfrac1{16}(a^2 + 2 q_1^2 + 2 m^2 + 2 q_3^2 + b^2)
            + \tfrac18 (a q_1 + q_1 m + m q_3 + q_3 b) - \bar x^2

    The sum of squares is taken about the mean, so that no digits cancel. The SD
    does not depend on n and grows too large with it. Bland (2015).
    """
    weights = np.array([1.0, 2.0, 2.0, 2.0, 1.0])
    mean = q @ weights / 8.0
    centred = q - mean[:, None]
    squares = centred**2 @ weights / 16.0
    products = (centred[:, :-1] * centred[:, 1:]).sum(axis=1) / 8.0
    return mean, np.sqrt(np.maximum(squares + products, 0.0))
