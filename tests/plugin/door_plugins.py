"""Plugins that exist for the tests of the door: good ones and broken ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import EntryPoint
from typing import Any

from pydantic import Field

from simgen.plugin import AssetSource, Marks, Params, Root, Sampled, Unit, Variant
from simgen.plugin.registry import Registry


class Pieces(AssetSource):
    """Chess pieces, drawn in the mind.

    Second line.
    """

    api = 1

    class Params(Params):
        """Settings."""

        gloss: Sampled[Unit] = Field(0.5, description="0 matte, 1 gloss")
        path: Sampled[Root] | None = Field(None, description="folder")

    def variants(self, params: Any) -> Sequence[Variant]:
        return [Variant("pawn", {"rank": "low"}), Variant("king", {"rank": "high"})]

    def state_values(self, params: Any) -> Mapping[str, tuple[str, ...]]:
        return {"side": ("up", "down")}

    def build(self, params: Any, variant: str) -> Any:
        raise NotImplementedError


class Men(Pieces):
    """Chess pieces with joints."""

    def marks(self, params: Any, variant: str) -> Marks:
        if variant == "pawn":
            return Marks(("foot", "head"), (("foot", "head"),))
        return Marks(("foot", "crown", "head"), (("foot", "crown"), ("foot", "head")))


class Ground:
    """Flat ground."""

    api = 1

    class Params(Params):
        """Settings."""

        size: Unit = 1.0

    def radius_m(self, params: Any) -> float:
        return 1.0

    def layout(self, params: Any, kit: Any, rng: Any) -> Any:
        raise NotImplementedError


class Engine:
    """Renders nothing."""

    api = 1

    class Params(Params):
        """Settings."""

    def open(self, params: Any, library: Any, threads: int, outputs: Any = ()) -> Any:
        raise NotImplementedError


class FromTheFuture(Pieces):
    """Speaks another version."""

    api = 99


class NoParams:
    """Has no settings class."""

    api = 1


class Mute:
    """Makes nothing."""

    api = 1

    class Params(Params):
        """Settings."""


class Idle(AssetSource):
    """Derives, and forgets what has no default."""

    api = 1
    Params = Pieces.Params


class Stateless:
    """Neither derives nor has what can be left out by deriving."""

    api = 1
    Params = Pieces.Params
    variants, build = Pieces.variants, Pieces.build


class Deaf(Pieces):
    """Takes other arguments than it is given."""

    def build(self, params: Any) -> Any:
        raise NotImplementedError


def not_a_class() -> None:
    """A function."""


def registry(**assets: str) -> Registry:
    """A registry with `pieces`, ground, engine and the given assets (`name="module:Class"`)."""
    named = {"pieces": "door_plugins:Pieces", **assets}
    group = "simgen.assets"
    return Registry(
        {
            "assets": [EntryPoint(name, value, group) for name, value in named.items()],
            "scene_types": [EntryPoint("ground", "door_plugins:Ground", "simgen.scene_types")],
            "renderers": [EntryPoint("cycles", "door_plugins:Engine", "simgen.renderers")],
            "randomizers": [],
        }
    )
