"""The training loop: plain, small, repeatable."""

from __future__ import annotations

import logging
import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from simgen.detect._torch_assign import padded
from simgen.detect._torch_batch import Batch, batches
from simgen.detect._torch_card import finished, write_result
from simgen.detect._torch_crop_feed import open_feed
from simgen.detect._torch_data import open_samples, read_data
from simgen.detect._torch_graph import GraphedStep
from simgen.detect._torch_network import build_network
from simgen.detect.job import TrainJob
from simgen.errors import Fault, WorkError
from simgen.learn._torch_checkpoint import State, restore, save_checkpoint
from simgen.learn._torch_curve import Curve
from simgen.learn._torch_machine import Worker, open_machine, picture_makers
from simgen.learn._torch_progress import Progress, averaged, optimizer_for, set_rate
from simgen.learn._torch_weights import fit, load

_LOG = logging.getLogger(__name__)
_MAKERS = 12  # processes, each of which makes crops or plans of them
Listener = Callable[[dict[str, Any]], None]


def train(job: TrainJob, out: Path, listen: Listener | None = None) -> dict[str, Any]:
    """Train, or go on where `out` was left; gives the card of the finished detector.

    Writes `curve.jsonl` while it runs, `checkpoint.safetensors` now and then, and
    `weights.safetensors` with `card.json` at the end.

    Args:
        job: what to train from what.
        out: folder of the detector.
        listen: gets each line of the curve.

    Raises:
        DataError: data or weights cannot be used.
        RunFolderError: `out` holds another training.
        WorkError: the loss is not finite, or one sample does not fit into memory.
    """
    identity = job.identity()
    card = finished(out, identity)
    if card is not None:
        return card
    with torch.random.fork_rng(devices=[]):
        return _train(job, out, identity, listen)


