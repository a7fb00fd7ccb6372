"""FrameSpec: one view of one world; RenderedFrame: what an engine made of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.records.absent import leave_out
from simgen.records.camera import Camera
from simgen.records.exposure import Exposure
from simgen.records.marks import KeypointPx, PartMap
from simgen.records.rig import RigView


@dataclass(frozen=True)
class FrameSpec:
    """One image to make.

    Args:
        frame: frame number N; COCO image id is N + 1.
        world: world number, `frame // views_per_world`.
        view: number inside the world.
        drawn: what the distributions of the camera gave, by setting; None in old records.
        facts: how the view came about: `camera.redrawn` views that could not be used, and of a
            frame that is to show an edge case `stress.case`, `stress.met`, `stress.redrawn`.
        rig: which camera of a rig it is; None: the only one.
    """

    frame: int
    world: int
    view: int
    camera: Camera
    exposure: Exposure = field(default_factory=Exposure)
    drawn: dict[str, Any] | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    rig: RigView | None = None

    def __post_init__(self) -> None:
        leave_out(self, "drawn", "rig")


@dataclass(frozen=True)
class AmodalMask:
    """An instance's mask as if nothing stood in front of it, cropped to its box.

    Args:
        x, y: pixel of the crop's corner.
        mask: bool[h, w]; may be empty (0, 0) when nothing falls inside the image.
        truncation: share of the whole silhouette outside the image, in [0, 1].
    """

    x: int
    y: int
    mask: NDArray[np.bool_]
    truncation: float


@dataclass(frozen=True)
class Geometry:
    """Labels in pixels, from the ray caster, at pixel centres.

    Args:
        instances: int32[H, W], 0 is background.
        depth_m: float32[H, W], planar z, of fisheye lenses the distance; 0 where there is no
            surface.
        normals: float32[H, W, 3], camera frame, unit; 0 where there is no surface.
        amodal: by instance id, for every instance that meets the image or its surroundings.
        keypoints: by instance id, of assets that have any.
        parts: None if no asset of the world has parts.
    """

    instances: NDArray[np.int32]
    depth_m: NDArray[np.float32]
    normals: NDArray[np.float32]
    amodal: dict[int, AmodalMask]
    keypoints: dict[int, tuple[KeypointPx, ...]] = field(default_factory=dict)
    parts: PartMap | None = None


@dataclass(frozen=True)
class RenderedFrame:
    """Colour plus geometry of one frame.

    Args:
        spec: what was asked for.
        rgb: uint8[H, W, 3], sRGB.
        geometry: labels' source, the ray caster's in every engine.
        exposure_ev: stops that were applied (metered + asked).
        agreement: share of judged pixels on which engine and ray caster agree; 1 for the ray
            caster.
        albedo: uint8[H, W, 3], sRGB, base colour without light, 0 where there is no surface;
            None if it was not asked for.
        passes: linear light and other layers of the engine by name, float16 or float32
            [H, W, 3 or 4]; empty if they were not asked for.
    """

    spec: FrameSpec
    rgb: NDArray[np.uint8]
    geometry: Geometry
    exposure_ev: float
    agreement: float = 1.0
    albedo: NDArray[np.uint8] | None = None
    passes: dict[str, NDArray[Any]] = field(default_factory=dict)
