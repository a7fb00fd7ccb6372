"""Choosing the view of a frame that is to show an edge case: bounded, counted, keyed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from simgen.errors import SceneFileError
from simgen.plugin.scene import Scene
from simgen.records.frame import FrameSpec
from simgen.records.world import World
from simgen.sampling.cameras import draw_frame
from simgen.sampling.shapes import RememberedShapes
from simgen.sampling.streams import KeyedStream
from simgen.sampling.views import ViewProbe, shows
from simgen.spec.quotas import ExtremeLight, Stress


def case_of(stress: Stress, rng: KeyedStream) -> str | None:
    """The case that a frame is to show, if any; spread evenly over the frames.

    Args:
        rng: the frame's root stream.
    """
    mark = rng.child("stress").spread()
    for name, case in stress.cases.items():
        mark -= case.frames or 0.0
        if mark < 0:
            return name
    return None


def candidates(
    number: int, world: World, scene: Scene, shapes: RememberedShapes, rng: KeyedStream, tries: int
) -> Iterator[tuple[FrameSpec, KeyedStream]]:
    """The ordinary view, then others of the same frame from streams of their own; and these."""
    yield draw_frame(number, world, scene, shapes, rng), rng
    for attempt in range(1, tries):
        own = rng.child("stress").child(f"view{attempt}")
        try:
            yield draw_frame(number, world, scene, shapes, own), own
        except SceneFileError:  # no usable camera among its tries; the next view has others
            continue


def with_case(
    number: int,
    world: World,
    scene: Scene,
    shapes: RememberedShapes,
    rng: KeyedStream,
    probe: ViewProbe,
) -> FrameSpec:
    """The first view that shows the frame's case; the ordinary one if none does, or there is none.

    What was chosen, and how many views were thrown away for it, is in the spec's facts. Of a rig
    the first camera decides for all.

    Args:
        rng: root stream of the frame, of a rig's frames that of the first camera.
    """
    stress = scene.file.stress
    name = case_of(stress, rng) if stress is not None else None
    if stress is None or name is None:
        return draw_frame(number, world, scene, shapes, rng)
    case, seen = stress.cases[name], -1
    light = isinstance(case, ExtremeLight)
    first = number - number % scene.file.cameras_per_view
    for spec, own in candidates(first, world, scene, shapes, rng, stress.tries):
        seen += 1
        if shows(case, probe.look(world, spec, light)):
            chosen = spec if number == first else draw_frame(number, world, scene, shapes, own)
            return _noted(chosen, name, True, seen)
    return _noted(draw_frame(number, world, scene, shapes, rng), name, False, seen)


def _noted(spec: FrameSpec, name: str, met: bool, redrawn: int) -> FrameSpec:
    facts = {"stress.case": name, "stress.met": met, "stress.redrawn": redrawn}
    return replace(spec, facts={**spec.facts, **facts})
