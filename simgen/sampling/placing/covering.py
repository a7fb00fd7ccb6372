"""Covering: which plates lie where, and how much of each is hidden by later ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from simgen.records.world import DraftObject
from simgen.sampling.placing.tally import Space, Tally
from simgen.sampling.plates import Outline, Plate


@dataclass
class Covering:
    """Plates at rest, with the part of each that later groups cover.

    Args:
        tally: where kept plates are counted.
        plates: at rest, bottom first.
        covered: shapely geometry per plate, inside its outline.
    """

    tally: Tally
    plates: list[Plate] = field(default_factory=list)
    covered: list[Any] = field(default_factory=list)

    def problem(self, lines: Sequence[Outline], space: Space, max_overlap: float) -> str:
        """Why a group of outlines cannot lie there, or ""."""
        import shapely

        for line in lines:
            if not all(space.on_table(corner) for corner in line.corners_m):
                return "no free place on the table"
            if any(shapely.intersects(line.polygon, other) for other in self.tally.outlines):
                return "no free place"
        group = shapely.union_all([line.polygon for line in lines])
        for plate, hidden in zip(self.plates, self.covered, strict=True):
            polygon = plate.outline.polygon
            if not shapely.intersects(group, polygon):
                continue
            fresh = shapely.union(hidden, shapely.intersection(group, polygon))
            if shapely.area(fresh) > max_overlap * shapely.area(polygon):
                return "would cover too much"
        return ""

    def lowered(
        self,
        lines: Sequence[Outline],
        lay_down: Callable[[Outline, Sequence[Plate]], Plate | None],
    ) -> list[Plate] | None:
        """The group at rest, first plate first; None if one cannot lie."""
        below = list(self.plates)
        for line in lines:
            plate = lay_down(line, below)
            if plate is None:
                return None
            below.append(plate)
        return below[len(self.plates) :]

    def keep(self, group: Sequence[DraftObject], plates: Sequence[Plate]) -> None:
        """Make a group final."""
        import shapely

        shade = shapely.union_all([plate.outline.polygon for plate in plates])
        self.covered = [
            shapely.union(hidden, shapely.intersection(shade, plate.outline.polygon))
            for plate, hidden in zip(self.plates, self.covered, strict=True)
        ]
        for thing, plate in zip(group, plates, strict=True):
            self.plates.append(plate)
            self.covered.append(shapely.Polygon())
            self.tally.put(thing, plate.pose())

    def finish(self) -> None:
        """Hand the outlines on, so that what stands later keeps off."""
        self.tally.outlines += [plate.outline.polygon for plate in self.plates]
