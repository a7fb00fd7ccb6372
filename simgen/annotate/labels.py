"""Annotations of one rendered frame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.records.annotations import Annotations, BoxPx, Unlabelled, from_rows
from simgen.records.camera import Camera
from simgen.records.finish import Finish
from simgen.records.frame import Geometry, RenderedFrame
from simgen.records.masks import Rle, encode, tight_box
from simgen.records.pose import Pose, multiply
from simgen.records.serial import to_plain
from simgen.records.world import World, WorldObject
from simgen.spec.scene_file import LabelRules


def annotate(
    rendered: RenderedFrame, world: World, rules: LabelRules
) -> tuple[Annotations, tuple[Unlabelled, ...]]:
    """Labels of a frame, and the visible instances that carry none.

    Args:
        rendered: geometry at pixel centres.
        world: what the instance ids mean.
        rules: smallest size and visibility of a labelled instance.
    """
    geometry = rendered.geometry
    windows = instance_windows(geometry.instances)
    rows: list[dict[str, Any]] = []
    unlabelled: list[Unlabelled] = []
    for thing in world.instances:
        if thing.id not in windows:
            continue
        window = windows[thing.id]
        modal = geometry.instances[window] == thing.id
        area = int(modal.sum())
        amodal = geometry.amodal[thing.id]
        visibility = area / max(int(amodal.mask.sum()), area)
        reason = why_unlabelled(thing, area, visibility, rules)
        ignore = reason.startswith("below") and rules.below == "ignore"
        if reason and not ignore:
            unlabelled.append(Unlabelled(thing.id, thing.name, area, reason))
            continue
        shape = geometry.instances.shape
        rows.append(
            {
                "instance": thing.id,
                "category": thing.category,
                "box_xywh_px": _box(modal, window[1].start, window[0].start),
                "mask": _placed(modal, window[1].start, window[0].start, shape),
                "area_px": area,
                "amodal_box_xywh_px": _box(amodal.mask, amodal.x, amodal.y),
                "amodal_mask": _placed(amodal.mask, amodal.x, amodal.y, shape),
                "visibility": visibility,
                "truncation": amodal.truncation,
                **_pose_columns(thing, rendered.spec.camera),
                "facts": instance_facts(thing),
                "ignore": ignore,
                "keypoints": geometry.keypoints.get(thing.id, ()) if rules.keypoints else (),
                "parts": _parts(geometry, thing.id, window) if rules.parts else {},
            }
        )
    return from_rows(rows), tuple(unlabelled)


def why_unlabelled(thing: WorldObject, area_px: int, visibility: float, rules: LabelRules) -> str:
    """The reason for which a visible instance carries no label, or an empty text."""
    if thing.role == "distractor":
        return "distractor"
    if thing.category is None:
        return "no category"
    if area_px < rules.min_pixels:
        return "below min_pixels"
    if visibility < rules.min_visibility:
        return "below min_visibility"
    return ""


def instance_windows(instances: NDArray[np.int32]) -> dict[int, tuple[slice, slice]]:
    """Rows and columns that bound each instance of a map, by id; background left out."""
    from scipy.ndimage import find_objects

    found = find_objects(instances)
    return {i + 1: window for i, window in enumerate(found) if window is not None}


def instance_facts(thing: WorldObject) -> dict[str, Any]:
    """Drawn parameters of an instance, for slicing."""
    return {
        "name": thing.name,
        "asset": {"plugin": thing.asset.plugin, "variant": thing.asset.variant},
        "params": thing.asset.params,
        "scale": thing.scale,
        "attributes": thing.attributes,
        "states": thing.states,
        "materials": {slot: to_plain(m) for slot, m in thing.materials.items()},
        **({"shape": to_plain(thing.asset.shape)} if thing.asset.shape else {}),
        **({"finish": _finish_facts(thing.finish)} if thing.finish else {}),
    }


def _finish_facts(steps: tuple[Finish, ...]) -> dict[str, Any]:
    """What can be sliced by: numbers of each kind, of stickers how many (`finish.dust.amount`)."""
    out: dict[str, Any] = {}
    for step in steps:
        if step.kind == "sticker":
            out["sticker"] = {"count": out.get("sticker", {"count": 0})["count"] + 1}
        else:
            out[step.kind] = step.params
    return out


def _parts(geometry: Geometry, instance: int, window: tuple[slice, slice]) -> dict[str, Rle]:
    """Modal masks of an instance's visible parts."""
    if geometry.parts is None or instance not in geometry.parts.names:
        return {}
    own = geometry.instances[window] == instance
    numbers = np.where(own, geometry.parts.numbers[window], 0)
    x, y = window[1].start, window[0].start
    return {
        name: _placed(numbers == number, x, y, geometry.instances.shape)
        for number, name in enumerate(geometry.parts.names[instance], start=1)
        if (numbers == number).any()
    }


def _pose_columns(thing: WorldObject, camera: Camera) -> Mapping[str, Any]:
    centre = camera.to_camera(np.asarray(thing.pose.position_m))
    w, x, y, z = camera.T_world_cam.quaternion_wxyz
    turn = multiply((w, -x, -y, -z), thing.pose.quaternion_wxyz)
    position = (float(centre[0]), float(centre[1]), float(centre[2]))
    return {
        "T_cam_object": Pose(position, turn),
        "distance_m": float(np.linalg.norm(centre)),
    }


def _box(mask: NDArray[np.bool_], x: int, y: int) -> BoxPx:
    box = tight_box(mask)
    if box is None:
        return (0, 0, 0, 0)
    return (box[0] + x, box[1] + y, box[2], box[3])


def _placed(mask: NDArray[np.bool_], x: int, y: int, shape: tuple[int, ...]) -> Rle:
    full = np.zeros(shape, bool)
    full[y : y + mask.shape[0], x : x + mask.shape[1]] = mask
    return encode(full)
