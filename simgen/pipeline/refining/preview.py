"""A look before the work: some frames refined, judged and drawn, nothing written but a sheet."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from simgen.dataset.atomic import write_atomic
from simgen.dataset.images import encode_rgb
from simgen.dataset.reader import Dataset
from simgen.errors import DataError, Fault
from simgen.pipeline.progress import progress
from simgen.pipeline.refining.chain import Chain, open_chain
from simgen.pipeline.refining.gate import RefineConfig
from simgen.pipeline.refining.stage import open_judge
from simgen.pipeline.refining.verdict import Judge, plainly_enlarged
from simgen.plugin.registry import Registry
from simgen.records.sample import Sample
from simgen.refine.workplace import Workplace
from simgen.report.contact_sheet import evenly
from simgen.report.refine_sheet import Pair, refine_sheet
from simgen.sampling.streams import KeyedStream

SHEET = "refine_preview.png"
_SHOWN = 4  # scores that fit into the line of a frame


@dataclass(frozen=True)
class Preview:
    """What a preview showed.

    Args:
        path: of the sheet.
        verdicts: number of frames by verdict.
    """

    path: Path
    verdicts: dict[str, int]


def preview_refine(
    root: Path, config: RefineConfig, path: Path, count: int, device: str = "auto"
) -> Preview:
    """Refine evenly spaced frames as a run would, and draw them.

    Raises:
        SimgenError: the dataset or a refiner cannot be used.
    """
    source = Dataset.open(root)
    frames = evenly(list(source.frames()), count)
    if not frames:
        raise DataError(Fault(str(root), "the dataset has no frames", "make some first"))
    judge = open_judge(config, device)
    place, registry = Workplace(0, device), Registry.installed(config.plugin_dirs)
    pairs = []
    with (
        open_chain(config.links, config.file.keep, registry, place) as chain,
        progress("preview", len(frames)) as advance,
    ):
        for frame in frames:
            pairs.append(_pair(source.sample(frame), chain, judge, config.file.seed))
            advance(frame)
    names = " > ".join(link.key for link in config.links)
    title = f"{root.resolve().name}: before, after {names}, difference x 4"
    write_atomic(path, encode_rgb(refine_sheet(pairs, title)))
    return Preview(path, dict(Counter(pair.verdict for pair in pairs)))


def _pair(before: Sample, chain: Chain, judge: Judge, seed: int) -> Pair:
    rng = KeyedStream(seed, "frame", before.frame, "refine")  # that of the stage's runner
    first = chain.refine([before], [rng])[0]
    judged = judge.decide(before, first, lambda s, much: chain.refine([s], [rng], much)[0])
    after = judged.sample or first
    facts = judged.step.facts or {}
    doubted = tuple(facts.get("doubted", facts.get("composited", ())))
    scores = judged.step.scores or {}
    highest = sorted(scores, key=lambda name: -scores[name])[:_SHOWN]
    shown = ", ".join(f"{name} {scores[name]:.2f}" for name in highest)
    same = before if before.size == after.size else plainly_enlarged(before, after)
    return Pair(same, after, judged.step.verdict or "", doubted, shown)
