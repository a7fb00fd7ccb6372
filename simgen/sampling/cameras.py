"""Cameras on shells: from a setting to a FrameSpec that can be rendered."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from simgen.errors import Fault, SceneFileError
from simgen.plugin.protocols import Stream
from simgen.plugin.scene import Scene
from simgen.records.camera import Camera, Shutter
from simgen.records.exposure import Exposure
from simgen.records.frame import FrameSpec
from simgen.records.places import Framing
from simgen.records.pose import Vec3, Velocity, look_at
from simgen.records.world import Draft, DraftView, World
from simgen.sampling.lenses import focus_of, intrinsics
from simgen.sampling.rigs import rig_shots
from simgen.sampling.seeing import view_problem
from simgen.sampling.shapes import RememberedShapes
from simgen.sampling.sight import solids_of
from simgen.sampling.stages import run_stage
from simgen.sampling.streams import KeyedStream
from simgen.sampling.white_balance import balance
from simgen.spec.camera import CameraSetting, MotionBlur
from simgen.spec.faults import place

MAX_TRIES = 64


def draw_frame(
    number: int, world: World, scene: Scene, shapes: RememberedShapes, rng: KeyedStream
) -> FrameSpec:
    """The view of a frame; a camera that cannot stand there or sees nothing is drawn again.

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
    solids = solids_of(world, shapes)
    for attempt in range(MAX_TRIES):
        own = rng.child("camera").child(f"try{attempt}")
        own.ledger = {}
        setting = _framed(own.draw(file.camera), world.framing, file.render.size)
        draft = _draft(setting, world, file.render.size, own)
        view_rng = rng.with_ledger({})
        draft = run_stage("view", draft, scene, view_rng, attempt)
        assert draft.view is not None
        shots = rig_shots(draft.view.camera, setting, file.render.size)
        cameras = [shot.camera for shot in shots]
        why = view_problem(cameras, draft.view.target_m, setting, world, solids)
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
            "change distance_m, elevation_deg, distortion, fisheye or view",
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
    framing = world.framing
    target = framing.target_m if framing else _target(setting, world.interest_m, rng)
    view = _view(setting, target, size, rng)
    return Draft(interest_m=world.interest_m, radius_m=world.radius_m, view=view)


def planned_view(scene: Scene, rng: KeyedStream) -> DraftView:
    """The first try at a frame's view as `camera` draws it, about the origin.

    What the frame gets if nothing is in the way and no randomizer of stage `view` moves it.

    Args:
        rng: root stream of the frame.
    """
    own = rng.child("camera").child("try0")
    return _view(own.draw(scene.file.camera), (0.0, 0.0, 0.0), scene.file.render.size, own)


def _framed(
    setting: CameraSetting, framing: Framing | None, size: tuple[int, int]
) -> CameraSetting:
    """The setting with the distance from which its lens shows the width that is wanted."""
    if framing is None:
        return setting
    lens = intrinsics(setting, size)
    return setting.model_copy(update={"distance_m": framing.width_m * lens.fx / lens.width})


def _view(setting: CameraSetting, target: Vec3, size: tuple[int, int], rng: Stream) -> DraftView:
    eye = shell_point(
        target, float(setting.distance_m), float(setting.elevation_deg), float(setting.azimuth_deg)
    )
    pose = look_at(eye, target, math.radians(float(setting.roll_deg)))
    lens = intrinsics(setting, size)
    camera = Camera(lens, pose, focus_of(setting, lens), _shutter(setting.motion_blur, rng))
    kelvin = setting.exposure.white_balance_k
    balanced = None if kelvin is None else balance(float(kelvin))
    exposure = Exposure(setting.exposure.mode, float(setting.exposure.ev), balanced)
    return DraftView(camera, exposure, target)


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
