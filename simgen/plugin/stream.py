"""The random stream that everything which draws is given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from simgen.records.pose import Vec3

T = TypeVar("T")


class Stream(Protocol):
    """A keyed random stream: the same seed, index and name always give the same numbers."""

    def child(self, name: str) -> Stream:
        """An independent stream, named below this one; draws here do not move draws there."""

    def random(self) -> float:
        """A number in [0, 1)."""

    def uniform(self, low: float, high: float) -> float:
        """A number in [low, high)."""

    def normal(self, mean: float = 0.0, std: float = 1.0) -> float:
        """A normal number."""

    def integer(self, low: int, high: int) -> int:
        """A whole number, both ends included."""

    def choice(self, items: Sequence[T]) -> T:
        """One of the items, all equally likely."""

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """The items in random order."""

    def direction(self) -> Vec3:
        """A unit vector, uniform on the sphere."""

    def rotation(self) -> tuple[float, float, float, float]:
        """A uniform rotation (SO(3)) as unit quaternion w, x, y, z."""

    def draw(self, setting: T) -> T:
        """`setting` with every distribution in it replaced by a draw, each keyed by its path."""
