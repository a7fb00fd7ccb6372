"""The stages at which randomizers run, and what the sampler does about each of them.

Order within a world: objects are drawn; randomizers of stage `objects` change them in the
order of the file; the scene type places them and the default light is set; randomizers of
stage `world` run in the order of the file. For every frame: the camera is drawn, then
randomizers of stage `view` run in the order of the file. Each draws from a stream of its own
(`randomizers.KEY` of the world, `randomizers.KEY.tryT` of the frame), so that none moves
another's numbers.
"""

from __future__ import annotations

from dataclasses import replace

from simgen.errors import Fault, SceneFileError, WorkError
from simgen.plugin.protocols import Stream
from simgen.plugin.scene import RandomizerStep, Scene
from simgen.records.world import AssetRef, Draft, DraftObject
from simgen.sampling.locating import located
from simgen.sampling.objects import check_extents
from simgen.sampling.shapes import RememberedShapes
from simgen.spec.faults import place

STAGES = ("objects", "world", "view")


def stage_of(step: RandomizerStep) -> str:
    """When a randomizer runs."""
    return str(getattr(step.plugin, "stage", "world"))


def run_stage(
    stage: str, draft: Draft, scene: Scene, rng: Stream, attempt: int | None = None
) -> Draft:
    """The draft after all randomizers of a stage, in the order of the file.

    Args:
        rng: root stream of the world or frame; `randomizers.KEY` below it belongs to a step.
        attempt: number of a view that may have to be drawn again; each try has its stream.
    """
    for step in scene.steps:
        if stage_of(step) == stage:
            own = rng.child("randomizers").child(step.key)
            with located(scene.document, step.key):
                draft = _apply(step, draft, own if attempt is None else own.child(f"try{attempt}"))
    return draft


def _apply(step: RandomizerStep, draft: Draft, rng: Stream) -> Draft:
    """One randomizer; the facts, lamps and objects that it adds are named below its own key."""
    lamps = {id(light) for light in draft.lights}
    names = {thing.name for thing in draft.objects}
    fresh = step.plugin.apply(replace(draft, facts={}), step.params, rng)
    facts = {f"randomizers.{step.key}.{name}": value for name, value in fresh.facts.items()}
    lights = tuple(
        light if id(light) in lamps else replace(light, name=f"{step.key}.{light.name}")
        for light in fresh.lights
    )
    objects = tuple(
        thing if thing.name in names else _named(thing, step.key) for thing in fresh.objects
    )
    added = dict.fromkeys(t.collection for t in objects if t.name not in names)
    return replace(
        fresh,
        facts={**draft.facts, **facts},
        lights=lights,
        objects=objects,
        collections=tuple(dict.fromkeys([*draft.collections, *added])),
    )


def _named(thing: DraftObject, key: str) -> DraftObject:
    collection = f"randomizers.{key}" + (f".{thing.collection}" if thing.collection else "")
    asset = replace(thing.asset, collection=collection) if not thing.asset.digest else thing.asset
    return replace(thing, collection=collection, asset=asset)


def prepared(draft: Draft, scene: Scene, shapes: RememberedShapes) -> Draft:
    """The unplaced objects with every wish for an asset come true.

    Raises:
        WorkError: a randomizer of stage `objects` placed something or added a labelled object.
        AssetError: a wish cannot come true.
        SceneFileError: an object is larger or smaller than anything that can be used.
    """
    keys = {collection.key for collection in scene.collections}
    things = []
    for thing in draft.objects:
        if thing.pose is not None or (thing.collection not in keys and thing.role == "object"):
            what = "a randomizer of stage `objects` placed it, or added it with a label"
            raise WorkError(Fault(thing.name, what, "place in stage `world`; add distractors"))
        things.append(thing)
    objects = tuple(with_asset(thing, shapes) for thing in things)
    for before, after in zip(things, objects, strict=True):
        if before.asset != after.asset or after.collection in keys:
            check_extents(after, scene, shapes)
    return replace(draft, objects=objects)


def check_spots(draft: Draft, scene: Scene) -> None:
    """Places are wanted only where the scene type can give them.

    Raises:
        SceneFileError: it puts things where it likes.
    """
    if getattr(scene.layout, "spots", False) or all(t.spot is None for t in draft.objects):
        return
    what = f"a randomizer wants places for objects, and {scene.file.scene.type} gives none"
    cure = "use `type: tabletop`, or take the randomizer (`layout`) away"
    raise SceneFileError(Fault(place(scene.document, ("scene", "type")), what, cure))


def with_asset(thing: DraftObject, shapes: RememberedShapes) -> DraftObject:
    """The object with its asset resolved, if that was a wish."""
    if thing.asset.digest:
        return thing
    asset: AssetRef = shapes.resolved(thing.asset)
    return replace(thing, asset=asset, slots=shapes.slots(asset))
