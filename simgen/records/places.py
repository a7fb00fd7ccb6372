"""Wishes of randomizers about a world that is not laid out yet: where things go, what is seen."""

from __future__ import annotations

from dataclasses import dataclass

from simgen.records.pose import Vec3


@dataclass(frozen=True)
class Spot:
    """Where an object is wanted on the surface that the scene type puts things on.

    Args:
        x_m, y_m: middle of its bounding box seen from above, world.
        gap_m: smallest distance from the footprints of what lies there already.
    """

    x_m: float
    y_m: float
    gap_m: float = 0.0


@dataclass(frozen=True)
class Framing:
    """What the views of a world take in, instead of what `camera` says of target and distance.

    Args:
        target_m: middle of the picture, world.
        width_m: width of what the picture shows there, across the line of sight.
    """

    target_m: Vec3
    width_m: float
