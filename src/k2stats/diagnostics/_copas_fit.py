"""Likelihood of Copas' selection model and its maximum, all starts as one batch."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from k2stats._typing import Bools, Floats
from k2stats.numerics.wls import weighted_mean

_ROUNDS = 300
_LONGEST = 2.0
_GAIN = 1e-6
"""Rise of the log-likelihood that another step may still promise at the end."""
_SIZES = np.array([1.0, 0.5, 0.2, 0.05, 0.01, 1e-3, 1e-5])
_RHO_END = 0.9999
_RHO_STARTS = (-_RHO_END, -0.97, -0.8, -0.4, 0.0, 0.4, 0.8, 0.97, _RHO_END)
"""The likelihood can have one summit inside and another at the end of rho's range."""


@dataclass(frozen=True, slots=True, eq=False)
class CopasLikelihood:
    """Likelihood of one row of selections, shape (S, K); mu, tau2, rho and a slope."""

    y: Floats
    v: Floats
    t: Floats
    slope: bool

    @property
    def d(self) -> int:
        return 4 if self.slope else 3

    def value(self, x: Floats) -> Floats:
        """Log-likelihood at x, shape (S, ..., d)."""
        extra = x.ndim - 2
        t = self.t.reshape(self.t.shape[0], *([1] * extra), -1)
        mu, tau2, rho = (x[..., i, np.newaxis] for i in range(3))
        if self.slope:
            mu = mu + x[..., 3, np.newaxis] * np.sqrt(self.v)
        with np.errstate(all="ignore"):
            mills = np.exp(-0.5 * t * t - special.log_ndtr(t)) / np.sqrt(2.0 * np.pi)
            c2 = mills * (t + mills)
            sigma2 = self.v / (1.0 - c2 * rho * rho)
            total = tau2 + sigma2
            tilde = rho * np.sqrt(sigma2 / total)
            r = (self.y - mu) / np.sqrt(total)
            w = (t + tilde * r) / np.sqrt(1.0 - tilde * tilde)
            each = -0.5 * np.log(total) - 0.5 * r * r
            each = each - special.log_ndtr(t) + special.log_ndtr(w)
            out = each.sum(axis=-1) - 0.5 * self.y.size * np.log(2.0 * np.pi)
        return np.where(np.isfinite(out), out, -np.inf)

    def natural(self, u: Floats) -> Floats:
        """From the variables of the search: mu, log1p tau2, atanh-like rho, slope."""
        scale, unit = self._units()
        parts = [
            u[..., 0] * scale,
            unit * np.expm1(np.clip(u[..., 1], 0.0, 30.0)),
            _RHO_END * np.sin(u[..., 2]),
        ]
        if self.slope:
            parts.append(u[..., 3])
        return np.stack(parts, axis=-1)

    def _units(self) -> tuple[float, float]:
        scale = float(max(np.std(self.y), np.sqrt(np.median(self.v))))
        return scale, 0.01 * scale**2

    def maximum(self) -> tuple[Floats, Floats, Bools]:
        """Highest of Newton's ascents from a grid of tau2 and rho."""
        scale, unit = self._units()
        mean = float(weighted_mean(self.y, 1.0 / self.v)) / scale
        plain = float(np.mean(self.y)) / scale
        starts = [
            [m, np.log1p(t2 * scale**2 / unit), np.arcsin(rho / _RHO_END)]
            for m in (mean, plain)
            for t2 in (0.02, 0.5)
            for rho in _RHO_STARTS
        ]
        u = np.array(starts)
        if self.slope:
            u = np.concatenate([u, np.zeros((len(starts), 1))], axis=-1)
        size = self.t.shape[0]
        u = np.broadcast_to(u, (size, *u.shape)).copy()
        u, height, ok = self._climb(u)
        best = height.argmax(axis=-1)
        rows = np.arange(size)
        return self.natural(u[rows, best]), height[rows, best], ok[rows, best]

    def _climb(self, u: Floats) -> tuple[Floats, Floats, Bools]:
        height = self.value(self.natural(u))
        settled = np.zeros(height.shape, dtype=bool)
        for _ in range(_ROUNDS):
            step, _ = self._newton(u)
            trial = (
                u[..., np.newaxis, :] + _SIZES[:, np.newaxis] * step[..., np.newaxis, :]
            )
            trial[..., 1] = np.clip(trial[..., 1], 0.0, 30.0)
            heights = self.value(self.natural(trial))
            pick = heights.argmax(axis=-1)[..., np.newaxis]
            top = np.take_along_axis(heights, pick, axis=-1)[..., 0]
            new = np.take_along_axis(trial, pick[..., np.newaxis], axis=-2)[..., 0, :]
            better = top > height
            moved = np.abs(new - u).max(axis=-1)
            u = np.where(better[..., np.newaxis], new, u)
            height = np.where(better, top, height)
            settled |= ~better | (moved < 1e-7)
            if settled.all():
                break
        _, gain = self._newton(u)
        return u, height, (gain < _GAIN) & np.isfinite(height)

    def _newton(self, u: Floats) -> tuple[Floats, Floats]:
        """Newton's step, turned uphill, and what it would gain."""
        gradient, hessian = self._derivatives(u)
        held: Bools = (u[..., 1] <= 0.0) & (gradient[..., 1] <= 0.0)
        gradient[..., 1] = np.where(held, 0.0, gradient[..., 1])
        for i in range(self.d):
            if i != 1:
                hessian[..., 1, i] = np.where(held, 0.0, hessian[..., 1, i])
                hessian[..., i, 1] = np.where(held, 0.0, hessian[..., i, 1])
        values, vectors = np.linalg.eigh(-hessian)
        values = np.maximum(np.abs(values), 1e-8)
        inner = np.einsum("...ij,...i->...j", vectors, gradient)
        step = np.einsum("...ij,...j->...i", vectors, inner / values)
        gain = 0.5 * (inner**2 / values).sum(axis=-1)
        longest = np.abs(step).max(axis=-1, keepdims=True)
        step = step * np.minimum(1.0, _LONGEST / np.maximum(longest, 1e-300))
        return step, np.asarray(gain)

    def _derivatives(self, u: Floats) -> tuple[Floats, Floats]:
        """Central differences; one-sided in tau2 at zero."""
        h = 1e-4
        d = self.d
        centre = u.copy()
        centre[..., 1] = np.maximum(centre[..., 1], h)
        offsets = [np.zeros(d)]
        eye = np.eye(d) * h
        for i in range(d):
            offsets += [eye[i], -eye[i]]
        pairs = [(i, j) for i in range(d) for j in range(i)]
        for i, j in pairs:
            offsets += [eye[i] + eye[j], -eye[i] - eye[j]]
        points = centre[..., np.newaxis, :] + np.array(offsets)
        f = self.value(self.natural(points))
        gradient = (f[..., 1 : 2 * d : 2] - f[..., 2 : 2 * d + 1 : 2]) / (2.0 * h)
        hessian = np.zeros((*u.shape[:-1], d, d))
        f0 = f[..., 0]
        second = []
        for i in range(d):
            up, down = f[..., 1 + 2 * i], f[..., 2 + 2 * i]
            second.append(up + down - 2.0 * f0)
            hessian[..., i, i] = second[i] / h**2
        for n, (i, j) in enumerate(pairs):
            both = f[..., 2 * d + 1 + 2 * n] + f[..., 2 * d + 2 + 2 * n] - 2.0 * f0
            mixed = (both - second[i] - second[j]) / (2.0 * h**2)
            hessian[..., i, j] = hessian[..., j, i] = mixed
        ok = np.isfinite(hessian).all(axis=(-2, -1)) & np.isfinite(gradient).all(-1)
        there = np.asarray(ok)[..., np.newaxis]
        hessian = np.where(there[..., np.newaxis], hessian, -np.eye(d))
        return np.where(there, gradient, 0.0), hessian

    def standard_error(self, x: Floats) -> Floats:
        """Of mu, from the curvature in mu, tau2 and rho that are inside their range."""
        scale, unit = self._units()
        u = np.stack(
            [
                x[:, 0] / scale,
                np.log1p(x[:, 1] / unit),
                np.arcsin(np.clip(x[:, 2] / _RHO_END, -1.0, 1.0)),
            ],
            axis=-1,
        )
        _, hessian = self._derivatives(u)
        out = np.full(x.shape[0], np.nan)
        for i, h in enumerate(hessian):
            free = np.array(
                [True, x[i, 1] > 1e-8 * scale**2, abs(x[i, 2]) < 0.999 * _RHO_END]
            )
            information = -h[np.ix_(free, free)]
            if np.linalg.eigvalsh(information).min() > 1e-8:
                out[i] = scale * np.sqrt(np.linalg.inv(information)[0, 0])
        return out
