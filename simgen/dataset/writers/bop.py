"""Writer `bop`: the layout of the BOP benchmark (Hodan et al. 2018; bop_toolkit's format)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field

from simgen.dataset.images import encode_png
from simgen.dataset.writers.bop_models import BopModels
from simgen.dataset.writers.pictures import cannot, put_file, put_rgb, write
from simgen.errors import DataError, Fault
from simgen.plugin.stage_protocols import SetFacts
from simgen.records.masks import decode
from simgen.records.pose import Pose
from simgen.records.sample import Sample
from simgen.spec.fields import Params
from simgen.spec.splits import split_of

_CENTRE = 0.5  # BOP's pixel centres lie at whole numbers
_MM = 1000.0


class BopWriterParams(Params):
    """Names, and how objects are numbered."""

    split: str = Field(
        "train_pbr", pattern=r"^[A-Za-z0-9_]+$",
        description="folder of the scenes; sets with splits have `<split>_pbr` each",
    )  # fmt: skip
    frames_per_scene: int = Field(1000, ge=1, le=1_000_000, description="frames of a scene folder")
    objects: Literal["model", "category"] = Field(
        "model", description="obj_id counts meshes with their scale, or is the category's id"
    )
    models: bool = Field(True, description="write meshes; the assets must be where they were")
    ignore_distortion: bool = Field(
        False, description="write K alone of a lens with distortion, which BOP has no place for"
    )
    link: bool = Field(True, description="hard-link pictures; false copies them")


class BopWriter:
    """BOP: scene_gt, scene_gt_info, scene_camera, masks, depth and models in millimetres.

    px_count_all and visib_fract count the whole outline, also outside the picture, as
    bop_toolkit does; bbox_obj is that of the outline inside the picture. Ignored labels are left
    out. objects.json says what each obj_id is.
    """

    api = 1
    Params = BopWriterParams
    outputs = frozenset({"depth"})

    def open(self, params: BopWriterParams, facts: SetFacts, out: Path) -> BopSession:
        """See `plugin.Writer`."""
        return BopSession(params, facts, out)


class BopSession:
    """A BOP dataset that is being written, one scene after the other."""

    def __init__(self, params: BopWriterParams, facts: SetFacts, out: Path) -> None:
        self.library = facts.assets() if params.models and facts.assets else None
        if params.models and self.library is None:
            what = "the meshes of this set are not at hand: it was not rendered"
            raise DataError(Fault(facts.name, what, "set models=false"))
        self.params, self.facts, self.out = params, facts, out
        by_category = {c.name: c.id for c in facts.categories}
        self.models = BopModels(by_category if params.objects == "category" else None)
        self._scenes: dict[Path, dict[str, dict[str, Any]]] = {}
        self._camera: dict[str, Any] | None = None

    def write(self, sample: Sample) -> None:
        """Add a sample."""
        if sample.camera is None:
            raise cannot(sample, "it has no camera", "give a rendered set")
        name = self.params.split
        if self.facts.splits:
            name = f"{split_of(sample.world, self.facts.splits)}_pbr"
        number, image = divmod(sample.frame, self.params.frames_per_scene)
        folder = self.out / name / f"{number:06d}"
        self._flush(keep=folder)
        tables = self._scenes.setdefault(
            folder, {"scene_camera": {}, "scene_gt": {}, "scene_gt_info": {}}
        )
        put_rgb(sample, folder / "rgb", f"{image:06d}", self.params.link)
        self._depth(sample, folder, image)
        tables["scene_camera"][str(image)] = self._camera_row(sample)
        labels = sample.annotations
        rows = [i for i in range(len(labels)) if not labels.is_ignored(i)]
        found = [self._label(sample, i, folder, image, n) for n, i in enumerate(rows)]
        tables["scene_gt"][str(image)] = [gt for gt, _ in found]
        tables["scene_gt_info"][str(image)] = [info for _, info in found]

    def close(self) -> Path:
        """Write the last scenes, the camera and the models."""
        self._flush(keep=None)
        if self._camera is not None:
            write(self.out / "camera.json", json.dumps(self._camera, indent=1) + "\n")
        write(self.out / "objects.json", json.dumps(self.models.listed(), indent=1) + "\n")
        if self.library is not None:
            self.models.write(self.out / "models", self.library)
        return Path()

    def _flush(self, keep: Path | None) -> None:
        for folder in [folder for folder in self._scenes if folder != keep]:
            # Splits take turns, so a scene may come back: what is there is added to.
            for name, rows in self._scenes.pop(folder).items():
                path = folder / f"{name}.json"
                before = json.loads(path.read_bytes()) if path.is_file() else {}
                lines = [f'"{k}": {json.dumps(v)}' for k, v in (before | rows).items()]
                write(path, "{\n" + ",\n".join(lines) + "\n}\n")

    def _depth(self, sample: Sample, folder: Path, image: int) -> None:
        original = sample.files.get("depth")
        if original is not None:  # 16-bit PNG; depth_scale says what a step is
            put_file(original.path, folder / "depth" / f"{image:06d}.png", self.params.link)

    def _camera_row(self, sample: Sample) -> dict[str, Any]:
        assert sample.camera is not None
        lens = sample.camera.intrinsics
        if lens.fisheye is not None or (lens.distorted and not self.params.ignore_distortion):
            what = "its lens has distortion, and BOP's cameras are pinholes"
            raise cannot(sample, what, "set ignore_distortion=true, or render without it")
        cx, cy = lens.cx - _CENTRE, lens.cy - _CENTRE
        world = sample.camera.T_world_cam
        turn = world.rotation().T
        scale = self.facts.metres_per_depth_step * _MM
        if self._camera is None:
            self._camera = {
                "cx": cx, "cy": cy, "fx": lens.fx, "fy": lens.fy,
                "width": lens.width, "height": lens.height, "depth_scale": scale,
            }  # fmt: skip
        return {
            "cam_K": [lens.fx, 0.0, cx, 0.0, lens.fy, cy, 0.0, 0.0, 1.0],
            "depth_scale": scale,
            "cam_R_w2c": turn.ravel().tolist(),
            "cam_t_w2c": (-_MM * turn @ np.asarray(world.position_m)).tolist(),
        }

    def _label(
        self, sample: Sample, i: int, folder: Path, image: int, number: int
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        labels = sample.annotations
        pose, mask, amodal = labels.T_cam_object[i], labels.mask[i], labels.amodal_mask[i]
        if pose is None or mask is None or amodal is None:
            what = f"label {i} ({labels.category[i]}) has no pose or no masks"
            raise cannot(sample, what, "give a rendered set")
        seen, whole = decode(mask), decode(amodal) | decode(mask)
        name = f"{image:06d}_{number:06d}.png"
        write(folder / "mask" / name, encode_png(whole.astype(np.uint8) * 255))
        write(folder / "mask_visib" / name, encode_png(seen.astype(np.uint8) * 255))
        outside = labels.truncation[i] or 0.0
        count = round(int(whole.sum()) / max(1 - outside, 1e-6))
        valid = whole if sample.depth_m is None else whole & (sample.depth_m > 0)
        gt = {**_pose(pose), "obj_id": self.models.number(sample, i)}
        info = {
            "bbox_obj": list(labels.amodal_box_xywh_px[i] or labels.box_xywh_px[i]),
            "bbox_visib": list(labels.box_xywh_px[i]),
            "px_count_all": count,
            "px_count_valid": int(valid.sum()),
            "px_count_visib": int(seen.sum()),
            "visib_fract": int(seen.sum()) / max(count, 1),
        }
        return gt, info


def _pose(pose: Pose) -> dict[str, Any]:
    return {
        "cam_R_m2c": pose.rotation().ravel().tolist(),
        "cam_t_m2c": [_MM * v for v in pose.position_m],
    }
