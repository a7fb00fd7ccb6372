"""A training with defaults from nothing but a dataset, for machines without the gate."""

from __future__ import annotations

from pathlib import Path

from simgen.detect.coco import locate
from simgen.detect.job import Source, TrainJob
from simgen.learn.schedule import Schedule

_MINUTES = 10.0
# As `Compact.Params`, which cannot be imported without pydantic; a test holds them together.
COMPACT = {
    "score_threshold": 0.02,
    "nms_iou": 0.6,
    "max_detections": 100,
    "channels": [16, 32, 64, 128, 192],
    "blocks": [1, 2, 2, 1],
    "neck": 64,
    "head": 64,
    "smallest_stride": 8,
}


def default_job(path: Path) -> TrainJob:
    """The detector `compact` for ten minutes on a dataset folder or COCO file.

    Raises:
        DataError: there is no such dataset.
    """
    annotations, images = locate(path)
    return TrainJob(
        "compact",
        "simgen.detect._torch_compact:build",
        dict(COMPACT),
        {"data": Source(str(annotations), str(images))},
        schedule=Schedule(max_minutes=_MINUTES),
    )
