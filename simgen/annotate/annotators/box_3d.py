"""Annotator `box_3d`: the box about each object in its own axes, in space and in the picture."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.plugin.protocols import Library, Stream
from simgen.records.camera import Camera
from simgen.records.pose import Pose
from simgen.records.sample import Extras, Sample
from simgen.spec.fields import Params


class Box3dParams(Params):
    """Nothing to set."""


class Box3d:
    """3D boxes: size and centre in the object's own axes, eight corners in space and picture.

    Column `box_3d`: `size_m` and `center_m` along the asset's axes, `corners_cam_m` in the camera
    frame and `corners_px`, null where the lens has no image of a corner. Corner i is on the far
    side of x if i & 1, of y if i & 2, of z if i & 4. Deformed objects have the box of their
    deformed shape.
    """

    api = 1
    Params = Box3dParams

    def annotate(
        self, sample: Sample, library: Library, params: Box3dParams, rng: Stream
    ) -> Extras:
        """See `plugin.Annotator`."""
        things = {thing.id: thing for thing in sample.scene.instances} if sample.scene else {}
        rows: list[dict[str, Any] | None] = []
        labels = sample.annotations
        for instance, pose in zip(labels.instance, labels.T_cam_object, strict=True):
            thing = things.get(instance)
            if thing is None or pose is None or sample.camera is None:
                rows.append(None)
                continue
            bounds = library.bounds_m(thing.asset) * thing.scale
            rows.append(box_3d(bounds, pose, sample.camera))
        return Extras({"box_3d": rows})


def box_3d(bounds_m: NDArray[np.float64], pose: Pose, camera: Camera) -> dict[str, Any]:
    """The column's value for bounds float64[2, 3] in the object's axes and its camera pose."""
    corners = pose.apply(corners_of(bounds_m))
    seen = camera.intrinsics.images(corners)
    pixels = [
        camera.intrinsics.project(corner).tolist() if image else None
        for corner, image in zip(corners, seen, strict=True)
    ]
    return {
        "size_m": (bounds_m[1] - bounds_m[0]).tolist(),
        "center_m": bounds_m.mean(axis=0).tolist(),
        "corners_cam_m": corners.tolist(),
        "corners_px": pixels,
    }


def corners_of(bounds_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64[8, 3], x changing fastest."""
    sides = np.array([[i & 1, i >> 1 & 1, i >> 2 & 1] for i in range(8)])
    return np.take_along_axis(bounds_m, sides, axis=0)
