"""Values of recorded parameters: by dotted path, or one of a few that are worked out here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from simgen.dataset.coco_index import KEY
from simgen.errors import DataError, Fault
from simgen.evaluate.box_statistics import largest_overlap
from simgen.evaluate.coco_files import LabelFile, Row
from simgen.evaluate.matching import Matches

Floats = NDArray[np.float64]
Value = float | str | None

# Looked at when nobody asks for slices, as far as the labels have them. Order: of the report.
USUAL = ("size_px", "visibility", "truncation", "distance_m", "overlap", "objects", "aspect",
         "camera.elevation_deg", "light_power", "environment.kind", "brightness", "contrast",
         "sharpness")  # fmt: skip


@dataclass(frozen=True)
class Parameter:
    """Values of one parameter over labels or images.

    Args:
        name: as the user wrote it.
        scope: whether a label or a whole image has the value.
        values: per label (annotation order) or per image (ascending ids); None: not recorded.
        read_off: what of a detection shows the value as well: its box, its category, or nothing.
    """

    name: str
    scope: Literal["instance", "image"]
    values: tuple[Value, ...]
    read_off: Literal["box", "category", "nothing"] = "nothing"


def parameter(name: str, labels: LabelFile, matches: Matches) -> Parameter:
    """Values of a parameter.

    Args:
        name: a built-in name, or a dotted path into annotation or image, with or without
            `simgen.`; `image.` or `instance.` in front settles where.
        labels: where it is recorded.
        matches: whose boxes are measured.

    Raises:
        DataError: nothing of that name is recorded, or its values cannot be put in order.
    """
    of_box = _OF_BOX.get(name)
    if of_box is not None:
        values = tuple(float(v) for v in of_box(matches.gt_box))
        return Parameter(name, "instance", values, "box")
    if name == "category":
        words = tuple(matches.names[k] for k in matches.gt_category)
        return Parameter(name, "instance", words, "category")
    by_id = {row["id"]: row for row in labels.images}
    images = [by_id[int(number)] for number in matches.image_ids]
    if name == "overlap":
        overlap = largest_overlap(matches.gt_box, matches.gt_image)
        return Parameter(name, "instance", tuple(float(v) for v in overlap))
    if name == "objects":
        number = np.bincount(matches.gt_image, minlength=len(images))
        return Parameter(name, "image", tuple(float(n) for n in number))
    if name in ("brightness", "contrast", "sharpness"):
        return Parameter(name, "image", _measured(name, labels, images))
    if name == "light_power":
        return Parameter(name, "image", tuple(_light_power(row) for row in images))
    return _recorded(name, labels, images)


def box_value(name: str, boxes: Floats) -> Floats:
    """float64[N]: value of a parameter that can be read off boxes, float64[N, 4] x y w h."""
    return _OF_BOX[name](boxes)


def has(found: Parameter) -> bool:
    """Whether there are at least two values to tell apart."""
    return len({v for v in found.values if v is not None}) > 1


def _recorded(name: str, labels: LabelFile, images: Sequence[Row]) -> Parameter:
    scope, _, rest = name.partition(".")
    if scope not in ("image", "instance"):
        scope, rest = "", name
    for kind, rows in (("instance", labels.annotations), ("image", images)):
        if scope in ("", kind):
            values = [_find(row, rest) for row in rows]
            if any(v is not None for v in values):
                return Parameter(name, kind, tuple(_plain(name, v) for v in values))  # type: ignore[arg-type]
    what = f"no label and no image has {rest!r}"
    known = ", ".join(
        ["size_px", "aspect", "category", "overlap", "objects", "light_power", *_paths(labels)]
    )
    raise DataError(Fault(f"--slice {name}", what, f"recorded are: {known}"))


def _find(row: Row, path: str) -> Any:
    for start in (row, row.get(KEY)):
        found = _walk(start, path.split("."))
        if found is not None:
            return found
    return None


def _walk(at: Any, parts: Sequence[str]) -> Any:
    if not parts:
        return at
    if isinstance(at, list):
        inside = parts[0].isdecimal() and int(parts[0]) < len(at)
        return _walk(at[int(parts[0])], parts[1:]) if inside else None
    if not isinstance(at, Mapping):
        return None
    for end in range(len(parts), 0, -1):  # names of facts hold dots themselves
        key = ".".join(parts[:end])
        if key in at:
            return _walk(at[key], parts[end:])
    return None


def _plain(name: str, value: Any) -> Value:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return float(value)
    what = f"its values are {type(value).__name__}s, which have no order"
    cure = "name one element, e.g. " + (f"{name}.0" if isinstance(value, list) else f"{name}.x")
    raise DataError(Fault(f"--slice {name}", what, cure))


def _paths(labels: LabelFile) -> list[str]:
    """Paths of numbers and words in the first label and image, short ones first."""
    found = _leaves(labels.annotations[0].get(KEY, {})) + _leaves(labels.images[0].get(KEY, {}))
    return sorted(found, key=lambda path: (path.count("."), path))[:24]


def _leaves(at: Any, path: str = "") -> list[str]:
    if isinstance(at, Mapping):
        below = [_leaves(v, f"{path}.{k}" if path else str(k)) for k, v in at.items()]
        return [leaf for leaves in below for leaf in leaves]
    return [path] if isinstance(at, (int, float, str)) and path else []


def _light_power(image: Row) -> Value:
    lights = image.get(KEY, {}).get("lights")
    return None if lights is None else float(sum(light["power"] for light in lights))


def _measured(name: str, labels: LabelFile, images: Sequence[Row]) -> tuple[Value, ...]:
    out: list[Value] = []
    for row in images:
        path = labels.image_path(row)
        if path is None or not path.is_file():
            return (None,) * len(images)
        out.append(_measures(path)[name])
    return tuple(out)


@lru_cache(maxsize=20_000)
def _measures(path: Path) -> dict[str, float]:
    """Several parameters are measured on the same pictures."""
    from simgen.evaluate.image_statistics import measure, open_rgb

    return measure(open_rgb(path))


def _size(boxes: Floats) -> Floats:
    return np.asarray(np.sqrt(boxes[:, 2] * boxes[:, 3]))


def _aspect(boxes: Floats) -> Floats:
    # To a tenth: the aspects of square labels differ by rounding, which is no slice.
    return np.asarray(np.round(boxes[:, 2] / np.maximum(boxes[:, 3], 1e-9), 1))


_OF_BOX: dict[str, Callable[[Floats], Floats]] = {"size_px": _size, "aspect": _aspect}
