"""The objects of a scene as a render shows them: modifiers, instances, particles evaluated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import bpy
from mathutils import Matrix

_NO_FACES = {"CURVES", "POINTCLOUD", "VOLUME", "GREASEPENCIL"}


@dataclass
class Draft:
    """An asset to be.

    Args:
        name: of the asset.
        roots: names of the objects at the top of its hierarchies.
        frame: asset to world of the source.
        metres: length of the source's unit.
        where: source and thing, for messages.
        facts: for the sidecar.
    """

    name: str
    roots: set[str]
    frame: Any
    metres: float
    where: str
    notes: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass
class Piece:
    """One evaluated mesh of an asset, placed.

    Args:
        thing: the object that shows it, in the scene for baking and export.
        matrix: mesh to asset frame, metres.
        world: mesh to the source's world.
    """

    thing: Any
    matrix: Any
    world: Any


def collect(drafts: list[Draft], stage: Any) -> Iterator[tuple[Draft, list[Piece]]]:
    """Drafts that have faces, with their pieces as objects of `stage`, hidden from render.

    All are evaluated before the first is yielded; equal instances share one mesh.
    """
    source = next(scene for scene in bpy.data.scenes if scene != stage)
    bpy.context.window.scene = source
    _show_as_rendered(source)
    found = _instances(drafts)
    bpy.context.window.scene = stage
    for number, draft in enumerate(drafts):
        pieces = []
        unit = Matrix.Scale(draft.metres, 4) @ draft.frame.inverted()
        for mesh, world in found[number]:
            thing = bpy.data.objects.new("piece", mesh)
            thing.hide_render = True
            stage.collection.objects.link(thing)
            pieces.append(Piece(thing, unit @ world, world))
        if pieces:
            yield draft, pieces


def _instances(drafts: list[Draft]) -> list[list[tuple[Any, Any]]]:
    owners: dict[str, list[int]] = {}
    for number, draft in enumerate(drafts):
        for root in draft.roots:
            owners.setdefault(root, []).append(number)
    found: list[list[tuple[Any, Any]]] = [[] for _ in drafts]
    meshes: dict[Any, Any] = {}
    graph = bpy.context.evaluated_depsgraph_get()
    for instance in graph.object_instances:
        thing = instance.object
        top = _root((instance.parent or thing).original)
        numbers = owners.get(top.name, [])
        if not numbers or not (instance.show_self or instance.is_instance):
            continue
        if thing.type in _NO_FACES:
            for number in numbers:
                note = f"{thing.name} ({thing.type.lower()}) has no faces and was left out"
                if note not in drafts[number].notes:
                    drafts[number].notes.append(note)
        if thing.type != "MESH":  # surfaces of curves, texts, metaballs come as mesh instances
            continue
        key = (thing.original.name_full, thing.data.as_pointer())
        if key not in meshes:
            meshes[key] = _mesh(thing, graph)
        if len(meshes[key].polygons):
            for number in numbers:
                found[number].append((meshes[key], instance.matrix_world.copy()))
    return found


def _mesh(thing: Any, graph: Any) -> Any:
    """A mesh of our own with the materials that the object shows."""
    own = thing.original.evaluated_get(graph).data
    if own != thing.data:
        # Made by geometry nodes, a curve or a text: `new_from_object` would give what made it.
        mesh = thing.data.copy()
    else:
        mesh = bpy.data.meshes.new_from_object(
            thing, preserve_all_data_layers=True, depsgraph=graph
        )
    for number, slot in enumerate(thing.material_slots):
        if slot.link == "OBJECT" and number < len(mesh.materials):
            mesh.materials[number] = slot.material
    for number, material in enumerate(mesh.materials):
        if material is not None:
            mesh.materials[number] = material.original
    original = thing.original.data
    if isinstance(original, bpy.types.Mesh):
        # "Generated" coordinates follow the mesh before its modifiers.
        mesh.use_auto_texspace = False
        mesh.texspace_location = original.texspace_location
        mesh.texspace_size = original.texspace_size
    return mesh


def _root(thing: Any) -> Any:
    while thing.parent is not None:
        thing = thing.parent
    return thing


def _show_as_rendered(scene: Any) -> None:
    """Python evaluates what the viewport shows: make that what a render shows."""
    scene.render.use_simplify = False
    for collection in [*bpy.data.collections, scene.collection]:
        if collection.library is None:
            collection.hide_viewport = collection.hide_render
    _show_layers(bpy.context.view_layer.layer_collection)
    for thing in scene.objects:
        thing.hide_set(False)
        if thing.library is not None:
            continue
        thing.hide_viewport = thing.hide_render
        thing.show_instancer_for_viewport = thing.show_instancer_for_render
        for modifier in thing.modifiers:
            modifier.show_viewport = modifier.show_render
            if modifier.type in ("SUBSURF", "MULTIRES"):
                modifier.levels = modifier.render_levels
        if thing.type in ("CURVE", "SURFACE", "FONT") and thing.data.render_resolution_u:
            thing.data.resolution_u = thing.data.render_resolution_u
        elif thing.type == "META":
            thing.data.resolution = thing.data.render_resolution
    for particles in bpy.data.particles:
        particles.display_percentage = 100
        particles.display_method = "RENDER"
        particles.child_percent = particles.rendered_child_count
    bpy.context.view_layer.update()


def _show_layers(layer: Any) -> None:
    layer.hide_viewport = False
    for child in layer.children:
        _show_layers(child)
