"""Content digests: what an asset is, independent of where its files lie."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.records.asset import Asset, Mesh
from simgen.records.deformation import Deformation
from simgen.records.serial import to_json


def asset_digest(plugin: str, api: int, params: dict[str, Any], variant: str, asset: Asset) -> str:
    """sha256 hex over the recipe, the content of every file read and the built mesh.

    Args:
        params: the drawn parameters without path settings, plain JSON.
    """
    head = {
        "plugin": plugin,
        "api": api,
        "params": params,
        "variant": variant,
        "files": sorted(asset.files),
        "slots": asset.slots,
        **_marks(asset),
    }
    text = json.dumps(head, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode() + mesh_digest(asset.mesh).encode()).hexdigest()


def shaped_digest(digest: str, shape: Sequence[Deformation]) -> str:
    """sha256 hex of an asset with this digest after these deformations."""
    return hashlib.sha256(digest.encode() + to_json(tuple(shape))).hexdigest()


def _marks(asset: Asset) -> dict[str, Any]:
    """What an asset without marks does not have: its digest stays as it was."""
    out: dict[str, Any] = {}
    if asset.keypoints:
        out["keypoints"] = [[k.name, k.position_m, k.radius_m] for k in asset.keypoints]
    if asset.part is not None:
        out["parts"] = [asset.parts, hashlib.sha256(asset.part.tobytes()).hexdigest()]
    return out


def mesh_digest(mesh: Mesh) -> str:
    """sha256 hex of a mesh's arrays, shapes included."""
    hasher = hashlib.sha256()
    for array in (mesh.vertices_m, mesh.faces, mesh.normals, mesh.uv, mesh.slot, mesh.rest_m):
        if array is not None:
            _feed(hasher, array)
    return hasher.hexdigest()


def geometry_digest(mesh: Mesh) -> str:
    """sha256 hex of positions and faces only: colours and UVs do not change a hull."""
    hasher = hashlib.sha256()
    _feed(hasher, mesh.vertices_m)
    _feed(hasher, mesh.faces)
    return hasher.hexdigest()


def _feed(hasher: Any, array: NDArray[Any]) -> None:
    hasher.update(f"{array.dtype.str}{array.shape}".encode())
    hasher.update(np.ascontiguousarray(array).data)
