"""A training at rest: everything that it needs to go on as if nothing had happened."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from simgen.errors import Fault, RunFolderError
from simgen.learn._torch_weights import load, metadata_of, save

CHECKPOINT = "checkpoint.safetensors"


@dataclass
class State:
    """What changes while a training runs.

    Args:
        model: the network that learns, without the wrapping of several processes.
        average: its moving average, which is what is kept in the end.
        optimizer: AdamW.
        step: steps that are done.
        spent_s: seconds of work that they took.
        parts: pieces into which a batch is cut to fit into memory.
    """

    model: nn.Module
    average: AveragedModel
    optimizer: torch.optim.Optimizer
    step: int = 0
    spent_s: float = 0.0
    parts: int = 1


def save_checkpoint(state: State, out: Path, identity: str) -> None:
    """Write the state; a pickle is never needed, not even for the optimiser."""
    tensors = {f"model.{n}": t for n, t in state.model.state_dict().items()}
    tensors |= {f"average.{n}": t for n, t in state.average.state_dict().items()}
    for index, values in state.optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{index}.{name}": t for name, t in values.items()}
    # Copies: safetensors refuses tensors that share memory.
    tensors = {name: tensor.detach().clone() for name, tensor in tensors.items()}
    facts = {"identity": identity, "step": state.step, "spent_s": state.spent_s}
    facts["parts"] = state.parts
    save(tensors, out / CHECKPOINT, {"simgen": json.dumps(facts)})


def restore(state: State, out: Path, identity: str) -> bool:
    """Go on from the checkpoint in `out`, if there is one.

    Raises:
        RunFolderError: it belongs to another job.
    """
    path = out / CHECKPOINT
    if not path.is_file():
        return False
    facts = json.loads(metadata_of(path).get("simgen", "{}"))
    check_identity(facts.get("identity"), identity, out)
    parts: dict[str, dict[str, Tensor]] = {"model": {}, "average": {}, "optimizer": {}}
    for name, tensor in load(path).items():
        kind, _, rest = name.partition(".")
        parts[kind][rest] = tensor
    state.model.load_state_dict(parts["model"])
    state.average.load_state_dict(parts["average"])
    slots: dict[int, dict[str, Any]] = {}
    for name, tensor in parts["optimizer"].items():
        index, _, slot = name.partition(".")
        slots.setdefault(int(index), {})[slot] = tensor
    groups = state.optimizer.state_dict()["param_groups"]
    state.optimizer.load_state_dict({"state": slots, "param_groups": groups})
    state.step, state.spent_s, state.parts = facts["step"], facts["spent_s"], facts["parts"]
    return True


def check_identity(found: object, identity: str, out: Path) -> None:
    """Whether a folder belongs to this job.

    Raises:
        RunFolderError: it holds another training.
    """
    if found != identity:
        what = "the folder holds a training with other settings or data"
        raise RunFolderError(Fault(str(out), what, "choose another --out, or remove the folder"))
