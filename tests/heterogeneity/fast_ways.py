"""The kernels there are here: numpy's, and the compiled ones where numba is."""

from k2stats.heterogeneity._fast import Kernels, usable

WAYS: tuple[Kernels, ...] = ("numpy", "numba") if usable() else ("numpy",)
