"""Variations of the camera on top of what `camera:` draws."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from simgen.plugin import NonNegative, Number, Params, Positive, Sampled, Stream
from simgen.records.camera import Camera, Focus
from simgen.records.exposure import Exposure
from simgen.records.pose import Pose, Vec3, multiply
from simgen.records.world import Draft, DraftView
from simgen.sampling.randomizers.ranges import ranged
from simgen.sampling.white_balance import balance
from simgen.spec.distributions import support


class CameraParams(Params):
    """Settings; all are relative to the camera that the scene file's `camera` gives."""

    distance: Sampled[Positive] = Field(
        ranged("loguniform", 0.85, 1.2),
        description="factor on the distance from the point looked at",
        examples=[{"loguniform": [0.8, 1.25]}],
        json_schema_extra={"unit": "1"},
    )
    azimuth_deg: Sampled[Number] = Field(
        ranged("uniform", -15.0, 15.0), description="on along the shell, about the vertical"
    )
    elevation_deg: Sampled[Number] = Field(
        ranged("truncated_normal", 0.0, 6.0, -20.0, 20.0),
        description="up or down the shell, at most to the zenith",
    )
    look_at_jitter_m: Sampled[NonNegative] = Field(
        ranged("uniform", 0.0, 0.04),
        description="radius of a ball about the point looked at from which another is drawn, m",
    )
    roll_deg: Sampled[Number] = Field(
        ranged("truncated_normal", 0.0, 4.0, -15.0, 15.0),
        description="about the optical axis",
        examples=[{"uniform": [-10, 10]}],
    )
    focal: Sampled[Positive] = Field(
        ranged("loguniform", 0.9, 1.15),
        description="factor on the focal length: 2 shows half as much",
        json_schema_extra={"unit": "1"},
    )
    f_number: Sampled[Positive] | None = Field(
        None,
        description="aperture, sharp at the point looked at; default: as `camera` says",
        json_schema_extra={"unit": "1"},
    )
    sensor_width_mm: Positive = Field(
        36.0, description="for `f_number`; 36 is full frame, phones have 5 to 10"
    )
    ev: Sampled[Annotated[Number, Field(ge=-10, le=10)]] = Field(
        ranged("truncated_normal", 0.0, 0.3, -1.0, 1.0),
        description="stops on top of the exposure",
        examples=[{"uniform": [-0.5, 0.5]}],
        json_schema_extra={"unit": "stops"},
    )
    white_balance_k: Sampled[Annotated[Number, Field(ge=1700, le=25000)]] | None = Field(
        None, description="temperature that looks neutral; default: as `camera` says"
    )


class CameraRandomizer:
    """Moves, turns, zooms and exposes each view a little differently.

    A rig moves as one, and all of its cameras change alike. Views that cannot be used are drawn
    again together with the camera.
    """

    api: ClassVar[int] = 1
    stage: ClassVar[str] = "view"
    identity: ClassVar[Mapping[str, Any] | None] = {
        "distance": 1.0,
        "azimuth_deg": 0.0,
        "elevation_deg": 0.0,
        "look_at_jitter_m": 0.0,
        "roll_deg": 0.0,
        "focal": 1.0,
        "ev": 0.0,
    }
    Params: ClassVar[type[Params]] = CameraParams

    def far_m(self, params: Any, bound_m: float) -> float:
        """No surface is farther from a camera than this, if it was `bound_m` without it."""
        further = max(1.0, support(params.distance)[1])
        return bound_m * further + support(params.look_at_jitter_m)[1]

    def apply(self, draft: Draft, params: Any, rng: Stream) -> Draft:
        """The draft with another view; unchanged with neutral numbers, or without a view."""
        if draft.view is None:
            return draft
        drawn = rng.draw(params)
        view = _moved(draft.view, drawn, rng)
        longer = _zoomed(view.camera, float(drawn.focal))
        camera = _focused(longer, draft.view, view.target_m, drawn)
        facts = {
            name: float(getattr(drawn, name))
            for name in CameraParams.model_fields
            if name != "sensor_width_mm" and getattr(drawn, name) is not None
        }
        changed = replace(view, camera=camera, exposure=_exposed(view.exposure, drawn))
        return replace(draft, view=changed, facts={**draft.facts, **facts})


