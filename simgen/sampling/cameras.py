"""Cameras on shells: from a setting to a FrameSpec that can be rendered."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simgen.errors import Fault, SceneFileError
from simgen.plugin.protocols import Stream
from simgen.plugin.scene import Scene
from simgen.records.camera import Camera, Shutter
from simgen.records.exposure import Exposure
from simgen.records.frame import FrameSpec
from simgen.records.pose import Vec3, Velocity, look_at
from simgen.records.world import Draft, DraftView, World, WorldObject
from simgen.sampling.lenses import focus_of, intrinsics
from simgen.sampling.rigs import rig_shots
from simgen.sampling.shapes import Shapes
from simgen.sampling.stages import run_stage
from simgen.sampling.streams import KeyedStream
from simgen.sampling.white_balance import balance
from simgen.spec.camera import CameraSetting, MotionBlur
from simgen.spec.faults import place

MAX_TRIES = 64
# A lens closer than this sees nothing but blur, and its image plane may cut the surface.
_CLEARANCE_M = 0.03


def draw_frame(
    number: int, world: World, scene: Scene, shapes: Shapes, rng: KeyedStream
) -> FrameSpec:
    """The view of a frame; positions inside, under or too near something are drawn again.

    Args:
        rng: root stream of the frame, of a rig's frames that of the first camera: one draw
            places them all. Try T draws from `camera.tryT`, randomizers of stage `view` from
            `randomizers.KEY.tryT`.

    Raises:
        SceneFileError: no try gave a camera that can see.
    """
    file, why = scene.file, ""
    inside = number - world.index * file.frames_per_world
    pose, which = divmod(inside, file.cameras_per_view)
    for attempt in range(MAX_TRIES):
        own = rng.child("camera").child(f"try{attempt}")
        own.ledger = {}
        setting = own.draw(file.camera)
        draft = _draft(setting, world, file.render.size, own)
        view_rng = rng.with_ledger({})
        draft = run_stage("view", draft, scene, view_rng, attempt)
        assert draft.view is not None
        shots = rig_shots(draft.view.camera, setting, file.render.size)
        problems = [_problem(shot.camera, draft.view.target_m, world, shapes) for shot in shots]
        why = next((problem for problem in problems if problem), "")
        if not why:
            shot, facts = shots[which], {"camera.redrawn": attempt, **draft.facts}
            drawn = {k.removeprefix(f"{own.name}."): v for k, v in own.ledger.items()}
            drawn |= view_rng.ledger or {}
            return FrameSpec(
                number,
                world.index,
                inside,
                shot.camera,
                draft.view.exposure,
                drawn,
                facts,
                shot.place(pose),
            )
    raise SceneFileError(
        Fault(
            place(scene.document, ("camera",)),
            f"frame {number}: none of {MAX_TRIES} drawn cameras can be used; the last one {why}",
            "change distance_m, elevation_deg, distortion or fisheye",
        )
    )


def shell_point(centre: Vec3, distance: float, elevation_deg: float, azimuth_deg: float) -> Vec3:
    """Point at a distance from `centre`, elevation above the horizon, azimuth from +x."""
    e, a = math.radians(elevation_deg), math.radians(azimuth_deg)
    flat = distance * math.cos(e)
    return (
        centre[0] + flat * math.cos(a),
        centre[1] + flat * math.sin(a),
        centre[2] + distance * math.sin(e),
    )


def _draft(setting: CameraSetting, world: World, size: tuple[int, int], rng: Stream) -> Draft:
    """What randomizers of stage `view` are given: the camera, and where it could look."""
    target = _target(setting, world.interest_m, rng)
    eye = shell_point(
        target, float(setting.distance_m), float(setting.elevation_deg), float(setting.azimuth_deg)
    )
    pose = look_at(eye, target, math.radians(float(setting.roll_deg)))
    lens = intrinsics(setting, size)
    camera = Camera(lens, pose, focus_of(setting, lens), _shutter(setting.motion_blur, rng))
    kelvin = setting.exposure.white_balance_k
    balanced = None if kelvin is None else balance(float(kelvin))
    exposure = Exposure(setting.exposure.mode, float(setting.exposure.ev), balanced)
    view = DraftView(camera, exposure, target)
    return Draft(interest_m=world.interest_m, radius_m=world.radius_m, view=view)


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


def _problem(camera: Camera, target: Vec3, world: World, shapes: Shapes) -> str:
    """Why this camera cannot be used, or "".

    Args:
        target: that the view is about; a background plane between the two spoils it.
    """
    if not camera.intrinsics.invertible():
        return "has a lens that folds over inside the image (distortion or fisheye)"
    eye = np.array(camera.T_world_cam.position_m)
    tops = []
    for thing in world.objects:
        bounds = shapes.bounds_m(thing.asset) * thing.scale
        if thing.role == "support" and thing.collection.startswith("randomizers."):
            if _crosses(thing, bounds, eye, target):
                return f"stands behind {thing.name}"
        elif thing.role == "support":
            corners = np.array([[bounds[i, 0], bounds[j, 1], bounds[1, 2]] for i, j in _CORNERS])
            tops.append(float(thing.pose.apply(corners)[:, 2].max()))
        local = thing.pose.apply_inverse(eye)
        outside = np.maximum(np.maximum(bounds[0] - local, local - bounds[1]), 0.0)
        if float(np.linalg.norm(outside)) < _CLEARANCE_M:
            return f"stands inside or within {_CLEARANCE_M * 100:.0f} cm of {thing.name}"
    if tops and float(eye[2]) < min(tops) + _CLEARANCE_M:
        return f"stands below the surface at z = {min(tops):.2f} m"
    return ""


def _crosses(
    thing: WorldObject, bounds: NDArray[np.float64], eye: NDArray[np.float64], target: Vec3
) -> bool:
    """Whether the line of sight goes through a box (slabs, Kay and Kajiya 1986)."""
    start, end = thing.pose.apply_inverse(eye), thing.pose.apply_inverse(target)
    way = np.where(np.abs(end - start) < 1e-12, 1e-12, end - start)
    ends = np.sort(np.stack([(bounds[0] - start) / way, (bounds[1] - start) / way]), axis=0)
    return max(0.0, float(ends[0].max())) <= min(1.0, float(ends[1].min()))


_CORNERS = ((0, 0), (0, 1), (1, 0), (1, 1))
