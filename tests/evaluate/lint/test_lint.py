"""Lint finds each of the planted defects and nothing on clean data."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from simgen.conformance.invented import NAMES
from simgen.conformance.invented_set import invented_set
from simgen.dataset.coco import finalize
from simgen.dataset.images import decode_depth, encode_depth
from simgen.dataset.reader import Dataset
from simgen.dataset.records import FrameRecord
from simgen.evaluate.lint import CODES, Thresholds, lint
from simgen.records.marks import KeypointPx
from simgen.records.masks import decode, encode
from simgen.records.serial import to_json

FRAME = 3
LIMITS = Thresholds(tiny_px=1.5)  # invented things may be two pixels wide


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return invented_set(tmp_path_factory.mktemp("lint") / "clean", 12)


def codes(folder: Path, limits: Thresholds = LIMITS) -> set[str]:
    return set(lint(folder, limits, threads=2).by_code)


def test_nothing_is_found_on_clean_data(clean: Path) -> None:
    result = lint(clean, LIMITS)
    assert result.findings == ()
    assert (result.frames, result.labels > 20) == (12, True)


def test_nothing_is_found_on_rendered_data(tmp_path: Path) -> None:
    from simgen.pipeline.plan import RenderRequest
    from simgen.pipeline.run import render_dataset

    scene = Path(__file__).parents[3] / "scenes" / "tabletop.yaml"
    sets = ("render.size=[320, 240]", "objects.clutter.count=1", "empty_fraction=0")
    request = RenderRequest(scene, range(8), renderer="raycast", quality="draft", sets=sets)
    render_dataset(request, tmp_path / "out")
    found = lint(tmp_path / "out")
    assert {f.code for f in found.findings} <= {"unused-category", "tiny-box"}


# Defects: each changes a copy of the clean set.
Change = Callable[[FrameRecord], FrameRecord]


def record(change: Change) -> Callable[[Path], None]:
    """Rewrite a frame's record."""

    def plant(folder: Path) -> None:
        dataset = Dataset.open(folder)
        path = dataset.layout.record(FRAME)
        path.write_bytes(to_json(change(dataset.record(FRAME))))
        finalize(folder)

    return plant


def column(name: str, make: Callable[[Any, FrameRecord], Any]) -> Callable[[Path], None]:
    """Another value in the first row of a column."""

    def change(old: FrameRecord) -> FrameRecord:
        labels = old.annotations
        values = list(getattr(labels, name))
        values[0] = make(values[0], old)
        return replace(old, annotations=replace(labels, **{name: tuple(values)}))

    return record(change)


