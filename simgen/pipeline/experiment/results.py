"""The numbers of an experiment: each arm judged, compared with the baseline, and what it cost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from simgen.detect.card import read_card
from simgen.detect.predictions import PREDICTIONS
from simgen.evaluate.coco_files import LabelFile, read_labels
from simgen.evaluate.contrast import contrast, replicates_of
from simgen.evaluate.evaluation import Settings, evaluate
from simgen.evaluate.metrics import Replicates
from simgen.pipeline.experiment.gate import Experiment, Training
from simgen.pipeline.experiment.stages import rendering_s
from simgen.report.evaluation_page import write_evaluation
from simgen.report.experiment_page import ArmResult, ExperimentResult, SetUse


def judge(
    experiment: Experiment, machine: str, versions: dict[str, str], command: str
) -> ExperimentResult:
    """Evaluate every arm with a finished training for each seed; writes the arms' reports.

    Raises:
        DataError: labels or predictions that do not fit.
    """
    labels = read_labels(experiment.val, experiment.images)
    groups: dict[tuple[str, str], list[Training]] = {}
    for training in experiment.trainings:
        groups.setdefault((training.arm, training.detector), []).append(training)
    settings, mapping = Settings(slices=experiment.file.slices), experiment.file.real.mapping
    replicates = {
        key: replicates_of(labels, _predictions(group), settings, mapping)
        for key, group in groups.items()
    }
    rows = tuple(_row(experiment, labels, settings, group, replicates) for group in groups.values())
    return ExperimentResult(
        experiment.file.title,
        str(experiment.path),
        str(experiment.val),
        len(labels.images),
        len(labels.annotations),
        experiment.file.baseline,
        rows,
        machine,
        versions,
        command,
    )


def _row(
    experiment: Experiment,
    labels: LabelFile,
    settings: Settings,
    group: list[Training],
    replicates: dict[tuple[str, str], Replicates],
) -> ArmResult:
    arm, detector = group[0].arm, group[0].detector
    found = evaluate(labels, _predictions(group), settings, experiment.file.real.mapping)
    out = experiment.out / "arms" / f"{arm}.{detector}"
    write_evaluation(found, labels, out)
    ours = replicates[arm, detector]
    baseline, against = experiment.file.baseline, {}
    if baseline is not None and arm != baseline:
        against = contrast(ours, replicates[baseline, detector], settings.seed)
    cards = [read_card(training.out) for training in group]
    return ArmResult(
        arm,
        detector,
        len(group),
        _sets(cards[0]),
        found.metrics,
        ours.by_seed("mAP50"),
        against,
        sum(card["steps"] for card in cards) / len(cards),
        sum(card["seconds"] for card in cards) / len(cards),
        _render_s(experiment, arm),
        str(cards[0]["device"]),
        out.relative_to(experiment.out).as_posix(),
        tuple(f"{a.change}: {a.because}" for a in found.advice[:2]),
    )


def _predictions(group: list[Training]) -> list[Path]:
    return [training.out / PREDICTIONS for training in group]


def _sets(card: dict[str, Any]) -> tuple[SetUse, ...]:
    total = sum(one["share"] for one in card["data"])
    return tuple(SetUse(d["name"], d["image_count"], d["share"] / total) for d in card["data"])


def _render_s(experiment: Experiment, arm: str) -> float | None:
    used = [experiment.synthetic[n] for n in experiment.file.arms[arm].data
            if n in experiment.synthetic]  # fmt: skip
    seconds = [rendering_s(one, experiment.synthetic) for one in used]
    known = [s for s in seconds if s is not None]
    return sum(known) if len(known) == len(seconds) else None
