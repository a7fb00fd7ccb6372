"""How well Cycles' passes and the ray caster's labels agree, object by object."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.render.cycles.session import Shot

_SEEN_PX = 20  # smaller objects may be missing in one engine


@dataclass(frozen=True)
class ObjectParity:
    """One object in both engines' masks.

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
    """

    frame: int
    agreement: float
    objects: tuple[ObjectParity, ...]
    missing: tuple[int, ...]
    depth_mm: float
    normals_deg: float


def parity(shot: Shot) -> Parity:
    """Compare the two engines' masks, depth and normals of one frame."""
    passes, labels = shot.passes, shot.geometry
    same = passes.index == labels.instances
    objects, missing = [], []
    for ident in np.union1d(np.unique(passes.index), np.unique(labels.instances)):
        if ident == 0:
            continue
        theirs, ours = passes.index == ident, labels.instances == ident
        either, both = int((theirs | ours).sum()), int((theirs & ours).sum())
        objects.append(ObjectParity(int(ident), int(ours.sum()), both / either))
        if not (theirs.any() and ours.any()) and either > _SEEN_PX:
            missing.append(int(ident))
    solid = same & (labels.depth_m > 0) & (passes.depth_m > 0)
    depth = np.abs(passes.depth_m[solid] - labels.depth_m[solid]) * 1e3
    return Parity(
        shot.spec.frame,
        float(same.mean()),
        tuple(objects),
        tuple(missing),
        float(np.median(depth)) if depth.size else 0.0,
        _median_angle_deg(shot, solid) if depth.size else 0.0,
    )


def _median_angle_deg(shot: Shot, solid: NDArray[np.bool_]) -> float:
    rotation = shot.spec.camera.T_world_cam.rotation()
    theirs = shot.passes.normals[solid].astype(np.float64) @ rotation
    theirs /= np.maximum(np.linalg.norm(theirs, axis=1, keepdims=True), 1e-12)
    ours = shot.geometry.normals[solid].astype(np.float64)
    # By the sine: the cosine of a small angle has no digits left in float32.
    sine = np.linalg.norm(np.cross(theirs, ours), axis=1)
    angle = np.degrees(np.arctan2(sine, (theirs * ours).sum(axis=1)))
    return float(np.median(angle))
