"""The check of one picture: scores of every instance and of the whole, and what they mean."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.evaluate.label_check import instances as one
from simgen.evaluate.label_check.gradients import gradients
from simgen.evaluate.label_check.pictures import invented, mapped_colours
from simgen.records import masks
from simgen.records.sample import Sample

Bools = NDArray[np.bool_]
_GUARD_PX = 6  # around instances: shadows and soft edges belong to them


@dataclass(frozen=True)
class Limits:
    """Scores above which a label is not believed; calibrated on refinements without damage.

    Args:
        drowned, edges, faded, moved, part, inside, colour, drift: of an instance.
        invented, copied: of a picture; 0 leaves a score out.
    """

    drowned: float = 0.7
    edges: float = 0.3
    faded: float = 0.8
    moved: float = 0.06
    part: float = 0.5
    inside: float = 0.3
    colour: float = 0.6
    drift: float = 0.4
    invented: float = 0.3
    copied: float = 0.98


@dataclass(frozen=True)
class Check:
    """What was measured.

    Args:
        instances: scores by instance id.
        picture: scores of the whole.
    """

    instances: dict[int, dict[str, float]] = field(default_factory=dict)
    picture: dict[str, float] = field(default_factory=dict)

    def suspicions(self, limits: Limits) -> dict[int, float]:
        """By instance id: the largest score over its limit; above 1 the label is not believed."""
        return {i: _worst(scores, limits) for i, scores in self.instances.items()}

    def suspicion(self, limits: Limits) -> float:
        """The same of the picture's own scores."""
        return _worst(self.picture, limits)

    def worst(self) -> dict[str, float]:
        """The largest score of each name over all instances, with those of the picture."""
        names = dict.fromkeys(name for scores in self.instances.values() for name in scores)
        top = {n: max(s.get(n, 0.0) for s in self.instances.values()) for n in names}
        return {name: round(float(value), 4) for name, value in (top | self.picture).items()}


def check_labels(before: Sample, after: Sample) -> Check:
    """Compare a sample with its refinement.

    Args:
        before: as it was; enlarged plainly where the refinement enlarges.
        after: the same size and labels.
    """
    pictures = gradients(before.rgb, after.rgb)
    colours = mapped_colours(before.rgb, after.rgb)
    scores: dict[int, dict[str, float]] = {}
    covered = np.zeros(before.rgb.shape[:2], bool)
    sizes = []
    for row, instance in enumerate(before.annotations.instance):
        mask = mask_of(before, row)
        region = one.region_of(mask, before.depth_m)
        if region is None:
            continue
        covered |= mask
        sizes.append(region.size)
        scores[instance] = {
            "edges": one.edges(pictures, region),
            "drowned": one.drowned(pictures, region),
            "faded": one.faded(pictures, region),
            "moved": one.moved(pictures, region),
            "part": one.worst_part(pictures, region),
            "inside": one.inside(pictures, region),
            "colour": one.colour(*colours, region),
        }
    if before.instances is not None:
        covered |= before.instances > 0  # unlabelled things are known, too
    size = float(np.median(sizes)) if sizes else 32.0
    found = invented(pictures, _background(covered), size)
    return Check(scores, {"invented": found})


def mask_of(sample: Sample, row: int) -> Bools:
    """bool[H, W] of an instance: its mask, or its box where there is none."""
    rle = sample.annotations.mask[row]
    if rle is not None:
        return masks.decode(rle)
    x, y, w, h = (round(v) for v in sample.annotations.box_xywh_px[row])
    mask = np.zeros(sample.rgb.shape[:2], bool)
    mask[max(y, 0) : max(y + h, 0), max(x, 0) : max(x + w, 0)] = True
    return mask


def _background(covered: Bools) -> Bools:
    import cv2

    side = 2 * _GUARD_PX + 1
    return np.asarray(cv2.dilate(covered.astype(np.uint8), np.ones((side, side))) == 0)


def _worst(scores: dict[str, float], limits: Limits) -> float:
    known: dict[str, Any] = asdict(limits)
    over = [value / known[name] for name, value in scores.items() if known.get(name)]
    return max(over, default=0.0)
