"""A camera in one function: a clean picture becomes one that a sensor might have taken."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.imaging import optics, processing, raw
from simgen.records.colour import SRGB_TO_LINEAR, linear_to_srgb

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Sensor:
    """One camera at one moment; the defaults change nothing.

    Args:
        metering: how far automatic exposure goes towards `grey`, in [0, 1].
        grey: mean linear luminance that it aims at.
        exposure_ev: stops on top.
        vignetting: part of the light that is lost in the corners.
        lateral_colour_px: red against green in the corners, pixels.
        defocus_px: standard deviation of the blur, pixels.
        motion_px: length of the smear, pixels.
        motion_deg: its direction.
        photons: electrons at white; 0 is no photon noise.
        read_noise: standard deviation as part of white.
        bayer: whether each pixel sees one colour.
        auto_white: how far automatic white balance goes, in [0, 1].
        red_gain, blue_gain: tint on top.
        contrast, saturation: factors.
        sharpen: amount of the unsharp mask.
        sharpen_px: its radius, pixels.
        jpeg_quality: 1 to 100; 0 is no JPEG.
    """

    metering: float = 0.0
    grey: float = 0.2
    exposure_ev: float = 0.0
    vignetting: float = 0.0
    lateral_colour_px: float = 0.0
    defocus_px: float = 0.0
    motion_px: float = 0.0
    motion_deg: float = 0.0
    photons: float = 0.0
    read_noise: float = 0.0
    bayer: bool = False
    auto_white: float = 0.0
    red_gain: float = 1.0
    blue_gain: float = 1.0
    contrast: float = 1.0
    saturation: float = 1.0
    sharpen: float = 0.0
    sharpen_px: float = 1.0
    jpeg_quality: int = 0


def expose(rgb: NDArray[np.uint8], sensor: Sensor, rng: np.random.Generator) -> NDArray[np.uint8]:
    """The picture as this camera takes it; every pixel stays where it is.

    The order is that of light: scene, lens, sensor, processor, file. Noise comes before the
    gains of white balance, so that a strong tint is a noisy one, as in cameras.

    Args:
        rgb: uint8[H, W, 3] sRGB.
        sensor: the camera.
        rng: of its noise.
    """
    if sensor == Sensor():
        return rgb
    light = _through_lens(SRGB_TO_LINEAR[rgb], sensor)
    light = raw.noisy(light, sensor.photons, sensor.read_noise, rng)
    if sensor.bayer:
        light = raw.demosaic(raw.mosaic(light))
    display = linear_to_srgb(_white_balanced(light, sensor))
    display = processing.toned(display, sensor.contrast, sensor.saturation)
    display = processing.sharpened(display, sensor.sharpen, sensor.sharpen_px)
    out = np.round(np.clip(display, 0, 1) * 255).astype(np.uint8)
    return processing.compressed(out, sensor.jpeg_quality) if sensor.jpeg_quality else out


def _through_lens(light: Floats, sensor: Sensor) -> Floats:
    light = processing.metered(light, sensor.grey, sensor.metering)
    light = light * np.float32(2.0**sensor.exposure_ev)
    light = optics.vignetting(light, sensor.vignetting)
    light = optics.lateral_colour(light, sensor.lateral_colour_px)
    light = optics.defocus(light, sensor.defocus_px)
    return optics.motion(light, sensor.motion_px, sensor.motion_deg)


def _white_balanced(light: Floats, sensor: Sensor) -> Floats:
    light = processing.balanced(light, sensor.auto_white)
    gains = np.array([sensor.red_gain, 1, sensor.blue_gain], np.float32)
    return light * gains
