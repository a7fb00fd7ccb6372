"""`sensor`: a camera between the scene and the file."""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from simgen.imaging.draws import generator
from simgen.imaging.sensor import Sensor as Camera
from simgen.imaging.sensor import expose
from simgen.imaging.sensor_settings import SensorParams, drawn_camera
from simgen.plugin import Params, Refiner, Stream
from simgen.records.sample import Sample
from simgen.refine.workplace import OneByOne, Workplace

_NEUTRAL = Camera()
# Retries at lower strength draw the same camera and go less far from the neutral one.
_CONTINUOUS = tuple(f.name for f in fields(Camera) if f.name not in ("bayer", "jpeg_quality"))
_RELATIVE = ("grey", "sharpen_px", "motion_deg")  # say where to, not how far


class Sensor(Refiner):
    """A camera: exposure, lens, noise, mosaic, processing, JPEG; fitted by `simgen refine fit`."""

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = SensorParams

    def open(self, params: SensorParams, data: Workplace) -> OneByOne:
        """Ready to take pictures."""

        def take(
            sample: Sample, rng: Stream, strength: float
        ) -> tuple[NDArray[np.uint8], dict[str, Any]]:
            camera = weakened(drawn_camera(params, rng), strength)
            rgb = expose(sample.rgb, camera, generator(rng.child("noise")))
            changed = {k: v for k, v in asdict(camera).items() if v != getattr(_NEUTRAL, k)}
            return rgb, {k: round(v, 6) if isinstance(v, float) else v for k, v in changed.items()}

        return OneByOne("sensor", take)


def weakened(camera: Camera, strength: float) -> Camera:
    """The camera between the neutral one (0) and itself (1)."""
    if strength >= 1:
        return camera
    changes: dict[str, Any] = {}
    for name in _CONTINUOUS:
        if name in _RELATIVE:
            continue
        value, neutral = getattr(camera, name), getattr(_NEUTRAL, name)
        changes[name] = neutral + (value - neutral) * strength
    if camera.photons:  # more electrons are less noise: its variance goes down with strength^2
        changes["photons"] = camera.photons / strength**2
    if camera.jpeg_quality:
        changes["jpeg_quality"] = round(100 - (100 - camera.jpeg_quality) * strength)
    return replace(camera, **changes)
