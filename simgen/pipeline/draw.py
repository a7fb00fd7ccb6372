"""Worlds and frame specs of a scene without rendering, as JSON lines."""

from __future__ import annotations

from collections.abc import Iterator

from simgen.annotate.probe import probe_of
from simgen.assets.library import AssetLibrary
from simgen.pipeline.plan import RenderRequest, prepare
from simgen.pipeline.tasks import tasks_of
from simgen.records.serial import to_json
from simgen.sampling.sampler import Sampler


def draw_records(request: RenderRequest, worlds: int | None = None) -> Iterator[bytes]:
    """One line per world, `{"world": ...}`, each followed by its `{"frame": ...}` lines.

    Args:
        request: scene, seed and, if `worlds` is None, frames; without frames: world 0.
        worlds: draw worlds 0 to N-1 with all their views.

    Raises:
        SimgenError: bad input.
    """
    registry = request.registry()
    plan, scene = prepare(request, registry)
    views = plan.manifest.views_per_world
    frames = request.frames or range((worlds or 1) * views)
    library = AssetLibrary(scene, registry)
    sampler = Sampler(scene, library, request.seed, probe_of(scene, library))
    for task in tasks_of(frames, views):
        world = sampler.world(task.world)
        yield to_json({"world": world})
        for frame in task.frames:
            yield to_json({"frame": sampler.frame(frame, world)})
