"""A small rendered frame made by hand, with exact labels, and a run folder around it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from simgen.dataset.frame_writer import FrameWriter
from simgen.dataset.layout import Layout
from simgen.dataset.records import FORMAT, Manifest
from simgen.plugin.scene import Category
from simgen.records.annotations import Annotations, Unlabelled
from simgen.records.asset import Credit
from simgen.records.camera import Camera, Intrinsics
from simgen.records.frame import FrameSpec, Geometry, RenderedFrame
from simgen.records.masks import encode, tight_box
from simgen.records.pose import Pose, look_at
from simgen.records.serial import to_json
from simgen.records.world import Environment, PlacementCounts, World

WIDTH, HEIGHT = 40, 30
OUTPUTS = ("rgb", "depth", "instances", "normals", "points", "albedo", "passes")


def make_world(index: int) -> World:
    return World(
        index, "tabletop", (), (), Environment(), None, ((0.0, 0.0, 0.1),), 1.0,
        PlacementCounts(2, 2), {"surface.color": "#808080"},
    )  # fmt: skip


def make_frame(number: int, views: int = 2) -> RenderedFrame:
    instances = np.zeros((HEIGHT, WIDTH), np.int32)
    instances[5:12, 4:20] = 1
    instances[10:25, 15 : 25 + number % 5] = 2
    depth = np.full((HEIGHT, WIDTH), 1.25, np.float32)
    depth[:3] = 0
    normals = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    normals[depth > 0] = (0.6, 0.0, -0.8)
    camera = Camera(Intrinsics(WIDTH, HEIGHT, 50, 50, 20, 15), look_at((1.0, 0, 1.1), (0, 0, 0.1)))
    spec = FrameSpec(number, number // views, number % views, camera)
    rgb = np.full((HEIGHT, WIDTH, 3), (10, 120, 240), np.uint8)
    rgb[..., 0] = instances * 60 + number
    passes = {
        "linear": np.linspace(0, 300, HEIGHT * WIDTH * 4).astype(np.float16),
        "position": np.linspace(-1, 1, HEIGHT * WIDTH * 3).astype(np.float32),
    }
    return RenderedFrame(
        spec,
        rgb,
        Geometry(instances, depth, normals, {}),
        0.25,
        albedo=rgb[::-1].copy(),
        passes={name: array.reshape(HEIGHT, WIDTH, -1) for name, array in passes.items()},
    )


def make_labels(rendered: RenderedFrame) -> tuple[Annotations, tuple[Unlabelled, ...]]:
    masks = [rendered.geometry.instances == i for i in (1, 2)]
    boxes = tuple(tight_box(mask) or (0, 0, 0, 0) for mask in masks)
    coded = tuple(encode(mask) for mask in masks)
    return Annotations(
        instance=(1, 2),
        category=("mug", "can"),
        box_xywh_px=boxes,
        mask=coded,
        area_px=tuple(int(mask.sum()) for mask in masks),
        amodal_box_xywh_px=boxes,
        amodal_mask=coded,
        visibility=(1.0, 0.5),
        truncation=(0.0, 0.25),
        T_cam_object=(Pose(), Pose((0.0, 0.0, 1.0))),
        distance_m=(1.0, 1.5),
        facts=({"scale": 1.0}, {"scale": 2.0}),
    ), (Unlabelled(3, "parts.2", 5, "below min_pixels"),)


def make_manifest(outputs: tuple[str, ...] = ("rgb", "depth", "instances")) -> Manifest:
    return Manifest(
        FORMAT, "0.1.0", "ab" * 32, 0, "raycast", {}, (WIDTH, HEIGHT), outputs, 2, 500, 5e-05,
        (Category(1, "mug"), Category(2, "can")), {"simgen": 1},
    )  # fmt: skip


def fill(out: Path, frames: range, manifest: Manifest | None = None) -> Path:
    layout, manifest = Layout(out), manifest or make_manifest()
    out.mkdir(parents=True, exist_ok=True)
    layout.manifest.write_bytes(to_json(manifest))
    writer = FrameWriter(layout, manifest)
    for number in frames:
        rendered = make_frame(number)
        world = make_world(rendered.spec.world)
        path = layout.world(world.index)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(to_json(world))
        writer.write(rendered, world, make_labels(rendered), (Credit("", "CC0-1.0"),))
    return out
