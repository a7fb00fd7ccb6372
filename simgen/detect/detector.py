"""The plugins' way to the machinery: a detector is a name, its settings and a network to build."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from simgen.errors import Fault, MissingExtraError
from simgen.learn.schedule import calm_threads
from simgen.spec.fields import Integer, Unit
from simgen.spec.fields import Params as BaseParams

if TYPE_CHECKING:
    from simgen.detect.job import Inference, TrainJob
    from simgen.detect.listing import Listing, ResultRow


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
        self, job: TrainJob, out: Path, listen: Callable[[dict[str, Any]], None] | None = None
    ) -> dict[str, Any]:
        """Train into `out`, or go on there; gives the card of the finished detector."""
        need_torch()
        from simgen.detect._torch_training import train

        return train(job, out, listen)

    def predict(
        self,
        folder: Path,
        listing: Listing,
        settings: Inference,
        advance: Callable[[int], None] = lambda number: None,
    ) -> list[ResultRow]:
        """Search images with the detector in `folder`."""
        need_torch()
        from simgen.detect._torch_predict import predict

        return predict(folder, listing, settings, advance)


def need_torch() -> None:
    """Make ready for torch, or say what is missing before work is done.

    Raises:
        MissingExtraError: torch, torchvision or safetensors is missing.
    """
    from importlib.util import find_spec

    missing = [name for name in ("torch", "torchvision", "safetensors") if not find_spec(name)]
    if missing:
        what = f"needs {' and '.join(missing)}"
        raise MissingExtraError(Fault("detector", what, "pip install 'simgen[train]'"))
    calm_threads()
