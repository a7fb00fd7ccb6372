"""Works a pack off: several trainings side by side, each in a process of its own."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event

from simgen.detect.card import CARD, categories_of, read_card
from simgen.detect.job import Inference
from simgen.detect.listing import list_images
from simgen.detect.pack import Pack, PackedTraining, read_pack
from simgen.detect.predictions import are_current, key_of, store
from simgen.errors import Fault, SceneFileError, WorkError

_LOG = logging.getLogger(__name__)


def run_pack(root: Path, out: Path, parallel: int, workers: int) -> None:
    """Train and search whatever is not done yet; one failure does not stop the others.

    Args:
        root: folder of the pack.
        out: folder of the detectors.
        parallel: trainings at the same time; on one GPU, several small ones fill it better.
        workers: processes that make crops for each; -1: the cores are shared out.

    Raises:
        SceneFileError: not a pack.
        WorkError: some trainings failed; their logs are in `out`.
    """
    pack = read_pack(root)
    out.mkdir(parents=True, exist_ok=True)
    if workers < 0:
        workers = max(1, (os.cpu_count() or 1) // parallel)
    ended = {training.name: Event() for training in pack.trainings}
    with ThreadPoolExecutor(parallel) as pool:
        # In the order of the pack: what waits for another comes after it, so none waits for ever.
        codes = list(pool.map(lambda t: _in_process(pack, t, out, workers, ended), pack.trainings))
    wrong = [t.name for t, code in zip(pack.trainings, codes, strict=True) if code]
    if wrong:
        what = f"{len(wrong)} of {len(codes)} trainings failed: {', '.join(wrong)}"
        raise WorkError(Fault(str(out), what, "see NAME.log there; run again to go on"))


def run_one(root: Path, name: str, out: Path, workers: int) -> None:
    """Train one detector of a pack and search with it.

    Raises:
        SimgenError: it cannot be done.
    """
    from simgen.detect._torch_predict import predict
    from simgen.detect._torch_training import train

    pack = read_pack(root)
    training = next((t for t in pack.trainings if t.name == name), None)
    if training is None:
        known = ", ".join(t.name for t in pack.trainings)
        raise SceneFileError(Fault(str(root), f"there is no training {name!r}", f"known: {known}"))
    job, folder = training.job, out / name
    if training.after:
        job = replace(job, init=str(out / training.after))
    train(replace(job, machine=replace(job.machine, workers=workers)), folder)
    labels, settings = Path(pack.labels), Inference()
    key = key_of(folder, labels, pack.mapping, settings)
    if are_current(folder, key):
        return
    categories = categories_of(read_card(folder))
    listing = list_images(labels, Path(pack.images), categories, pack.mapping)
    store(predict(folder, listing, settings), listing, folder, key)


def _in_process(
    pack: Pack, training: PackedTraining, out: Path, workers: int, ended: dict[str, Event]
) -> int:
    if training.after:
        ended[training.after].wait()
    began = time.monotonic()
    try:
        with open(out / f"{training.name}.log", "ab") as log:
            command = [sys.executable, "-m", "simgen.detect", "batch", str(pack.root)]
            command += ["--out", str(out), "--only", training.name, "--workers", str(workers)]
            code = subprocess.run(command, stdout=log, stderr=log, check=False).returncode
    finally:
        ended[training.name].set()
    done = "done" if (out / training.name / CARD).is_file() and not code else f"failed ({code})"
    _LOG.warning("%s: %s after %.0f s", training.name, done, time.monotonic() - began)
    return code
