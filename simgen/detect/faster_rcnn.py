"""The detector `faster_rcnn` of torchvision."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from simgen.detect.detector import TorchDetector
from simgen.detect.pretrained import PretrainedParams


class FasterRcnn(TorchDetector):
    """Faster R-CNN: two stages, accurate, slow without a GPU (torchvision)."""

    class Params(PretrainedParams):
        """Which of torchvision's networks, and where its weights come from."""

        backbone: Literal["resnet50_fpn_v2", "resnet50_fpn", "mobilenet_v3_large_fpn"] = Field(
            "resnet50_fpn_v2", description="feature extractor"
        )

    build = "simgen.detect._torch_torchvision:build_faster_rcnn"
    learning_rate = 0.0002
