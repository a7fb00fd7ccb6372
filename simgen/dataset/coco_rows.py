"""Rows of the COCO index: what is standard, plus one namespaced key that readers ignore."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simgen.dataset.coco_keypoints import keypoint_fields
from simgen.dataset.layout import Layout
from simgen.dataset.records import FrameRecord, Manifest
from simgen.plugin.scene import Category
from simgen.records.camera import Camera
from simgen.records.pose import Pose
from simgen.records.serial import to_plain
from simgen.records.world import World

KEY = "simgen"


def image_row(record: FrameRecord, world: World) -> dict[str, Any]:
    """COCO image; everything drawn for world and view is under `simgen`."""
    lens = record.camera.intrinsics
    return {
        "id": record.frame + 1,
        "file_name": Layout.output_name("rgb", record.frame).removeprefix("images/"),
        "width": lens.width,
        "height": lens.height,
        KEY: {
            "frame": record.frame,
            "world": record.world,
            "view": record.view,
            "camera": {
                "K": lens.matrix().tolist(),
                "distortion": list(lens.distortion),
                **({"fisheye": to_plain(lens.fisheye)} if lens.fisheye is not None else {}),
                "T_world_cam": _pose(record.camera.T_world_cam),
                **_blur(record.camera),
                **{
                    name.removeprefix("camera."): value
                    for name, value in record.facts.items()
                    if name.startswith("camera.")
                },
            },
            "exposure": {**to_plain(record.exposure), "applied_ev": record.exposure_ev},
            "lights": to_plain(world.lights),
            "environment": to_plain(world.environment),
            "background": to_plain(world.background),
            "scene_type": world.scene_type,
            "placement": to_plain(world.counts),
            "facts": to_plain(world.facts),
            "agreement": record.agreement,
            "licences": list(record.licences),
            "unlabelled": to_plain(record.unlabelled),
            "files": {name: fact.name for name, fact in record.files.items()},
        },
    }


def annotation_rows(
    record: FrameRecord, categories: dict[str, Category], first_id: int
) -> Iterator[dict[str, Any]]:
    """COCO annotations of a frame, ids from `first_id` on; `categories` by name."""
    a = record.annotations
    for i in range(len(a)):
        category = categories[a.category[i]]
        yield {
            "id": first_id + i,
            "image_id": record.frame + 1,
            "category_id": category.id,
            "bbox": list(a.box_xywh_px[i]),
            "area": a.area_px[i],
            "segmentation": a.mask[i],
            "iscrowd": 0,
            **keypoint_fields(category.keypoints, a.keypoints[i] if a.keypoints else ()),
            KEY: {
                "instance": a.instance[i],
                "visibility": a.visibility[i],
                "truncation": a.truncation[i],
                "amodal_bbox": list(a.amodal_box_xywh_px[i]),
                "amodal_segmentation": a.amodal_mask[i],
                "T_cam_object": _pose(a.T_cam_object[i]),
                "distance_m": a.distance_m[i],
                **({"parts": a.parts[i]} if a.parts and a.parts[i] else {}),
                **a.facts[i],
            },
        }


def info(manifest: Manifest) -> dict[str, Any]:
    """COCO `info`; without date and host, so that equal input gives equal bytes."""
    return {
        "description": "synthetic images made by simgen",
        "version": manifest.simgen,
        KEY: {
            "format": manifest.format,
            "input_hash": manifest.input_hash,
            "seed": manifest.seed,
            "engine": manifest.engine,
            "metres_per_depth_step": manifest.metres_per_depth_step,
        },
    }


def _blur(camera: Camera) -> dict[str, Any]:
    found = {"focus": camera.focus, "shutter": camera.shutter}
    return {name: to_plain(value) for name, value in found.items() if value is not None}


def _pose(pose: Pose) -> dict[str, Any]:
    return {
        "position_m": list(pose.position_m),
        "quaternion_wxyz": list(pose.quaternion_wxyz),
    }
