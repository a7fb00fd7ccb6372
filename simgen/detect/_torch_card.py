"""The finished detector: weights, and a card that says what they are and where they came from."""

from __future__ import annotations

import dataclasses
import json
import os
import platform
from pathlib import Path
from typing import Any

import torch
import torchvision

import simgen
from simgen.detect._torch_data import TrainingData
from simgen.detect.card import CARD, read_card
from simgen.detect.job import TrainJob
from simgen.learn._torch_checkpoint import CHECKPOINT, State, check_identity
from simgen.learn._torch_weights import save
from simgen.learn.schedule import WEIGHTS, sha256_of


def finished(out: Path, identity: str) -> dict[str, Any] | None:
    """The card, if this training is done already.

    Raises:
        RunFolderError: the folder holds another detector.
    """
    if not (out / CARD).is_file():
        return None
    card = read_card(out)
    check_identity(card.get("identity"), identity, out)
    return card


def write_result(
    job: TrainJob,
    out: Path,
    identity: str,
    data: TrainingData,
    state: State,
    last: dict[str, Any],
) -> dict[str, Any]:
    """Weights of the moving average, then the card; the checkpoint has done its duty."""
    weights = state.average.module.state_dict()
    save({name: tensor.clone() for name, tensor in weights.items()}, out / WEIGHTS)
    card = {
        "simgen": simgen.__version__,
        "identity": identity,
        "weights_sha256": sha256_of(out / WEIGHTS),
        "detector": job.detector,
        "build": job.build,
        "params": job.params,
        "categories": [{"id": i, "name": name} for i, name in data.categories],
        "side": job.view.side,
        "data": data.facts,
        "job": dataclasses.asdict(job),
        "steps": state.step,
        "seconds": round(state.spent_s, 1),
        "batch_parts": state.parts,
        "training": last,
        "parameters": sum(p.numel() for p in state.model.parameters()),
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "torchvision": torchvision.__version__,
        },
        "device": _device(state),
        "threads": torch.get_num_threads(),
    }
    temporary = out / f".{CARD}.{os.getpid()}.tmp"
    temporary.write_text(json.dumps(card, indent=1) + "\n")
    os.replace(temporary, out / CARD)
    (out / CHECKPOINT).unlink(missing_ok=True)
    return read_card(out)


def _device(state: State) -> str:
    device = next(state.model.parameters()).device
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
