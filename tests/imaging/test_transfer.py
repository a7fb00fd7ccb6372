"""Transfer between pictures: what is given arrives, what must stay stays."""

from __future__ import annotations

import numpy as np
import pytest

from simgen.imaging import transfer
from simgen.imaging.blending import composited, feathered

from .pictures import checks

OURS, THEIRS = checks(seed=1), checks(60, 80, seed=2) // 2 + 100


def test_histogram_gives_the_other_distribution():
    out = transfer.histogram(OURS, THEIRS)
    for channel in range(3):
        wanted = np.quantile(THEIRS[..., channel], [0.1, 0.5, 0.9])
        got = np.quantile(out[..., channel], [0.1, 0.5, 0.9])
        assert np.abs(got - wanted).max() <= 4


def test_reinhard_gives_mean_and_spread():
    import cv2

    out = transfer.reinhard(OURS, THEIRS)
    a, b = (
        cv2.cvtColor(p.astype(np.float32) / 255, cv2.COLOR_RGB2LAB).reshape(-1, 3)
        for p in (out, THEIRS)
    )
    assert np.abs(a.mean(axis=0) - b.mean(axis=0)).max() < 2
    assert a.std(axis=0) == pytest.approx(b.std(axis=0), rel=0.15)


def test_fourier_takes_low_amplitudes_and_keeps_the_rest():
    # Strong contrast leaves [0, 255], so a calm pair shows the spectrum itself.
    ours, theirs = OURS // 4 + 90, checks(seed=3) // 4 + 100
    out = transfer.fourier(ours, theirs, 0.05).astype(np.float64)
    spectra = [np.fft.fft2(p[..., 0].astype(np.float64)) for p in (out, ours, theirs)]
    low, high = np.s_[0:4, 0:4], np.s_[10:40, 10:50]
    assert np.abs(spectra[0][low]) == pytest.approx(np.abs(spectra[2][low]), rel=0.05, abs=200)
    assert np.angle(spectra[0][low] / spectra[1][low]) == pytest.approx(0, abs=0.1)
    assert np.abs(spectra[0][high] - spectra[1][high]).mean() < 100


def test_fourier_at_band_0_takes_the_mean_alone():
    out = transfer.fourier(OURS // 2 + 60, THEIRS, 0.0)
    assert out.mean(axis=(0, 1)) == pytest.approx(THEIRS.mean(axis=(0, 1)), abs=2)


@pytest.mark.parametrize("method", [transfer.histogram, transfer.reinhard])
def test_a_picture_given_to_itself_stays(method):
    assert np.abs(method(OURS, OURS).astype(int) - OURS).max() <= 2


def test_flat_pictures_do_not_explode():
    flat = np.full((20, 20, 3), 90, np.uint8)
    for out in (transfer.reinhard(flat, THEIRS), transfer.histogram(flat, THEIRS)):
        assert np.ptp(out.reshape(-1, 3), axis=0).max() == 0


def test_strength_mixes():
    other = checks(seed=9)
    half = transfer.mixed(OURS, other, 0.5)
    assert np.abs(half - (OURS.astype(int) + other) / 2).max() <= 1
    assert np.array_equal(transfer.mixed(OURS, half, 0.0), OURS)


def test_feathers_keep_the_mask_whole_and_fade_outside():
    mask = np.zeros((40, 40), bool)
    mask[15:25, 15:25] = True
    alpha = feathered(mask, 5)
    assert (alpha[mask] == 1).all()
    assert 0 < alpha[20, 12] < 1
    assert alpha[20, 5] == 0
    below, above = np.zeros((40, 40, 3), np.uint8), np.full((40, 40, 3), 200, np.uint8)
    out = composited(below, above, alpha)
    assert (out[mask] == 200).all()
    assert (out[alpha == 0] == 0).all()
    assert np.array_equal(feathered(mask, 0) > 0, mask)
