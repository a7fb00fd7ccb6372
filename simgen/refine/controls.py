"""Control images for ControlNets out of simgen's own ground truth."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.errors import DataError, Fault
from simgen.records.sample import Sample

Rgb = NDArray[np.uint8]
_CANNY = (100, 200)  # thresholds that ControlNet's own examples use


def control_image(kind: str, sample: Sample) -> Rgb:
    """uint8[H, W, 3], as the ControlNets of that kind were trained on.

    Args:
        kind: key of `CONTROLS`.
        sample: with the output that it is made from.

    Raises:
        DataError: the sample lacks that output.
    """
    return CONTROLS[kind](sample)


def depth(sample: Sample) -> Rgb:
    """Inverse depth, 255 at the nearest surface, 0 at the furthest and where there is none."""
    if sample.depth_m is None:
        raise _lacking("depth", sample)
    seen = sample.depth_m > 0
    inverse = np.where(seen, 1 / np.maximum(sample.depth_m, 1e-6), 0)
    low, high = (inverse[seen].min(), inverse[seen].max()) if seen.any() else (0.0, 1.0)
    scaled = np.where(seen, (inverse - low) / max(high - low, 1e-9), 0)
    return _grey(scaled * 255)


def canny(sample: Sample) -> Rgb:
    """Edges of the picture and of the label map: what must stay where it is."""
    import cv2

    edges = cv2.Canny(cv2.cvtColor(sample.rgb, cv2.COLOR_RGB2GRAY), *_CANNY)
    if sample.instances is not None:
        edges = np.maximum(edges, outlines(sample.instances).astype(np.uint8) * 255)
    return _grey(edges)


def segmentation(sample: Sample) -> Rgb:
    """One flat colour per category; unlabelled things have one each, the background is black.

    ControlNets learn the palette of their own training set; a category's colour here depends on
    its name alone, so that it is the same in all datasets.
    """
    if sample.instances is None:
        raise _lacking("instances", sample)
    names = dict(zip(sample.annotations.instance, sample.annotations.category, strict=True))
    names |= {one.instance: f"unlabelled {one.name}" for one in sample.unlabelled}
    palette = np.zeros((int(sample.instances.max(initial=0)) + 1, 3), np.uint8)
    for instance, name in names.items():
        if instance < len(palette):
            palette[instance] = np.frombuffer(
                hashlib.blake2b(name.encode(), digest_size=3).digest(), np.uint8
            )
    return np.asarray(palette[sample.instances])


def normals(sample: Sample) -> Rgb:
    """Normals as colours with x to the right, y up and z towards the camera (BAE, MiDaS)."""
    if sample.normals is None:
        raise _lacking("normals", sample)
    # simgen's camera looks along +z with y down.
    turned = sample.normals * np.array([1, -1, -1], np.float32)
    seen = (sample.normals != 0).any(axis=-1, keepdims=True)
    facing = np.array([0, 0, 1], np.float32)
    return np.asarray(np.round((np.where(seen, turned, facing) + 1) * 127.5), np.uint8)


CONTROLS: dict[str, Callable[[Sample], Rgb]] = {
    "depth": depth,
    "canny": canny,
    "segmentation": segmentation,
    "normals": normals,
}
NEEDS = {"depth": "depth", "segmentation": "instances", "normals": "normals"}


def outlines(instances: NDArray[np.int32]) -> NDArray[np.bool_]:
    """bool[H, W]: pixels whose right or lower neighbour is another instance."""
    out = np.zeros(instances.shape, bool)
    out[:, :-1] |= instances[:, 1:] != instances[:, :-1]
    out[:-1] |= instances[1:] != instances[:-1]
    return out


def _grey(values: NDArray[Any]) -> Rgb:
    return np.repeat(np.round(values).astype(np.uint8)[..., None], 3, axis=2)


def _lacking(output: str, sample: Sample) -> DataError:
    what = f"frame {sample.frame} has no {output}, which this control needs"
    cure = f"render the dataset with `outputs: [..., {output}]`, or leave the control out"
    return DataError(Fault("diffusers", what, cure))
