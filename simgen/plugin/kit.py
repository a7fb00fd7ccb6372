"""The kit that scene types are given: drawn objects, their geometry, physics, places."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from simgen.plugin.stream import Stream
from simgen.records.material import Material
from simgen.records.pose import Pose, Vec3
from simgen.records.world import DraftObject


@dataclass(frozen=True)
class Settled:
    """What became of bodies that were dropped, in the order given.

    Args:
        poses: at rest.
        problems: "" or why this body cannot stay (`fell off`, `fell through the floor`,
            `exploded`, `did not settle`, `interpenetrates parts.2`). Such a body must be drawn
            again or dropped; what lay on it has to settle once more.
        seconds: simulated time until all was quiet.
    """

    poses: tuple[Pose, ...]
    problems: tuple[str, ...]
    seconds: float = 0.0


@dataclass(frozen=True)
class Platform:
    """A level rectangle that things can rest on: a table's top, a shelf's board, a floor.

    Args:
        name: what drawn places are keyed by, and what messages say.
        pose: of its middle; local z is the world's up, x runs along the width.
        size_m: width and depth.
        headroom_m: free height above it.
        support: the posed support that it belongs to; None: an endless floor.
    """

    name: str
    pose: Pose
    size_m: tuple[float, float]
    headroom_m: float = math.inf
    support: DraftObject | None = None


@dataclass(frozen=True)
class Placed:
    """What became of things that were put onto a platform.

    Args:
        things: with poses, in the order given, without those that found no place.
        dropped: reason by name of the others.
        redrawn: places that were thrown away and drawn again.
    """

    things: tuple[DraftObject, ...]
    dropped: dict[str, str]
    redrawn: int = 0


class Kit(Protocol):
    """What scene types are given: the drawn objects, their geometry, physics."""

    @property
    def objects(self) -> tuple[DraftObject, ...]:
        """Objects and distractors of this world, drawn, not yet placed."""

    @property
    def collections(self) -> tuple[str, ...]:
        """Keys of all collections of the scene, those without objects in this world included."""

    def hull_m(self, thing: DraftObject) -> NDArray[np.float64]:
        """Vertices float64[N, 3] of the convex hull in the object's frame, scaled."""

    def bounds_m(self, thing: DraftObject) -> NDArray[np.float64]:
        """Smallest and largest corner in the object's frame, scaled, float64[2, 3]."""

    def contact_m(
        self, thing: DraftObject, collision: str = "auto"
    ) -> tuple[NDArray[np.float64], ...]:
        """Convex pieces float64[N, 3] that physics uses, in the object's frame, scaled."""

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
        """A support (table, wall, shelf board): a box centred at `pose`.

        Args:
            name: settings call it `scene.NAME`; several of one name are told apart by `index`.
            bevel_m: radius of its edges.
        """

    def support(
        self,
        name: str,
        asset: str,
        settings: Mapping[str, Any],
        pose: Pose,
        materials: Mapping[str, Material] | None = None,
        index: int = 0,
    ) -> DraftObject:
        """A support made by an asset source: its first variant with these concrete settings.

        Args:
            asset: name of the source.
            materials: instead of the asset's own, by slot; `*` is every slot.
            name, index: as in `box`.

        Raises:
            AssetError: the settings do not fit the source.
            PluginError: there is no such source.
        """

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
            collision: `hull`; `decompose` for convex pieces; `auto`: pieces of what has dents,
                and of what brings its own.
            max_seconds: simulated time after which a moving body `did not settle`.
        """

    def collides(
        self, things: Sequence[DraftObject], *, collision: str = "auto"
    ) -> list[tuple[int, int, float]]:
        """Pairs of posed things that touch: indices and penetration depth in metres."""

    def platform(
        self, support: DraftObject, *, inset_m: float = 0.0, headroom_m: float = math.inf
    ) -> Platform:
        """The top of a posed box: its upper side, `inset_m` narrower all around."""

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
        """Put things onto a platform so that they rest there and nothing touches.

        Every place comes from the stream `THING.tryN` (or `THING.dropN`) below `rng`, so a place
        that is drawn again moves no other thing's draws.

        Args:
            around: posed things that must not be touched: walls, what stands there already. The
                platform's own support is always among them.
            how: `stand` on their own base with free yaw, kept apart by their footprints; `drop`:
                with physics, in any pose.
            gap_m: smallest distance of standing things' footprints.
            yaw_deg: range of standing things' yaw about the platform's z.
        """
