"""The page of a refined dataset: verdicts, scores, and the pictures that were doubted most."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simgen.dataset.images import encode_rgb
from simgen.dataset.reader import Dataset
from simgen.dataset.records import DroppedFrame
from simgen.records.provenance import Step
from simgen.records.serial import from_json
from simgen.report.page import write_page
from simgen.report.refine_sheet import Pair, refine_sheet

_SHOWN = 6


@dataclass(frozen=True)
class ScoreRow:
    """The distribution of one score over frames, the worst instance of each.

    Args:
        name: of the score.
        median, high, top: 50th and 95th percentile, largest value.
        limit: above which a label is not believed.
    """

    name: str
    median: float
    high: float
    top: float
    limit: float


@dataclass(frozen=True)
class RefineSummary:
    """What a refine run made of a dataset.

    Args:
        name: of the dataset.
        source: name of the dataset that it was made from.
        frames: that it was asked for.
        verdicts: frames by verdict.
        operators: frames by refiner.
        composited: instances whose own pixels were laid back.
        scores: distributions.
        dropped: frames that were not made, and the scores that say why.
    """

    name: str
    source: str
    frames: int
    verdicts: dict[str, int]
    operators: dict[str, int]
    composited: int
    scores: tuple[ScoreRow, ...]
    dropped: dict[str, str]


def summarise(out: Path, limits: dict[str, float]) -> RefineSummary:
    """Sum up the provenance of a refined dataset.

    Args:
        out: dataset folder.
        limits: by name of score.
    """
    dataset = Dataset.open(out)
    steps = dict(_steps(dataset))
    values: dict[str, list[float]] = {}
    for step in steps.values():
        for name, value in (step.scores or {}).items():
            values.setdefault(name, []).append(value)
    scores = tuple(_score_row(n, v, limits.get(n, 0.0)) for n, v in values.items())
    stage = dataset.manifest.stage
    verdicts = Counter(step.verdict or "unknown" for step in steps.values())
    operators = Counter(o["key"] for step in steps.values() for o in step.operators or ())
    return RefineSummary(
        out.resolve().name,
        stage.sources[0].name if stage and stage.sources else "",
        len(steps),
        dict(verdicts.most_common()),
        dict(operators),
        sum(len((step.facts or {}).get("composited", ())) for step in steps.values()),
        scores,
        {str(n): _why(s, limits) for n, s in steps.items() if s.verdict == "drop"},
    )


def _score_row(name: str, values: list[float], limit: float) -> ScoreRow:
    median, high, top = (float(q) for q in np.quantile(values, [0.5, 0.95, 1.0]))
    return ScoreRow(name, median, high, top, limit)


def write_refine_page(out: Path, source: Path, limits: dict[str, float]) -> Path:
    """Write OUT/refine/report.html (and .md, .json); gives its path.

    Raises:
        StorageError: it cannot be written.
    """
    summary = summarise(out, limits)
    sheet = _doubted_sheet(out, source, limits)
    picture = base64.b64encode(sheet).decode("ascii") if sheet else ""
    return write_page(out / "refine", "refine", summary, picture=picture)


def _steps(dataset: Dataset) -> Iterator[tuple[int, Step]]:
    for record in dataset.records():
        if record.provenance:
            yield record.frame, record.provenance[-1]
    for number in dataset.layout.dropped_frames():
        dropped = from_json(DroppedFrame, dataset.layout.dropped(number).read_bytes())
        yield number, dropped.step


def _why(step: Step, limits: dict[str, float]) -> str:
    over = {n: v / limits[n] for n, v in (step.scores or {}).items() if limits.get(n)}
    worst = sorted(over, key=lambda name: -over[name])[:2]
    return ", ".join(f"{name} {(step.scores or {})[name]:.2f} (limit {limits[name]:g})"
                     for name in worst)  # fmt: skip


def _doubted_sheet(out: Path, source: Path, limits: dict[str, float]) -> bytes | None:
    """The frames nearest to or beyond their limits, as PNG."""
    made, before = Dataset.open(out), Dataset.open(source)
    steps = {record.frame: record.provenance[-1] for record in made.records()
             if record.provenance}  # fmt: skip

    def doubt(step: Step) -> float:
        scores = step.scores or {}
        return max((v / limits[n] for n, v in scores.items() if limits.get(n)), default=0.0)

    worst = sorted(steps, key=lambda frame: -doubt(steps[frame]))[:_SHOWN]
    pairs = []
    for frame in worst:
        step, after = steps[frame], made.sample(frame, ())
        origin = step.sources[0].frame if step.sources else frame
        own = before.sample(frame if origin is None else origin, ())
        facts = step.facts or {}
        doubted = tuple(facts.get("composited", ()))
        pairs.append(Pair(own, after, step.verdict or "", doubted, _why(step, limits)))
    return encode_rgb(refine_sheet(pairs, "before, after, difference x 4")) if pairs else None
