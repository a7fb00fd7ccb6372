"""Scene: a scene file with every plugin section validated; what all later rooms work from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simgen.plugin.protocols import AssetSource, Randomizer, SceneType
from simgen.records.absent import leave_out
from simgen.spec.document import Document
from simgen.spec.fields import Root
from simgen.spec.scene_file import ObjectSection, SceneFile


@dataclass(frozen=True)
class Collection:
    """`objects.KEY` with its plugin and validated, still undrawn parameters."""

    key: str
    section: ObjectSection
    source: AssetSource
    params: Any


@dataclass(frozen=True)
class RandomizerStep:
    """`randomizers.KEY` with its plugin and validated, still undrawn parameters."""

    key: str
    kind: str
    plugin: Randomizer
    params: Any


@dataclass(frozen=True)
class AnnotatorStep:
    """`annotators.KEY` with its plugin and validated, still undrawn parameters."""

    key: str
    kind: str
    plugin: Any
    params: Any


@dataclass(frozen=True)
class Category:
    """A category as COCO writes it.

    Args:
        keypoints: names in the order of an annotation's keypoints; None: it has none.
        skeleton: bones as pairs of numbers of keypoints, the first is 1; None: it has none.
    """

    id: int
    name: str
    supercategory: str = ""
    keypoints: tuple[str, ...] | None = None
    skeleton: tuple[tuple[int, int], ...] | None = None

    def __post_init__(self) -> None:
        leave_out(self, "keypoints", "skeleton")


@dataclass(frozen=True)
class Scene:
    """Everything a scene file says, checked.

    Args:
        path: the file.
        file: the validated skeleton.
        document: the merged plain data with positions.
        layout, layout_params: scene type and its undrawn parameters.
        collections, steps, annotators: in the order of the file.
        categories: in the order of their ids.
        roots: every path setting by its dotted name.
    """

    path: Path
    file: SceneFile
    document: Document
    layout: SceneType
    layout_params: Any
    collections: tuple[Collection, ...]
    steps: tuple[RandomizerStep, ...]
    annotators: tuple[AnnotatorStep, ...]
    categories: tuple[Category, ...]
    roots: dict[str, Root]
