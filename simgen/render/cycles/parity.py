"""How well Cycles' passes and the ray caster's labels agree, object by object.

With depth of field or motion, masks are compared on the pixels that blur cannot change (see
`blur`), depth and normals only where the surface itself is sharp: elsewhere Cycles' ray may
meet it a little beside the pixel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simgen.records.parity import SEEN_PX, ObjectParity, Parity
from simgen.render.cycles.blur import judged
from simgen.render.cycles.picture import agreement

if TYPE_CHECKING:
    from simgen.render.cycles.session import Shot

_SHARP_PX = 0.5


def parity(shot: Shot) -> Parity:
    """Compare the two engines' masks, depth and normals of one frame."""
    passes, labels = shot.passes, shot.geometry
    clear = judged(labels.instances, shot.blur_px)
    same = (passes.index == labels.instances) & clear
    objects, missing = [], []
    for ident in np.union1d(np.unique(passes.index[clear]), np.unique(labels.instances[clear])):
        if ident == 0:
            continue
        theirs, ours = (passes.index == ident) & clear, (labels.instances == ident) & clear
        either, both = int((theirs | ours).sum()), int((theirs & ours).sum())
        objects.append(ObjectParity(int(ident), int(ours.sum()), both / either))
        if not (theirs.any() and ours.any()) and either > SEEN_PX:
            missing.append(int(ident))
    solid = same & (labels.depth_m > 0) & (passes.depth_m > 0)
    if shot.blur_px is not None:
        solid &= shot.blur_px < _SHARP_PX
    depth = np.abs(passes.depth_m[solid] - labels.depth_m[solid]) * 1e3
    return Parity(
        shot.spec.frame,
        agreement(passes.index, labels.instances, shot.blur_px),
        tuple(objects),
        tuple(missing),
        float(np.median(depth)) if depth.size else 0.0,
        _median_angle_deg(shot, solid) if depth.size else 0.0,
        float(clear.mean()),
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