def pixels(make: Callable[[np.ndarray], np.ndarray], output: str = "images") -> Any:
    """Other pixels, with a record that knows them."""

    def plant(folder: Path) -> None:
        import hashlib

        path = folder / output / "0000" / f"{FRAME:08d}.png"
        Image.fromarray(make(np.asarray(Image.open(path)))).save(path)
        dataset = Dataset.open(folder)
        old = dataset.record(FRAME)
        name = {"images": "rgb", "depth": "depth"}[output]
        data = path.read_bytes()
        fact = replace(old.files[name], bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
        fresh = replace(old, files=old.files | {name: fact})
        dataset.layout.record(FRAME).write_bytes(to_json(fresh))
        finalize(folder)

    return plant


def image(folder: Path, frame: int = FRAME) -> Path:
    return folder / "images" / "0000" / f"{frame:08d}.png"


def cut_short(folder: Path) -> None:
    data = image(folder).read_bytes()
    image(folder).write_bytes(data[: len(data) // 2])


def same_again(near: bool) -> Callable[[Path], None]:
    def plant(folder: Path) -> None:
        other = np.asarray(Image.open(image(folder, 7)))
        if near:
            other = other.copy()
            other[:3, :3] ^= 1
        pixels(lambda old: other)(folder)
        if not near:
            dataset = Dataset.open(folder)
            shutil.copy(image(folder, 7), image(folder))
            mine, theirs = dataset.record(FRAME), dataset.record(7)
            fact = replace(mine.files["rgb"], sha256=theirs.files["rgb"].sha256,
                           bytes=theirs.files["rgb"].bytes)  # fmt: skip
            fresh = replace(mine, files=mine.files | {"rgb": fact})
            dataset.layout.record(FRAME).write_bytes(to_json(fresh))
            finalize(folder)

    return plant


def no_labels(folder: Path) -> None:
    dataset = Dataset.open(folder)
    for frame in list(dataset.frames())[:10]:
        old = dataset.record(frame)
        fresh = replace(old, annotations=old.annotations.take([]))
        dataset.layout.record(frame).write_bytes(to_json(fresh))
    finalize(folder)


def hole(folder: Path) -> None:
    dataset = Dataset.open(folder)
    mask = decode(dataset.record(FRAME).annotations.mask[0])
    step = dataset.manifest.metres_per_depth_step
    path = folder / "depth" / "0000" / f"{FRAME:08d}.png"
    depth = np.array(decode_depth(path, step))
    depth[mask] = 0
    path.write_bytes(encode_depth(depth, step, FRAME))


def other_manifest(names: tuple[str, ...]) -> Callable[[Path], None]:
    def plant(folder: Path) -> None:
        path = folder / "manifest.json"
        data = json.loads(path.read_text())
        data["categories"] = [{"id": i, "name": n} for i, n in enumerate(names, start=1)]
        path.write_text(json.dumps(data))
        finalize(folder)

    return plant


def rare(folder: Path) -> None:
    dataset = Dataset.open(folder)
    kept = False
    for frame in dataset.frames():
        old = dataset.record(frame)
        rows = []
        for row, name in enumerate(old.annotations.category):
            if name != "ring" or not kept:
                rows.append(row)
                kept = kept or name == "ring"
        fresh = replace(old, annotations=old.annotations.take(rows))
        dataset.layout.record(frame).write_bytes(to_json(fresh))
    finalize(folder)


def broken_record(folder: Path) -> None:
    path = folder / "frames" / "0000" / f"{FRAME:08d}.json"
    path.write_bytes(path.read_bytes()[:-40])


def stale_index(folder: Path) -> None:
    path = folder / "annotations" / "instances.json"
    path.write_text(path.read_text().replace('"iscrowd":0', '"iscrowd":1', 1))


def twice(old: FrameRecord) -> FrameRecord:
    labels = old.annotations
    ids = (labels.instance[1], *labels.instance[1:])
    return replace(old, annotations=replace(labels, instance=ids))


def grown(old: FrameRecord) -> FrameRecord:
    """The first label's mask takes pixels of the second, its box and area follow."""
    from simgen.records.masks import tight_box

    labels = old.annotations
    both = decode(labels.mask[0]) | decode(labels.mask[1])
    masks = (encode(both), *labels.mask[1:])
    boxes = (tight_box(both), *labels.box_xywh_px[1:])
    areas = (int(both.sum()), *labels.area_px[1:])
    return replace(old, annotations=replace(labels, mask=masks, box_xywh_px=boxes, area_px=areas))


DEFECTS: dict[str, Callable[[Path], None]] = {
    "record": broken_record,
    "missing-file": lambda folder: image(folder).unlink(),
    "undecodable": cut_short,
    "wrong-size": pixels(lambda old: old[:-4]),
    "changed-file": lambda folder: Image.open(image(folder, 5)).save(image(folder)),
    "unknown-category": column("category", lambda old, r: "cat"),
    "duplicate-id": record(twice),
    "broken-mask": column("mask", lambda old, r: {"size": old["size"], "counts": "0"}),
    "loose-box": column("box_xywh_px", lambda old, r: (old[0], old[1], old[2] + 1, old[3])),
    "wrong-area": column("area_px", lambda old, r: old + 1),
    "box-outside": column("box_xywh_px", lambda old, r: (90, old[1], 30, old[3])),
    "wrong-visibility": column("visibility", lambda old, r: 1.5),
    "amodal": column("amodal_box_xywh_px", lambda old, r: (0, 0, 2, 2)),
    "overlap": record(grown),
    "map-disagrees": record(grown),
    "keypoint": column("keypoints", lambda old, r: (KeypointPx("first", (300.0, 5.0), None, 2),)),
    "black": pixels(np.zeros_like),
    "blown": pixels(lambda old: np.full_like(old, 255)),
    "flat": pixels(lambda old: np.full_like(old, 120)),
    "depth-hole": hole,
    "tiny-box": column("box_xywh_px", lambda old, r: (old[0], old[1], 1, old[3])),
    "duplicate": same_again(near=False),
    "near-duplicate": same_again(near=True),
    "empty": no_labels,
    "unused-category": other_manifest((*NAMES, "cat")),
    "imbalance": rare,
    "index": stale_index,
    "leftover": lambda folder: (folder / "images" / "0000" / "notes.txt").write_text("mine"),
}


def test_every_code_has_a_defect_or_a_reason() -> None:
    # PNG and JPEG cannot hold what is not finite; the passes of Cycles can.
    assert set(CODES) - set(DEFECTS) == {"not-finite"}


@pytest.mark.parametrize("code", DEFECTS)
def test_a_planted_defect_is_found(code: str, clean: Path, tmp_path: Path) -> None:
    folder = tmp_path / "set"
    shutil.copytree(clean, folder, copy_function=shutil.copyfile)
    try:
        DEFECTS[code](folder)
    except Exception as error:  # an index that refuses the defect has found it, too
        assert "categories that are not" in str(error)  # noqa: PT017
    limits = replace(LIMITS, imbalance=8.0) if code == "imbalance" else LIMITS
    result = lint(folder, limits)
    assert code in result.by_code, result.by_code
    mine = [f for f in result.findings if f.code == code]
    if mine[0].frame is not None and code not in ("duplicate", "near-duplicate"):
        assert {f.frame for f in mine} <= {FRAME} or code == "empty"


def test_numbers_that_are_none_are_found(clean: Path, tmp_path: Path) -> None:
    from simgen.evaluate.lint.labels import label_findings

    old = Dataset.open(clean).record(FRAME)
    labels = old.annotations
    seen = (math.nan, *labels.visibility[1:])
    bad = replace(old, annotations=replace(labels, visibility=seen))
    found = {f.code for f in label_findings(bad, (96, 72), set(NAMES), LIMITS, None, None)}
    assert found == {"wrong-visibility"}


def test_passes_that_are_not_finite_are_found(clean: Path, tmp_path: Path) -> None:
    from simgen.evaluate.lint.pictures import Seen, file_findings

    dataset = Dataset.open(clean)
    broken = np.ones((72, 96, 3), np.float16)
    broken[4, 5] = np.nan

    class Passes(Dataset):
        def passes(self, frame: int) -> dict[str, Any]:
            return {"combined": broken}

    folder = tmp_path / "set"
    shutil.copytree(clean, folder, copy_function=shutil.copyfile)
    (folder / "passes" / "0000").mkdir(parents=True)
    (folder / "passes" / "0000" / "00000003.npz").write_bytes(b"x")
    record_ = dataset.record(FRAME)
    fact = replace(record_.files["rgb"], name="passes/0000/00000003.npz")
    manifest = replace(dataset.manifest, outputs=("passes",))
    twin = Passes(Dataset.open(folder).layout, manifest)
    bad = replace(record_, files={"passes": fact})
    found = [f.code for f in file_findings(twin, bad, LIMITS, Seen())]
    assert "not-finite" in found
