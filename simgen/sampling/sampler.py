"""Sampler: worlds and frames of a scene, each from its number and the seed alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from simgen.errors import Fault, SceneFileError
from simgen.plugin.scene import Scene
from simgen.records.frame import FrameSpec
from simgen.records.world import Draft, World
from simgen.sampling.cameras import draw_frame, planned_view
from simgen.sampling.daylight import with_default_light
from simgen.sampling.freeze import freeze
from simgen.sampling.kit import SamplingKit
from simgen.sampling.locating import located
from simgen.sampling.objects import Drawn, ObjectDrawer
from simgen.sampling.shapes import RememberedShapes, Shapes
from simgen.sampling.stages import check_spots, prepared, run_stage, with_asset
from simgen.sampling.streams import KeyedStream
from simgen.sampling.stressing import candidates, with_case
from simgen.sampling.views import ViewProbe
from simgen.spec.faults import place

MAX_RADIUS_M = 1000.0


class Sampler:
    """Draws worlds and frames; holds caches, never state that a draw depends on.

    Args:
        scene: the checked scene.
        library: the asset library.
        seed: the run's seed.
        probe: looks at views for `stress:`; without it every frame has its ordinary view.
        stage: name of a pilot; its worlds and frames have streams of their own, so that drawing
            them moves nothing.

    Raises:
        SceneFileError: the scene is larger than anything that can be drawn.
    """

    def __init__(
        self,
        scene: Scene,
        library: Shapes,
        seed: int,
        probe: ViewProbe | None = None,
        stage: str = "",
    ) -> None:
        _check_radius(scene)
        self._scene, self._seed, self._probe, self._stage = scene, seed, probe, stage
        self._shapes = RememberedShapes(library)
        self._drawer = ObjectDrawer(scene, self._shapes)

    def world(self, index: int) -> World:
        """World number `index`; its frames are index * frames_per_world and those after it.

        Raises:
            SimgenError: the scene file's settings cannot give a world; see the message.
        """
        scene, root = self._scene, self._root("world", index, {})
        empty = self._is_empty(root)
        drawn = self._drawer.draw(root, empty=empty)
        keys = tuple(collection.key for collection in scene.collections)
        before = Draft(tuple(entry.thing for entry in drawn), collections=keys)
        before = replace(before, view=planned_view(scene, self._first_frame(index)))
        before = prepared(run_stage("objects", before, scene, root), scene, self._shapes)
        check_spots(before, scene)
        kit = SamplingKit(before.objects, self._shapes, before.collections)
        rng = root.child("scene")
        params = rng.child("params").draw(scene.layout_params)
        with located(scene.document):
            draft = scene.layout.layout(params, kit, rng)
        facts = {f"scene.{name}": value for name, value in draft.facts.items()}
        facts["empty"] = empty
        if kit.residual_m > 0:
            facts["scene.deepest_contact_m"] = kit.residual_m
        if kit.settled_s > 0:
            facts["scene.settled_s"] = round(kit.settled_s, 3)  # simulated, so it repeats
        facts |= before.facts
        framing = before.framing or draft.framing
        draft = replace(draft, facts=facts, collections=kit.collections, framing=framing)
        draft = with_default_light(draft, root.child("default_light"))
        draft = run_stage("world", draft, scene, root)
        objects = tuple(with_asset(thing, self._shapes) for thing in draft.objects)
        draft = replace(draft, objects=objects)
        return freeze(draft, index, scene, drawn, before.objects, self._shapes, root.ledger)

    def drawn(self, index: int) -> tuple[Drawn, ...]:
        """The objects of a world before anything is placed: what was asked for."""
        root = self._root("world", index)
        return self._drawer.draw(root, empty=self._is_empty(root))

    def frame(self, number: int, world: World) -> FrameSpec:
        """Frame `number` of its world.

        Raises:
            SceneFileError: the camera settings leave no usable camera.
            ValueError: the frame does not show this world.
        """
        file = self._scene.file
        if number // file.frames_per_world != world.index:
            raise ValueError(f"frame {number} is not a view of world {world.index}")
        root = self._root("frame", number - number % file.cameras_per_view)
        if self._probe is None:
            return draw_frame(number, world, self._scene, self._shapes, root)
        return with_case(number, world, self._scene, self._shapes, root, self._probe)

    def candidates(self, number: int, world: World, tries: int) -> Iterator[FrameSpec]:
        """The views among which a frame that is to show an edge case is chosen, in order."""
        root = self._root("frame", number - number % self._scene.file.cameras_per_view)
        for spec, _ in candidates(number, world, self._scene, self._shapes, root, tries):
            yield spec

    def _first_frame(self, index: int) -> KeyedStream:
        return self._root("frame", index * self._scene.file.frames_per_world)

    def _root(self, scope: str, index: int, ledger: dict[str, Any] | None = None) -> KeyedStream:
        scope = f"{self._stage}.{scope}" if self._stage else scope
        return KeyedStream(self._seed, scope, index, ledger=ledger)

    def _is_empty(self, root: KeyedStream) -> bool:
        return root.child("empty").random() < self._scene.file.empty_fraction


def _check_radius(scene: Scene) -> None:
    radius = scene.layout.radius_m(scene.layout_params)
    if not radius <= MAX_RADIUS_M:
        what = f"the scene reaches {radius:.4g} m from its origin"
        cure = f"lengths are metres; at most {MAX_RADIUS_M:g} m can be used"
        raise SceneFileError(Fault(place(scene.document, ("scene",)), what, cure))
