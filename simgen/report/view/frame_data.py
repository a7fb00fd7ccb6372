"""What a page shows of one frame: its labels as JSON, small pictures, points."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.dataset.atomic import storage_error
from simgen.dataset.reader import Dataset
from simgen.dataset.records import FrameRecord
from simgen.report.overlay import color_depth

_THUMB = 240  # longest side, pixels
_MAP = 960
_POINTS = 16000
_QUALITY = 82


def labels_of(dataset: Dataset, record: FrameRecord) -> list[dict[str, Any]]:
    """Labels of a frame for the page."""
    labels = record.annotations
    index = {c.name: n for n, c in enumerate(dataset.manifest.categories)}
    out = []
    for row in range(len(labels)):
        mask, whole = labels.mask[row], labels.amodal_mask[row]
        one: dict[str, Any] = {
            "i": labels.instance[row],
            "c": index[labels.category[row]],
            "b": [_round(v) for v in labels.box_xywh_px[row]],
            "m": mask["counts"] if mask else None,
            "a": whole["counts"] if whole else None,
            "ab": labels.amodal_box_xywh_px[row],
            "v": _round(labels.visibility[row]),
            "t": _round(labels.truncation[row]),
            "d": _round(labels.distance_m[row]),
            "f": _facts(labels.facts[row]),
            "g": labels.is_ignored(row),
        }
        points = (labels.keypoints or ((),) * len(labels))[row]
        if points:
            one["k"] = [[p.name, _round(p.xy_px[0]), _round(p.xy_px[1]), p.visibility]
                        for p in points]  # fmt: skip
        out.append({n: v for n, v in one.items() if v is not None and v is not False})
    return out


def _facts(facts: dict[str, Any]) -> dict[str, Any]:
    return {n: _round(v) for n, v in facts.items() if isinstance(v, (str, int, float, bool))}


def write_thumb(dataset: Dataset, frame: int, path: Path) -> None:
    """A small JPEG of the picture."""
    _write(path, dataset.rgb(frame), _THUMB)


def write_map(dataset: Dataset, output: str, frame: int, path: Path) -> None:
    """A coloured JPEG of a map: `depth`, `sensor_depth`, `normals`, `albedo`."""
    if output == "normals":
        normals = dataset.normals(frame)
        seen = np.any(normals != 0, axis=2, keepdims=True)
        # As people draw them: x right, y up, z towards the viewer.
        shown = np.where(seen, (normals * [1, -1, -1] + 1) * 127.5, 0)
        _write(path, np.asarray(np.round(shown), np.uint8), _MAP)
    elif output == "albedo":
        _write(path, dataset.albedo(frame), _MAP)
    else:
        depth = dataset.depth_m(frame) if output == "depth" else dataset.sensor_depth_m(frame)
        _write(path, color_depth(depth), _MAP)


def points_of(dataset: Dataset, record: FrameRecord) -> dict[str, Any] | None:
    """Some surface points of a frame in the camera's axes, coloured; None: no depth or camera."""
    if record.camera is None or "depth" not in record.files:
        return None
    depth, rgb = dataset.depth_m(record.frame), dataset.rgb(record.frame)
    height, width = depth.shape
    step = max(1, int(np.sqrt(height * width / _POINTS)))
    rows, columns = np.mgrid[step // 2 : height : step, step // 2 : width : step]
    near = depth[rows, columns]
    pixels = np.stack([columns + 0.5, rows + 0.5], axis=-1)
    points = record.camera.intrinsics.rays(pixels) * near[..., None]
    fine = (near > 0) & np.isfinite(points).all(axis=-1)
    if not fine.any():
        return None
    xyz, colours = points[fine].astype(np.float32), rgb[rows, columns][fine]
    grain = step / record.camera.intrinsics.fx  # size of a sample at one metre
    return {"xyz": _base64(xyz), "rgb": _base64(colours), "grain": grain}


def _base64(array: NDArray[Any]) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")


def _write(path: Path, rgb: NDArray[np.uint8], longest: int) -> None:
    import cv2

    scale = longest / max(rgb.shape[:2])
    if scale < 1:
        size = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
        rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
    done, data = cv2.imencode(".jpg", rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not done:
        raise OSError(f"cannot encode {path.name}")
    # Thumbnails can be made again: they need not be synced one by one, as `commit` does.
    part = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(data.tobytes())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise storage_error(path, error) from error


def _round(value: Any) -> Any:
    return round(value, 4) if isinstance(value, float) else value
