"""A sample that is larger by a whole factor: everything that counts pixels follows exactly."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.records import masks
from simgen.records.annotations import Annotations, BoxPx, Unlabelled
from simgen.records.camera import Camera
from simgen.records.marks import KeypointPx
from simgen.records.masks import Rle
from simgen.records.sample import Sample


def enlarged(sample: Sample, factor: int, rgb: NDArray[np.uint8]) -> Sample:
    """The sample with a picture of `factor` times its width and height.

    Every pixel of a label becomes factor x factor pixels: boxes, areas and K are multiplied, so
    that a point at u (pixel centres at +0.5) lands at factor u.

    Args:
        sample: as it was.
        factor: 1 or more.
        rgb: uint8[H * factor, W * factor, 3].
    """
    if factor == 1:
        return replace(sample, rgb=rgb)
    arrays = {
        name: _repeated(getattr(sample, name), factor)
        for name in ("instances", "depth_m", "normals")
    }
    albedo = sample.albedo
    return replace(
        sample,
        rgb=rgb,
        annotations=_annotations(sample.annotations, factor),
        unlabelled=tuple(_unlabelled(one, factor) for one in sample.unlabelled),
        camera=sample.camera and _camera(sample.camera, factor),
        albedo=None if albedo is None else _repeated(albedo, factor),
        files={},
        **arrays,
    )


def _repeated(array: Any, factor: int) -> Any:
    if array is None:
        return None
    return np.ascontiguousarray(array.repeat(factor, axis=0).repeat(factor, axis=1))


def _camera(camera: Camera, factor: int) -> Camera:
    lens = camera.intrinsics
    larger = replace(
        lens,
        width=lens.width * factor,
        height=lens.height * factor,
        fx=lens.fx * factor,
        fy=lens.fy * factor,
        cx=lens.cx * factor,
        cy=lens.cy * factor,
    )
    return replace(camera, intrinsics=larger)


def _annotations(labels: Annotations, factor: int) -> Annotations:
    return replace(
        labels,
        box_xywh_px=tuple(_box(box, factor) for box in labels.box_xywh_px),
        area_px=tuple(area * factor * factor for area in labels.area_px),
        mask=tuple(_mask(mask, factor) for mask in labels.mask),
        amodal_mask=tuple(_mask(mask, factor) for mask in labels.amodal_mask),
        amodal_box_xywh_px=tuple(
            None if box is None else _box(box, factor) for box in labels.amodal_box_xywh_px
        ),
        keypoints=labels.keypoints
        and tuple(tuple(_point(p, factor) for p in points) for points in labels.keypoints),
        parts=labels.parts
        and tuple({name: _grown(m, factor) for name, m in one.items()} for one in labels.parts),
    )


def _box(box: BoxPx, factor: int) -> BoxPx:
    x, y, w, h = box
    return (x * factor, y * factor, w * factor, h * factor)


def _mask(mask: Rle | None, factor: int) -> Rle | None:
    return None if mask is None else _grown(mask, factor)


def _grown(mask: Rle, factor: int) -> Rle:
    return masks.encode(_repeated(masks.decode(mask), factor))


def _point(point: KeypointPx, factor: int) -> KeypointPx:
    u, v = point.xy_px
    return replace(point, xy_px=(u * factor, v * factor))


def _unlabelled(one: Unlabelled, factor: int) -> Unlabelled:
    return replace(one, area_px=one.area_px * factor * factor)
