"""The cameras of a view: the one that the settings say, or those of a rig in its place."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np

from simgen.records.camera import Camera, Shutter
from simgen.records.pose import Pose, Quaternion, Velocity, multiply
from simgen.records.rig import RigView
from simgen.sampling.lenses import focus_of, intrinsics
from simgen.spec.camera import CameraSetting
from simgen.spec.distributions import support
from simgen.spec.rig import RigCamera, RigSetting


@dataclass(frozen=True)
class RigShot:
    """One camera of a view.

    Args:
        rig: the rig's name; "" is a camera on its own.
        name: the camera's.
    """

    camera: Camera
    rig: str = ""
    name: str = ""
    T_world_rig: Pose = field(default_factory=Pose)
    T_rig_cam: Pose = field(default_factory=Pose)

    def place(self, pose: int) -> RigView | None:
        """Its record at a numbered pose of the rig; None for a camera on its own."""
        if not self.rig:
            return None
        return RigView(self.rig, self.name, pose, self.T_world_rig, self.T_rig_cam)


def rig_shots(camera: Camera, setting: CameraSetting, size: tuple[int, int]) -> tuple[RigShot, ...]:
    """All cameras of a view in the order of their frames.

    Args:
        camera: what the settings give without a rig; the rig stands in its place.
        setting: drawn.
    """
    if setting.rig is None:
        return (RigShot(camera),)
    rig = camera.T_world_cam
    shots = []
    for name, own in _cameras(setting.rig).items():
        inside = Pose(_vector(own.position_m), _turn(own.turn_deg))
        lens = intrinsics(own, size) if own.own_lens else camera.intrinsics
        focus = camera.focus
        if own.own_lens and focus is not None:
            focus = focus_of(setting, lens)
        moved = replace(
            camera,
            intrinsics=lens,
            T_world_cam=rig.compose(inside),
            focus=focus,
            shutter=_carried(camera.shutter, rig, inside),
        )
        shots.append(RigShot(moved, setting.rig.name, name, rig, inside))
    return tuple(shots)


def rig_reach_m(rig: RigSetting | None) -> float:
    """Largest distance of a camera from the middle of its rig; settings may be undrawn."""
    if rig is None:
        return 0.0
    if rig.baseline_m is not None:
        return support(rig.baseline_m)[1]
    spots = [[support(v) for v in camera.position_m] for camera in rig.cameras.values()]
    return max(math.hypot(*(max(abs(low), abs(high)) for low, high in spot)) for spot in spots)


def _cameras(rig: RigSetting) -> dict[str, RigCamera]:
    if rig.baseline_m is None:
        return rig.cameras
    right = (float(rig.baseline_m), 0.0, 0.0)
    return {"left": RigCamera(), "right": RigCamera(position_m=right)}


def _turn(turn_deg: tuple[float, float, float]) -> Quaternion:
    """About the own x, then the new y, then the new z axis."""
    out: Quaternion = (1.0, 0.0, 0.0, 0.0)
    for axis, degrees in enumerate(turn_deg):
        half = math.radians(float(degrees)) / 2
        step = [math.cos(half), 0.0, 0.0, 0.0]
        step[axis + 1] = math.sin(half)
        out = multiply(out, (step[0], step[1], step[2], step[3]))
    return out


def _carried(shutter: Shutter | None, rig: Pose, inside: Pose) -> Shutter | None:
    """The shake of a camera that a shaking rig carries: all of its points turn with it."""
    if shutter is None:
        return None
    arm = rig.rotation() @ np.asarray(inside.position_m)
    shake = shutter.shake
    linear = np.asarray(shake.linear_m_s) + np.cross(shake.angular_rad_s, arm)
    return replace(shutter, shake=Velocity(_vector(linear), shake.angular_rad_s))


def _vector(values: object) -> tuple[float, float, float]:
    x, y, z = (float(v) for v in np.asarray(values, np.float64))
    return (x, y, z)
