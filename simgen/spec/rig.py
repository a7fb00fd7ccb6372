"""Settings of rigs: cameras fixed to each other, as in `camera: {rig: {baseline_m: 0.065}}`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from simgen.spec.distributions import Sampled
from simgen.spec.fields import Number, Params, Positive, Vector
from simgen.spec.lenses import Distortion, FisheyeSetting, Lens

MAX_CAMERAS = 64
CameraName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_-]{0,63}$")]
LENS_FIELDS = ("fov_deg", "lens", "distortion", "fisheye")


class RigCamera(Params):
    """One camera of a rig: its place, and a lens of its own if it has one."""

    position_m: Vector = Field(
        (0.0, 0.0, 0.0), description="in the rig's frame: x right, y down, z forward"
    )
    turn_deg: Vector = Field(
        (0.0, 0.0, 0.0), description="turned about its own x, then y, then z axis"
    )
    fov_deg: Sampled[Annotated[Number, Field(gt=1, lt=170)]] = Field(
        55.0, description="horizontal field of view; default: the lens of `camera`"
    )
    lens: Lens | None = Field(None, description="K in pixels; default: the lens of `camera`")
    distortion: Distortion = Field(Distortion(), description="default: the lens of `camera`")
    fisheye: FisheyeSetting | None = Field(None, description="default: the lens of `camera`")

    @property
    def own_lens(self) -> bool:
        """Whether it has a lens of its own."""
        return bool(self.model_fields_set.intersection(LENS_FIELDS))


class RigSetting(Params):
    """Cameras that are fixed to each other; what `camera` says places the rig."""

    name: CameraName = Field("rig", description="as records and COCO name it")
    baseline_m: Sampled[Positive] | None = Field(
        None,
        description="a stereo pair: `left` where `camera` is, `right` so far along its x axis, m",
    )
    cameras: Annotated[dict[CameraName, RigCamera], Field(max_length=MAX_CAMERAS)] = Field(
        default_factory=dict,
        description="cameras by name; the frames of a pose are in this order",
    )

    @model_validator(mode="after")
    def _one_form(self) -> RigSetting:
        if (self.baseline_m is None) == (not self.cameras):
            raise ValueError("expected `baseline_m` (a stereo pair) or `cameras`")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the cameras in the order of their frames."""
        return tuple(self.cameras) or ("left", "right")
