"""SceneFile: the skeleton of a scene file. Plugins' own settings are extras at this point."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
)
from pydantic_core import PydanticCustomError

from simgen.spec.camera import CameraSetting
from simgen.spec.distributions import Distribution, Sampled, support
from simgen.spec.fields import Integer, Params, Positive, Root, Unit
from simgen.spec.material import AnyMaterial
from simgen.spec.quotas import Balance, CategoryName, Odds, Stress
from simgen.spec.splits import AssetSplit, Splits

MAX_OBJECTS = 1000
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_-]{0,63}$")]
OutputName = Literal["rgb", "depth", "instances", "normals", "points", "albedo", "passes"]
ENGINE_OUTPUTS = ("albedo", "passes")  # made by the engines that say so, see `Renderer.outputs`


def _some_text(value: str) -> str:
    if not value.strip():
        what = "expected the name of a category or a template such as '{name}', got ''"
        # As a value: braces in a message would be taken for its own placeholders.
        message = f"{what}; write null (~) for a distractor without a label"
        raise PydanticCustomError("template", "{message}", {"message": message})
    return value


Template = Annotated[str, AfterValidator(_some_text)]


def _bounded_count(value: Any) -> Any:
    if isinstance(value, Distribution) and support(value)[1] > MAX_OBJECTS:
        raise PydanticCustomError("count", "expected at most {n} objects", {"n": MAX_OBJECTS})
    return value


class PluginSection(BaseModel):
    """A section whose further settings belong to a plugin; the plugin room checks them."""

    model_config = ConfigDict(frozen=True, extra="allow", allow_inf_nan=False)

    def plugin_settings(self) -> dict[str, Any]:
        """What the plugin's own `Params` must accept."""
        return dict(self.model_extra or {})


class SceneSection(PluginSection):
    """`scene:` which scene type lays the world out, and its settings."""

    type: str = Field(description="name of a scene type, see `simgen plugins`")


class CategoryRule(Params):
    """How an object's category name comes about; `category: "{name}"` is the short form."""

    template: Template = Field("{name}", description="text with {name}, {key} or attributes")
    when: dict[str, str | list[str]] = Field(
        default_factory=dict, description="label only if these attributes or states hold"
    )
    map: dict[str | int, CategoryName | None] | None = Field(
        None, description="from the template's text to a category; absent or null: no label"
    )


def _category_form(value: Any) -> str:
    return "template" if isinstance(value, str) else "rule"


AnyCategory = Annotated[
    Annotated[Template, Tag("template")] | Annotated[CategoryRule, Tag("rule")],
    Discriminator(_category_form),
]


class ObjectSection(PluginSection):
    """`objects.KEY:` a collection of objects of one asset source."""

    asset: str = Field(description="name of an asset plugin, see `simgen plugins`")
    count: Annotated[
        Sampled[Annotated[Integer, Field(ge=0, le=MAX_OBJECTS)]], AfterValidator(_bounded_count)
    ] = Field(1, description="objects per world")
    repeat: Sampled[Annotated[Integer, Field(ge=1, le=MAX_OBJECTS)]] = Field(
        1,
        description="so many objects in a row look the same (one draw of variant, settings, "
        "attributes, material and scale for all of them), as goods on a shelf do",
    )
    category: AnyCategory | None = Field(
        "{name}", description="category name or template; null: a distractor without a label"
    )
    attributes: dict[Key, Sampled[str]] = Field(
        default_factory=dict, description="drawn per object, usable in templates and materials"
    )
    material: AnyMaterial | None = Field(None, description="replaces every material of the asset")
    materials: dict[str, AnyMaterial] = Field(
        default_factory=dict, description="replaces single materials of the asset by slot name"
    )
    scale: Sampled[Positive] = Field(1.0, description="factor on the asset's size")
    split: AssetSplit | None = Field(None, description="hold assets out; default: draw from all")
    odds: Odds = Field(
        default_factory=dict,
        description="how many times as often as naturally objects of a category (or a variant) "
        "are drawn; not named: 1. `simgen plan` writes them",
    )


class RandomizerSection(PluginSection):
    """`randomizers.KEY:` something that changes a drafted world."""

    kind: str = Field(description="name of a randomizer, see `simgen plugins`")


def _categories_form(value: Any) -> str:
    return "list" if isinstance(value, (list, tuple)) else "file"


class CategoriesFrom(Params):
    """Copy ids and names of a COCO file, so that synthetic and real labels agree."""

    from_: Root = Field(alias="from", description="COCO JSON file")


