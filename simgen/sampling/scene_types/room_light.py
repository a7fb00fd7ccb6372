"""Light in a room: daylight through windows, hanging lamps, a sky outside."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field

from simgen.assets.furniture import USUAL_M
from simgen.assets.room_shell import Opening
from simgen.plugin import Integer, Kit, NonNegative, Number, Params, Sampled, Stream, Unit
from simgen.plugin import material_from as material_of
from simgen.records.material import Material
from simgen.records.pose import Pose
from simgen.records.world import DraftObject, Environment, Light
from simgen.sampling.daylight import lamp_pose
from simgen.sampling.randomizers.blackbody import HIGH_K, LOW_K, blackbody
from simgen.sampling.randomizers.environment import Sky
from simgen.sampling.scene_types import finishes
from simgen.spec.distributions import drawn_from

_TRIES = 30
_ABOVE_M = 0.25  # of wall over a door or window
_DOOR_M = (0.85, 2.0)
_INSIDE_M = 0.03  # a window's lamp stands this far inside its wall
# Of a lamp's power, what its bulb shows of itself; the rest is a lamp below the shade.
_GLOW = (22.0, 20.0, 17.0)


class RoomLight(Params):
    """Windows with daylight, hanging lamps, and the sky that is seen outside."""

    windows: Sampled[Annotated[Integer, Field(ge=0, le=6)]] = Field(
        drawn_from("randint", 1, 2), description="windows"
    )
    door: Unit = Field(0.7, description="probability of a (closed) door")
    daylight_w_m2: Sampled[NonNegative] = Field(
        drawn_from("loguniform", 6.0, 45.0),
        description="light that comes in, per window area, W/m^2",
    )
    daylight_k: Sampled[Annotated[Number, Field(ge=LOW_K, le=HIGH_K)]] = Field(
        drawn_from("uniform", 5000.0, 8500.0), description="its colour, a black body's temperature"
    )
    lamps: Sampled[Annotated[Integer, Field(ge=0, le=4)]] = Field(
        drawn_from("weighted", (0, 1, 2), (1.0, 3.0, 1.0)), description="hanging lamps"
    )
    lamp_w: Sampled[NonNegative] = Field(
        drawn_from("loguniform", 8.0, 35.0), description="radiant flux of a lamp, W"
    )
    lamp_k: Sampled[Annotated[Number, Field(ge=LOW_K, le=HIGH_K)]] = Field(
        drawn_from("uniform", 2600.0, 4200.0), description="colour of the lamps, K"
    )
    sky: Sky = Field(Sky(), description="seen through the windows")
    sky_strength: Sampled[NonNegative] = Field(
        drawn_from("uniform", 0.3, 0.9),
        description="factor on the sky's radiance",
        json_schema_extra={"unit": "1"},
    )


def openings_of(light: Any, size: tuple[float, float, float], rng: Stream) -> tuple[Opening, ...]:
    """A door and windows that do not meet; what finds no place is left out."""
    out: list[Opening] = []
    if rng.child("door").random() < light.door:
        _add("door", *_DOOR_M, 0.0, size, out, rng.child("door0"))
    for number in range(int(light.windows)):
        own = rng.child(f"window{number}")
        sill = own.uniform(0.75, 1.0)
        tall = own.uniform(0.9, 1.4)
        _add("window", own.uniform(0.9, 2.0), tall, sill, size, out, own)
    return tuple(out)


def _add(
    kind: Any,
    wide: float,
    tall: float,
    sill: float,
    size: tuple[float, float, float],
    out: list[Opening],
    rng: Stream,
) -> None:
    tall = min(tall, size[2] - sill - _ABOVE_M)
    for attempt in range(_TRIES):
        own = rng.child(f"try{attempt}")
        wall = own.integer(0, 3)
        room = size[wall % 2] / 2 - 0.3 - wide / 2
        along = own.uniform(-1.0, 1.0) * max(room, 0.0)
        near = [o for o in out if o.wall == wall]
        meets = any(abs(o.along_m - along) < (o.width_m + wide) / 2 + 0.25 for o in near)
        if room >= 0 and not meets and tall > 0.4:
            out.append(
                Opening(
                    kind=kind,
                    wall=wall,
                    along_m=round(along, 4),
                    width_m=round(wide, 4),
                    height_m=round(tall, 4),
                    sill_m=round(sill, 4),
                )
            )
            return


def room_lights(
    light: Any,
    size: tuple[float, float, float],
    openings: Sequence[Opening],
    kit: Kit,
    rng: Stream,
) -> tuple[tuple[Light, ...], Environment, list[DraftObject]]:
    """Lamps of the windows and of the ceiling, the sky outside, and the ceiling lamps' bodies."""
    lights = [
        _window_light(f"room.window{n}", light, size, opening)
        for n, opening in enumerate(o for o in openings if o.kind == "window")
    ]
    bodies = []
    for number in range(int(light.lamps)):
        own = rng.child(f"lamp{number}")
        body, lamp = _hanging(number, light, size, kit, own)
        bodies.append(body)
        lights.append(lamp)
    turn = rng.child("sky").uniform(0.0, 360.0)
    sky = {name: float(value) for name, value in light.sky}
    environment = Environment(
        "sky", strength=float(light.sky_strength), rotation_deg=turn, params=sky
    )
    return tuple(lights), environment, bodies


