"""Array aliases shared by every layer."""

from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]

Alternative: TypeAlias = Literal["two-sided", "greater", "less"]
RatioKind: TypeAlias = Literal["RR", "OR", "HR"]
