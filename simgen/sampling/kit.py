"""Kit: what a scene type may use: the drawn objects, their shapes, physics, supports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.plugin.protocols import Settled
from simgen.records.material import Material
from simgen.records.pose import Pose, Vec3
from simgen.records.world import DraftObject
from simgen.sampling.physics.contact import touching
from simgen.sampling.physics.model import Body
from simgen.sampling.physics.settling import Rest, settle
from simgen.sampling.shapes import RememberedShapes

Points = NDArray[np.float64]


class SamplingKit:
    """The `plugin.protocols.Kit` of one world.

    Args:
        things: drawn objects and distractors, not yet placed.
        shapes: the asset library.
        collections: keys of all collections, those without objects in this world included.
    """

    def __init__(
        self,
        things: Sequence[DraftObject],
        shapes: RememberedShapes,
        collections: Sequence[str],
    ) -> None:
        self._things = tuple(things)
        self._shapes = shapes
        self._collections = tuple(collections)
        self.residual_m = 0.0

    @property
    def objects(self) -> tuple[DraftObject, ...]:
        """Objects and distractors of this world, drawn, not yet placed."""
        return self._things

    @property
    def collections(self) -> tuple[str, ...]:
        """Keys of all collections, those without objects in this world included."""
        return self._collections

    def hull_m(self, thing: DraftObject) -> Points:
        """Vertices float64[N, 3] of the convex hull in the object's frame, scaled."""
        return self._shapes.hull_m(thing.asset) * thing.scale

    def bounds_m(self, thing: DraftObject) -> Points:
        """Smallest and largest corner in the object's frame, scaled, float64[2, 3]."""
        return self._shapes.bounds_m(thing.asset) * thing.scale

    def box(
        self, name: str, size_m: Vec3, pose: Pose, material: Material, index: int = 0
    ) -> DraftObject:
        """A support (table, wall, shelf board): a box centred at `pose`."""
        return self.support(name, "box", {"size_m": list(size_m)}, pose, {"*": material}, index)

    def support(
        self,
        name: str,
        asset: str,
        settings: Mapping[str, Any],
        pose: Pose,
        materials: Mapping[str, Material] | None = None,
        index: int = 0,
    ) -> DraftObject:
        """A support made by an asset source (see `plugin.protocols.Kit.support`)."""
        collection = f"scene.{name}"
        made = self._shapes.made(collection, asset, settings)
        return DraftObject(
            collection,
            index,
            made,
            "support",
            materials=dict(materials or {}),
            pose=pose,
            slots=self._shapes.slots(made),
        )

    def settle(
        self,
        bodies: Sequence[DraftObject],
        fixed: Sequence[DraftObject] = (),
        *,
        floor: bool = True,
        walls_m: float | None = None,
        collision: str = "hull",
        max_seconds: float = 4.0,
    ) -> Settled:
        """Drop posed bodies onto fixed ones (and the floor z = 0) until they rest.

        Args:
            walls_m: half the edge of a square of invisible walls about the origin.
            collision: `hull`, or `decompose` for convex pieces.
        """
        rest: Rest = settle(
            [
                *(self._body(thing, collision, False) for thing in bodies),
                *(self._body(thing, collision, True) for thing in fixed),
            ],
            floor=floor,
            walls_m=walls_m,
            max_seconds=max_seconds,
        )
        self.residual_m = max(self.residual_m, rest.residual_m)
        return Settled(rest.poses, rest.problems)

    def collides(
        self, things: Sequence[DraftObject], *, collision: str = "hull"
    ) -> list[tuple[int, int, float]]:
        """Pairs of posed things that touch: indices and penetration depth in metres."""
        return touching([self._body(thing, collision, False) for thing in things])

    def _body(self, thing: DraftObject, collision: str, fixed: bool) -> Body:
        if thing.pose is None:
            raise ValueError(f"{thing.name} has no pose yet")
        if collision == "decompose":
            pieces = tuple(
                np.asarray(p, np.float64) * thing.scale for p in self._shapes.pieces_m(thing.asset)
            )
        else:
            pieces = (self.hull_m(thing),)
        return Body(thing.name, pieces, thing.pose, fixed)
