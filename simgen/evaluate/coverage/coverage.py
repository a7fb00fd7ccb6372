"""The record of a coverage report: one pass over the worlds and frames of a run folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simgen.dataset.reader import Dataset
from simgen.errors import DataError, Fault
from simgen.evaluate.coverage.found import Found
from simgen.evaluate.coverage.judging import Covered, adjusted, judge, part_names
from simgen.evaluate.coverage.rates import Counting, Rates, picture_step
from simgen.evaluate.coverage.wanted import wanted
from simgen.plugin.scene import Scene

_RENDERED = "give a folder of `simgen render`"


@dataclass(frozen=True)
class Coverage:
    """Requested and realised distributions.

    Args:
        folder: of the dataset.
        settings: all that the scene file leaves to chance, in its order.
        rates: what was drawn again, given up or chosen.
        unknown: streams that no setting explains: draws of plugins under names of their own.
    """

    folder: str
    settings: tuple[Covered, ...]
    rates: Rates
    unknown: dict[str, int]

    @property
    def shifted(self) -> tuple[Covered, ...]:
        """Settings that came out otherwise than asked, the largest shift first."""
        found = [one for one in self.settings if one.verdict == "shifted"]
        return tuple(sorted(found, key=lambda one: -(one.size or 0.0)))

    @property
    def lacking(self) -> tuple[Covered, ...]:
        """Settings with ranges or values that never came."""
        return tuple(one for one in self.settings if one.missing)


def coverage(
    dataset: Dataset, scene: Scene, advance: Callable[[int], None] = lambda frame: None
) -> Coverage:
    """Compare a run folder with the scene file that made it.

    Args:
        scene: as recorded in the folder's manifest.
        advance: called with the number of each frame that was read.

    Raises:
        DataError: no frames, or records of a simgen that kept no ledger of draws.
        RunFolderError: damaged records.
    """
    frames = list(dataset.frames())
    if not frames:
        raise DataError(Fault(str(dataset.layout.root), "there are no frames", "render some"))
    asked = wanted(scene)
    found = Found(asked)
    counting = Counting(dataset, scene.file.stress, picture_step(len(frames)))
    last = -1
    for frame in frames:
        record = dataset.record(frame)
        if record.world != last:
            world = dataset.scene(record)
            if world is None:
                what = "its frames were not rendered: no scene file asked for them"
                raise DataError(Fault(str(dataset.layout.root), what, _RENDERED))
            if world.drawn is None or record.drawn is None:
                what = "its records do not hold what was drawn: an older simgen made it"
                raise DataError(Fault(str(dataset.layout.root), what, "render it again"))
            found.add_world(world)
            counting.add_world(world)
            last = record.world
        found.add_frame(record.drawn or {}, int(record.facts.get("stress.redrawn", 0)) > 0)
        counting.add_frame(record)
        advance(frame)
    settings = []
    for setting in asked.settings:
        by_part = {values.part: values for values in found.of(setting)}
        for part in part_names(setting):
            one = judge(setting, by_part.get(part), part)
            if one is not None:
                settings.append(one)
    names = [category.name for category in scene.categories]
    return Coverage(
        str(dataset.layout.root),
        tuple(adjusted(settings)),
        counting.result(scene.file.balance, names),
        dict(found.unknown.most_common(50)),
    )
