"""`cutmix`: a rectangle of another picture in this one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from simgen.augment.canvas import Canvas
from simgen.augment.operators.mosaic import filling
from simgen.augment.region import Rect, Region
from simgen.plugin import Augmenter, Integer, Params, Sampled, Stream, Unit
from simgen.records.sample import Sample
from simgen.spec.distributions import drawn_from


class CutMixParams(Params):
    """How large the rectangle is, and what labels survive."""

    share: Sampled[Unit] = Field(
        drawn_from("uniform", 0.15, 0.5),
        description="of the picture's area that the rectangle takes",
    )
    boxes_as_masks: bool = Field(
        False, description="let boxes of labels without masks stand for masks"
    )
    min_visibility: Unit = Field(
        0.3, description="labels of which a smaller share is left are dropped"
    )
    min_pixels: Annotated[Integer, Field(ge=1)] = Field(16, description="as `min_visibility`")


class CutMix(Augmenter):
    """A rectangle of another picture, with its labels (Yun et al. 2019).

    What lies below loses its pixels, what is cut at the edge too; captions are joined.
    """

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = CutMixParams

    def needs(self, params: CutMixParams) -> int:
        """Two pictures."""
        return 2

    def augment(self, samples: Sequence[Sample], params: CutMixParams, rng: Stream) -> Sample:
        """The first sample with a rectangle of the second.

        Raises:
            DataError: a label without mask would lose pixels.
        """
        first, second = samples
        share = float(rng.draw(params).share)
        canvas = Canvas(first, params.boxes_as_masks)
        operator: dict[str, Any] = {"name": "cutmix", "frame": second.frame}
        x, y, width, height = _rect(canvas.size, share, rng.child("at"))
        if width and height:
            other = Canvas(second, params.boxes_as_masks)
            matrix = filling(second.size, canvas.size, rng.child("fit"))
            other.warp(matrix, canvas.size, (x, y, width, height))
            region = Region(x, y, np.ones((height, width), bool))
            canvas.cover(region)
            canvas.join(other, region)
            canvas.moved = True  # two cameras saw it
        return canvas.finished(
            operator | {"rect": [x, y, width, height]},
            min_visibility=params.min_visibility,
            min_pixels=params.min_pixels,
            others=[second] if width and height else (),
        )


def _rect(size: tuple[int, int], share: float, rng: Stream) -> Rect:
    """A rectangle of the picture's shape that takes a share of its area."""
    side = float(np.sqrt(share))
    width, height = round(size[0] * side), round(size[1] * side)
    x, y = rng.child("x").integer(0, size[0] - width), rng.child("y").integer(0, size[1] - height)
    return x, y, width, height