def _moved(view: DraftView, drawn: Any, rng: Stream) -> DraftView:
    """Elsewhere on the shell, looking at a point nearby, rolled."""
    numbers = ("azimuth_deg", "elevation_deg", "look_at_jitter_m", "roll_deg")
    if float(drawn.distance) == 1 and all(float(getattr(drawn, name)) == 0 for name in numbers):
        return view
    target, pose = view.target_m, view.camera.T_world_cam
    offset = np.subtract(pose.position_m, target)
    distance = float(np.linalg.norm(offset))
    elevation = math.degrees(math.asin(float(np.clip(offset[2] / distance, -1, 1))))
    higher = min(max(elevation + float(drawn.elevation_deg), -90.0), 90.0) - elevation
    level = np.cross(offset, (0.0, 0.0, 1.0))
    # Straight above there is no horizontal across the line of sight: the picture's own.
    level = pose.rotation()[:, 0] if np.linalg.norm(level) < 1e-9 else level
    pose = _turned(pose, target, level, higher)
    pose = _turned(pose, target, (0.0, 0.0, 1.0), float(drawn.azimuth_deg))
    pose = _turned(pose, pose.position_m, pose.rotation()[:, 2], float(drawn.roll_deg))
    aim = _nearby(target, float(drawn.look_at_jitter_m), rng.child("target"))
    offset = np.subtract(pose.position_m, target) * float(drawn.distance)
    x, y, z = (float(v) for v in np.add(aim, offset))
    camera = replace(view.camera, T_world_cam=replace(pose, position_m=(x, y, z)))
    return replace(view, camera=camera, target_m=aim)


def _turned(pose: Pose, about: Vec3, axis: Any, degrees: float) -> Pose:
    """The pose turned about an axis through a point, right-handed."""
    half = math.radians(degrees) / 2
    i, j, k = (float(v) for v in np.asarray(axis) / np.linalg.norm(axis) * math.sin(half))
    turn = Pose((0.0, 0.0, 0.0), (math.cos(half), i, j, k))
    x, y, z = (float(v) for v in turn.apply(np.subtract(pose.position_m, about)) + about)
    return Pose((x, y, z), multiply(turn.quaternion_wxyz, pose.quaternion_wxyz))


def _nearby(point: Vec3, reach_m: float, rng: Stream) -> Vec3:
    reach = reach_m * rng.random() ** (1 / 3)
    x, y, z = (p + reach * d for p, d in zip(point, rng.direction(), strict=True))
    return (x, y, z)


def _zoomed(camera: Camera, factor: float) -> Camera:
    """Another focal length at the same f-number."""
    if factor == 1:
        return camera
    lens, focus = camera.intrinsics, camera.focus
    if focus is not None:
        focus = replace(focus, aperture_radius_m=focus.aperture_radius_m * factor)
    longer = replace(lens, fx=lens.fx * factor, fy=lens.fy * factor)
    return replace(camera, intrinsics=longer, focus=focus)


def _focused(camera: Camera, before: DraftView, target: Vec3, drawn: Any) -> Camera:
    """What was sharp at the point looked at is so again; another aperture if one is asked for."""
    lens, focus = camera.intrinsics, camera.focus
    distance = math.dist(target, camera.T_world_cam.position_m)
    if drawn.f_number is not None:
        focal_m = lens.fx / lens.width * float(drawn.sensor_width_mm) / 1000
        return replace(camera, focus=Focus(focal_m / float(drawn.f_number) / 2, distance))
    if focus is None:
        return camera
    held = math.dist(before.target_m, before.camera.T_world_cam.position_m)
    if not math.isclose(focus.distance_m, held, rel_tol=1e-6):
        return camera  # a distance of its own
    return replace(camera, focus=replace(focus, distance_m=distance))


def _exposed(exposure: Exposure, drawn: Any) -> Exposure:
    changed = replace(exposure, ev=exposure.ev + float(drawn.ev))
    if drawn.white_balance_k is None:
        return changed
    return replace(changed, white_balance=balance(float(drawn.white_balance_k)))
