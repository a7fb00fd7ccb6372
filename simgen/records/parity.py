"""How well an engine's own passes agree with the labels, frame by frame."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

SEEN_PX = 20  # smaller objects may be missing in one engine
_LARGE_PX = 400
_LEAST_IOU_LARGE, _LEAST_IOU_SMALL = 0.98, 0.90
_MOST_DEPTH_MM, _MOST_NORMALS_DEG = 0.5, 1.0


@dataclass(frozen=True)
class ObjectParity:
    """One object in both masks.

    Args:
        id: instance id.
        pixels: in the labels' mask.
        iou: of the two masks.
    """

    id: int
    pixels: int
    iou: float


@dataclass(frozen=True)
class Parity:
    """One frame in both engines.

    Args:
        frame: number.
        agreement: share of pixels with equal instance id.
        objects: those with any pixel in either mask.
        missing: ids with more than 20 px in one mask and none in the other.
        depth_mm: median absolute difference of planar depth where the ids agree; 0 for none.
        normals_deg: median angle between normals there.
        judged: share of the pixels that blur cannot change; only they count. 1 without blur.
    """

    frame: int
    agreement: float
    objects: tuple[ObjectParity, ...]
    missing: tuple[int, ...]
    depth_mm: float
    normals_deg: float
    judged: float = 1.0

    def complaints(self) -> tuple[str, ...]:
        """What lies beyond the bounds that simgen promises, in words; empty: the frame agrees."""
        return tuple(self._complaints())

    def _complaints(self) -> Iterator[str]:
        for item in self.objects:
            least = _LEAST_IOU_LARGE if item.pixels > _LARGE_PX else _LEAST_IOU_SMALL
            if item.pixels > SEEN_PX and item.iou < least:
                yield (
                    f"object {item.id} ({item.pixels} px): mask IoU {item.iou:.3f}, below {least}"
                )
        for ident in self.missing:
            yield f"object {ident} is seen by one engine only"
        if self.depth_mm >= _MOST_DEPTH_MM:
            yield f"median depth difference {self.depth_mm:.2f} mm, bound {_MOST_DEPTH_MM}"
        if self.normals_deg >= _MOST_NORMALS_DEG:
            yield f"median angle of normals {self.normals_deg:.2f} deg, bound {_MOST_NORMALS_DEG}"
