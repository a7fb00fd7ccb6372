"""The session: one tree per world, one pass of labels and one of light per frame."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING

from simgen.plugin.protocols import Library
from simgen.records.asset import Image
from simgen.records.frame import FrameSpec, RenderedFrame
from simgen.records.serial import to_json
from simgen.records.world import World
from simgen.render.raycast.geometry import WorldGeometry, build_geometry
from simgen.render.raycast.labels import FrameLabels
from simgen.render.raycast.lamps import Lamp
from simgen.render.raycast.lighting import FramePainter
from simgen.render.raycast.secondary import LitWorld
from simgen.render.raycast.sky import Sky
from simgen.render.raycast.solos import SoloCache

if TYPE_CHECKING:
    from simgen.render.raycast import Raycast

_CHAIN_BYTES = 48 << 20  # mip chains kept between worlds
_MAX_SKIES = 4


class RaycastSession:
    """An open ray caster.

    Args:
        params: how hard to try.
        library: realises assets, surfaces, environments.
        threads: of Embree; 0 is every core. The result does not depend on it.
        outputs: `albedo` is made if it is among them.
    """

    def __init__(
        self, params: Raycast.Params, library: Library, threads: int, outputs: Collection[str] = ()
    ) -> None:
        self.params, self.library, self.threads = params, library, threads
        self._with_albedo = "albedo" in outputs
        self._solos = SoloCache(threads)
        self._chains: dict[int, list[Image]] = {}
        self._skies: dict[str, Sky] = {}

    def __enter__(self) -> RaycastSession:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._solos = SoloCache(self.threads)
        self._chains.clear()
        self._skies.clear()

    def render(self, world: World, frames: Iterable[FrameSpec]) -> Iterator[RenderedFrame]:
        """Each frame of one world, in order; the world is built once."""
        labels, lit = self.prepare(world)
        backdrop = self.library.texture(world.background) if world.background else None
        for spec in frames:
            found, hits = labels.trace(spec.camera)
            painter = FramePainter(lit, spec.camera, self.params)
            rgb, ev = painter.paint(hits, spec.exposure, backdrop)
            albedo = painter.albedo(hits) if self._with_albedo else None
            yield RenderedFrame(spec, rgb, found, ev, albedo=albedo)

    def prepare(self, world: World) -> tuple[FrameLabels, LitWorld]:
        """What labels and light of a world's frames are made with, for every engine."""
        geometry = self.geometry(world)
        labels = FrameLabels(world, self.library, geometry, self._solos)
        return labels, LitWorld(geometry, tuple(Lamp(x) for x in world.lights), self._sky(world))

    def geometry(self, world: World) -> WorldGeometry:
        """The world's triangles and surfaces."""
        _trim(self._chains)
        return build_geometry(world, self.library, self.threads, self._chains)

    def _sky(self, world: World) -> Sky:
        key = hashlib.sha256(to_json(world.environment)).hexdigest()
        if key not in self._skies:
            if len(self._skies) >= _MAX_SKIES:
                del self._skies[next(iter(self._skies))]
            self._skies[key] = Sky(self.library.environment(world.environment))
        return self._skies[key]


def _trim(chains: dict[int, list[Image]]) -> None:
    """Forget the chains that were made first, until the rest is within bounds."""
    sizes = {key: sum(level.nbytes for level in levels) for key, levels in chains.items()}
    total = sum(sizes.values())
    for key in list(chains):
        if total <= _CHAIN_BYTES:
            return
        total -= sizes[key]
        del chains[key]
