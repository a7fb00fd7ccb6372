"""Samples of a finished generator: number n is the same picture in every batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from simgen.errors import DataError, Fault
from simgen.generate._torch_pictures import to_bytes
from simgen.generate._torch_training import build_network
from simgen.generate.card import read_card
from simgen.generate.job import job_of
from simgen.learn._torch_machine import open_machine
from simgen.learn._torch_weights import load
from simgen.learn.schedule import WEIGHTS, Machine


def sample(
    folder: Path, labels: Sequence[int], seed: int, batch: int = 32, device: str = "auto"
) -> Iterator[NDArray[np.uint8]]:
    """uint8[side, side, C] pictures of the categories asked for, in order.

    Args:
        folder: of the generator.
        labels: category of each sample.
        seed: sample n depends on the seed, n and its category alone.
        batch: pictures at a time.
        device: `auto`, `cpu`, `cuda`, `cuda:1`.

    Raises:
        DataError: no generator, damaged weights, no such device.
    """
    network, where = open_generator(folder, device)
    for first in range(0, len(labels), batch):
        some = range(first, min(first + batch, len(labels)))

        def noise(shape: tuple[int, ...], some: range = some) -> Tensor:
            return torch.stack([_noise(seed, n, shape) for n in some]).to(where)

        with torch.inference_mode():
            told = torch.tensor([labels[n] for n in some], device=where)
            yield from to_bytes(network.sample(told, noise))


def open_generator(folder: Path, device: str = "auto") -> tuple[Any, torch.device]:
    """The network of a generator, ready to sample, and the device that it is on.

    Raises:
        DataError: no generator, damaged weights, no such device.
    """
    card = read_card(folder)
    network: Any = build_network(job_of(card["job"]))
    where = open_machine(Machine(device=device, precision="float32")).device
    if hasattr(network, "save"):
        tensors = load(folder / "unet" / "diffusion_pytorch_model.safetensors")
        target = network.unet
    else:
        tensors, target = load(folder / WEIGHTS), network
    try:
        target.load_state_dict(tensors)
    except RuntimeError as error:
        what = f"the weights do not fit the card: {str(error).splitlines()[0]}"
        raise DataError(Fault(str(folder), what, "train again")) from None
    return network.to(where).eval(), where


def _noise(seed: int, number: int, shape: tuple[int, ...]) -> Tensor:
    # On the CPU, whose generator is the same everywhere.
    generator = torch.Generator().manual_seed((seed * 1_000_003 + number) % 2**63)
    return torch.randn(shape, generator=generator)
