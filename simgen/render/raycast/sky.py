"""The environment, prepared for shading: radiance, irradiance, glossy lookups, sampling.

Everything is resampled to octahedral maps (Cigolle et al., "Survey of efficient
representations for independent unit vectors", JCGT 2014): a lookup is a few additions, where
an equirectangular one needs two inverse trigonometric functions per ray.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)  # Rec. 709, linear
_SHARP, _COARSE, _SOURCE = 512, 64, 32  # looked at, sampled from, convolved from
# Roughness of the prefiltered maps, and the size each needs.
_GLOSSY = ((0.0, 512), (0.2, 128), (0.4, 64), (0.6, 32), (0.8, 32), (1.0, 32))


def to_square(directions: Floats) -> Floats:
    """Octahedral coordinates in [0, 1]^2 of directions [N, 3]; they need no unit length."""
    norm = np.abs(directions).sum(axis=1, keepdims=True)
    p = directions[:, :2] / np.maximum(norm, 1e-20)
    below = directions[:, 2] < 0
    if below.any():
        q = p[below]
        sign = np.where(q >= 0, np.float32(1), np.float32(-1))
        p[below] = (1 - np.abs(q[:, ::-1])) * sign
    out: Floats = p * 0.5 + 0.5
    return out


def from_square(square: Floats) -> Floats:
    """Unit directions float32[N, 3] of octahedral coordinates."""
    p = square * 2 - 1
    z = 1 - np.abs(p).sum(axis=1)
    fold = np.maximum(-z, 0)[:, None]
    xy = p - np.where(p >= 0, fold, -fold)
    out: Floats = np.concatenate([xy, z[:, None]], axis=1).astype(np.float32)
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    return out


def _centres(size: int) -> Floats:
    line = (np.arange(size, dtype=np.float32) + 0.5) / size
    x, y = np.meshgrid(line, line)
    return from_square(np.stack([x.ravel(), y.ravel()], axis=1))


def _solid_angles(directions: Floats) -> Floats:
    # The octahedral map's Jacobian: area in the square times |d|_1^3 is solid angle, up to scale.
    weight = np.abs(directions).sum(axis=1) ** 3
    return np.asarray(weight * (4 * np.pi / weight.sum()), np.float32)


@dataclass(frozen=True)
class OctMap:
    """A function of direction, float32[S * S, C], bilinear inside its square."""

    values: Floats
    size: int

    def at(self, directions: Floats) -> Floats:
        """Values float32[N, C]."""
        last = np.float32(self.size - 1.0001)
        p = np.clip(to_square(directions) * np.float32(self.size) - np.float32(0.5), 0, last)
        base = p.astype(np.int64)
        f: Floats = (p - base).astype(np.float32)
        row = base[:, 1] * self.size + base[:, 0]
        fx, fy = f[:, :1], f[:, 1:]
        v = self.values
        top = v.take(row, 0) * (1 - fx) + v.take(row + 1, 0) * fx
        bottom = v.take(row + self.size, 0) * (1 - fx) + v.take(row + self.size + 1, 0) * fx
        return np.asarray(top * (1 - fy) + bottom * fy, np.float32)


class Sky:
    """An environment ready for shading.

    Args:
        image: float32[H, W, 3], equirectangular radiance in world axes (see
            `plugin.protocols.Library.environment`).
    """

    def __init__(self, image: Floats) -> None:
        self.black = not np.any(image)
        sharp = _resample(image, _SHARP)
        source, aims = _shrink(sharp, _SHARP, _SOURCE), _centres(_SOURCE)
        weights = _solid_angles(aims)
        self._glossy = [
            OctMap(_prefilter(sharp, source, aims, weights, rough, size), size)
            for rough, size in _GLOSSY
        ]
        self.radiance = self._glossy[0]
        self.irradiance = OctMap(_irradiance(source, aims, weights), 32)
        coarse = _shrink(sharp, _SHARP, _COARSE)
        light = coarse @ LUMINANCE
        power = light * _solid_angles(_centres(_COARSE))
        self.power = float(power.sum())
        self._density = light / max(self.power, 1e-20)
        self._cdf = np.cumsum(power, dtype=np.float64) / max(self.power, 1e-20)

    def glossy(self, directions: Floats, roughness: Floats) -> Floats:
        """Radiance blurred as a surface of this roughness reflects it, float32[N, 3]."""
        step = np.clip(roughness / 0.2, 0, len(_GLOSSY) - 1.0001)
        low = step.astype(np.int64)
        out = np.empty((len(directions), 3), np.float32)
        for level in range(len(_GLOSSY) - 1):
            rows = np.flatnonzero(low == level)
            if rows.size == 0:
                continue
            part, blend = directions[rows], (step[rows] - level)[:, None]
            sharper, softer = self._glossy[level].at(part), self._glossy[level + 1].at(part)
            out[rows] = sharper + (softer - sharper) * blend
        return out

    def density(self, directions: Floats) -> Floats:
        """Probability per steradian with which `toward_light` picks a direction, float32[N].

        It is the luminance there over the luminance of the whole sky.
        """
        cell = np.minimum((to_square(directions) * _COARSE).astype(np.int64), _COARSE - 1)
        picked: Floats = self._density.take(cell[:, 1] * _COARSE + cell[:, 0])
        return picked

    def toward_light(self, u: Floats, v: Floats) -> Floats:
        """Directions float32[N, 3] picked by luminance; u, v in [0, 1)."""
        cell = np.minimum(np.searchsorted(self._cdf, u, side="right"), _COARSE * _COARSE - 1)
        below = np.where(cell > 0, self._cdf[cell - 1], 0.0)
        inner = (u - below) / np.maximum(self._cdf[cell] - below, 1e-20)
        x = (cell % _COARSE + np.clip(inner, 0, 0.999)) / _COARSE
        y = (cell // _COARSE + v) / _COARSE
        return from_square(np.stack([x, y], axis=1).astype(np.float32))


def _resample(image: Floats, size: int) -> Floats:
    import cv2

    directions = _centres(size)
    height, width = image.shape[:2]
    azimuth = np.arctan2(directions[:, 1], directions[:, 0])
    x = ((azimuth + np.pi) / (2 * np.pi) * width - 0.5).reshape(size, size).astype(np.float32)
    y = (np.arccos(np.clip(directions[:, 2], -1, 1)) / np.pi * height - 0.5).astype(np.float32)
    y = np.clip(y, 0, height - 1).reshape(size, size)
    out = cv2.remap(image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return np.asarray(out, np.float32).reshape(-1, 3)


def _shrink(values: Floats, size: int, to: int) -> Floats:
    factor = size // to
    blocks = values.reshape(to, factor, to, factor, 3)
    return np.asarray(blocks.mean(axis=(1, 3), dtype=np.float64), np.float32).reshape(-1, 3)


def _prefilter(
    sharp: Floats,
    source: Floats,
    directions: Floats,
    weights: Floats,
    roughness: float,
    size: int,
) -> Floats:
    """Radiance convolved with a Phong lobe as wide as GGX's at this roughness (Karis 2013)."""
    if roughness == 0.0:
        return sharp
    if roughness < 0.3:  # the lobe is about as wide as one of these texels
        return _shrink(sharp, _SHARP, size)
    exponent = 2 / roughness**4 - 2
    lobe = max(exponent, 1.0)
    target = _centres(size)
    out = np.empty((len(target), 3), np.float32)
    for start in range(0, len(target), 1024):  # bounded memory: 1024 x 1024 weights at a time
        cosine = target[start : start + 1024] @ directions.T
        # exp is a good stand-in for a narrow cosine power, and much faster than pow
        kernel = np.exp(np.minimum(lobe * (cosine - 1), 0)) * (cosine > 0) * weights
        kernel /= np.maximum(kernel.sum(axis=1, keepdims=True), 1e-20)
        # float64 sums: the result must not depend on how BLAS splits the work among threads
        out[start : start + 1024] = kernel.astype(np.float64) @ source.astype(np.float64)
    return out


def _irradiance(source: Floats, directions: Floats, weights: Floats) -> Floats:
    kernel = np.maximum(_centres(32) @ directions.T, 0) * weights
    return np.asarray(kernel.astype(np.float64) @ source.astype(np.float64), np.float32)
