"""Lenses: from drawn settings to intrinsics and focus."""

from __future__ import annotations

import math

from simgen.records.camera import Focus, Intrinsics
from simgen.records.kannala_brandt import Fisheye
from simgen.spec.camera import CameraSetting
from simgen.spec.lenses import FisheyeSetting
from simgen.spec.rig import RigCamera


def intrinsics(setting: CameraSetting | RigCamera, size: tuple[int, int]) -> Intrinsics:
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


def focus_of(setting: CameraSetting, lens: Intrinsics) -> Focus | None:
    """Aperture and sharp depth of a drawn setting; None is a pinhole."""
    depth = setting.depth_of_field
    if depth is None:
        return None
    focal_m = lens.fx / lens.width * float(depth.sensor_width_mm) / 1000
    # The target lies on the optical axis: its distance is its planar depth.
    sharp = setting.distance_m if depth.focus == "target" else depth.focus
    return Focus(focal_m / float(depth.f_number) / 2, float(sharp))
