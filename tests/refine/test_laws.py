"""What every refiner owes: same labels, same size, own noise, no part in its batch's fate."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from simgen.errors import DataError
from simgen.imaging.sensor_settings import SensorParams, drawn_camera
from simgen.plugin.registry import Registry
from simgen.records.sample import Sample
from simgen.records.serial import to_json
from simgen.refine.sensor import weakened
from simgen.refine.statistics import StatisticsParams
from simgen.refine.workplace import Workplace
from simgen.spec.fields import Root

from .conftest import rng

Make = Callable[..., Sample]
METHODS = ("fourier", "histogram", "reinhard")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Three pictures, dark, bright and green."""
    (tmp_path / "photos").mkdir()
    for name, colour in (("a", (40, 30, 20)), ("b", (220, 220, 230)), ("c", (60, 160, 70))):
        noise = np.random.Generator(np.random.PCG64(ord(name))).integers(-20, 20, (48, 64, 3))
        picture = np.clip(noise + colour, 0, 255).astype(np.uint8)
        Image.fromarray(picture).save(tmp_path / "photos" / f"{name}.jpg")
    return tmp_path / "photos"


def params_of(kind: str, photos: Path) -> Any:
    if kind == "sensor":
        return SensorParams()
    return StatisticsParams(path=Root(str(photos), photos), method=kind)


def digest(sample: Sample) -> str:
    """Of all labels and ground truth."""
    whole = hashlib.sha256(to_json(sample.annotations) + to_json(sample.camera))
    for array in (sample.instances, sample.depth_m, sample.normals):
        whole.update(array.tobytes())
    return whole.hexdigest()


@pytest.mark.parametrize("kind", ["sensor", *METHODS])
def test_pixels_change_and_labels_do_not(kind: str, make_sample: Make, photos: Path):
    plugin = Registry.installed().get("refiners", "sensor" if kind == "sensor" else "statistics")
    samples = [make_sample(frame=n) for n in range(3)]
    before = [(digest(s), s.rgb.copy()) for s in samples]
    with plugin.open(params_of(kind, photos), Workplace()) as session:
        out = session.refine(samples, [rng(n) for n in range(3)])
        again = session.refine(samples, [rng(n) for n in range(3)])
        alone = [session.refine([s], [rng(s.frame)])[0] for s in reversed(samples)][::-1]
        none = session.refine(samples, [rng(n) for n in range(3)], 0.0)
        weak = session.refine(samples, [rng(n) for n in range(3)], 0.3)
    for n, (sample, (labels, pixels)) in enumerate(zip(samples, before, strict=True)):
        assert digest(out[n]) == labels
        assert np.array_equal(sample.rgb, pixels)  # the input is untouched
        assert out[n].rgb.dtype == np.uint8
        assert out[n].rgb.shape == pixels.shape
        assert not np.array_equal(out[n].rgb, pixels)
        assert np.array_equal(out[n].rgb, again[n].rgb)
        assert np.array_equal(out[n].rgb, alone[n].rgb)
        assert np.array_equal(none[n].rgb, pixels)
        change = [np.abs(o[n].rgb.astype(int) - pixels).mean() for o in (weak, out)]
        assert change[0] < change[1]
        step = out[n].provenance[-1]
        assert step.stage == "refine"
        assert len(step.operators or ()) == 1
        to_json(step)  # plain values alone


def test_frames_draw_cameras_of_their_own():
    cameras = [drawn_camera(SensorParams(), rng(n)) for n in (0, 1)]
    assert cameras[0] != cameras[1]
    assert cameras[0] == drawn_camera(SensorParams(), rng(0))
    assert weakened(cameras[0], 1.0) == cameras[0]
    half = weakened(cameras[0], 0.5)
    assert half.photons == pytest.approx(4 * cameras[0].photons)
    assert half.defocus_px == pytest.approx(cameras[0].defocus_px / 2)


def test_nearest_reference_is_the_most_alike(make_sample: Make, photos: Path):
    params = StatisticsParams(path=Root("", photos), reference="nearest", nearest=1)
    plugin = Registry.installed().get("refiners", "statistics")
    dark = make_sample()
    dark = Sample(dark.rgb // 4, dark.annotations)
    with plugin.open(params, Workplace()) as session:
        step = session.refine([dark], [rng()])[0].provenance[-1]
    assert step.operators[0]["photo"] == "a.jpg"


def test_no_photographs_are_told(tmp_path: Path):
    plugin = Registry.installed().get("refiners", "statistics")
    with pytest.raises(DataError, match="no pictures"):
        plugin.open(StatisticsParams(path=Root("", tmp_path)), Workplace())


def test_pictures_made_elsewhere_are_found_by_their_number(make_sample: Make, tmp_path: Path):
    from simgen.refine.pictures import PicturesParams

    sample = make_sample(frame=7)
    (tmp_path / "0000").mkdir()
    Image.fromarray(255 - sample.rgb).save(tmp_path / "0000" / "00000007.png")
    plugin = Registry.installed().get("refiners", "pictures")
    params = PicturesParams(path=Root("", tmp_path))
    with plugin.open(params, Workplace()) as session:
        out = session.refine([sample], [rng(7)])[0]
        assert np.array_equal(out.rgb, 255 - sample.rgb)
        half = session.refine([sample], [rng(7)], 0.5)[0]
        assert np.abs(half.rgb.astype(float) - 127.5).max() <= 1
        with pytest.raises(DataError, match="no picture 00000008"):
            session.refine([make_sample(frame=8)], [rng(8)])
        Image.new("RGB", (5, 5)).save(tmp_path / "0000" / "00000007.png")
        with pytest.raises(DataError, match="5 x 5"):
            session.refine([sample], [rng(7)])
