"""How a detector's boxes drift from the picture before to the one after."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from simgen.dataset.images import encode_rgb
from simgen.detect.card import categories_of, read_card
from simgen.detect.job import Inference
from simgen.detect.listing import ResultRow, list_images
from simgen.plugin.registry import Registry
from simgen.records.sample import Sample

_FOUND_IOU = 0.5


class BoxDrift:
    """A detector that looks at both pictures.

    Args:
        folder: of the detector.
        device: as in `Inference`.
        registry: installed plugins.

    Raises:
        DataError: there is no detector.
    """

    def __init__(self, folder: Path, device: str, registry: Registry) -> None:
        card = read_card(folder)
        self._folder, self._settings = folder, Inference(device=device)
        self._names = {number: name for name, number in categories_of(card).items()}
        self._categories = categories_of(card)
        self._plugin = registry.get("detectors", card["detector"])

    def __call__(self, before: Sample, after: Sample) -> dict[int, float]:
        """Loss of fit by instance id, in [0, 1], of the instances that were found before."""
        rows = self._detected([before.rgb, after.rgb])
        out = {}
        labels = before.annotations
        for row, instance in enumerate(labels.instance):
            box = np.array(labels.box_xywh_px[row], np.float64)
            fits = [self._fit(found, box, labels.category[row]) for found in rows]
            if fits[0] >= _FOUND_IOU:
                out[instance] = max(0.0, 1 - fits[1] / fits[0])
        return out

    def _detected(self, pictures: list[NDArray[np.uint8]]) -> list[list[ResultRow]]:
        with TemporaryDirectory() as folder:
            for number, rgb in enumerate(pictures):
                (Path(folder) / f"{number}.png").write_bytes(encode_rgb(rgb))
            listing = list_images(Path(folder), None, self._categories, {})
            rows = self._plugin.predict(self._folder, listing, self._settings, lambda number: None)
        ids = [image.id for image in listing.images]
        return [[row for row in rows if row["image_id"] == i] for i in ids]

    def _fit(self, found: list[ResultRow], box: NDArray[np.float64], category: str) -> float:
        boxes = [row["bbox"] for row in found
                 if self._names.get(row["category_id"]) == category]  # fmt: skip
        return max((iou(np.array(one), box) for one in boxes), default=0.0)


def iou(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Overlap of two boxes x, y, w, h over their union."""
    low, high = np.maximum(a[:2], b[:2]), np.minimum(a[:2] + a[2:], b[:2] + b[2:])
    shared = float(np.prod(np.maximum(high - low, 0)))
    return shared / max(float(a[2] * a[3] + b[2] * b[3]) - shared, 1e-9)