def _window_light(name: str, light: Any, size: Sequence[float], opening: Opening) -> Light:
    """A rectangle of the window's size, just inside, that shines into the room."""
    depth = float(size[1 - opening.wall % 2])
    y, z = _INSIDE_M - depth / 2, opening.sill_m + opening.height_m / 2
    turn = Pose.from_yaw((0.0, 0.0, 0.0), opening.wall * math.pi / 2)
    eye, ahead = (
        tuple(float(v) for v in turn.apply((opening.along_m, at, z))) for at in (y, y + 1.0)
    )
    return Light(
        name,
        "area",
        power=float(light.daylight_w_m2) * opening.width_m * opening.height_m,
        color=blackbody(float(light.daylight_k)),
        pose=lamp_pose((eye[0], eye[1], eye[2]), (ahead[0], ahead[1], ahead[2])),
        size_m=(opening.width_m, opening.height_m),
    )


def _hanging(
    number: int, light: Any, size: Sequence[float], kit: Kit, rng: Stream
) -> tuple[DraftObject, Light]:
    """A lamp's body below the ceiling, and its light below the shade."""
    wide = USUAL_M["lamp"][0] * rng.uniform(0.8, 1.3)
    drop = rng.uniform(0.75, 1.0) * (float(size[2]) - 1.75)
    drop = max(drop, 0.75 * wide)
    x, y = (rng.uniform(-0.22, 0.22) * float(edge) for edge in size[:2])
    settings = {
        "kind": "lamp",
        "size_m": [round(wide, 4), round(wide, 4), round(drop, 4)],
        "thickness_m": 0.01,
    }
    color = blackbody(float(light.lamp_k))
    shade = material_of(finishes.SHADES, rng.child("shade"))
    glow = (_GLOW[0] * color[0], _GLOW[1] * color[1], _GLOW[2] * color[2])
    materials = {
        "shade": shade,
        "metal": material_of(finishes.METALS, rng.child("metal")),
        "bulb": Material(base_color=(0.9, 0.9, 0.9), emission=glow),
    }
    body = kit.support(
        "lamp", "furniture", settings, Pose((x, y, float(size[2]))), materials, number
    )
    low = float(size[2]) - drop - 0.005
    lamp = Light(
        f"room.lamp{number}",
        "area",
        power=float(light.lamp_w),
        color=color,
        pose=lamp_pose((x, y, low), (x, y, low - 1.0)),
        size_m=(0.8 * wide, 0.8 * wide),
    )
    return body, lamp
