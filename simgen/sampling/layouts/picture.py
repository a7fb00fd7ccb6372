"""The picture of a layout laid onto the plane that objects rest on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from simgen.records.camera import Camera
from simgen.records.places import Framing
from simgen.sampling.layouts.matching import Match

Floats = NDArray[np.float64]
_TURNS = 8
_SIGNS = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], np.float64)
_FARTHEST = 20.0  # picture distances; a ray that meets the plane beyond is as good as level


def framing_of(
    matches: Sequence[Match], camera: Camera, distance_m: tuple[float, float]
) -> Framing:
    """What to take in so that the median object has the size that is wanted.

    Args:
        matches: at least one.
        camera: gives the lens.
        distance_m: nearest and farthest that it may stand.
    """
    lens = camera.intrinsics
    shape = np.sqrt(lens.width / lens.height)
    widths = apparent_m(matches, camera) / [one.wish.size for one in matches] * shape
    known = widths[np.isfinite(widths)]
    width = float(np.median(known)) if len(known) else distance_m[1]
    near, far = (distance * lens.width / lens.fx for distance in distance_m)
    height = float(np.median([_height_m(one) for one in matches]))
    return Framing((0.0, 0.0, height), min(max(width, near), far))


def resized(
    matches: Sequence[Match], camera: Camera, framing: Framing, strength: float
) -> list[Match]:
    """Objects scaled towards the sizes that are wanted: by nothing at strength 0, wholly at 1."""
    if strength == 0:
        return list(matches)
    shape = np.sqrt(camera.intrinsics.width / camera.intrinsics.height)
    out = []
    for one, side in zip(matches, apparent_m(matches, camera), strict=True):
        factor = one.wish.size * framing.width_m / shape / side if np.isfinite(side) else 1.0
        scale = one.thing.scale * float(factor**strength)
        out.append(replace(one, thing=replace(one.thing, scale=scale)))
    return out


def apparent_m(matches: Sequence[Match], camera: Camera) -> Floats:
    """Side of the square that each object's box in the picture is like, as a length across the
    line of sight at the middle of the picture.

    Of a box on its largest face, mean over its turns about the vertical. Perspective, linear about
    the box's middle: sides show off the axis and from aslant, what is farther is smaller; it
    depends on the ray alone, not on how far the camera is.

    Returns:
        float64[N]; NaN where the ray does not come down.
    """
    rays, turn = _rays(matches, camera), camera.T_world_cam.rotation()
    ahead = rays / rays[:, 2:]
    with np.errstate(divide="ignore", invalid="ignore"):
        depth = turn[2, 2] / (ahead @ turn.T)[:, 2]  # in distances of the middle
    yaw = np.arange(_TURNS) * np.pi / _TURNS
    along = np.stack([np.cos(yaw), np.sin(yaw), 0 * yaw], axis=1)
    across = np.stack([-np.sin(yaw), np.cos(yaw), 0 * yaw], axis=1)
    out = np.full(len(matches), np.nan)
    for n, one in enumerate(matches):
        if not 0 < depth[n] < _FARTHEST:
            continue
        c, b, a = (edge * one.thing.scale / 2 for edge in sorted(one.thing.extent_m or (0, 0, 0)))
        axes = np.stack([a * along, b * across, 0 * along + (0, 0, c)], axis=1)
        seen = _SIGNS @ axes @ turn  # [turns, corners, 3] in the camera's frame
        shown = seen[..., :2] - ahead[n, :2] * seen[..., 2:]
        out[n] = np.sqrt(np.ptp(shown, axis=1).prod(axis=-1)).mean() / depth[n]
    return out


def places_m(matches: Sequence[Match], camera: Camera, framing: Framing) -> Floats:
    """Where the rays through the wanted places meet the planes at half the objects' heights.

    Args:
        camera: stands in the right direction, at any distance.

    Returns:
        float64[N, 2], world; NaN where a ray does not come down.
    """
    lens, pose = camera.intrinsics, camera.T_world_cam
    turn = pose.rotation()
    rays = _rays(matches, camera) @ turn.T
    distance = framing.width_m * lens.fx / lens.width
    eye = np.array(framing.target_m) - distance * turn[:, 2]
    down = np.array([_height_m(one) for one in matches]) - eye[2]
    with np.errstate(divide="ignore", invalid="ignore"):
        along = down / rays[:, 2]
        along = np.where((along > 0) & (along < _FARTHEST * distance), along, np.nan)
        out: Floats = eye[:2] + along[:, None] * rays[:, :2]
    return out


def _rays(matches: Sequence[Match], camera: Camera) -> Floats:
    lens = camera.intrinsics
    shares = np.array([(one.wish.across, one.wish.down) for one in matches])
    return lens.rays(shares * (lens.width, lens.height))


def _height_m(match: Match) -> float:
    """Of the middle of an object that lies on its largest face."""
    return min(match.thing.extent_m or (0.0,)) * match.thing.scale / 2
