"""Scene type `conveyor`: things on a moving belt, with spacing, lanes and motion blur."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from simgen.plugin import (
    Integer,
    Kit,
    MaterialSetting,
    NonNegative,
    Number,
    Params,
    Sampled,
    Stream,
    Unit,
    support,
)
from simgen.records.world import Draft
from simgen_conveyor.line import Line
from simgen_conveyor.machine import Machine


def _material(**settings: Any) -> MaterialSetting:
    return MaterialSetting.model_validate(settings)


class ConveyorParams(Params):
    """Settings of the belt and of what comes along on it."""

    belt_m: tuple[
        Sampled[Annotated[Number, Field(ge=0.2, le=20)]],
        Sampled[Annotated[Number, Field(ge=0.05, le=5)]],
    ] = Field((2.4, 0.5), description="length (x) and width (y) of the belt, m; z = 0 is its top")
    height_m: Sampled[Annotated[Number, Field(ge=0.2, le=3)]] = Field(
        0.85, description="of the belt above the floor, m"
    )
    speed_m_s: Sampled[Annotated[Number, Field(ge=-10, le=10)]] = Field(
        0.4, description="speed of belt and things along +x, m/s; seen with `camera.motion_blur`"
    )
    lanes: Sampled[Annotated[Integer, Field(ge=1, le=10)]] = Field(
        1, description="lines of things side by side"
    )
    spacing_m: Sampled[NonNegative] = Field(
        0.06, description="smallest clear distance to the thing ahead, drawn for each, m"
    )
    aside: Unit = Field(0.8, description="how much of a lane's free width is used; 0: its middle")
    drop: Unit = Field(
        0.5, description="share of things that are dropped, to lie in any pose; others stand"
    )
    yaw_deg: tuple[Number, Number] = Field(
        (0.0, 360.0), description="range of standing things' yaw"
    )
    rail_m: Sampled[NonNegative] = Field(
        0.05, description="height of the guide rails above the belt, m; 0: none"
    )
    belt: Sampled[MaterialSetting] = Field(
        _material(
            texture={"pattern": "speckle", "colors": ["#1f2123", "#2b2d30"], "tile_m": 0.2},
            roughness=0.75,
        ),
        description="material of the belt",
    )
    frame: Sampled[MaterialSetting] = Field(
        _material(color="#b8bcc0", roughness=0.35, metallic=0.9),
        description="material of frame, rails and legs",
    )
    rollers: Sampled[MaterialSetting] = Field(
        _material(color="#c4c6c8", roughness=0.25, metallic=1.0),
        description="material of the rollers at both ends",
    )
    floor: Sampled[MaterialSetting] = Field(
        _material(
            texture={"pattern": "noise", "colors": ["#6f716f", "#8b8c89"], "tile_m": 1.5},
            roughness=0.6,
        ),
        description="material of the floor",
    )


class Conveyor:
    """A conveyor belt: things follow one another in lanes at random distances, and move.

    Things that are dropped come to rest with physics, each in its own stretch of its lane; what
    rolls away is dropped again a few times. Belt and things have the belt's speed, so
    `camera: {motion_blur: {shutter_s: ...}}` blurs them and leaves the machine sharp.
    """

    api: ClassVar[int] = 1
    Params: ClassVar[type[Params]] = ConveyorParams

    def radius_m(self, params: Any) -> float:
        """Distance of the floor's farthest corner from the middle of the belt."""
        length, width = (support(edge)[1] for edge in params.belt_m)
        return Machine((length, width), support(params.height_m)[1], 0.0).reach_m()

    def layout(self, params: Any, kit: Kit, rng: Stream) -> Draft:
        """The machine with all things of the kit: placed, or counted as dropped with a reason."""
        size = (float(params.belt_m[0]), float(params.belt_m[1]))
        machine = Machine(size, float(params.height_m), float(params.rail_m))
        speed = float(params.speed_m_s)
        belt, fixed = machine.supports(kit, params, rng.child("machine"), speed)
        line = Line(params, kit, size, belt, machine.beside(fixed))
        placed = line.filled(rng.child("line"), speed)
        return Draft(
            (*placed, belt, *fixed),
            radius_m=self.radius_m(params),
            counts=line.counts(),
            facts={"speed_m_s": speed, "lanes": int(params.lanes), "belt_m": list(size)},
        )
