"""The pages are whole: well-formed, no file beside them is needed, numbers as in the JSON."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from simgen.evaluate.coco_files import LabelFile, read_labels
from simgen.evaluate.evaluation import Settings, evaluate
from simgen.evaluate.gap import gap
from simgen.report.evaluation_page import write_evaluation
from simgen.report.gap_page import write_gap
from simgen.report.page import number
from simgen.report.thumbnails import FOUND, TRUTH, crop

VOID = {"meta", "img", "br", "line", "polyline", "link"}


class _Reader(HTMLParser):
    """Checks that tags close in order; collects text and references."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.references: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.references += [value or "" for name, value in attributes if name in ("src", "href")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        assert tag in VOID

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> at {self.getpos()}"

    def handle_data(self, data: str) -> None:
        self.text += data


def read(page: Path) -> _Reader:
    """A parsed page.

    Args:
        page: HTML file.
    """
    reader = _Reader()
    reader.feed(page.read_text())
    assert reader.open == []
    assert all(r.startswith("data:image/jpeg;base64,") for r in reader.references)
    return reader


def _write_set(folder: Path, level: int) -> LabelFile:
    import cv2

    (folder / "images").mkdir(parents=True)
    rng = np.random.Generator(np.random.PCG64(level))
    images, rows = [], []
    for i in range(1, 11):
        picture = rng.normal(level, 8, (48, 64, 3))
        cv2.imwrite(str(folder / "images" / f"{i}.png"), np.clip(picture, 0, 255).astype(np.uint8))
        images.append({"id": i, "file_name": f"{i}.png", "width": 64, "height": 48})
        for x in (2, 30):
            box = [x, int(rng.integers(0, 20)), 18, 16 + i]
            rows.append({"id": len(rows) + 1, "image_id": i, "category_id": 1 + i % 2, "bbox": box})
    names = [{"id": 1, "name": "ace <&>"}, {"id": 2, "name": "king"}]
    data = {"images": images, "annotations": rows, "categories": names}
    (folder / "labels.json").write_text(json.dumps(data))
    return read_labels(folder / "labels.json")


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> LabelFile:
    """Ten small pictures with two labels each."""
    return _write_set(tmp_path_factory.mktemp("pages") / "real", 150)


def _predictions(labels: LabelFile, path: Path) -> Path:
    rows = [{"image_id": a["image_id"], "category_id": a["category_id"], "bbox": a["bbox"],
             "score": 0.9 - 0.01 * i}
            for i, a in enumerate(labels.annotations) if i % 4]  # fmt: skip
    rows.append({**rows[0], "bbox": [50, 40, 9, 7], "score": 0.99})
    rows.append({**rows[3], "category_id": 3 - rows[3]["category_id"], "score": 0.95})
    path.write_text(json.dumps(rows))
    return path


def test_the_evaluation_page(labels: LabelFile, tmp_path: Path) -> None:
    found = evaluate(labels, [_predictions(labels, tmp_path / "p.json")], Settings(resamples=50))
    page = read(write_evaluation(found, labels, tmp_path / "out"))
    data = json.loads((tmp_path / "out" / "report.json").read_text())
    assert data["metrics"]["mAP50"]["value"] == found.metrics["mAP50"].value
    assert f"{100 * found.metrics['mAP50'].value:.1f}" in page.text
    assert "What to change first" in page.text
    assert "ace <&>" in page.text  # escaped in the source, or the parser would have stumbled
    assert len(page.references) == len(found.mistakes) >= 3
    text = (tmp_path / "out" / "report.md").read_text()
    assert "| mAP50 |" in text
    assert all(f"| {c.name} |" in text for c in found.categories)
    again = evaluate(labels, [tmp_path / "p.json"], Settings(resamples=50))
    write_evaluation(again, labels, tmp_path / "again")
    for file in ("report.html", "report.json", "report.md"):
        assert (tmp_path / "out" / file).read_bytes() == (tmp_path / "again" / file).read_bytes()


def test_seeds_are_repeats(labels: LabelFile, tmp_path: Path) -> None:
    one, empty = _predictions(labels, tmp_path / "p.json"), tmp_path / "none.json"
    empty.write_text("[]")
    alone = evaluate(labels, [one], Settings(resamples=50)).metrics["mAP50"]
    both = evaluate(labels, [one, empty], Settings(resamples=50))
    assert both.metrics["mAP50"].value == pytest.approx(alone.value / 2)
    assert "mean over 2 seeds" in read(write_evaluation(both, labels, tmp_path / "out")).text


def test_a_page_without_detections_or_intervals(labels: LabelFile, tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text("[]")
    found = evaluate(labels, [tmp_path / "p.json"], Settings(resamples=0))
    page = read(write_evaluation(found, labels, tmp_path / "out"))
    assert found.metrics["mAP50"].value == 0.0
    assert "missed" in page.text


def test_the_gap_page(labels: LabelFile, tmp_path: Path) -> None:
    dark = _write_set(tmp_path / "dark", 60)
    found = gap(dark, labels)
    page = read(write_gap(found, dark, labels, tmp_path / "out"))
    assert "raise exposure or lamp power" in page.text
    pairs = [*found.features.alike, *found.features.apart, *found.features.uncovered]
    assert len(page.references) == 2 * len(pairs) + 2 * len(found.copies.pairs)
    data = json.loads((tmp_path / "out" / "report.json").read_text())
    assert data["features"]["backbone"].startswith("layout-96")
    assert "## Measures" in (tmp_path / "out" / "report.md").read_text()


def test_crops_show_both_boxes_also_over_the_border(labels: LabelFile) -> None:
    import base64

    import cv2

    path = labels.image_path(labels.images[0])
    uri = crop(path, (-5.0, -5.0, 20.0, 20.0), (0.0, 0.0, 18.0, 17.0))
    data = np.frombuffer(base64.b64decode(uri.partition(",")[2]), np.uint8)
    picture = cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1].astype(int)
    assert picture.shape == (208, 208, 3)
    for color in (FOUND, TRUTH):
        assert (np.abs(picture - color).max(axis=-1) < 60).sum() > 50


def test_numbers_are_short() -> None:
    shown = [number(v) for v in (None, 0.0, 0.12345, 12.345, 1234.5, 1.2e6, 1e-5)]
    assert shown == ["\N{EN DASH}", "0", "0.123", "12.3", "1,234", "1.2e+06", "1e-05"]
