"""Both engines on the same frames: what an engine's own passes say of the labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from simgen.errors import Fault, PluginError
from simgen.pipeline.plan import RenderRequest, prepare
from simgen.pipeline.pool import cores
from simgen.pipeline.progress import progress
from simgen.pipeline.tasks import tasks_of
from simgen.pipeline.worker import open_engine
from simgen.records.parity import Parity


def compare_engines(request: RenderRequest) -> Iterator[Parity]:
    """The scene's engine against the ray caster, one frame after the other; writes nothing.

    Raises:
        SimgenError: bad input.
        PluginError: the engine has no passes of its own to compare.
    """
    plan, _ = prepare(request, request.registry())
    engine = open_engine(plan, cores())
    with engine.session as session:
        if not hasattr(session, "parity"):
            what = "the labels come from this engine itself: there is nothing to compare"
            raise PluginError(
                Fault(f"renderer {plan.manifest.engine}", what, "give --renderer cycles")
            )
        with progress("comparing", len(plan.frames)) as advance:
            for task in tasks_of(plan.frames, plan.manifest.views_per_world):
                world = engine.sampler.world(task.world)
                specs = [engine.sampler.frame(frame, world) for frame in task.frames]
                for found in session.parity(world, specs):
                    advance(found.frame)
                    yield _rounded(found)


def _rounded(found: Parity) -> Parity:
    """Without the digits that mean nothing."""
    objects = tuple(replace(item, iou=round(item.iou, 5)) for item in found.objects)
    return replace(
        found,
        objects=objects,
        agreement=round(found.agreement, 6),
        judged=round(found.judged, 6),
        depth_mm=round(found.depth_mm, 5),
        normals_deg=round(found.normals_deg, 5),
    )
