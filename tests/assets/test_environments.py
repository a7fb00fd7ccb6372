"""Environments: which way they look, how strong they are, what is refused."""

from __future__ import annotations

import hashlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from simgen.assets.environments import realise_environment, rotate
from simgen.assets.sky import sky_radiance
from simgen.errors import AssetError
from simgen.records.material import FileRef
from simgen.records.world import Environment
from simgen.spec.fields import Root

HDRI = Path(__file__).parents[2].parent / "shared" / "assets" / "hdri"


def _hdri(path: Path, **settings: float) -> np.ndarray:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    environment = Environment("hdri", file=FileRef("env.path", "", digest), **settings)
    return realise_environment(environment, {"env.path": Root(str(path), path, "env.path")})


def _panorama(path: Path) -> None:
    """64 x 32: red a quarter from the left, green at the top, blue in the centre."""
    image = np.full((32, 64, 3), 0.25, np.float32)
    image[14:18, 15:17] = (8, 0, 0)
    image[14:18, 31:33] = (0, 0, 4)
    image[:2] = (0, 2, 0)
    cv2.imwrite(str(path), image[:, :, ::-1])


def _azimuth_deg(image: np.ndarray, channel: int) -> float:
    row = image[16, :, channel] - image[16].mean(axis=1)
    return (float(np.average(np.arange(64), weights=row > row.max() / 2)) + 0.5) / 64 * 360 - 180


def test_orientation(tmp_path: Path) -> None:
    """Left of the centre as a camera sees it is counter-clockwise seen from above: +y."""
    _panorama(tmp_path / "p.hdr")
    image = _hdri(tmp_path / "p.hdr")
    assert image.dtype == np.float32
    assert image[0, 0].argmax() == 1  # up
    assert _azimuth_deg(image, 2) == pytest.approx(0)
    assert _azimuth_deg(image, 0) == pytest.approx(90)


def test_rotation_is_counter_clockwise_and_strength_scales(tmp_path: Path) -> None:
    _panorama(tmp_path / "p.hdr")
    image = _hdri(tmp_path / "p.hdr", rotation_deg=45.0, strength=0.5)
    assert _azimuth_deg(image, 0) == pytest.approx(135)
    assert image[16, :, 0].max() == pytest.approx(4, rel=0.02)


def test_part_columns_keep_the_light() -> None:
    image = np.arange(8 * 16 * 3, dtype=np.float32).reshape(8, 16, 3)
    turned = rotate(image, 360 / 16 * 2.5)
    np.testing.assert_allclose(turned.mean(axis=1), image.mean(axis=1), rtol=1e-6)
    np.testing.assert_allclose(turned[:, 3], (image[:, 0] + image[:, 1]) / 2)


def test_constant() -> None:
    image = realise_environment(Environment("constant", (0.2, 0.4, 0.6), 2.0), {})
    np.testing.assert_allclose(image, np.broadcast_to([0.4, 0.8, 1.2], image.shape), rtol=1e-6)


def test_sky_has_its_sun_where_it_was_put() -> None:
    settings = {"sun_elevation_deg": 30.0, "sun_azimuth_deg": 60.0, "turbidity": 3.0}
    image = sky_radiance(settings)
    assert image.shape == (256, 512, 3)
    row, column = np.unravel_index(image.sum(axis=2).argmax(), image.shape[:2])
    assert 90 - (row + 0.5) / 256 * 180 == pytest.approx(30, abs=1.5)
    assert (column + 0.5) / 512 * 360 - 180 == pytest.approx(60, abs=1.5)
    assert np.isfinite(image).all()
    assert image.min() >= 0


def test_sky_without_sun_lights_a_white_plane_to_one() -> None:
    image = sky_radiance({"sun": 0.0, "sun_elevation_deg": 50.0}).astype(float)
    polar = (np.arange(256) + 0.5) / 256 * np.pi
    weight = np.clip(np.cos(polar), 0, 1) * np.sin(polar) * (np.pi / 256) * (2 * np.pi / 512)
    luminance = image @ [0.2126, 0.7152, 0.0722]
    assert (luminance * weight[:, None]).sum() / np.pi == pytest.approx(1, rel=0.01)
    zenith = image[:40].mean(axis=(0, 1))
    assert zenith[2] > 1.15 * zenith[0]  # blue


def test_every_real_panorama_loads() -> None:
    if not HDRI.is_dir():
        pytest.skip(f"the environment maps are not at {HDRI}")
    for path in sorted(HDRI.glob("*.hdr"))[:3]:
        image = _hdri(path)
        assert image.shape == (512, 1024, 3)
        assert image.max() > 1


@pytest.mark.parametrize("data", [b"", b"#?RADIANCE\nnonsense", b"\0" * 500])
def test_broken_files(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "bad.hdr").write_bytes(data)
    with pytest.raises(AssetError, match="cannot be read"):
        _hdri(tmp_path / "bad.hdr")


def test_unknown_sky_setting() -> None:
    with pytest.raises(AssetError, match="sun_heigth"):
        sky_radiance({"sun_heigth": 3.0})


def test_exr(tmp_path: Path) -> None:
    import os

    os.environ.setdefault("OPENCV_IO_ENABLE_OPENEXR", "1")
    image = np.full((4, 8, 3), 3.5, np.float32)
    image[0] = (7, 1, 2)
    assert cv2.imwrite(str(tmp_path / "e.exr"), image[:, :, ::-1])
    np.testing.assert_allclose(_hdri(tmp_path / "e.exr"), image, rtol=1e-3)
