"""Large images in overlapping tiles, and their detections brought together again."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torchvision.ops import box_iou

_BORDER_PX = 2.0  # a box that ends so near to a tile's inner border goes on beyond it
_COVERED = 0.7


@dataclass(frozen=True)
class Found:
    """Detections of one image or tile, any order.

    Args:
        boxes: float32[N, 4] x1, y1, x2, y2 in pixels.
        scores: float32[N].
        labels: int64[N] from 1.
    """

    boxes: Tensor
    scores: Tensor
    labels: Tensor

    def best(self, count: int) -> Found:
        """The surest ones, by score."""
        order = self.scores.argsort(descending=True, stable=True)[:count]
        return Found(self.boxes[order], self.scores[order], self.labels[order])


def starts(length: int, tile: int, overlap: float) -> list[int]:
    """First pixels of the tiles along one side; evenly spread, the last one ends at the border."""
    if length <= tile:
        return [0]
    step = tile * (1 - overlap)
    count = 1 + -int(-(length - tile) // step)
    return [round(i * (length - tile) / (count - 1)) for i in range(count)]


def merge(
    tiles: list[tuple[int, int, Found]], tile: int, size: tuple[int, int], nms_iou: float
) -> Found:
    """Detections of all tiles in pixels of the image.

    Boxes that end at an inner border of their tile are cut. They come last, whatever their
    score: a box that was whole in a neighbouring tile replaces them, also under another label,
    since half a die looks like a die with fewer pips. Cut boxes stay where no tile shows the
    object as a whole.

    Args:
        tiles: first column, first row and detections of each tile.
        tile: side of the tiles, pixels.
        size: width and height of the image.
        nms_iou: overlap at which two boxes of one label are one object.
    """
    boxes, scores, labels, cuts = [], [], [], []
    for left, top, found in tiles:
        inner = [left > 0, top > 0, left + tile < size[0], top + tile < size[1]]
        low = found.boxes[:, :2] < _BORDER_PX
        high = found.boxes[:, 2:] > tile - _BORDER_PX
        at_border = torch.cat([low, high], dim=1)
        cuts.append((at_border & torch.tensor(inner, device=at_border.device)).any(dim=1))
        boxes.append(found.boxes + found.boxes.new_tensor([left, top, left, top]))
        scores.append(found.scores)
        labels.append(found.labels)
    everything = Found(torch.cat(boxes), torch.cat(scores), torch.cat(labels))
    kept = _kept(everything, torch.cat(cuts), nms_iou)
    return Found(everything.boxes[kept], everything.scores[kept], everything.labels[kept])


def _kept(found: Found, cut: Tensor, nms_iou: float) -> Tensor:
    order = found.scores.argsort(descending=True, stable=True)
    order = torch.cat([order[~cut[order]], order[cut[order]]])
    boxes, labels, last = found.boxes[order], found.labels[order], cut[order]
    same = (box_iou(boxes, boxes) > nms_iou) & (labels[:, None] == labels)
    covered = (_part_inside(boxes) > _COVERED) & last
    beaten = (same | covered).triu(diagonal=1).cpu()  # by row, of column
    alive = torch.ones(len(order), dtype=torch.bool)
    for row in range(len(order)):
        if alive[row]:
            alive &= ~beaten[row]
    return order[alive.to(order.device)]


def _part_inside(boxes: Tensor) -> Tensor:
    """float32[N, N]: part of box `column` that lies in box `row`."""
    low = torch.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = torch.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    shared = (high - low).clamp(min=0).prod(dim=-1)
    part: Tensor = shared / (boxes[:, 2:] - boxes[:, :2]).prod(dim=-1).clamp(min=1e-6)
    return part
