"""`geometry`: mirror, turn, scale, shift, shear and perspective of the whole picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from simgen.augment.canvas import Canvas
from simgen.augment.region import Matrix, Region, moved
from simgen.plugin import Augmenter, Integer, Number, Params, Positive, Sampled, Stream, Unit
from simgen.records.sample import Sample
from simgen.spec.distributions import drawn_from

Share = Annotated[Number, Field(ge=-1, le=1)]


class GeometryParams(Params):
    """Parts of one projective map about the picture's middle, drawn for every picture."""

    mirror: Unit = Field(0.5, description="chance that left and right are exchanged")
    upside_down: Unit = Field(0.0, description="chance that top and bottom are exchanged")
    angle_deg: Sampled[Number] = Field(drawn_from("uniform", -10.0, 10.0), description="turn, deg")
    scale: Sampled[Positive] = Field(
        drawn_from("loguniform", 0.8, 1.25), description="factor", json_schema_extra={"unit": "1"}
    )
    stretch: Sampled[Positive] = Field(
        drawn_from("loguniform", 0.95, 1.05),
        description="width over height",
        json_schema_extra={"unit": "1"},
    )
    shift: tuple[Sampled[Share], Sampled[Share]] = Field(
        (drawn_from("uniform", -0.08, 0.08), drawn_from("uniform", -0.08, 0.08)),
        description="right and down, as shares of width and height",
    )
    shear_deg: Sampled[Annotated[Number, Field(ge=-60, le=60)]] = Field(0.0, description="deg")
    perspective: Sampled[Annotated[Number, Field(ge=0, le=0.4)]] = Field(
        0.0, description="how far corners move, as a share of the picture's sides"
    )
    border: Literal["black", "mean"] = Field(
        "mean",
        description="colour of what is outside; nothing is mirrored in, it would lack labels",
    )
    min_visibility: Unit = Field(
        0.3, description="labels of which the border leaves a smaller share are dropped"
    )
    min_pixels: Annotated[Integer, Field(ge=1)] = Field(16, description="as `min_visibility`")


class Geometry(Augmenter):
    """Mirror, turn, scale, shift, shear, perspective in one map; all labels move along.

    Pixels are sampled once, whatever the number of changes (OpenCV). The result has no camera.
    """

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = GeometryParams

    def needs(self, params: GeometryParams) -> int:
        """One picture."""
        return 1

    def augment(self, samples: Sequence[Sample], params: GeometryParams, rng: Stream) -> Sample:
        """The sample through the map."""
        (sample,) = samples
        matrix = _matrix(params, sample.size, rng)
        canvas = Canvas(sample)
        if not np.allclose(matrix, np.eye(3), atol=1e-12):
            mean = canvas.rgb.reshape(-1, 3).mean(axis=0)
            whole = Region(0, 0, np.ones(canvas.rgb.shape[:2], bool))
            seen = whole.warped(matrix, canvas.rect).mask(canvas.size)
            canvas.warp(matrix, canvas.size)
            if params.border == "mean":
                canvas.rgb[~seen] = np.round(mean).astype(np.uint8)
        return canvas.finished(
            {"name": "geometry", "matrix": [[round(float(v), 6) for v in r] for r in matrix]},
            min_visibility=params.min_visibility,
            min_pixels=params.min_pixels,
        )


def _matrix(params: GeometryParams, size: tuple[int, int], rng: Stream) -> Matrix:
    """float64[3, 3] of continuous pixel coordinates."""
    drawn = rng.draw(params)
    width, height = size
    angle, shear = math.radians(float(drawn.angle_deg)), math.tan(math.radians(drawn.shear_deg))
    scale, stretch = float(drawn.scale), float(drawn.stretch) ** 0.5
    c, s = math.cos(angle), math.sin(angle)
    turn = np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]])
    lean = np.array([[1.0, shear, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    mirror = np.diag(
        [
            -1.0 if rng.child("mirror").random() < params.mirror else 1.0,
            -1.0 if rng.child("upside_down").random() < params.upside_down else 1.0,
            1.0,
        ]
    )
    grow = np.diag([scale * stretch, scale / stretch, 1.0])
    x, y = float(drawn.shift[0]) * width, float(drawn.shift[1]) * height
    middle = (width / 2, height / 2)
    out = moved(middle[0] + x, middle[1] + y) @ turn @ lean @ grow @ mirror
    out = np.asarray(out @ moved(-middle[0], -middle[1]), np.float64)
    amount = float(drawn.perspective)
    if amount <= 0:
        return out
    return np.asarray(_tilted(size, amount, rng.child("corners")) @ out, np.float64)


def _tilted(size: tuple[int, int], amount: float, rng: Stream) -> Matrix:
    """The projective map that moves the corners inwards, each by its own draw."""
    import cv2

    width, height = size
    ends = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    inward = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]], np.float32)
    steps = np.array([[rng.random() * width, rng.random() * height] for _ in range(4)], np.float32)
    return np.asarray(cv2.getPerspectiveTransform(ends, ends + inward * steps * amount), np.float64)
