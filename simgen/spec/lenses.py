"""Settings of lenses: distortion, fisheye, K given outright."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from simgen.spec.distributions import Sampled
from simgen.spec.fields import Number, Params, Positive


class Distortion(Params):
    """Brown-Conrady coefficients in OpenCV's convention (see `records.camera`)."""

    k1: Sampled[Number] = Field(0.0, description="radial, 2nd order")
    k2: Sampled[Number] = Field(0.0, description="radial, 4th order")
    p1: Sampled[Number] = Field(0.0, description="tangential")
    p2: Sampled[Number] = Field(0.0, description="tangential")
    k3: Sampled[Number] = Field(0.0, description="radial, 6th order")


class FisheyeSetting(Params):
    """A Kannala-Brandt lens, `cv2.fisheye` in OpenCV; depth is the distance along the ray."""

    fov_deg: Sampled[Annotated[Number, Field(gt=1, le=340)]] = Field(
        180.0, description="field of view across the picture's width, unless `lens` gives K"
    )
    k1: Sampled[Number] = Field(0.0, description="angle's 3rd power; all 0: equidistant")
    k2: Sampled[Number] = Field(0.0, description="angle's 5th power")
    k3: Sampled[Number] = Field(0.0, description="angle's 7th power")
    k4: Sampled[Number] = Field(0.0, description="angle's 9th power")
    circle_deg: Sampled[Annotated[Number, Field(gt=1, le=358)]] | None = Field(
        None,
        description="field of view of the whole lens; beyond it the picture is black; default: "
        "as far as the coefficients reach",
    )


class Lens(Params):
    """K given outright, in pixels for the size that is rendered, pixel centres at +0.5."""

    fx: Positive = Field(description="focal length, pixels")
    fy: Positive = Field(description="focal length, pixels")
    cx: Number = Field(description="principal point, pixels")
    cy: Number = Field(description="principal point, pixels")
