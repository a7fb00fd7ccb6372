"""Annotator `depth_sensor`: what a real depth camera would have measured, beside the truth."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from simgen.annotate.sensors import Sensor, stereo, structured_light
from simgen.errors import DataError, Fault
from simgen.plugin.protocols import Library, Stream
from simgen.records.sample import Extras, Sample
from simgen.spec.fields import NonNegative, Params, Positive


class DepthSensorParams(Params):
    """The camera. Defaults are those of the model's device."""

    model: Literal["stereo", "structured_light"] = Field(
        "stereo", description="how the camera measures"
    )
    baseline_m: Positive | None = Field(
        None, description="between the two eyes; default: 0.05 and 0.075 m"
    )
    disparity_noise_px: NonNegative | None = Field(
        None, description="standard deviation of the matching; default: 0.08 and 1/48 px"
    )
    disparity_step_px: Positive | None = Field(
        None, description="finest disparity that it tells; default: 1/32 and 1/8 px"
    )
    range_m: tuple[Positive, Positive] | None = Field(
        None, description="nearest and farthest depth; default: [0.2, 10] and [0.4, 4.5] m"
    )
    grazing_deg: float = Field(
        80, ge=0, le=90, description="surfaces seen at a flatter angle give no depth, from normal"
    )


class DepthSensor:
    """Depth of a stereo or structured-light camera, as output `sensor_depth`; depth stays clean.

    Both measure disparity d = f b / z, so that the error grows with z squared; pixels that the
    second eye cannot see (shadows left of near edges) have no depth, nor have flat angles and
    what is out of range.

    - `stereo`: noise that is alike in neighbouring pixels, because blocks are matched (Keselman et
      al. 2017, "Intel RealSense Stereoscopic Depth Cameras").
    - `structured_light`: pixels jump sideways and disparities are whole eighths (Handa et al.
      2014, "A Benchmark for RGB-D Visual Odometry", after Barron and Malik 2013; the steps are
      those that Khoshelham and Elberink 2012 measured).

    Needs the output `depth`; normals are used where the frame has them.
    """

    api = 1
    Params = DepthSensorParams
    outputs = frozenset({"sensor_depth"})

    def annotate(
        self, sample: Sample, library: Library, params: DepthSensorParams, rng: Stream
    ) -> Extras:
        """See `plugin.Annotator`."""
        if sample.depth_m is None or sample.camera is None:
            what = "there is no depth to measure"
            raise DataError(Fault(f"frame {sample.frame}", what, "add `depth` to `outputs`"))
        lens = sample.camera.intrinsics
        if lens.fisheye is not None:
            what = "a fisheye's depth is no planar z, from which disparities follow"
            raise DataError(Fault(f"frame {sample.frame}", what, "take depth_sensor out"))
        usual, measure = _MODELS[params.model]
        given = {
            name: value
            for name in ("baseline_m", "disparity_noise_px", "disparity_step_px", "range_m")
            if (value := getattr(params, name)) is not None
        }
        sensor = Sensor(
            **{**usual, **given, "focal_px": lens.fx, "grazing_deg": params.grazing_deg}
        )
        seed = np.random.SeedSequence([rng.integer(0, 2**32 - 1) for _ in range(4)])
        noise = np.random.Generator(np.random.PCG64(seed))
        found = measure(sample.depth_m, sample.normals, sensor, noise)
        return Extras(arrays={"sensor_depth": found})


_MODELS = {
    "stereo": (
        {"baseline_m": 0.05, "disparity_noise_px": 0.08, "disparity_step_px": 1 / 32,
         "range_m": (0.2, 10.0)},
        stereo,
    ),
    "structured_light": (
        {"baseline_m": 0.075, "disparity_noise_px": 1 / 48, "disparity_step_px": 1 / 8,
         "range_m": (0.4, 4.5)},
        structured_light,
    ),
}  # fmt: skip
