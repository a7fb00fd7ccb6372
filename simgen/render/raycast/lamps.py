"""Lamps: irradiance without obstacles, and points on a lamp for shadow rays.

Units are Blender's: a point lamp of P watts has intensity P / (4 pi) W/sr, a rectangle of P
watts the radiance P / (pi A), a sun its irradiance on a surface facing it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.records.world import Light

Floats = NDArray[np.float32]
_SUN_DISTANCE_M = 1e3
_LONG = 3.0  # edges in this relation make a strip
_GAUSS = (  # four points on [-1, 1] and their weights
    (-0.8611363115940526, 0.3478548451374539),
    (-0.3399810435848563, 0.6521451548625461),
    (0.3399810435848563, 0.6521451548625461),
    (0.8611363115940526, 0.3478548451374539),
)


@dataclass(frozen=True)
class LampSample:
    """A lamp as seen from N points.

    Args:
        direction: float32[N, 3], unit, from the point to the lamp's middle.
        strength: float32[N], irradiance on a surface facing the lamp, before colour.
        spread: float32[N], lamp's half size over distance; widens highlights.
    """

    direction: Floats
    strength: Floats
    spread: Floats


class Lamp:
    """A light of a world, ready for shading."""

    def __init__(self, light: Light) -> None:
        rotation = light.pose.rotation().astype(np.float32)
        self.light = light
        self.color = np.asarray(light.color, np.float32)
        self.position = np.asarray(light.pose.position_m, np.float32)
        self.right, self.up, self.back = rotation[:, 0], rotation[:, 1], rotation[:, 2]

    def sample(self, points: Floats) -> LampSample:
        """Direction and unobstructed strength at points float32[N, 3]."""
        light = self.light
        if light.kind == "sun":
            count = len(points)
            half = math.tan(math.radians(light.angle_deg) / 2)
            return LampSample(
                np.broadcast_to(self.back, (count, 3)),
                np.full(count, light.power, np.float32),
                np.full(count, half, np.float32),
            )
        offset = self.position - points
        square = np.maximum(dot(offset, offset), 1e-8)
        distance = np.sqrt(square)
        direction = offset / distance[:, None]
        if light.kind == "area" and max(light.size_m) > _LONG * min(light.size_m):
            return self._strip(points)
        if light.kind == "area":
            facing = np.maximum(self._facing(direction), 0)
            half = math.sqrt(max(light.size_m[0] * light.size_m[1], 1e-12)) / 2
            # Exact on the axis of a disk of this area (E = P / (pi d^2 + A)), so that the
            # strength stays finite close by; measured against Cycles in test_cycles_light.
            area = light.size_m[0] * light.size_m[1]
            strength = light.power * facing / (np.pi * square + area)
            return LampSample(direction, strength.astype(np.float32), half / distance)
        strength = light.power / (4 * np.pi * np.maximum(square, light.radius_m**2))
        if light.kind == "spot":
            strength = strength * self._cone(direction)
        return LampSample(direction, strength.astype(np.float32), light.radius_m / distance)

    def _strip(self, points: Floats) -> LampSample:
        """A long rectangle as four points along it (Gauss and Legendre), summed as vectors.

        Its middle alone would be a fifth too bright from a length away.
        """
        long, wide = sorted(self.light.size_m, reverse=True)
        axis = self.right if self.light.size_m[0] >= self.light.size_m[1] else self.up
        total = np.zeros((len(points), 3), np.float32)
        for place, weight in _GAUSS:
            offset = self.position + axis * np.float32(place * long / 2) - points
            square = np.maximum(dot(offset, offset), 1e-8)
            direction = offset / np.sqrt(square)[:, None]
            facing = np.maximum(self._facing(direction), 0)
            share = facing * np.float32(weight / 2) / (np.pi * square + wide * wide)
            total += direction * (share * np.float32(self.light.power))[:, None]
        strength = np.linalg.norm(total, axis=1)
        distance = np.linalg.norm(self.position - points, axis=1)
        spread = np.float32((long * wide) ** 0.5 / 2) / np.maximum(distance, 1e-4)
        return LampSample(
            total / np.maximum(strength, 1e-12)[:, None], strength.astype(np.float32), spread
        )

    def _facing(self, direction: Floats) -> Floats:
        # Not a matrix product: BLAS may sum in another order on another number of threads.
        return dot(direction, np.broadcast_to(self.back, direction.shape))

    def _cone(self, direction: Floats) -> Floats:
        edge = math.cos(math.radians(self.light.angle_deg) / 2)
        cosine = self._facing(direction)
        soft = max((1 - edge) * self.light.blend, 1e-4)
        t = np.clip((cosine - edge) / soft, 0, 1)
        smooth: Floats = t * t * (3 - 2 * t)
        return smooth

    def towards(self, points: Floats, u: Floats, v: Floats) -> Floats:
        """Vectors float32[N, 3] from points to places on the lamp picked by u, v in [0, 1)."""
        light = self.light
        if light.kind == "sun":
            half = math.tan(math.radians(light.angle_deg) / 2)
            x, y = _disk(u, v)
            aim = self.back + half * (x * self.right + y * self.up)
            out: Floats = aim * _SUN_DISTANCE_M
            return out
        if light.kind == "area":
            x, y = (u - 0.5)[:, None] * light.size_m[0], (v - 0.5)[:, None] * light.size_m[1]
            spot: Floats = self.position + x * self.right + y * self.up - points
            return spot
        offset = self.position - points
        if light.radius_m == 0:
            return offset
        # A sphere looks like a disk across the line of sight.
        axis = offset / np.maximum(np.linalg.norm(offset, axis=1, keepdims=True), 1e-8)
        a, b = tangent_frame(axis)
        x, y = _disk(u, v)
        disk: Floats = offset + light.radius_m * (x * a + y * b)
        return disk


def _disk(u: Floats, v: Floats) -> tuple[Floats, Floats]:
    radius, angle = np.sqrt(u), 2 * np.pi * v
    return (radius * np.cos(angle))[:, None], (radius * np.sin(angle))[:, None]


def tangent_frame(axis: Floats) -> tuple[Floats, Floats]:
    """Two unit vectors [N, 3] that make a frame with each axis (Duff et al., JCGT 2017)."""
    x, y, z = axis[:, 0], axis[:, 1], axis[:, 2]
    sign = np.where(z >= 0, np.float32(1), np.float32(-1))
    a = -1 / (sign + z)
    b = x * y * a
    first = np.stack([1 + sign * x * x * a, sign * b, -sign * x], axis=1)
    second = np.stack([b, sign + y * y * a, -y], axis=1)
    return first, second


def dot(a: Floats, b: Floats) -> Floats:
    """Row-wise dot products of [N, 3] arrays; several times faster than einsum on thin rows."""
    return np.asarray(a[:, 0] * b[:, 0] + a[:, 1] * b[:, 1] + a[:, 2] * b[:, 2])
