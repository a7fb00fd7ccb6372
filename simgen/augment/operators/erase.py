"""`erase`: patches that hide what is behind them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from simgen.augment.canvas import Canvas
from simgen.augment.region import Region
from simgen.imaging.draws import generator
from simgen.plugin import Augmenter, Integer, Params, Sampled, Stream, Unit
from simgen.records.sample import Sample
from simgen.spec.distributions import drawn_from


class EraseParams(Params):
    """How many patches, how large, what they look like; drawn for each."""

    count: Sampled[Annotated[Integer, Field(ge=0, le=100)]] = Field(
        drawn_from("randint", 1, 4), description="patches"
    )
    size: Sampled[Unit] = Field(
        drawn_from("uniform", 0.05, 0.25),
        description="of a patch, as a share of the picture's shorter side",
    )
    stretch: Sampled[Annotated[float, Field(gt=0.05, le=20)]] = Field(
        drawn_from("loguniform", 0.4, 2.5), description="width over height"
    )
    shape: Sampled[Literal["box", "ellipse", "bar"]] = Field(
        drawn_from("choice", "box", "ellipse", "bar"),
        description="a bar reaches through the whole picture",
    )
    fill: Sampled[Literal["noise", "mean", "colour", "patch"]] = Field(
        drawn_from("choice", "noise", "mean", "colour"),
        description="random pixels, the picture's mean, one random colour, or another part of it, "
        "which may show an object that has no label there",
    )
    on_objects: Unit = Field(0.5, description="chance that a patch is centred on a labelled object")
    boxes_as_masks: bool = Field(
        False, description="let boxes of labels without masks stand for masks"
    )
    min_visibility: Unit = Field(
        0.2, description="labels of which a smaller share is left are dropped"
    )
    min_pixels: Annotated[Integer, Field(ge=1)] = Field(16, description="as `min_visibility`")


class Erase(Augmenter):
    """Random occluders (random erasing, Zhong et al. 2020; cutout, DeVries 2017); labels shrink.

    Their depth is that of no surface.
    """

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = EraseParams

    def needs(self, params: EraseParams) -> int:
        """One picture."""
        return 1

    def augment(self, samples: Sequence[Sample], params: EraseParams, rng: Stream) -> Sample:
        """The sample with patches.

        Raises:
            DataError: a label without mask would lose pixels.
        """
        canvas = Canvas(samples[0], params.boxes_as_masks)
        shapes = []
        for number in range(int(rng.child("count").draw(params.count))):
            own = rng.child(f"patch{number}")
            drawn = own.draw(params)
            region = _region(canvas, drawn, own)
            if not region.patch.size:
                continue
            canvas.rgb[region.at()][region.patch] = _fill(canvas, region, drawn.fill, own)
            if canvas.depth_m is not None:
                canvas.depth_m[region.at()][region.patch] = 0
            canvas.cover(region)
            shapes.append(drawn.shape)
        return canvas.finished(
            {"name": "erase", "shapes": shapes},
            min_visibility=params.min_visibility,
            min_pixels=params.min_pixels,
        )


def _region(canvas: Canvas, drawn: Any, rng: Stream) -> Region:
    """Pixels of a patch, inside the picture."""
    width, height = canvas.size
    side = float(drawn.size) * min(width, height)
    wide, tall = side * float(drawn.stretch) ** 0.5, side / float(drawn.stretch) ** 0.5
    at = (rng.child("x").uniform(0, width), rng.child("y").uniform(0, height))
    if canvas.rows and rng.child("on").random() < drawn.on_objects:
        x, y, w, h = rng.child("which").choice(canvas.rows).values["box_xywh_px"]
        at = (x + w * rng.child("u").random(), y + h * rng.child("v").random())
    if drawn.shape == "bar":
        wide, tall = (2 * width, 0.4 * tall) if drawn.stretch > 1 else (0.4 * wide, 2 * height)
    left, top = round(at[0] - wide / 2), round(at[1] - tall / 2)
    shape = (max(1, round(tall)), max(1, round(wide)))
    if float(drawn.size) <= 0:
        return Region(0, 0, np.zeros((0, 0), bool))
    patch = np.ones(shape, bool)
    if drawn.shape == "ellipse":
        v, u = np.mgrid[: shape[0], : shape[1]]
        patch = ((u + 0.5) * 2 / shape[1] - 1) ** 2 + ((v + 0.5) * 2 / shape[0] - 1) ** 2 <= 1
    return Region(left, top, patch).inside(canvas.rect)


def _fill(canvas: Canvas, region: Region, fill: str, rng: Stream) -> NDArray[np.uint8]:
    """uint8[N, 3] for the pixels of a patch."""
    height, width = region.patch.shape
    own = generator(rng.child("fill"))
    if fill == "noise":
        return np.asarray(own.random((region.area, 3)) * 256, np.uint8)
    if fill == "mean":
        mean = canvas.rgb.reshape(-1, 3).mean(axis=0)
        return np.broadcast_to(np.round(mean).astype(np.uint8), (region.area, 3))
    if fill == "colour":
        colour = np.asarray(own.random(3) * 256, np.uint8)
        return np.broadcast_to(colour, (region.area, 3))
    x = rng.child("from_x").integer(0, canvas.size[0] - width)
    y = rng.child("from_y").integer(0, canvas.size[1] - height)
    # Turned upside down: what is to be seen there is no second object of its kind with a label.
    part = canvas.rgb[y : y + height, x : x + width][::-1, ::-1]
    return np.asarray(part[region.patch])
