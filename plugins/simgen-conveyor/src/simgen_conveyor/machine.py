"""The machine: belt, rollers, frame, guide rails, legs, floor; the belt's top is z = 0."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from simgen.plugin import Kit, Stream, material_from
from simgen.records.material import Material
from simgen.records.pose import Pose, Vec3, Velocity
from simgen.records.world import DraftObject

_BELT_M = 0.008  # thickness
_DRUM_M = 0.08  # diameter of the end rollers
_BEAM_M = (0.03, 0.12)  # width and height of the side beams
_RAIL_M = 0.012  # thickness of the guide rails
_LEG_M = 0.05
_FLOOR_M = 1.6  # beyond the machine on all sides
_GAP_M = 0.004  # between moving and fixed parts


@dataclass(frozen=True)
class Machine:
    """A belt between two rollers in a frame.

    Args:
        belt_m: length and width.
        height_m: of the belt above the floor.
        rail_m: height of the guide rails above the belt; 0: none.
    """

    belt_m: tuple[float, float]
    height_m: float
    rail_m: float

    def reach_m(self) -> float:
        """Distance of the floor's farthest corner from the middle of the belt."""
        x, y = (edge / 2 + _FLOOR_M for edge in self.belt_m)
        return math.hypot(x, y, self.height_m + 0.05) + 0.01

    def supports(
        self, kit: Kit, params: Any, rng: Stream, speed_m_s: float
    ) -> tuple[DraftObject, list[DraftObject]]:
        """The moving belt, and everything that stands still."""
        names = ("belt", "frame", "rollers", "floor")
        looks = {name: material_from(getattr(params, name), rng.child(name)) for name in names}
        length, width = self.belt_m
        middle = Pose((0.0, 0.0, -_BELT_M / 2))
        belt = kit.box("belt", (length, width, _BELT_M), middle, looks["belt"])
        belt = replace(belt, velocity=Velocity((speed_m_s, 0.0, 0.0)))
        return belt, [*self._boxes(kit, looks), *self._drums(kit, looks["rollers"])]

    def beside(self, fixed: Sequence[DraftObject]) -> list[DraftObject]:
        """What things on the belt can touch."""
        return [part for part in fixed if part.collection in ("scene.rail", "scene.beam")]

    def _boxes(self, kit: Kit, looks: Mapping[str, Material]) -> list[DraftObject]:
        length, width = self.belt_m
        bed = (length - _DRUM_M, width, 0.03)  # carries the belt
        parts: list[tuple[str, Vec3, Vec3, str]] = [
            ("bed", bed, (0.0, 0.0, -_BELT_M - bed[2] / 2 - 0.001), "frame"),
            (
                "floor",
                (length + 2 * _FLOOR_M, width + 2 * _FLOOR_M, 0.04),
                (0.0, 0.0, -self.height_m - 0.02),
                "floor",
            ),
        ]
        beam_y = width / 2 + _GAP_M + _BEAM_M[0] / 2
        leg_m = self.height_m - _BEAM_M[1]
        for side in (-1, 1):
            beam = (length + _DRUM_M / 2, *_BEAM_M)
            parts.append(("beam", beam, (0.0, side * beam_y, -_BEAM_M[1] / 2), "frame"))
            if self.rail_m > 0:
                rail = (length * 0.98, _RAIL_M, self.rail_m)
                rail_y = width / 2 - _RAIL_M / 2
                at = (0.0, side * rail_y, self.rail_m / 2 + _GAP_M)
                parts.append(("rail", rail, at, "frame"))
            for x in self._legs_x():
                leg = (_LEG_M, _BEAM_M[0], leg_m)
                parts.append(("leg", leg, (x, side * beam_y, -_BEAM_M[1] - leg_m / 2), "frame"))
        counts: dict[str, int] = {}
        out = []
        for name, edges, at, look in parts:
            number = counts[name] = counts.get(name, -1) + 1
            bevel = 0.0 if name == "floor" else 0.002
            out.append(kit.box(name, edges, Pose(at), looks[look], number, bevel_m=bevel))
        return out

    def _legs_x(self) -> list[float]:
        number = max(2, math.ceil(self.belt_m[0] / 1.5) + 1)
        reach = self.belt_m[0] / 2 - 0.15
        return [-reach + 2 * reach * k / (number - 1) for k in range(number)]

    def _drums(self, kit: Kit, look: Material) -> list[DraftObject]:
        """Rollers at both ends, their axes along y."""
        length, width = self.belt_m
        settings = {"solid": "cylinder", "size_m": [_DRUM_M, _DRUM_M, width - 0.002]}
        flat = math.sqrt(0.5)
        out = []
        for number, end in enumerate((-1, 1)):
            at = (end * length / 2, 0.0, -_BELT_M - _DRUM_M / 2 + 0.004)
            pose = Pose(at, (flat, flat, 0.0, 0.0))  # turns z to -y
            out.append(kit.support("drum", "primitive", settings, pose, {"*": look}, number))
        return out
