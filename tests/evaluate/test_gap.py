"""The gap of sets whose difference is known; measures against known pictures."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simgen.errors import DataError
from simgen.evaluate.coco_files import LabelFile, read_labels
from simgen.evaluate.duplicates import twins
from simgen.evaluate.gap import Gap, gap
from simgen.evaluate.image_statistics import immerkaer_noise, measure, open_rgb, radial_power
from simgen.imaging.descriptor import describe


def write_set(folder: Path, seed: int, brightness: float, images: int = 12) -> LabelFile:
    """A set of noisy pictures with one bright square each."""
    import cv2

    (folder / "images").mkdir(parents=True)
    rng = np.random.Generator(np.random.PCG64(seed))
    rows, labels = [], []
    for i in range(1, images + 1):
        level = brightness + rng.uniform(-15, 15)
        picture = rng.normal(level, 6, (60, 80, 3))
        x, y = int(rng.integers(0, 50)), int(rng.integers(0, 30))
        picture[y : y + 20, x : x + 20] += 60
        cv2.imwrite(str(folder / "images" / f"{i}.png"), np.clip(picture, 0, 255).astype(np.uint8))
        rows.append({"id": i, "file_name": f"{i}.png", "width": 80, "height": 60})
        labels.append({"id": i, "image_id": i, "category_id": 1, "bbox": [x, y, 20, 20]})
    data = {"images": rows, "annotations": labels, "categories": [{"id": 1, "name": "square"}]}
    (folder / "labels.json").write_text(json.dumps(data))
    return read_labels(folder / "labels.json")


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> tuple[LabelFile, LabelFile, LabelFile]:
    """Two sets alike and a dark one."""
    folder = tmp_path_factory.mktemp("gap")
    return (write_set(folder / "a", 1, 120), write_set(folder / "b", 2, 120),
            write_set(folder / "dark", 3, 50))  # fmt: skip


def _of(found: Gap, name: str) -> object:
    return next(c for c in found.compared if c.name == name)


def test_a_dark_set_is_told_to_be_brighter(sets: tuple[LabelFile, ...]) -> None:
    found = gap(sets[2], sets[0])
    dark = _of(found, "brightness")
    assert dark.outside == 1.0
    assert dark.shift < -3
    assert "raise exposure" in dark.advice
    assert _of(found, "size").advice == ""
    assert found.features.kid.low > found.features.kid_floor
    assert found.features.coverage < 0.2
    assert found.features.advice


def test_sets_alike_have_a_small_gap(sets: tuple[LabelFile, ...]) -> None:
    near, far = gap(sets[1], sets[0]), gap(sets[2], sets[0])
    assert near.features.coverage > 0.6
    assert near.features.kid.value < far.features.kid.value / 5
    assert near.features.fid < far.features.fid / 5
    assert near.copies.total == 0
    assert gap(sets[1], sets[0]) == near


def test_copies_are_found(sets: tuple[LabelFile, ...], tmp_path: Path) -> None:
    import cv2

    one = sets[0].image_path(sets[0].images[3])
    copy = tmp_path / "copy.jpg"
    cv2.imwrite(str(copy), cv2.resize(cv2.imread(str(one)), (120, 90)))
    found = twins([copy], [sets[0].image_path(row) for row in sets[0].images])
    assert [(t.first, t.second) for t in found] == [(0, 3)]
    assert gap(sets[0], sets[0]).copies.total >= 12


def test_features_may_come_from_elsewhere(sets: tuple[LabelFile, ...]) -> None:
    rows = np.arange(24.0).reshape(12, 2)
    assert gap(sets[0], sets[1], features=("mine", rows, rows)).features.backbone == "mine"
    with pytest.raises(DataError, match="11 feature vectors for 12 images"):
        gap(sets[0], sets[1], features=("mine", rows[:11], rows))


def test_categories_must_fit_or_be_mapped(sets: tuple[LabelFile, ...]) -> None:
    other = replace(sets[0], names={1: "squares"})
    with pytest.raises(DataError, match="--map squares=square"):
        gap(other, sets[1])
    assert gap(other, sets[1], {"squares": "square"}).shares == {"square": (1.0, 1.0)}


def test_too_few_or_missing_images_are_said(tmp_path: Path, sets: tuple[LabelFile, ...]) -> None:
    with pytest.raises(DataError, match="3 images are too few"):
        gap(write_set(tmp_path / "few", 0, 100, 3), sets[0])
    broken = write_set(tmp_path / "broken", 0, 100)
    (tmp_path / "broken" / "images" / "5.png").unlink()
    with pytest.raises(DataError, match="1 of 12 images are missing"):
        gap(broken, sets[0])
    (tmp_path / "broken" / "images" / "5.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match="not a readable picture"):
        open_rgb(tmp_path / "broken" / "images" / "5.png")


def test_noise_is_measured_where_the_picture_is_smooth() -> None:
    rng = np.random.Generator(np.random.PCG64(0))
    ramp = np.linspace(50, 150, 300)[None] + np.zeros((200, 1))
    assert immerkaer_noise(ramp) == pytest.approx(0.0, abs=1e-9)
    assert immerkaer_noise(ramp + rng.normal(0, 5, ramp.shape)) == pytest.approx(5.0, rel=0.05)


def test_measures_of_plain_pictures() -> None:
    red = np.zeros((32, 32, 3), np.uint8)
    red[..., 0] = 255
    found = measure(red)
    assert found["saturation"] == 1.0
    assert found["contrast"] == found["sharpness"] == 0.0
    assert found["green_red"] == pytest.approx(80.1, abs=0.5)  # a* of sRGB red
    assert describe(red).shape == (96,)


def test_a_wave_shows_up_at_its_frequency() -> None:
    x = np.arange(240)
    wave = 50 * np.sin(2 * np.pi * 0.25 * x)[None] + np.zeros((240, 1))
    power = radial_power(wave)
    assert int(power.argmax()) in (11, 12)  # 0.25 of 0.5 cycles a pixel, 24 bins
