"""The training loop of generators: plain, small, repeatable."""

from __future__ import annotations

import importlib
import logging
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from simgen.errors import DataError, Fault, WorkError
from simgen.generate._torch_card import finished, write_result
from simgen.generate._torch_pictures import Pictures
from simgen.generate.job import BUILDS, GeneratorJob
from simgen.learn._torch_checkpoint import State, restore, save_checkpoint
from simgen.learn._torch_curve import Curve
from simgen.learn._torch_machine import Worker, open_machine, picture_makers
from simgen.learn._torch_progress import Progress, averaged, optimizer_for

_LOG = logging.getLogger(__name__)
_MAKERS = 6  # threads, each of which makes whole batches
Listener = Callable[[dict[str, Any]], None]


def train(job: GeneratorJob, out: Path, listen: Listener | None = None) -> dict[str, Any]:
    """Train into `out`, or go on there.

    Args:
        job: what to learn.
        out: folder of the generator.
        listen: takes every line of the learning curve.

    Returns:
        The card.

    Raises:
        DataError: pictures cannot be used.
        RunFolderError: `out` holds another training.
        WorkError: the loss is not finite, or a batch does not fit into memory.
    """
    identity = job.identity()
    card = finished(out, identity)
    if card is not None:
        return card
    with torch.random.fork_rng(devices=[]):
        return _train(job, out, identity, listen)


def build_network(job: GeneratorJob) -> nn.Module:
    """The network of a job.

    Raises:
        DataError: a package that it needs is missing.
    """
    module, _, name = BUILDS[job.kind].partition(":")
    try:
        function: Callable[..., nn.Module] = getattr(importlib.import_module(module), name)
    except ModuleNotFoundError as error:
        what = f"{job.kind} needs {error.name}"
        raise DataError(Fault("generator", what, "pip install 'simgen[refine]'")) from None
    return function(job.params, job)


def _train(job: GeneratorJob, out: Path, identity: str, listen: Listener | None) -> dict[str, Any]:
    began = time.monotonic()
    worker = open_machine(job.machine)
    pictures = Pictures(Path(job.root), job.items, job.view, job.machine.cache_mib)
    torch.manual_seed(job.seed)
    net = build_network(job).to(worker.device)
    optimizer = optimizer_for(net, job.schedule)
    for group in optimizer.param_groups:
        group["betas"] = getattr(net, "betas", group["betas"])
    state = State(net, averaged(net, job.schedule.ema_decay), optimizer)
    if restore(state, out, identity):
        _LOG.warning("%s: goes on at step %d", out, state.step)
    progress = Progress(job.schedule, len(job.items), 1, began - state.spent_s)
    curve = Curve(out, state.step, job.machine.log_every, listen)
    net.train()
    makers = picture_makers(job.machine, worker, _MAKERS)
    stream = pictures.batches(job.seed, state.step, job.schedule.batch, makers)
    while (done := progress.done(state.step)) < 1.0:
        rate = progress.rate(done)
        for group in optimizer.param_groups:
            group["lr"] = rate
        # The noise of step n is the same whenever it is made.
        torch.manual_seed((job.seed * 1_000_003 + state.step) % 2**63)
        losses, norm = _step(job, out, worker, state, next(stream))
        state.step += 1
        curve.add(state.step, done, progress.spent_s(), rate, losses, norm, job.schedule.batch)
        if state.step % job.machine.checkpoint_every == 0:
            state.spent_s = progress.spent_s()
            save_checkpoint(state, out, identity)
    state.spent_s = progress.spent_s()
    return write_result(job, out, identity, state, curve.last)


def _step(
    job: GeneratorJob, out: Path, worker: Worker, state: State, batch: tuple[Tensor, Tensor]
) -> tuple[dict[str, float], float]:
    pictures, labels = (tensor.to(worker.device) for tensor in batch)
    state.optimizer.zero_grad(set_to_none=True)
    try:
        with worker.autocast():
            losses: dict[str, Tensor] = state.model.loss(pictures, labels)  # type: ignore[operator]
        worker.backward(torch.stack(list(losses.values())).sum())
    except torch.OutOfMemoryError:
        cure = "lower schedule.batch, view.side or the widths of the network"
        raise WorkError(Fault(f"{out}, step {state.step}", "out of memory", cure)) from None
    values = {name: float(value.detach()) for name, value in losses.items()}
    parameters = [p for p in state.model.parameters() if p.requires_grad]
    norm = float(torch.nn.utils.clip_grad_norm_(parameters, job.schedule.clip_norm))
    if not all(math.isfinite(value) for value in (*values.values(), norm)):
        shown = ", ".join(f"{name} {value:.4g}" for name, value in values.items())
        what = f"the loss is not finite ({shown})"
        cure = "lower schedule.learning_rate"
        raise WorkError(Fault(f"{out}, step {state.step}", what, cure))
    state.optimizer.step()
    state.average.update_parameters(state.model)
    return values, norm
