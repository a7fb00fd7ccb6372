"""A quick look at a view: labels and brightness of a small picture, nothing rendered in full."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simgen.annotate.labels import annotate
from simgen.plugin.protocols import Library
from simgen.plugin.scene import Scene
from simgen.records.camera import Camera
from simgen.records.colour import SRGB_TO_LINEAR
from simgen.records.frame import FrameSpec, RenderedFrame
from simgen.records.world import World
from simgen.render.raycast import Raycast
from simgen.render.raycast.engine import RaycastSession
from simgen.render.raycast.labels import FrameLabels
from simgen.render.raycast.lighting import FramePainter
from simgen.render.raycast.secondary import LitWorld
from simgen.sampling.views import View, view_of
from simgen.spec.scene_file import LabelRules

_WIDTH_PX = 240
_LIGHT_WIDTH_PX = 80
_QUICK = {"edge_samples": 0, "shadow_rays": 1, "sky_rays": 4, "smoothing": 0, "reflections": False}
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])  # of linear sRGB, IEC 61966-2-1


class RaycastProbe:
    """The `sampling.views.ViewProbe` of a scene: the ray caster at a quarter of the size or so.

    Args:
        library: of the scene.
        rules: which instances are labelled; pixels count as in the full picture.
        threads: of Embree; 0 is every core.
    """

    def __init__(self, library: Library, rules: LabelRules, threads: int = 1) -> None:
        self._library, self._rules = library, rules
        self._session = RaycastSession(Raycast.Params.model_validate(_QUICK), library, threads)
        self._world: World | None = None
        self._made: tuple[FrameLabels, LitWorld] | None = None

    def look(self, world: World, spec: FrameSpec, light: bool = False) -> View:
        """What the view shows; luminance, of a painted picture 80 pixels wide, if asked for."""
        labels, _ = self._prepared(world)
        camera = _shrunk(spec.camera, _WIDTH_PX)
        scale = spec.camera.intrinsics.width / camera.intrinsics.width
        least = max(1, round(self._rules.min_pixels / scale**2))
        geometry, _ = labels.trace(camera)
        nothing = np.zeros((1, 1, 3), np.uint8)
        rendered = RenderedFrame(replace(spec, camera=camera), nothing, geometry, 0.0)
        found, _ = annotate(rendered, world, self._rules.model_copy(update={"min_pixels": least}))
        return view_of(found, self._luminance(world, spec) if light else None, scale)

    def _luminance(self, world: World, spec: FrameSpec) -> float:
        labels, lit = self._prepared(world)
        camera = _shrunk(spec.camera, _LIGHT_WIDTH_PX)
        _, hits = labels.trace(camera)
        backdrop = self._library.texture(world.background) if world.background else None
        rgb, _ = FramePainter(lit, camera, self._session.params).paint(
            hits, spec.exposure, backdrop
        )
        return mean_luminance(rgb)

    def _prepared(self, world: World) -> tuple[FrameLabels, LitWorld]:
        if self._made is None or self._world is not world:
            self._made, self._world = self._session.prepare(world), world
        return self._made


def probe_of(scene: Scene, library: Library) -> RaycastProbe | None:
    """The probe that a scene's frames need, or None: no view of it is chosen."""
    stress = scene.file.stress
    if stress is None or not any(case.frames for case in stress.cases.values()):
        return None
    return RaycastProbe(library, scene.file.labels)


def mean_luminance(rgb: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> float:
    """Mean linear luminance of uint8[..., 3] sRGB, in [0, 1]."""
    return float(SRGB_TO_LINEAR[rgb].reshape(-1, 3).mean(axis=0) @ _LUMINANCE)


def _shrunk(camera: Camera, width_px: int) -> Camera:
    """The same view in fewer pixels; never more than there are."""
    lens = camera.intrinsics
    share = min(1.0, width_px / lens.width)
    width, height = max(1, round(lens.width * share)), max(1, round(lens.height * share))
    x, y = width / lens.width, height / lens.height
    small = replace(
        lens,
        width=width,
        height=height,
        fx=lens.fx * x,
        fy=lens.fy * y,
        cx=lens.cx * x,
        cy=lens.cy * y,
    )
    return replace(camera, intrinsics=small, focus=None, shutter=None)
