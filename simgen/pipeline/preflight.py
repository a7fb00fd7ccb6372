"""What can be found out before OUT is made: bad assets, slots, folders, worlds, cameras."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import BaseModel

from simgen.assets.library import AssetLibrary
from simgen.errors import AssetError, Fault, SimgenError
from simgen.pipeline.plan import RunPlan
from simgen.pipeline.progress import progress
from simgen.pipeline.rehearsal import rehearse
from simgen.plugin.files import IMAGE_SUFFIXES, list_files
from simgen.plugin.material_folders import material_sets
from simgen.plugin.protocols import Variant
from simgen.plugin.registry import Registry
from simgen.plugin.scene import Collection, Scene
from simgen.sampling.randomizers.environment import HDRI_SUFFIXES, EnvironmentParams
from simgen.sampling.streams import KeyedStream
from simgen.spec.distributions import Distribution
from simgen.spec.faults import place, suggest
from simgen.spec.fields import Root
from simgen.spec.material import TextureSetting

_SHOWN = 5


def preflight(plan: RunPlan, scene: Scene, registry: Registry) -> int:
    """Build what the scene can draw, then draw its first worlds; writes nothing.

    Returns:
        Number of assets built.

    Raises:
        SimgenError: the scene cannot be made; every fault that was found.
    """
    library = AssetLibrary(scene, registry)
    built = check_assets(scene, library)
    rehearse(plan, scene, library)
    return built


def check_assets(scene: Scene, library: AssetLibrary) -> int:
    """Build every variant of file sources and one of procedural ones; compare their slots.

    Returns:
        Number of assets built.

    Raises:
        AssetError: with the faults of every asset and folder that cannot be used.
    """
    faults = list(_folder_faults(scene))
    work = [(c, variant) for c in scene.collections for variant in _variants(c, faults)]
    slots: dict[str, dict[str, tuple[str, ...]]] = {}
    with progress("checking assets", len(work), "assets") as advance:
        for number, (collection, variant) in enumerate(work):
            try:
                built = _slots(collection, variant.name, library)
                slots.setdefault(collection.key, {})[variant.name] = built
            except SimgenError as error:
                faults += error.faults
            advance(number)
    for collection in scene.collections:
        faults += _slot_faults(scene, collection, slots.get(collection.key, {}))
    if faults:
        raise AssetError(list(dict.fromkeys(faults)))
    return len(work)


def _slots(collection: Collection, variant: str, library: AssetLibrary) -> tuple[str, ...]:
    params = _drawn(collection)
    ref = library.ref(f"objects.{collection.key}", collection.section.asset, params, variant)
    return library.asset(ref).slots


def _slot_faults(
    scene: Scene, collection: Collection, built: dict[str, tuple[str, ...]]
) -> Iterator[Fault]:
    """Slots under `materials:` that variants lack; drawing one of those would fail its world."""
    known = sorted({slot for slots in built.values() for slot in slots})
    for slot in collection.section.materials if built else ():
        lacking = [name for name, slots in built.items() if slot not in slots]
        if not lacking:
            continue
        where = place(scene.document, ("objects", collection.key, "materials", slot))
        if len(lacking) == len(built):
            what = f"no material slot {slot!r}; the slots are {', '.join(known)}"
            yield Fault(where, what, suggest(slot, known, "slots"))
            continue
        shown = ", ".join(lacking[:_SHOWN]) + (", ..." if len(lacking) > _SHOWN else "")
        what = f"the material slot {slot!r} is missing in {len(lacking)} of {len(built)}: {shown}"
        yield Fault(where, what, "give those a collection of their own (`include:`)")


def _folder_faults(scene: Scene) -> Iterator[Fault]:
    """Texture and HDRI settings whose file or folder holds no such image."""
    for step in scene.steps:
        if isinstance(step.params, EnvironmentParams) and step.params.path is not None:
            yield from _empty(scene, step.params.path, HDRI_SUFFIXES)
    sections = [c.section for c in scene.collections] + [c.params for c in scene.collections]
    for part in (scene.layout_params, *sections, *(step.params for step in scene.steps)):
        for setting in _found(part, TextureSetting):
            if setting.path is not None:
                yield from _empty(scene, setting.path, IMAGE_SUFFIXES)
            if setting.maps is not None:
                yield from _empty(scene, setting.maps, ())


def _empty(scene: Scene, root: Root, suffixes: tuple[str, ...]) -> Iterator[Fault]:
    try:
        if suffixes:
            list_files(root, suffixes)
        else:
            material_sets(root)
    except SimgenError as error:
        where = place(scene.document, tuple(root.name.partition("#")[0].split(".")))
        cure = "put images there, or name another file or folder"
        yield from (Fault(where, fault.what, fault.cure or cure) for fault in error.faults)


def _variants(collection: Collection, faults: list[Fault]) -> Sequence[Variant]:
    try:
        variants = collection.source.variants(_drawn(collection))
    except SimgenError as error:
        faults += error.faults
        return ()
    return variants if any(_found(collection.params, Root)) else variants[:1]


def _drawn(collection: Collection) -> Any:
    # Any draw will do: what can be wrong with a file does not depend on the drawn numbers.
    return KeyedStream(0, "world", 0, f"check.{collection.key}").draw(collection.params)


def _found(value: Any, kind: type[Any]) -> Iterator[Any]:
    """Every value of a type inside validated settings."""
    if isinstance(value, kind):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _found(getattr(value, name), kind)
    elif isinstance(value, Distribution):
        yield from _found(value.args, kind)
    elif isinstance(value, (dict, list, tuple)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _found(inner, kind)
