"""Where furniture stands in a room: along walls, in the middle, chairs at a table."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from simgen.plugin.protocols import Stream
from simgen.records.pose import Pose

_TRIES = 30
_GAP_M = 0.04  # between pieces, and behind them
_PATH_M = 0.9  # before a door
_BEFORE_WINDOW_M = 0.3


@dataclass(frozen=True)
class Piece:
    """A piece of furniture to be placed.

    Args:
        name: its stream; `table0`.
        kind: as the asset source `furniture` knows it.
        size_m: width, depth, height.
    """

    name: str
    kind: str
    size_m: tuple[float, float, float]


@dataclass
class FloorPlan:
    """A room seen from above while it is being furnished.

    Args:
        size_m: clear width, depth, height.
        openings: `room_shell` openings.
        taken: (outline, from height, to height) of what stands there, shapely polygons.
    """

    size_m: tuple[float, float, float]
    openings: Sequence[Any]
    taken: list[tuple[Any, float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for opening in self.openings:
            deep, low = (
                (_PATH_M, 0.0) if opening.kind == "door" else (_BEFORE_WINDOW_M, opening.sill_m)
            )
            high = self.size_m[2] if opening.kind == "door" else low + opening.height_m
            x0 = opening.along_m - opening.width_m / 2
            corners = np.array([[x0, 0], [x0 + opening.width_m, 0],
                                [x0 + opening.width_m, deep], [x0, deep]])  # fmt: skip
            self._take([self._at_wall(opening.wall, x, y) for x, y in corners], low, high)

    def place(self, piece: Piece, rng: Stream) -> Pose | None:
        """A free place for a piece: against a wall, hanging on one, or anywhere; None if none.

        Draws from `PIECE.tryN` below `rng`.
        """
        for attempt in range(_TRIES):
            pose = self._drawn(piece, rng.child(piece.name).child(f"try{attempt}"))
            if pose is not None and self.put(piece, pose):
                return pose
        return None

    def put(self, piece: Piece, pose: Pose, *, under: Any = None) -> bool:
        """Take a place if it is free and inside.

        Args:
            under: outline that this piece may reach into (a chair under its table).
        """
        import shapely

        outline = shapely.Polygon(pose.apply(self._corners(piece))[:, :2])
        w, d, _ = self.size_m
        if not shapely.box(-w / 2, -d / 2, w / 2, d / 2).contains(outline):
            return False
        low, high = self._heights(piece, pose)
        near = outline.buffer(_GAP_M, cap_style="flat", join_style="mitre")
        for other, bottom, top in self.taken:
            apart = low >= top or high <= bottom
            if not apart and other is not under and shapely.intersects(near, other):
                return False
        self.taken.append((outline, low, high))
        return True

    def seats(self, table: Pose, size_m: tuple[float, float, float], chair: Piece, rng: Stream
              ) -> Iterator[Pose]:  # fmt: skip
        """Places for a chair at the long sides of a table, facing it, in random order."""
        for attempt in range(_TRIES):
            own = rng.child(chair.name).child(f"seat{attempt}")
            side = 1.0 if own.random() < 0.5 else -1.0
            along = own.uniform(-0.5, 0.5) * max(size_m[0] - chair.size_m[0] - 0.2, 0.0)
            away = size_m[1] / 2 + chair.size_m[1] / 2 + own.uniform(-0.18, 0.25)
            turn = math.radians(own.uniform(-18.0, 18.0)) + (0.0 if side > 0 else math.pi)
            yield table.compose(Pose.from_yaw((along, side * away, 0.0), turn))

    def _drawn(self, piece: Piece, rng: Stream) -> Pose | None:
        w, d, h = self.size_m
        wide, deep, _ = piece.size_m
        centred = piece.kind in ("chair", "stool") or (
            piece.kind == "table" and rng.child("free").random() < 0.5
        )
        if centred:
            yaw = rng.uniform(0.0, 2 * math.pi) if piece.kind != "table" else _quarter(rng)
            reach = math.hypot(wide, deep) / 2
            x = rng.uniform(-1.0, 1.0) * max(w / 2 - reach, 0.0)
            y = rng.uniform(-1.0, 1.0) * max(d / 2 - reach, 0.0)
            return Pose.from_yaw((x, y, 0.0), yaw)
        wall = rng.integer(0, 3)
        room = (w, d)[wall % 2] - wide - 2 * _GAP_M
        if room < 0:
            return None
        along = rng.uniform(-0.5, 0.5) * room
        back = 0.0 if piece.kind == "board" else deep / 2 + rng.uniform(0.02, 0.06)
        x, y = self._at_wall(wall, along, back)
        z = rng.uniform(1.05, min(1.6, h - 0.6)) if piece.kind == "board" else 0.0
        # A piece's back is its +y side; wall 0 stands at -y.
        return Pose.from_yaw((x, y, z), math.pi + wall * math.pi / 2)

    def _at_wall(self, wall: int, along: float, away: float) -> tuple[float, float]:
        """A point given by its place along a wall and its distance from it."""
        depth = self.size_m[1 - wall % 2]
        x, y = along, away - depth / 2
        c, s = ((1, 0), (0, 1), (-1, 0), (0, -1))[wall]
        return (c * x - s * y, s * x + c * y)

    def _take(self, corners: Sequence[tuple[float, float]], low: float, high: float) -> None:
        import shapely

        self.taken.append((shapely.Polygon(corners), low, high))

    @staticmethod
    def _corners(piece: Piece) -> np.ndarray[Any, np.dtype[np.float64]]:
        wide, deep, _ = piece.size_m
        low, high = (-deep, 0.0) if piece.kind == "board" else (-deep / 2, deep / 2)
        x = wide / 2
        return np.array([[-x, low, 0], [x, low, 0], [x, high, 0], [-x, high, 0]])

    @staticmethod
    def _heights(piece: Piece, pose: Pose) -> tuple[float, float]:
        """What it needs, with room for what will stand on it."""
        z, tall = pose.position_m[2], piece.size_m[2]
        if piece.kind == "board":
            return (z - 0.2, z + 0.45)
        return (0.0, tall + (0.35 if piece.kind in ("table", "cabinet") else 0.0))


def _quarter(rng: Stream) -> float:
    """A table stands along the walls, nearly."""
    return rng.integer(0, 3) * math.pi / 2 + math.radians(rng.uniform(-4.0, 4.0))
