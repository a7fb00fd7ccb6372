"""The stage behind all of them: frames of sources, with other numbers or fewer labels."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from simgen.dataset.reader import Dataset
from simgen.dataset.records import FrameRecord
from simgen.pipeline.pool import Farm
from simgen.pipeline.stage import (
    Kept,
    Make,
    Outcome,
    Piece,
    StagePlan,
    StageResult,
    run_stage,
    source_info,
    stage_manifest,
)
from simgen.records.provenance import Origin, Step


@dataclass(frozen=True)
class Place:
    """Where a frame comes from.

    Args:
        source: number of the source.
        frame: in it.
        worlds: what is added to its world's number.
    """

    source: int
    frame: int
    worlds: int = 0


@dataclass(frozen=True)
class TakeStage:
    """Takes frames over; decodes nothing.

    Args:
        kind: of stage.
        roots: of the sources.
        place: of an output frame's number.
        rows: labels that stay, by output frame; a frame that is missing keeps all.
    """

    kind: str
    roots: tuple[Path, ...]
    place: Callable[[int], Place]
    rows: Mapping[int, tuple[int, ...]] = field(default_factory=dict)

    @contextmanager
    def open(self, threads: int) -> Iterator[Make]:
        """Every process opens the sources itself."""
        sources = [Dataset.open(root) for root in self.roots]

        def make(pieces: Sequence[Piece]) -> Iterable[Outcome]:
            for piece in pieces:
                place = self.place(piece.frame)
                source = sources[place.source]
                record = self._taken(source.record(place.frame), place, piece.frame)
                yield Kept(record, source, place.frame)

        yield make

    def _taken(self, record: FrameRecord, place: Place, number: int) -> FrameRecord:
        step = Step(self.kind, (Origin(place.source, place.frame),))
        rows = self.rows.get(number)
        labels = record.annotations
        if rows is not None and len(rows) != len(labels):
            kept = set(rows)
            lost = [i for n, i in enumerate(labels.instance) if n not in kept]
            step = replace(step, facts={"labels_taken_out": lost})
            labels = labels.take(rows)
        return replace(
            record,
            frame=number,
            world=record.world + place.worlds,
            annotations=labels,
            provenance=(*(record.provenance or ()), step),
        )


def take(
    kind: str,
    params: dict[str, Any],
    roots: Sequence[Path],
    stage: TakeStage,
    frames: Sequence[int],
    out: Path,
    farm: Farm | None = None,
    **fields: Any,
) -> StageResult:
    """Run it; the manifest is like that of the first source but for `fields`.

    Raises:
        SimgenError: a source or the output folder cannot be used.
    """
    sources = [Dataset.open(root) for root in roots]
    infos = [source_info(source) for source in sources]
    manifest = stage_manifest(kind, params, infos, like=sources[0].manifest, **fields)
    named = {info.name: root.resolve() for info, root in zip(infos, roots, strict=True)}
    plan = StagePlan(manifest, frames, batch=16, sources=named)
    return run_stage(stage, plan, out, farm=farm)


@dataclass(frozen=True)
class SameNumbers:
    """Frames of one source that keep their numbers; pickles."""

    def __call__(self, number: int) -> Place:
        return Place(0, number)
