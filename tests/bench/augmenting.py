"""Copy-paste and mosaic, images per second: simgen, albumentations 2.0.8, plain numpy.

The same 640x480 pictures with ten instances and an instance map, in memory. All ways give the
same labels: the map, and box, area and RLE mask of each instance as they are afterwards. `paste,
plain` lays four instances of another picture, scaled, hard-edged, onto a picture; `paste, all` is
what the default config does beside (soft edges, relighting, shadow, bounded occlusion,
visibility). albumentations has `OverlayElements` for single instances, which updates a map of
ids, and `Mosaic`; boxes, areas and masks are read off the map afterwards. `x` is the rate over
that of plain numpy (of the same jobs).
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import numpy as np

_SIZE = (640, 480)
_SET, _EACH = 24, 96  # different pictures, results timed
Made = tuple[Any, Any, list[tuple[Any, int, Any]]]  # picture, map, (box, area, RLE) of each


@lru_cache(1)
def pictures() -> list[Any]:
    """Samples with ten ellipses each."""
    from simgen.records.annotations import from_rows
    from simgen.records.masks import encode, tight_box
    from simgen.records.sample import Sample

    out = []
    y, x = np.mgrid[: _SIZE[1], : _SIZE[0]]
    for number in range(_SET):
        rng = np.random.Generator(np.random.PCG64(number))
        rgb = np.asarray(rng.integers(0, 256, (_SIZE[1], _SIZE[0], 3)), np.uint8)
        ids = np.zeros(rgb.shape[:2], np.int32)
        for instance in range(1, 11):
            cx, cy = rng.uniform(60, 580), rng.uniform(60, 420)
            a, b = rng.uniform(20, 55, 2)
            ids[((x - cx) / a) ** 2 + ((y - cy) / b) ** 2 <= 1] = instance
        rows = []
        for instance in np.unique(ids)[1:]:
            mask = ids == instance
            rows.append(
                {
                    "instance": int(instance),
                    "category": "thing",
                    "box_xywh_px": tight_box(mask),
                    "area_px": int(mask.sum()),
                    "mask": encode(mask),
                }
            )
        out.append(Sample(rgb, from_rows(rows), frame=number, instances=ids))
    return out


def labels_of(ids: Any) -> list[tuple[Any, int, Any]]:
    """Box, area and RLE of every instance of a map."""
    from simgen.records.masks import encode, tight_box

    out = []
    for instance in np.unique(ids):
        if instance:
            mask = ids == instance
            out.append((tight_box(mask), int(mask.sum()), encode(mask)))
    return out


def simgen_way(kind: str, settings: dict[str, Any], number: int) -> Made:
    from simgen.plugin.registry import Registry
    from simgen.sampling.streams import KeyedStream

    plugin, params = _opened(kind, tuple(settings.items()), Registry)
    base = pictures()[number % _SET]
    others = [pictures()[(number + 5 * k) % _SET] for k in range(1, plugin.needs(params))]
    rng = KeyedStream(0, "frame", number, "augment")
    result = plugin.augment([base, *others], params, rng)
    labels = result.annotations
    rows = list(zip(labels.box_xywh_px, labels.area_px, labels.mask, strict=True))
    return result.rgb, result.instances, rows


@lru_cache(16)
def _opened(kind: str, settings: tuple[tuple[str, Any], ...], registry: Any) -> tuple[Any, Any]:
    plugin = registry.installed().get("augmenters", kind)
    return plugin, plugin.Params.model_validate(dict(settings))


def _chosen(number: int) -> list[tuple[Any, Any, tuple[int, int], tuple[int, int]]]:
    """Crop, mask, size and place of four instances of another picture."""
    rng = np.random.Generator(np.random.PCG64(number))
    donor = pictures()[(number + 5) % _SET]
    out = []
    for _ in range(4):
        row = int(rng.integers(0, len(donor.annotations)))
        x, y, w, h = donor.annotations.box_xywh_px[row]
        mask = donor.instances[y : y + h, x : x + w] == donor.annotations.instance[row]
        scale = float(rng.uniform(0.7, 1.4))
        size = (max(2, round(w * scale)), max(2, round(h * scale)))
        at = (int(rng.integers(0, _SIZE[0] - size[0])), int(rng.integers(0, _SIZE[1] - size[1])))
        out.append((donor.rgb[y : y + h, x : x + w], mask, size, at))
    return out


def numpy_paste(number: int) -> Made:
    import cv2

    base = pictures()[number % _SET]
    rgb, ids = base.rgb.copy(), base.instances.copy()
    for instance, (crop, mask, size, (x, y)) in enumerate(_chosen(number), start=100):
        part = cv2.resize(crop, size)
        inside = cv2.resize(mask.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
        window = (slice(y, y + size[1]), slice(x, x + size[0]))
        rgb[window][inside] = part[inside]
        ids[window][inside] = instance
    return rgb, ids, labels_of(ids)


def albumentations_paste(number: int) -> Made:
    import albumentations as A
    import cv2

    base = pictures()[number % _SET]
    things = []
    for instance, (crop, mask, size, (x, y)) in enumerate(_chosen(number), start=100):
        inside = cv2.resize(mask.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
        box = [x / _SIZE[0], y / _SIZE[1], (x + size[0]) / _SIZE[0], (y + size[1]) / _SIZE[1]]
        one = {"image": cv2.resize(crop, size), "bbox": box, "mask": inside, "mask_id": instance}
        things.append(one)
    overlay = A.Compose([A.OverlayElements(p=1)])
    ids = base.instances.astype(np.uint8)
    done = overlay(image=base.rgb, mask=ids, overlay_metadata=things)
    return done["image"], done["mask"], labels_of(done["mask"])


def numpy_mosaic(number: int) -> Made:
    import cv2

    rng = np.random.Generator(np.random.PCG64(number))
    cx, cy = int(rng.uniform(0.3, 0.7) * _SIZE[0]), int(rng.uniform(0.3, 0.7) * _SIZE[1])
    rgb = np.zeros((_SIZE[1], _SIZE[0], 3), np.uint8)
    ids = np.zeros(rgb.shape[:2], np.int32)
    cells = [(0, 0, cx, cy), (cx, 0, _SIZE[0] - cx, cy), (0, cy, cx, _SIZE[1] - cy),
             (cx, cy, _SIZE[0] - cx, _SIZE[1] - cy)]  # fmt: skip
    for k, (x, y, w, h) in enumerate(cells):
        sample = pictures()[(number + 5 * k) % _SET]
        scale = max(w / _SIZE[0], h / _SIZE[1]) * rng.uniform(1, 2)
        size = (max(w, round(_SIZE[0] * scale)), max(h, round(_SIZE[1] * scale)))
        left, top = int(rng.integers(0, size[0] - w + 1)), int(rng.integers(0, size[1] - h + 1))
        picture = cv2.resize(sample.rgb, size, interpolation=cv2.INTER_AREA)
        own = cv2.resize(sample.instances.astype(np.float32), size, interpolation=cv2.INTER_NEAREST)
        part = own[top : top + h, left : left + w].astype(np.int32)
        rgb[y : y + h, x : x + w] = picture[top : top + h, left : left + w]
        ids[y : y + h, x : x + w] = np.where(part > 0, part + 20 * k, 0)
    return rgb, ids, labels_of(ids)


def albumentations_mosaic(number: int) -> Made:
    import albumentations as A

    shape = (_SIZE[1], _SIZE[0])
    mosaic = A.Compose([A.Mosaic(target_size=shape, cell_shape=shape, p=1)], seed=number)
    samples = [pictures()[(number + 5 * k) % _SET] for k in range(4)]
    ids = [np.where(s.instances > 0, s.instances + 20 * k, 0).astype(np.uint8)
           for k, s in enumerate(samples)]  # fmt: skip
    more = [{"image": s.rgb, "mask": m} for s, m in zip(samples[1:], ids[1:], strict=True)]
    done = mosaic(image=samples[0].rgb, mask=ids[0], mosaic_metadata=more)
    return done["image"], done["mask"], labels_of(done["mask"])


_PLAIN = {"count": 4, "blending": "none", "relight": 0, "shadow": 0, "angle_deg": 0, "hide": 1,
          "depth": False}  # fmt: skip
WAYS: dict[tuple[str, str], Callable[[int], Made]] = {
    ("paste, plain", "numpy"): numpy_paste,
    ("paste, plain", "albumentations"): albumentations_paste,
    ("paste, plain", "simgen"): partial(simgen_way, "copy_paste", _PLAIN),
    ("paste, all", "simgen"): partial(simgen_way, "copy_paste", {"count": 4}),
    ("mosaic", "numpy"): numpy_mosaic,
    ("mosaic", "albumentations"): albumentations_mosaic,
    ("mosaic", "simgen"): partial(simgen_way, "mosaic", {}),
}


def _some(way: tuple[str, str], start: int, stop: int) -> int:
    return sum(len(WAYS[way](number)[2]) for number in range(start, stop))


def _prepare() -> None:
    import cv2

    cv2.setNumThreads(1)
    pictures()


def measure() -> list[dict[str, Any]]:
    """Every way with one process and with two; the ways take turns, the best of three counts."""
    _prepare()
    rows: dict[tuple[str, str, int], dict[str, Any]] = {}
    with multiprocessing.get_context("fork").Pool(2, _prepare) as pool:
        for _ in range(3):
            for way in WAYS:
                for jobs in (1, 2):
                    _some(way, 0, 2)
                    began = time.perf_counter()
                    if jobs == 1:
                        labels = _some(way, 0, _EACH)
                    else:
                        half = _EACH // 2
                        parts = [(way, 0, half), (way, half, _EACH)]
                        labels = sum(pool.starmap(_some, parts))
                    rate = _EACH / (time.perf_counter() - began)
                    best = rows.get((*way, jobs), {}).get("images_per_s", 0.0)
                    rows[(*way, jobs)] = {
                        "operator": way[0], "way": way[1], "jobs": jobs,
                        "images_per_s": round(max(best, rate), 1), "labels": labels,
                    }  # fmt: skip
    for (operator, _, jobs), row in rows.items():
        base = rows.get((operator, "numpy", jobs), rows[("paste, plain", "numpy", jobs)])
        row["x"] = round(row["images_per_s"] / base["images_per_s"], 2)
    return list(rows.values())
