"""Freezing: a draft becomes a World, with ids, categories and checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from simgen.errors import Fault, SceneFileError, WorkError
from simgen.plugin.categories import category_of, category_rule
from simgen.plugin.scene import Collection, Scene
from simgen.records.pose import Vec3
from simgen.records.world import Draft, DraftObject, World, WorldObject
from simgen.sampling.objects import Drawn
from simgen.sampling.shapes import Shapes
from simgen.spec.faults import place, suggest

_SLACK_M = 1e-6


def freeze(
    draft: Draft,
    index: int,
    scene: Scene,
    drawn: Sequence[Drawn],
    asked: Sequence[DraftObject],
    shapes: Shapes,
    ledger: dict[str, Any] | None = None,
) -> World:
    """The world of a finished draft.

    Ids are 1..N for placed objects and distractors in the draft's order, 0 for supports.

    Args:
        drawn: the collections' objects with their parameters.
        asked: what the scene type was to place: those without what randomizers took away, and
            what they added.

    Raises:
        WorkError: a scene type or randomizer broke a law (counts, names, poses, bounds).
        SceneFileError: an object's category is not in the scene's list.
    """
    placed = [thing for thing in draft.objects if thing.pose is not None]
    _check(draft, placed, asked, f"world {index} ({scene.file.scene.type})", shapes)
    by_name = {entry.thing.name: entry for entry in drawn}
    collections = {collection.key: collection for collection in scene.collections}
    objects, next_id = [], 1
    for thing in placed:
        own = 0 if thing.role == "support" else next_id
        next_id += own > 0
        objects.append(_world_object(thing, own, by_name, collections))
    _check_categories(objects, scene)
    counts = replace(draft.counts, placed=next_id - 1, requested=len(asked))
    interest = draft.interest_m or _centres(placed, shapes)
    return World(
        index,
        scene.file.scene.type,
        tuple(objects),
        draft.lights,
        draft.environment,
        draft.background,
        interest,
        float(draft.radius_m),
        counts,
        draft.facts,
        ledger,
        draft.eyes_m,
        draft.framing,
    )


def _world_object(
    thing: DraftObject,
    own: int,
    drawn: Mapping[str, Drawn],
    collections: Mapping[str, Collection],
) -> WorldObject:
    assert thing.pose is not None
    states: dict[str, str] = {}
    category = None
    if thing.collection in collections:
        collection, params = collections[thing.collection], drawn[thing.name].params
        states = dict(collection.source.states(params, thing.asset.variant, thing.pose))
        facts = {
            "key": thing.collection,
            "name": thing.asset.variant,
            **thing.attributes,
            **states,
        }
        if thing.role == "object":
            category = category_of(category_rule(collection.section), facts)
    return WorldObject(
        own,
        thing.collection,
        thing.index,
        thing.role,
        thing.asset,
        thing.pose,
        thing.scale,
        category,
        thing.attributes,
        states,
        thing.materials,
        thing.velocity,
        thing.finish or None,
    )


def _check(
    draft: Draft,
    placed: Sequence[DraftObject],
    asked: Sequence[DraftObject],
    where: str,
    shapes: Shapes,
) -> None:
    faults = []
    names = [thing.name for thing in placed]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        faults.append(Fault(where, f"two objects are called {', '.join(twice)}"))
    things = sum(thing.role != "support" for thing in placed)
    if things + len(draft.counts.dropped) != len(asked):
        what = (
            f"{len(asked)} objects were drawn, {things} are placed and "
            f"{len(draft.counts.dropped)} counted as dropped"
        )
        faults.append(Fault(where, what, "the scene type must count what it drops"))
    for thing in placed:
        problem = _pose_problem(thing, draft.radius_m, shapes)
        if problem:
            faults.append(Fault(f"{where} {thing.name}", problem))
    if faults:
        raise WorkError(faults)


def _pose_problem(thing: DraftObject, radius_m: float, shapes: Shapes) -> str:
    pose = thing.pose
    assert pose is not None
    numbers = np.array([*pose.position_m, *pose.quaternion_wxyz])
    if not np.isfinite(numbers).all():
        return f"the pose is not finite: {numbers}"
    if abs(float(np.linalg.norm(numbers[3:])) - 1) > 1e-6:
        return f"the quaternion is not a unit one: {numbers[3:]}"
    if thing.velocity is not None:
        rates = np.array([*thing.velocity.linear_m_s, *thing.velocity.angular_rad_s])
        if not np.isfinite(rates).all():
            return f"the velocity is not finite: {rates}"
    reach = np.linalg.norm(pose.apply(shapes.hull_m(thing.asset) * thing.scale), axis=1).max()
    if float(reach) > radius_m + _SLACK_M:
        return f"reaches {reach:.3f} m from the origin, beyond the scene's radius {radius_m:.3f} m"
    return ""


def _check_categories(objects: Sequence[WorldObject], scene: Scene) -> None:
    known = [category.name for category in scene.categories]
    faults = []
    for thing in objects:
        if thing.category is None or thing.category in known:
            continue
        where = place(scene.document, ("objects", thing.collection, "category"))
        if thing.category:
            what = f"{thing.name} would be a {thing.category!r}, which is not in `categories`"
            cure = suggest(thing.category, known, "categories")
        else:
            facts = {"name": thing.asset.variant, **thing.attributes, **thing.states}
            what = f"the category of {thing.name} is empty; its attributes: {facts}"
            cure = "use attributes that are not empty, or give it no label (`category: null`)"
        faults.append(Fault(where, what, cure))
    if faults:
        raise SceneFileError(list(dict.fromkeys(faults))[:5])


def _centres(placed: Sequence[DraftObject], shapes: Shapes) -> tuple[Vec3, ...]:
    """Centres that cameras may look at: the objects'; the distractors' if there are no others."""
    for role in ("object", "distractor"):
        centres = []
        for thing in placed:
            if thing.role == role and thing.pose is not None:
                middle = shapes.bounds_m(thing.asset).mean(axis=0) * thing.scale
                x, y, z = (float(v) for v in thing.pose.apply(middle))
                centres.append((x, y, z))
        if centres:
            return tuple(centres)
    return ()
