"""Torchvision's detectors, with images taken as they come: scaling is done before."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torchvision.models import WeightsEnum, get_model, get_model_weights

from simgen.learn._torch_weights import fit, load, load_published

_LOG = logging.getLogger(__name__)


def build_faster_rcnn(params: Mapping[str, Any], categories: int) -> nn.Module:
    """Faster R-CNN (Ren et al. 2015)."""
    return _built(
        f"fasterrcnn_{params['backbone']}",
        params,
        categories + 1,  # label 0 is the background
        box_score_thresh=params["score_threshold"],
        box_nms_thresh=params["nms_iou"],
        box_detections_per_img=params["max_detections"],
    )


def build_retinanet(params: Mapping[str, Any], categories: int) -> nn.Module:
    """RetinaNet (Lin et al. 2017)."""
    return _built(f"retinanet_{params['backbone']}", params, categories + 1, **_one_stage(params))


def build_fcos(params: Mapping[str, Any], categories: int) -> nn.Module:
    """FCOS (Tian et al. 2019)."""
    return _built(f"fcos_{params['backbone']}", params, categories + 1, **_one_stage(params))


def build_ssdlite(params: Mapping[str, Any], categories: int) -> nn.Module:
    """SSDLite (Sandler et al. 2018) on MobileNetV3 (Howard et al. 2019)."""
    name = f"ssdlite320_{params['backbone']}"
    return _built(name, params, categories + 1, **_one_stage(params))


def _one_stage(params: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "score_thresh": params["score_threshold"],
        "nms_thresh": params["nms_iou"],
        "detections_per_img": params["max_detections"],
    }


def _built(name: str, params: Mapping[str, Any], labels: int, **settings: Any) -> nn.Module:
    # Without weights torchvision trains all layers, with plain batch norm.
    net = get_model(
        name,
        weights=None,
        weights_backbone=None,
        num_classes=labels,
        _skip_resize=True,
        **settings,
    )
    wanted = params.get("pretrained", "none")
    if wanted == "auto":
        found = _published(name)
        if found is None:
            folder = _cache()
            _LOG.warning("%s: no published weights in %s; trains from scratch", name, folder)
        else:
            _LOG.warning("%s: starts from %s", name, found)
            fit(net, load_published(found), str(found))
    elif wanted != "none":
        fit(net, load(Path(wanted), bool(params.get("trust_pickle"))), wanted)
    return _Listed(net)


def _published(name: str) -> Path | None:
    weights: Callable[..., Any] = get_model_weights
    default: WeightsEnum = weights(name).DEFAULT
    file = _cache() / default.url.rpartition("/")[2]
    return file if file.is_file() else None


def _cache() -> Path:
    return Path(torch.hub.get_dir()) / "checkpoints"


class _Listed(nn.Module):
    """A batch as the list of images that torchvision's detectors want."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, images: Tensor, targets: Any = None) -> Any:
        """Losses in training, detections in evaluation."""
        if targets is not None:
            # They know no ignored regions; what is ignored counts as background there.
            targets = [{"boxes": t["boxes"], "labels": t["labels"]} for t in targets]
        return self.net(list(images), targets)
