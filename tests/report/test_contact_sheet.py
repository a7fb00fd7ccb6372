"""Contact sheets show the frames, and the labels where the labels are."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from simgen.dataset.images import decode_rgb
from simgen.dataset.reader import Dataset
from simgen.errors import RunFolderError
from simgen.pipeline.plan import RenderRequest
from simgen.pipeline.run import render_dataset
from simgen.records.annotations import Annotations
from simgen.records.masks import encode
from simgen.records.pose import Pose
from simgen.report.contact_sheet import SheetStyle, contact_sheet, evenly, write_contact_sheet
from simgen.report.overlay import color_of, draw_labels

SCENE = """\
simgen: 1
scene: {type: flying}
objects: {blocks: {asset: box, count: 2, category: block}}
render: {engine: raycast, size: [48, 32], quality: draft}
"""


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Three rendered frames."""
    folder = tmp_path_factory.mktemp("report")
    (folder / "scene.yaml").write_text(SCENE)
    render_dataset(RenderRequest(folder / "scene.yaml", range(3)), folder / "out")
    return Dataset.open(folder / "out")


def _label(mask: np.ndarray, box: tuple[int, int, int, int]) -> Annotations:
    return Annotations(
        (1,), ("mug",), (box,), (encode(mask),), (int(mask.sum()),), (box,), (encode(mask),),
        (1.0,), (0.0,), (Pose(),), (1.0,), ({},),
    )  # fmt: skip


def test_mask_and_box_are_drawn_where_they_are() -> None:
    rgb = np.full((120, 160, 3), 100, np.uint8)
    mask = np.zeros((120, 160), bool)
    mask[60:100, 40:90] = True
    out = draw_labels(rgb, _label(mask, (40, 60, 50, 40)), {"mug": 1}, 1.0)
    changed = (out != rgb).any(axis=-1)
    assert changed[60:100, 40:90].all()
    assert not changed[101:].any()
    assert not changed[:40].any()
    assert tuple(out[80, 40]) == color_of(1) == tuple(out[99, 60])
    assert (rgb == 100).all()
    twice = draw_labels(rgb.repeat(2, 0).repeat(2, 1), _label(mask, (40, 60, 50, 40)), {}, 2.0)
    assert tuple(twice[160, 80]) == color_of(1)


def test_neighbouring_ids_have_different_colours() -> None:
    colors = [color_of(i) for i in range(1, 40)]
    assert len(set(colors)) == len(colors)
    steps = [np.abs(np.subtract(a, b)).sum() for a, b in pairwise(colors)]
    assert min(steps) > 90


def test_evenly_takes_both_ends() -> None:
    assert evenly(list(range(10)), 4) == [0, 3, 6, 9]
    assert evenly([5, 6], 9) == [5, 6]
    assert evenly([5, 6, 7], 1) == [5]


def test_the_plain_sheet_holds_the_images_pixel_by_pixel(dataset: Dataset) -> None:
    sheet, shown = contact_sheet(dataset, SheetStyle(count=2, columns=2, plain=True))
    assert shown == 2
    frame = dataset.rgb(2).repeat(7, 0).repeat(7, 1)
    height, width = frame.shape[:2]
    right = sheet[-4 - height : -4, -4 - width : -4]
    assert (right == frame).all()


def test_maps_add_rows_and_the_file_is_a_png(dataset: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "sheet.png"
    assert write_contact_sheet(dataset.layout.root, path, SheetStyle(columns=3, maps=True)) == 3
    with_maps = decode_rgb(path)
    plain, _ = contact_sheet(dataset, SheetStyle(columns=3))
    assert with_maps.shape[0] == plain.shape[0] + 2 * 32 * 7
    assert with_maps.shape[1] == plain.shape[1]


def test_nothing_to_show_is_said(dataset: Dataset, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "manifest.json").write_bytes(dataset.layout.manifest.read_bytes())
    with pytest.raises(RunFolderError, match="no images"):
        write_contact_sheet(out, tmp_path / "sheet.png")
    assert not (tmp_path / "sheet.png").exists()
