"""What a glTF file claims, checked before anything is allocated for it.

A few hundred bytes can claim a mesh of any size (accessors without data, one mesh shown by a
million nodes, overlapping views), or nodes that contain themselves. Everything is counted here
from the JSON alone (glTF 2.0, sections 3.5.2, 3.6 and 5.1).
"""

from __future__ import annotations

from typing import Any

_BYTES = {5120: 1, 5121: 1, 5122: 2, 5123: 2, 5125: 4, 5126: 4}
_ITEMS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}
# Parsing takes up to a millisecond for each of these, however little there is in it.
_MOST = {"nodes": 10_000, "accessors": 50_000, "bufferViews": 50_000, "materials": 10_000}
_MAX_PRIMITIVES, _MAX_DEPTH = 10_000, 256
_BYTES_PER_FACE = 400  # three corners with every attribute there is


def check_claims(head: dict[str, Any], max_faces: int) -> None:
    """Refuse a file whose JSON contradicts itself or claims too much.

    Raises:
        ValueError: with the reason. KeyError, TypeError, IndexError: not shaped like glTF.
    """
    _check_views(head)
    for name, most in _MOST.items():
        if len(head.get(name, [])) > most:
            raise ValueError(f"it has {len(head[name])} {name}, the limit is {most}")
    accessors = [_accessor(head, i, a) for i, a in enumerate(head.get("accessors", []))]
    total, most = sum(size for _, size in accessors), _BYTES_PER_FACE * max(max_faces, 10_000)
    if total > most:
        raise ValueError(f"its accessors claim {total} bytes, the limit is {most}")
    counts = [count for count, _ in accessors]
    meshes = [[_faces(p, counts) for p in mesh["primitives"]] for mesh in head.get("meshes", [])]
    shown = [meshes[_index(n["mesh"], meshes, "a mesh")] for n in _nodes(head) if "mesh" in n]
    for parts in (meshes, shown):  # a mesh may be there that no node shows, or be shown often
        faces, primitives = sum(map(sum, parts)), sum(map(len, parts))
        if faces > max_faces:
            raise ValueError(f"it has {faces} faces, more than max_faces = {max_faces}")
        if primitives > _MAX_PRIMITIVES:
            raise ValueError(f"it has {primitives} primitives, the limit is {_MAX_PRIMITIVES}")


def _check_views(head: dict[str, Any]) -> None:
    buffers = head.get("buffers", [])
    for number, view in enumerate(head.get("bufferViews", [])):
        size = _whole(buffers[_index(view["buffer"], buffers, "a buffer")]["byteLength"])
        start, length = _whole(view.get("byteOffset", 0)), _whole(view["byteLength"])
        if start + length > size:
            raise ValueError(f"buffer view {number} reaches beyond its buffer of {size} bytes")


def _accessor(head: dict[str, Any], number: int, accessor: dict[str, Any]) -> tuple[int, int]:
    """(count, bytes) of an accessor that fits its view."""
    kind, items = accessor["componentType"], accessor["type"]
    if kind not in _BYTES or items not in _ITEMS:
        raise ValueError(f"accessor {number} is of the unknown type {kind} {items}")
    count, item = _whole(accessor["count"]), _BYTES[kind] * _ITEMS[items]
    if "bufferView" in accessor:
        views = head["bufferViews"]
        view = views[_index(accessor["bufferView"], views, "a buffer view")]
        stride = _whole(view.get("byteStride", item))
        need = _whole(accessor.get("byteOffset", 0)) + max(count - 1, 0) * stride + item
        if count and need > view["byteLength"]:
            what = f"needs {need} bytes of a buffer view of {view['byteLength']}"
            raise ValueError(f"accessor {number} {what}")
    return count, count * item


def _faces(primitive: dict[str, Any], counts: list[int]) -> int:
    mode = primitive.get("mode", 4)
    if mode not in (4, 5, 6):  # points and lines have none
        return 0
    attributes = primitive["attributes"]
    used = [_index(number, counts, "an accessor") for number in attributes.values()]
    if len({counts[number] for number in used}) > 1:
        raise ValueError("the attributes of a primitive differ in length")
    corners = counts[
        _index(primitive.get("indices", attributes["POSITION"]), counts, "an accessor")
    ]
    return corners // 3 if mode == 4 else max(corners - 2, 0)


def _nodes(head: dict[str, Any]) -> list[dict[str, Any]]:
    """Nodes that the scenes show; each may have one parent and must not contain itself."""
    nodes = head.get("nodes", [])
    parents = [0] * len(nodes)
    for number, node in enumerate(nodes):
        for child in node.get("children", []):
            parents[_index(child, nodes, "a node")] += 1
            if parents[child] > 1 or child == number:
                raise ValueError(f"node {child} is in more than one place, or inside itself")
    level = [number for number, count in enumerate(parents) if count == 0]
    seen = depth = 0
    while level:
        seen, depth = seen + len(level), depth + 1
        level = [child for number in level for child in nodes[number].get("children", [])]
        if depth > _MAX_DEPTH:
            raise ValueError(f"its nodes are nested deeper than {_MAX_DEPTH}")
    if seen < len(nodes):
        raise ValueError(f"{len(nodes) - seen} of its nodes contain themselves")
    for scene in head.get("scenes", []):
        for number in scene.get("nodes", []):
            _index(number, nodes, "a node")
    return list(nodes)


def _index(number: Any, items: list[Any], noun: str) -> int:
    if not isinstance(number, int) or not 0 <= number < len(items):
        raise ValueError(f"it names {noun} {number!r}, there are {len(items)}")
    return number


def _whole(number: Any) -> int:
    if not isinstance(number, int) or number < 0:
        raise ValueError(f"expected a whole number, got {number!r}")
    return number
