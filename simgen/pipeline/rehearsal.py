"""Draws the first worlds of a run and their cameras, so that a scene that cannot be is refused."""

from __future__ import annotations

import time
from itertools import islice
from typing import Any

import numpy as np

from simgen.assets.library import AssetLibrary
from simgen.errors import AssetError, Fault, SceneFileError, SimgenError
from simgen.pipeline.plan import RunPlan
from simgen.pipeline.tasks import Task, all_tasks
from simgen.plugin.scene import Scene
from simgen.records.material import Texture
from simgen.records.world import World
from simgen.sampling.sampler import Sampler
from simgen.sampling.shapes import RoughShapes

_WORLDS = 3
_ENOUGH_S = 0.5
# What numpy, scipy's hull and mujoco say about sizes that no arithmetic can hold.
_NUMERIC = (np.linalg.LinAlgError, ArithmeticError, ValueError)


def rehearse(plan: RunPlan, scene: Scene, library: AssetLibrary) -> None:
    """Draw up to three worlds, the first view of each, and open their texture files.

    Bad input in any of them stops; anything else only if all fail, because in a long run one
    world that fails costs that world alone. Scenes with slow assets are drawn less often, and
    dented ones collide as their hulls here: decomposing them takes seconds.

    Raises:
        SceneFileError: these worlds cannot be made; the faults of the first one.
    """
    sampler = Sampler(scene, RoughShapes(library), plan.seed)
    refusals: list[SceneFileError] = []
    tasks = list(islice(all_tasks(plan), _WORLDS))
    started = time.perf_counter()
    drawn = 0
    for task in tasks:
        drawn += 1
        try:
            with np.errstate(all="ignore"):  # what is not finite is refused by the sampler
                _draw(sampler, library, task)
        except SimgenError as error:
            refusals.append(SceneFileError(_placed(error, task.world)))
            if isinstance(error, (AssetError, SceneFileError)):
                raise refusals[-1] from error
        except _NUMERIC as error:
            what = f"world {task.world} cannot be computed: {type(error).__name__}: {error}"
            cure = "look for sizes, distances or scales that are far too large or too small"
            refusals.append(SceneFileError(Fault(str(scene.path), what, cure)))
        if time.perf_counter() - started > _ENOUGH_S:
            break
    if refusals and len(refusals) == drawn:
        raise refusals[0]


def _draw(sampler: Sampler, library: AssetLibrary, task: Task) -> None:
    world = sampler.world(task.world)
    for texture in _textures(world):
        library.texture(texture)
    if world.environment.file is not None:
        library.environment(world.environment)
    sampler.frame(task.frames[0], world)


def _textures(world: World) -> list[Texture]:
    found: list[Any] = [m.texture for thing in world.objects for m in thing.materials.values()]
    used = [texture for texture in (*found, world.background) if texture and texture.file]
    maps = [ref for texture in used for ref in (texture.maps or {}).values()]
    return [*used, *(Texture("file", file=ref) for ref in maps)]


def _placed(error: SimgenError, world: int) -> list[Fault]:
    return [
        Fault(fault.where, f"world {world} cannot be made: {fault.what}", fault.cure)
        for fault in error.faults
    ]
