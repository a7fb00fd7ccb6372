"""Contact sheets: evenly spaced frames of a dataset in one picture, labels drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simgen.dataset.atomic import write_atomic
from simgen.dataset.images import encode_rgb
from simgen.dataset.reader import Dataset
from simgen.errors import Fault, RunFolderError
from simgen.plugin.scene import Category
from simgen.report.overlay import color_depth, color_ids, draw_labels, draw_text

Image = NDArray[np.uint8]
_GAP = 4
_TITLE = 28
_CAPTION = 16
_CELL_WIDTH = (320, 480)


@dataclass(frozen=True)
class SheetStyle:
    """What a sheet shows.

    Args:
        count: frames, evenly spaced over the dataset.
        columns: cells side by side.
        maps: depth, instances and albedo under each image, where the dataset has them.
        plain: images without labels.
    """

    count: int = 12
    columns: int = 4
    maps: bool = False
    plain: bool = False


def write_contact_sheet(folder: Path, path: Path, style: SheetStyle | None = None) -> int:
    """Write the sheet of a run folder as PNG.

    Returns:
        Number of frames shown.

    Raises:
        RunFolderError: no run folder, or one without images.
        StorageError: `path` cannot be written.
    """
    sheet, shown = contact_sheet(Dataset.open(folder), style or SheetStyle())
    write_atomic(path, encode_rgb(sheet))
    return shown


def contact_sheet(dataset: Dataset, style: SheetStyle) -> tuple[Image, int]:
    """The sheet, uint8[H, W, 3], and how many frames it shows.

    Raises:
        RunFolderError: there are no images.
    """
    frames = list(dataset.frames())
    if not frames or "rgb" not in dataset.manifest.outputs:
        what = "there are no images to show"
        raise RunFolderError(Fault(str(dataset.layout.root), what, "render with the output `rgb`"))
    chosen = evenly(frames, style.count)
    colors = {category.name: category.id for category in dataset.manifest.categories}
    cells = [_cell(dataset, frame, colors, style) for frame in chosen]
    manifest = dataset.manifest
    objects = len(manifest.categories)
    size = f"{manifest.size[0]} x {manifest.size[1]}" if any(manifest.size) else "mixed sizes"
    made = manifest.stage.kind if manifest.stage else f"{manifest.engine}, seed {manifest.seed}"
    title = (
        f"{dataset.layout.root.resolve().name}: {len(chosen)} of {len(frames)} frames, "
        f"{size}, {objects} categories, {made}"
    )
    return _titled(_grid(cells, min(style.columns, len(cells))), title), len(chosen)


def evenly(items: list[int], count: int) -> list[int]:
    """At most `count` of the items, evenly spaced, first and last included."""
    if count >= len(items):
        return items
    if count == 1:
        return items[:1]
    return [items[i * (len(items) - 1) // (count - 1)] for i in range(count)]


def _cell(dataset: Dataset, frame: int, colors: dict[str, int], style: SheetStyle) -> Image:
    record = dataset.record(frame)
    rgb = dataset.rgb(frame)
    scale = _scale(rgb.shape[1])
    image = _resized(rgb, scale)
    if not style.plain:
        bones = _bones(dataset.manifest.categories)
        image = draw_labels(image, record.annotations, colors, scale, bones)
    rows = [image]
    if style.maps:
        rows += [_resized(m, scale) for m in _maps(dataset, frame)]
    caption = np.full((_CAPTION, image.shape[1], 3), 40, np.uint8)
    rig = f"  {record.rig.camera}" if record.rig is not None else ""
    text = f"frame {frame}  world {record.world}{rig}  {len(record.annotations)} labels"
    draw_text(caption, text, (4, _CAPTION - 4), 9)
    return np.concatenate([caption, *rows])


def _bones(categories: Sequence[Category]) -> dict[str, list[tuple[str, str]]]:
    return {
        c.name: [(c.keypoints[a - 1], c.keypoints[b - 1]) for a, b in c.skeleton or ()]
        for c in categories
        if c.keypoints
    }


def _maps(dataset: Dataset, frame: int) -> list[Image]:
    out = []
    if "depth" in dataset.manifest.outputs:
        out.append(color_depth(dataset.depth_m(frame)))
    if "instances" in dataset.manifest.outputs:
        out.append(color_ids(dataset.instances(frame)))
    if "albedo" in dataset.manifest.outputs:
        out.append(dataset.albedo(frame))
    return out


def _scale(width: int) -> float:
    low, high = _CELL_WIDTH
    # Small images grow by whole factors, so that their pixels stay visible as they are.
    return min(1.0, high / width) if width >= low else float(-(-low // width))


def _resized(image: Image, scale: float) -> Image:
    if scale == 1.0:
        return image
    import cv2

    size = (round(image.shape[1] * scale), round(image.shape[0] * scale))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_NEAREST
    return np.asarray(cv2.resize(image, size, interpolation=how), np.uint8)


def _grid(cells: list[Image], columns: int) -> Image:
    height, width = (max(cell.shape[axis] for cell in cells) for axis in (0, 1))
    rows = -(-len(cells) // columns)
    shape = (rows * (height + _GAP) + _GAP, columns * (width + _GAP) + _GAP, 3)
    sheet = np.full(shape, 24, np.uint8)
    for i, cell in enumerate(cells):
        y = _GAP + (i // columns) * (height + _GAP)
        x = _GAP + (i % columns) * (width + _GAP)
        sheet[y : y + cell.shape[0], x : x + cell.shape[1]] = cell
    return sheet


def _titled(sheet: Image, title: str) -> Image:
    bar = np.full((_TITLE, sheet.shape[1], 3), 24, np.uint8)
    draw_text(bar, title, (6, _TITLE - 9), 12)
    return np.concatenate([bar, sheet])
