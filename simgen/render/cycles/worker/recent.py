"""A cache that keeps what recent worlds used, and removes the rest from Blender."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Recent(Generic[T]):
    """Things by key with the number of the world that last used them.

    Args:
        remove: takes one thing out of Blender.
        worlds: for how many worlds an unused thing is kept.
    """

    def __init__(self, remove: Callable[[T], None], worlds: int = 8) -> None:
        self._remove, self._worlds = remove, worlds
        self._held: dict[str, tuple[T, int]] = {}
        self._now = 0

    def get(self, key: str, make: Callable[[], T]) -> T:
        """The thing of a key, made if need be."""
        held = self._held.get(key)
        thing = held[0] if held else make()
        self._held[key] = (thing, self._now)
        return thing

    def next_world(self) -> None:
        """Count one world, and remove what has not been used for long."""
        self._now += 1
        old = [k for k, (_, used) in self._held.items() if self._now - used > self._worlds]
        for key in old:
            self._remove(self._held.pop(key)[0])
