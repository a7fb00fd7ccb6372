"""The far bound of a scene: no depth of any of its frames is larger."""

from __future__ import annotations

from simgen.plugin.scene import Scene
from simgen.sampling.rigs import rig_reach_m
from simgen.spec.distributions import support


def far_bound_m(scene: Scene) -> float:
    """Largest depth that a frame of the scene can have, metres.

    The point looked at lies in the scene's ball (radius R about the origin) or as far outside
    as its jitter carries it, and so does the farthest surface on the other side: distance +
    jitter + 2 R, plus what a rig's camera is away from the rig. Randomizers that put
    something farther away, or the camera, say so (`far_m`). `render.depth_far_m` replaces
    the sum. The 16-bit depth scale comes from it.
    """
    if scene.file.render.depth_far_m is not None:
        return float(scene.file.render.depth_far_m)
    camera = scene.file.camera
    radius = scene.layout.radius_m(scene.layout_params)
    apart = rig_reach_m(camera.rig)
    jitter = support(camera.look_at_jitter_m)[1]
    bound = support(camera.distance_m)[1] + jitter + apart + 2.0 * radius
    for step in scene.steps:
        further = getattr(step.plugin, "far_m", None)
        bound = bound if further is None else float(further(step.params, bound))
    return bound
