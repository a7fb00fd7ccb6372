"""The work of an experiment: render, train, predict; each piece once, whatever interrupts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

from simgen.dataset.layout import Layout
from simgen.detect.card import categories_of, read_card
from simgen.detect.coco import locate
from simgen.detect.config import job_from
from simgen.detect.job import Inference
from simgen.detect.listing import list_images
from simgen.detect.predictions import are_current, key_of, store
from simgen.pipeline.augmenting.gate import augment_from
from simgen.pipeline.augmenting.stage import augment_dataset
from simgen.pipeline.experiment.gate import Experiment, Synthetic, Training
from simgen.pipeline.plan import prepare
from simgen.pipeline.pool import Farm
from simgen.pipeline.progress import progress
from simgen.pipeline.refining.gate import refine_from
from simgen.pipeline.refining.run import refine_and_report
from simgen.pipeline.run import out_of_time, render_dataset
from simgen.pipeline.stage import StageResult
from simgen.pipeline.worker import failed
from simgen.plugin.registry import Registry
from simgen.spec.document import Document
from simgen.spec.overlay import overlay

Listen = Callable[[dict[str, Any]], None]
Bar = Callable[[], AbstractContextManager[Listen]]


def render_sets(
    experiment: Experiment, registry: Registry, farm: Farm, say: Callable[[str], None]
) -> None:
    """Render the synthetic sets that some arm uses.

    Raises:
        SimgenError: bad input, or a world failed; what is rendered stays.
    """
    used = {name for arm in experiment.file.arms.values() for name in arm.data}
    derived = [one for name, one in experiment.synthetic.items() if name in used and one.of]
    used |= {str(one.of) for one in derived}
    wanted = [
        (replace(one.request, plugin_dirs=registry.folders), one.path)
        for name, one in experiment.synthetic.items()
        if name in used and one.request is not None
    ]
    for request, _ in wanted:  # mistakes in any of them before the first takes its time
        prepare(request, registry)
    configs = {
        use.out: _STAGES[use.kind][0](use.document, registry)
        for one in derived
        for use in one.stages
    }
    for request, path in wanted:
        say(f"set {path.name}: {path}")
        result = render_dataset(request, path, farm=farm)
        if result.failures:
            raise failed(list(result.failures), result.images)
        if not result.complete:
            raise out_of_time(path)
    for one in derived:
        source = experiment.synthetic[str(one.of)].path
        for use in one.stages:
            say(f"set {use.out.name}: {use.out}")
            done = _STAGES[use.kind][1](source, configs[use.out], use.out, farm)
            if done.failures:
                raise failed(list(done.failures), done.images)
            source = use.out


def _refine(source: Path, config: Any, out: Path, farm: Farm) -> StageResult:
    return refine_and_report(source, config, out, farm=farm)[0].stage


def _augment(source: Path, config: Any, out: Path, farm: Farm) -> StageResult:
    return augment_dataset(source, config, out, farm=farm)


# What reads the config of a kind of stage, and what does its work.
_STAGES: dict[str, tuple[Callable[..., Any], Callable[..., StageResult]]] = {
    "refine": (refine_from, _refine),
    "augment": (augment_from, _augment),
}


def check_trainings(experiment: Experiment, registry: Registry) -> None:
    """Whether every training can begin; for after the sets are rendered, before hours of work.

    Raises:
        SimgenError: the first training that cannot.
    """
    for training in experiment.trainings:
        job_from(training.document, registry)


def train_all(
    experiment: Experiment, registry: Registry, bar: Bar, say: Callable[[str], None]
) -> None:
    """Train what is not trained, and predict on the real photographs to judge on.

    Raises:
        SimgenError: a training failed; those before it stay.
    """
    total = len(experiment.trainings)
    for number, training in enumerate(experiment.trainings, start=1):
        name = training.out.name
        say(f"detector {number} of {total}: {name}")
        document = training.document
        if training.start_from is not None:
            document = overlay(document, Document({"init": str(training.start_from)}))
        job = job_from(document, registry)
        with bar() as listen:
            registry.get("detectors", job.detector).train(job, training.out, listen)
        _predict(experiment, training, registry)


def _predict(experiment: Experiment, training: Training, registry: Registry) -> None:
    card = read_card(training.out)
    # Detector's names -> real ones; listing wants the other way round.
    mapping: dict[str, str | None] = {r: m for m, r in experiment.file.real.mapping.items()}
    labels, images = locate(experiment.val, experiment.images)
    key = key_of(training.out, labels, mapping, Inference())
    if are_current(training.out, key):
        return
    listing = list_images(labels, images, categories_of(card), mapping)
    plugin = registry.get("detectors", card["detector"])
    with progress("predicting", len(listing.images), "images") as advance:
        rows = plugin.predict(training.out, listing, Inference(), advance)
    store(rows, listing, training.out, key)


def rendering_s(one: Synthetic, sets: Mapping[str, Synthetic]) -> float | None:
    """Seconds of all runs that made frames of a set, its stages included; None: no run says.

    Args:
        sets: all of the experiment, by name.
    """
    folders = [use.out for use in one.stages] or [one.path]
    if one.of is not None:
        folders.append(sets[one.of].path)
    logs = [json.loads(path.read_bytes()) for folder in folders for path in _logs(folder)]
    made = [float(log["duration_s"]) for log in logs if log.get("done")]
    return sum(made) if made else None


def _logs(folder: Path) -> list[Path]:
    return sorted(Layout(folder).runs.glob("[0-9]*.json"))
