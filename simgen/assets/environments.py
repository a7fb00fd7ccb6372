"""Environments as equirectangular radiance in world axes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgen.assets.sky import sky_radiance
from simgen.assets.textures import read_ref
from simgen.errors import AssetError, Fault
from simgen.records.colour import srgb_to_linear
from simgen.records.world import Environment
from simgen.spec.fields import Root

Radiance = NDArray[np.float32]
MAX_PIXELS = 8192 * 4096


def realise_environment(environment: Environment, roots: dict[str, Root]) -> Radiance:
    """Radiance float32[H, W, 3], strength and rotation applied.

    Row 0 is straight up. Column 0 is azimuth -180 deg and azimuth grows counter-clockwise seen
    from above, so the centre is +x and the column at three quarters is +y. A panorama as a
    camera sees it grows clockwise, so files are mirrored here.

    Raises:
        AssetError: missing, changed or broken file, or unknown sky settings.
    """
    if environment.kind == "constant":
        color = np.array(environment.color, np.float32) * np.float32(environment.strength)
        return np.ascontiguousarray(np.broadcast_to(color, (8, 16, 3)))
    if environment.kind == "sky":
        image = sky_radiance(environment.params)
    else:
        if environment.file is None:
            what = "an hdri environment has no file"
            raise AssetError(Fault("environment", what, "name a .hdr or .exr file"))
        image = read_hdri(*read_ref(environment.file, roots))[:, ::-1]
    turned = rotate(image, environment.rotation_deg)
    return np.ascontiguousarray(turned * np.float32(environment.strength))


def rotate(image: Radiance, degrees: float) -> Radiance:
    """Turned counter-clockwise seen from above; part columns are blended linearly."""
    shift = degrees / 360.0 * image.shape[1]
    whole = int(np.floor(shift))
    part = np.float32(shift - whole)
    turned = np.roll(image, whole, axis=1)
    if part == 0:
        return turned
    return turned * (1 - part) + np.roll(image, whole + 1, axis=1) * part


def read_hdri(data: bytes, where: str) -> Radiance:
    """Linear radiance of a Radiance .hdr or OpenEXR file, as stored; not mirrored.

    Raises:
        AssetError: not such a file, damaged, too large, or not finite.
    """
    import os

    # OpenCV reads EXR only if this is set when its first EXR is read.
    os.environ.setdefault("OPENCV_IO_ENABLE_OPENEXR", "1")
    import cv2

    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise AssetError(Fault(where, f"cannot be read: {error.err}", "replace it")) from None
    if image is None or image.ndim != 3 or image.shape[2] < 3:
        what = "cannot be read as an environment (expected a .hdr or .exr panorama)"
        raise AssetError(Fault(where, what, "replace the file"))
    if image.shape[0] * image.shape[1] > MAX_PIXELS:
        what = f"the panorama has {image.shape[1]} x {image.shape[0]} pixels"
        raise AssetError(Fault(where, what, "scale it down to at most 8192 x 4096"))
    linear = image[:, :, 2::-1].astype(np.float32)
    if image.dtype == np.uint8:  # a photograph: decode sRGB
        linear = srgb_to_linear(linear / np.float32(255))
    if not np.isfinite(linear).all():
        raise AssetError(Fault(where, "the panorama holds NaN or infinite values", "repair it"))
    out: Radiance = np.maximum(linear, 0)
    return out
