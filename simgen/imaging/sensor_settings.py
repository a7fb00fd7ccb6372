"""Settings of the sensor chain, shared by refiners and augmenters; a camera drawn from them."""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated

from pydantic import Field

from simgen.imaging.sensor import Sensor as Camera
from simgen.plugin import Integer, NonNegative, Number, Params, Positive, Sampled, Stream, Unit
from simgen.spec.distributions import drawn_from


class SensorParams(Params):
    """Settings; each is drawn anew for every picture. Defaults: a phone in decent light."""

    metering: Sampled[Unit] = Field(
        0.0, description="how far automatic exposure goes towards `grey`: 0 not, 1 all the way"
    )
    grey: Sampled[Annotated[Number, Field(gt=0, lt=1)]] = Field(
        0.2, description="mean linear luminance that automatic exposure aims at"
    )
    exposure_ev: Sampled[Annotated[Number, Field(ge=-8, le=8)]] = Field(
        drawn_from("truncated_normal", 0.0, 0.25, -1.0, 1.0), description="stops on top"
    )
    vignetting: Sampled[Unit] = Field(
        drawn_from("uniform", 0.0, 0.25),
        description="part of the light that is lost in the corners",
    )
    lateral_colour_px: Sampled[Annotated[Number, Field(ge=-8, le=8)]] = Field(
        drawn_from("truncated_normal", 0.0, 0.3, -1.0, 1.0),
        description="red outside green in the corners, pixels",
    )
    defocus_px: Sampled[Annotated[Number, Field(ge=0, le=16)]] = Field(
        drawn_from("uniform", 0.3, 0.9), description="standard deviation of the blur, pixels"
    )
    motion_px: Sampled[Annotated[Number, Field(ge=0, le=64)]] = Field(
        0.0, description="length of the smear of a shaking hand, pixels"
    )
    motion_deg: Sampled[Number] = Field(
        drawn_from("uniform", 0.0, 180.0), description="its direction against the rows"
    )
    photons: Sampled[NonNegative] = Field(
        drawn_from("loguniform", 1500.0, 12000.0),
        description="electrons at white: fewer are noisier; 0 is no photon noise",
        json_schema_extra={"unit": "electrons"},
    )
    read_noise: Sampled[Annotated[Number, Field(ge=0, le=0.5)]] = Field(
        drawn_from("loguniform", 0.0005, 0.004), description="standard deviation as part of white"
    )
    bayer: bool = Field(True, description="each pixel sees one colour; the others are guessed")
    auto_white: Sampled[Unit] = Field(
        0.0, description="how far automatic white balance goes towards grey: 0 not, 1 all the way"
    )
    red_gain: Sampled[Annotated[Number, Field(gt=0, le=4)]] = Field(
        drawn_from("truncated_normal", 1.0, 0.04, 0.85, 1.15), description="tint on top"
    )
    blue_gain: Sampled[Annotated[Number, Field(gt=0, le=4)]] = Field(
        drawn_from("truncated_normal", 1.0, 0.04, 0.85, 1.15), description="tint on top"
    )
    contrast: Sampled[Annotated[Number, Field(ge=0.2, le=3)]] = Field(
        1.0, description="slope of the tone curve at middle grey"
    )
    saturation: Sampled[Annotated[Number, Field(ge=0, le=3)]] = Field(1.0, description="factor")
    sharpen: Sampled[Annotated[Number, Field(ge=0, le=5)]] = Field(
        drawn_from("uniform", 0.1, 0.6), description="amount of the unsharp mask"
    )
    sharpen_px: Sampled[Positive] = Field(1.0, le=16, description="its radius, pixels")
    jpeg_quality: Sampled[Annotated[Integer, Field(ge=0, le=100)]] = Field(
        drawn_from("randint", 80, 95), description="as libjpeg counts; 0 is no JPEG"
    )


def drawn_camera(params: SensorParams, rng: Stream) -> Camera:
    """One camera out of the distributions."""
    drawn = rng.draw(params)
    return Camera(**{f.name: getattr(drawn, f.name) for f in fields(Camera)})
