"""`elastic`: the picture as if drawn on rubber; masks and points move along."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from simgen.augment.canvas import Canvas
from simgen.augment.region import Rect, Region, overlap
from simgen.imaging.draws import generator, standard_normal
from simgen.plugin import Augmenter, Integer, NonNegative, Params, Positive, Sampled, Stream, Unit
from simgen.records.sample import Sample
from simgen.spec.distributions import drawn_from

Field2 = NDArray[np.float32]  # [H, W, 2], pixels


class ElasticParams(Params):
    """How far and how smoothly pixels move."""

    amount_px: Sampled[NonNegative] = Field(
        drawn_from("uniform", 2.0, 8.0),
        description="standard deviation of the shift, pixels; at most a third of `smooth_px`",
    )
    smooth_px: Sampled[Positive] = Field(40.0, description="over which distance it changes, pixels")
    min_visibility: Unit = Field(
        0.3, description="labels of which the border leaves a smaller share are dropped"
    )
    min_pixels: Annotated[Integer, Field(ge=1)] = Field(16, description="as `min_visibility`")


class Elastic(Augmenter):
    """A smooth random displacement field (Simard et al. 2003) that never folds; borders stay."""

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = ElasticParams

    def needs(self, params: ElasticParams) -> int:
        """One picture."""
        return 1

    def augment(self, samples: Sequence[Sample], params: ElasticParams, rng: Stream) -> Sample:
        """The sample, deformed."""
        (sample,) = samples
        drawn = rng.draw(params)
        smooth = float(drawn.smooth_px)
        amount = min(float(drawn.amount_px), smooth / 3)  # beyond that the field could fold
        canvas = Canvas(sample)
        if amount > 0:
            field = _field(canvas.size, amount, smooth, rng.child("field"))
            _deform(canvas, field)
        return canvas.finished(
            {"name": "elastic", "amount_px": round(amount, 4)},
            min_visibility=params.min_visibility,
            min_pixels=params.min_pixels,
        )


def _field(size: tuple[int, int], amount: float, smooth: float, rng: Stream) -> Field2:
    """Where each pixel of the result comes from, less where it is; float32[H, W, 2]."""
    import cv2

    width, height = size
    noise = standard_normal((height, width, 2), generator(rng))
    soft = cv2.GaussianBlur(noise, (0, 0), smooth, borderType=cv2.BORDER_REFLECT)
    soft *= amount / max(float(soft.std()), 1e-9)
    # The border stays where it is: what would come from outside has neither pixels nor labels.
    x, y = (np.minimum(np.arange(n), np.arange(n)[::-1]) for n in (width, height))
    still = np.minimum(np.minimum.outer(y, x) / smooth, 1.0)[..., None]
    return np.asarray(soft * still, np.float32)


def _deform(canvas: Canvas, field: Field2) -> None:
    import cv2

    height, width = field.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    source = np.stack([x, y], axis=-1) + field

    def pulled(pixels: NDArray[Any], how: int) -> NDArray[Any]:
        return np.asarray(cv2.remap(pixels, source, None, how), pixels.dtype)

    reach = int(np.ceil(np.abs(field).max())) + 2

    def regions(region: Region) -> Region:
        rx, ry, rw, rh = region.rect
        window: Rect = overlap(
            (rx - reach, ry - reach, rw + 2 * reach, rh + 2 * reach), canvas.rect
        )
        if not region.patch.size or not window[2] or not window[3]:
            return Region(0, 0, np.zeros((0, 0), bool))
        rows, columns = (
            slice(window[1], window[1] + window[3]),
            slice(window[0], window[0] + window[2]),
        )
        local = source[rows, columns] - np.array([rx, ry], np.float32)
        found = cv2.remap(region.patch.astype(np.uint8), local, None, cv2.INTER_NEAREST)
        return Region(window[0], window[1], found.astype(bool)).tight()

    def points(places: NDArray[np.float64]) -> NDArray[np.float64]:
        out = places.copy()
        for _ in range(12):  # inverse of a contraction by fixed-point iteration
            at = np.float32(out - 0.5).reshape(-1, 1, 2)
            shift = cv2.remap(field, at, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            out = places - shift.reshape(-1, 2)
        return out

    for row in canvas.rows:
        row.move(regions, points, 1.0, canvas.rect)
    canvas.rgb = pulled(canvas.rgb, cv2.INTER_LINEAR)
    if canvas.depth_m is not None:
        canvas.depth_m = pulled(canvas.depth_m, cv2.INTER_NEAREST)
    if canvas.instances is not None:
        ids = pulled(canvas.instances.astype(np.float32), cv2.INTER_NEAREST)
        canvas.instances = ids.astype(np.int32)
    canvas.moved = True
    canvas.align()
