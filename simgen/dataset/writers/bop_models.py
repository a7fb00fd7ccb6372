"""Models of a BOP dataset: numbers for meshes, PLY files in millimetres, models_info.json."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.dataset.writers.pictures import cannot, write
from simgen.plugin.protocols import Library
from simgen.records.asset import Mesh, Surface
from simgen.records.colour import linear_to_srgb, srgb_to_linear
from simgen.records.sample import Sample
from simgen.records.serial import to_json
from simgen.records.world import WorldObject

_MM = 1000.0
_VERTEX = [(name, "<f4", "float") for name in ("x", "y", "z", "nx", "ny", "nz")] + [
    (name, "u1", "uchar") for name in ("red", "green", "blue")
]


@dataclass(frozen=True)
class _Model:
    number: int
    category: str
    thing: WorldObject | None


class BopModels:
    """Gives obj_ids and remembers whose they are.

    Args:
        by_category: ids of the categories, if those are the obj_ids; then each may have only
            one mesh of one scale.
    """

    def __init__(self, by_category: dict[str, int] | None) -> None:
        self.by_category = by_category
        self._models: dict[bytes, _Model] = {}

    def number(self, sample: Sample, row: int) -> int:
        """The obj_id of a label.

        Raises:
            DataError: its category has another mesh already, or nobody knows its mesh.
        """
        labels = sample.annotations
        category, thing = labels.category[row], _thing(sample, labels.instance[row])
        key = to_json([category]) if thing is None else to_json([thing.asset, thing.scale])
        if self.by_category is not None:
            key = to_json([category, key.decode()])
        if key not in self._models:
            number = len(self._models) + 1
            if self.by_category is not None:
                number = self.by_category[category]
                if any(model.number == number for model in self._models.values()):
                    what = f"the category {category!r} has several meshes or scales"
                    raise cannot(sample, what, "use objects=model")
            self._models[key] = _Model(number, category, thing)
        return self._models[key].number

    def listed(self) -> dict[str, dict[str, Any]]:
        """What each obj_id is."""
        return {
            str(model.number): {
                "category": model.category,
                "asset": model.thing.asset.plugin if model.thing else None,
                "variant": model.thing.asset.variant if model.thing else None,
                "scale": model.thing.scale if model.thing else None,
            }
            for model in sorted(self._models.values(), key=lambda model: model.number)
        }

    def write(self, folder: Path, library: Library) -> None:
        """Write `obj_NNNNNN.ply` and models_info.json."""
        info = {}
        for model in sorted(self._models.values(), key=lambda model: model.number):
            if model.thing is None:
                continue
            mesh = library.asset(model.thing.asset).mesh
            colors = _colors(mesh, library.surfaces(model.thing))
            scale = model.thing.scale * _MM
            write(folder / f"obj_{model.number:06d}.ply", _ply(mesh, colors, scale))
            info[str(model.number)] = _info(mesh.vertices_m.astype(np.float64) * scale)
        write(folder / "models_info.json", json.dumps(info, indent=1) + "\n")


def _thing(sample: Sample, instance: int) -> WorldObject | None:
    things = sample.scene.instances if sample.scene else ()
    return next((thing for thing in things if thing.id == instance), None)


def _info(vertices_mm: NDArray[np.float64]) -> dict[str, float]:
    low, high = vertices_mm.min(axis=0), vertices_mm.max(axis=0)
    names = [f"{word}_{axis}" for word in ("min", "size") for axis in "xyz"]
    values = [_diameter(vertices_mm), *low, *(high - low)]
    return {name: float(v) for name, v in zip(["diameter", *names], values, strict=True)}


def _diameter(points: NDArray[np.float64]) -> float:
    """The largest distance of two points; both lie on the convex hull."""
    from scipy.spatial import ConvexHull, QhullError

    try:
        hull = points[ConvexHull(points).vertices]
    except QhullError:  # flat: a card
        hull = np.unique(points, axis=0)
    most = 0.0
    for start in range(0, len(hull), 512):  # in blocks: a round hull has thousands of vertices
        between = hull[start : start + 512, None] - hull[None]
        most = max(most, float((between**2).sum(axis=-1).max()))
    return float(np.sqrt(most))


def _colors(mesh: Mesh, surfaces: tuple[Surface, ...]) -> NDArray[np.uint8]:
    """uint8[V, 3] sRGB base colour of each vertex, taken at its first corner."""
    corners = mesh.faces.reshape(-1)
    vertices, first = np.unique(corners, return_index=True)
    out = np.full((len(mesh.vertices_m), 3), 200, np.uint8)
    slots = np.repeat(mesh.slot, 3)[first]
    for slot, surface in enumerate(surfaces):
        mine = slots == slot
        linear = np.tile(np.array(surface.base_color, np.float64), (int(mine.sum()), 1))
        image = surface.base_color_image
        if image is not None and mesh.uv is not None and not surface.uv_in_metres:
            uv = mesh.uv.reshape(-1, 2)[first[mine]] % 1.0
            x = np.minimum((uv[:, 0] * image.shape[1]).astype(int), image.shape[1] - 1)
            y = np.minimum(((1 - uv[:, 1]) * image.shape[0]).astype(int), image.shape[0] - 1)
            linear *= srgb_to_linear(image[y, x] / 255.0)
        out[vertices[mine]] = np.round(linear_to_srgb(linear) * 255).astype(np.uint8)
    return out


def _ply(mesh: Mesh, colors: NDArray[np.uint8], scale: float) -> bytes:
    """Binary PLY of vertices in millimetres with normals and colours, and triangles."""
    normals = np.zeros((len(mesh.vertices_m), 3))
    np.add.at(normals, mesh.faces.reshape(-1), mesh.normals.reshape(-1, 3).astype(np.float64))
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    normals = np.divide(normals, lengths, out=np.zeros_like(normals), where=lengths > 0)
    rows = np.zeros(len(mesh.vertices_m), np.dtype([(name, kind) for name, kind, _ in _VERTEX]))
    for i, axis in enumerate("xyz"):
        rows[axis] = mesh.vertices_m[:, i].astype(np.float64) * scale
        rows[f"n{axis}"] = normals[:, i]
        rows[("red", "green", "blue")[i]] = colors[:, i]
    faces = np.zeros(len(mesh.faces), np.dtype([("count", "u1"), ("corners", "<i4", 3)]))
    faces["count"], faces["corners"] = 3, mesh.faces
    properties = "".join(f"property {kind} {name}\n" for name, _, kind in _VERTEX)
    header = (
        f"ply\nformat binary_little_endian 1.0\ncomment simgen: millimetres\nelement vertex "
        f"{len(rows)}\n{properties}element face {len(faces)}\n"
        "property list uchar int vertex_indices\nend_header\n"
    )
    return header.encode("ascii") + rows.tobytes() + faces.tobytes()
