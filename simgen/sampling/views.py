"""What a view shows, and which of its labels are in an edge case (`stress:`).

One definition for the sampler (which chooses views), the plan (which counts them) and the
coverage report (which reads records).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from simgen.records.annotations import Annotations
from simgen.records.frame import FrameSpec
from simgen.records.world import World
from simgen.spec.quotas import (
    Case,
    ExtremeLight,
    HeavyOcclusion,
    Tiny,
    Truncation,
    UnusualPose,
)

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class View:
    """Columns over the labels of one picture.

    Args:
        category: names.
        visibility, truncation: float64[N], as in `Annotations`.
        size_px: float64[N], geometric mean of the box's width and height at full size.
        up: float64[N, 3], unit, the asset's z axis in the camera's frame.
        luminance: mean linear luminance of the picture in [0, 1]; None: not measured.
        instance: names (`parts.3`).
    """

    category: tuple[str, ...]
    visibility: Floats
    truncation: Floats
    size_px: Floats
    up: Floats
    luminance: float | None = None
    instance: tuple[str, ...] = ()


class ViewProbe(Protocol):
    """Looks at a view without rendering it."""

    def look(self, world: World, spec: FrameSpec, light: bool = False) -> View:
        """What the view shows, measured in a small ray-cast picture; luminance if asked for."""


def view_of(labels: Annotations, luminance: float | None = None, scale: float = 1.0) -> View:
    """The view of a picture's labels.

    Args:
        scale: of full size over the size that was measured.
    """
    boxes = np.array(labels.box_xywh_px, np.float64).reshape(-1, 4)
    up = [np.full(3, np.nan) if p is None else p.rotation()[:, 2] for p in labels.T_cam_object]
    return View(
        labels.category,
        np.array(labels.visibility, np.float64),
        np.array(labels.truncation, np.float64),
        scale * np.sqrt(boxes[:, 2] * boxes[:, 3]),
        np.array(up, np.float64).reshape(-1, 3),
        luminance,
        tuple(str(facts["name"]) for facts in labels.facts),
    )


def in_case(case: Case, view: View) -> Bools:
    """Which labels are in the case, bool[N]; of light, whether the picture is, bool[1]."""
    if isinstance(case, HeavyOcclusion):
        return _between(view.visibility, case.visibility)
    if isinstance(case, Truncation):
        return _between(view.truncation, case.outside)
    if isinstance(case, Tiny):
        return np.asarray(view.size_px <= case.size_px)
    if isinstance(case, UnusualPose):
        return _turned(view, case.usual or {}, case.angle_deg)
    if isinstance(case, ExtremeLight):
        light = math.nan if view.luminance is None else view.luminance
        return np.array([light <= case.below or light >= case.above])
    raise TypeError(f"{type(case).__name__} is no edge case")


def shows(case: Case, view: View) -> bool:
    """Whether a picture is one for the case: one label in it, and twice the wanted share."""
    found = in_case(case, view)
    if isinstance(case, ExtremeLight):
        return bool(found[0])
    count = int(found.sum())
    return count > 0 and count >= min(1.0, 2 * case.share) * len(found)


def usual_directions(views: list[View], least: int = 8) -> dict[str, tuple[float, float, float]]:
    """Mean direction of each category's up axis where there is one.

    A category whose directions spread over most of the sphere (mean resultant length below 0.3)
    or of which fewer than `least` were seen has none.
    """
    found: dict[str, list[Floats]] = {}
    for view in views:
        for name, up in zip(view.category, view.up, strict=True):
            found.setdefault(name, []).append(up)
    out = {}
    for name, ups in sorted(found.items()):
        mean = np.mean(ups, axis=0)
        length = float(np.linalg.norm(mean))
        if len(ups) >= least and length >= 0.3:
            x, y, z = (round(float(v), 4) for v in mean / length)
            out[name] = (x, y, z)
    return out


def _between(values: Floats, ends: tuple[float, float]) -> Bools:
    return np.asarray((values >= ends[0]) & (values <= ends[1]))


def _turned(view: View, usual: Mapping[str, tuple[float, float, float]], angle_deg: float) -> Bools:
    nowhere = (math.nan,) * 3  # compares as false
    axes = np.array([usual.get(name, nowhere) for name in view.category], np.float64).reshape(-1, 3)
    cosine = (axes * view.up).sum(axis=1) / np.maximum(np.linalg.norm(axes, axis=1), 1e-12)
    return np.asarray(cosine < math.cos(math.radians(angle_deg)))
