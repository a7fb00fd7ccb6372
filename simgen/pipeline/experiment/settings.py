"""Settings of an experiment file."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from simgen.spec.fields import Integer, Params, Root
from simgen.spec.scene_file import Key

REAL = "real"
Slice = Annotated[str, StringConstraints(min_length=1)]


class RealSection(Params):
    """`real:` labelled photographs."""

    train: Root | None = Field(None, description="COCO file to learn from; arms call it `real`")
    val: Root = Field(description="COCO file to judge on; never learnt from")
    images: Root | None = Field(
        None, description="folder of the images of both; default: `images` beside the file"
    )
    mapping: dict[str, str] = Field(
        default_factory=dict, description="categories of the synthetic sets -> real ones"
    )


class StageSection(Params):
    """`synthetic.NAME.stages.KEY:` what is done to the set that it is made of."""

    refine: str | None = Field(None, description="preset in configs/refine, or a file")
    augment: str | None = Field(None, description="preset in configs/augment, or a file")
    settings: dict[str, Any] = Field(
        default_factory=dict, description="laid over that config, in its own form"
    )

    @model_validator(mode="after")
    def _one_kind(self) -> StageSection:
        if (self.refine is None) == (self.augment is None):
            raise ValueError("expected exactly one of `refine` and `augment`")
        return self


class SyntheticSection(Params):
    """`synthetic.NAME:` a dataset that is rendered, is there already, or is made of another one.

    `like: OTHER` takes everything that is not said here from another one.
    """

    scene: Root | None = Field(None, description="scene file to render")
    path: Root | None = Field(None, description="dataset folder that is there already")
    of: str | None = Field(None, description="name of the set that `stages` make it of")
    stages: dict[Key, StageSection] = Field(
        default_factory=dict, description="what is done to that set, in this order"
    )
    frames: Integer = Field(400, ge=1, le=10_000_000, description="images to render")
    seed: Integer = Field(0, ge=0, lt=2**63, description="of the scene")
    renderer: str | None = Field(None, description="instead of the scene's")
    quality: str | None = Field(None, description="preset, instead of the scene's")
    settings: dict[str, Any] = Field(
        default_factory=dict, description="laid over the scene file, in its own form"
    )
    source: dict[str, Any] = Field(
        default_factory=dict,
        description="how detectors see it: settings of `data.NAME` in training configs",
    )

    @model_validator(mode="after")
    def _one_origin(self) -> SyntheticSection:
        if sum(origin is not None for origin in (self.scene, self.path, self.of)) != 1:
            raise ValueError("expected exactly one of `scene`, `path` and `of`")
        if (self.of is None) == bool(self.stages):
            raise ValueError(
                "expected `of` and `stages` together: which set, and what is done to it"
            )
        return self


class ArmSection(Params):
    """`arms.NAME:` what one detector learns from."""

    data: dict[str, dict[str, Any]] = Field(
        min_length=1,
        description="names of `synthetic`, or `real`, each with settings such as share and limit",
    )
    training: dict[str, Any] = Field(
        default_factory=dict, description="laid over the training config for this arm"
    )
    start_from: str | None = Field(
        None, description="arm whose detector of the same seed is trained further"
    )


def _distinct(value: tuple[int, ...]) -> tuple[int, ...]:
    if len(set(value)) != len(value):
        raise ValueError("expected different seeds")
    return value


class ExperimentFile(Params):
    """An experiment."""

    experiment: Literal[1] = Field(description="format version")
    title: str = Field("Experiment", description="headline of the report")
    real: RealSection
    synthetic: dict[Key, SyntheticSection] = Field(default_factory=dict)
    training: str = Field("compact", description="preset in configs/train, or a file")
    arms: dict[Key, ArmSection] = Field(min_length=1, description="what is compared")
    baseline: str | None = Field(
        None, description="arm that the others are compared with; default: none"
    )
    detectors: dict[Key, dict[str, Any]] = Field(
        default_factory=lambda: {"compact": {"kind": "compact"}},
        min_length=1,
        description="settings of `detector` in the training config, by a name of yours",
    )
    seeds: Annotated[
        tuple[Annotated[Integer, Field(ge=0, lt=2**63)], ...],
        Field(min_length=1),
        AfterValidator(_distinct),
    ] = (0,)
    slices: tuple[Slice, ...] = Field((), description="as `simgen evaluate --slice`")
