"""Goals of filtering: basic quality, label consistency, distribution against a real set.

What survey papers on synthetic data ask of a filter; each says for every frame why it is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from simgen.dataset.reader import Dataset
from simgen.evaluate.lint import Thresholds, lint
from simgen.imaging.descriptor import describe
from simgen.refine.photos import Photos

QUALITY = ("missing-file", "undecodable", "wrong-size", "black", "blown", "flat", "not-finite",
           "duplicate", "near-duplicate")  # fmt: skip
CONSISTENT = ("record", "unknown-category", "duplicate-id", "broken-mask", "loose-box",
              "wrong-area", "box-outside", "wrong-visibility", "amodal", "overlap",
              "map-disagrees", "keypoint", "depth-hole")  # fmt: skip
Listen = Callable[[int], None]


def unsound(
    root: Path, quality: bool, consistent: bool, threads: int = 1, on_frame: Listen = lambda n: None
) -> dict[int, str]:
    """Frames with findings of lint, and the first of them.

    Args:
        quality: pictures that cannot be used, or come twice.
        consistent: labels that do not agree with masks, maps or each other.
    """
    codes = (QUALITY if quality else ()) + (CONSISTENT if consistent else ())
    out: dict[int, str] = {}
    for finding in lint(root, Thresholds(), threads, on_frame).findings:
        if finding.frame is not None and finding.code in codes:
            out.setdefault(finding.frame, finding.code)
    return out


def unlike(
    root: Path, photos: Path, keep: float, on_frame: Listen = lambda n: None
) -> dict[int, str]:
    """The share 1 - keep of the frames that are least like any photograph.

    Likeness is the distance to the nearest photograph in colours and layout
    (`imaging.descriptor`: it sees light, colours and where things are, and not what they are).

    Args:
        photos: folder, or COCO file.
        keep: share that stays.

    Raises:
        DataError: there are no photographs.
    """
    pictures = Photos(photos)
    real = np.stack([describe(pictures.read(n)) for n in range(len(pictures))])
    dataset = Dataset.open(root)
    numbers, distances = [], []
    for frame in dataset.frames():
        own = describe(dataset.rgb(frame))
        numbers.append(frame)
        distances.append(float(np.sqrt(((real - own) ** 2).sum(axis=1).min())))
        on_frame(frame)
    order = np.argsort(distances, kind="stable")
    lost = order[round(keep * len(order)) :]
    return {numbers[i]: f"distance {distances[i]:.3f} to the nearest photograph" for i in lost}
