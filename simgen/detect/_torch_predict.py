"""Inference: images in, COCO results out; whole or in tiles, in batches."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from simgen.detect._torch_images import decode, resized
from simgen.detect._torch_network import build_named
from simgen.detect._torch_samples import one_thread
from simgen.detect._torch_tiles import Found, merge, starts
from simgen.detect.card import read_card
from simgen.detect.job import Inference
from simgen.detect.listing import Listing, ResultRow
from simgen.learn._torch_machine import open_machine
from simgen.learn._torch_weights import load
from simgen.learn.schedule import Machine

_MULTIPLE = 32  # coarsest stride of all detectors
_GREY = 114
_TILE_IOU = 0.6


@dataclass(frozen=True)
class _Window:
    """A piece of an image, in pixels after scaling."""

    image: int
    left: int
    top: int
    pixels: Tensor


@dataclass(frozen=True)
class _Scaled:
    """How an image was scaled: pixels after per pixel before, and both sizes."""

    factor: tuple[float, float]
    size: tuple[int, int]
    full: tuple[int, int]


def predict(
    folder: Path,
    listing: Listing,
    settings: Inference,
    advance: Callable[[int], None] = lambda number: None,
) -> list[ResultRow]:
    """Search all images of a list.

    Args:
        folder: of the detector.
        listing: images, and the category id that each label gets.
        settings: scale, tiles, batch.
        advance: called once per finished image.

    Raises:
        DataError: detector or image cannot be used.
    """
    card = read_card(folder)
    worker = open_machine(Machine(device=settings.device))
    net = load_network(folder, card, worker.device)
    settings = replace(settings, side=settings.side or int(card["side"]))
    search = Search(net, worker.device, settings, worker.autocast)
    rows: list[ResultRow] = []
    found = search((image.path, image.size) for image in listing.images)
    for number, (image, detections) in enumerate(zip(listing.images, found, strict=True)):
        rows += _rows(image.id, listing.category_ids, detections)
        advance(number)
    return rows


def load_network(folder: Path, card: Mapping[str, Any], device: torch.device) -> nn.Module:
    """The network of a finished detector, in evaluation mode.

    Raises:
        DataError: its weights cannot be used.
    """
    params = {**card["params"], "pretrained": "none"}
    net = build_named(card["build"], params, len(card["categories"]))
    net.load_state_dict(load(folder))
    net.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return net.eval()


class Search:
    """A network that is ready to search images.

    Args:
        net: in evaluation mode; gives boxes, scores and labels per image, as torchvision's do.
        device: that the network is on.
        settings: scale, tiles, batch.
        autocast: context of the forward pass.
    """

    def __init__(
        self, net: nn.Module, device: torch.device, settings: Inference, autocast: Callable[[], Any]
    ) -> None:
        self._net, self._device, self._settings = net, device, settings
        self._autocast = autocast

    def __call__(self, images: Iterable[tuple[Path, tuple[int, int] | None]]) -> Iterator[Found]:
        """Detections of each image, in its own pixels, by falling score."""
        scales: dict[int, _Scaled] = {}
        tiles: dict[int, list[tuple[int, int, Found]]] = {}
        for batch in self._batches(self._windows(images, scales)):
            for window, found in zip(batch, self._forward(batch), strict=True):
                tiles.setdefault(window.image, []).append((window.left, window.top, found))
            done = batch[-1].image  # its last tile may be in the next batch
            for number in [n for n in tiles if n < done]:
                yield self._whole(tiles.pop(number), scales.pop(number))
        for number in sorted(tiles):
            yield self._whole(tiles.pop(number), scales.pop(number))

    def _windows(
        self, images: Iterable[tuple[Path, tuple[int, int] | None]], scales: dict[int, _Scaled]
    ) -> Iterator[_Window]:
        tile = self._settings.tile
        for number, (path, size) in enumerate(images):
            with one_thread():
                pixels, scales[number] = self._scaled(decode(path, size))
            height, width = pixels.shape[1:]
            if not tile or max(height, width) <= tile:
                yield _Window(number, 0, 0, _padded(pixels))
                continue
            for top in starts(height, tile, self._settings.overlap):
                for left in starts(width, tile, self._settings.overlap):
                    piece = pixels[:, top : top + tile, left : left + tile]
                    yield _Window(number, left, top, _padded(piece, tile))

    def _scaled(self, pixels: Tensor) -> tuple[Tensor, _Scaled]:
        height, width = pixels.shape[1:]
        factor = self._settings.side / max(height, width)
        size = max(1, round(width * factor)), max(1, round(height * factor))
        scaled = _Scaled((size[0] / width, size[1] / height), size, (width, height))
        if size == (width, height):
            return pixels, scaled
        return resized(pixels, *size), scaled

    def _batches(self, windows: Iterator[_Window]) -> Iterator[list[_Window]]:
        # Only equal shapes share a batch: more padding would change what a network sees.
        for _, group in itertools.groupby(windows, lambda window: window.pixels.shape):
            while batch := list(itertools.islice(group, self._settings.batch)):
                yield batch

    def _forward(self, batch: Sequence[_Window]) -> Iterator[Found]:
        images = torch.stack([window.pixels for window in batch]).to(self._device).float() / 255
        with torch.inference_mode(), self._autocast():
            outputs = self._net(images)
        for output in outputs:
            yield Found(
                output["boxes"].float().cpu(),
                output["scores"].float().cpu(),
                output["labels"].cpu(),
            )

    def _whole(self, tiles: list[tuple[int, int, Found]], scaled: _Scaled) -> Found:
        if len(tiles) > 1:
            found = merge(tiles, self._settings.tile, scaled.size, _TILE_IOU)
        else:
            found = tiles[0][2]
        limit = torch.tensor([*scaled.full, *scaled.full])
        boxes = (found.boxes / torch.tensor([*scaled.factor, *scaled.factor])).clamp(min=0)
        boxes = torch.minimum(boxes, limit)
        real = (boxes[:, 2:] > boxes[:, :2]).all(dim=1) & (found.scores >= self._settings.min_score)
        kept = Found(boxes[real], found.scores[real], found.labels[real])
        return kept.best(self._settings.max_detections)


def _padded(pixels: Tensor, side: int = 0) -> Tensor:
    """Grey below and on the right, up to a multiple of the coarsest stride."""
    height, width = (math.ceil(max(s, side) / _MULTIPLE) * _MULTIPLE for s in pixels.shape[1:])
    if (height, width) == tuple(pixels.shape[1:]):
        return pixels
    out = torch.full((3, height, width), _GREY, dtype=torch.uint8)
    out[:, : pixels.shape[1], : pixels.shape[2]] = pixels
    return out


def _rows(image: int, category_ids: Sequence[int | None], found: Found) -> Iterator[ResultRow]:
    detections = zip(
        found.boxes.tolist(), found.scores.tolist(), found.labels.tolist(), strict=True
    )
    for (x1, y1, x2, y2), score, label in detections:
        category = category_ids[label - 1]
        if category is None:  # the set that is searched does not know it
            continue
        box = [round(v, 2) for v in (x1, y1, x2 - x1, y2 - y1)]
        yield {"image_id": image, "category_id": category, "bbox": box, "score": round(score, 5)}
