"""Commits one frame: encodes its outputs, stages files and record, renames the record last."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from simgen.annotate.points import point_cloud
from simgen.dataset import images, npz, ply
from simgen.dataset.atomic import commit
from simgen.dataset.layout import Layout
from simgen.dataset.records import FileFact, FrameRecord, Manifest
from simgen.records.annotations import Annotations, Unlabelled
from simgen.records.asset import Credit
from simgen.records.camera import Camera
from simgen.records.frame import RenderedFrame
from simgen.records.sample import Extras
from simgen.records.serial import to_json
from simgen.records.world import World

NOTHING = Extras()


@dataclass(frozen=True)
class FrameWriter:
    """Writes frames of one run folder.

    Args:
        layout: where.
        manifest: which outputs, and the depth step.
        guard: called before files get their names; what it raises stops the commit.
    """

    layout: Layout
    manifest: Manifest
    guard: Callable[[], None] | None = None

    def encode(self, rendered: RenderedFrame, extras: Extras = NOTHING) -> dict[str, bytes]:
        """Bytes of every output by its name; same frame, same bytes.

        Raises:
            WorkError: a depth or id does not fit into 16 bits.
        """
        return {name: self._encode(name, rendered, extras) for name in self.manifest.outputs}

    def write(
        self,
        rendered: RenderedFrame,
        world: World,
        labels: tuple[Annotations, tuple[Unlabelled, ...]],
        credits: tuple[Credit, ...] = (),
        extras: Extras = NOTHING,
    ) -> FrameRecord:
        """Commit one frame; its record is there exactly when everything else is.

        Raises:
            StorageError: disk full or unwritable; nothing of the frame is left.
        """
        encoded = self.encode(rendered, extras)
        record = frame_record(rendered, world, labels, encoded, credits, extras)
        self.commit(record, encoded)
        return record

    def commit(self, record: FrameRecord, encoded: dict[str, bytes]) -> None:
        """Put the files and the record of a frame on disk.

        Raises:
            StorageError: disk full or unwritable; nothing of the frame is left.
        """
        staged = [(self.layout.root / f.name, encoded[name]) for name, f in record.files.items()]
        commit([*staged, (self.layout.record(record.frame), to_json(record))], self.guard)

    def _encode(self, name: str, rendered: RenderedFrame, extras: Extras) -> bytes:
        geometry, frame = rendered.geometry, rendered.spec.frame
        if name == "rgb":
            return images.encode_rgb(rendered.rgb)
        if name == "depth":
            step = self.manifest.metres_per_depth_step
            return images.encode_depth(geometry.depth_m, step, frame)
        if name == "sensor_depth" and name in extras.arrays:
            step = self.manifest.metres_per_depth_step
            return images.encode_depth(images.within(extras.arrays[name], step), step, frame)
        if name == "instances":
            return images.encode_instances(geometry.instances, frame)
        if name == "normals":
            return images.encode_normals(geometry.normals)
        if name == "points":
            return ply.encode_ply(point_cloud(rendered, self.manifest.max_points))
        if name == "albedo" and rendered.albedo is not None:
            return images.encode_rgb(rendered.albedo)
        if name == "passes" and rendered.passes:
            return npz.encode_npz(rendered.passes)
        raise ValueError(f"the frame has no output {name!r}")


def frame_record(
    rendered: RenderedFrame,
    world: World,
    labels: tuple[Annotations, tuple[Unlabelled, ...]],
    encoded: dict[str, bytes],
    credits: tuple[Credit, ...] = (),
    extras: Extras = NOTHING,
) -> FrameRecord:
    """The record of a frame with these files."""
    spec = rendered.spec
    files = {
        name: FileFact(
            Layout.output_name(name, spec.frame), len(data), hashlib.sha256(data).hexdigest()
        )
        for name, data in encoded.items()
    }
    return FrameRecord(
        frame=spec.frame,
        world=spec.world,
        view=spec.view,
        camera=spec.camera,
        exposure=spec.exposure,
        exposure_ev=float(rendered.exposure_ev),
        agreement=float(rendered.agreement),
        files=files,
        annotations=labels[0].with_extra(**extras.columns) if extras.columns else labels[0],
        unlabelled=labels[1],
        facts={**view_facts(spec.camera, world), **spec.facts},
        licences=tuple(sorted({credit.licence for credit in credits})),
        credits=tuple(credit for credit in credits if credit.sha256) or None,
        drawn=spec.drawn,
        captions=extras.captions or None,
        rig=spec.rig,
    )


def view_facts(camera: Camera, world: World) -> dict[str, Any]:
    """From where the camera looks: at the point of interest nearest to its axis.

    Returns:
        `camera.distance_m` to that point, `camera.elevation_deg` and `camera.azimuth_deg` of
        the camera as seen along its axis.
    """
    eye = np.asarray(camera.T_world_cam.position_m)
    forward = camera.T_world_cam.rotation()[:, 2]
    points = np.asarray(world.interest_m or [(0.0, 0.0, 0.0)], np.float64)
    offsets = points - eye
    lengths = np.linalg.norm(offsets, axis=1)
    nearest = int(np.argmax(offsets @ forward / np.maximum(lengths, 1e-9)))
    elevation = math.degrees(math.asin(float(np.clip(-forward[2], -1, 1))))
    azimuth = math.degrees(math.atan2(-float(forward[1]), -float(forward[0]))) % 360
    return {
        "camera.distance_m": float(lengths[nearest]),
        "camera.elevation_deg": elevation,
        "camera.azimuth_deg": azimuth,
    }
