"""Opens a source and says which of its objects make which asset."""

from __future__ import annotations

import glob
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import bpy
from mathutils import Matrix

from .imports_collect import Draft
from .imports_faults import Refusal
from .imports_urdf import open_urdf
from .startup import forbid_scripts

_UNITS = {"m": 1.0, "cm": 0.01, "mm": 0.001, "inch": 0.0254}
# Axes (forward, up) with which Blender's importers leave a file's own axes as they are (z), or
# turn the named axis up as `simgen.assets.fitting` does.
_AXES = {"z": ("Y", "Z"), "y": ("NEGATIVE_Z", "Y")}


@dataclass
class Opened:
    """A source in Blender.

    Args:
        drafts: assets to be, in a fixed order.
        files: paths that were read besides those that Blender knows of.
        faults: of parts that cannot be used.
    """

    drafts: list[Draft]
    files: set[str] = field(default_factory=set)
    faults: list[dict[str, str]] = field(default_factory=list)


def open_source(message: dict[str, Any]) -> Iterator[Opened]:
    """Open what `message` names; one scene after another.

    Raises:
        Refusal: it cannot be read.
    """
    kind, path = message["kind"], message["source"]
    if kind == "bop":
        yield from _bop(message)
        return
    start_empty()
    if kind == "urdf":
        links, files, faults = open_urdf(path, message["assembled"], load_file)
        yield Opened(links, files, faults)
        return
    if kind == "blend":
        _open_blend(path)
        metres = _scene_metres()
    else:
        load_file(path, message["up"])
        metres = _UNITS[message["unit"]]
    yield Opened(_drafts(path, message["per"], metres, scripts_note()))


def start_empty() -> None:
    """Forget everything; preferences are the factory's, with scripts forbidden."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    forbid_scripts()


def _open_blend(path: str) -> None:
    try:
        bpy.ops.wm.open_mainfile(filepath=path, load_ui=False, use_scripts=False)
    except RuntimeError as error:
        cure = "save it again with Blender 4.5 or older"
        raise Refusal(path, f"Blender cannot open it: {_reason(error)}", cure) from None


def load_file(path: str, up: str = "z") -> list[Any]:
    """Objects of a file, by Blender's importer for its suffix.

    Args:
        up: axis that points up in formats that do not say (OBJ, PLY, STL).

    Raises:
        Refusal: the importer failed, or there is none.
    """
    before = set(bpy.data.objects)
    forward, upward = _AXES[up]
    axes = {"filepath": path, "forward_axis": forward, "up_axis": upward}
    try:
        match os.path.splitext(path)[1].lower():
            case ".obj":
                bpy.ops.wm.obj_import(**axes, validate_meshes=True)
            case ".ply":
                _load_ply(axes)
            case ".stl":
                bpy.ops.wm.stl_import(**axes)
            case ".fbx":
                bpy.ops.import_scene.fbx(filepath=path)
            case ".dae":
                bpy.ops.wm.collada_import(filepath=path)
            case ".gltf" | ".glb":
                bpy.ops.import_scene.gltf(filepath=path)
            case ".usd" | ".usda" | ".usdc" | ".usdz":
                bpy.ops.wm.usd_import(filepath=path)
            case suffix:
                raise Refusal(path, f"{suffix} is no format of meshes", "use OBJ, STL or DAE")
    except (RuntimeError, KeyError, ValueError, StopIteration) as error:
        cure = "open it in Blender to see more, or export it again"
        raise Refusal(path, f"cannot be imported: {_reason(error)}", cure) from None
    found = [thing for thing in bpy.data.objects if thing not in before]
    if not found:
        raise Refusal(path, "Blender's importer found nothing in it", "export it again")
    return found


def _load_ply(axes: dict[str, str]) -> None:
    """With the texture that the file's header names (MeshLab's and BOP's comment)."""
    before = set(bpy.data.objects)
    with open(axes["filepath"], "rb") as stream:
        head = stream.read(65536).split(b"end_header")[0]
    lines = [line.strip().decode("utf-8", "replace") for line in head.splitlines()]
    mark = "comment TextureFile "
    textures = [line.removeprefix(mark).strip() for line in lines if line.startswith(mark)]
    bpy.ops.wm.ply_import(**axes, import_colors="SRGB")
    mesh = next(thing for thing in bpy.data.objects if thing not in before).data
    if textures and not mesh.uv_layers:
        _adopt_uv(mesh)
    material = bpy.data.materials.new("ply")
    material.use_nodes = True
    tree = material.node_tree
    if textures and mesh.uv_layers:
        node = tree.nodes.new("ShaderNodeTexImage")
        path = os.path.join(os.path.dirname(axes["filepath"]), textures[0])
        node.image = bpy.data.images.new(textures[0], 1, 1)
        node.image.source, node.image.filepath = "FILE", path  # a missing file is said later
    elif mesh.color_attributes:
        node = tree.nodes.new("ShaderNodeVertexColor")
    else:
        return
    tree.links.new(node.outputs["Color"], tree.nodes["Principled BSDF"].inputs["Base Color"])
    mesh.materials.append(material)


