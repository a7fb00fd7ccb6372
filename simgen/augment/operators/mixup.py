"""`mixup`: two pictures shine through each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from simgen.augment.canvas import Canvas
from simgen.augment.operators.mosaic import filling
from simgen.augment.region import Region
from simgen.plugin import Augmenter, Integer, Params, Sampled, Stream, Unit
from simgen.records.sample import Sample
from simgen.spec.distributions import drawn_from


class MixUpParams(Params):
    """How the two are weighted, and what labels survive."""

    weight: Sampled[Unit] = Field(
        drawn_from("uniform", 0.35, 0.65),
        description="of the first picture; that of the second is the rest",
    )
    faintest: Unit = Field(0.15, description="labels of a picture with less weight are left out")
    min_visibility: Unit = Field(
        0.3, description="labels of which a smaller share is left are dropped"
    )
    min_pixels: Annotated[Integer, Field(ge=1)] = Field(16, description="as `min_visibility`")


class MixUp(Augmenter):
    """Two pictures averaged, with the labels of both (Zhang et al. 2018; captions as MixGen).

    A pixel belongs to the picture with more weight where that one has an object, else to the
    other's object: every pixel has one owner, though both are to be seen.
    """

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = MixUpParams

    def needs(self, params: MixUpParams) -> int:
        """Two pictures."""
        return 2

    def augment(self, samples: Sequence[Sample], params: MixUpParams, rng: Stream) -> Sample:
        """The two samples in one."""
        first, second = samples
        weight = float(rng.draw(params).weight)
        canvas, other = Canvas(first), Canvas(second)
        other.warp(filling(second.size, first.size, rng.child("fit")), first.size)
        mixed = weight * canvas.rgb.astype(np.float32) + (1 - weight) * other.rgb
        if weight < 1:
            for one, share in ((canvas, weight), (other, 1 - weight)):
                if share < params.faintest:
                    _forget(one)
            canvas.join(other, _shared(canvas, other, weight >= 0.5))
            canvas.rgb = np.asarray(np.round(mixed), np.uint8)
            if canvas.depth_m is not None and weight < 0.5 and other.depth_m is not None:
                canvas.depth_m = other.depth_m
            canvas.moved = True  # two cameras saw it
        return canvas.finished(
            {"name": "mixup", "frame": second.frame, "weight": weight},
            min_visibility=params.min_visibility,
            min_pixels=params.min_pixels,
            others=[second] if weight < 1 else (),
        )


def _forget(canvas: Canvas) -> None:
    """All that is to be seen of a picture counts as background."""
    canvas.rows, canvas.unlabelled = [], []
    if canvas.instances is not None:
        canvas.instances[:] = 0


def _shared(canvas: Canvas, other: Canvas, first_wins: bool) -> Region:
    """Take pixels that both own from the weaker; the region that the other's objects own then."""
    ours, theirs = _owned(canvas), _owned(other)
    winner, loser = (ours, other) if first_wins else (theirs, canvas)
    taken = Region.of_mask(winner)
    for row in loser.rows:
        if not row.boxed:
            row.lose(taken)
    if loser.instances is not None:
        loser.instances[winner] = 0
    return Region.of_mask(theirs & ~ours if first_wins else theirs)


def _owned(canvas: Canvas) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Pixels of anything but background, bool[H, W]."""
    out = np.zeros(canvas.rgb.shape[:2], bool)
    if canvas.instances is not None:
        out |= canvas.instances > 0
    for row in canvas.rows:
        if not row.boxed:
            out[row.modal.at()] |= row.modal.patch
    return out
