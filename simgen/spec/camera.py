"""Settings of the camera: where it stands, what it looks at, its lens, exposure and blur."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from simgen.spec.distributions import Distribution, Sampled
from simgen.spec.fields import Integer, NonNegative, Number, Params, Positive, Unit
from simgen.spec.lenses import Distortion, FisheyeSetting, Lens
from simgen.spec.rig import RigSetting

_FULL_CIRCLE = Distribution("uniform", (0.0, 360.0), "{uniform: [0, 360]}")
_DEFAULT_DISTANCE = Distribution("uniform", (0.5, 0.9), "{uniform: [0.5, 0.9]}")
_DEFAULT_ELEVATION = Distribution("uniform", (25.0, 70.0), "{uniform: [25, 70]}")


def _default(value: Distribution) -> Any:
    # Typed as the drawn value, like every Sampled setting (see `Sampled`).
    return value


class ExposureSetting(Params):
    """How linear light becomes display values."""

    mode: Literal["auto", "manual"] = Field("auto", description="auto is metered per frame")
    ev: Sampled[Number] = Field(0.0, description="stops on top; +1 is twice as bright")
    white_balance_k: Sampled[Annotated[Number, Field(ge=1700, le=25000)]] | None = Field(
        None, description="temperature of light that looks neutral; default: as rendered (6504)"
    )


def _focus_form(value: Any) -> str:
    return "target" if isinstance(value, str) else "distance"


AnyFocus = Annotated[
    Annotated[Literal["target"], Tag("target")] | Annotated[Positive, Tag("distance")],
    Discriminator(_focus_form),
]


class DepthOfField(Params):
    """A lens with an aperture: what is nearer or farther than its focus is blurred."""

    f_number: Sampled[Positive] = Field(
        description="focal length over aperture, as on a lens: 2 blurs more than 8"
    )
    focus: Sampled[AnyFocus] = Field(
        "target", description="what is sharp: the point looked at, or a depth, m"
    )
    sensor_width_mm: Sampled[Positive] = Field(
        36.0,
        description="gives the focal length of the field of view; 36 is full frame, phones have 5"
        " to 10",
    )


class MotionBlur(Params):
    """A shutter that stays open while camera and objects move; labels are those at its middle."""

    shutter_s: Sampled[Positive] = Field(description="how long it is open, s")
    speed_m_s: Sampled[NonNegative] = Field(
        0.0, description="of the camera, in a random direction, m/s"
    )
    turn_deg_s: Sampled[NonNegative] = Field(
        0.0, description="turning of the camera about a random axis"
    )


class ViewSetting(Params):
    """What a view must show; others are drawn again, a bounded number of times, and counted.

    Looked at with rays against convex hulls before anything is rendered, so roughly.
    """

    objects: Annotated[Integer, Field(ge=0)] = Field(
        1, description="labelled objects that must be in sight, if the world has so many"
    )
    visible: Unit = Field(
        0.1,
        description="share of an object that must be in the picture, with nothing before it, "
        "to be in sight",
    )
    hidden: Unit = Field(
        1.0,
        description="largest share of any labelled object in the picture that may be hidden "
        "by other things; 1: any",
    )
    clear: Unit = Field(
        0.15,
        description="nearest fixed obstacle in the middle of the picture, as a share of the "
        "distance to the point looked at; 0: any",
    )


class CameraSetting(Params):
    """A camera on a sphere shell about what it looks at."""

    distance_m: Sampled[Positive] = Field(
        _default(_DEFAULT_DISTANCE), description="from the point looked at, m"
    )
    elevation_deg: Sampled[Annotated[Number, Field(ge=-90, le=90)]] = Field(
        _default(_DEFAULT_ELEVATION), description="above the horizon; 90 looks straight down"
    )
    azimuth_deg: Sampled[Number] = Field(_default(_FULL_CIRCLE), description="about world z")
    roll_deg: Sampled[Number] = Field(0.0, description="about the optical axis")
    look_at: Literal["objects", "centre"] = Field(
        "objects", description="a random object's centre, or the middle of the scene"
    )
    look_at_jitter_m: Sampled[NonNegative] = Field(
        0.0, description="radius of a ball about that point from which the target is drawn, m"
    )
    fov_deg: Sampled[Annotated[Number, Field(gt=1, lt=170)]] = Field(
        55.0, description="horizontal field of view of the undistorted lens"
    )
    lens: Lens | None = Field(None, description="K in pixels, instead of fov_deg")
    distortion: Distortion = Field(Distortion(), description="Brown-Conrady coefficients")
    fisheye: FisheyeSetting | None = Field(
        None, description="a fisheye lens instead of fov_deg and distortion"
    )
    rig: RigSetting | None = Field(
        None, description="several cameras fixed to each other instead of one"
    )
    view: ViewSetting = Field(ViewSetting(), description="what a view must show")
    exposure: ExposureSetting = Field(ExposureSetting(), description="automatic by default")
    depth_of_field: DepthOfField | None = Field(None, description="none: sharp everywhere")
    motion_blur: MotionBlur | None = Field(None, description="none: an instant")

    @model_validator(mode="after")
    def _one_lens(self) -> CameraSetting:
        if self.lens is not None and "fov_deg" in self.model_fields_set:
            raise ValueError("expected `fov_deg` or `lens`, not both")
        if self.fisheye is not None:
            unused = {"fov_deg", "distortion"} & self.model_fields_set
            if unused:
                names = " and ".join(sorted(f"`{name}`" for name in unused))
                raise ValueError(f"expected `fisheye` or {names}, not both")
            if self.lens is not None and "fov_deg" in self.fisheye.model_fields_set:
                raise ValueError("expected `fisheye.fov_deg` or `lens`, not both")
        return self
