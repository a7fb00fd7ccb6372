"""The detector `retinanet` of torchvision."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from simgen.detect.detector import TorchDetector
from simgen.detect.pretrained import PretrainedParams


class RetinaNet(TorchDetector):
    """RetinaNet: one stage with anchors and focal loss (torchvision)."""

    class Params(PretrainedParams):
        """Which of torchvision's networks, and where its weights come from."""

        backbone: Literal["resnet50_fpn_v2", "resnet50_fpn"] = Field(
            "resnet50_fpn_v2", description="feature extractor"
        )

    build = "simgen.detect._torch_torchvision:build_retinanet"
    learning_rate = 0.0002
