"""Laws of renderers: they show the world they were given, and agree with the ray caster on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from simgen.conformance.trial import Trial
from simgen.plugin.conformance import Law, Subject, require
from simgen.records.frame import FrameSpec, RenderedFrame
from simgen.records.world import World

_WORLDS = 2
_VIEWS = 2
# Engines may draw an edge through another pixel; the house's own limit for a frame.
_AGREE = 0.95
_DEPTH_M = 0.002


def suite(subject: Subject) -> list[Law]:
    """The laws of a renderer."""
    trial = _EngineTrial(subject)
    return [
        Law("a frame for each spec, in order", lambda: _frames(trial)),
        Law("colour is sRGB in the size that was asked for", lambda: _colour(trial)),
        Law("ids are within the world's, depth is above 0", lambda: _ids(trial)),
        Law("it agrees with the ray caster", lambda: _agrees(trial)),
        Law("the same world gives the same picture", lambda: _same(trial)),
        Law("it makes the outputs that it names", lambda: _outputs(trial)),
    ]


class _EngineTrial(Trial):
    @property
    def engine(self) -> Any:
        """The plugin."""
        return self.subject.plugin

    @cached_property
    def jobs(self) -> list[tuple[World, list[FrameSpec]]]:
        """Worlds with views."""
        jobs = []
        for drawing in self.drawings[:_WORLDS]:
            world, spec = drawing.world, drawing.frame
            first = world.index * _VIEWS
            jobs.append((world, [replace(spec, frame=first + n, view=n) for n in range(_VIEWS)]))
        return jobs

    @cached_property
    def frames(self) -> list[RenderedFrame]:
        """What the engine makes of them, in one session."""
        return list(self.rendered(self.engine))

    @cached_property
    def truth(self) -> list[RenderedFrame]:
        """What the ray caster makes of them."""
        return list(self.rendered(self.subject.registry.get("renderers", "raycast")))

    def rendered(self, engine: Any) -> Iterator[RenderedFrame]:
        """Frames of all jobs by an engine."""
        own = engine.Params.model_validate(
            self.subject.settings if type(engine) is type(self.engine) else {}
        )
        with engine.open(own, self.library, 1, sorted(engine.outputs)) as session:
            for world, specs in self.jobs:
                yield from session.render(world, specs)


def _frames(trial: _EngineTrial) -> str:
    asked = [spec for _, specs in trial.jobs for spec in specs]
    require([frame.spec for frame in trial.frames] == asked, "other frames than were asked for")
    return f"{len(asked)} frames"


def _colour(trial: _EngineTrial) -> str:
    for frame in trial.frames:
        lens = frame.spec.camera.intrinsics
        shape = (lens.height, lens.width, 3)
        require(frame.rgb.shape == shape, f"rgb is {frame.rgb.shape}, expected {shape}")
        require(frame.rgb.dtype == np.uint8, f"rgb is {frame.rgb.dtype}, expected uint8")
        require(np.ptp(frame.rgb) > 8, "the picture is of one colour")
    return ""


def _ids(trial: _EngineTrial) -> str:
    worlds = [world for world, specs in trial.jobs for _ in specs]
    for world, frame in zip(worlds, trial.frames, strict=True):
        ids, depth = frame.geometry.instances, frame.geometry.depth_m
        known = {thing.id for thing in world.objects} | {0}
        require(set(np.unique(ids).tolist()) <= known, "ids that the world does not have")
        require(bool(np.isfinite(depth).all()), "depth is not finite")
        require(bool((depth >= 0).all()), "depth below 0")
        require(bool((depth[ids > 0] > 0).all()), "an object without depth")
        length = np.linalg.norm(frame.geometry.normals[depth > 0], axis=-1)
        require(bool((abs(length - 1) < 1e-2).all()), "normals are not unit vectors")
    return ""


def _agrees(trial: _EngineTrial) -> str:
    worst = 1.0
    for frame, true in zip(trial.frames, trial.truth, strict=True):
        same = frame.geometry.instances == true.geometry.instances
        share = float(same.mean())
        require(share >= _AGREE, f"{share:.1%} of the instance map agree with the ray caster")
        both = same & (true.geometry.depth_m > 0) & (frame.geometry.depth_m > 0)
        off = np.median(abs(frame.geometry.depth_m[both] - true.geometry.depth_m[both]))
        require(not both.any() or off <= _DEPTH_M, f"depth is off by {1000 * off:.1f} mm (median)")
        require(frame.agreement >= _AGREE, f"it reports an agreement of {frame.agreement:.3f}")
        worst = min(worst, share, frame.agreement)
    return f"{worst:.2%}"


def _same(trial: _EngineTrial) -> str:
    for one, again in zip(trial.frames, trial.rendered(trial.engine), strict=True):
        require(np.array_equal(one.rgb, again.rgb), "a second session gives another picture")
        same = np.array_equal(one.geometry.depth_m, again.geometry.depth_m)
        require(same, "a second session gives another depth")
    return ""


def _outputs(trial: _EngineTrial) -> str:
    named = sorted(trial.engine.outputs)
    for frame in trial.frames:
        if "albedo" in named:
            require(frame.albedo is not None, "albedo is named and not made")
        if "passes" in named:
            require(frame.passes, "passes are named and not made")
    return ", ".join(named) or "none besides colour and geometry"
