"""The stage that refines a dataset frame by frame, and what a run of it did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from simgen.dataset.reader import Dataset
from simgen.evaluate.label_check.copies import Originals
from simgen.pipeline.pool import Farm
from simgen.pipeline.refining.chain import Chain, open_chain
from simgen.pipeline.refining.gate import RefineConfig
from simgen.pipeline.refining.verdict import Judge
from simgen.pipeline.stage import (
    Dropped,
    Make,
    Outcome,
    Piece,
    StagePlan,
    StageResult,
    run_stage,
    source_info,
    stage_manifest,
)
from simgen.plugin.registry import Registry
from simgen.records.provenance import Origin
from simgen.refine.photos import list_photos
from simgen.refine.workplace import Workplace

_FILES_ALONE = ("points", "passes")  # have no array that would grow with the picture


@dataclass(frozen=True)
class RefineStage:
    """Refines frames of one dataset.

    Args:
        root: of the dataset.
        config: chain and check.
        device: of networks.
    """

    root: Path
    config: RefineConfig
    device: str = "auto"

    @contextmanager
    def open(self, threads: int) -> Iterator[Make]:
        """Every process opens the refiners itself."""
        source = Dataset.open(self.root)
        file = self.config.file
        place = Workplace(threads, self.device)
        judge = open_judge(self.config, self.device)
        registry = Registry.installed(self.config.plugin_dirs)
        with open_chain(self.config.links, file.keep, registry, place) as chain:

            def make(pieces: Sequence[Piece]) -> Iterable[Outcome]:
                return _refined(source, chain, judge, pieces)

            yield make


def open_judge(config: RefineConfig, device: str) -> Judge:
    """The check of a config, its photographs and detector opened."""
    section = config.file.check
    originals = drift = None
    if section.enabled and section.photos is not None:
        originals = Originals(list_photos(section.photos.location))
    if section.enabled and section.detector is not None:
        from simgen.evaluate.label_check.drift import BoxDrift

        registry = Registry.installed(config.plugin_dirs)
        drift = BoxDrift(section.detector.location, device, registry)
    return Judge(section, originals, drift)


def _refined(
    source: Dataset, chain: Chain, judge: Judge, pieces: Sequence[Piece]
) -> Iterator[Outcome]:
    befores = [source.sample(piece.frame) for piece in pieces]
    firsts = chain.refine(befores, [piece.rng for piece in pieces])
    for piece, before, first in zip(pieces, befores, firsts, strict=True):

        def again(sample: Any, strength: float, piece: Piece = piece) -> Any:
            return chain.refine([sample], [piece.rng], strength)[0]

        judged = judge.decide(before, first, again)
        step = replace(judged.step, sources=(Origin(0, piece.frame),))
        if judged.sample is None:
            yield Dropped(piece.frame, step)
        else:
            yield replace(judged.sample, provenance=(*before.provenance, step))


@dataclass(frozen=True)
class RefineResult:
    """What a run did.

    Args:
        stage: counts of the runner.
        verdicts: number of frames of the folder by verdict.
    """

    stage: StageResult
    verdicts: dict[str, int]


def refine_dataset(
    root: Path,
    config: RefineConfig,
    out: Path,
    *,
    farm: Farm | None = None,
    batch: int = 1,
    device: str = "auto",
    frames: Sequence[int] | None = None,
) -> RefineResult:
    """Refine a dataset into another.

    Args:
        frames: numbers; None: all.

    Raises:
        SimgenError: the dataset, a refiner or the output folder cannot be used.
    """
    source = Dataset.open(root)
    info = source_info(source)
    registry = Registry.installed(config.plugin_dirs)
    factor = 1
    for link in config.links:
        plugin = registry.get("refiners", link.kind, f"refiners.{link.key}")
        factor *= plugin.factor(link.params)
    fields: dict[str, Any] = {"seed": config.file.seed}
    if factor != 1:
        width, height = source.manifest.size
        outputs = tuple(o for o in source.manifest.outputs if o not in _FILES_ALONE)
        fields |= {"size": (width * factor, height * factor), "outputs": outputs}
    manifest = stage_manifest("refine", config.portable, [info], like=source.manifest, **fields)
    numbers = list(source.frames()) if frames is None else list(frames)
    plan = StagePlan(manifest, numbers, batch, {info.name: root.resolve()})
    result = run_stage(RefineStage(root.resolve(), config, device), plan, out, farm=farm)
    return RefineResult(result, count_verdicts(out))


def count_verdicts(out: Path) -> dict[str, int]:
    """Frames of a refined dataset by verdict, dropped ones included."""
    dataset = Dataset.open(out)
    found: Counter[str] = Counter()
    for record in dataset.records():
        steps = record.provenance or ()
        found[(steps[-1].verdict if steps else None) or "unknown"] += 1
    found["drop"] += sum(1 for _ in dataset.layout.dropped_frames())
    return {name: number for name, number in found.items() if number}
