"""Settings of detectors that can start from published weights."""

from __future__ import annotations

from pydantic import Field

from simgen.detect.detector import DetectorParams


class PretrainedParams(DetectorParams):
    """Settings of torchvision's detectors."""

    pretrained: str = Field(
        "auto",
        min_length=1,
        description="`auto`: COCO weights if they lie in torch's download cache (TORCH_HOME), "
        "else from scratch; `none`; or a file, where .safetensors is taken and a pickle "
        "(.pth) only with trust_pickle",
    )
