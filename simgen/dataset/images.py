"""PNG encodings of colour, depth, instance ids and normals; see the room's docstring."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.errors import Fault, RunFolderError, WorkError

_LEVEL = 3  # zlib level: half the time of OpenCV's default for a few per cent of size
_STEPS = 65535


def encode_rgb(rgb: NDArray[np.uint8]) -> bytes:
    """PNG of uint8[H, W, 3] sRGB."""
    return encode_png(rgb[..., ::-1])


def encode_depth(depth_m: NDArray[np.float32], metres_per_step: float, frame: int) -> bytes:
    """16-bit PNG of float32[H, W] depth; 0 stays 0, a surface is never 0.

    Raises:
        WorkError: a depth does not fit.
    """
    steps = np.round(depth_m.astype(np.float64) / metres_per_step)
    if not np.isfinite(steps).all() or steps.max(initial=0) > _STEPS:
        largest = float(np.nanmax(depth_m))
        far = _STEPS * metres_per_step
        what = f"depth {largest:.3f} m does not fit into 16 bits up to {far:.3f} m"
        cure = f"set render.depth_far_m to {largest * 1.1:.3g} or more and choose another --out"
        raise WorkError(Fault(f"frame {frame}", what, cure))
    steps = np.where((depth_m > 0) & (steps < 1), 1, steps)
    return encode_png(steps.astype(np.uint16))


def within(depth_m: NDArray[np.float32], metres_per_step: float) -> NDArray[np.float32]:
    """Depth without what 16 bits cannot hold: measured depths may scatter past the far bound."""
    return np.where(depth_m <= _STEPS * metres_per_step, depth_m, np.float32(0))


def decode_depth(path: Path, metres_per_step: float) -> NDArray[np.float32]:
    """float32[H, W] metres, 0 where there is no surface."""
    return (_read(path).astype(np.float64) * metres_per_step).astype(np.float32)


def encode_instances(instances: NDArray[np.int32], frame: int) -> bytes:
    """16-bit PNG of instance ids.

    Raises:
        WorkError: an id does not fit.
    """
    if instances.min(initial=0) < 0 or instances.max(initial=0) > _STEPS:
        what = f"instance id {int(instances.max())} does not fit into 16 bits"
        raise WorkError(Fault(f"frame {frame}", what, "use fewer objects"))
    return encode_png(instances.astype(np.uint16))


def encode_normals(normals: NDArray[np.float32]) -> bytes:
    """16-bit RGB PNG of unit normals float32[H, W, 3]; 0 where there is no surface."""
    surface = (normals != 0).any(axis=-1, keepdims=True)
    steps = 1 + np.round((np.clip(normals.astype(np.float64), -1, 1) + 1) * 32767)
    return encode_png(np.where(surface, steps, 0).astype(np.uint16)[..., ::-1])


def decode_normals(path: Path) -> NDArray[np.float32]:
    """float32[H, W, 3] unit normals in the camera frame, 0 where there is no surface."""
    steps = _read(path)[..., ::-1].astype(np.float64)
    out = np.where((steps == 0).all(axis=-1, keepdims=True), 0.0, (steps - 1) / 32767 - 1)
    return out.astype(np.float32)


def decode_instances(path: Path) -> NDArray[np.int32]:
    """int32[H, W] instance ids."""
    return _read(path).astype(np.int32)


def decode_rgb(path: Path) -> NDArray[np.uint8]:
    """uint8[H, W, 3] sRGB as stored: EXIF turns are not applied, labels are of the pixels."""
    import cv2

    flags = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    return np.ascontiguousarray(_read(path, flags)[..., ::-1]).astype(np.uint8, copy=False)


def depth_step_for(far_m: float) -> float:
    """Metres per step of 16-bit depth that reaches `far_m`, rounded up to two digits."""
    step = far_m / _STEPS
    unit = 10.0 ** (math.floor(math.log10(step)) - 1)
    # Through text, so that the stored number is 5.1e-05 and not 5.1000000000000006e-05.
    return float(f"{math.ceil(step / unit) * unit:.2g}")


def encode_png(array: NDArray[Any]) -> bytes:
    """PNG of uint8 or uint16 [H, W] or [H, W, 3], channels in OpenCV's order."""
    import cv2  # heavy: readers of records need no image library

    done, data = cv2.imencode(
        ".png", np.ascontiguousarray(array), [cv2.IMWRITE_PNG_COMPRESSION, _LEVEL]
    )
    if not done:
        raise WorkError(Fault("PNG", f"OpenCV cannot encode {array.dtype}{array.shape}"))
    return bytes(data)


def _read(path: Path, flags: int = -1) -> NDArray[Any]:
    import cv2  # -1 is IMREAD_UNCHANGED

    try:
        raw = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError as error:
        cure = "run the command that made it again: it makes what is missing"
        raise RunFolderError(Fault(str(path), f"cannot read: {error.strerror}", cure)) from None
    image = cv2.imdecode(raw, flags) if raw.size else None
    if image is None:
        cure = "delete it and run the command that made it again"
        raise RunFolderError(Fault(str(path), "not a readable image", cure))
    return np.asarray(image)
