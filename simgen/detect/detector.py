"""Training and inference of any network, as `simgen.plugin.TorchDetector` calls them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simgen.errors import Fault, MissingExtraError
from simgen.learn.schedule import calm_threads
from simgen.plugin.torch_detector import DetectorParams, TorchDetector

__all__ = ["DetectorParams", "TorchDetector", "need_torch", "predict", "train"]

if TYPE_CHECKING:
    from simgen.detect.job import Inference, TrainJob
    from simgen.detect.listing import Listing, ResultRow


def train(
    job: TrainJob, out: Path, listen: Callable[[dict[str, Any]], None] | None
) -> dict[str, Any]:
    """Train into `out`, or go on there; gives the card of the finished detector."""
    need_torch()
    from simgen.detect._torch_training import train as learn

    return learn(job, out, listen)


def predict(
    folder: Path, listing: Listing, settings: Inference, advance: Callable[[int], None]
) -> list[ResultRow]:
    """Search images with the detector in `folder`."""
    need_torch()
    from simgen.detect._torch_predict import predict as search

    return search(folder, listing, settings, advance)


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
