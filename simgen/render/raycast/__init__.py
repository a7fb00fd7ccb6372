"""The ray caster: exact geometry and direct lighting on the CPU, in about a second a frame.

Open3D's RaycastingScene (Embree) finds all hits; numpy shades them. What it does: textured
metallic-roughness surfaces (GGX), soft shadows of all lamps, the environment with occlusion
and a glossy reflection, one approximate bounce, supersampled edges, lens distortion exactly
(each pixel's ray is the undistorted one). What it does not do, and Cycles does: caustics,
refraction (glass is drawn as thin tinted panes), multiple bounces, normal maps. Cut-out holes
and glass cast the shadow of a solid surface. Depth of field and motion blur are not shown: a
camera with focus or shutter gives the sharp picture of the labels' pinhole, at the middle of the
exposure.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from simgen.plugin.protocols import Library
from simgen.records.needs import Needs
from simgen.spec.fields import Integer
from simgen.spec.fields import Params as BaseParams

if TYPE_CHECKING:
    from simgen.render.raycast.engine import RaycastSession


class Raycast:
    """Fast CPU ray caster: exact labels, direct light, soft shadows."""

    api: ClassVar[int] = 1
    outputs: ClassVar[frozenset[str]] = frozenset({"albedo"})

    class Params(BaseParams):
        """How hard to try."""

        edge_samples: Integer = Field(
            6, ge=0, le=64, description="rays per pixel where surfaces meet; 0 leaves edges jagged"
        )
        shadow_rays: Integer = Field(2, ge=1, le=64, description="per pixel and lamp")
        sky_rays: Integer = Field(6, ge=1, le=256, description="per pixel, for sky occlusion")
        smoothing: Integer = Field(2, ge=0, le=4, description="passes of the edge-aware filter")
        reflections: bool = Field(True, description="trace a mirror ray from glossy surfaces")

    def needs(self, params: Params) -> Needs:
        """Labels and shading are numpy: workers with one thread each fill a machine best."""
        return Needs(threads=1, memory_mib=1024)

    def open(
        self, params: Params, library: Library, threads: int = 0, outputs: Collection[str] = ()
    ) -> RaycastSession:
        """An engine with its caches; `threads` 0 lets Embree use every core."""
        from simgen.render.raycast.engine import RaycastSession

        return RaycastSession(params, library, threads, outputs)
