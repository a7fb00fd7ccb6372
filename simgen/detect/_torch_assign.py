"""Which points of the feature maps learn which object: task-aligned assignment, in one batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Target = Mapping[str, NDArray[Any] | Tensor]

_TOP_K = 9
_SCORE_POWER = 0.5
_OVERLAP_POWER = 4.0
_CENTRE_SIGMA = 0.3
_TINY = 1e-9


@dataclass(frozen=True)
class Objects:
    """Labels of a batch, padded to the image with the most objects.

    Args:
        boxes: float32[B, M, 4] x1, y1, x2, y2 in pixels of the batch.
        labels: int64[B, M], from 0.
        valid: bool[B, M], False is padding.
        ignored: bool[B, M], objects that are neither learnt nor background.
    """

    boxes: Tensor
    labels: Tensor
    valid: Tensor
    ignored: Tensor


@dataclass(frozen=True)
class Assignment:
    """What each point should say.

    Args:
        quality: float32[B, N], 0 is background; the score that the point should give.
        label: int64[B, N] category of the point's object; meaningless where quality is 0.
        box: float32[B, N, 4] the object's box.
        ignored: bool[B, N] points that should learn nothing.
    """

    quality: Tensor
    label: Tensor
    box: Tensor
    ignored: Tensor


def padded(targets: Sequence[Target], device: torch.device, most: int = 0) -> Objects:
    """Targets of a batch side by side.

    Args:
        targets: boxes, labels (from 1) and boxes to ignore, per image.
        device: of the result.
        most: room for so many objects an image; 0 is as many as there are.
    """
    most = most or max(1, *(len(t["boxes"]) + len(t["ignore"]) for t in targets))
    boxes = np.zeros((len(targets), most, 4), np.float32)
    labels = np.zeros((len(targets), most), np.int64)
    valid = np.zeros((len(targets), most), np.bool_)
    ignored = np.zeros_like(valid)
    for i, target in enumerate(targets):
        known, count = len(target["boxes"]), len(target["boxes"]) + len(target["ignore"])
        boxes[i, :known], labels[i, :known] = _host(target["boxes"]), _host(target["labels"]) - 1
        boxes[i, known:count] = _host(target["ignore"])
        valid[i, :count], ignored[i, known:count] = True, True
    return Objects(*(torch.from_numpy(p).to(device) for p in (boxes, labels, valid, ignored)))


def _host(values: NDArray[Any] | Tensor) -> NDArray[Any]:
    return values.cpu().numpy() if isinstance(values, Tensor) else values


@torch.no_grad()
def assign(points: Tensor, scores: Tensor, boxes: Tensor, objects: Objects) -> Assignment:
    """The best points of each object by score and overlap together.

    TOOD (Feng et al. 2021, section 3.2): alignment is score^a * IoU^b, the best k points inside
    an object are its positives. A Gaussian around the object's centre is a factor as well (soft
    centre prior of RTMDet, Lyu et al. 2022): it decides while the network knows nothing yet,
    which is most of a training of minutes.

    Args:
        points: float32[N, 2] x, y in pixels.
        scores: float32[B, N, C] in [0, 1].
        boxes: float32[B, N, 4] as predicted.
        objects: labels.
    """
    inside = _inside(points, objects.boxes) & objects.valid[..., None]
    candidates = inside & ~objects.ignored[..., None]
    overlap = _pairwise_iou(objects.boxes, boxes)
    of_label = objects.labels[:, :, None].expand(-1, -1, points.shape[0])
    score = scores.transpose(1, 2).gather(1, of_label)
    alignment = score**_SCORE_POWER * (overlap + 0.05) ** _OVERLAP_POWER
    alignment = alignment * _centre_prior(points, objects.boxes) * candidates
    count = min(_TOP_K, points.shape[0])
    top = alignment.topk(count, dim=2)
    chosen = torch.zeros_like(candidates).scatter_(2, top.indices, top.values > _TINY)
    # A point inside two objects learns the one that it fits best.
    owner = alignment.masked_fill(~chosen, -1.0).argmax(dim=1)  # [B, N]
    mine = torch.zeros_like(chosen).scatter_(1, owner[:, None], True) & chosen
    kept = alignment * mine
    best = kept.amax(dim=2, keepdim=True).clamp(min=_TINY)
    reach = (overlap * mine).amax(dim=2, keepdim=True)
    # Half of the target is there from the start: IoU alone would teach low scores for as long
    # as boxes are bad, and the category would be learnt late.
    quality = (kept / best * (0.5 + 0.5 * reach)).amax(dim=1)
    label = objects.labels.gather(1, owner)
    box = objects.boxes.gather(1, owner[..., None].expand(-1, -1, 4))
    ignored = (inside & objects.ignored[..., None]).any(dim=1) & (quality == 0)
    return Assignment(quality, label, box, ignored)


def _inside(points: Tensor, boxes: Tensor) -> Tensor:
    x, y = points[:, 0], points[:, 1]
    x1, y1, x2, y2 = boxes[..., None].unbind(2)
    inside: Tensor = (x > x1) & (x < x2) & (y > y1) & (y < y2)
    return inside


def _centre_prior(points: Tensor, boxes: Tensor) -> Tensor:
    centre = (boxes[..., :2] + boxes[..., 2:]) / 2
    size = (boxes[..., 2:] - boxes[..., :2]).clamp(min=1.0)
    offset = (points - centre[:, :, None]) / size[:, :, None]
    prior: Tensor = torch.exp(-offset.square().sum(dim=-1) / (2 * _CENTRE_SIGMA**2))
    return prior


def _pairwise_iou(ours: Tensor, theirs: Tensor) -> Tensor:
    """float32[B, M, N]; `torchvision.ops.box_iou` knows no batches."""
    low = torch.maximum(ours[:, :, None, :2], theirs[:, None, :, :2])
    high = torch.minimum(ours[:, :, None, 2:], theirs[:, None, :, 2:])
    shared = (high - low).clamp(min=0).prod(dim=-1)
    area = (ours[..., 2:] - ours[..., :2]).prod(dim=-1)[:, :, None]
    other = (theirs[..., 2:] - theirs[..., :2]).prod(dim=-1)[:, None]
    iou: Tensor = shared / (area + other - shared).clamp(min=1e-6)
    return iou
