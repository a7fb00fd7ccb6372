"""Reading labels and detections in COCO's formats, and saying what is wrong with them."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.dataset.layout import Layout
from simgen.detect.coco import image_folders
from simgen.errors import DataError, Fault

Row = dict[str, Any]


@dataclass(frozen=True)
class LabelFile:
    """A COCO file of labels.

    Args:
        path: the JSON file.
        images: COCO images, with width and height.
        annotations: COCO annotations; `area` and `iscrowd` filled in where they were absent.
        names: category id -> name.
        image_root: folder that `file_name` is relative to; None when no image was found.
    """

    path: Path
    images: tuple[Row, ...]
    annotations: tuple[Row, ...]
    names: Mapping[int, str]
    image_root: Path | None

    def image_path(self, image: Row) -> Path | None:
        """Path of an image, or None where images are not at hand."""
        return None if self.image_root is None else self.image_root / str(image["file_name"])


def read_labels(path: Path, images: Path | None = None) -> LabelFile:
    """Labels of a COCO file, or of a dataset folder of simgen.

    Args:
        path: JSON file, or folder with annotations/instances.json.
        images: folder of the images; looked for beside the file when not given.

    Raises:
        DataError: not readable, not COCO, no images, no labels, or inconsistent.
    """
    file = Layout(path).coco if path.is_dir() else path
    data = _load(file)
    if not isinstance(data, dict) or not {"images", "annotations", "categories"} <= set(data):
        what = "not COCO labels: expected an object with images, annotations and categories"
        raise DataError(Fault(str(file), what, "give labels first, detections after them"))
    faults = _label_faults(file, data)
    if faults:
        raise DataError(faults)
    annotations = tuple(_filled(row) for row in data["annotations"])
    names = {int(row["id"]): str(row["name"]) for row in data["categories"]}
    first = str(data["images"][0].get("file_name", ""))
    found = (f for f in image_folders(file) if first and (f / first).is_file())
    root = images or next(found, None)
    if images is not None:
        _check_folder(images)
    return LabelFile(file, tuple(data["images"]), annotations, names, root)


def read_features(path: Path) -> NDArray[np.float64]:
    """float64[N, D] out of a .npy file.

    Raises:
        DataError: not such a file, or not all finite.
    """
    cure = "save numbers of shape [images, dimensions] with numpy.save"
    try:
        rows = np.load(path, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise DataError(Fault(str(path), f"cannot read: {error}", cure)) from None
    if rows.ndim != 2 or not np.issubdtype(rows.dtype, np.number) or not np.isfinite(rows).all():
        what = f"expected finite numbers [images, dimensions], got {rows.dtype}{rows.shape}"
        raise DataError(Fault(str(path), what, cure))
    return np.asarray(rows, np.float64)


def require_images(labels: LabelFile) -> list[Path]:
    """Paths of all images of the labels, in their order, after a look that each is there.

    Raises:
        DataError: some are missing.
    """
    if labels.image_root is None:
        first = labels.images[0]["file_name"]
        what = f"the images were not found, e.g. {first}"
        raise DataError(Fault(str(labels.path), what, "say where they are with --images"))
    paths = [labels.image_root / str(row["file_name"]) for row in labels.images]
    missing = [path for path in paths if not path.is_file()]
    if missing:
        what = f"{len(missing)} of {len(paths)} images are missing, e.g. {missing[0].name}"
        raise DataError(Fault(str(labels.image_root), what, "restore them, or give --images"))
    return paths


def read_detections(
    path: Path, labels: LabelFile, mapping: Mapping[str, str] | None = None, iou: str = "bbox"
) -> tuple[Row, ...]:
    """Detections of a COCO results file, with the category ids of the labels.

    A file may also be an object {categories, annotations}; then categories go by name.

    Args:
        path: JSON file.
        labels: what the detections are judged by.
        mapping: category id or name in the file -> category name of the labels.
        iou: `bbox` or `segm`: what every detection needs.

    Raises:
        DataError: unreadable; unknown images or categories; boxes or scores that are no numbers.
    """
    data = _load(path)
    theirs: dict[int, str] = {}
    if isinstance(data, dict) and {"categories", "annotations"} <= set(data):
        theirs = {int(row["id"]): str(row["name"]) for row in data["categories"]}
        data = data["annotations"]
    if not isinstance(data, list) or not all(isinstance(row, dict) for row in data):
        what = "not COCO results: expected a list of {image_id, category_id, bbox, score}"
        raise DataError(Fault(str(path), what, "give the file that `simgen predict` wrote"))
    faults = _detection_faults(path, data, labels, iou)
    known = {int(row["category_id"]) for row in data} if not faults else set()
    ids, more = category_ids(str(path), known, theirs, labels.names, mapping or {})
    if faults or more:
        raise DataError([*faults, *more])
    return tuple({**row, "category_id": ids[int(row["category_id"])]} for row in data)


def category_ids(
    where: str,
    used: Iterable[int],
    theirs: Mapping[int, str],
    ours: Mapping[int, str],
    mapping: Mapping[str, str],
) -> tuple[dict[int, int], list[Fault]]:
    """For each used category id the id of the labels, by mapping, then by name, then by id."""
    by_name = {name: number for number, name in ours.items()}
    ids: dict[int, int] = {}
    lost: list[str] = []
    for number in sorted(used):
        name = theirs.get(number)
        wanted = mapping.get(str(number), mapping.get(name or "", name))
        if wanted is None and number in ours:
            ids[number] = number
        elif wanted in by_name:
            ids[number] = by_name[wanted]
        else:
            lost.append(name or str(number))
    if not lost:
        return ids, []
    what = f"categories {_some(lost)} are none of the labels' ({_some(list(by_name))})"
    cure = "name their partners: " + " ".join(f"--map {n}={_near(n, by_name)}" for n in lost[:3])
    return ids, [Fault(where, what, cure)]


def _label_faults(file: Path, data: Row) -> list[Fault]:
    where = str(file)
    if not data["images"]:
        return [Fault(where, "there are no images", "render some frames first")]
    if not data["annotations"]:
        what = "there are no labels: precision of nothing is not defined"
        return [Fault(where, what, "give labels of at least one object")]
    faults = []
    images = [row.get("id") for row in data["images"]]
    categories = {row.get("id") for row in data["categories"]}
    if len(set(images)) < len(images):
        faults.append(Fault(where, "image ids repeat", "give every image its own id"))
    known = set(images)
    checks: tuple[tuple[str, Callable[[Row], bool]], ...] = (
        ("belong to no image", lambda row: row.get("image_id") in known),
        ("have an unknown category", lambda row: row.get("category_id") in categories),
        ("have no box of four finite numbers", lambda row: _is_box(row.get("bbox"))),
    )
    for what, fits in checks:
        bad = [row for row in data["annotations"] if not fits(row)]
        if bad:
            what = f"{len(bad)} annotations {what}, e.g. id {bad[0].get('id')}"
            faults.append(Fault(where, what, "mend the file"))
    return faults


def _detection_faults(path: Path, rows: Sequence[Row], labels: LabelFile, iou: str) -> list[Fault]:
    known = {row["id"] for row in labels.images}
    shape = "bbox" if iou == "bbox" else "segmentation"
    checks: tuple[tuple[str, Callable[[Row], bool], str], ...] = (
        ("are of images that the labels do not have", lambda row: row.get("image_id") in known,
         "predict the images of these labels"),
        ("have no category_id", lambda row: isinstance(row.get("category_id"), int),
         "write category_id as a whole number"),
        ("have a score that is not a finite number", lambda row: _is_number(row.get("score")),
         "look at the detector: NaN comes from a diverged training"),
        (f"have no usable {shape}", lambda row: _has_shape(row, iou),
         "write bbox as [x, y, width, height] in pixels" if iou == "bbox"
         else "use --iou bbox, or predict masks"),
    )  # fmt: skip
    faults = []
    for what, fits, cure in checks:
        bad = [i for i, row in enumerate(rows) if not fits(row)]
        if bad:
            what = f"{len(bad)} of {len(rows)} detections {what}, e.g. number {bad[0]}"
            faults.append(Fault(str(path), what, cure))
    return faults


def _load(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise DataError(
            Fault(str(path), f"cannot read: {error.strerror}", "check the path")
        ) from None
    except ValueError as error:
        raise DataError(Fault(str(path), f"not JSON: {error}", "write the file again")) from None


def _check_folder(images: Path) -> None:
    if not images.is_dir():
        raise DataError(Fault(str(images), "is not a folder", "give the folder of the images"))


def _filled(row: Row) -> Row:
    area = row.get("area")
    box = row["bbox"]
    return {**row, "area": box[2] * box[3] if area is None else area,
            "iscrowd": int(row.get("iscrowd", 0))}  # fmt: skip


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and math.isfinite(value)


def _is_box(box: Any) -> bool:
    fits = isinstance(box, list) and len(box) == 4 and all(map(_is_number, box))
    return fits and box[2] >= 0 and box[3] >= 0


def _has_shape(row: Row, iou: str) -> bool:
    return _is_box(row.get("bbox")) if iou == "bbox" else bool(row.get("segmentation"))


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:6]) + (", ..." if len(names) > 6 else "")


def _near(name: str, known: Iterable[str]) -> str:
    import difflib

    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.4)
    return close[0] if close else "NAME"


def check_sizes(labels: LabelFile) -> None:
    """Whether every image says how large it is.

    Raises:
        DataError: some do not.
    """

    def fits(row: Row) -> bool:
        sides = (row.get("width"), row.get("height"))
        return all(isinstance(side, (int, float)) and side > 0 for side in sides)

    bad = [row for row in labels.images if not fits(row)]
    if bad:
        what = f"{len(bad)} images have no width and height, e.g. id {bad[0].get('id')}"
        cure = "write them: sizes are relative to the image"
        raise DataError(Fault(str(labels.path), what, cure))
