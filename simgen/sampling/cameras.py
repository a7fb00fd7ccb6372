"""Cameras on shells: from a setting to a FrameSpec that can be rendered."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from simgen.errors import Fault, SceneFileError
from simgen.plugin.protocols import Stream
from simgen.plugin.scene import Scene
from simgen.records.camera import Camera, Focus, Intrinsics, Shutter
from simgen.records.frame import Exposure, FrameSpec
from simgen.records.kannala_brandt import Fisheye
from simgen.records.pose import Vec3, Velocity, look_at
from simgen.records.world import World
from simgen.sampling.shapes import Shapes
from simgen.sampling.streams import KeyedStream
from simgen.spec.camera import CameraSetting, FisheyeSetting, MotionBlur
from simgen.spec.faults import place

MAX_TRIES = 64
# A lens closer than this sees nothing but blur, and its image plane may cut the surface.
_CLEARANCE_M = 0.03


def draw_frame(
    number: int, world: World, scene: Scene, shapes: Shapes, rng: KeyedStream
) -> FrameSpec:
    """The view of a frame; positions inside, under or too near something are drawn again.

    Args:
        rng: the frame's root stream; try T draws from `camera.tryT`.

    Raises:
        SceneFileError: no try gave a camera that can see.
    """
    why = ""
    for attempt in range(MAX_TRIES):
        own = rng.child("camera").child(f"try{attempt}")
        own.ledger = {}
        setting = own.draw(scene.file.camera)
        camera = _camera(setting, world, scene.file.render.size, own)
        why = _problem(camera, world, shapes)
        if not why:
            view = number - world.index * scene.file.views_per_world
            exposure = Exposure(setting.exposure.mode, float(setting.exposure.ev))
            drawn = {k.removeprefix(f"{own.name}."): v for k, v in own.ledger.items()}
            facts = {"camera.redrawn": attempt}
            return FrameSpec(number, world.index, view, camera, exposure, drawn, facts)
    raise SceneFileError(
        Fault(
            place(scene.document, ("camera",)),
            f"frame {number}: none of {MAX_TRIES} drawn cameras can be used; the last one {why}",
            "change distance_m, elevation_deg, distortion or fisheye",
        )
    )


def intrinsics(setting: CameraSetting, size: tuple[int, int]) -> Intrinsics:
    """Lens of a drawn setting for an image size (width, height) in pixels."""
    width, height = size
    if setting.fisheye is not None:
        fisheye = _fisheye(setting.fisheye, wanted=setting.lens is None)
        half_rad = math.radians(float(setting.fisheye.fov_deg)) / 2
        focal = width / 2 / max(float(fisheye.radius(half_rad)), 1e-6)
    else:
        fisheye = None
        focal = width / 2 / math.tan(math.radians(float(setting.fov_deg)) / 2)
    numbers = (focal, focal, width / 2, height / 2)
    if setting.lens is not None:
        k = setting.lens
        numbers = (float(k.fx), float(k.fy), float(k.cx), float(k.cy))
    d = setting.distortion
    bend = (float(d.k1), float(d.k2), float(d.p1), float(d.p2), float(d.k3))
    return Intrinsics(width, height, *numbers, bend, fisheye)


def _fisheye(setting: FisheyeSetting, wanted: bool) -> Fisheye:
    """The lens; `wanted`: its field of view was asked for, not K."""
    names = ("k1", "k2", "k3", "k4")
    numbers = {name: float(getattr(setting, name)) for name in names}
    if setting.circle_deg is not None:
        return Fisheye(**numbers, max_angle_deg=float(setting.circle_deg) / 2)
    # Where the radius stops growing the model ends; a wanted field beyond it is refused.
    reach = max(Fisheye(**numbers).fold_deg() - 0.1, 0.5)
    least = float(setting.fov_deg) / 2 if wanted else 0.0
    return Fisheye(**numbers, max_angle_deg=max(reach, least))


def shell_point(centre: Vec3, distance: float, elevation_deg: float, azimuth_deg: float) -> Vec3:
    """Point at a distance from `centre`, elevation above the horizon, azimuth from +x."""
    e, a = math.radians(elevation_deg), math.radians(azimuth_deg)
    flat = distance * math.cos(e)
    return (
        centre[0] + flat * math.cos(a),
        centre[1] + flat * math.sin(a),
        centre[2] + distance * math.sin(e),
    )


def _camera(setting: CameraSetting, world: World, size: tuple[int, int], rng: Stream) -> Camera:
    target = _target(setting, world.interest_m, rng)
    eye = shell_point(
        target, float(setting.distance_m), float(setting.elevation_deg), float(setting.azimuth_deg)
    )
    pose = look_at(eye, target, math.radians(float(setting.roll_deg)))
    lens = intrinsics(setting, size)
    return Camera(lens, pose, _focus(setting, lens), _shutter(setting.motion_blur, rng))


def _focus(setting: CameraSetting, lens: Intrinsics) -> Focus | None:
    depth = setting.depth_of_field
    if depth is None:
        return None
    focal_m = lens.fx / lens.width * float(depth.sensor_width_mm) / 1000
    # The target lies on the optical axis: its distance is its planar depth.
    sharp = setting.distance_m if depth.focus == "target" else depth.focus
    return Focus(focal_m / float(depth.f_number) / 2, float(sharp))


def _shutter(setting: MotionBlur | None, rng: Stream) -> Shutter | None:
    if setting is None:
        return None
    shake = rng.child("shake")
    speed, turn = float(setting.speed_m_s), math.radians(float(setting.turn_deg_s))
    x, y, z = shake.child("move").direction()
    a, b, c = shake.child("turn").direction()
    velocity = Velocity((speed * x, speed * y, speed * z), (turn * a, turn * b, turn * c))
    return Shutter(float(setting.shutter_s), velocity)


def _target(setting: CameraSetting, interest: Sequence[Vec3], rng: Stream) -> Vec3:
    middle: Vec3 = (0.0, 0.0, 0.0)
    if interest and setting.look_at == "objects":
        middle = rng.child("interest").choice(interest)
    elif interest:
        points = np.array(interest)
        x, y, z = (float(v) for v in (points.min(axis=0) + points.max(axis=0)) / 2)
        middle = (x, y, z)
    jitter = rng.child("jitter")
    reach = float(setting.look_at_jitter_m) * jitter.random() ** (1 / 3)
    dx, dy, dz = jitter.direction()
    return (middle[0] + reach * dx, middle[1] + reach * dy, middle[2] + reach * dz)


def _problem(camera: Camera, world: World, shapes: Shapes) -> str:
    """Why this camera cannot be used, or ""."""
    if not camera.intrinsics.invertible():
        return "has a lens that folds over inside the image (distortion or fisheye)"
    eye = np.array(camera.T_world_cam.position_m)
    tops = []
    for thing in world.objects:
        bounds = shapes.bounds_m(thing.asset) * thing.scale
        if thing.role == "support":
            corners = np.array([[bounds[i, 0], bounds[j, 1], bounds[1, 2]] for i, j in _CORNERS])
            tops.append(float(thing.pose.apply(corners)[:, 2].max()))
        local = thing.pose.apply_inverse(eye)
        outside = np.maximum(np.maximum(bounds[0] - local, local - bounds[1]), 0.0)
        if float(np.linalg.norm(outside)) < _CLEARANCE_M:
            return f"stands inside or within {_CLEARANCE_M * 100:.0f} cm of {thing.name}"
    if tops and float(eye[2]) < min(tops) + _CLEARANCE_M:
        return f"stands below the surface at z = {min(tops):.2f} m"
    return ""


_CORNERS = ((0, 0), (0, 1), (1, 0), (1, 1))
