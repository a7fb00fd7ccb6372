"""The shelf itself: boards, sides, back panel, price rails, tags; floor and wall about it.

The shelf's middle is the z axis, its front looks towards -y, the floor is z = 0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simgen.plugin import Kit, Stream, material_from
from simgen.records.material import Material
from simgen.records.pose import Pose, Vec3
from simgen.records.world import DraftObject
from simgen_shelf.boards import Block, Board

_BOARD_M, _SIDE_M, _PANEL_M = 0.025, 0.03, 0.012
_BASE_M = 0.12  # plinth below the lowest board
_RAIL_M = (0.006, 0.042)  # depth and height of a price rail
_TAG_M = (0.06, 0.0015, 0.036)
_WALL_M, _FLOOR_M = 0.1, 0.05


@dataclass(frozen=True)
class Rack:
    """A shelf of boards between two sides.

    Args:
        size_m: width, depth, height.
        shares: of the height above each board, from the lowest up; in any unit.
        aisle_m: floor on all sides of it.
    """

    size_m: Vec3
    shares: tuple[float, ...]
    aisle_m: float

    def reach_m(self) -> float:
        """Distance of the farthest corner of floor or wall from the origin."""
        x, y = (edge / 2 + self.aisle_m for edge in self.size_m[:2])
        return math.hypot(x, y, self._wall_height_m()) + 0.01

    def _wall_height_m(self) -> float:
        return max(self.size_m[2] + 0.6, 2.4)

    def boards(self) -> list[Board]:
        """The boards from the lowest up, with the free room above each."""
        width, depth, height = self.size_m
        top = min(_BASE_M, height / (len(self.shares) + 1)) + _BOARD_M
        unit = (height - top) / sum(self.shares)
        inside, out = (width - 2 * _SIDE_M, depth - _PANEL_M), []
        for number, share in enumerate(self.shares):
            free = share * unit - _BOARD_M
            out.append(Board(number, top, *inside, front_m=-depth / 2, headroom_m=free))
            top += share * unit
        return out

    def supports(self, kit: Kit, params: Any, rng: Stream) -> list[DraftObject]:
        """Boards, rails, sides, back panel, base, floor and wall."""
        names = ("frame", "panel", "rail", "floor", "wall")
        looks = {name: material_from(getattr(params, name), rng.child(name)) for name in names}
        out = self._surroundings(kit, looks)
        width, depth, height = self.size_m
        for number, side in enumerate((-1, 1)):
            at = (side * (width - _SIDE_M) / 2, -_PANEL_M / 2, height / 2)
            edges = (_SIDE_M, depth - _PANEL_M, height)
            out.append(kit.box("side", edges, Pose(at), looks["frame"], number, bevel_m=0.002))
        for board in self.boards():
            out += self._board(kit, board, looks)
        return out

    def _surroundings(self, kit: Kit, looks: Mapping[str, Material]) -> list[DraftObject]:
        width, depth, height = self.size_m
        wide, tall = width + 2 * self.aisle_m, self._wall_height_m()
        places: dict[str, tuple[Vec3, Vec3]] = {
            "panel": (
                (width, _PANEL_M, height),
                (0.0, (depth - _PANEL_M) / 2, height / 2),
            ),
            "floor": (
                (wide, depth + 2 * self.aisle_m, _FLOOR_M),
                (0.0, 0.0, -_FLOOR_M / 2),
            ),
            "wall": ((wide, _WALL_M, tall), (0.0, depth / 2 + _WALL_M / 2 + 0.002, tall / 2)),
        }
        return [kit.box(n, edges, Pose(at), looks[n]) for n, (edges, at) in places.items()]

    def _board(self, kit: Kit, board: Board, looks: Mapping[str, Material]) -> list[DraftObject]:
        low = 0.0 if board.number == 0 else board.top_m - _BOARD_M  # the lowest has a plinth
        edges = (board.width_m, board.depth_m, board.top_m - low)
        at = (0.0, board.front_m + board.depth_m / 2, (board.top_m + low) / 2)
        rail = (board.width_m, *_RAIL_M)
        rail_at = (0.0, board.front_m - _RAIL_M[0] / 2, board.top_m - _RAIL_M[1] / 2)
        return [
            kit.box("board", edges, Pose(at), looks["frame"], board.number, bevel_m=0.0015),
            kit.box("rail", rail, Pose(rail_at), looks["rail"], board.number, bevel_m=0.001),
        ]

    def tags(
        self, kit: Kit, params: Any, rng: Stream, blocks: Sequence[Block]
    ) -> list[DraftObject]:
        """A price tag on the rail below the left facings of each product that has one."""
        out: list[DraftObject] = []
        for number, block in enumerate(blocks):
            own = rng.child(str(number))
            if own.random() >= params.tags:
                continue
            width = min(_TAG_M[0], block.width_m)
            aside = own.child("x").uniform(0.0, min(block.width_m - width, 0.1))
            board = block.board
            at = (
                block.left_m + width / 2 + aside,
                board.front_m - _RAIL_M[0] - _TAG_M[1] / 2,
                board.top_m - _RAIL_M[1] / 2,
            )
            look = material_from(params.tag, own.child("look"))
            out.append(kit.box("tag", (width, *_TAG_M[1:]), Pose(at), look, number))
        return out
