"""The detector `ssdlite` of torchvision."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from simgen.detect.detector import TorchDetector
from simgen.detect.pretrained import PretrainedParams


class SsdLite(TorchDetector):
    """SSDLite: small and fast, made for large objects (torchvision)."""

    class Params(PretrainedParams):
        """Which of torchvision's networks, and where its weights come from."""

        backbone: Literal["mobilenet_v3_large"] = Field(
            "mobilenet_v3_large", description="feature extractor"
        )

    build = "simgen.detect._torch_torchvision:build_ssdlite"
    learning_rate = 0.001
