"""Rows of the COCO index: what is standard, plus one namespaced key that readers ignore."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simgen.dataset.coco_index import KEY
from simgen.dataset.coco_keypoints import keypoint_fields
from simgen.dataset.layout import Layout
from simgen.dataset.records import FrameRecord, Manifest
from simgen.plugin.scene import Category
from simgen.records.camera import Camera
from simgen.records.pose import Pose
from simgen.records.serial import to_plain
from simgen.records.world import World


def image_row(record: FrameRecord, world: World | None, size: tuple[int, int]) -> dict[str, Any]:
    """COCO image; everything drawn for world and view is under `simgen`.

    Args:
        world: None where the frame shows none (photographs).
        size: width and height.
    """
    rgb = record.files.get("rgb")
    name = rgb.name if rgb else Layout.output_name("rgb", record.frame)
    return {
        "id": record.frame + 1,
        "file_name": name.removeprefix("images/"),
        "width": size[0],
        "height": size[1],
        KEY: {
            "frame": record.frame,
            "world": record.world,
            "view": record.view,
            **_rendering(record),
            **_surroundings(record, world),
            "licences": list(record.licences),
            "unlabelled": to_plain(record.unlabelled),
            "files": {name: fact.name for name, fact in record.files.items()},
            **_present(captions=record.captions, provenance=record.provenance),
        },
    }


def _rendering(record: FrameRecord) -> dict[str, Any]:
    """What only frames of a known camera have."""
    found: dict[str, Any] = {}
    facts = {n: v for n, v in record.facts.items() if n.startswith("camera.")}
    camera = {name.removeprefix("camera."): value for name, value in facts.items()}
    if record.camera is not None:
        lens = record.camera.intrinsics
        camera |= {
            "K": lens.matrix().tolist(),
            "distortion": list(lens.distortion),
            **_present(fisheye=lens.fisheye),
            "T_world_cam": _pose(record.camera.T_world_cam),
            **_blur(record.camera),
        }
    if camera:
        found["camera"] = camera
    if record.rig is not None:
        found["rig"] = {
            "name": record.rig.rig,
            "camera": record.rig.camera,
            "pose": record.rig.pose,
            "T_world_rig": _pose(record.rig.T_world_rig),
            "T_rig_cam": _pose(record.rig.T_rig_cam),
        }
    if record.exposure is not None:
        found["exposure"] = {**to_plain(record.exposure), "applied_ev": record.exposure_ev}
    return found | _present(agreement=record.agreement)


def _surroundings(record: FrameRecord, world: World | None) -> dict[str, Any]:
    facts = {n: v for n, v in record.facts.items() if not n.startswith("camera.")}
    if world is None:
        return {"facts": facts} if facts else {}
    return {
        "lights": to_plain(world.lights),
        "environment": to_plain(world.environment),
        "background": to_plain(world.background),
        "scene_type": world.scene_type,
        "placement": to_plain(world.counts),
        "facts": to_plain(world.facts) | facts,
    }


def annotation_rows(
    record: FrameRecord, categories: dict[str, Category], first_id: int
) -> Iterator[dict[str, Any]]:
    """COCO annotations of a frame, ids from `first_id` on; `categories` by name.

    COCO's own evaluation knows one way to leave a label out of the count, `iscrowd`; rows to be
    ignored have it, and `ignore` beside it.
    """
    a = record.annotations
    for i in range(len(a)):
        mask, pose, category = a.mask[i], a.T_cam_object[i], categories[a.category[i]]
        ignore = a.ignore is not None and a.ignore[i]
        yield {
            "id": first_id + i,
            "image_id": record.frame + 1,
            "category_id": category.id,
            "bbox": list(a.box_xywh_px[i]),
            "area": a.area_px[i],
            **({} if mask is None else {"segmentation": mask}),
            "iscrowd": int(a.is_ignored(i)),
            **({"ignore": 1} if ignore else {}),
            **keypoint_fields(category.keypoints, a.keypoints[i] if a.keypoints else ()),
            KEY: {
                "instance": a.instance[i],
                **_present(
                    visibility=a.visibility[i],
                    truncation=a.truncation[i],
                    amodal_bbox=a.amodal_box_xywh_px[i],
                    amodal_segmentation=a.amodal_mask[i],
                    T_cam_object=None if pose is None else _pose(pose),
                    distance_m=a.distance_m[i],
                    parts=(a.parts[i] or None) if a.parts else None,
                ),
                **{name: to_plain(column[i]) for name, column in (a.extra or {}).items()},
                **a.facts[i],
            },
        }


def info(manifest: Manifest) -> dict[str, Any]:
    """COCO `info`; without date and host, so that equal input gives equal bytes."""
    made: dict[str, Any] = {"seed": manifest.seed, "engine": manifest.engine}
    description = "synthetic images made by simgen"
    if manifest.stage is not None:
        made = {"stage": to_plain(manifest.stage)}
        description = f"dataset made by simgen ({manifest.stage.kind})"
    return {
        "description": description,
        "version": manifest.simgen,
        KEY: {
            "format": manifest.format,
            "input_hash": manifest.input_hash,
            "metres_per_depth_step": manifest.metres_per_depth_step,
            **made,
        },
    }


def _present(**values: Any) -> dict[str, Any]:
    return {name: to_plain(value) for name, value in values.items() if value is not None}


def _blur(camera: Camera) -> dict[str, Any]:
    found = {"focus": camera.focus, "shutter": camera.shutter}
    return {name: to_plain(value) for name, value in found.items() if value is not None}


def _pose(pose: Pose) -> dict[str, Any]:
    return {
        "position_m": list(pose.position_m),
        "quaternion_wxyz": list(pose.quaternion_wxyz),
    }
