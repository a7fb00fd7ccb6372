"""Deformation: how an asset's geometry is changed, as a recipe that the assets room carries out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Deformation:
    """A bend or a twist along an axis of the asset's own frame.

    The axis runs through the middle of the bounding box. Upright ones (z) are held at the foot,
    so that what stands goes on standing; the others in the middle. In a world `axis` and
    `toward_deg` are concrete and the angle is no larger than the geometry can take; a wish (see
    `AssetRef`) may leave both open.

    Args:
        angle_deg: between the two ends; its sign is the direction.
        axis: `longest` is the longest edge of the bounding box.
        toward_deg: a bend's direction about the axis, counted from the next axis (x, y, z, x);
            None: across the thinner side, as sheets and bars give way.
    """

    kind: Literal["bend", "twist"]
    angle_deg: float
    axis: Literal["longest", "x", "y", "z"] = "longest"
    toward_deg: float | None = None
