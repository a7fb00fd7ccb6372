"""A sample with every kind of ground truth, and keyed streams."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from simgen.records.annotations import from_rows
from simgen.records.camera import Camera, Intrinsics
from simgen.records.masks import encode
from simgen.records.sample import Sample
from simgen.sampling.streams import KeyedStream


def rng(frame: int = 0, seed: int = 0) -> KeyedStream:
    return KeyedStream(seed, "frame", frame, "refine")


@pytest.fixture
def make_sample() -> Callable[..., Sample]:
    """Makes a sample: a red and a blue box on a grey, textured ground."""

    def make(width: int = 80, height: int = 56, frame: int = 0) -> Sample:
        noise = np.random.Generator(np.random.PCG64(frame + 1))
        rgb = (110 + 10 * noise.random((height, width, 3))).astype(np.uint8)
        instances = np.zeros((height, width), np.int32)
        depth = np.full((height, width), 2.0, np.float32)
        rows = []
        for number, (name, colour) in enumerate((("red", (200, 30, 30)), ("blue", (30, 40, 200)))):
            x, y = 10 + number * 36, 14 + number * 10
            at = np.s_[y : y + 20, x : x + 22]
            rgb[at] = colour
            rgb[y + 6 : y + 10, x + 6 : x + 10] = 240
            instances[at], depth[at] = number + 1, 1.5
            mask = instances == number + 1
            rows.append(
                {"category": name, "box_xywh_px": (x, y, 22, 20), "mask": encode(mask),
                 "area_px": 440, "visibility": 1.0, "amodal_mask": encode(mask),
                 "amodal_box_xywh_px": (x, y, 22, 20)}
            )  # fmt: skip
        normals = np.zeros((height, width, 3), np.float32)
        normals[..., 2] = -1
        lens = Intrinsics(width, height, 70.0, 70.0, width / 2, height / 2)
        return Sample(
            rgb, from_rows(rows), frame, frame, instances=instances, depth_m=depth,
            normals=normals, camera=Camera(lens), facts={"camera.distance_m": 1.234567},
        )  # fmt: skip

    return make
