"""The small one-stage detector: residual backbone, feature pyramid, anchor-free head.

It is made for training from scratch in minutes on a CPU. Plain 3x3 convolutions are what CPUs
compute fastest; depthwise ones save multiplications, not time. Torchvision gives blocks,
pyramid, losses and suppression; assignment is in `_torch_assign`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.models.resnet import BasicBlock, conv1x1
from torchvision.ops import (
    Conv2dNormActivation,
    FeaturePyramidNetwork,
    batched_nms,
    clip_boxes_to_image,
)

from simgen.detect._torch_assign import Objects, assign, padded

# ImageNet's, as everywhere; only that inputs are near zero mean and unit variance matters.
_MEAN = (0.485, 0.456, 0.406)
_STD = (0.229, 0.224, 0.225)
_PRIOR = 0.01  # score of every point before training (RetinaNet, Lin et al. 2017, section 3.3)
_BOX_WEIGHT = 2.0
_CANDIDATES = 1000
_EPS = 1e-7


def build(params: Mapping[str, Any], categories: int) -> nn.Module:
    """The network; see `simgen.detect.compact.Compact.Params` for the settings."""
    return CompactNet(
        categories,
        tuple(params["channels"]),
        tuple(params["blocks"]),
        params["neck"],
        params["head"],
        params["smallest_stride"],
        params["score_threshold"],
        params["nms_iou"],
        params["max_detections"],
    )


class CompactNet(nn.Module):
    """Anchor-free detector with torchvision's calling convention.

    In training `net(images, targets)` gives a dict of losses; in evaluation `net(images)` gives
    a dict of boxes, scores and labels (from 1) per image. Sides are multiples of 32. Targets may
    also come as one `Objects`; then no shape depends on what is in them (`_torch_graph`).
    """

    takes_objects = True

    mean: Tensor
    std: Tensor

    def __init__(
        self,
        categories: int,
        channels: tuple[int, ...],
        blocks: tuple[int, ...],
        neck: int,
        head: int,
        smallest_stride: int,
        score_threshold: float,
        nms_iou: float,
        max_detections: int,
    ) -> None:
        super().__init__()
        self.backbone = _Backbone(channels, blocks)
        first = int(math.log2(smallest_stride)) - 2
        self.strides = [4 * 2**i for i in range(len(blocks))][first:]
        self.first = first
        self.neck = FeaturePyramidNetwork(list(channels[1 + first :]), neck)
        self.head = _Head(neck, head, categories, len(self.strides))
        self.score_threshold, self.nms_iou = score_threshold, nms_iou
        self.max_detections = max_detections
        self.register_buffer("mean", torch.tensor(_MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(_STD).view(1, 3, 1, 1), persistent=False)

    def forward(self, images: Any, targets: Any = None) -> Any:
        """Losses in training, detections in evaluation; images in [0, 1], one size per call."""
        batch = images if isinstance(images, Tensor) else torch.stack(list(images))
        batch = (batch - self.mean) / self.std
        maps = self.backbone(batch.contiguous(memory_format=torch.channels_last))[self.first :]
        levels = self.neck({str(i): level for i, level in enumerate(maps)})
        outputs = [self.head(level, number) for number, level in enumerate(levels.values())]
        points, strides = _points(outputs, self.strides)
        logits = torch.cat([_flat(scores) for scores, _ in outputs], dim=1).float()
        sides = torch.cat([_flat(sides) for _, sides in outputs], dim=1).float()
        boxes = _boxes(points, strides, sides)
        if self.training:
            objects = targets if isinstance(targets, Objects) else padded(targets, logits.device)
            return _losses(points, logits, boxes, objects)
        size = (batch.shape[2], batch.shape[3])
        return [self._detections(s, b, size) for s, b in zip(logits.sigmoid(), boxes, strict=True)]

    def _detections(
        self, scores: Tensor, boxes: Tensor, size: tuple[int, int]
    ) -> dict[str, Tensor]:
        flat = scores.flatten()
        top = flat.topk(min(_CANDIDATES, flat.numel()))
        sure = top.values > self.score_threshold
        values, indices = top.values[sure], top.indices[sure]
        labels, owner = indices % scores.shape[1], indices // scores.shape[1]
        found = clip_boxes_to_image(boxes[owner], size)
        kept = batched_nms(found, values, labels, self.nms_iou)[: self.max_detections]
        return {"boxes": found[kept], "scores": values[kept], "labels": labels[kept] + 1}


class _Backbone(nn.Module):
    """Stem at stride 2, then one stage of residual blocks per stride 4, 8, 16, ..."""

    def __init__(self, channels: tuple[int, ...], blocks: tuple[int, ...]) -> None:
        super().__init__()
        self.stem = Conv2dNormActivation(3, channels[0], 3, stride=2)
        stages = []
        for before, after, count in zip(channels[:-1], channels[1:], blocks, strict=True):
            shortcut = nn.Sequential(conv1x1(before, after, 2), nn.BatchNorm2d(after))
            layers = [BasicBlock(before, after, 2, shortcut)]
            layers += [BasicBlock(after, after) for _ in range(count - 1)]
            stages.append(nn.Sequential(*layers))
        self.stages = nn.ModuleList(stages)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, image: Tensor) -> list[Tensor]:
        out, maps = self.stem(image), []
        for stage in self.stages:
            out = stage(out)
            maps.append(out)
        return maps


class _Head(nn.Module):
    """Scores and box sides from each level."""

    def __init__(self, channels: int, width: int, categories: int, levels: int) -> None:
        super().__init__()
        self.classify = _Tower(channels, width, levels)
        self.locate = _Tower(channels, width, levels)
        self.scores = nn.Conv2d(width, categories, 3, padding=1)
        self.sides = nn.Conv2d(width, 4, 3, padding=1)
        for layer in (self.scores, self.sides):
            nn.init.normal_(layer.weight, std=0.01)
        nn.init.constant_(_bias(self.scores), -math.log((1 - _PRIOR) / _PRIOR))
        nn.init.constant_(_bias(self.sides), math.log(2.0))  # boxes start 4 strides wide

    def forward(self, features: Tensor, level: int) -> tuple[Tensor, Tensor]:
        scores = self.scores(self.classify(features, level))
        return scores, self.sides(self.locate(features, level))


class _Tower(nn.Module):
    """Two convolutions shared by all levels, each level with its own normalisation (RTMDet).

    Batch norm and not group norm: the statistics of a group change with what else is in the
    picture, so that a crop, a tile and a whole photograph would give other scores.
    """

    def __init__(self, channels: int, width: int, levels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, width, 3, padding=1, bias=False)
        self.second = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.norms = nn.ModuleList(nn.BatchNorm2d(width) for _ in range(2 * levels))

    def forward(self, features: Tensor, level: int) -> Tensor:
        out = functional.relu(self.norms[2 * level](self.first(features)), inplace=True)
        return functional.relu(self.norms[2 * level + 1](self.second(out)), inplace=True)


def _bias(layer: nn.Conv2d) -> Tensor:
    assert layer.bias is not None
    return layer.bias


def _flat(level: Tensor) -> Tensor:
    """[B, C, H, W] to [B, H * W, C]."""
    return level.flatten(2).transpose(1, 2)


def _points(outputs: list[tuple[Tensor, Tensor]], strides: list[int]) -> tuple[Tensor, Tensor]:
    """Centres float32[N, 2] of all cells in pixels, and their strides float32[N]."""
    points, sizes = [], []
    for (scores, _), stride in zip(outputs, strides, strict=True):
        height, width = scores.shape[2:]
        y = (torch.arange(height, device=scores.device, dtype=torch.float32) + 0.5) * stride
        x = (torch.arange(width, device=scores.device, dtype=torch.float32) + 0.5) * stride
        grid = torch.stack(torch.meshgrid(x, y, indexing="xy"), dim=-1).reshape(-1, 2)
        points.append(grid)
        sizes.append(torch.full((len(grid),), float(stride), device=scores.device))
    return torch.cat(points), torch.cat(sizes)


def _boxes(points: Tensor, strides: Tensor, sides: Tensor) -> Tensor:
    # FCOS (Tian et al. 2019, section 3.1): exp of the output, in strides; bounded against inf.
    reach = sides.clamp(max=6.0).exp() * strides[:, None]
    return torch.cat([points - reach[..., :2], points + reach[..., 2:]], dim=-1)


def _losses(points: Tensor, logits: Tensor, boxes: Tensor, objects: Objects) -> dict[str, Tensor]:
    """Is there an object (quality focal loss, Li et al. 2020, eq. 4), which one, and where (GIoU).

    Which one is a cross entropy over the categories of the points that lie on objects. Focal
    loss alone is content for long with low scores for all categories where they look much alike:
    after 250 steps on dice of 38 pixels it was at chance, with the cross entropy it was not.
    """
    scores = logits.sigmoid()
    given = assign(points, scores.detach(), boxes.detach(), objects)
    total = given.quality.sum().clamp(min=1.0)
    wanted = torch.zeros_like(logits)
    wanted.scatter_(2, given.label[..., None], given.quality[..., None])
    entropy = functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
    focal = entropy * (wanted - scores).square()
    focal = (focal * ~given.ignored[..., None]).sum() / total
    # Points without an object have quality 0; leaving them out would make shapes depend on data.
    category = functional.cross_entropy(
        logits.flatten(0, 1), given.label.flatten(), reduction="none"
    )
    category = (category * given.quality.flatten()).sum() / total
    giou = _giou_loss(boxes, given.box)
    giou = (giou * given.quality).sum() / total
    return {"score": focal, "category": category, "box": _BOX_WEIGHT * giou}


def _giou_loss(ours: Tensor, theirs: Tensor) -> Tensor:
    """float32[...]: 1 - GIoU of boxes x1, y1, x2, y2 (Rezatofighi et al. 2019).

    Torchvision's picks the overlapping pairs out, which a CUDA graph cannot: it has to know how
    many there are.
    """
    (low, high), (their_low, their_high) = (torch.split(b, 2, dim=-1) for b in (ours, theirs))
    overlap = _area(torch.maximum(low, their_low), torch.minimum(high, their_high))
    hull = _area(torch.minimum(low, their_low), torch.maximum(high, their_high))
    union = _area(low, high) + _area(their_low, their_high) - overlap
    return 1 - overlap / (union + _EPS) + (hull - union) / (hull + _EPS)


def _area(low: Tensor, high: Tensor) -> Tensor:
    width, height = (high - low).clamp(min=0).unbind(-1)
    return width * height
