"""How far a training is, and what that means for the learning rate and the average."""

from __future__ import annotations

import math
import time
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from simgen.learn.schedule import Schedule

_LAST_RATE = 0.01  # of the learning rate, at the end of the cosine


class Progress:
    """Part of a training that is done, by steps, by time, or by what ends first.

    With a time budget the schedule follows the clock: on a slow or busy machine there are
    fewer steps, and the cosine still ends in time. Such a training is not repeatable bit by
    bit; one with steps or epochs is.

    Args:
        schedule: limits; 0 is none.
        images: of all sources, for epochs.
        processes: that share a step.
        began: reading of the monotonic clock when the work began, moved back by what was spent
            before an interruption.
    """

    def __init__(self, schedule: Schedule, images: int, processes: int, began: float) -> None:
        self._schedule = schedule
        steps = schedule.steps
        if not steps and schedule.epochs:
            steps = max(1, math.ceil(schedule.epochs * images / (schedule.batch * processes)))
        self.steps = steps
        self._limit_s = schedule.max_minutes * 60
        self._began = began

    def spent_s(self) -> float:
        """Seconds of work so far, those before an interruption included."""
        return time.monotonic() - self._began

    def done(self, step: int) -> float:
        """Part that is done before this step, in [0, 1]."""
        by_steps = step / self.steps if self.steps else 0.0
        by_time = self.spent_s() / self._limit_s if self._limit_s else 0.0
        return min(1.0, max(by_steps, by_time))

    def rate(self, done: float) -> float:
        """Learning rate: linear warm-up, then half a cosine (SGDR, Loshchilov 2017)."""
        cosine = _LAST_RATE + (1 - _LAST_RATE) * (1 + math.cos(math.pi * done)) / 2
        warm = self._schedule.warm_up
        # The first step moves, too: progress by time is 0 only once.
        factor = min(1.0, max(done / warm, 0.02)) if warm else 1.0
        return self._schedule.learning_rate * factor * cosine


def averaged(model: nn.Module, decay: float) -> AveragedModel:
    """Exponential moving average of weights and buffers (Polyak); short at first, then longer.

    A fixed decay would keep the random start in the average for thousands of steps.
    """

    def update(average: Any, current: Any, count: Tensor | int) -> None:
        seen = float(count)
        keep = min(decay, (1 + seen) / (10 + seen))
        if average[0].is_floating_point():
            torch._foreach_lerp_(average, current, 1 - keep)
        else:
            for mean, value in zip(average, current, strict=True):
                mean.copy_(value)

    average = AveragedModel(model, multi_avg_fn=update, use_buffers=True)
    return average.requires_grad_(False)


def optimizer_for(
    model: nn.Module, schedule: Schedule, capturable: bool = False
) -> torch.optim.AdamW:
    """AdamW; biases and normalisation do not decay.

    Args:
        model: on its device.
        schedule: rate and decay.
        capturable: fit for CUDA graphs: the learning rate is a tensor there.
    """
    trained = [p for p in model.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in trained if p.ndim > 1], "weight_decay": schedule.weight_decay},
        {"params": [p for p in trained if p.ndim <= 1], "weight_decay": 0.0},
    ]
    if not capturable:
        return torch.optim.AdamW(groups, lr=schedule.learning_rate)
    rate = torch.tensor(schedule.learning_rate, device=trained[0].device)
    return torch.optim.AdamW(groups, lr=rate, capturable=True, fused=True)


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Set the learning rate of all groups, in place where it is a tensor."""
    for group in optimizer.param_groups:
        if isinstance(group["lr"], Tensor):
            group["lr"].fill_(rate)
        else:
            group["lr"] = rate
