"""Environments as equirectangular radiance in world axes."""

from __future__ import annotations

import numpy as np

from simgen.assets.radiance import Radiance, read_hdri
from simgen.assets.sky import sky_radiance
from simgen.assets.textures import read_ref
from simgen.errors import AssetError, Fault
from simgen.records.world import Environment
from simgen.spec.fields import Root


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
