"""What the library keeps of an asset: arrays, reference, and how it was deformed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.assets.deforming import deformed
from simgen.assets.digest import geometry_digest, shaped_digest
from simgen.assets.sizes import check_size
from simgen.assets.warps import Warp
from simgen.records.asset import Asset
from simgen.records.deformation import Deformation
from simgen.records.world import AssetRef


@dataclass(frozen=True)
class Built:
    """An asset with its reference.

    Args:
        geometry: digest of positions and faces alone.
        warps: how it was deformed, in order.
    """

    asset: Asset
    ref: AssetRef
    geometry: str
    warps: tuple[Warp, ...] = ()


def bent(straight: Built, shape: tuple[Deformation, ...]) -> Built:
    """The asset after deformations; the same one if the geometry leaves nothing of them.

    Raises:
        AssetError: it became larger than anything that can be used.
    """
    asset, done, warps = deformed(straight.asset, shape)
    if not done:
        return straight
    check_size(asset.mesh.vertices_m, straight.ref.collection, "bend it less")
    digest = shaped_digest(straight.ref.digest, done)
    ref = replace(straight.ref, digest=digest, shape=done)
    return Built(asset, ref, geometry_digest(asset.mesh), warps)


def total_bytes(arrays: tuple[NDArray[Any], ...]) -> int:
    """Bytes of several arrays."""
    return sum(array.nbytes for array in arrays)


def array_bytes(array: NDArray[Any]) -> int:
    """Bytes of an array."""
    return int(array.nbytes)


def asset_bytes(entry: Built) -> int:
    """Bytes of an asset's mesh and images."""
    mesh = entry.asset.mesh
    arrays = [mesh.vertices_m, mesh.faces, mesh.normals, mesh.uv, mesh.slot, mesh.rest_m]
    for surface in entry.asset.surfaces:
        arrays += [value for value in vars(surface).values() if isinstance(value, np.ndarray)]
    return sum(array.nbytes for array in arrays if array is not None)
