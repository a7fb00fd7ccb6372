"""Goods become facings of products, and facings get places on boards.

Every place follows from the goods' own extents, so nothing touches and no place is drawn twice.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from simgen.plugin import Kit, Stream
from simgen.records.pose import Pose, Quaternion
from simgen.records.world import DraftObject, PlacementCounts
from simgen_shelf.boards import Block, Board, Facing, Turned

_ABOVE_M = 0.015  # free above the highest good: a hand must lift it
_ON_BACK: Quaternion = (math.sqrt(0.5), -math.sqrt(0.5), 0.0, 0.0)  # tips the front (-y) up


@dataclass
class Goods:
    """All goods of a world on their way to the boards; counts what has gone wrong there."""

    params: Any
    kit: Kit
    rng: Stream
    sold_out: int = 0
    misplaced: int = 0
    fallen: int = 0
    _placed: dict[str, DraftObject] = field(default_factory=dict)
    _dropped: dict[str, str] = field(default_factory=dict)

    def arranged(self, boards: Sequence[Board]) -> list[Block]:
        """Put every product onto boards; what finds no place is dropped with a reason."""
        lines: dict[int, list[list[Facing]]] = {board.number: [] for board in boards}
        free = {board.number: board.width_m for board in boards}
        products = self._misplace(self.rng.child("order").shuffled(self._products()))
        for number, product in enumerate(products):
            own = self.rng.child(f"product{number}")
            facings = self._facings(product, own, boards[0].depth_m)
            self._lay(facings, boards, lines, free, own.child("board"))
        return [b for board in boards for b in self._put(board, lines[board.number], free)]

    def placed(self) -> tuple[DraftObject, ...]:
        """Goods with poses, in the order in which they were drawn."""
        named = self._placed
        return tuple(named[thing.name] for thing in self.kit.objects if thing.name in named)

    def counts(self) -> PlacementCounts:
        """What became of all of them."""
        dropped = tuple(f"{name}: {reason}" for name, reason in self._dropped.items())
        return PlacementCounts(len(self.kit.objects), len(self._placed), 0, dropped)

    def _products(self) -> list[list[DraftObject]]:
        """Goods that follow one another in a collection and look the same."""
        out: list[list[DraftObject]] = []
        for thing in self.kit.objects:
            last = out[-1][-1] if out else None
            if last and (last.collection, last.asset) == (thing.collection, thing.asset):
                out[-1].append(thing)
            else:
                out.append([thing])
        return out

    def _misplace(self, products: Sequence[Sequence[DraftObject]]) -> list[list[DraftObject]]:
        """Single goods change places with one of another product."""
        own, out = self.rng.child("misplaced"), [list(product) for product in products]
        for number, product in enumerate(out):
            others = [other for n, other in enumerate(out) if n != number]
            if not others or own.random() >= self.params.misplaced:
                continue
            other = own.choice(others)
            i, j = own.integer(0, len(product) - 1), own.integer(0, len(other) - 1)
            product[i], other[j] = other[j], product[i]
            self.misplaced += 2
        return out

    def _facings(self, product: Sequence[DraftObject], rng: Stream, depth_m: float) -> list[Facing]:
        """The facings of a product, sold-out places among them."""
        rows, left = int(rng.child("rows").draw(self.params.rows)), list(product)
        out: list[Facing] = []
        while left:
            own = rng.child(f"facing{len(out)}")
            if out and own.child("empty").random() < self.params.empty:
                out.append(Facing((), out[-1].width_m, 0.0))
                continue
            missing = 0
            if rows > 1 and own.child("sold").random() < self.params.sold:
                missing = own.child("missing").integer(1, rows - 1)
            goods = self._behind_one_another(left[: rows - missing], own, depth_m)
            out.append(self._facing(goods, missing, own, depth_m))
            left = left[len(goods) :]
        return out

    def _behind_one_another(
        self, things: Sequence[DraftObject], rng: Stream, depth_m: float
    ) -> list[Turned]:
        """As many as the board is deep for, one at least."""
        out: list[Turned] = []
        used = self.params.inset_m - self.params.gap_m
        for thing in things:
            yaw = math.radians(float(rng.child(f"yaw.{thing.name}").draw(self.params.yaw_deg)))
            good = self._turned(thing, (math.cos(yaw / 2), 0.0, 0.0, math.sin(yaw / 2)))
            used += good.edges_m[1] + self.params.gap_m
            if out and used > depth_m:
                break
            out.append(good)
        return out

    def _facing(self, goods: list[Turned], missing: int, rng: Stream, depth_m: float) -> Facing:
        gap, inset = self.params.gap_m, self.params.inset_m
        if len(goods) == 1 and rng.child("fallen").random() < self.params.fallen:
            lying = self._turned(goods[0].thing, _ON_BACK)
            if lying.edges_m[1] + inset <= depth_m:
                goods, self.fallen = [lying], self.fallen + 1
        depth = sum(good.edges_m[1] for good in goods) + gap * (len(goods) - 1)
        ahead = missing * (goods[0].edges_m[1] + gap)
        start = inset + max(0.0, min(ahead, depth_m - inset - depth))
        return Facing(tuple(goods), max(good.edges_m[0] for good in goods), start)

    def _turned(self, thing: DraftObject, turn: Quaternion) -> Turned:
        points = Pose((0.0, 0.0, 0.0), turn).apply(self.kit.hull_m(thing))
        return Turned(thing, turn, np.stack([points.min(axis=0), points.max(axis=0)]))

    def _lay(
        self,
        facings: Sequence[Facing],
        boards: Sequence[Board],
        lines: dict[int, list[list[Facing]]],
        free: dict[int, float],
        rng: Stream,
    ) -> None:
        """Facings go onto a board that is high and deep enough; what is left onto the next."""
        left = list(facings)
        edges = [good.edges_m for facing in left for good in facing.goods]
        tall, deep = max(e[2] for e in edges) + _ABOVE_M, max(e[1] for e in edges)
        deep += self.params.inset_m
        fitting = [b for b in boards if tall <= b.headroom_m and deep <= b.depth_m]
        whole = sum(f.width_m + self.params.gap_m for f in left) + self.params.block_gap_m
        # Any board that has room for the whole product, else those with the most room.
        order = sorted(rng.shuffled(fitting), key=lambda b: -min(free[b.number], whole))
        for board in order:
            taken: list[Facing] = []
            width = self.params.block_gap_m if lines[board.number] else 0.0
            while left:
                wider = width + left[0].width_m + (self.params.gap_m if taken else 0.0)
                if wider > free[board.number]:
                    break
                width = wider
                taken.append(left.pop(0))
            if any(facing.goods for facing in taken):
                lines[board.number].append(taken)
                free[board.number] -= width
            else:
                left = taken + left
        why = "no board has room left" if fitting else "too large for any board"
        self._dropped |= {good.thing.name: why for facing in left for good in facing.goods}

    def _put(
        self, board: Board, line: Sequence[list[Facing]], free: dict[int, float]
    ) -> list[Block]:
        """Pose the goods of a board; free width is spread between the products."""
        own = self.rng.child(f"board{board.number}")
        order = own.child("order").shuffled(line)
        shares = [0.05 + own.child(f"share{i}").random() for i in range(len(order) + 1)]
        slack = max(free[board.number], 0.0) * self.params.spread / sum(shares)
        x, out = -board.width_m / 2, []
        for number, facings in enumerate(order):
            x += slack * shares[number] + (self.params.block_gap_m if number else 0.0)
            left = x
            for place, facing in enumerate(facings):
                x += self.params.gap_m if place else 0.0
                self._pose(board, facing, x)
                x += facing.width_m
            out.append(Block(board, left, x - left))
        return out

    def _pose(self, board: Board, facing: Facing, left_m: float) -> None:
        y = board.front_m + facing.from_front_m
        self.sold_out += not facing.goods
        for good in facing.goods:
            width, depth, _ = good.edges_m
            corner = np.array([left_m + (facing.width_m - width) / 2, y, board.top_m])
            at = corner - good.box_m[0]
            pose = Pose((float(at[0]), float(at[1]), float(at[2])), good.quaternion_wxyz)
            self._placed[good.thing.name] = replace(good.thing, pose=pose)
            y += depth + self.params.gap_m
