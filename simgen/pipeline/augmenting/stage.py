"""The stage that augments a dataset, frame by frame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from simgen.augment.chain import kept_outputs
from simgen.dataset.reader import Dataset
from simgen.errors import DataError, Fault
from simgen.pipeline.augmenting.gate import AugmentConfig
from simgen.pipeline.augmenting.sources import AugmentedSource, check_categories
from simgen.pipeline.pool import Farm
from simgen.pipeline.stage import (
    Make,
    Outcome,
    Piece,
    StagePlan,
    StageResult,
    run_stage,
    source_info,
    stage_manifest,
)


@dataclass(frozen=True)
class Numbering:
    """Which frame of the source a frame of the result comes from.

    Args:
        frames: of the source, ascending.
        copies: results of each.
        originals: whether each stands before its copies, as it is.
    """

    frames: tuple[int, ...]
    copies: int = 1
    originals: bool = False

    @property
    def each(self) -> int:
        """Results of one frame."""
        return self.copies + self.originals

    def results(self) -> list[int]:
        """Numbers of all results; those of the source where each has one."""
        if self.each == 1:
            return list(self.frames)
        return [f * self.each + k for f in self.frames for k in range(self.each)]

    def source(self, result: int) -> tuple[int, bool]:
        """The frame that a result is made of, and whether it stays as it is."""
        frame, place = divmod(result, self.each)
        return frame, self.originals and place == 0


@dataclass(frozen=True)
class AugmentStage:
    """Augments frames of one dataset.

    Args:
        root: of the dataset.
        config: chain and donors.
        numbering: of the results.
        outputs: that they have.
    """

    root: Path
    config: AugmentConfig
    numbering: Numbering
    outputs: tuple[str, ...]

    @contextmanager
    def open(self, threads: int) -> Iterator[Make]:
        """Every process opens the sets itself."""
        import cv2

        cv2.setNumThreads(max(1, threads))
        source = AugmentedSource(self.root, self.config.donors, self.config.links(), self.outputs)

        def make(pieces: Sequence[Piece]) -> Iterable[Outcome]:
            for piece in pieces:
                frame, as_it_is = self.numbering.source(piece.frame)
                sample = source.sample(frame, piece.rng, as_it_is=as_it_is)
                yield replace(sample, frame=piece.frame)

        yield make


def augment_dataset(
    root: Path,
    config: AugmentConfig,
    out: Path,
    *,
    farm: Farm | None = None,
    chosen: range | None = None,
) -> StageResult:
    """Augment a dataset into another; running again goes on.

    Args:
        chosen: frame numbers of the source; None: all.

    Raises:
        SimgenError: a dataset, a donor or the output folder cannot be used.
    """
    source = Dataset.open(root)
    donors = [Dataset.open(path) for path in config.donors]
    check_categories([source, *donors])
    infos = [source_info(one) for one in (source, *donors)]
    frames = tuple(n for n in source.frames() if chosen is None or n in chosen)
    if not frames:
        assert chosen is not None
        what = f"none of the frames {chosen.start} to {chosen.stop - 1} is there"
        raise DataError(Fault(str(root), what, "choose others"))
    file = config.file
    numbering = Numbering(frames, file.copies, file.originals)
    outputs = kept_outputs(config.links(), source.manifest.outputs)
    if any("depth" not in donor.manifest.outputs for donor in donors):
        outputs = tuple(name for name in outputs if name != "depth")
    manifest = stage_manifest(
        "augment",
        config.portable,
        infos,
        like=source.manifest,
        seed=file.seed,
        outputs=outputs,
        views_per_world=source.manifest.views_per_world * numbering.each,
    )
    roots = {i.name: p.resolve() for i, p in zip(infos, (root, *config.donors), strict=True)}
    plan = StagePlan(manifest, numbering.results(), sources=roots)
    stage = AugmentStage(root.resolve(), config, numbering, outputs)
    return run_stage(stage, plan, out, farm=farm)
