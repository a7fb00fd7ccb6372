"""Settings of a training config, with bounds; defaults are those of `simgen.detect.job`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from simgen.detect import job
from simgen.learn.sections import MachineSection, ScheduleSection
from simgen.spec.fields import Integer, NonNegative, Params, Positive, Root, Unit
from simgen.spec.scene_file import PluginSection

_SOURCE = job.Source("", "")
_VIEW, _AUGMENT = job.View(), job.Augment()


class DetectorSection(PluginSection):
    """`detector:` which detector, and its settings."""

    kind: str = Field("compact", description="name of a detector, see `simgen plugins`")


class SourceSection(Params):
    """`data.NAME:` one labelled set of images."""

    path: Root = Field(description="simgen dataset folder, or COCO file")
    images: Root | None = Field(
        None, description="folder of the images; default: `images` beside the COCO file"
    )
    share: Positive = Field(
        _SOURCE.share, description="part of the samples, relative to the other sources"
    )
    mapping: dict[str, str | None] = Field(
        default_factory=dict,
        description="names of this set -> categories of the detector; null leaves objects out",
    )
    square_boxes: NonNegative = Field(
        _SOURCE.square_boxes,
        le=4,
        description="replace boxes by centred squares of so many longer sides, as some real "
        "sets are drawn; 0 leaves them as they are",
    )
    min_visibility: Unit = Field(
        _SOURCE.min_visibility, description="objects that show less are not learnt"
    )
    limit: Integer = Field(
        _SOURCE.limit, ge=0, description="at most so many images, chosen by the seed; 0 is all"
    )
    balance: Unit = Field(
        _SOURCE.balance,
        description="categories on a smaller part of the images than this are repeated (LVIS)",
    )
    zoom: Positive = Field(
        _SOURCE.zoom,
        le=16,
        description="magnification of this set, where its objects are larger or smaller than "
        "in the pictures that the detector is for",
    )


def _multiple(value: int) -> int:
    if value % 32:
        raise ValueError("expected a multiple of 32")
    return value


Side = Annotated[Integer, Field(ge=64, le=8192), AfterValidator(_multiple)]


class ViewSection(Params):
    """`view:` how pictures reach the network."""

    side: Side = Field(_VIEW.side, description="longer side of a whole image at inference, pixels")
    crop: Side = Field(_VIEW.crop, description="side of the training crops, pixels")
    scale: tuple[Positive, Positive] = Field(
        _VIEW.scale, description="smallest and largest magnification of crops against `side`"
    )
    stretch: NonNegative = Field(
        _VIEW.stretch, le=1, description="largest change of the aspect ratio, as part of it"
    )
    on_object: Unit = Field(
        _VIEW.on_object, description="part of the crops that are put around an object"
    )
    min_visible: Unit = Field(
        _VIEW.min_visible, description="part of a box inside a crop below which it is not learnt"
    )

    @model_validator(mode="after")
    def _ordered(self) -> Any:
        if self.scale[0] > self.scale[1]:
            raise ValueError("expected scale: [smallest, largest]")
        return self


class AugmentSection(Params):
    """`augment:` changes of training crops, drawn for each."""

    flip: bool = Field(_AUGMENT.flip, description="mirror half of them; not where text matters")
    quarter_turns: bool = Field(
        _AUGMENT.quarter_turns, description="turn by 0, 90, 180 or 270 degrees"
    )
    brightness: Unit = Field(_AUGMENT.brightness, description="largest change, as part")
    contrast: Unit = Field(_AUGMENT.contrast, description="largest change, as part")
    saturation: Unit = Field(_AUGMENT.saturation, description="largest change, as part")
    hue: NonNegative = Field(_AUGMENT.hue, le=0.5, description="largest change, in full turns")
    channel_shuffle: Unit = Field(
        _AUGMENT.channel_shuffle, description="how often red, green and blue change places"
    )
    grayscale: Unit = Field(_AUGMENT.grayscale, description="how often colours are taken away")
    blur: Unit = Field(_AUGMENT.blur, description="how often it is blurred")
    noise: Unit = Field(_AUGMENT.noise, description="how often Gaussian noise is added")
    jpeg: Unit = Field(_AUGMENT.jpeg, description="how often it is compressed as JPEG")


class TrainingFile(Params):
    """A training config."""

    train: Literal[1] = Field(description="format version")
    detector: DetectorSection = Field(default_factory=DetectorSection)
    data: dict[str, SourceSection] = Field(min_length=1, description="sources of images by name")
    categories: tuple[str, ...] = Field(
        (), description="names in the order of the labels; default: those of the first source"
    )
    view: ViewSection = Field(default_factory=ViewSection)
    augment: AugmentSection = Field(default_factory=AugmentSection)
    schedule: ScheduleSection
    machine: MachineSection = Field(default_factory=MachineSection)
    seed: Integer = Field(0, ge=0, lt=2**63, description="of everything that is drawn")
    init: Root | None = Field(
        None, description="detector folder or .safetensors to start from, for fine-tuning"
    )
    trust_pickle: bool = Field(
        False, description="load weights that are pickles; they can run any code"
    )
