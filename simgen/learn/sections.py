"""Settings of `schedule:` and `machine:` in the configs of every trainer, with bounds."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from simgen.learn import schedule
from simgen.spec.fields import Integer, NonNegative, Number, Params, Positive

_SCHEDULE, _MACHINE = schedule.Schedule(), schedule.Machine()


class ScheduleSection(Params):
    """`schedule:` how long and how fast; of several limits the first to be reached ends it."""

    steps: Integer = Field(_SCHEDULE.steps, ge=0, description="optimiser steps; 0 is no limit")
    epochs: NonNegative = Field(
        _SCHEDULE.epochs, description="images of all sources so many times, where steps is 0"
    )
    max_minutes: NonNegative = Field(
        _SCHEDULE.max_minutes,
        description="time budget, loading included; the schedule ends with it; 0 is no limit",
    )
    batch: Integer = Field(
        _SCHEDULE.batch, ge=1, le=4096, description="pictures a step and process"
    )
    learning_rate: Positive | None = Field(
        None, le=1, description="highest, after warm-up; default: the network's own"
    )
    weight_decay: NonNegative = Field(_SCHEDULE.weight_decay, le=1, description="of AdamW")
    warm_up: Number = Field(
        _SCHEDULE.warm_up, ge=0, lt=1, description="part of the training with a rising rate"
    )
    clip_norm: Positive = Field(_SCHEDULE.clip_norm, description="largest norm of the gradient")
    ema_decay: Number = Field(
        _SCHEDULE.ema_decay, ge=0, lt=1, description="of the moving average of the weights"
    )

    @model_validator(mode="after")
    def _ends(self) -> Any:
        if not (self.steps or self.epochs or self.max_minutes):
            raise ValueError("expected steps, epochs or max_minutes: the training has no end")
        return self


class MachineSection(Params):
    """`machine:` where the work is done; not part of what is learnt."""

    device: str = Field(
        _MACHINE.device,
        pattern=r"^(auto|cpu|cuda(:\d+)?)$",
        description="`auto` takes a GPU if there is one",
    )
    precision: Literal["auto", "float32", "bf16"] = Field(
        "auto", description="`auto` is bf16 on GPUs, float32 on CPUs"
    )
    threads: Integer = Field(_MACHINE.threads, ge=0, le=1024, description="of torch; 0: all cores")
    workers: Integer = Field(
        _MACHINE.workers,
        ge=-1,
        le=256,
        description="processes (for generators threads) that make pictures; -1: by device",
    )
    cache_mib: Integer = Field(
        _MACHINE.cache_mib, ge=0, description="memory for decoded images, MiB"
    )
    crops: Literal["auto", "host", "device"] = Field(
        "auto",
        description="where a detector's training crops are made: by `workers`, or by the device, "
        "which `auto` chooses for GPUs that have room for all images",
    )
    log_every: Integer = Field(_MACHINE.log_every, ge=1, description="steps a line of the curve")
    checkpoint_every: Integer = Field(
        _MACHINE.checkpoint_every, ge=1, description="steps between checkpoints"
    )
