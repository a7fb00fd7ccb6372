"""Choosing the view of a frame that is to show an edge case: bounded, counted, keyed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from simgen.errors import SceneFileError
from simgen.plugin.scene import Scene
from simgen.records.frame import FrameSpec
from simgen.records.world import World
from simgen.sampling.cameras import draw_frame
from simgen.sampling.shapes import Shapes
from simgen.sampling.streams import KeyedStream
from simgen.sampling.views import ViewProbe, shows
from simgen.spec.quotas import Stress


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
    ordinary: FrameSpec, world: World, scene: Scene, shapes: Shapes, rng: KeyedStream, tries: int
) -> Iterator[FrameSpec]:
    """The ordinary view, then others of the same frame from streams of their own."""
    yield ordinary
    for number in range(1, tries):
        own = rng.child("stress").child(f"view{number}")
        try:
            yield draw_frame(ordinary.frame, world, scene, shapes, own)
        except SceneFileError:  # no usable camera among its tries; the next view has others
            continue


def with_case(
    ordinary: FrameSpec,
    world: World,
    scene: Scene,
    shapes: Shapes,
    rng: KeyedStream,
    probe: ViewProbe,
) -> FrameSpec:
    """The first view that shows the frame's case; the ordinary one if none does, or there is none.

    What was chosen, and how many views were thrown away for it, is in the spec's facts.
    """
    stress = scene.file.stress
    name = case_of(stress, rng) if stress is not None else None
    if stress is None or name is None:
        return ordinary
    case, seen = stress.cases[name], -1
    for spec in candidates(ordinary, world, scene, shapes, rng, stress.tries):
        seen += 1
        if shows(case, probe.look(world, spec)):
            return _noted(spec, name, True, seen)
    return _noted(ordinary, name, False, seen)


def _noted(spec: FrameSpec, name: str, met: bool, redrawn: int) -> FrameSpec:
    facts = {"stress.case": name, "stress.met": met, "stress.redrawn": redrawn}
    return replace(spec, facts={**spec.facts, **facts})
