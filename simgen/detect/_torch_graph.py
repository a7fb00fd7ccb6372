"""A whole training step as one CUDA graph: small networks are otherwise limited by launches.

The step of the compact detector is about two thousand small kernels, each of which takes longer to
start than to run. A graph starts them all at once ("CUDA Graphs", PyTorch's CUDA semantics). It
wants equal shapes at every step, so objects are padded to a fixed number, and a batch that does
not fit is left to the ordinary way.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import fields
from typing import Any

import torch
from torch import Tensor, nn

from simgen.detect._torch_assign import Objects, padded
from simgen.detect._torch_batch import Batch
from simgen.detect._torch_crop_feed import Feed

_LOG = logging.getLogger(__name__)
_MOST = 64  # objects in a crop
_WARM_UP = 3  # steps before the capture; libraries choose their kernels in them


class GraphedStep:
    """Makes training steps of a network that takes `Objects`.

    Args:
        net: in training mode, on a CUDA device.
        optimizer: capturable, its learning rate a tensor.
        autocast: context of the forward pass.
        clip_norm: largest norm of the gradient.
        batch: crops in a step.
        feed: how pixels come to the device.
    """

    def __init__(
        self,
        net: nn.Module,
        optimizer: torch.optim.Optimizer,
        autocast: Callable[[], AbstractContextManager[Any]],
        clip_norm: float,
        batch: int,
        feed: Feed,
    ) -> None:
        self._net, self._optimizer, self._autocast = net, optimizer, autocast
        self._clip_norm, self._batch, self._feed = clip_norm, batch, feed
        self._parameters = [p for p in net.parameters() if p.requires_grad]
        self._device = self._parameters[0].device
        self._stream = torch.cuda.Stream(self._device)  # type: ignore[no-untyped-call]
        self._graph: torch.cuda.CUDAGraph | None = None
        self._names: tuple[str, ...] = ()
        self._steps, self._broken = 0, False

    def takes(self, batch: Batch) -> bool:
        """Whether a batch has the one shape that the graph has."""
        most = max(len(t["boxes"]) + len(t["ignore"]) for t in batch.targets)
        return not self._broken and len(batch) == self._batch and most <= _MOST

    def __call__(self, batch: Batch) -> tuple[dict[str, float], float]:
        """Losses by name, and the norm of the gradient before clipping."""
        self._fill(batch)
        if self._steps < _WARM_UP or self._broken:
            self._aside()
        else:
            if self._graph is None:
                self._capture()
            if self._graph is None:
                self._aside()
            else:
                self._graph.replay()
        self._steps += 1
        *losses, norm = self._values.tolist()
        return dict(zip(self._names, losses, strict=True)), norm

    def _fill(self, batch: Batch) -> None:
        objects = padded(batch.targets, torch.device("cpu"), _MOST)
        sent = {**self._feed.numbers(batch), **vars(objects)}
        if self._steps == 0:
            self._sent = {name: part.to(self._device) for name, part in sent.items()}
            return
        for name, part in sent.items():
            self._sent[name].copy_(part)

    def _aside(self) -> None:
        """The step launch by launch, on the stream where the capture will be."""
        self._stream.wait_stream(torch.cuda.current_stream(self._device))
        with torch.cuda.stream(self._stream):
            self._body()
        torch.cuda.current_stream(self._device).wait_stream(self._stream)

    def _capture(self) -> None:
        graph = torch.cuda.CUDAGraph()
        self._optimizer.zero_grad(set_to_none=True)
        if self._feed.generator is not None:
            graph.register_generator_state(self._feed.generator)
        try:
            with torch.cuda.graph(graph, stream=self._stream):
                self._body()
            self._graph = graph
        except RuntimeError as error:  # a driver or a plugin's network that cannot
            self._broken = True
            if self._feed.generator is not None:  # it is left thinking that it is recorded
                self._feed.generator = torch.Generator(self._device)
            _LOG.warning("no CUDA graph, training goes on without: %s", error)

    def _body(self) -> None:
        self._optimizer.zero_grad(set_to_none=True)
        images = self._feed.pixels(self._sent)
        objects = Objects(**{field.name: self._sent[field.name] for field in fields(Objects)})
        with self._autocast():
            losses: dict[str, Tensor] = self._net(images, objects)
        stacked = torch.stack(list(losses.values()))
        stacked.sum().backward()  # type: ignore[no-untyped-call]
        norm = torch.nn.utils.clip_grad_norm_(self._parameters, self._clip_norm)
        self._optimizer.step()
        self._names = tuple(losses)
        self._values = torch.cat([stacked.detach().float(), norm.detach().float()[None]])
