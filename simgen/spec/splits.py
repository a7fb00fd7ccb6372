"""Splits that never move anything: assets by the hash of their name, worlds by their number."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from simgen.spec.fields import Number, Params

_TWO_64 = 2**64
# 2^64 over the golden ratio, odd: multiples spread evenly (Knuth, TAOCP 3, section 6.4).
_GOLDEN = 0x9E3779B97F4A7C15

Share = Annotated[Number, Field(gt=0, lt=1)]
SplitName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,31}$")]


class AssetSplit(Params):
    """Which of a source's assets may be drawn; the others are held out.

    An asset's side follows from the hash of its own name, so it stays where it is whatever is
    added, and the same `share` with the other `part` draws exactly the rest.
    """

    share: Share = Field(0.8, description="expected share of the assets that are for training")
    part: Literal["train", "test"] = Field(description="the side that this scene draws from")

    def holds(self, name: str) -> bool:
        """Whether the asset of this name is in the part."""
        digest = hashlib.sha256(f"simgen.split:{name}".encode()).digest()
        train = int.from_bytes(digest[:8], "big") < self.share * _TWO_64
        return train == (self.part == "train")


def split_of(world: int, shares: Mapping[str, float]) -> str:
    """The split of a world: a function of its number alone, so more frames move none.

    The numbers w / golden ratio modulo 1 lie evenly in [0, 1) for every number of worlds, so
    the shares hold to within a world or two, which hashes would not. The order in which the
    shares are written does not matter.
    """
    mark = world * _GOLDEN % _TWO_64 / _TWO_64
    ordered = sorted(shares, key=lambda name: (-shares[name], name))
    for name in ordered:
        mark -= shares[name]
        if mark < 0:
            return name
    return ordered[-1]  # rounding carried the mark past the end


def _complete(shares: dict[str, float]) -> dict[str, float]:
    total = math.fsum(shares.values())
    if abs(total - 1) > 1e-6:
        raise PydanticCustomError("splits", "the shares add up to {t}, not 1", {"t": f"{total:g}"})
    if "instances" in map(str.lower, shares):
        raise PydanticCustomError("splits", "`instances` is the index of all images")
    return shares


Splits = Annotated[dict[SplitName, Share], AfterValidator(_complete)]
