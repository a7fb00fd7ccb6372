"""The plugins' way to the machinery of training: a detector is a name, settings and a network."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field

from simgen.spec.fields import Integer, Unit
from simgen.spec.fields import Params as BaseParams

# Found by name when a training begins: the machinery stands to the left of this room.
_MACHINERY = "simgen.detect.detector"


class DetectorParams(BaseParams):
    """Settings that every detector has."""

    score_threshold: Unit = Field(0.02, description="score below which nothing is reported")
    nms_iou: Unit = Field(0.6, description="overlap at which two boxes of a category are one")
    max_detections: Integer = Field(100, ge=1, le=10_000, description="in one image or tile")


class TorchDetector:
    """Base of detectors whose network follows torchvision's calling convention.

    A plugin of another package derives from it, names its `build` function and its Params, and
    has training, resume, inference and bare machines for nothing. A detector with a trainer of
    its own implements `train` and `predict` itself.
    """

    api: ClassVar[int] = 1
    Params: ClassVar[type[BaseParams]] = DetectorParams
    build: ClassVar[str]
    """`module:function(params, categories) -> torch.nn.Module`."""
    learning_rate: ClassVar[float] = 0.0005
    """Where the config gives none."""

    def train(
        self, job: Any, out: Path, listen: Callable[[dict[str, Any]], None] | None = None
    ) -> dict[str, Any]:
        """Train into `out`, or go on there; gives the card of the finished detector.

        Raises:
            MissingExtraError: torch, torchvision or safetensors is missing.
        """
        card: dict[str, Any] = importlib.import_module(_MACHINERY).train(job, out, listen)
        return card

    def predict(
        self,
        folder: Path,
        listing: Any,
        settings: Any,
        advance: Callable[[int], None] = lambda number: None,
    ) -> list[Any]:
        """Search images with the detector in `folder`; rows of COCO results.

        Raises:
            MissingExtraError: torch, torchvision or safetensors is missing.
        """
        machinery = importlib.import_module(_MACHINERY)
        rows: list[Any] = machinery.predict(folder, listing, settings, advance)
        return rows
