"""The machine that trains: device, precision and processes, by accelerate where it is there.

A bare machine with torch alone trains on one device; several GPUs need accelerate.
"""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from simgen.errors import DataError, Fault
from simgen.learn.schedule import Machine


class Worker(Protocol):
    """One process of a training, alone or one of several."""

    device: torch.device
    index: int
    count: int

    def prepare(self, model: nn.Module, optimizer: Any) -> tuple[nn.Module, Any]:
        """Model and optimiser as they are to be used in the loop."""

    def autocast(self) -> AbstractContextManager[Any]:
        """Around the forward pass."""

    def backward(self, loss: Tensor) -> None:
        """Gradients of a loss."""

    def agree(self, value: float) -> float:
        """The first process's value, in every process."""


def open_machine(settings: Machine) -> Worker:
    """What this process trains on.

    Raises:
        DataError: the device that was asked for is not there.
    """
    device = settings.device
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    if device.startswith("cuda") and not torch.cuda.is_available():
        cure = "use --set machine.device=cpu, or install the driver"
        raise DataError(Fault("machine.device", "torch finds no CUDA device", cure))
    # bf16 halves the time on GPUs; CPUs without AVX512-BF16 or AMX emulate it, slowly.
    precision = settings.precision
    if precision == "auto":
        precision = "bf16" if device.startswith("cuda") else "float32"
    if settings.threads:
        torch.set_num_threads(settings.threads)
    if device in ("cpu", "cuda"):  # a GPU by number is one process on that GPU
        try:
            return _Accelerated(device, precision)
        except ImportError as error:  # not there, or carried without what it needs itself
            if int(os.environ.get("WORLD_SIZE", "1")) > 1:
                what = f"several processes need accelerate: {error}"
                raise DataError(Fault("machine", what, "pip install accelerate")) from None
    return _Plain(device, precision)


def picture_makers(settings: Machine, worker: Worker, most: int) -> int:
    """How many others make pictures for this process: as set, or by device; 0 is none.

    Args:
        most: more than that would idle, if nothing is set.
    """
    if settings.workers >= 0:
        return settings.workers
    if worker.device.type == "cpu":  # the cores are busy with the network
        return 0
    return max(1, min(most, (os.cpu_count() or 1) // worker.count - 1))


class _Accelerated:
    """Mixed precision and several processes by accelerate (`accelerate launch -m ...`)."""

    def __init__(self, device: str, precision: str) -> None:
        from accelerate import Accelerator
        from accelerate.utils import broadcast

        mixed = "bf16" if precision == "bf16" else "no"
        self._accelerator = Accelerator(mixed_precision=mixed, cpu=device == "cpu")
        self._broadcast = broadcast
        self.device: torch.device = self._accelerator.device
        self.index: int = self._accelerator.process_index
        self.count: int = self._accelerator.num_processes

    def prepare(self, model: nn.Module, optimizer: Any) -> tuple[nn.Module, Any]:
        prepared: tuple[nn.Module, Any] = self._accelerator.prepare(model, optimizer)
        return prepared

    def autocast(self) -> AbstractContextManager[Any]:
        context: AbstractContextManager[Any] = self._accelerator.autocast()
        return context

    def backward(self, loss: Tensor) -> None:
        self._accelerator.backward(loss)

    def agree(self, value: float) -> float:
        if self.count == 1:
            return value
        shared = torch.tensor(value, dtype=torch.float64, device=self.device)
        return float(self._broadcast(shared))


class _Plain:
    """One process, one device, torch alone."""

    index = 0
    count = 1

    def __init__(self, device: str, precision: str) -> None:
        self.device = torch.device(device)
        self._bf16 = precision == "bf16"

    def prepare(self, model: nn.Module, optimizer: Any) -> tuple[nn.Module, Any]:
        return model, optimizer

    def autocast(self) -> AbstractContextManager[Any]:
        if self._bf16:
            return torch.autocast(self.device.type, torch.bfloat16)
        return nullcontext()

    def backward(self, loss: Tensor) -> None:
        loss.backward()  # type: ignore[no-untyped-call]

    def agree(self, value: float) -> float:
        return value
