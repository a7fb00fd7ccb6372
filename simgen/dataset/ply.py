"""Point clouds as binary little-endian PLY (Turk 1994): position, normal, colour, instance."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simgen.annotate.points import PointCloud
from simgen.errors import Fault, RunFolderError

_FIELDS = (
    [(name, "<f4", "float") for name in ("x", "y", "z", "nx", "ny", "nz")]
    + [(name, "u1", "uchar") for name in ("red", "green", "blue")]
    + [("instance", "<i4", "int")]
)
_DTYPE = np.dtype([(name, kind) for name, kind, _ in _FIELDS])


def encode_ply(cloud: PointCloud) -> bytes:
    """The cloud as PLY, in the world frame."""
    rows = np.zeros(len(cloud.xyz_m), _DTYPE)
    for i, axis in enumerate("xyz"):
        rows[axis] = cloud.xyz_m[:, i]
        rows[f"n{axis}"] = cloud.normals[:, i]
    for i, name in enumerate(("red", "green", "blue")):
        rows[name] = cloud.rgb[:, i]
    rows["instance"] = cloud.instance
    properties = "".join(f"property {kind} {name}\n" for name, _, kind in _FIELDS)
    header = (
        "ply\nformat binary_little_endian 1.0\ncomment simgen: world frame, metres\n"
        f"element vertex {len(rows)}\n{properties}end_header\n"
    )
    return header.encode("ascii") + rows.tobytes()


def read_ply(path: Path) -> NDArray[np.void]:
    """The rows of a PLY that `encode_ply` wrote, as a structured array.

    Raises:
        RunFolderError: it is not such a file.
    """
    raw = path.read_bytes()
    head, mark, body = raw.partition(b"end_header\n")
    names = [line.split()[-1].decode() for line in head.splitlines() if b"property" in line]
    if not mark or names != [name for name, _, _ in _FIELDS] or len(body) % _DTYPE.itemsize:
        raise RunFolderError(Fault(str(path), "not a point cloud of simgen", "render it again"))
    return np.frombuffer(body, _DTYPE)
