"""The picture of a layout laid onto the plane that objects rest on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from simgen.records.camera import Camera
from simgen.records.places import Framing
from simgen.sampling.layouts.matching import Match, side_m

Floats = NDArray[np.float64]
_FARTHEST = 20.0  # picture distances; a ray that meets the plane beyond is as good as level


def framing_of(matches: Sequence[Match], camera: Camera, distance_m: tuple[float, float]) -> Framing:
    """What to take in so that the median object has the size that is wanted.

    Args:
        matches: at least one.
        camera: gives the lens.
        distance_m: nearest and farthest that it may stand.
    """
    lens = camera.intrinsics
    shape = np.sqrt(lens.width / lens.height)
    widths = [side_m(one.thing) / one.wish.size * shape for one in matches]
    width = float(np.exp(np.median(np.log(widths))))
    near, far = (distance * lens.width / lens.fx for distance in distance_m)
    height = float(np.median([_height_m(one) for one in matches]))
    return Framing((0.0, 0.0, height), min(max(width, near), far))


def resized(match: Match, framing: Framing, shape: float, strength: float) -> Match:
    """The object scaled towards the size that is wanted: by nothing at strength 0, wholly at 1.

    Args:
        shape: root of width over height of the picture.
    """
    if strength == 0:
        return match
    wanted = match.wish.size * framing.width_m / shape
    factor = float((wanted / side_m(match.thing)) ** strength)
    return replace(match, thing=replace(match.thing, scale=match.thing.scale * factor))


def places_m(matches: Sequence[Match], camera: Camera, framing: Framing) -> Floats:
    """Where the rays through the wanted places meet the planes at half the objects' heights.

    Args:
        camera: stands in the right direction, at any distance.

    Returns:
        float64[N, 2], world; NaN where a ray does not come down.
    """
    lens, pose = camera.intrinsics, camera.T_world_cam
    turn = pose.rotation()
    distance = framing.width_m * lens.fx / lens.width
    eye = np.array(framing.target_m) - distance * turn[:, 2]
    shares = np.array([(one.wish.across, one.wish.down) for one in matches])
    rays = lens.rays(shares * (lens.width, lens.height)) @ turn.T
    down = np.array([_height_m(one) for one in matches]) - eye[2]
    with np.errstate(divide="ignore", invalid="ignore"):
        along = down / rays[:, 2]
        along = np.where((along > 0) & (along < _FARTHEST * distance), along, np.nan)
        out: Floats = eye[:2] + along[:, None] * rays[:, :2]
    return out


def _height_m(match: Match) -> float:
    """Of the middle of an object that lies on its largest face."""
    return min(match.thing.extent_m or (0.0,)) * match.thing.scale / 2
