"""A Rerun recording of a dataset (extra `view`): pictures, labels, depth, points, cameras."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from simgen.dataset.atomic import storage_error
from simgen.dataset.reader import Dataset
from simgen.errors import Fault, MissingExtraError
from simgen.records.annotations import Annotations
from simgen.records.sample import Sample
from simgen.report.contact_sheet import evenly

_POINT_STEP = 3  # every third pixel of every third row becomes a point


def write_recording(
    root: Path, path: Path, count: int = 100, on_frame: Callable[[int], None] = lambda n: None
) -> int:
    """Write evenly spaced frames as a recording that `rerun FILE` shows.

    Args:
        path: the file, `.rrd`.
        count: frames.

    Returns:
        Number of frames written.

    Raises:
        MissingExtraError: rerun-sdk is not installed.
        RunFolderError: not a dataset, or a damaged record.
        StorageError: the file cannot be written.
    """
    try:
        import rerun
    except ImportError:
        cure = "pip install 'simgen[view]'"
        raise MissingExtraError(Fault("--rerun", "rerun-sdk is not installed", cure)) from None
    dataset = Dataset.open(root)
    stream = rerun.RecordingStream("simgen", recording_id=dataset.manifest.input_hash)
    part = path.with_name(f".{path.name}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        stream.save(part)
    except (OSError, RuntimeError) as error:
        raise storage_error(path, OSError(str(error))) from error
    names = [category.name for category in dataset.manifest.categories]
    stream.log("/", rerun.AnnotationContext(list(enumerate(names, start=1))), static=True)
    stream.log("world", rerun.ViewCoordinates.RIGHT_HAND_Z_UP, static=True)
    frames = evenly(list(dataset.frames()), count)
    for frame in frames:
        stream.set_time("frame", sequence=frame)
        _log(rerun, stream, dataset.sample(frame), names)
        on_frame(frame)
    stream.flush()
    stream.disconnect()
    part.replace(path)
    return len(frames)


def _log(rerun: Any, stream: Any, sample: Sample, names: list[str]) -> None:
    """One frame; what the set does not have is left out."""
    camera, labels = sample.camera, sample.annotations
    if camera is not None:
        lens, pose = camera.intrinsics, camera.T_world_cam
        place = rerun.Transform3D(translation=pose.position_m, mat3x3=pose.rotation())
        stream.log("world/camera", place)
        # Rerun counts from pixel centres.
        matrix = lens.matrix() - np.array([[0, 0, 0.5], [0, 0, 0.5], [0, 0, 0]])
        pinhole = rerun.Pinhole(
            image_from_camera=matrix,
            resolution=[lens.width, lens.height],
            camera_xyz=rerun.ViewCoordinates.RDF,
        )
        stream.log("world/camera/image", pinhole)
    stream.log("world/camera/image/rgb", rerun.Image(sample.rgb).compress(jpeg_quality=85))
    if len(labels):
        stream.log("world/camera/image/boxes", _boxes(rerun, labels, names))
    if sample.instances is not None:
        ids = np.asarray(sample.instances, np.uint16)
        stream.log("world/camera/image/instances", rerun.SegmentationImage(ids))
    if sample.depth_m is not None:
        stream.log("world/camera/image/depth", rerun.DepthImage(sample.depth_m, meter=1.0))
        if camera is not None:
            stream.log("world/points", _points(rerun, sample))


def _boxes(rerun: Any, labels: Annotations, names: list[str]) -> Any:
    boxes = np.array(labels.box_xywh_px, np.float32)
    return rerun.Boxes2D(
        array=boxes,
        array_format=rerun.Box2DFormat.XYWH,
        class_ids=[1 + names.index(name) for name in labels.category],
        labels=list(labels.category),
    )


def _points(rerun: Any, sample: Sample) -> Any:
    assert sample.camera is not None
    assert sample.depth_m is not None
    rows, columns = np.mgrid[0 : sample.size[1] : _POINT_STEP, 0 : sample.size[0] : _POINT_STEP]
    near = sample.depth_m[rows, columns]
    rays = sample.camera.intrinsics.rays(np.stack([columns + 0.5, rows + 0.5], axis=-1))
    points = rays * near[..., None]
    fine = (near > 0) & np.isfinite(points).all(axis=-1)
    world = sample.camera.T_world_cam.apply(points[fine])
    return rerun.Points3D(world.astype(np.float32), colors=sample.rgb[rows, columns][fine])
