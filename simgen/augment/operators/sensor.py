"""`sensor`: what a camera adds, drawn for every picture; the chain that `refine` has, too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from simgen.imaging.draws import generator
from simgen.imaging.sensor import expose
from simgen.imaging.sensor_settings import SensorParams, drawn_camera
from simgen.plugin import Augmenter, Params, Stream
from simgen.records.provenance import Step
from simgen.records.sample import ARRAYS, Sample


class SensorNoise(Augmenter):
    """A camera: exposure, lens, noise, mosaic, processing, JPEG; labels stay where they are."""

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = SensorParams

    def needs(self, params: SensorParams) -> int:
        """One picture."""
        return 1

    def keeps(self, params: SensorParams) -> frozenset[str]:
        """Everything."""
        return frozenset(ARRAYS) | {"points", "passes"}

    def augment(self, samples: Sequence[Sample], params: SensorParams, rng: Stream) -> Sample:
        """The sample as the camera took it."""
        (sample,) = samples
        rgb = expose(sample.rgb, drawn_camera(params, rng), generator(rng.child("noise")))
        return sample.with_step(Step("augment", operators=({"name": "sensor"},)), rgb=rgb)
