"""The finished generator: weights, and a card that says what they are and where they came from."""

from __future__ import annotations

import dataclasses
import json
import os
import platform
from collections import Counter
from pathlib import Path
from typing import Any

import torch

import simgen
from simgen.generate.card import CARD, read_card
from simgen.generate.job import GeneratorJob
from simgen.learn._torch_checkpoint import CHECKPOINT, State, check_identity
from simgen.learn._torch_weights import save
from simgen.learn.schedule import WEIGHTS


def finished(out: Path, identity: str) -> dict[str, Any] | None:
    """The card, if this training is done already.

    Raises:
        RunFolderError: the folder holds another generator.
        DataError: it holds something else.
    """
    if not (out / CARD).is_file():
        return None
    card = read_card(out)
    check_identity(card.get("identity"), identity, out)
    return card


def write_result(
    job: GeneratorJob, out: Path, identity: str, state: State, last: dict[str, Any]
) -> dict[str, Any]:
    """Weights of the moving average, then the card; the checkpoint has done its duty."""
    network: Any = state.average.module
    if hasattr(network, "save"):
        network.save(out)
    else:
        weights = network.state_dict()
        save({name: tensor.clone() for name, tensor in weights.items()}, out / WEIGHTS)
    counts = Counter(item.category for item in job.items)
    device = next(state.model.parameters()).device
    on_gpu = device.type == "cuda"
    card = {
        "simgen": simgen.__version__,
        "identity": identity,
        "generator": job.kind,
        "categories": {name: counts[i] for i, name in enumerate(job.categories)},
        "job": dataclasses.asdict(job),
        "steps": state.step,
        "seconds": round(state.spent_s, 1),
        "training": last,
        "parameters": sum(p.numel() for p in state.model.parameters()),
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
        "device": torch.cuda.get_device_name(device) if on_gpu else device.type,
        "threads": torch.get_num_threads(),
    }
    temporary = out / f".{CARD}.{os.getpid()}.tmp"
    temporary.write_text(json.dumps(card) + "\n")
    os.replace(temporary, out / CARD)
    (out / CHECKPOINT).unlink(missing_ok=True)
    return read_card(out)
