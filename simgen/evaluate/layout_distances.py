"""How far the layouts of two sets are apart: counts, sizes, places, spacing, and all at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.detect.label_style import squared
from simgen.errors import DataError, Fault
from simgen.evaluate.box_statistics import largest_overlap
from simgen.evaluate.coco_files import LabelFile, check_sizes
from simgen.sampling.layouts.spacing import spacing_of

Floats = NDArray[np.float64]
_HALVINGS = 20
_FEWEST = 8
_MOST = 1500  # objects of a set for the joint distance, whose cost is quadratic


@dataclass(frozen=True)
class LayoutDistance:
    """One distance.

    Args:
        name: `objects` per picture; `size`, `across`, `down`, `spacing` (distance to the nearest
            neighbour over the mean of both sizes), `overlap` (largest IoU), per object; `joint`.
        distance: between the sets: Wasserstein-1 in standard deviations of the real set; `joint`
            is the energy distance of log size, place, log spacing and number of neighbours, each
            over its standard deviation.
        floor: between halves of the real set, mean of 20 halvings; the sets being smaller, this
            is more than two full samples of one law would show.
    """

    name: str
    distance: float
    floor: float


@dataclass(frozen=True)
class _Set:
    """Objects of each picture; columns and picture of each object; `crowd`: of its picture."""

    objects: Floats
    columns: dict[str, Floats]
    picture: NDArray[np.int64]
    crowd: Floats


def layout_distances(
    synthetic: LabelFile, real: LabelFile, square: float = 0.0, seed: int = 0
) -> tuple[LayoutDistance, ...]:
    """Compare layouts, crowds left out.

    Args:
        square: synthetic boxes become centred squares of so many longer sides; 0: as they are.
        seed: of the halvings.

    Raises:
        DataError: fewer than 8 pictures or objects in a set, or images without a size.
    """
    for one in (synthetic, real):
        check_sizes(one)
        labels = sum(not row["iscrowd"] for row in one.annotations)
        if min(len(one.images), labels) < _FEWEST:
            what = f"{len(one.images)} pictures with {labels} labels are too few"
            raise DataError(Fault(str(one.path), what, f"give at least {_FEWEST} of both"))
    fake, truth = _columns(synthetic, square), _columns(real, 0.0)
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 8])))
    names = ("objects", *truth.columns, "joint")
    halves = []
    for _ in range(_HALVINGS):
        order = np.argsort(rng.random(len(truth.objects)))
        half = len(order) // 2
        parts = _part(truth, order[:half]), _part(truth, order[half:])
        halves.append(_distances(*parts, truth))
    found = _distances(fake, truth, truth)
    floor = np.mean(halves, axis=0)
    return tuple(
        LayoutDistance(name, float(found[i]), float(floor[i])) for i, name in enumerate(names)
    )


def _columns(labels: LabelFile, square: float) -> _Set:
    rows = [row for row in labels.annotations if not row["iscrowd"]]
    number = {row["id"]: i for i, row in enumerate(labels.images)}
    picture = np.array([number[row["image_id"]] for row in rows], np.int64)
    boxes = np.array([row["bbox"] for row in rows], np.float64).reshape(-1, 4)
    corners = squared(np.hstack([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]]), square)
    boxes = np.hstack([corners[:, :2], corners[:, 2:] - corners[:, :2]])
    frame = np.array([(row["width"], row["height"]) for row in labels.images], np.float64)
    unit = np.sqrt(frame.prod(axis=1))[picture]
    sizes = np.sqrt(np.maximum(boxes[:, 2] * boxes[:, 3], 1e-9)) / unit
    middles = boxes[:, :2] + boxes[:, 2:] / 2
    spacing = np.full(len(rows), np.inf)
    for i in np.unique(picture):
        of = picture == i
        spacing[of] = spacing_of(middles[of] / unit[of, None], sizes[of])
    columns = {
        "size": np.log(sizes),
        "across": middles[:, 0] / frame[picture, 0],
        "down": middles[:, 1] / frame[picture, 1],
        "spacing": np.log(np.maximum(spacing, 1e-3)),
        "overlap": largest_overlap(boxes, picture),
    }
    objects = np.bincount(picture, minlength=len(frame)).astype(np.float64)
    return _Set(objects, columns, picture, objects[picture])


def _part(one: _Set, pictures: NDArray[np.int64]) -> _Set:
    chosen = np.isin(one.picture, pictures)
    columns = {name: values[chosen] for name, values in one.columns.items()}
    return _Set(one.objects[pictures], columns, one.picture[chosen], one.crowd[chosen])


def _distances(a: _Set, b: _Set, truth: _Set) -> list[float]:
    from scipy.stats import wasserstein_distance

    out = [wasserstein_distance(a.objects, b.objects) / _spread(truth.objects)]
    for name, real in truth.columns.items():
        x, y = (_finite(one.columns[name]) for one in (a, b))
        spread = _spread(_finite(real))
        out.append(wasserstein_distance(x, y) / spread if len(x) and len(y) else float("nan"))
    return [*(float(v) for v in out), _energy(_vectors(a, truth), _vectors(b, truth))]


def _vectors(one: _Set, truth: _Set) -> Floats:
    """Each object as a point, float64[N, 5]; lonely ones are as far as the farthest neighbour."""
    out = []
    for name in ("size", "across", "down", "spacing"):
        real = _finite(truth.columns[name])
        far = float(real.max()) if len(real) else 0.0
        values = np.where(np.isfinite(one.columns[name]), one.columns[name], far)
        out.append(values / _spread(real))
    out.append(one.crowd / _spread(truth.objects))
    return np.column_stack(out)


def _energy(a: Floats, b: Floats) -> float:
    """Energy distance (Szekely and Rizzo 2013), the root of the V-statistic."""
    from scipy.spatial.distance import cdist

    a, b = a[:: -(-len(a) // _MOST)], b[:: -(-len(b) // _MOST)]
    square = 2 * cdist(a, b).mean() - cdist(a, a).mean() - cdist(b, b).mean()
    return float(np.sqrt(max(square, 0.0)))


def _spread(real: Floats) -> float:
    return max(float(real.std()), 1e-9) if len(real) else 1.0


def _finite(values: Floats) -> Floats:
    out: Floats = values[np.isfinite(values)]
    return out
