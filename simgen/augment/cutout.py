"""Cutouts: an instance taken out of its picture, turned, and laid into another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.augment.region import (
    Matrix,
    Region,
    moved,
    overlap,
    scale_of,
    through,
    warped_pixels,
)
from simgen.records.camera import Camera
from simgen.records.colour import SRGB_TO_LINEAR
from simgen.records.sample import Sample

_SAMPLED = 32  # rows or columns of it that are looked at, at least
_RING = 0.25  # width of the surroundings that tell the light, as a share of the cutout's size


@dataclass(frozen=True)
class Cutout:
    """An instance with its pixels.

    Args:
        values: its row of labels.
        modal, amodal: where it is in its picture; amodal None: nobody knows.
        rgb: uint8[h, w, 3] of the modal window.
        depth_m: float32[h, w] of it.
        light: linear RGB of what is about it.
        camera: that saw it.
    """

    values: dict[str, Any]
    modal: Region
    amodal: Region | None
    rgb: NDArray[np.uint8]
    depth_m: NDArray[np.float32] | None
    light: NDArray[np.float64]
    camera: Camera | None = None

    @property
    def foot_px(self) -> tuple[float, float]:
        """Middle of its lower edge."""
        x, y, w, h = self.modal.rect
        return (x + w / 2, float(y + h))


@dataclass(frozen=True)
class Laid:
    """A cutout at its place in another picture, nothing written yet.

    Args:
        modal: its pixels inside the picture.
        amodal: with those that its own picture hid.
        whole_px: of its silhouette, inside or outside.
        rgb: uint8[h, w, 3] of the modal window.
        depth_m: float32[h, w] of it.
    """

    cutout: Cutout
    matrix: Matrix
    modal: Region
    amodal: Region
    whole_px: float
    rgb: NDArray[np.uint8]
    depth_m: NDArray[np.float32] | None


def cut_out(sample: Sample, row: int, *, box_as_mask: bool = False) -> Cutout:
    """The instance of a row, with its mask or, when asked, all of its box."""
    labels = sample.annotations
    values = {name: column[row] for name, column in labels.columns().items()}
    rle, whole = labels.mask[row], labels.amodal_mask[row]
    if rle is not None and sample.instances is not None:
        x, y, w, h = (int(v) for v in labels.box_xywh_px[row])
        modal = Region.of_ids(sample.instances, labels.instance[row], (x, y, w, h))
    elif rle is not None:
        modal = Region.of_rle(rle)
    elif box_as_mask:
        modal = Region.of_box(labels.box_xywh_px[row], sample.size)
    else:
        raise ValueError(f"row {row} of frame {sample.frame} has no mask")
    where = modal.at()
    return Cutout(
        values,
        modal,
        None if whole is None else Region.of_rle(whole),
        sample.rgb[where].copy(),
        None if sample.depth_m is None else sample.depth_m[where].copy(),
        light_about(sample.rgb, modal),
        sample.camera,
    )


def light_about(rgb: NDArray[np.uint8], region: Region) -> NDArray[np.float64]:
    """Mean linear RGB, float64[3], of what surrounds a region."""
    x, y, w, h = region.rect
    reach = 2 + int(_RING * max(w, h))
    wide = overlap(
        (x - reach, y - reach, w + 2 * reach, h + 2 * reach), (0, 0, rgb.shape[1], rgb.shape[0])
    )
    around = np.ones((wide[3], wide[2]), bool)
    ring = Region(wide[0], wide[1], around).minus(region)
    step = 1 + min(ring.rect[2:]) // _SAMPLED  # a mean needs not every pixel
    pixels = rgb[ring.at()][::step, ::step][ring.patch[::step, ::step]]
    if not len(pixels):
        pixels = rgb[region.at()].reshape(-1, 3)
    return np.asarray(SRGB_TO_LINEAR[pixels].mean(axis=0), np.float64)


def laid(cutout: Cutout, matrix: Matrix, size: tuple[int, int], nearer: float = 1.0) -> Laid:
    """A cutout through a similarity of pixels, cut at a picture's border.

    Args:
        matrix: float64[3, 3], from the cutout's picture to the new one.
        size: width and height of the new picture.
        nearer: factor on its depth.
    """
    picture = (0, 0, *size)
    anywhere = (-1 << 20, -1 << 20, 1 << 21, 1 << 21)
    full = cutout.modal.warped(matrix, anywhere)
    modal = full.inside(picture)
    whole = full if cutout.amodal is None else cutout.amodal.warped(matrix, anywhere).plus(full)
    cut = cutout.values.get("truncation") or 0.0
    source = cutout.modal
    shifted = moved(-modal.x, -modal.y) @ matrix @ moved(source.x, source.y)
    window = (modal.patch.shape[1], modal.patch.shape[0])
    rgb = np.zeros((*modal.patch.shape, 3), np.uint8)
    depth = None
    if modal.patch.size:
        rgb = _pure_colours(cutout.rgb, source.patch, shifted, window)
        if cutout.depth_m is not None:
            near = warped_pixels(cutout.depth_m, shifted, window, nearest=True)
            depth = np.asarray(near, np.float32) * np.float32(nearer)
    return Laid(
        cutout, matrix, modal, whole.inside(picture), whole.area / (1 - min(cut, 0.999)), rgb, depth
    )


def row_values(laid_: Laid, instance: int, size: tuple[int, int], modal: Region) -> dict[str, Any]:
    """Labels of a laid cutout.

    Args:
        modal: its pixels that are to be seen.
    """
    out = dict(laid_.cutout.values)
    amodal = laid_.amodal.plus(laid_.modal).tight()
    outside = 1 - amodal.area / max(laid_.whole_px, 1e-6)
    out |= {
        "instance": instance,
        "mask": modal.rle(size),
        "box_xywh_px": modal.rect,
        "area_px": modal.area,
        "amodal_mask": amodal.rle(size),
        "amodal_box_xywh_px": amodal.rect,
        "visibility": modal.area / max(amodal.area, 1),
        "truncation": round(min(max(outside, 0.0), 1.0), 6),
        "T_cam_object": None,
        "distance_m": None,
    }
    if out.get("keypoints"):
        out["keypoints"] = tuple(_point(p, laid_.matrix, size, modal) for p in out["keypoints"])
    if out.get("parts"):
        moved_parts = (
            (name, Region.of_rle(rle).warped(laid_.matrix, (0, 0, *size)))
            for name, rle in out["parts"].items()
        )
        seen = ((name, part.within(modal)) for name, part in moved_parts)
        out["parts"] = {name: part.rle(size) for name, part in seen if part.area}
    return {n: None if n.startswith("extra.") else v for n, v in out.items()}


def _point(point: Any, matrix: Matrix, size: tuple[int, int], modal: Region) -> Any:
    x, y = (float(v) for v in through(matrix, np.array([point.xy_px], np.float64))[0])
    inside = 0 <= x < size[0] and 0 <= y < size[1]
    seen = point.visibility
    if not inside:
        seen = 0
    elif seen == 2 and not modal.holds(x, y):
        seen = 1
    return replace(point, xy_px=(x, y), visibility=seen)


def _pure_colours(
    rgb: NDArray[np.uint8], mask: NDArray[np.bool_], matrix: Matrix, size: tuple[int, int]
) -> NDArray[np.uint8]:
    """Colours of the instance alone: what is about it in its picture does not bleed in."""
    import cv2

    weight = mask.astype(np.float32)
    scale = scale_of(matrix)
    colour = rgb.astype(np.float32) * weight[..., None]
    if scale < 0.75:  # average, or every second pixel would be lost
        small = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
        matrix = matrix @ np.diag([rgb.shape[1] / small[0], rgb.shape[0] / small[1], 1.0])
        colour = cv2.resize(colour, small, interpolation=cv2.INTER_AREA)
        weight = cv2.resize(weight, small, interpolation=cv2.INTER_AREA)
    colour = warped_pixels(colour, matrix, size)
    weight = np.asarray(warped_pixels(weight, matrix, size), np.float32)
    pure = colour / np.maximum(weight, 1e-3)[..., None]
    return np.asarray(np.clip(np.round(pure), 0, 255), np.uint8)
