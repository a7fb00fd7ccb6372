"""Where a cutout goes: anywhere, its own place, a guide mask, or a plane that the camera sees."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.augment.cutout import Cutout
from simgen.augment.region import Matrix, moved
from simgen.plugin import Stream
from simgen.records.camera import Camera


@dataclass(frozen=True)
class Turn:
    """How a cutout is changed, whatever its place.

    Args:
        scale: factor on its size.
        angle_deg: counter-clockwise.
        mirrored: left and right exchanged.
    """

    scale: float
    angle_deg: float
    mirrored: bool


@dataclass(frozen=True)
class Place:
    """A similarity of pixels, and by what factor the distance to the camera changes."""

    matrix: Matrix
    nearer: float = 1.0


def turned_about(cutout: Cutout, turn: Turn, at: tuple[float, float], foot: bool) -> Matrix:
    """The similarity that puts a cutout's middle, or its foot, at a point.

    Args:
        at: pixels in the new picture.
        foot: put the middle of its lower edge there.
    """
    x, y, w, h = cutout.modal.rect
    origin = cutout.foot_px if foot else (x + w / 2, y + h / 2)
    angle = math.radians(turn.angle_deg)
    c, s = turn.scale * math.cos(angle), turn.scale * math.sin(angle)
    rotation = np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]])
    mirror = np.diag([-1.0 if turn.mirrored else 1.0, 1.0, 1.0])
    back = moved(-origin[0], -origin[1])
    return np.asarray(moved(*at) @ rotation @ mirror @ back, np.float64)


def anywhere(cutout: Cutout, turn: Turn, size: tuple[int, int], rng: Stream) -> Place:
    """Its middle at any pixel."""
    at = (rng.uniform(0, size[0]), rng.uniform(0, size[1]))
    return Place(turned_about(cutout, turn, at, foot=False), 1 / turn.scale)


def guided(cutout: Cutout, turn: Turn, guide: NDArray[np.bool_], rng: Stream) -> Place | None:
    """Its foot at any pixel of a guide bool[H, W]; None: the guide is empty."""
    rows, columns = np.nonzero(guide)
    if not len(rows):
        return None
    pick = rng.integer(0, len(rows) - 1)
    at = (float(columns[pick]) + 0.5, float(rows[pick]) + 0.5)
    return Place(turned_about(cutout, turn, at, foot=True), 1 / turn.scale)


def on_plane(
    cutout: Cutout,
    turn: Turn,
    camera: Camera | None,
    horizon: float | None,
    size: tuple[int, int],
    rng: Stream,
) -> Place | None:
    """Its foot on the plane z = 0 of the world, its size as perspective demands.

    With both cameras known, the feet's rays meet the plane, and the size goes with focal length
    over depth. Else sizes go with the distance below the horizon, as they do for a camera
    without roll above a plane (Hoiem et al. 2006, "Putting objects in perspective").

    Args:
        camera: of the new picture; None: nobody knows.
        horizon: row of the horizon as a share of the height; None: only cameras count.

    Returns:
        The place; None: this pixel does not see the plane, or nobody knows.
    """
    x = rng.uniform(0, size[0])
    if camera is not None and cutout.camera is not None:
        y = rng.uniform(0, size[1])
        here, there = _depth(camera, (x, y)), _depth(cutout.camera, cutout.foot_px)
        if here is None or there is None:
            return None
        focal = camera.intrinsics.fx / cutout.camera.intrinsics.fx
        scale, nearer = focal * there / here, here / there
    elif horizon is not None:
        line = horizon * size[1]
        y = rng.uniform(max(0.0, line + 1), size[1])
        if cutout.foot_px[1] <= line + 1:
            return None
        scale = (y - line) / (cutout.foot_px[1] - line)
        nearer = 1 / scale
    else:
        return None
    own = Turn(scale * turn.scale, turn.angle_deg, turn.mirrored)
    return Place(turned_about(cutout, own, (x, y), foot=True), nearer)


def _depth(camera: Camera, pixel: tuple[float, float]) -> float | None:
    """Depth at which a pixel's ray meets the plane z = 0; None: it does not."""
    ray = camera.intrinsics.rays(np.array([pixel], np.float64))[0]
    pose = camera.T_world_cam
    down = float(pose.rotation()[2] @ ray)
    if not math.isfinite(down) or down >= -1e-6:
        return None
    depth = -pose.position_m[2] / down
    return depth if depth > 0 else None