def _train(job: TrainJob, out: Path, identity: str, listen: Listener | None) -> dict[str, Any]:
    began = time.monotonic()
    worker = open_machine(job.machine)
    data = read_data(job)
    samples = open_samples(job, data, os.cpu_count() or 1)
    torch.manual_seed(job.seed)
    net = build_network(job, len(data.categories))
    if job.init:
        fit(net, load(Path(job.init), job.trust_pickle), job.init)
    net.to(worker.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    graphed = worker.device.type == "cuda" and worker.count == 1 and takes_objects(net)
    optimizer = optimizer_for(net, job.schedule, capturable=graphed)
    state = State(net, averaged(net, job.schedule.ema_decay), optimizer)
    if restore(state, out, identity):
        _LOG.warning("%s: goes on at step %d", out, state.step)
    progress = Progress(job.schedule, data.images, worker.count, began - state.spent_s)
    curve = Curve(out, state.step, job.machine.log_every, listen, write=worker.index == 0)
    _Loop(job, out, identity, worker, state, progress, curve, graphed).run(samples)
    if worker.index > 0:
        return {}
    state.spent_s = progress.spent_s()
    return write_result(job, out, identity, data, state, curve.last)


@dataclass
class _Loop:
    job: TrainJob
    out: Path
    identity: str
    worker: Worker
    state: State
    progress: Progress
    curve: Curve
    graphed: bool

    def run(self, samples: Any) -> None:
        job, state, worker = self.job, self.state, self.worker
        self.net, self.optimizer = worker.prepare(state.model, state.optimizer)
        self.net.train()
        clip, size = job.schedule.clip_norm, job.schedule.batch
        self.feed = open_feed(samples, worker.device, job.machine)
        self.graph = None
        if self.graphed:
            self.graph = GraphedStep(
                state.model, state.optimizer, worker.autocast, clip, size, self.feed
            )
        processes = picture_makers(job.machine, worker, _MAKERS)
        stream = batches(
            samples, state.step, size, worker.index, worker.count, processes, self.feed.planned
        )
        while (done := worker.agree(self.progress.done(state.step))) < 1.0:
            rate = self.progress.rate(done)
            set_rate(state.optimizer, rate)
            # Some detectors draw proposals from torch's generator: the same at the same step.
            seed = (job.seed * 1_000_003 + state.step) % 2**63
            torch.manual_seed(seed)
            if self.feed.generator is not None:
                self.feed.generator.manual_seed(seed)
            batch = next(stream)
            losses, norm = self._step(batch)
            state.step += 1
            self.curve.add(
                state.step, done, self.progress.spent_s(), rate, losses, norm, len(batch)
            )
            if state.step % job.machine.checkpoint_every == 0 and worker.index == 0:
                state.spent_s = self.progress.spent_s()
                save_checkpoint(state, self.out, self.identity)

    def _step(self, batch: Batch) -> tuple[dict[str, float], float]:
        while True:
            try:
                return self._attempt(batch)
            except RuntimeError as error:
                if not _out_of_memory(error):
                    raise
                self._halve(len(batch))

    def _attempt(self, batch: Batch) -> tuple[dict[str, float], float]:
        if self.graph is not None and self.state.parts == 1 and self.graph.takes(batch):
            losses, norm = self.graph(batch)
            self._check({**losses, "gradient_norm": norm}, batch)
        else:
            losses, norm = self._plain(batch)
        self.state.average.update_parameters(self.state.model)
        return losses, norm

    def _plain(self, batch: Batch) -> tuple[dict[str, float], float]:
        self.optimizer.zero_grad(set_to_none=True)
        size = math.ceil(len(batch) / self.state.parts)
        sums: dict[str, float] = {}
        for first in range(0, len(batch), size):
            part = batch[first : first + size]
            weight = len(part) / len(batch)
            images, targets = self._sent(part)
            with self.worker.autocast():
                losses: dict[str, Tensor] = self.net(images, targets)
            values = {name: float(value.detach()) for name, value in losses.items()}
            self._check(values, batch)
            self.worker.backward(torch.stack(list(losses.values())).sum() * weight)
            for name, value in values.items():
                sums[name] = sums.get(name, 0.0) + value * weight
        parameters = [p for p in self.net.parameters() if p.requires_grad]
        norm = float(torch.nn.utils.clip_grad_norm_(parameters, self.job.schedule.clip_norm))
        self._check({**sums, "gradient_norm": norm}, batch)
        self.optimizer.step()
        return sums, norm

    def _sent(self, part: Batch) -> tuple[Tensor, Any]:
        device = self.worker.device
        sent = self.feed.numbers(part)
        images = self.feed.pixels({k: v.to(device, non_blocking=True) for k, v in sent.items()})
        if takes_objects(self.state.model):
            return images, padded(part.targets, device)
        targets = [
            {k: torch.from_numpy(v).to(device) for k, v in target.items()}
            for target in part.targets
        ]
        return images, targets

    def _check(self, values: dict[str, float], batch: Batch) -> None:
        if all(math.isfinite(value) for value in values.values()):
            return
        names = ", ".join(batch.names)
        shown = ", ".join(f"{name} {value:.4g}" for name, value in values.items())
        what = f"the loss is not finite ({shown}); images of the batch: {names}"
        cure = "lower schedule.learning_rate, or look at these images and their boxes"
        raise WorkError(Fault(f"{self.out}, step {self.state.step}", what, cure))

    def _halve(self, batch: int) -> None:
        where = f"{self.out}, step {self.state.step}"
        if self.state.parts >= batch or self.worker.count > 1:
            cure = "use a smaller view.crop or detector, or a lower schedule.batch"
            raise WorkError(Fault(where, "out of memory", cure))
        self.state.parts *= 2
        self.optimizer.zero_grad(set_to_none=True)
        if self.worker.device.type == "cuda":
            torch.cuda.empty_cache()
        part = math.ceil(batch / self.state.parts)
        _LOG.warning(
            "%s: out of memory; batches of %d go in pieces of %d from now on, their gradients "
            "are added up",
            where,
            batch,
            part,
        )


def takes_objects(net: nn.Module) -> bool:
    """Whether a network takes its targets as one `Objects`, as the compact detector does."""
    return bool(getattr(net, "takes_objects", False))


def _out_of_memory(error: RuntimeError) -> bool:
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)
