"""Merging: several datasets become one; frames and worlds are numbered on."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from simgen.dataset.reader import Dataset
from simgen.dataset.records import Manifest
from simgen.errors import DataError, Fault
from simgen.pipeline.curating.taking import Place, TakeStage, take
from simgen.pipeline.pool import Farm
from simgen.pipeline.stage import StageResult
from simgen.plugin.scene import Category


@dataclass(frozen=True)
class NumberedOn:
    """Which source a frame comes from; pickles.

    Args:
        firsts: number of each source's frame 0 in the result, ascending.
        worlds: what is added to its worlds' numbers.
    """

    firsts: tuple[int, ...]
    worlds: tuple[int, ...]

    def __call__(self, number: int) -> Place:
        source = bisect_right(self.firsts, number) - 1
        return Place(source, number - self.firsts[source], self.worlds[source])


def merge(roots: Sequence[Path], out: Path, farm: Farm | None = None) -> StageResult:
    """Merge datasets in this order.

    Categories are those of all, by name, in the order in which they come up; outputs those that all
    have. A source's numbers keep their distances: its frame n is frame `first + n`.

    Raises:
        DataError: a category means different things, or a source comes twice.
        RunFolderError: a source is not a dataset.
    """
    if len({root.resolve() for root in roots}) < len(roots):
        raise DataError(Fault("merge", "a dataset is named twice", "name each once"))
    sources = [Dataset.open(root) for root in roots]
    first = sources[0].manifest
    firsts, worlds, numbers = [0], [0], list[int]()
    for source in sources:
        last_frame = last_world = -1
        for record in source.records():
            numbers.append(firsts[-1] + record.frame)
            last_frame, last_world = record.frame, max(last_world, record.world)
        firsts.append(firsts[-1] + last_frame + 1)
        worlds.append(worlds[-1] + last_world + 1)
    place = NumberedOn(tuple(firsts[:-1]), tuple(worlds[:-1]))
    stage = TakeStage("merge", tuple(root.resolve() for root in roots), place)
    manifests = [source.manifest for source in sources]
    same_size = all(m.size == first.size for m in manifests)
    deep = [m.metres_per_depth_step for m in manifests if m.metres_per_depth_step]
    return take(
        "merge",
        {},
        roots,
        stage,
        numbers,
        out,
        farm,
        categories=_categories(roots, manifests),
        outputs=tuple(o for o in first.outputs if all(o in m.outputs for m in manifests)),
        size=first.size if same_size else (0, 0),
        metres_per_depth_step=max(deep, default=0.0),  # the coarsest reaches farthest
        views_per_world=1,
        splits=first.splits if all(m.splits == first.splits for m in manifests) else None,
    )


def _categories(roots: Sequence[Path], manifests: Sequence[Manifest]) -> tuple[Category, ...]:
    found: dict[str, Category] = {}
    for root, manifest in zip(roots, manifests, strict=True):
        for category in manifest.categories:
            old = found.setdefault(category.name, replace(category, id=len(found) + 1))
            if category.keypoints is None:  # labels without keypoints are fine among others
                continue
            if old.keypoints is None:
                found[category.name] = replace(category, id=old.id)
            elif (old.keypoints, old.skeleton) != (category.keypoints, category.skeleton):
                what = f"the category {category.name!r} has other keypoints than in the sets before"
                raise DataError(Fault(str(root), what, "merge sets of the same categories"))
    return tuple(found.values())
