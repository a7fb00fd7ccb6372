"""Materials of an asset's pieces, replaced by constants, textures and bakes that glTF can say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import bpy
import numpy as np

from .imports_bake import ATLAS, Slot, bake, fits_for_baking, unwrap
from .imports_collect import Piece
from .imports_faults import Refusal
from .imports_plain import Plain, bumpy, plain_normal, plain_of, textures_of
from .imports_values import DEFAULTS, Expression, Material, Product, Rgb, constant
from .imports_write import Look, gltf_material

_COLORS = ("base_color", "emission")


@dataclass
class _Analysis:
    """A material slot before it is replaced.

    Args:
        name: of the material.
        original: the material; None for an empty slot.
        work: its copy, reduced to channels.
        plain: channels that are textures as they are.
        bakes: channels that must be baked.
    """

    name: str
    original: Any
    work: Material
    channels: dict[str, Expression]
    plain: dict[str, Plain] = field(default_factory=dict)
    bakes: set[str] = field(default_factory=set)

    def bake_everything(self) -> None:
        """Bake all that is no constant."""
        self.bakes |= set(self.plain)
        self.plain.clear()

    def job(self) -> Slot:
        """What to bake."""
        return Slot(self.work, {name: self.channels.get(name) for name in sorted(self.bakes)})


@dataclass(frozen=True)
class Dressed:
    """A slot of a mesh with its new look.

    Args:
        slot: name of the new material.
        original: the old one.
        made: the new one.
        uv_name: the UV layer that the old one used.
        atlas: whether another layer took its place.
        baked: channels.
    """

    slot: str
    original: Any
    made: Any
    mesh: Any
    uv_name: str
    atlas: bool
    baked: tuple[str, ...]


def free_names() -> dict[str, str]:
    """Rename all materials, so that new ones can have their names; new name to old."""
    names = {}
    for number, material in enumerate(list(bpy.data.materials)):
        old = material.name
        if material.library is None:
            material.name = f"source {number}"
        names[material.name] = old
    return names


def dress(
    pieces: list[Piece], names: dict[str, str], size: int, where: str
) -> tuple[list[Dressed], list[str]]:
    """Replace all materials, baking where needed; meshes end with one UV layer at most.

    Args:
        names: of `free_names`.
        size: of baked textures, px.
        where: the asset, for messages.

    Returns:
        All slots, and notes.

    Raises:
        Refusal: textures are missing.
    """
    missing = _missing(pieces)
    if missing:
        cure = "restore them, or pack them in Blender (File > External Data > Pack Resources)"
        raise Refusal(where, f"textures are missing: {', '.join(missing)}", cure)
    notes: list[str] = []
    dressed: dict[str, list[Dressed]] = {}
    for piece in pieces:
        if piece.thing.data.name not in dressed:
            piece.thing.matrix_world = piece.world  # materials may look at it
            slots = _analyse(piece.thing, names, notes)
            dressed[piece.thing.data.name] = _dress(piece.thing, slots, size)
        piece.thing.matrix_world = piece.matrix
    return [d for slots in dressed.values() for d in slots], list(dict.fromkeys(notes))


def _missing(pieces: list[Piece]) -> list[str]:
    materials = {m for piece in pieces for m in piece.thing.data.materials if m is not None}
    images = {image for m in materials if m.use_nodes for image in textures_of(m.node_tree)}
    lost = {image.filepath or image.name for image in images if not image.size[0]}
    return sorted(lost)


def _analyse(thing: Any, names: dict[str, str], notes: list[str]) -> dict[int, _Analysis]:
    mesh = thing.data
    if not mesh.materials:
        mesh.materials.append(None)
    own = next((layer for layer in mesh.uv_layers if layer.active_render), None)
    if own is not None:
        mesh.uv_layers.active = own
    last = len(mesh.materials) - 1
    used = sorted({min(polygon.material_index, last) for polygon in mesh.polygons})
    uv_name = own.name if own is not None else ""
    return {n: _analysed(mesh.materials[n], names, uv_name, notes) for n in used}


def _dress(thing: Any, slots: dict[int, _Analysis], size: int) -> list[Dressed]:
    mesh = thing.data
    uv_name = mesh.uv_layers.active.name if mesh.uv_layers.active else ""
    wanting = {number for number, slot in slots.items() if slot.bakes}
    atlas = bool(wanting) and not fits_for_baking(thing, wanting)
    if atlas:
        for number in wanting:  # their textures lie on the UVs that are given up
            slots[number].bake_everything()
        unwrap(thing, wanting)
    jobs = {n: slots[n].job() for n in sorted(wanting)}
    images = _Images(bake(thing, jobs, size) if jobs else {})
    out = []
    made = {}
    for number, slot in slots.items():
        made[number] = gltf_material(slot.name, _look(slot, images))
        baked, gone = tuple(sorted(slot.bakes)), atlas and number in wanting
        out.append(
            Dressed(made[number].name, slot.original, made[number], mesh, uv_name, gone, baked)
        )
    for number in range(len(mesh.materials)):
        mesh.materials[number] = made.get(number)
    bpy.data.batch_remove([slot.work.material for slot in slots.values()])
    for other in [layer.name for layer in mesh.uv_layers]:
        if other != (ATLAS if atlas else uv_name):
            mesh.uv_layers.remove(mesh.uv_layers[other])
    return out


def _analysed(material: Any, names: dict[str, str], uv_name: str, notes: list[str]) -> _Analysis:
    name = names[material.name] if material is not None else "default"
    work = Material(_work_copy(material))
    channels = {channel: work.channel(channel) for channel in DEFAULTS}
    if work.unknown:
        kinds = ", ".join(sorted(work.unknown))
        notes.append(f"material {name}: {kinds} has no counterpart and is shown as matt grey")
    if not isinstance(channels["transmission"], tuple):
        channels["transmission"] = DEFAULTS["transmission"]
        notes.append(f"material {name}: transmission that varies was left out")
    out = _Analysis(name, material, work, channels)
    for channel, value in channels.items():
        if not isinstance(value, tuple):
            out_plain = plain_of(value, channel, uv_name)
            _sort(out, channel, out_plain)
    if bumpy(work):
        _sort(out, "normal", plain_normal(work, uv_name))
        if work.output.inputs["Displacement"].is_linked:
            notes.append(f"material {name}: its displacement is shown as bumps, not as shape")
    return out


def _sort(slot: _Analysis, channel: str, plain: Plain | None) -> None:
    if plain is None:
        slot.bakes.add(channel)
    else:
        slot.plain[channel] = plain


def _work_copy(material: Any) -> Any:
    """A copy that may be changed, with nodes in any case."""
    if material is not None and material.use_nodes:
        work = material.copy()
        if work.animation_data is not None:
            work.animation_data_clear()  # the values of this frame stay
        return work
    work = bpy.data.materials.new("work")
    work.use_nodes = True
    if material is not None:
        shader = work.node_tree.nodes["Principled BSDF"]
        shader.inputs["Base Color"].default_value = material.diffuse_color
        shader.inputs["Metallic"].default_value = material.metallic
        shader.inputs["Roughness"].default_value = material.roughness
    return work


class _Images:
    """Blender images of baked channels, made when first asked for."""

    def __init__(self, pixels: dict[str, Any]) -> None:
        self.pixels = pixels
        self.made: dict[str, tuple[Any, float]] = {}

    def get(self, channel: str) -> tuple[Any, float]:
        """(image, factor) of a channel."""
        if channel not in self.made:
            values = np.nan_to_num(self.pixels[channel])
            top = float(values.max())
            factor = top if channel == "emission" and top > 1 else 1.0
            self.made[channel] = (_image(channel, values / np.float32(factor)), factor)
        return self.made[channel]


def _image(channel: str, values: Any) -> Any:
    size = values.shape[0]
    color = channel in _COLORS
    image = bpy.data.images.new(f"baked {channel}", size, size, alpha=False)
    image.colorspace_settings.name = "sRGB" if color else "Non-Color"
    values = np.clip(values, 0, 1)
    if color:  # IEC 61966-2-1
        low = values * np.float32(12.92)
        values = np.where(values <= 0.0031308, low, 1.055 * values ** (1 / 2.4) - 0.055)
    rgba = np.ones((size, size, 4), np.float32)
    rgba[..., :3] = np.rint(values * 255) / 255
    image.pixels.foreach_set(rgba.ravel())
    image.update()
    image.pack()
    return image


def _look(slot: _Analysis, images: _Images) -> Look:
    look = Look(ior=slot.work.ior)
    for channel, value in slot.channels.items():
        if channel in slot.bakes:
            image, factor = images.get(channel)
            look.textures[channel] = Plain(image)
            look.numbers[channel] = (factor,) * 3
        elif channel in slot.plain:
            look.textures[channel] = slot.plain[channel]
            look.numbers[channel] = _factor(value)
        else:
            look.numbers[channel] = constant(value)
    if "normal" in slot.bakes:
        look.textures["normal"] = Plain(images.get("normal")[0])
    elif "normal" in slot.plain:
        look.textures["normal"] = slot.plain["normal"]
    return look


def _factor(value: Expression) -> Rgb:
    if isinstance(value, Product):
        if isinstance(value.a, tuple):
            return value.a
        if isinstance(value.b, tuple):
            return value.b
    return (1.0, 1.0, 1.0)
