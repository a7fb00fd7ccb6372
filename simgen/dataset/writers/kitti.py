"""Writer `kitti`: KITTI's object detection layout, 2D and 3D (Geiger et al. 2012, devkit)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pydantic import Field

from simgen.dataset.images import encode_rgb
from simgen.dataset.writers.kitti_boxes import KittiBox, alpha, kitti_box
from simgen.dataset.writers.pictures import cannot, put_file, write
from simgen.errors import DataError, Fault
from simgen.plugin.stage_protocols import SetFacts
from simgen.records.sample import Sample
from simgen.spec.fields import Params
from simgen.spec.splits import split_of

_CENTRE = 0.5  # KITTI's pixel centres lie at whole numbers
_UNKNOWN = KittiBox((-1.0, -1.0, -1.0), (-1000.0, -1000.0, -1000.0), -10.0)
# Visibility from which on an object is fully or partly visible; KITTI gives no numbers.
_FULLY, _PARTLY = 0.95, 0.5


class KittiWriterParams(Params):
    """How strict the format is taken."""

    ignore_distortion: bool = Field(
        False, description="write K alone of a lens with distortion, which KITTI has no place for"
    )
    link: bool = Field(True, description="hard-link pictures; false copies them")


class KittiWriter:
    """KITTI: label_2, calib and image_2; 3D boxes where frames were annotated with `box_3d`.

    Ignored labels are DontCare. A 3D box stands upright in the camera's frame, as KITTI's do: it is
    the tightest upright one about the object's own box, and equal to it for objects that are
    only turned about the camera's y. What is not known has KITTI's values for that. Spaces in
    categories become underscores.
    """

    api = 1
    Params = KittiWriterParams
    outputs = frozenset[str]()

    def open(self, params: KittiWriterParams, facts: SetFacts, out: Path) -> KittiSession:
        """See `plugin.Writer`."""
        return KittiSession(params, facts, out)


class KittiSession:
    """A KITTI folder that is being written."""

    def __init__(self, params: KittiWriterParams, facts: SetFacts, out: Path) -> None:
        self.params, self.facts, self.out = params, facts, out
        self.types = {c.name: "_".join(c.name.split()) for c in facts.categories}
        if len(set(self.types.values())) < len(self.types):
            what = "two categories differ in spaces and underscores alone"
            raise DataError(Fault(facts.name, what, "rename one"))
        self.sets: dict[str, list[str]] = {s: [] for s in facts.splits or {"train": 1.0}}

    def write(self, sample: Sample) -> None:
        """Add a sample."""
        stem = f"{sample.frame:06d}"
        folder = self.out / "training"
        original = sample.files.get("rgb")
        if original is not None and original.path.suffix.lower() == ".png":
            put_file(original.path, folder / "image_2" / f"{stem}.png", self.params.link)
        else:
            write(folder / "image_2" / f"{stem}.png", encode_rgb(sample.rgb))
        lines = [self._line(sample, i) for i in range(len(sample.annotations))]
        write(folder / "label_2" / f"{stem}.txt", "".join(f"{line}\n" for line in lines))
        if sample.camera is not None:
            write(folder / "calib" / f"{stem}.txt", self._calibration(sample))
        split = split_of(sample.world, self.facts.splits) if self.facts.splits else "train"
        self.sets[split].append(stem)

    def close(self) -> Path:
        """Write the lists of frames."""
        for split, stems in self.sets.items():
            write(self.out / "ImageSets" / f"{split}.txt", "".join(f"{s}\n" for s in stems))
        return Path("training")

    def _line(self, sample: Sample, i: int) -> str:
        """type truncated occluded alpha left top right bottom h w l x y z rotation_y."""
        labels = sample.annotations
        x, y, w, h = labels.box_xywh_px[i]
        box = _UNKNOWN
        column = (labels.extra or {}).get("box_3d")
        if labels.is_ignored(i):
            start = "DontCare -1 -1"
        else:
            truncated = labels.truncation[i]
            start = f"{self.types[labels.category[i]]} {-1 if truncated is None else truncated:.4g}"
            start += f" {_occluded(labels.visibility[i])}"
            if column is not None and column[i] is not None:
                forward = np.array([1.0, 0.0, 0.0])
                pose = labels.T_cam_object[i]
                if pose is not None:
                    forward = pose.rotation()[:, 0]
                box = kitti_box(np.array(column[i]["corners_cam_m"]), forward)
        angle = -10.0 if box is _UNKNOWN else alpha(box)
        numbers = [angle, x, y, x + w, y + h, *box.hwl_m, *box.location_m, box.rotation_y]
        shown = " ".join(f"{v:.6g}" for v in numbers)
        return f"{start} {shown}"

    def _calibration(self, sample: Sample) -> str:
        assert sample.camera is not None
        lens = sample.camera.intrinsics
        if lens.fisheye is not None or (lens.distorted and not self.params.ignore_distortion):
            what = "its lens has distortion, and KITTI's calibration is a pinhole"
            raise cannot(sample, what, "set ignore_distortion=true, or render without it")
        k = [lens.fx, 0, lens.cx - _CENTRE, 0, 0, lens.fy, lens.cy - _CENTRE, 0, 0, 0, 1, 0]
        eye, moved = np.eye(3).ravel(), np.eye(3, 4).ravel()
        rows = {f"P{i}": k for i in range(4)} | {
            "R0_rect": eye, "Tr_velo_to_cam": moved, "Tr_imu_to_velo": moved,
        }  # fmt: skip
        return "".join(
            f"{name}: {' '.join(f'{v:.12e}' for v in values)}\n" for name, values in rows.items()
        )


def _occluded(visibility: float | None) -> int:
    """0 fully visible, 1 partly, 2 largely occluded, 3 unknown."""
    if visibility is None:
        return 3
    return 0 if visibility >= _FULLY else 1 if visibility >= _PARTLY else 2
