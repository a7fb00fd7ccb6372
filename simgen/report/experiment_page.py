"""The page of an experiment: which data makes the better detector, by how much, at what cost."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from simgen.evaluate.bootstrap import Estimate
from simgen.report.page import write_page


@dataclass(frozen=True)
class SetUse:
    """What an arm takes from one set.

    Args:
        name: `real`, or that of a synthetic set.
        images: that it may draw from.
        share: part of the samples, of all sets' shares together.
    """

    name: str
    images: int
    share: float


@dataclass(frozen=True)
class ArmResult:
    """One arm with one detector, all seeds together.

    Args:
        arm, detector: its place in the matrix.
        seeds: number of trainings.
        sets: what it learnt from.
        metrics: with intervals over images and seeds.
        by_seed: mAP50 of each seed.
        against: metrics minus the baseline's with the same detector; empty for the baseline.
        steps: of the optimiser, mean over seeds.
        train_s: seconds of one training, mean over seeds.
        render_s: seconds that rendering its synthetic sets took; None where it is not known.
        device: that it was trained on.
        report: folder with the evaluation, relative to the experiment's.
        advice: what to change, the first of the evaluation's.
    """

    arm: str
    detector: str
    seeds: int
    sets: tuple[SetUse, ...]
    metrics: dict[str, Estimate]
    by_seed: tuple[float | None, ...]
    against: dict[str, Estimate]
    steps: float
    train_s: float
    render_s: float | None
    device: str
    report: str
    advice: tuple[str, ...]


@dataclass(frozen=True)
class ExperimentResult:
    """The table of an experiment.

    Args:
        title: headline.
        file: the experiment file.
        labels: real labels that all arms are judged on.
        images, objects: in them.
        baseline: arm that the others are compared with, if any.
        rows: one per arm and detector.
        machine: where the report was made.
        versions: of what the numbers depend on.
        command: that makes it again.
    """

    title: str
    file: str
    labels: str
    images: int
    objects: int
    baseline: str | None
    rows: tuple[ArmResult, ...]
    machine: str
    versions: dict[str, str]
    command: str


def write_experiment(result: ExperimentResult, out: Path) -> Path:
    """Write report.json, report.md and report.html; the path of the last is returned.

    Raises:
        StorageError: it cannot be written.
    """
    order = sorted(result.rows, key=lambda row: -(row.metrics["mAP50_95"].value or 0.0))
    return write_page(out, "experiment", result, order=order)
