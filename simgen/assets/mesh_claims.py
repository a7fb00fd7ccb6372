"""How many faces an OBJ, PLY or STL file claims, counted before it is parsed."""

from __future__ import annotations

import re
import struct

from simgen.errors import AssetError, Fault

_ELEMENT = re.compile(rb"^element[ \t]+(\w+)[ \t]+(\d{1,18})[ \t]*\r?$", re.M)


def check_claims(data: bytes, kind: str, where: str, max_faces: int) -> None:
    """Refuse files that would take far more memory than their limit of faces allows.

    Args:
        kind: obj, ply or stl.

    Raises:
        AssetError: too many faces or vertices, or a header that claims more than there is.
    """
    if kind == "ply":
        claimed = _ply(data, where)
    elif kind == "stl":
        claimed = {"face": _stl(data)}
    else:
        lines = b"\n" + data[:1]
        claimed = {
            "face": data.count(b"\nf") + lines.count(b"\nf"),
            "vertex": data.count(b"\nv") + lines.count(b"\nv"),
        }
    faces, points = claimed.get("face", 0), claimed.get("vertex", 0)
    if faces > max_faces:
        what = f"the mesh has {faces} faces, more than max_faces = {max_faces}"
        raise AssetError(Fault(where, what, "simplify it, or raise max_faces"))
    if points > 9 * max(max_faces, 10_000):  # positions, normals and UVs of every corner
        what = f"the mesh has {points} vertices, far more than max_faces = {max_faces} can use"
        raise AssetError(Fault(where, what, "remove those that no face uses, or raise max_faces"))


def _ply(data: bytes, where: str) -> dict[str, int]:
    header = data[: data.find(b"end_header") + 1 or 65536]
    claimed = {name.decode(): int(count) for name, count in _ELEMENT.findall(header)}
    for name, count in claimed.items():
        if count > len(data):  # an element takes a byte at least
            what = f"its header claims {count} of {name!r}, the file has {len(data)} bytes"
            raise AssetError(Fault(where, what, "the file is damaged: export it again"))
    return claimed


def _stl(data: bytes) -> int:
    if len(data) >= 84:
        count = int(struct.unpack_from("<I", data, 80)[0])
        if 84 + 50 * count == len(data):
            return count
    return data.count(b"endfacet")
