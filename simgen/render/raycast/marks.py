"""Where the marks of a world's objects are in a view: keypoints by one ray each, parts by pixel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.plugin.protocols import Library
from simgen.records.asset import Asset
from simgen.records.camera import Camera, pixel_rays
from simgen.records.marks import Keypoint, KeypointPx, PartMap, Visibility
from simgen.records.world import World, WorldObject
from simgen.render.raycast import cones
from simgen.render.raycast.geometry import WorldGeometry
from simgen.render.raycast.tracing import MISS, Hits

NEAR_M = 1e-3
# A point on a surface may lie this share of its object's size behind the facets that stand for
# the surface, and a ray in float32 ends this share of its length from where it should.
_SLACK, _ROUNDING = 5e-4, 2e-6


@dataclass(frozen=True)
class _Point:
    instance: int
    keypoint: Keypoint
    slack_m: float


class WorldMarks:
    """Projects the keypoints of one world and tells parts apart."""

    def __init__(self, world: World, library: Library, geometry: WorldGeometry) -> None:
        self.geometry = geometry
        self.part_names: dict[int, tuple[str, ...]] = {}
        self._points: list[_Point] = []
        places: list[NDArray[np.float64]] = []
        for thing in world.instances:
            asset = library.asset(thing.asset)
            if asset.parts:
                self.part_names[thing.id] = asset.parts
            self._points += _points_of(thing, asset)
            local = np.array([k.position_m for k in asset.keypoints], np.float64)
            places.append(thing.pose.apply(local.reshape(-1, 3) * thing.scale))
        self._world_m = np.concatenate(places) if places else np.zeros((0, 3))

    def keypoints(self, camera: Camera) -> dict[int, tuple[KeypointPx, ...]]:
        """Keypoints by instance id: COCO's visibility, from the ray to the point itself."""
        if not self._points:
            return {}
        local = camera.to_camera(self._world_m)
        lens = camera.intrinsics
        imaged = lens.images(local) & (lens.depth_of(local) > NEAR_M)
        pixels = np.zeros((len(local), 2))
        pixels[imaged], inside = _projected(local[imaged], camera)
        shown = np.zeros(len(local), bool)
        shown[imaged] = inside
        free, depth = self._free(camera), lens.depth_of(local)
        out: dict[int, list[KeypointPx]] = {}
        for i, point in enumerate(self._points):
            visibility: Visibility = 0 if not shown[i] else 2 if free[i] else 1
            u, v = (float(value) for value in pixels[i])
            seen = KeypointPx(point.keypoint.name, (u, v), float(depth[i]), visibility)
            out.setdefault(point.instance, []).append(seen)
        return {instance: tuple(points) for instance, points in out.items()}

    def parts(self, hits: Hits, shape: tuple[int, int]) -> PartMap | None:
        """Which part each pixel shows, from the same hits as the instances."""
        if self.geometry.part is None or not self.part_names:
            return None
        numbers = np.where(hits.face == MISS, 0, self.geometry.part[hits.face])
        return PartMap(numbers.astype(np.int32).reshape(shape), self.part_names)

    def _free(self, camera: Camera) -> NDArray[np.bool_]:
        """Whether nothing stands before each point, bool[N]."""
        eye = np.asarray(camera.T_world_cam.position_m)
        away = self._world_m - eye
        length = np.linalg.norm(away, axis=1)
        hits = self.geometry.first_hits(eye.astype(np.float32), away.astype(np.float32))
        slack = np.array([point.slack_m for point in self._points])
        free: NDArray[np.bool_] = (1 - hits.t) * length <= slack + _ROUNDING * length
        return free


def inside_image(xy: NDArray[np.float64], camera: Camera) -> NDArray[np.bool_]:
    """Whether ideal normalised coordinates [..., 2] fall into the image."""
    lens = camera.intrinsics
    pixels = (lens.distort(xy) if lens.distorted else xy) * (lens.fx, lens.fy)
    u, v = pixels[..., 0] + lens.cx, pixels[..., 1] + lens.cy
    inside: NDArray[np.bool_] = (u >= 0) & (u <= lens.width) & (v >= 0) & (v <= lens.height)
    return inside & within_lens(xy, camera)


def within_lens(xy: NDArray[np.float64], camera: Camera) -> NDArray[np.bool_]:
    """Whether the lens shows [..., 2] where it should: far outside, a strong one folds back."""
    lens = camera.intrinsics
    if not lens.distorted:
        return np.ones(xy.shape[:-1], bool)
    reach = float(np.linalg.norm(pixel_rays(lens)[..., :2], axis=-1).max()) * 1.05
    within: NDArray[np.bool_] = np.linalg.norm(xy, axis=-1) <= reach
    return within


def _projected(
    local: NDArray[np.float64], camera: Camera
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Pixels of points, (0, 0) where the lens has none; and whether inside."""
    if camera.intrinsics.fisheye is not None:
        return camera.intrinsics.project(local), cones.inside_image(local, camera.intrinsics)
    xy = local[:, :2] / local[:, 2:]
    pixels = camera.intrinsics.project(local)
    pixels[~within_lens(xy, camera)] = 0
    return pixels, inside_image(xy, camera)


def _points_of(thing: WorldObject, asset: Asset) -> list[_Point]:
    if not asset.keypoints:
        return []
    low, high = asset.mesh.bounds()
    slack = _SLACK * float(np.linalg.norm(high - low))
    return [
        _Point(thing.id, keypoint, (slack + keypoint.radius_m) * thing.scale)
        for keypoint in asset.keypoints
    ]
