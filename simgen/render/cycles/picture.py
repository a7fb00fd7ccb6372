"""From a frame's passes to a picture, and their agreement with the labels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.records.asset import Image
from simgen.records.camera import Intrinsics, pixel_rays
from simgen.records.colour import SRGB_TO_LINEAR
from simgen.render.cycles.blur import judged
from simgen.render.cycles.exr import read_layers
from simgen.render.cycles.passes import read_wanted
from simgen.render.raycast.backdrop import backdrop_pixels
from simgen.render.raycast.exposure import encode_srgb

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Passes:
    """What one render call gave.

    Args:
        color: float32[H, W, 4], linear light, premultiplied alpha.
        depth_m: float32[H, W], as `Geometry.depth_m`.
        normals: float32[H, W, 3], world axes, averaged over the pixel.
        index: int32[H, W], instance ids at pixel centres.
        albedo: float32[H, W, 3], linear base colour; None if the worker was not asked for it.
        layers: those of the setting `passes` by name, see `passes.LAYERS`.
    """

    color: Floats
    depth_m: Floats
    normals: Floats
    index: NDArray[np.int32]
    albedo: Floats | None = None
    layers: dict[str, NDArray[Any]] = field(default_factory=dict)


_FAR_M = 1e9  # Cycles writes 1e10 where nothing is hit


def read_passes(path: Path, lens: Intrinsics, wanted: Iterable[str] = ()) -> Passes:
    """The passes of a finished frame that was seen through `lens`, `wanted` layers included."""
    layers = read_layers(path)
    color = np.stack([layers[f"Combined.{c}"] for c in "RGBA"], axis=-1)
    normals = np.stack([layers[f"Normal.{c}"] for c in "XYZ"], axis=-1)
    depth = layers["Depth.Z"]
    depth = np.where(depth < _FAR_M, depth, 0).astype(np.float32)
    if lens.distorted and lens.fisheye is None:
        # Behind a custom camera, Cycles' Z is the distance along the ray: a fisheye's depth.
        depth /= np.sqrt((pixel_rays(lens)[..., :2] ** 2).sum(axis=-1) + 1)
    index = np.rint(layers["IndexOB.X"]).astype(np.int32)
    albedo = None
    if "albedo.R" in layers:
        albedo = np.stack([layers[f"albedo.{c}"] for c in "RGB"], axis=-1)
    return Passes(color, depth, normals, index, albedo, read_wanted(layers, wanted))


def compose(passes: Passes, gain: Floats, backdrop: Image | None) -> NDArray[np.uint8]:
    """The picture uint8[H, W, 3]: exposed, clipped, in front of the backdrop, plain sRGB.

    Args:
        gain: float32[3], see `Exposure.gain`.
    """
    color = np.nan_to_num(passes.color[..., :3], nan=0.0, posinf=1e6, neginf=0.0)
    if backdrop is None:
        return encode_srgb(color, gain)
    height, width = color.shape[:2]
    alpha = np.clip(passes.color[..., 3:], 0, 1)
    behind = SRGB_TO_LINEAR[backdrop_pixels(backdrop, width, height)]
    # Light first clips in the sensor, then mixes at edges; the backdrop is a finished picture.
    front: Floats = np.clip(color * gain, 0, 1)
    mixed: Floats = front + (1 - alpha) * behind
    return encode_srgb(mixed)


def agreement(index: NDArray[np.int32], instances: NDArray[np.int32], reach: Any) -> float:
    """Share of judged pixels with the same instance id in the index pass and in the labels.

    Args:
        reach: of blur, see `blur.blur_px`; a frame that is blurred all over agrees.
    """
    same = (index == instances)[judged(instances, reach)]
    return float(same.mean()) if same.size else 1.0