class AnnotatorSection(PluginSection):
    """`annotators.KEY:` something that adds labels to every frame."""

    kind: str = Field(description="name of an annotator plugin, see `simgen plugins`")


class LabelRules(Params):
    """Which instances are annotated; the others are listed as unlabelled."""

    min_pixels: Annotated[Integer, Field(ge=1)] = Field(
        20, description="fewer visible pixels carry no label"
    )
    min_visibility: Unit = Field(0.0, description="a smaller visible share carries no label")
    below: Literal["unlabelled", "ignore"] = Field(
        "unlabelled",
        description="what becomes of instances below the minimum: without a label they count as "
        "background; `ignore` labels them as neither to be learnt nor held against a detector",
    )
    keypoints: bool = Field(True, description="keypoints and skeletons of assets that have them")
    parts: bool = Field(True, description="masks of the parts of assets that have them")


Side = Annotated[Integer, Field(ge=16, le=8192)]


class RenderSetting(Params):
    """`render:` engine, image size and effort."""

    engine: str = Field("cycles", description="name of a renderer, see `simgen plugins`")
    size: tuple[Side, Side] = Field((640, 480), description="width and height, pixels")
    quality: str = Field("standard", description="preset in configs/quality, or a file")
    settings: dict[str, dict[str, Any]] = Field(
        default_factory=dict,
        description="by engine, laid over the preset: `{cycles: {samples: 16}}`",
    )
    depth_far_m: Positive | None = Field(
        None, description="largest depth that the 16-bit images can hold; default: from the scene"
    )
    max_points: Annotated[Integer, Field(ge=1, le=50_000_000)] = Field(
        100_000, description="points kept per cloud, evenly strided"
    )


def _checked_outputs(value: list[OutputName]) -> list[OutputName]:
    twice = sorted({name for name in value if value.count(name) > 1})
    if twice:
        raise PydanticCustomError("outputs", "written twice: {v}", {"v": ", ".join(twice)})
    if "rgb" not in value:  # the COCO index names each image by its rgb file
        raise PydanticCustomError(
            "outputs", "expected a list with rgb, got {v}", {"v": f"[{', '.join(value)}]"}
        )
    return value


def _default_outputs() -> list[OutputName]:
    return ["rgb", "depth", "instances"]


class SceneFile(Params):
    """A whole scene file. Collections are maps: the key names the random stream."""

    simgen: Literal[1] = Field(description="format version")
    scene: SceneSection
    objects: dict[Key, ObjectSection] = Field(default_factory=dict)
    categories: (
        Annotated[
            Annotated[list[CategoryName], Tag("list")] | Annotated[CategoriesFrom, Tag("file")],
            Discriminator(_categories_form),
        ]
        | None
    ) = Field(None, description="names in the order of their ids; default: as enumerated")
    randomizers: dict[Key, RandomizerSection] = Field(default_factory=dict)
    annotators: dict[Key, AnnotatorSection] = Field(
        default_factory=dict, description="more labels: 3D and oriented boxes, captions, ..."
    )
    camera: CameraSetting = Field(CameraSetting())
    views_per_world: Annotated[Integer, Field(ge=1, le=1000)] = Field(
        1, description="camera poses per world; a rig gives a frame for each of its cameras"
    )
    frames: Annotated[Integer, Field(ge=1, le=100_000_000)] = Field(
        24, description="frames of a run without --frames or --range"
    )
    splits: Splits | None = Field(
        None, description="shares of worlds; each split gets a COCO file `annotations/NAME.json`"
    )
    balance: Balance | None = Field(
        None, description="shares of the categories among the labels; for `simgen plan`"
    )
    stress: Stress | None = Field(None, description="quotas of edge cases; for `simgen plan`")
    empty_fraction: Unit = Field(0.0, description="share of worlds without labelled objects")
    follow_links: bool = Field(
        False, description="files of asset folders may be links out of them (DVC, git-annex)"
    )
    labels: LabelRules = Field(LabelRules())
    render: RenderSetting = Field(RenderSetting())
    outputs: Annotated[list[OutputName], AfterValidator(_checked_outputs)] = Field(
        default_factory=_default_outputs
    )

    @property
    def cameras_per_view(self) -> int:
        """Frames of one camera pose: 1, or the number of a rig's cameras."""
        return 1 if self.camera.rig is None else len(self.camera.rig.names)

    @property
    def frames_per_world(self) -> int:
        """Frames N * this number and those after it show world N."""
        return self.views_per_world * self.cameras_per_view
