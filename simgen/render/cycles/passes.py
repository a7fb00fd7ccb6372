"""The layers that the output `passes` may hold, and where Blender keeps them.

Colours are radiance or reflectance in linear sRGB, before exposure, float16; `linear` is the
finished picture with premultiplied alpha (denoised, if so set), the others are never denoised:

    linear = sum of K_color * (K_direct + K_indirect) over diffuse, glossy, transmission
             + emission + environment

`position` (world frame, metres) and `uv` (u, v) are float32 and belong to the pixel's first
path. Blender's other layers are left out: depth, normals and instances are outputs of their
own, `shadow` no longer exists in Cycles, and motion vectors follow from depth and velocities.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

PassName = Literal[
    "linear",
    "diffuse_color",
    "diffuse_direct",
    "diffuse_indirect",
    "glossy_color",
    "glossy_direct",
    "glossy_indirect",
    "transmission_color",
    "transmission_direct",
    "transmission_indirect",
    "emission",
    "environment",
    "ambient_occlusion",
    "position",
    "uv",
]
_HALF_MAX = 65504.0


@dataclass(frozen=True)
class Layer:
    """One pass.

    Args:
        switch: property of Blender's view layer that turns it on; empty: always there.
        name: in the file.
        channels: in the file, in the order of the array.
        exact: float32 instead of float16.
    """

    switch: str
    name: str
    channels: str = "RGB"
    exact: bool = False


_COLORS = (("diffuse", "Diff"), ("glossy", "Gloss"), ("transmission", "Trans"))
_PARTS = (("color", "Col"), ("direct", "Dir"), ("indirect", "Ind"))
LAYERS: dict[str, Layer] = {
    "linear": Layer("", "Combined", "RGBA"),
    **{
        f"{kind}_{part}": Layer(f"use_pass_{kind}_{part}", f"{short}{tail}")
        for kind, short in _COLORS
        for part, tail in _PARTS
    },
    "emission": Layer("use_pass_emit", "Emit"),
    "environment": Layer("use_pass_environment", "Env"),
    "ambient_occlusion": Layer("use_pass_ambient_occlusion", "AO"),
    "position": Layer("use_pass_position", "Position", "XYZ", exact=True),
    "uv": Layer("use_pass_uv", "UV", "UV", exact=True),
}
assert tuple(LAYERS) == get_args(PassName)


def switches(names: Iterable[str]) -> list[str]:
    """Properties of the view layer that these passes need."""
    return [LAYERS[name].switch for name in names if LAYERS[name].switch]


def channel_count(names: Iterable[str]) -> int:
    """Channels that these passes add to a frame's file."""
    return sum(len(LAYERS[name].channels) for name in names if LAYERS[name].switch)


def read_wanted(
    layers: dict[str, NDArray[np.float32]], names: Iterable[str]
) -> dict[str, NDArray[Any]]:
    """Arrays [H, W, channels] of passes out of a file's channels."""
    out: dict[str, NDArray[Any]] = {}
    for name in names:
        layer = LAYERS[name]
        array = np.stack([layers[f"{layer.name}.{c}"] for c in layer.channels], axis=-1)
        # Beyond half floats lies the sun's disc only: clipped, not infinite.
        out[name] = array if layer.exact else np.clip(array, -_HALF_MAX, _HALF_MAX).astype("<f2")
    return out
