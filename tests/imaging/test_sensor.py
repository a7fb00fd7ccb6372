"""The sensor chain: each stage does what its number says, all together stay in place."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from simgen.imaging import optics, processing, raw
from simgen.imaging.draws import generator, standard_normal
from simgen.imaging.sensor import Sensor, expose
from simgen.sampling.streams import KeyedStream

from .pictures import checks, rng

WHITE = np.ones((40, 60, 3), np.float32)


def test_defaults_change_nothing():
    picture = checks()
    assert expose(picture, Sensor(), rng()) is picture


def test_the_chain_repeats_with_its_seed_and_only_then():
    sensor = Sensor(photons=2000, read_noise=0.01, bayer=True, sharpen=0.5, jpeg_quality=90)
    a, b, c = (expose(checks(), sensor, rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(a, b)
    assert not np.array_equal(a, c)
    assert a.dtype == np.uint8
    assert a.shape == checks().shape


def test_nothing_moves():
    """Lens, noise, mosaic and processor together keep every edge where it was."""
    sensor = Sensor(
        metering=0.5, exposure_ev=-0.2, vignetting=0.3, lateral_colour_px=0.5, defocus_px=0.8,
        motion_px=2, motion_deg=30, photons=5000, read_noise=0.002, bayer=True, auto_white=0.5,
        contrast=1.1, saturation=1.1, sharpen=0.5, jpeg_quality=90,
    )  # fmt: skip
    picture = checks()
    out = expose(picture, sensor, rng())
    a, b = (one[..., 1].astype(np.float64) - one[..., 1].mean() for one in (picture, out))
    spectrum = np.fft.fft2(a) * np.conj(np.fft.fft2(b))
    shift = np.fft.ifft2(spectrum / np.maximum(np.abs(spectrum), 1e-9)).real
    assert np.unravel_index(shift.argmax(), shift.shape) == (0, 0)


def test_one_stop_doubles_the_light():
    grey = np.full((8, 8, 3), 100, np.uint8)
    brighter = expose(grey, Sensor(exposure_ev=1), rng())
    linear = ((100 / 255 + 0.055) / 1.055) ** 2.4 * 2
    assert abs(int(brighter[0, 0, 0]) - 255 * (1.055 * linear ** (1 / 2.4) - 0.055)) <= 0.5


def test_vignetting_is_its_loss_in_the_corners_and_none_in_the_centre():
    out = optics.vignetting(np.ones((401, 601, 3), np.float32), 0.4)
    assert out[200, 300, 0] == pytest.approx(1, abs=1e-3)
    assert out[0, 0, 0] == pytest.approx(0.6, abs=5e-3)


def test_lateral_colour_moves_red_out_and_blue_in():
    light = np.zeros((101, 101, 3), np.float32)
    light[50, 90] = 1
    out = optics.lateral_colour(light, 2.0)
    columns = np.arange(101)
    at = [float((out[50, :, c] * columns).sum() / out[50, :, c].sum()) for c in range(3)]
    expected = 2.0 * 40 / np.hypot(50.5, 50.5)
    assert at[0] - at[1] == pytest.approx(expected, abs=0.1)
    assert at[1] - at[2] == pytest.approx(expected, abs=0.1)


def _spread(light: NDArray[np.float32], axis: int) -> float:
    weights = light[..., 0].sum(axis=1 - axis)
    places = np.arange(len(weights)) - (len(weights) - 1) / 2
    return float(np.sqrt((weights * places**2).sum() / weights.sum()))


def test_blurs_are_as_wide_as_they_say_and_keep_the_light():
    point = np.zeros((61, 61, 3), np.float32)
    point[30, 30] = 1
    soft = optics.defocus(point, 2.0)
    assert _spread(soft, 0) == pytest.approx(2.0, abs=0.1)
    smeared = optics.motion(point, 12.0, 90.0)
    assert _spread(smeared, 0) == pytest.approx(12 / np.sqrt(12), abs=0.2)
    assert _spread(smeared, 1) < 0.5
    for out in (soft, smeared):
        assert out.sum() == pytest.approx(3, abs=1e-3)


def test_noise_has_the_variance_of_counted_electrons():
    light = np.full((200, 200, 3), 0.25, np.float32)
    out = raw.noisy(light, 1000, 0.01, rng())
    assert out.mean() == pytest.approx(0.25, abs=5e-4)
    assert out.var() == pytest.approx(0.25 / 1000 + 0.01**2, rel=0.03)


def test_demosaic_gives_back_a_flat_colour_and_the_colours_in_order():
    light = np.empty((21, 31, 3), np.float32)  # odd sizes are padded inside
    light[:] = (0.8, 0.4, 0.1)
    out = raw.demosaic(raw.mosaic(light))
    assert out.shape == light.shape
    assert np.abs(out - light).max() < 1e-3


def test_metering_and_white_balance_go_the_way_they_say():
    light = WHITE * np.array([0.4, 0.2, 0.1], np.float32)
    full = processing.metered(light, 0.2, 1.0)
    assert float((full @ processing.LUMA).mean()) == pytest.approx(0.2, rel=1e-3)
    neutral = processing.balanced(light, 1.0)
    assert np.ptp(neutral[0, 0]) == pytest.approx(0, abs=1e-6)


def test_tone_keeps_black_white_and_grey():
    ramp = np.repeat(np.linspace(0, 1, 11, dtype=np.float32)[None, :, None], 3, axis=2)
    for contrast in (0.8, 1.25):
        out = processing.toned(ramp, contrast, 1.0)[0, :, 0]
        assert out[[0, 5, 10]] == pytest.approx([0, 0.5, 1], abs=1e-6)
        assert (np.diff(out) > 0).all()
        assert (out[6] - out[4]) / 0.2 == pytest.approx(contrast, abs=0.02)
    assert np.ptp(processing.toned(WHITE * [0.2, 0.5, 0.7], 1.0, 0.0)[0, 0]) < 1e-6


def test_sharpening_steepens_edges():
    step = np.zeros((16, 16, 3), np.float32) + 0.3
    step[:, 8:] = 0.7
    out = processing.sharpened(step, 1.0, 1.0)
    assert out[8, 8, 0] > 0.75
    assert out[8, 7, 0] < 0.25


def test_jpeg_is_coarser_at_lower_quality():
    picture = checks()
    errors = [
        float(np.abs(processing.compressed(picture, q).astype(int) - picture).mean())
        for q in (95, 30)
    ]
    assert errors[0] < errors[1]


def test_arrays_of_a_stream_are_keyed():
    one, two = (generator(KeyedStream(0, "frame", n, "refine")) for n in (1, 2))
    a, b = standard_normal((20_000,), one), standard_normal((20_000,), two)
    assert not np.array_equal(a, b)
    assert np.isfinite(a).all()
    assert a.mean() == pytest.approx(0, abs=0.03)
    assert a.std() == pytest.approx(1, abs=0.02)


def test_sensor_is_a_value():
    assert replace(Sensor(), photons=3.0) != Sensor()


def test_normal_numbers_are_finite_at_both_ends() -> None:
    class Ends:
        def random(self, shape: tuple[int, ...], dtype: type) -> np.ndarray:
            return np.array([0.0, 0.5, 1 - 2.0**-24], dtype)

    low, middle, high = standard_normal((3,), Ends())
    assert -6 < low < -5
    assert abs(middle) < 1e-6
    assert 5 < high < 6
