"""Marks: what can be pointed at on an object: named points, the bones between them, parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from simgen.records.pose import Vec3

Visibility = Literal[0, 1, 2]


@dataclass(frozen=True)
class Marks:
    """The names that an asset declares, known without building it.

    Args:
        keypoints: unique, in the order in which COCO lists them.
        skeleton: pairs of keypoints with a bone between them.
    """

    keypoints: tuple[str, ...] = ()
    skeleton: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        unknown = sorted({name for bone in self.skeleton for name in bone} - set(self.keypoints))
        if unknown or len(set(self.keypoints)) != len(self.keypoints):
            what = f"bones to unknown points: {unknown}" if unknown else "a name stands twice"
            raise ValueError(f"Marks: {what} in {self.keypoints}")


@dataclass(frozen=True)
class Keypoint:
    """A named point of an asset.

    Args:
        position_m: in the asset's own frame; on the surface, or inside (a joint).
        radius_m: a surface in front of the point that is not farther from it than this does
            not hide it; 0 for points on the surface.
    """

    name: str
    position_m: Vec3
    radius_m: float = 0.0


@dataclass(frozen=True)
class KeypointPx:
    """A keypoint in an image.

    Args:
        xy_px: pixel centres at +0.5; (0, 0) where the lens has no image of the point.
        depth_m: of the point as in `Geometry`; planar z is not positive behind the camera; None:
            nobody knows.
        visibility: COCO's: 0 outside the image, 1 hidden, 2 visible.
    """

    name: str
    xy_px: tuple[float, float]
    depth_m: float | None
    visibility: Visibility


@dataclass(frozen=True)
class PartMap:
    """Which part of its instance each pixel shows.

    Args:
        numbers: int32[H, W], 1 + index into the names of the pixel's instance; 0 is no part.
        names: names of the parts by instance id; instances without parts are missing.
    """

    numbers: NDArray[np.int32]
    names: dict[int, tuple[str, ...]]
