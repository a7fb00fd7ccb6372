"""Rendered frames of a trial, and what their labels must be."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simgen.annotate.labels import annotate
from simgen.conformance.trial import Trial
from simgen.errors import SimgenError
from simgen.plugin.conformance import LawBroken, require
from simgen.records.annotations import Annotations
from simgen.records.frame import RenderedFrame
from simgen.records.masks import decode, tight_box
from simgen.records.world import World

_FRAMES = 3


def ray_cast(trial: Trial, count: int = _FRAMES) -> Iterator[tuple[World, RenderedFrame]]:
    """Frames of the first worlds, quickly drawn by the ray caster.

    Raises:
        LawBroken: a world cannot be shown.
    """
    engine = trial.subject.registry.get("renderers", "raycast")
    params = engine.Params(edge_samples=0, shadow_rays=1, sky_rays=1, smoothing=0)
    with engine.open(params, trial.library, 1, ()) as session:
        for drawing in trial.drawings[:count]:
            world = drawing.world
            try:
                (frame,) = session.render(world, [drawing.frame])
            except SimgenError as error:
                raise LawBroken(f"world {world.index} cannot be shown: {error}") from error
            yield world, frame


def valid_labels(trial: Trial) -> str:
    """Masks, boxes, depth and categories of rendered frames agree with each other."""
    seen = 0
    for world, frame in ray_cast(trial):
        labels, unlabelled = annotate(frame, world, trial.scene.file.labels)
        where = f"world {world.index}"
        _ids(frame, world, where)
        _rows(labels, frame, where)
        names = {category.name for category in trial.scene.categories}
        strange = set(labels.category) - names
        require(not strange, f"{where}: labels of unknown categories: {sorted(strange)}")
        seen += len(labels) + len(unlabelled)
    require(seen, "no frame shows an object: camera or placement is off")
    return f"{seen} objects seen"


def _ids(frame: RenderedFrame, world: World, where: str) -> None:
    ids = frame.geometry.instances
    known = {thing.id for thing in world.objects} | {0}
    require(set(np.unique(ids).tolist()) <= known, f"{where}: ids that the world does not have")
    depth = frame.geometry.depth_m
    require(bool((depth[ids > 0] > 0).all()), f"{where}: an object without depth")
    require(bool(np.isfinite(depth).all()), f"{where}: depth is not finite")


def _rows(labels: Annotations, frame: RenderedFrame, where: str) -> None:
    ids = frame.geometry.instances
    for row, instance in enumerate(labels.instance):
        rle = labels.mask[row]
        require(rle is not None, f"{where}: {instance} has no mask")
        assert rle is not None
        mask = decode(rle)
        require(bool((mask == (ids == instance)).all()), f"{where}: mask of {instance} is wrong")
        box = tuple(labels.box_xywh_px[row])
        require(box == tight_box(mask), f"{where}: box of {instance} is not tight")
        share = labels.visibility[row]
        fine = share is not None and 0 < share <= 1
        require(fine, f"{where}: visibility of {instance} is {share}")
