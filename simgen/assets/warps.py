"""Bends and twists as maps of points and normals.

After Barr 1984, "Global and local deformations of solid primitives" (SIGGRAPH): normals turn by
the inverse transpose of the map's Jacobian, in closed form.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from simgen.records.deformation import Deformation

Floats = NDArray[np.float64]
_AXES: tuple[Literal["x", "y", "z"], ...] = ("x", "y", "z")
# The inner side of a bend keeps at least this share of its length; at 0 it would fold.
_SQUEEZE = 0.2
_STEEPEST = 2.0  # slope of a twist's outermost lines against the axis
_WIDEST_DEG = 300.0  # beyond, the ends of a bend would meet


@dataclass(frozen=True)
class Warp:
    """A deformation in numbers.

    Args:
        kind: bend or twist.
        angle_rad: between the ends, bounded.
        along, toward, aside: unit vectors float64[3], right-handed.
        centre: float64[3], a point of the axis: where it is held.
        length_m: between the ends.
    """

    kind: str
    angle_rad: float
    along: Floats
    toward: Floats
    aside: Floats
    centre: Floats
    length_m: float

    def local(self, points: Floats) -> Floats:
        """Coordinates [..., 3] along the axis (0 where it is held), toward and aside."""
        return np.stack(self._local(points), axis=-1)

    def points(self, points: Floats) -> Floats:
        """Points float64[..., 3] after the deformation."""
        s, y, w = self._local(points)
        rate = self.angle_rad / self.length_m
        c, d = np.cos(rate * s), np.sin(rate * s)
        if self.kind == "twist":
            return self._world(s, c * y - d * w, d * y + c * w)
        radius = 1 / rate
        return self._world((radius - y) * d, radius - (radius - y) * c, w)

    def normals(self, points: Floats, normals: Floats) -> Floats:
        """Unit normals float64[..., 3] of these points after the deformation."""
        s, y, w = self._local(points)
        n, ny, nw = normals @ self.along, normals @ self.toward, normals @ self.aside
        rate = self.angle_rad / self.length_m
        c, d = np.cos(rate * s), np.sin(rate * s)
        if self.kind == "twist":
            n = n - rate * (y * nw - w * ny)
            out = self._turned(n, c * ny - d * nw, d * ny + c * nw)
        else:
            n = n / (1 - rate * y)
            out = self._turned(c * n - d * ny, d * n + c * ny, nw)
        out /= np.maximum(np.linalg.norm(out, axis=-1, keepdims=True), 1e-300)
        return out

    def _local(self, points: Floats) -> tuple[Floats, Floats, Floats]:
        offset = points - self.centre
        return offset @ self.along, offset @ self.toward, offset @ self.aside

    def _turned(self, s: Floats, y: Floats, w: Floats) -> Floats:
        out: Floats = s[..., None] * self.along + y[..., None] * self.toward
        out += w[..., None] * self.aside
        return out

    def _world(self, s: Floats, y: Floats, w: Floats) -> Floats:
        return self._turned(s, y, w) + self.centre


def bounded(wish: Deformation, points: Floats) -> tuple[Deformation, Warp] | None:
    """The deformation as geometry with these vertices float64[N, 3] can take it, all numbers
    concrete; None if nothing is left of it."""
    low, high = points.min(axis=0), points.max(axis=0)
    size = high - low
    axis = int(np.argmax(size)) if wish.axis == "longest" else _AXES.index(wish.axis)
    toward_deg = _toward(wish, size, axis)
    along, toward, aside = _frame(axis, math.radians(toward_deg))
    centre = (low + high) / 2
    if axis == 2:
        centre[2] = low[2]
    length = float(size[axis])
    middle = (points - centre) @ np.stack([toward, aside], axis=1)
    if wish.kind == "bend":
        shift = float(middle[:, 0].max() + middle[:, 0].min()) / 2
        centre = centre + shift * toward
        reach = float(np.abs(middle[:, 0] - shift).max())
        most = min((1 - _SQUEEZE) * length / max(reach, 1e-12), math.radians(_WIDEST_DEG))
    else:
        most = _STEEPEST * length / max(float(np.hypot(*middle.T).max()), 1e-12)
    angle = min(max(math.radians(wish.angle_deg), -most), most)
    if abs(angle) < 1e-6 or length <= 0:
        return None
    # Rounded first, so that the recorded recipe gives exactly these numbers again.
    degrees = wish.angle_deg if abs(math.radians(wish.angle_deg)) <= most else _inside(angle)
    final = replace(wish, angle_deg=degrees, axis=_AXES[axis], toward_deg=toward_deg)
    return final, Warp(wish.kind, math.radians(degrees), along, toward, aside, centre, length)


def _inside(angle_rad: float) -> float:
    """Degrees a little nearer to zero."""
    return math.trunc(math.degrees(angle_rad) * 1e4) / 1e4


def _toward(wish: Deformation, size: Floats, axis: int) -> float:
    if wish.kind == "twist":
        return 0.0
    if wish.toward_deg is not None:
        return float(wish.toward_deg)
    return 0.0 if size[(axis + 1) % 3] <= size[(axis + 2) % 3] else 90.0


def _frame(axis: int, toward_rad: float) -> tuple[Floats, Floats, Floats]:
    e = np.eye(3)
    c, s = math.cos(toward_rad), math.sin(toward_rad)
    toward = c * e[(axis + 1) % 3] + s * e[(axis + 2) % 3]
    return e[axis], toward, np.cross(e[axis], toward)
