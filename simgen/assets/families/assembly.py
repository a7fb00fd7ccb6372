"""From a patch to an Asset: named slots, parts and keypoints; settings that families share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field

from simgen.assets.shaping.patch import Patch
from simgen.assets.sizes import check_extents
from simgen.errors import AssetError, Fault
from simgen.plugin import Integer
from simgen.records.asset import Asset, Surface
from simgen.records.marks import Keypoint
from simgen.records.material import Rgb

Seed = Annotated[Integer, Field(ge=0, le=2**31 - 1)]
STEEL: Rgb = (0.62, 0.62, 0.61)
ALUMINIUM: Rgb = (0.90, 0.91, 0.92)
BRASS: Rgb = (0.86, 0.66, 0.32)


def assemble(
    patch: Patch,
    surfaces: Mapping[str, Surface],
    parts: Mapping[str, Sequence[str]] | None = None,
    points: Mapping[str, ArrayLike] | None = None,
    pieces: Sequence[NDArray[np.float64]] = (),
) -> Asset:
    """The asset of a patch whose slots are numbered as `surfaces` are ordered.

    Args:
        parts: slots by the name of the part that they form.
        points: keypoints on the surface, or with a depth below it as fourth number.
        pieces: convex pieces; none where the hull, or a decomposition, will do.
    """
    slots = tuple(surfaces)
    marks = tuple(_keypoint(name, at) for name, at in (points or {}).items())
    names, numbers = tuple(parts or ()), None
    if parts:
        part_of = np.full(len(slots), -1, np.int32)
        for number, members in enumerate(parts.values()):
            part_of[[slots.index(slot) for slot in members]] = number
        numbers = part_of[patch.slot]
    return Asset(
        patch.mesh(),
        slots,
        tuple(surfaces.values()),
        licence="CC0-1.0",
        pieces_m=tuple(pieces),
        keypoints=marks,
        parts=names,
        part=numbers,
    )


def measured(own: float | None, usual: float) -> float:
    """A setting in metres, or what is usual."""
    return usual if own is None else float(own)


def check(plugin: str, size_m: Sequence[float], *wrong: tuple[bool, str, str]) -> None:
    """Refuse measures that no scene can hold or that do not fit together.

    Args:
        wrong: whether it is wrong, what is, and the cure.

    Raises:
        AssetError: with the first that is wrong.
    """
    check_extents(size_m, plugin, "lengths are metres: make them fit the scene")
    for is_wrong, what, cure in wrong:
        if is_wrong:
            raise AssetError(Fault(plugin, what, cure))


def ink_of(color: Rgb) -> tuple[int, int, int]:
    """8-bit sRGB of a linear colour."""
    from simgen.records.colour import linear_to_srgb

    r, g, b = (round(float(v) * 255) for v in linear_to_srgb(np.array(color, np.float64)))
    return (r, g, b)


def _keypoint(name: str, at: ArrayLike) -> Keypoint:
    x, y, z, *deep = (float(v) for v in np.asarray(at, np.float64))
    return Keypoint(name, (x, y, z), *deep)
