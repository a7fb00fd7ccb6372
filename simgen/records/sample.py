"""Sample: one frame of any dataset in memory; what every stage takes and gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.records.annotations import Annotations, Unlabelled
from simgen.records.asset import Credit
from simgen.records.camera import Camera
from simgen.records.exposure import Exposure
from simgen.records.provenance import Step
from simgen.records.rig import RigView
from simgen.records.world import World

# Outputs that are arrays of a sample; the others (points, passes) travel as files alone.
ARRAYS = {
    "rgb": "rgb",
    "depth": "depth_m",
    "instances": "instances",
    "normals": "normals",
    "albedo": "albedo",
    "sensor_depth": "sensor_depth_m",
}


@dataclass(frozen=True)
class Original:
    """A file that holds an output exactly as it was read.

    As long as the sample has this very array, the file is linked and not encoded again: photos
    keep their JPEG, and a stage that changes labels alone costs no pixels.

    Args:
        path: the file.
        array: what was read from it; None: it was not read.
        sha256: hex digest, where it is known.
        metres_per_step: of a depth image.
    """

    path: Path
    array: NDArray[Any] | None = None
    sha256: str = ""
    metres_per_step: float | None = None


@dataclass(frozen=True)
class Sample:
    """A picture with everything that is known about it; None is what its set does not have.

    Args:
        rgb: uint8[H, W, 3] sRGB.
        annotations: labels.
        frame: number N in its dataset; COCO image id is N + 1.
        world: group of frames that a split keeps together; of rendered frames the world.
        view: number inside the world.
        instances: int32[H, W] instance ids, 0 is background.
        depth_m: float32[H, W] planar z, 0 where there is no surface.
        normals: float32[H, W, 3] unit, camera frame, 0 where there is no surface.
        albedo: uint8[H, W, 3] sRGB base colour.
        sensor_depth_m: float32[H, W], `depth_m` as a depth camera measured it, 0 for nothing.
        camera, exposure, exposure_ev, agreement: of rendered frames, as in their record.
        unlabelled: instances in the map without a label.
        facts: numbers and words worth slicing by, by dotted name.
        captions: sentences about the picture.
        provenance: one step for each stage so far; rendering is none.
        licences, credits: of what is to be seen.
        drawn: what every distribution gave for the view, as in `FrameSpec`.
        rig: which camera of a rig it is, as in `FrameSpec`.
        scene: the world that was rendered.
        files: by output name, what the arrays were read from. An operator that moves pixels
            must take `points` and `passes` out: they have no array that would change.
    """

    rgb: NDArray[np.uint8]
    annotations: Annotations = field(default_factory=Annotations)
    frame: int = 0
    world: int = 0
    view: int = 0
    instances: NDArray[np.int32] | None = None
    depth_m: NDArray[np.float32] | None = None
    normals: NDArray[np.float32] | None = None
    albedo: NDArray[np.uint8] | None = None
    sensor_depth_m: NDArray[np.float32] | None = None
    camera: Camera | None = None
    exposure: Exposure | None = None
    exposure_ev: float | None = None
    agreement: float | None = None
    unlabelled: tuple[Unlabelled, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    captions: tuple[str, ...] = ()
    provenance: tuple[Step, ...] = ()
    licences: tuple[str, ...] = ()
    credits: tuple[Credit, ...] | None = None
    drawn: dict[str, Any] | None = None
    rig: RigView | None = None
    scene: World | None = None
    files: Mapping[str, Original] = field(default_factory=dict)

    def __post_init__(self) -> None:
        height, width = self.rgb.shape[:2]
        expected = {
            "rgb": (np.uint8, (height, width, 3)),
            "depth": (np.float32, (height, width)),
            "instances": (np.int32, (height, width)),
            "normals": (np.float32, (height, width, 3)),
            "albedo": (np.uint8, (height, width, 3)),
            "sensor_depth": (np.float32, (height, width)),
        }
        for output, (dtype, shape) in expected.items():
            array = getattr(self, ARRAYS[output])
            if array is not None and (array.dtype != dtype or array.shape != shape):
                got = f"{array.dtype}{array.shape}"
                want = f"{np.dtype(dtype)}{shape}"
                raise ValueError(f"Sample.{ARRAYS[output]}: expected {want}, got {got}")

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, pixels."""
        return self.rgb.shape[1], self.rgb.shape[0]

    def with_step(self, step: Step, **changes: Any) -> Sample:
        """A changed sample whose provenance has one step more."""
        return replace(self, provenance=(*self.provenance, step), **changes)


@dataclass(frozen=True)
class Extras:
    """What an annotator adds to a frame.

    Args:
        columns: plain values by column, one for each annotation.
        captions: sentences about the picture.
        arrays: outputs by name, shaped as `Sample` has them.
    """

    columns: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    captions: tuple[str, ...] = ()
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)
