"""The light of a scene whose file does not speak of light."""

from __future__ import annotations

import math
from dataclasses import replace

from simgen.plugin.protocols import Stream
from simgen.records.pose import Pose, look_at, multiply
from simgen.records.world import Draft, Environment, Light
from simgen.sampling.cameras import shell_point

DEFAULT_PREFIX = "default."


def with_default_light(draft: Draft, rng: Stream) -> Draft:
    """The draft under soft light from everywhere and one large lamp from above, slightly warm.

    The lamp is a 0.8 m square, 1.5 m away at 55 to 75 degrees elevation. It stands in the
    draft before any randomizer runs; `lights` and `environment` take it away (its name starts
    with `default.`) and put their own in its place. A scene type that brings lamps keeps them,
    and its environment.
    """
    if draft.lights:
        return draft
    distance = max(1.5, 1.5 * draft.radius_m)
    eye = shell_point((0.0, 0.0, 0.0), distance, rng.uniform(55.0, 75.0), rng.uniform(0.0, 360.0))
    lamp = Light(
        f"{DEFAULT_PREFIX}lamp",
        "area",
        power=12.0 * (distance / 1.5) ** 2,
        color=(1.0, 0.93, 0.85),
        pose=lamp_pose(eye, (0.0, 0.0, 0.0)),
        size_m=(0.8, 0.8),
    )
    sky = Environment("constant", (0.92, 0.96, 1.0), strength=0.45)
    return replace(draft, lights=(lamp,), environment=sky)


def without_default_light(lights: tuple[Light, ...]) -> tuple[Light, ...]:
    """The lamps that somebody asked for."""
    return tuple(light for light in lights if not light.name.startswith(DEFAULT_PREFIX))


def lamp_pose(eye_m: tuple[float, float, float], target_m: tuple[float, float, float]) -> Pose:
    """Pose of a lamp at `eye_m` that shines (local -z) at `target_m`."""
    camera = look_at(eye_m, target_m)
    # A camera looks along its +z; half a turn about x points -z there.
    half_turn = (math.cos(math.pi / 2), math.sin(math.pi / 2), 0.0, 0.0)
    return Pose(eye_m, multiply(camera.quaternion_wxyz, half_turn))
