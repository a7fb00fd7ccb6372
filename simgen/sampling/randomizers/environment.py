"""Light from everywhere: a constant colour, a procedural sky, or HDRI files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from simgen.plugin import (
    Color,
    NonNegative,
    Number,
    Params,
    Root,
    Sampled,
    Stream,
    Unit,
    bundled_hdris,
    file_ref,
    list_files,
)
from simgen.records.world import Draft, Environment
from simgen.sampling.daylight import without_default_light
from simgen.spec.distributions import Distribution

HDRI_SUFFIXES = (".hdr", ".exr")
EnvironmentKind = Literal["constant", "sky", "hdri"]


def _uniform(low: float, high: float) -> Any:
    # Typed as the drawn value, like every Sampled setting.
    return Distribution("uniform", (low, high), f"{{uniform: [{low:g}, {high:g}]}}")


class Sky(Params):
    """A clear sky with a sun (see `assets.sky`); its azimuth is the environment's rotation."""

    sun_elevation_deg: Sampled[Annotated[Number, Field(ge=1, le=90)]] = Field(
        _uniform(15.0, 75.0), description="height of the sun above the horizon"
    )
    sun: Sampled[NonNegative] = Field(
        _uniform(0.0, 1.0),
        description="factor on the sun's disc; 0: hidden, 1: as outdoors",
        json_schema_extra={"unit": "1"},
    )
    turbidity: Sampled[Annotated[Number, Field(ge=1.7, le=10)]] = Field(
        _uniform(2.0, 8.0), description="2 clear, 10 hazy"
    )
    ground_albedo: Sampled[Unit] = Field(
        _uniform(0.1, 0.4), description="brightness below the horizon"
    )


class EnvironmentParams(Params):
    """Settings of the environment."""

    kinds: Sampled[EnvironmentKind] | None = Field(
        None, description="default: hdri where `path` is given, else sky or constant, evenly"
    )
    path: Root | None = Field(
        None,
        description="HDRI file, or a folder to draw from; the kind hdri without it draws from "
        "the eight environments that bpy brings",
    )
    color: Color = Field((1.0, 1.0, 1.0), description="of the constant environment")
    sky: Sky = Field(Sky(), description="of the procedural sky")
    strength: Sampled[NonNegative] = Field(
        _uniform(0.3, 0.9), description="factor on radiance", json_schema_extra={"unit": "1"}
    )
    rotation_deg: Sampled[Number] = Field(_uniform(0.0, 360.0), description="about world z")


class EnvironmentRandomizer:
    """A constant colour, a procedural sky or an HDRI, turned about the vertical.

    It replaces the default environment and the default lamp.
    """

    api: ClassVar[int] = 1
    identity: ClassVar[Mapping[str, Any] | None] = None
    Params: ClassVar[type[Params]] = EnvironmentParams

    def apply(self, draft: Draft, params: Any, rng: Stream) -> Draft:
        """The draft in this environment."""
        drawn = rng.draw(params)
        kind: EnvironmentKind = drawn.kinds or _default_kind(drawn, rng.child("kind"))
        strength, turn = float(drawn.strength), float(drawn.rotation_deg)
        facts: dict[str, Any] = {"kind": kind, "strength": strength, "rotation_deg": turn}
        fresh = Environment(kind, strength=strength, rotation_deg=turn)
        if kind == "hdri":
            folder = drawn.path or bundled_hdris()
            name = rng.child("file").choice(list_files(folder, HDRI_SUFFIXES))
            fresh = replace(fresh, file=file_ref(folder, name))
            facts["file"] = name
        elif kind == "sky":
            sky = {name: float(value) for name, value in drawn.sky}
            fresh = replace(fresh, params=sky)
            facts |= {f"sky.{name}": value for name, value in sky.items()}
        else:
            r, g, b = (float(c) for c in drawn.color)
            fresh = replace(fresh, color=(r, g, b))
        return replace(
            draft,
            environment=fresh,
            lights=without_default_light(draft.lights),
            facts={**draft.facts, **facts},
        )


def _default_kind(drawn: Any, rng: Stream) -> EnvironmentKind:
    if drawn.path is not None:
        return "hdri"
    return "sky" if rng.random() < 0.5 else "constant"
