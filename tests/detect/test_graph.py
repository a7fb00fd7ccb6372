"""What a CUDA graph cannot hold is not in the training step of the compact detector.

There is no GPU here: the operations of a step on the CPU are listed instead.
"""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torchvision.ops import generalized_box_iou_loss

from simgen.detect._torch_assign import padded
from simgen.detect._torch_batch import Planned
from simgen.detect._torch_compact import _giou_loss
from simgen.detect._torch_crop_feed import open_feed
from simgen.detect._torch_data import open_samples, read_data
from simgen.detect._torch_network import build_network
from simgen.detect.job import Augment, View
from simgen.learn.schedule import Machine

from .conftest import Set, small_job

# They wait for a number from the device, or send one there.
_TALKING = ("nonzero", "_local_scalar_dense", "masked_select", "lift_fresh")


class _Listening(TorchDispatchMode):
    def __init__(self) -> None:
        super().__init__()
        self.talking: list[str] = []
        self.count = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = str(func)
        self.count += 1
        indices = args[1] if name.startswith(("aten.index.", "aten.index_put")) else ()
        by_mask = any(i is not None and i.dtype == torch.bool for i in indices)
        if by_mask or any(word in name for word in _TALKING):
            self.talking.append(name)
        return func(*args, **(kwargs or {}))


def test_a_step_asks_the_device_nothing(painted: Set):
    job = small_job(painted(images=4), view=View(side=96, crop=64), augment=Augment())
    samples = open_samples(job, read_data(job), 1)
    feed = open_feed(samples, torch.device("cpu"), Machine(crops="device"))
    net = build_network(job, 2).train()
    batch = Planned(samples)([samples.plan(number) for number in range(4)])
    sent, objects = feed.numbers(batch), padded(batch.targets, torch.device("cpu"), 8)

    def step() -> None:
        losses = net(feed.pixels(sent), objects)
        torch.stack(list(losses.values())).sum().backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 10.0)

    step()  # constants are sent once
    with _Listening() as heard:
        step()
    assert heard.count > 500
    assert heard.talking == []


def test_listening_hears():
    values = torch.arange(6.0)
    with _Listening() as heard:
        values[values > 3].sum().item()
        torch.where(values > 3, values, torch.tensor(0.5))
    assert len(heard.talking) >= 3


def test_the_box_loss_is_torchvisions():
    low = torch.rand(200, 2) * 40
    boxes = torch.cat([low, low + torch.rand(200, 2) * 30], dim=1)
    ours, theirs = boxes[:100], boxes[100:]
    assert _giou_loss(ours, theirs).tolist() == pytest.approx(
        generalized_box_iou_loss(ours, theirs).tolist(), abs=1e-5
    )