def _adopt_uv(mesh: Any) -> None:
    """Blender reads `s, t`; MeshLab and BOP write `texture_u, texture_v`, kept as attributes."""
    named = [mesh.attributes.get(name) for name in ("texture_u", "texture_v")]
    if None in named or any(a.domain != "POINT" for a in named):
        return
    count = len(mesh.vertices)
    values = []
    for attribute in named:
        array = [0.0] * count
        attribute.data.foreach_get("value", array)
        values.append(array)
    layer = mesh.uv_layers.new(name="UVMap")
    for loop in mesh.loops:
        at = loop.vertex_index
        layer.uv[loop.index].vector = (values[0][at], values[1][at])


def _scene_metres() -> float:
    units = bpy.context.scene.unit_settings
    return float(units.scale_length) if units.system != "NONE" else 1.0


def scripts_note() -> list[str]:
    """What a .blend wanted to run and was not allowed to."""
    texts = [text.name for text in bpy.data.texts if text.use_module]
    notes = []
    if texts:
        notes.append(f"its scripts were not run: {', '.join(texts)}")
    # Blender names the first driver whose expression it refused.
    if bpy.app.autoexec_fail:
        notes.append(f"was not run: {bpy.app.autoexec_fail_message.strip()}")
    return notes


def _drafts(path: str, per: str, metres: float, notes: list[str]) -> list[Draft]:
    scene = bpy.context.scene
    roots = sorted((t for t in scene.objects if t.parent is None), key=lambda t: t.name)
    if per == "file":
        stem = os.path.splitext(os.path.basename(path))[0]
        names = {thing.name for thing in roots}
        return [Draft(stem, names, Matrix.Identity(4), metres, path, list(notes))]
    groups: list[tuple[str, list[Any], Any]] = []
    taken: set[str] = set()
    if per == "collection":
        for collection in sorted(scene.collection.children, key=lambda c: c.name):
            inside = [t for t in roots if t.name in collection.all_objects and t.name not in taken]
            taken |= {thing.name for thing in inside}
            groups.append((collection.name, inside, collection.instance_offset))
    for thing in roots:
        if thing.name not in taken:
            groups.append((thing.name, [thing], thing.matrix_world.translation))
    return [
        Draft(
            name,
            {thing.name for thing in things},
            Matrix.Translation(origin),
            metres,
            f"{path} {name}",
            list(notes),
        )
        for name, things, origin in groups
    ]


def _bop(message: dict[str, Any]) -> Iterator[Opened]:
    folder = message["source"]
    if os.path.isdir(os.path.join(folder, "models")):
        folder = os.path.join(folder, "models")
    files = sorted(glob.glob(os.path.join(glob.escape(folder), "obj_*.ply")))
    if not files:
        cure = "name a BOP dataset, or its folder of models"
        raise Refusal(folder, "there is no obj_*.ply in it", cure)
    info_path = os.path.join(folder, "models_info.json")
    info: dict[str, Any] = {}
    if os.path.exists(info_path):
        try:
            with open(info_path, encoding="utf-8") as stream:
                info = json.load(stream)
        except ValueError as error:
            raise Refusal(info_path, f"is not JSON: {error}", "fetch it again") from None
    for path in files:
        start_empty()
        name = os.path.splitext(os.path.basename(path))[0]
        number = name.removeprefix("obj_")
        if not number.isdecimal():
            continue
        faults: list[dict[str, str]] = []
        drafts: list[Draft] = []
        try:
            roots = {thing.name for thing in load_file(path)}
        except Refusal as refusal:
            faults = refusal.faults
        else:
            facts = bop_facts(int(number), info.get(str(int(number)), {}))
            drafts = [Draft(name, roots, Matrix.Identity(4), 0.001, path, facts={"bop": facts})]
        yield Opened(drafts, {path} | ({info_path} if info else set()), faults)


def bop_facts(number: int, info: dict[str, Any]) -> dict[str, Any]:
    """`obj_id`, and of `models_info.json` name, diameter and symmetries, lengths in metres.

    Formats: github.com/thodan/bop_toolkit, docs/bop_datasets_format.md.
    """
    out: dict[str, Any] = {"obj_id": number}
    if "name" in info:
        out["name"] = str(info["name"])
    if "diameter" in info:
        out["diameter_m"] = info["diameter"] / 1000
    if "symmetries_discrete" in info:
        scale = [1, 1, 1, 1e-3] * 3 + [1] * 4
        rows = info["symmetries_discrete"]
        out["symmetries_discrete"] = [
            [value * s for value, s in zip(row, scale, strict=True)] for row in rows
        ]
    if "symmetries_continuous" in info:
        out["symmetries_continuous"] = [
            {"axis": s["axis"], "offset_m": [v / 1000 for v in s["offset"]]}
            for s in info["symmetries_continuous"]
        ]
    return out


def _reason(error: Exception) -> str:
    text = str(error).removeprefix("Error: ").strip()
    return text.splitlines()[0] if text else type(error).__name__
