"""Annotator `oriented_box`: the smallest rectangle of any direction about each mask."""

from __future__ import annotations

from simgen.annotate.oriented import oriented_box
from simgen.plugin.protocols import Library, Stream
from simgen.records.masks import decode
from simgen.records.sample import Extras, Sample
from simgen.spec.fields import Params


class OrientedBoxParams(Params):
    """Nothing to set."""


class OrientedBox:
    """Oriented 2D boxes: four corners of the smallest rectangle that holds the modal mask.

    Column `obb_px`: x, y of four corners in pixels, clockwise in the picture; corners may lie
    outside it. null where a label has no mask.
    """

    api = 1
    Params = OrientedBoxParams

    def annotate(
        self, sample: Sample, library: Library, params: OrientedBoxParams, rng: Stream
    ) -> Extras:
        """See `plugin.Annotator`."""
        masks = sample.annotations.mask
        return Extras(
            {"obb_px": [None if m is None else oriented_box(decode(m)).tolist() for m in masks]}
        )
