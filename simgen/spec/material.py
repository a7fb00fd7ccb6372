"""Settings of materials and textures, shared by objects, surfaces and randomizers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from simgen.spec.distributions import Sampled
from simgen.spec.fields import Color, NonNegative, Params, Positive, Root, Unit

PatternName = Literal[
    "checker",
    "stripes",
    "dots",
    "noise",
    "marble",
    "wood",
    "speckle",
    "fabric",
    "gradient",
    "print",
]


class TextureSetting(Params):
    """A texture: a procedural pattern, an image (or any of a folder), or a folder of PBR maps."""

    pattern: Sampled[PatternName] | None = Field(None, description="procedural pattern")
    path: Root | None = Field(None, description="image file, or a folder of images to draw from")
    maps: Root | None = Field(
        None,
        description="PBR material: a folder with maps named as ambientCG or Poly Haven name them "
        "(colour, roughness, metalness, normal, opacity, emission), or a folder of such folders "
        "to draw from",
    )
    colors: Annotated[tuple[Color, ...], Field(min_length=2, max_length=4)] = Field(
        ((0.8, 0.8, 0.8), (0.2, 0.2, 0.2)), description="colours of the pattern, linear or #rrggbb"
    )
    contrast: Sampled[Unit] = Field(1.0, description="0 is the mean colour, 1 the full pattern")
    tile_m: Sampled[Positive] = Field(0.25, description="edge of one repeat on the surface, m")

    @model_validator(mode="after")
    def _one_source(self) -> TextureSetting:
        if sum(v is not None for v in (self.pattern, self.path, self.maps)) != 1:
            raise ValueError("expected exactly one of `pattern`, `path` and `maps`")
        return self


class MaterialSetting(Params):
    """A metallic-roughness material; what is not set keeps the value written here.

    Numbers multiply maps (`texture: {maps: ...}`); one that is not set is 1 where there is a map.
    """

    color: Color = Field((0.8, 0.8, 0.8), description="base colour; multiplies the texture")
    texture: TextureSetting | None = Field(None, description="base-colour texture")
    roughness: Sampled[Unit] = Field(0.5, description="0 mirror, 1 chalk")
    metallic: Sampled[Unit] = Field(0.0, description="0 dielectric, 1 metal")
    emission: Sampled[NonNegative] = Field(0.0, description="radiance emitted, W/(m^2 sr)")
    alpha: Sampled[Unit] = Field(1.0, description="below 0.5 the surface is a hole")
    transmission: Sampled[Unit] = Field(0.0, description="1 is clear glass")
    ior: Sampled[Annotated[float, Field(ge=1, le=3)]] = Field(1.45, description="refraction")


class MaterialByAttribute(Params):
    """One material per value of a drawn attribute (`by: color`)."""

    by: str = Field(description="name of an attribute of the object")
    of: dict[str, MaterialSetting] = Field(description="a material for each of its values")


def _form(value: Any) -> str:
    written = value if isinstance(value, dict) else getattr(value, "__dict__", {})
    return "by attribute" if "by" in written else "plain"


# Told apart by the key `by`, so that a fault is reported for the form that was meant.
AnyMaterial = Annotated[
    Annotated[MaterialSetting, Tag("plain")] | Annotated[MaterialByAttribute, Tag("by attribute")],
    Discriminator(_form),
]
