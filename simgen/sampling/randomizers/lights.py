"""Lamps on shells about the scene: point, area, sun, spot."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Literal, cast

from pydantic import Field

from simgen.plugin import (
    Color,
    Integer,
    NonNegative,
    Number,
    Params,
    Positive,
    Sampled,
    Stream,
    Unit,
)
from simgen.records.pose import Pose, Vec3
from simgen.records.world import Draft, Light
from simgen.sampling.cameras import shell_point
from simgen.sampling.daylight import lamp_pose, without_default_light
from simgen.sampling.randomizers.blackbody import HIGH_K, LOW_K, blackbody
from simgen.spec.distributions import drawn_from

LampKind = Literal["point", "area", "strip", "sun", "spot"]


class LightsParams(Params):
    """Settings; every one but `count` is drawn anew for each lamp."""

    count: Sampled[Annotated[Integer, Field(ge=0, le=32)]] = Field(
        drawn_from("randint", 1, 3), description="lamps"
    )
    kinds: Sampled[LampKind] = Field(
        drawn_from("weighted", ("point", "area", "spot"), (1.0, 2.0, 1.0)),
        description="kind of lamp",
    )
    point_w: Sampled[NonNegative] = Field(
        drawn_from("loguniform", 10.0, 60.0), description="radiant flux of a point lamp, W"
    )
    area_w: Sampled[NonNegative] = Field(
        drawn_from("loguniform", 4.0, 20.0), description="radiant flux of an area lamp, W"
    )
    strip_w: Sampled[NonNegative] = Field(
        drawn_from("loguniform", 4.0, 24.0),
        description="radiant flux of a strip, a long area lamp, W",
    )
    spot_w: Sampled[NonNegative] = Field(
        drawn_from("loguniform", 15.0, 80.0),
        description="radiant flux of a spot, as if it shone all around (as in Blender), W",
    )
    sun_w_m2: Sampled[NonNegative] = Field(
        drawn_from("loguniform", 0.6, 4.0), description="irradiance of a sun, W/m^2"
    )
    temperature_k: Sampled[Annotated[Number, Field(ge=LOW_K, le=HIGH_K)]] = Field(
        drawn_from("uniform", 2700.0, 6800.0), description="colour as a black body's temperature"
    )
    color: Color | None = Field(None, description="colour instead of a temperature")
    distance_m: Sampled[Positive] = Field(
        drawn_from("uniform", 0.9, 1.6), description="from the point it shines at, m"
    )
    elevation_deg: Sampled[Annotated[Number, Field(ge=-90, le=90)]] = Field(
        drawn_from("uniform", 30.0, 80.0), description="above the horizon"
    )
    azimuth_deg: Sampled[Number] = Field(
        drawn_from("uniform", 0.0, 360.0), description="about world z"
    )
    target_jitter_m: Sampled[NonNegative] = Field(
        0.1, description="radius of a ball about the origin from which its target is drawn, m"
    )
    radius_m: Sampled[NonNegative] = Field(
        drawn_from("uniform", 0.01, 0.06), description="radius of point and spot lamps, m: softness"
    )
    size_m: tuple[Sampled[Positive], Sampled[Positive]] = Field(
        (drawn_from("uniform", 0.2, 0.8), drawn_from("uniform", 0.2, 0.8)),
        description="edges of area lamps, m",
    )
    strip_size_m: tuple[Sampled[Positive], Sampled[Positive]] = Field(
        (drawn_from("uniform", 0.6, 1.2), drawn_from("uniform", 0.02, 0.06)),
        description="length and width of strips, m",
    )
    strip_turn_deg: Sampled[Number] = Field(
        drawn_from("uniform", 0.0, 180.0), description="of a strip about the direction it shines in"
    )
    on: Unit = Field(1.0, description="share of the lamps that are switched on")
    sun_angle_deg: Sampled[Annotated[Number, Field(ge=0, le=90)]] = Field(
        drawn_from("loguniform", 0.5, 8.0), description="angular diameter of a sun"
    )
    spot_angle_deg: Sampled[Annotated[Number, Field(gt=0, lt=180)]] = Field(
        drawn_from("uniform", 40.0, 80.0), description="full cone of a spot"
    )
    spot_blend: Sampled[Annotated[Number, Field(ge=0, le=1)]] = Field(
        0.2, description="soft share of a spot's cone"
    )


class Lights:
    """Lamps of drawn kind, power, colour and place; they replace the default lamp.

    Each lamp has a stream of its own, `lightN`, so one more lamp moves none of the others.
    """

    api: ClassVar[int] = 1
    identity: ClassVar[Mapping[str, Any] | None] = None
    Params: ClassVar[type[Params]] = LightsParams

    def apply(self, draft: Draft, params: Any, rng: Stream) -> Draft:
        """The draft with these lamps added, the default lamp taken away."""
        count = int(rng.child("count").draw(params.count))
        lamps, facts = [], {"count": count}
        for n in range(count):
            own = rng.child(f"light{n}")
            drawn = own.draw(params)
            lamp, about = _lamp(f"light{n}", drawn, own)
            if params.on < 1:
                about["on"] = own.child("on").random() < params.on
            if about.get("on", True):
                lamps.append(lamp)
            facts |= {f"{n}.{name}": value for name, value in about.items()}
        lights = (*without_default_light(draft.lights), *lamps)
        return replace(draft, lights=lights, facts={**draft.facts, **facts})


def _lamp(name: str, drawn: Any, rng: Stream) -> tuple[Light, dict[str, Any]]:
    """A lamp and what is worth knowing of it."""
    kind = cast(LampKind, drawn.kinds)
    power = {
        "point": drawn.point_w,
        "area": drawn.area_w,
        "strip": drawn.strip_w,
        "spot": drawn.spot_w,
        "sun": drawn.sun_w_m2,
    }[kind]
    about: dict[str, Any] = {
        "kind": kind,
        "power": float(power),
        "distance_m": float(drawn.distance_m),
        "elevation_deg": float(drawn.elevation_deg),
        "azimuth_deg": float(drawn.azimuth_deg),
    }
    color = _color(drawn, about)
    target = _target(float(drawn.target_jitter_m), rng.child("target"))
    eye = shell_point(target, about["distance_m"], about["elevation_deg"], about["azimuth_deg"])
    angle = {"sun": drawn.sun_angle_deg, "spot": drawn.spot_angle_deg}.get(kind, 0.0)
    pose = lamp_pose(eye, target)
    if kind == "strip":
        half = math.radians(float(drawn.strip_turn_deg)) / 2
        pose = pose.compose(Pose((0.0, 0.0, 0.0), (math.cos(half), 0.0, 0.0, math.sin(half))))
    size = {"area": drawn.size_m, "strip": drawn.strip_size_m}.get(kind, (0.0, 0.0))
    lamp = Light(
        name,
        "area" if kind == "strip" else kind,
        float(power),
        color,
        pose,
        radius_m=float(drawn.radius_m) if kind in ("point", "spot") else 0.0,
        size_m=(float(size[0]), float(size[1])),
        angle_deg=float(angle),
        blend=float(drawn.spot_blend),
    )
    return lamp, about


def _color(drawn: Any, about: dict[str, Any]) -> Vec3:
    if drawn.color is None:
        about["temperature_k"] = float(drawn.temperature_k)
        return blackbody(about["temperature_k"])
    r, g, b = (float(c) for c in drawn.color)
    top = max(r, g, b)
    return (r / top, g / top, b / top) if top > 0 else (0.0, 0.0, 0.0)


def _target(reach_m: float, rng: Stream) -> Vec3:
    reach = reach_m * rng.random() ** (1 / 3)
    x, y, z = rng.direction()
    return (reach * x, reach * y, reach * z)
