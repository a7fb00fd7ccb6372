"""Builds every asset that comes from files once, so that a bad one is found before OUT is made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from simgen.errors import AssetError, Fault, SimgenError
from simgen.pipeline.progress import progress
from simgen.plugin.protocols import Variant
from simgen.plugin.scene import Collection, Scene
from simgen.sampling.streams import KeyedStream
from simgen.spec.distributions import Distribution
from simgen.spec.fields import Root


def check_assets(scene: Scene) -> int:
    """Build what the scene can draw: every variant of file sources, one of procedural ones.

    Returns:
        Number of assets built.

    Raises:
        AssetError: with the faults of every asset that cannot be used.
    """
    faults: list[Fault] = []
    work = [(c, variant) for c in scene.collections for variant in _variants(c, faults)]
    with progress("checking assets", len(work), "assets") as advance:
        for number, (collection, variant) in enumerate(work):
            try:
                collection.source.build(_drawn(collection), variant.name)
            except SimgenError as error:
                faults += error.faults
            advance(number)
    if faults:
        raise AssetError(list(dict.fromkeys(faults)))
    return len(work)


def _variants(collection: Collection, faults: list[Fault]) -> Sequence[Variant]:
    try:
        variants = collection.source.variants(_drawn(collection))
    except SimgenError as error:
        faults += error.faults
        return ()
    return variants if _reads_files(collection.params) else variants[:1]


def _drawn(collection: Collection) -> Any:
    # Any draw will do: what can be wrong with a file does not depend on the drawn numbers.
    return KeyedStream(0, "world", 0, f"check.{collection.key}").draw(collection.params)


def _reads_files(value: Any) -> bool:
    if isinstance(value, Root):
        return True
    if isinstance(value, BaseModel):
        return any(_reads_files(getattr(value, name)) for name in type(value).model_fields)
    if isinstance(value, Distribution):
        return any(_reads_files(v) for v in value.args)
    if isinstance(value, dict):
        return any(_reads_files(v) for v in value.values())
    return isinstance(value, (list, tuple)) and any(_reads_files(v) for v in value)
