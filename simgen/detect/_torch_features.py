"""Features of whole pictures: what the backbone of a trained detector sees in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from simgen.detect._torch_predict import Search, load_network
from simgen.detect.card import read_card
from simgen.detect.job import Inference
from simgen.errors import DataError, Fault
from simgen.learn._torch_machine import open_machine
from simgen.learn.schedule import Machine


def detector_features(
    folder: Path,
    images: Sequence[Path],
    device: str = "auto",
    advance: Callable[[int], None] = lambda number: None,
) -> NDArray[np.float64]:
    """float64[N, 2 * C]: mean and spread over the picture of the backbone's last map.

    Pictures are scaled as the detector scales them. Whatever the network does before its
    backbone (normalisation, resizing) is done here too: the map is taken out of a forward pass.

    Args:
        folder: of a finished detector.
        images: files.
        device: as in `Machine`.
        advance: called once per finished picture.

    Raises:
        DataError: the detector has no part named `backbone`, or a picture cannot be read.
    """
    card = read_card(folder)
    worker = open_machine(Machine(device=device))
    net = load_network(folder, card, worker.device)
    backbone = getattr(net, "backbone", None)
    if not isinstance(backbone, nn.Module):
        what = f"the detector {card['detector']!r} has no part named `backbone`"
        raise DataError(Fault(str(folder), what, "give features of your own with --features"))
    search = Search(net, worker.device, Inference(side=int(card["side"])), worker.autocast)
    rows: list[NDArray[np.float64]] = []
    with _listening(backbone) as heard:
        for number, path in enumerate(images):
            # One picture at a time: others in a batch would pad it and move its means.
            next(search([(path, None)]))
            rows.append(_pooled(heard.pop()))
            advance(number)
    return np.stack(rows)


@contextmanager
def _listening(module: nn.Module) -> Iterator[list[Any]]:
    heard: list[Any] = []
    handle = module.register_forward_hook(lambda module, given, out: heard.append(out))
    try:
        yield heard
    finally:
        handle.remove()


def _pooled(maps: Any) -> NDArray[np.float64]:
    levels = list(maps.values()) if isinstance(maps, Mapping) else list(maps)
    last: Tensor = levels[-1][0].double().flatten(1)
    pooled = torch.cat([last.mean(dim=1), last.std(dim=1, correction=0)])
    return np.asarray(pooled.cpu().numpy(), np.float64)
