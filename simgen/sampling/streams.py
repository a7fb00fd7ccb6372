"""Keyed random streams: same seed, index and name, same numbers, in any order and process."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import Any, TypeVar

import numpy as np

from simgen.records.pose import Quaternion, Vec3

T = TypeVar("T")
_STANDARD = NormalDist()
_HALF_STEP = 2.0**-54
_BLOCK = 32  # indices over which `spread` is even


class KeyedStream:
    """A `plugin.protocols.Stream` keyed by (seed, scope, index, dotted name).

    The key's BLAKE2b digest seeds numpy's `SeedSequence` and PCG64 (O'Neill 2014). Only its
    uniform doubles are used; every distribution is a transform of them made here, because
    numpy keeps its right to change how its own distributions draw (NEP 19).

    Args:
        seed: the run's seed; 0 is a seed like any other.
        scope: what `index` counts: `world` or `frame`; pilots have scopes of their own.
        index: world or frame number.
        name: dotted name of the drawer; "" is the root.
        ledger: takes what the distributions of settings gave, by the name of their stream.
    """

    def __init__(
        self,
        seed: int,
        scope: str,
        index: int,
        name: str = "",
        ledger: dict[str, Any] | None = None,
    ) -> None:
        self.seed, self.scope, self.index, self.name = seed, scope, index, name
        self.ledger = ledger
        self._uniforms: np.random.Generator | None = None

    def __repr__(self) -> str:
        return f"KeyedStream({self.seed}, {self.scope!r}, {self.index}, {self.name!r})"

    def child(self, name: str) -> KeyedStream:
        """An independent stream, named below this one; draws here do not move draws there."""
        full = f"{self.name}.{name}" if self.name else name
        return KeyedStream(self.seed, self.scope, self.index, full, self.ledger)

    def with_ledger(self, ledger: dict[str, Any] | None) -> KeyedStream:
        """The same stream from its start, writing into another ledger."""
        return KeyedStream(self.seed, self.scope, self.index, self.name, ledger)

    def random(self) -> float:
        """A number in [0, 1), a multiple of 2^-53."""
        if self._uniforms is None:
            key = f"simgen/1\0{self.seed}\0{self.scope}\0{self.index}\0{self.name}"
            digest = hashlib.blake2b(key.encode(), digest_size=16).digest()
            sequence = np.random.SeedSequence(int.from_bytes(digest, "little"))
            self._uniforms = np.random.Generator(np.random.PCG64(sequence))
        return float(self._uniforms.random())

    def uniform(self, low: float, high: float) -> float:
        """A number in [low, high)."""
        return min(max(low + self.random() * (high - low), low), high)

    def normal(self, mean: float = 0.0, std: float = 1.0) -> float:
        """A normal number, at most 8.3 standard deviations out."""
        return mean + std * normal_quantile(self.random())

    def integer(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return low + min(int(self.random() * (high - low + 1)), high - low)

    def choice(self, items: Sequence[T]) -> T:
        """One of the items, all equally likely."""
        return items[self.integer(0, len(items) - 1)]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """The items in random order (Fisher-Yates, Durstenfeld 1964)."""
        out = list(items)
        for last in range(len(out) - 1, 0, -1):
            other = self.integer(0, last)
            out[last], out[other] = out[other], out[last]
        return out

    def direction(self) -> Vec3:
        """A unit vector, uniform on the sphere (Archimedes' hat box: z is uniform)."""
        z = 2.0 * self.random() - 1.0
        azimuth = 2.0 * math.pi * self.random()
        r = math.sqrt(max(0.0, 1.0 - z * z))
        return (r * math.cos(azimuth), r * math.sin(azimuth), z)

    def rotation(self) -> Quaternion:
        """A uniform rotation as unit quaternion w, x, y, z (Shoemake 1992, w >= 0)."""
        u, v, w = self.random(), 2 * math.pi * self.random(), 2 * math.pi * self.random()
        a, b = math.sqrt(1.0 - u), math.sqrt(u)
        q = (b * math.cos(w), a * math.sin(v), a * math.cos(v), b * math.sin(w))
        sign = -1.0 if q[0] < 0 else 1.0
        return (sign * q[0], sign * q[1], sign * q[2], sign * q[3])

    def spread(self) -> float:
        """A number in [0, 1) that is evenly spread over every 32 indices that follow each other.

        Latin hypercube sampling (McKay, Beckman and Conover 1979) along the index: in a block of
        32 worlds (or frames) each 32nd part of [0, 1) comes up once, in an order of the block's
        own, so that shares hold to a fraction of what independent numbers would give, and two
        names stay independent of each other. Like every draw it needs no other index's.
        """
        block, place = divmod(self.index, _BLOCK)
        order = KeyedStream(self.seed, f"{self.scope}.block", block, self.name)
        inside = self.child("inside").random()
        return (order.shuffled(range(_BLOCK))[place] + inside) / _BLOCK

    def draw(self, setting: T) -> T:
        """`setting` with every distribution in it replaced by a draw, each keyed by its path."""
        from simgen.sampling.draws import draw

        return draw(setting, self)


def normal_quantile(u: float) -> float:
    """Inverse normal distribution function of a uniform number in [0, 1) (Wichura, AS 241).

    The middle of the 2^-53 wide cell is taken and the upper half is mirrored, so that 0 does
    not become minus infinity and both tails reach equally far.
    """
    if u < 0.5:
        return _STANDARD.inv_cdf(u + _HALF_STEP)
    return -_STANDARD.inv_cdf((1.0 - u) - _HALF_STEP)
