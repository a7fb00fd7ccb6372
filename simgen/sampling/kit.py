"""Kit: what a scene type may use: the drawn objects, their shapes, physics, supports."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from simgen.plugin.protocols import Placed, Platform, Settled, Stream
from simgen.records.material import Material
from simgen.records.pose import Pose, Vec3
from simgen.records.world import DraftObject
from simgen.sampling.physics.contact import touching
from simgen.sampling.physics.model import Body
from simgen.sampling.physics.settling import Rest, settle
from simgen.sampling.placing.platforms import Asked, place_on
from simgen.sampling.shapes import RememberedShapes

_FLAT, _UP = np.array([1.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0])

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
        self.settled_s = 0.0

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
        self,
        name: str,
        size_m: Vec3,
        pose: Pose,
        material: Material,
        index: int = 0,
        *,
        bevel_m: float = 0.0,
    ) -> DraftObject:
        """A support (table, wall, shelf board): a box centred at `pose`."""
        settings: dict[str, Any] = {"size_m": list(size_m)}
        if bevel_m > 0:
            settings["bevel_m"] = bevel_m
        return self.support(name, "box", settings, pose, {"*": material}, index)

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
        collision: str = "auto",
        max_seconds: float = 4.0,
    ) -> Settled:
        """Drop posed bodies onto fixed ones (and the floor z = 0) until they rest.

        Args:
            fixed: posed things that do not move.
            walls_m: half the edge of a square of invisible walls about the origin.
            collision: `hull`; `decompose` for convex pieces; `auto`: pieces of what has dents.
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
        self.settled_s += rest.seconds
        return Settled(rest.poses, rest.problems, rest.seconds)

    def collides(
        self, things: Sequence[DraftObject], *, collision: str = "auto"
    ) -> list[tuple[int, int, float]]:
        """Pairs of posed things that touch: indices and penetration depth in metres."""
        return touching([self._body(thing, collision, False) for thing in things])

    def platform(
        self, support: DraftObject, *, inset_m: float = 0.0, headroom_m: float = math.inf
    ) -> Platform:
        """The top of a posed box: its upper side, `inset_m` narrower all around."""
        if support.pose is None:
            raise ValueError(f"{support.name} has no pose yet")
        low, high = self.bounds_m(support)
        x, y, z = (float(v) for v in support.pose.apply((low + high) / 2 * _FLAT + high * _UP))
        width, depth = (max(0.0, float(edge) - 2 * inset_m) for edge in (high - low)[:2])
        pose = Pose((x, y, z), support.pose.quaternion_wxyz)
        return Platform(
            support.name.removeprefix("scene."), pose, (width, depth), headroom_m, support
        )

    def place_on(
        self,
        things: Sequence[DraftObject],
        platform: Platform,
        rng: Stream,
        *,
        around: Sequence[DraftObject] = (),
        how: Literal["stand", "drop"] = "stand",
        gap_m: float = 0.005,
        yaw_deg: tuple[float, float] = (0.0, 360.0),
        max_tries: int = 40,
        collision: str = "auto",
    ) -> Placed:
        """Put things onto a platform so that they rest there and nothing touches."""
        asked = Asked(how, gap_m, yaw_deg, max_tries, collision)
        return place_on(self, things, platform, rng, around, asked)

    def contact_m(self, thing: DraftObject, collision: str = "auto") -> tuple[Points, ...]:
        """Convex pieces float64[N, 3] that physics uses, in the object's frame, scaled."""
        if collision == "hull":
            return (self.hull_m(thing),)
        shapes = self._shapes
        pieces = (shapes.pieces_m if collision == "decompose" else shapes.contact_m)(thing.asset)
        return tuple(np.asarray(piece, np.float64) * thing.scale for piece in pieces)

    def _body(self, thing: DraftObject, collision: str, fixed: bool) -> Body:
        if thing.pose is None:
            raise ValueError(f"{thing.name} has no pose yet")
        return Body(thing.name, self.contact_m(thing, collision), thing.pose, fixed)
