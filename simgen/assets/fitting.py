"""Normalising a model: unit, up-axis, size, origin."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simgen.errors import AssetError, Fault

UNITS = {"m": 1.0, "cm": 0.01, "mm": 0.001, "inch": 0.0254}
# Rotations that carry the named axis to +z; y-up as glTF's viewers do (x stays x).
_UP: dict[str, tuple[tuple[int, int, int], ...]] = {
    "z": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "y": ((1, 0, 0), (0, 0, -1), (0, 1, 0)),
    "x": ((0, 0, -1), (0, 1, 0), (1, 0, 0)),
    "-z": ((1, 0, 0), (0, -1, 0), (0, 0, -1)),
    "-y": ((1, 0, 0), (0, 0, 1), (0, -1, 0)),
    "-x": ((0, 0, 1), (0, 1, 0), (-1, 0, 0)),
}


def default_unit(path: Path) -> str:
    """Unit of a mesh file whose format does not say: mm for a model of a BOP folder
    (`obj_000001.ply` beside `models_info.json`; BOP toolkit, dataset format), else m."""
    bop = re.fullmatch(r"obj_\d{6}\.ply", path.name) is not None
    return "mm" if bop and (path.parent / "models_info.json").is_file() else "m"


def up_rotation(up: str) -> NDArray[np.float64]:
    """Proper rotation float64[3, 3] that turns the axis `up` (`y`, `-x`, ...) to +z."""
    return np.array(_UP[up], np.float64)


def fit_factor(vertices: NDArray[np.float64], measure: str, wanted_m: float, where: str) -> float:
    """Factor that makes `measure` (height_m, width_m, longest_m) of z-up vertices `wanted_m`.

    Raises:
        AssetError: the model is flat along that measure.
    """
    size = np.ptp(vertices, axis=0)
    have = {
        "height_m": size[2],
        "width_m": max(size[0], size[1]),
        "longest_m": size.max(),
    }[measure]
    if have < 1e-9:
        raise AssetError(Fault(where, f"cannot fit {measure}: the mesh is flat", "use longest_m"))
    return float(wanted_m / have)


def origin_offset(vertices: NDArray[np.float64], origin: str) -> NDArray[np.float64]:
    """What to subtract: `base` (centre of the bottom of the box), `centre` or `as_is`."""
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    middle = (low + high) / 2
    if origin == "base":
        return np.array([middle[0], middle[1], low[2]])
    return middle if origin == "centre" else np.zeros(3)
