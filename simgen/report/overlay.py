"""Drawing labels over an image: masks, boxes, names; colours for ids and depth."""

from __future__ import annotations

import colorsys
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from simgen.records.annotations import Annotations
from simgen.records.marks import KeypointPx
from simgen.records.masks import decode

Image = NDArray[np.uint8]
Box = tuple[int, int, int, int]
Bone = tuple[str, str]
_MASK_SHARE = 0.25
_GOLDEN = 0.618033988749895
_TEXT = 0.4
_FONT = 0  # cv2.FONT_HERSHEY_SIMPLEX


def color_of(number: int) -> tuple[int, int, int]:
    """A vivid sRGB colour; neighbours in number are far apart in hue (golden ratio)."""
    hue = (number * _GOLDEN) % 1.0
    value = (1.0, 0.8, 0.9)[number % 3]
    r, g, b = colorsys.hsv_to_rgb(hue, (0.75, 0.95, 0.6)[(number // 3) % 3], value)
    return (round(255 * r), round(255 * g), round(255 * b))


def draw_labels(
    rgb: Image,
    labels: Annotations,
    colors: dict[str, int],
    scale: float,
    bones: Mapping[str, Sequence[Bone]] | None = None,
) -> Image:
    """The image with a translucent mask, a box, keypoints and a name per annotation.

    Args:
        rgb: uint8[H, W, 3].
        labels: of this image, before it was resized.
        colors: colour number by category, for the plates; masks and boxes differ by instance.
        scale: image pixels per label pixel (the image may have been resized).
        bones: pairs of keypoints by category.
    """
    out = rgb.copy()
    for i in range(len(labels)):
        mask = labels.mask[i]
        if mask is not None:
            _tint(out, decode(mask), color_of(labels.instance[i]))
    taken: list[Box] = []
    for i in np.argsort([-area for area in labels.area_px], kind="stable"):
        x, y, w, h = (round(v * scale) for v in labels.box_xywh_px[i])
        _frame(out, (x, y, w, h), color_of(labels.instance[i]))
        name = labels.category[i]
        if labels.keypoints:
            lines = (bones or {}).get(name, ())
            _points(out, labels.keypoints[i], lines, color_of(labels.instance[i]), scale)
        taken.append(_name(out, name, (x, y, w, h), color_of(colors.get(name, 0)), taken))
    return out


def draw_text(image: Image, text: str, origin: tuple[int, int], height_px: int) -> None:
    """White text with its baseline at `origin`, in place."""
    import cv2

    size = height_px / 22
    cv2.putText(image, text, origin, _FONT, size, (255, 255, 255), 1, cv2.LINE_AA)


def color_ids(instances: NDArray[np.int32]) -> Image:
    """uint8[H, W, 3]: each id its colour, background black."""
    table = np.array([(0, 0, 0), *(color_of(i) for i in range(1, int(instances.max()) + 1))])
    return table.astype(np.uint8)[instances]


def color_depth(depth_m: NDArray[np.float32]) -> Image:
    """uint8[H, W, 3]: near is bright, far dark, no surface black."""
    import cv2

    surface = depth_m > 0
    if not surface.any():
        return np.zeros((*depth_m.shape, 3), np.uint8)
    near, far = np.percentile(depth_m[surface], [1, 99])
    share = np.clip((far - depth_m) / max(far - near, 1e-6), 0, 1)
    gray = np.where(surface, 20 + 235 * share, 0).astype(np.uint8)
    colored = cv2.applyColorMap(gray, cv2.COLORMAP_INFERNO)[..., ::-1]
    return np.where(surface[..., None], colored, 0).astype(np.uint8)


def _tint(image: Image, mask: NDArray[np.bool_], color: tuple[int, int, int]) -> None:
    if mask.shape != image.shape[:2]:
        import cv2

        size = (image.shape[1], image.shape[0])
        mask = cv2.resize(mask.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    mixed = image[mask] * (1 - _MASK_SHARE) + np.array(color) * _MASK_SHARE
    image[mask] = mixed.astype(np.uint8)


def _frame(image: Image, box: Box, color: tuple[int, int, int]) -> None:
    import cv2

    x, y, w, h = box
    cv2.rectangle(image, (x, y), (x + max(w, 1) - 1, y + max(h, 1) - 1), color, 1)


def _points(
    image: Image,
    points: Sequence[KeypointPx],
    bones: Sequence[Bone],
    color: tuple[int, int, int],
    scale: float,
) -> None:
    """Bones, then points: filled where visible, rings where hidden."""
    import cv2

    shown = [point for point in points if point.visibility]
    at = {p.name: (round(p.xy_px[0] * scale), round(p.xy_px[1] * scale)) for p in shown}
    for a, b in bones:
        if a in at and b in at:
            cv2.line(image, at[a], at[b], color, 1, cv2.LINE_AA)
    for point in shown:
        thickness = -1 if point.visibility == 2 else 1
        cv2.circle(image, at[point.name], 3, (255, 255, 255), thickness, cv2.LINE_AA)
        cv2.circle(image, at[point.name], 2, color, thickness, cv2.LINE_AA)


def _name(image: Image, text: str, box: Box, color: tuple[int, int, int], taken: list[Box]) -> Box:
    """Text on a plate at the box, where no other plate is if there is such a place."""
    import cv2

    (width, height), baseline = cv2.getTextSize(text, _FONT, _TEXT, 1)
    plate = (width + 4, height + baseline + 3)
    x, y, w, h = box
    right = x + w - plate[0]
    spots = [(x, y - plate[1]), (x, y), (x, y + h), (right, y - plate[1]), (right, y + h)]
    free = [_inside(spot, plate, image) for spot in spots]
    spot = next((s for s in free if not any(_overlap((*s, *plate), t) for t in taken)), free[0])
    px, py = spot
    cv2.rectangle(image, spot, (px + plate[0] - 1, py + plate[1] - 1), color, -1)
    bright = color[0] * 0.299 + color[1] * 0.587 + color[2] * 0.114 > 140
    ink = (0, 0, 0) if bright else (255, 255, 255)
    cv2.putText(image, text, (px + 2, py + height + 1), _FONT, _TEXT, ink, 1, cv2.LINE_AA)
    return (*spot, *plate)


def _inside(spot: tuple[int, int], size: tuple[int, int], image: Image) -> tuple[int, int]:
    height, width = image.shape[:2]
    return (max(0, min(spot[0], width - size[0])), max(0, min(spot[1], height - size[1])))


def _overlap(a: Box, b: Box) -> bool:
    across = a[0] < b[0] + b[2] and b[0] < a[0] + a[2]
    return across and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]
