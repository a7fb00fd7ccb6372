"""Finishes to surfaces: tints into the surfaces themselves, layers into one wear."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from simgen.assets.finishing.charts import Charts
from simgen.assets.finishing.coats import Coat
from simgen.assets.finishing.layers import LAYERS
from simgen.assets.finishing.stickers import sticker
from simgen.assets.finishing.tinting import tint_matrix
from simgen.errors import AssetError, Fault
from simgen.records.asset import Image, Surface, Wear
from simgen.records.finish import Finish
from simgen.records.material import FileRef
from simgen.records.pose import Pose


def tinted(surfaces: tuple[Surface, ...], steps: Sequence[Finish]) -> tuple[Surface, ...]:
    """The surfaces with their own numbers changed, in order.

    Blender materials that only Cycles can show give way to the baked ones, which all engines
    can tint and cover.
    """
    out = tuple(replace(surface, original=None) for surface in surfaces)
    for step in steps:
        out = tuple(_tinted(surface, step) for surface in out)
    return out


def _tinted(surface: Surface, step: Finish) -> Surface:
    p = step.params
    matrix = tint_matrix(float(p["hue_deg"]), float(p["saturation"]), float(p["value"]))
    if surface.tint is not None:
        matrix = matrix @ np.reshape(surface.tint, (3, 3))
    metallic = surface.metallic
    if surface.metallic_image is None:
        metallic = min(max(metallic + float(p["metallic"]), 0.0), 1.0)
    return replace(
        surface,
        tint=tuple(float(v) for v in matrix.ravel()),
        roughness=min(surface.roughness * float(p["roughness"]), 1.0),
        metallic=metallic,
    )


def worn(
    steps: Sequence[Finish], pose: Pose, charts: Charts, picture: Callable[[FileRef], Image]
) -> Wear:
    """All layers as one, in order.

    Args:
        pose: of the object; dust falls from the world's sky.
        picture: uint8[h, w, 3 or 4] of a sticker's file.

    Raises:
        AssetError: an unknown kind, or a file that cannot be used.
    """
    up = pose.rotation().T[:, 2].astype(np.float32)
    coat = Coat(charts)
    for step in steps:
        # The recipe's own seed, not a draw: the same recipe is the same layer everywhere.
        rng = np.random.Generator(np.random.PCG64(step.seed))
        if step.kind == "sticker":
            art = None if step.file is None else picture(step.file)
            glued = sticker(charts, step.params, art, rng)
            if glued is not None:
                coat.lay(glued)
        elif step.kind in LAYERS:
            coat.lay(LAYERS[step.kind](charts, step.params, up, rng))
        else:
            known = ", ".join(["tint", *LAYERS, "sticker"])
            raise AssetError(Fault("finish", f"unknown kind {step.kind!r}", f"known: {known}"))
    return coat.wear()
